"""The ledger's tables. What says what happened is append only: triggers refuse every update and delete of it."""

import sqlalchemy as sa
from sqlalchemy import event

from services.kit.database import NAMING, BigId, InstantColumn, JsonColumn

metadata = sa.MetaData(naming_convention=NAMING)

_ID = sa.String(64)
_NAME = sa.String(100)
_ACCOUNT = sa.String(500)
_PERIOD = sa.String(21)
_CURRENCY = sa.String(3)


def _owner() -> list[sa.Column[str]]:
    return [sa.Column(name, _NAME, nullable=False) for name in ("partner", "location", "program")]


def _lot_columns() -> list[sa.Column[str]]:
    return [
        *_owner(),
        sa.Column("period", _PERIOD, nullable=False),
        sa.Column("currency", _CURRENCY, nullable=False),
    ]


accounts = sa.Table(
    "ledger_accounts",
    metadata,
    sa.Column("id", _ACCOUNT, primary_key=True),
    *_lot_columns(),
    sa.Column("bucket", sa.String(20), nullable=False),
    sa.Column("fund", _NAME, nullable=False),
    sa.Column("posted", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False),
    sa.Column("floor", sa.BigInteger, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("opens_on", InstantColumn),
    sa.Column("closes_on", InstantColumn),
    sa.CheckConstraint("posted - held >= -floor", name="floor"),
    sa.CheckConstraint("held >= 0", name="held"),
    sa.Index("ix_ledger_accounts_partner_location_program", "partner", "location", "program"),
)

transfers = sa.Table(
    "ledger_transfers",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("source", _ACCOUNT, nullable=False),
    sa.Column("target", _ACCOUNT, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", _CURRENCY, nullable=False),
    sa.Column("partner", _NAME, nullable=False),
    sa.Column("effective_on", InstantColumn, nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.Column("corrects", _ID),
    sa.Column("references", JsonColumn, nullable=False),
    sa.Column("inputs_sha256", sa.String(64), nullable=False),
    sa.Column("row_sha256", sa.String(64), nullable=False),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.Index("ix_ledger_transfers_corrects", "corrects"),
    sa.Index("ix_ledger_transfers_partner_effective_on", "partner", "effective_on"),
)

entries = sa.Table(
    "ledger_entries",
    metadata,
    sa.Column("account", _ACCOUNT, primary_key=True),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("transfer_id", _ID, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("balance_after", sa.BigInteger, nullable=False),
    sa.Column("held_change", sa.BigInteger, nullable=False),
    sa.Column("held_after", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(["account"], ["ledger_accounts.id"]),
    sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"]),
    sa.Index("ix_ledger_entries_transfer_id", "transfer_id"),
)

# AUTOINCREMENT: the sequencer takes new rows by id, and a reused id would be taken for an old one.
events = sa.Table(
    "ledger_events",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("transfer_id", _ID, nullable=False, unique=True),
    *_owner(),
    sa.Column("event", JsonColumn, nullable=False),
    sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"]),
    sqlite_autoincrement=True,
)

positions = sa.Table(
    "ledger_positions",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_row", sa.BigInteger, nullable=False, unique=True),
    sa.Column("transfer_id", _ID, nullable=False, unique=True),
    sa.Column("partner", _NAME, nullable=False),
    sa.Column("chain_sha256", sa.String(64), nullable=False),
    sa.Index("ix_ledger_positions_partner_position", "partner", "position"),
)

unplaced = sa.Table(
    "ledger_unplaced",
    metadata,
    sa.Column("transfer_id", _ID, primary_key=True),
    sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"]),
)

lots = sa.Table(
    "ledger_lots",
    metadata,
    *[sa.Column(column.name, column.type, primary_key=True) for column in _lot_columns()],
    sa.Column("pack", _NAME, nullable=False),
    sa.Column("plan_program", sa.Boolean, nullable=False),
    sa.Column("ends_at", InstantColumn, nullable=False),
    sa.Column("usage_period", _PERIOD),
    sa.Column("opens_on", InstantColumn),
    sa.Column("closes_on", InstantColumn),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("swept_at", InstantColumn),
    sa.Index("ix_ledger_lots_outcome_ends_at", "outcome", "ends_at"),
    sa.Index("ix_ledger_lots_outcome_closes_on", "outcome", "closes_on"),
)

earnings = sa.Table(
    "ledger_earnings",
    metadata,
    sa.Column("id", _NAME, primary_key=True),
    *_lot_columns(),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("fund", _NAME, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("rebate", sa.BigInteger, nullable=False),
    sa.Column("coop", sa.BigInteger, nullable=False),
    sa.Column("payable", sa.BigInteger, nullable=False),
    sa.Column("pack", _NAME, nullable=False),
    sa.Column("corrects", _NAME),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("inputs_sha256", sa.String(64), nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Index(
        "ix_ledger_earnings_partner_location_program_period", "partner", "location", "program", "period"
    ),
    sa.Index("ix_ledger_earnings_corrects", "corrects"),
    sa.Index("ix_ledger_earnings_month", "month"),
)

# An earning has a further row for each time it was paid anew: after a payment that failed or was reversed.
payout_earnings = sa.Table(
    "ledger_payout_earnings",
    metadata,
    sa.Column("earning_id", _NAME, primary_key=True),
    sa.Column("payout_id", _ID, primary_key=True),
    sa.ForeignKeyConstraint(["earning_id"], ["ledger_earnings.id"]),
    sa.Index("ix_ledger_payout_earnings_payout_id", "payout_id"),
)

claims = sa.Table(
    "ledger_claims",
    metadata,
    sa.Column("claim", _NAME, primary_key=True),
    *[sa.Column(name, _NAME, nullable=False) for name in ("partner", "location", "program")],
    sa.Column("period", _PERIOD, nullable=False),
    sa.Column("currency", _CURRENCY, nullable=False),
    sa.Column("usage_period", _PERIOD, nullable=False),
    sa.Column("activity", _NAME, nullable=False),
    sa.Column("effective_on", InstantColumn, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("requested", sa.BigInteger, nullable=False),
    sa.Column("reserved", sa.BigInteger, nullable=False),
    sa.Column("approved", sa.BigInteger, nullable=False),
    sa.Column("hold_id", _ID),
    sa.Column("holds", sa.Integer, nullable=False),
    sa.Column("payout_id", _ID),
    sa.Index("ix_ledger_claims_partner_location_program", "partner", "location", "program"),
    sa.Index("ix_ledger_claims_status_payout_id", "status", "payout_id"),
)

holds = sa.Table(
    "ledger_holds",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("claim", _NAME, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("transfer_id", _ID, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"]),
    sa.Index("ix_ledger_holds_claim", "claim"),
)

hold_resolutions = sa.Table(
    "ledger_hold_resolutions",
    metadata,
    sa.Column("hold_id", _ID, primary_key=True),
    sa.Column("settled", sa.BigInteger, nullable=False),
    sa.Column("released", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.ForeignKeyConstraint(["hold_id"], ["ledger_holds.id"]),
)

plans = sa.Table(
    "ledger_plans",
    metadata,
    sa.Column("plan", _NAME, primary_key=True),
    *_owner(),
    sa.Column("fund", _NAME, nullable=False),
    sa.Column("first_month", sa.String(7), nullable=False),
    sa.Column("last_month", sa.String(7), nullable=False),
    sa.Column("currency", _CURRENCY, nullable=False),
    sa.Column("pack", _NAME, nullable=False),
    sa.Column("inputs_sha256", sa.String(64), nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.UniqueConstraint(
        "partner", "location", "program", "fund", "first_month", "last_month", name="uq_ledger_plans_key"
    ),
)

plan_limits = sa.Table(
    "ledger_plan_limits",
    metadata,
    sa.Column("plan", _NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("from_month", sa.String(7), nullable=False),
    sa.Column("limit", sa.BigInteger, nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.ForeignKeyConstraint(["plan"], ["ledger_plans.plan"]),
)

plan_usage = sa.Table(
    "ledger_plan_usage",
    metadata,
    sa.Column("plan", _NAME, primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("cap", sa.BigInteger, nullable=False),
    sa.Column("paid", sa.BigInteger, nullable=False),
    sa.CheckConstraint("paid <= cap", name="paid"),
    sa.ForeignKeyConstraint(["plan"], ["ledger_plans.plan"]),
)

payouts = sa.Table(
    "ledger_payouts",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("run_at", InstantColumn, nullable=False),
    sa.Column("pay_day", sa.Date, nullable=False),
    *_owner(),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", _CURRENCY, nullable=False),
    sa.Column("of", JsonColumn, nullable=False),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.Index("ix_ledger_payouts_partner_pay_day", "partner", "pay_day"),
)

payment_reports = sa.Table(
    "ledger_payment_reports",
    metadata,
    sa.Column("payout_id", _ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reference", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.ForeignKeyConstraint(["payout_id"], ["ledger_payouts.id"]),
    sa.Index("ix_ledger_payment_reports_state", "state"),
)

profiles = sa.Table(
    "ledger_profiles",
    metadata,
    sa.Column("partner", _NAME, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("recorded_at", InstantColumn, nullable=False),
)

# What a run would have paid but for a missing profile; closed when it is paid or forfeited.
withheld = sa.Table(
    "ledger_withheld",
    metadata,
    *[sa.Column(name, _NAME, primary_key=True) for name in ("partner", "location", "program")],
    sa.Column("currency", _CURRENCY, primary_key=True),
    sa.Column("run_at", InstantColumn, primary_key=True),
    sa.Column("pack", _NAME, nullable=False),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("pay_day", sa.Date, nullable=False),
    sa.Column("forfeits_at", InstantColumn),
    sa.Column("closed_at", InstantColumn),
    sa.Index("ix_ledger_withheld_closed_at_forfeits_at", "closed_at", "forfeits_at"),
)

jobs = sa.Table(
    "ledger_jobs",
    metadata,
    sa.Column("name", _NAME, primary_key=True),
    sa.Column("due_at", InstantColumn, primary_key=True),
    sa.Column("recorded_at", InstantColumn, nullable=False),
)

schedules = sa.Table(
    "ledger_schedules",
    metadata,
    sa.Column("pack", _NAME, primary_key=True),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("pay_day", sa.Date, nullable=False),
    sa.Column("next_payout_at", InstantColumn, nullable=False),
)

APPEND_ONLY = (
    "ledger_transfers",
    "ledger_entries",
    "ledger_events",
    "ledger_positions",
    "ledger_earnings",
    "ledger_payout_earnings",
    "ledger_holds",
    "ledger_hold_resolutions",
    "ledger_plan_limits",
    "ledger_payouts",
    "ledger_payment_reports",
    "ledger_profiles",
    "ledger_jobs",
)
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
        "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$"
    )
    return [
        refuse,
        *[
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
            for table in APPEND_ONLY
        ],
    ]


@event.listens_for(metadata, "after_create")
def _make_append_only(_target: sa.MetaData, connection: sa.Connection, **_options: object) -> None:
    for statement in append_only_sql(connection.dialect.name):
        connection.exec_driver_sql(statement)
