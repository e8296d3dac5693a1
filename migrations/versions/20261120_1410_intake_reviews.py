"""Give claims a due day, revisions their lines and verdicts, reviewers check-outs, and links a secret."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import InstantColumn

revision = "intake0002"
down_revision = "validator0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("intake_claims", sa.Column("due_on", sa.Date))
    op.add_column("intake_claims", sa.Column("due_at", InstantColumn))
    op.add_column("intake_revisions", sa.Column("lines", sa.Text))
    op.add_column("intake_revisions", sa.Column("ready_at", InstantColumn))
    op.add_column("intake_revisions", sa.Column("verdicts", sa.Text))
    op.add_column("intake_revisions", sa.Column("decided_by", sa.String(64)))
    op.create_table(
        "intake_checkouts",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("until", InstantColumn, nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["intake_claims.claim_id"], name="fk_intake_checkouts_claim_id"
        ),
        sa.PrimaryKeyConstraint("claim_id", name="pk_intake_checkouts"),
    )
    op.create_index("ix_intake_checkouts_key_id", "intake_checkouts", ["key_id"])
    op.create_table(
        "kit_secrets",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("secret", sa.String(200), nullable=False),
        sa.Column("drawn_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kit_secrets"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("kit_secrets")
    op.drop_table("intake_checkouts")
    for column in ("decided_by", "verdicts", "ready_at", "lines"):
        op.drop_column("intake_revisions", column)
    for column in ("due_at", "due_on"):
        op.drop_column("intake_claims", column)
