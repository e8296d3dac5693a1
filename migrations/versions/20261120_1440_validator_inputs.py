"""Keep with each decision the inputs it was made from, never to be changed."""

import sqlalchemy as sa
from alembic import op

revision = "validator0002"
down_revision = "ledger0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the triggers that keep inputs as they were."""
    table = "validator_inputs"
    op.create_table(
        table,
        sa.Column("decision_id", sa.String(40), nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_validator_inputs"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION validator_append_only()"
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("validator_inputs")
