"""Create the tables of intake: partners, claims with their revisions and history, plans."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import BigId, InstantColumn

revision = "intake0001"
down_revision = "ledger0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the counter that claim numbers are drawn from."""
    _create_partners()
    _create_claims()
    _create_revisions()
    _create_plans()
    op.execute("INSERT INTO intake_numbers (name, last) VALUES ('claim', 0)")


def _create_partners() -> None:
    op.create_table(
        "intake_partners",
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("partner_id", name="pk_intake_partners"),
    )
    op.create_table(
        "intake_locations",
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["intake_partners.partner_id"], name="fk_intake_locations_partner_id"
        ),
        sa.PrimaryKeyConstraint("partner_id", "location", name="pk_intake_locations"),
    )
    op.create_table(
        "intake_enrollments",
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("onboarded_on", sa.Date, nullable=False),
        sa.Column("enrolled_at", InstantColumn, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "location"],
            ["intake_locations.partner_id", "intake_locations.location"],
            name="fk_intake_enrollments_location",
        ),
        sa.PrimaryKeyConstraint("partner_id", "location", "program", name="pk_intake_enrollments"),
    )


def _create_claims() -> None:
    op.create_table(
        "intake_numbers",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_intake_numbers"),
    )
    op.create_table(
        "intake_claims",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("claim_number", sa.BigInteger, nullable=False),
        sa.Column("claim_name", sa.String(200), nullable=False),
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("usage_start", sa.Date, nullable=False),
        sa.Column("usage_end", sa.Date, nullable=False),
        sa.Column("activity", sa.String(64), nullable=False),
        sa.Column("activity_start", sa.Date, nullable=False),
        sa.Column("activity_end", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("disputes", sa.Integer, nullable=False),
        sa.Column("first_received_at", InstantColumn, nullable=False),
        sa.Column("deadline", InstantColumn, nullable=False),
        sa.Column("deadline_text", sa.String(200), nullable=False),
        sa.Column("pack_id", sa.String(64), nullable=False),
        sa.Column("approved_minor", sa.BigInteger),
        sa.Column("approved_currency", sa.String(3)),
        sa.CheckConstraint("disputes BETWEEN 0 AND 1", name="ck_intake_claims_disputed_once"),
        sa.CheckConstraint("revision >= 1", name="ck_intake_claims_revision_from_1"),
        sa.ForeignKeyConstraint(
            ["partner_id", "location", "program"],
            ["intake_enrollments.partner_id", "intake_enrollments.location", "intake_enrollments.program"],
            name="fk_intake_claims_enrollment",
        ),
        sa.PrimaryKeyConstraint("claim_id", name="pk_intake_claims"),
        sa.UniqueConstraint("claim_number", name="uq_intake_claims_claim_number"),
    )
    op.create_index(
        "ix_intake_claims_partner_id_claim_number", "intake_claims", ["partner_id", "claim_number"]
    )
    op.create_index(
        "ix_intake_claims_state_first_received_at", "intake_claims", ["state", "first_received_at"]
    )
    op.create_table(
        "intake_history",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("at", InstantColumn, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("comment", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["intake_claims.claim_id"], name="fk_intake_history_claim_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_history"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intake_history_claim_id_id", "intake_history", ["claim_id", "id"])


def _create_revisions() -> None:
    op.create_table(
        "intake_revisions",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("received_at", InstantColumn, nullable=False),
        sa.Column("submitted_by", sa.String(64), nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("claimed_minor", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("decision", sa.Text),
        sa.Column("reserved_minor", sa.BigInteger, nullable=False),
        sa.Column("reserved_currency", sa.String(3)),
        sa.Column("refusal_code", sa.String(64)),
        sa.Column("refusal", sa.Text),
        sa.Column("first_approval", sa.Text),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["intake_claims.claim_id"], name="fk_intake_revisions_claim_id"
        ),
        sa.PrimaryKeyConstraint("claim_id", "revision", name="pk_intake_revisions"),
    )
    op.create_table(
        "intake_documents",
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("problem", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["claim_id", "revision"],
            ["intake_revisions.claim_id", "intake_revisions.revision"],
            name="fk_intake_documents_revision",
        ),
        sa.PrimaryKeyConstraint("claim_id", "revision", "position", name="pk_intake_documents"),
    )
    op.create_table(
        "intake_hold_steps",
        sa.Column("transfer_id", sa.String(200), nullable=False),
        sa.Column("claim_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["intake_claims.claim_id"], name="fk_intake_hold_steps_claim_id"
        ),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_intake_hold_steps"),
    )
    op.create_index("ix_intake_hold_steps_claim_id", "intake_hold_steps", ["claim_id"])


def _create_plans() -> None:
    op.create_table(
        "intake_plans",
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("partner_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("program", sa.String(64), nullable=False),
        sa.Column("fund", sa.String(64), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("limit_minor", sa.BigInteger, nullable=False),
        sa.Column("approved_at", InstantColumn, nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id", "location", "program"],
            ["intake_enrollments.partner_id", "intake_enrollments.location", "intake_enrollments.program"],
            name="fk_intake_plans_enrollment",
        ),
        sa.PrimaryKeyConstraint("plan", name="pk_intake_plans"),
        sa.UniqueConstraint(
            "partner_id",
            "location",
            "fund",
            "program",
            "period_start",
            "period_end",
            name="uq_intake_plans_partner_fund_program_period",
        ),
    )
    op.create_table(
        "intake_plan_limits",
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("limit_minor", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.Column("recorded_by", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["intake_plans.plan"], name="fk_intake_plan_limits_plan"),
        sa.PrimaryKeyConstraint("plan", "limit_minor", name="pk_intake_plan_limits"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "intake_plan_limits",
        "intake_plans",
        "intake_hold_steps",
        "intake_documents",
        "intake_revisions",
        "intake_history",
        "intake_claims",
        "intake_numbers",
        "intake_enrollments",
        "intake_locations",
        "intake_partners",
    ):
        op.drop_table(table)
