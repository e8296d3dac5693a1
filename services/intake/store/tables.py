"""The tables that intake owns."""

import sqlalchemy as sa

from services.kit.database import NAMING, BigId, InstantColumn, JsonColumn

metadata = sa.MetaData(naming_convention=NAMING)

partners = sa.Table(
    "intake_partners",
    metadata,
    sa.Column("partner_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("aliases", JsonColumn, nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
)

locations = sa.Table(
    "intake_locations",
    metadata,
    sa.Column("partner_id", sa.ForeignKey("intake_partners.partner_id"), primary_key=True),
    sa.Column("location", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
)

enrollments = sa.Table(
    "intake_enrollments",
    metadata,
    sa.Column("partner_id", sa.String(64), primary_key=True),
    sa.Column("location", sa.String(64), primary_key=True),
    sa.Column("program", sa.String(64), primary_key=True),
    sa.Column("onboarded_on", sa.Date, nullable=False),
    sa.Column("enrolled_at", InstantColumn, nullable=False),
    sa.ForeignKeyConstraint(
        ["partner_id", "location"],
        ["intake_locations.partner_id", "intake_locations.location"],
        name="fk_intake_enrollments_location",
    ),
)

numbers = sa.Table(
    "intake_numbers",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

claims = sa.Table(
    "intake_claims",
    metadata,
    sa.Column("claim_id", sa.String(40), primary_key=True),
    sa.Column("claim_number", sa.BigInteger, nullable=False, unique=True),
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
    sa.Column("due_on", sa.Date),
    sa.Column("due_at", InstantColumn),
    sa.CheckConstraint("revision >= 1", name="revision_from_1"),
    sa.CheckConstraint("disputes BETWEEN 0 AND 1", name="disputed_once"),
    sa.ForeignKeyConstraint(
        ["partner_id", "location", "program"],
        ["intake_enrollments.partner_id", "intake_enrollments.location", "intake_enrollments.program"],
        name="fk_intake_claims_enrollment",
    ),
    sa.Index("ix_intake_claims_partner_id_claim_number", "partner_id", "claim_number"),
    sa.Index("ix_intake_claims_state_first_received_at", "state", "first_received_at"),
)

revisions = sa.Table(
    "intake_revisions",
    metadata,
    sa.Column("claim_id", sa.ForeignKey("intake_claims.claim_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("received_at", InstantColumn, nullable=False),
    sa.Column("submitted_by", sa.String(64), nullable=False),
    sa.Column("manifest", JsonColumn, nullable=False),
    sa.Column("claimed_minor", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.String(20)),
    sa.Column("decision", JsonColumn),
    sa.Column("reserved_minor", sa.BigInteger, nullable=False),
    sa.Column("reserved_currency", sa.String(3)),
    sa.Column("refusal_code", sa.String(64)),
    sa.Column("refusal", JsonColumn),
    sa.Column("first_approval", JsonColumn),
    sa.Column("lines", JsonColumn),
    sa.Column("ready_at", InstantColumn),
    sa.Column("verdicts", JsonColumn),
    sa.Column("decided_by", sa.String(64)),
)

checkouts = sa.Table(
    "intake_checkouts",
    metadata,
    sa.Column("claim_id", sa.ForeignKey("intake_claims.claim_id"), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False),
    sa.Column("reviewer", sa.String(200), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("until", InstantColumn, nullable=False),
    sa.Index("ix_intake_checkouts_key_id", "key_id"),
)

hold_steps = sa.Table(
    "intake_hold_steps",
    metadata,
    sa.Column("transfer_id", sa.String(200), primary_key=True),
    sa.Column("claim_id", sa.ForeignKey("intake_claims.claim_id"), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("revision", sa.Integer),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("places", JsonColumn, nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.Index("ix_intake_hold_steps_claim_id", "claim_id"),
)

documents = sa.Table(
    "intake_documents",
    metadata,
    sa.Column("claim_id", sa.String(40), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("file", sa.String(200), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("typed", JsonColumn, nullable=False),
    sa.Column("problem", sa.String(64)),
    sa.ForeignKeyConstraint(
        ["claim_id", "revision"],
        ["intake_revisions.claim_id", "intake_revisions.revision"],
        name="fk_intake_documents_revision",
    ),
)

history = sa.Table(
    "intake_history",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("claim_id", sa.ForeignKey("intake_claims.claim_id"), nullable=False),
    sa.Column("at", InstantColumn, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("act", sa.String(40), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason_code", sa.String(64)),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Index("ix_intake_history_claim_id_id", "claim_id", "id"),
    sqlite_autoincrement=True,
)

plans = sa.Table(
    "intake_plans",
    metadata,
    sa.Column("plan", sa.String(100), primary_key=True),
    sa.Column("partner_id", sa.String(64), nullable=False),
    sa.Column("location", sa.String(64), nullable=False),
    sa.Column("program", sa.String(64), nullable=False),
    sa.Column("fund", sa.String(64), nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("limit_minor", sa.BigInteger, nullable=False),
    sa.Column("approved_at", InstantColumn, nullable=False),
    sa.UniqueConstraint(
        "partner_id",
        "location",
        "fund",
        "program",
        "period_start",
        "period_end",
        name="uq_intake_plans_partner_fund_program_period",
    ),
    sa.ForeignKeyConstraint(
        ["partner_id", "location", "program"],
        ["intake_enrollments.partner_id", "intake_enrollments.location", "intake_enrollments.program"],
        name="fk_intake_plans_enrollment",
    ),
)

plan_limits = sa.Table(
    "intake_plan_limits",
    metadata,
    sa.Column("plan", sa.ForeignKey("intake_plans.plan"), primary_key=True),
    sa.Column("limit_minor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.Column("recorded_by", sa.String(200), nullable=False),
)
