"""The tables of the validator: decisions that are only added to, facts by content, and what it learned from events."""

import sqlalchemy as sa
from sqlalchemy import event

from schemas.claims import ClaimState
from services.kit.database import NAMING, BigId, InstantColumn, JsonColumn

metadata = sa.MetaData(naming_convention=NAMING)

facts = sa.Table(
    "validator_facts",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("suffix", sa.String(16), primary_key=True),
    sa.Column("engine", sa.String(100), primary_key=True),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("read_at", InstantColumn, nullable=False),
)

decisions = sa.Table(
    "validator_decisions",
    metadata,
    sa.Column("number", BigId, primary_key=True, autoincrement=True),
    sa.Column("decision_id", sa.String(40), nullable=False, unique=True),
    sa.Column("claim_id", sa.String(40), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("partner_id", sa.String(64), nullable=False),
    sa.Column("location", sa.String(64), nullable=False),
    sa.Column("program", sa.String(64), nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("previous_sha256", sa.String(64), nullable=False),
    sa.Column("row_sha256", sa.String(64), nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    # One decision follows another once: two that name the same one before them cannot both be kept.
    sa.UniqueConstraint(
        "claim_id", "previous_sha256", name="uq_validator_decisions_claim_id_previous_sha256"
    ),
    sqlite_autoincrement=True,
)

inputs = sa.Table(
    "validator_inputs",
    metadata,
    sa.Column("decision_id", sa.String(40), primary_key=True),
    sa.Column("inputs", sa.Text, nullable=False),
)

claims = sa.Table(
    "validator_claims",
    metadata,
    sa.Column("claim_id", sa.String(40), primary_key=True),
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
    sa.Column("lines", JsonColumn, nullable=False),
    sa.Column("vendor_keys", JsonColumn, nullable=False),
    sa.Index("ix_validator_claims_partner_id", "partner_id", "location", "program", "usage_period"),
)

outcomes = sa.Table(
    "validator_outcomes",
    metadata,
    sa.Column("claim_id", sa.String(40), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("approved_minor", sa.BigInteger),
    sa.Column("decided_at", InstantColumn, nullable=False),
)

documents = sa.Table(
    "validator_documents",
    metadata,
    sa.Column("claim_id", sa.String(40), primary_key=True),
    sa.Column("file", sa.String(255), primary_key=True),
    sa.Column("partner_id", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("vendor_tax_key", sa.String(200)),
    sa.Column("vendor_name_key", sa.String(400)),
    sa.Column("number_key", sa.String(200)),
    sa.Column("issued_on", sa.Date),
    sa.Column("net_minor", sa.BigInteger),
    sa.Column("currency", sa.String(3)),
    sa.Column("received_at", InstantColumn, nullable=False),
    sa.Index("ix_validator_documents_sha256", "sha256"),
    sa.Index("ix_validator_documents_partner_id_number_key", "partner_id", "number_key"),
    sa.Index("ix_validator_documents_partner_id_issued_on", "partner_id", "issued_on"),
)

funds = sa.Table(
    "validator_funds",
    metadata,
    sa.Column("account", sa.String(300), primary_key=True),
    sa.Column("partner_id", sa.String(64), nullable=False),
    sa.Column("location", sa.String(64), nullable=False),
    sa.Column("program", sa.String(64), nullable=False),
    sa.Column("period", sa.String(21), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("bucket", sa.String(40), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("balance_minor", sa.BigInteger, nullable=False),
    sa.Index("ix_validator_funds_partner_id", "partner_id", "location", "program", "period"),
)

holds = sa.Table(
    "validator_holds",
    metadata,
    sa.Column("claim_id", sa.String(40), primary_key=True),
    sa.Column("currency", sa.String(3), primary_key=True),
    sa.Column("held_minor", sa.BigInteger, nullable=False),
)

partners = sa.Table(
    "validator_partners",
    metadata,
    sa.Column("partner_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
)

DEAD = (ClaimState.REJECTED.value, ClaimState.WITHDRAWN.value)
"""Outcomes after which a claim takes nothing from limits and its documents are free again."""

APPEND_ONLY = ("validator_decisions", "validator_inputs")
"""What is never updated or deleted; the triggers of `append_only_sql` refuse it."""


def append_only_sql(dialect: str) -> list[str]:
    """The statements that make the append-only tables so."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            for table in APPEND_ONLY
            for act in ("UPDATE", "DELETE")
        ]
    refuse = (
        "CREATE OR REPLACE FUNCTION validator_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$"
    )
    return [
        refuse,
        *[
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION validator_append_only()"
            for table in APPEND_ONLY
        ],
    ]


@event.listens_for(metadata, "after_create")
def _make_append_only(_target: sa.MetaData, connection: sa.Connection, **_options: object) -> None:
    for statement in append_only_sql(connection.dialect.name):
        connection.exec_driver_sql(statement)
