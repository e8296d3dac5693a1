"""Create the tables of the validator: facts, decisions (only added to), and what it learns from events."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import BigId, InstantColumn

revision = "validator0001"
down_revision = "intake0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and the triggers that keep decisions as they were."""
    _create_facts()
    _create_decisions()
    _create_claims()
    _create_documents()
    _create_funds()
    _refuse_changes()


def _create_facts() -> None:
    op.create_table(
        "validator_facts",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("suffix", sa.String(16), nullable=False),
        sa.Column("engine", sa.String(100), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("read_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "suffix", "engine", name="pk_validator_facts"),
    )


def _create_decisions() -> None:
    op.create_table(
        "validator_decisions",
        sa.Column("number", BigId, autoincrement=True, nullable=False),
        sa.Column("decision_id", sa.String(40), nullable=False),
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=False),
        sa.Column("row_sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_validator_decisions"),
        sa.UniqueConstraint("decision_id", name="uq_validator_decisions_decision_id"),
        sa.UniqueConstraint(
            "claim_id", "previous_sha256", name="uq_validator_decisions_claim_id_previous_sha256"
        ),
        sqlite_autoincrement=True,
    )


def _create_claims() -> None:
    op.create_table(
        "validator_claims",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("claim_number", sa.Integer, nullable=False),
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("usage_period", sa.String(21), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("activity", sa.String(64), nullable=False),
        sa.Column("activity_start", sa.Date, nullable=False),
        sa.Column("activity_end", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("payable_minor", sa.BigInteger, nullable=False),
        sa.Column("first_received_at", InstantColumn, nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.Column("vendor_keys", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name="pk_validator_claims"),
    )
    op.create_index(
        "ix_validator_claims_partner_id",
        "validator_claims",
        ["partner_id", "location", "program", "usage_period"],
    )
    op.create_table(
        "validator_outcomes",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("approved_minor", sa.BigInteger),
        sa.Column("decided_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name="pk_validator_outcomes"),
    )


def _create_documents() -> None:
    op.create_table(
        "validator_documents",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("vendor_tax_key", sa.String(200)),
        sa.Column("vendor_name_key", sa.String(400)),
        sa.Column("number_key", sa.String(200)),
        sa.Column("issued_on", sa.Date),
        sa.Column("net_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("received_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "file", name="pk_validator_documents"),
    )
    op.create_index("ix_validator_documents_sha256", "validator_documents", ["sha256"])
    for column in ("number_key", "issued_on"):
        name = f"ix_validator_documents_partner_id_{column}"
        op.create_index(name, "validator_documents", ["partner_id", column])


def _create_funds() -> None:
    op.create_table(
        "validator_funds",
        sa.Column("account", sa.String(300), nullable=False),
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("period", sa.String(21), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("bucket", sa.String(40), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_validator_funds"),
    )
    op.create_index(
        "ix_validator_funds_partner_id", "validator_funds", ["partner_id", "location", "program", "period"]
    )
    op.create_table(
        "validator_holds",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("held_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "currency", name="pk_validator_holds"),
    )
    op.create_table(
        "validator_partners",
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("partner_id", "name", name="pk_validator_partners"),
    )


def _refuse_changes() -> None:
    table = "validator_decisions"
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION validator_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION validator_append_only()"
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "validator_partners",
        "validator_holds",
        "validator_funds",
        "validator_documents",
        "validator_outcomes",
        "validator_claims",
        "validator_decisions",
        "validator_facts",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION IF EXISTS validator_append_only()")
