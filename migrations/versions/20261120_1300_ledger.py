"""Create the tables of the ledger; triggers refuse every change of what says what happened."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import BigId, InstantColumn

revision = "ledger0001"
down_revision = "kit0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "ledger_transfers",
    "ledger_entries",
    "ledger_events",
    "ledger_positions",
    "ledger_earnings",
    "ledger_earning_payouts",
    "ledger_holds",
    "ledger_hold_resolutions",
    "ledger_plan_limits",
    "ledger_payouts",
    "ledger_jobs",
)


def upgrade() -> None:
    """Create the tables and their triggers."""
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.String(500), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("period", sa.String(21), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("bucket", sa.String(20), nullable=False),
        sa.Column("fund", sa.String(100), nullable=False),
        sa.Column("posted", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("floor", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("opens_on", InstantColumn),
        sa.Column("closes_on", InstantColumn),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_accounts"),
        sa.CheckConstraint("posted - held >= -floor", name="ck_ledger_accounts_floor"),
        sa.CheckConstraint("held >= 0", name="ck_ledger_accounts_held"),
    )
    op.create_index(
        "ix_ledger_accounts_partner_location_program", "ledger_accounts", ["partner", "location", "program"]
    )
    op.create_table(
        "ledger_claims",
        sa.Column("claim", sa.String(100), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("period", sa.String(21), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("usage_period", sa.String(21), nullable=False),
        sa.Column("activity", sa.String(100), nullable=False),
        sa.Column("effective_on", InstantColumn, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("requested", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("approved", sa.BigInteger, nullable=False),
        sa.Column("hold_id", sa.String(64)),
        sa.Column("holds", sa.Integer, nullable=False),
        sa.Column("payout_id", sa.String(64)),
        sa.PrimaryKeyConstraint("claim", name="pk_ledger_claims"),
    )
    op.create_index(
        "ix_ledger_claims_partner_location_program", "ledger_claims", ["partner", "location", "program"]
    )
    op.create_index("ix_ledger_claims_status_payout_id", "ledger_claims", ["status", "payout_id"])
    op.create_table(
        "ledger_earnings",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("period", sa.String(21), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("fund", sa.String(100), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("rebate", sa.BigInteger, nullable=False),
        sa.Column("coop", sa.BigInteger, nullable=False),
        sa.Column("payable", sa.BigInteger, nullable=False),
        sa.Column("pack", sa.String(100), nullable=False),
        sa.Column("corrects", sa.String(100)),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("inputs_sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_earnings"),
    )
    op.create_index("ix_ledger_earnings_corrects", "ledger_earnings", ["corrects"])
    op.create_index("ix_ledger_earnings_month", "ledger_earnings", ["month"])
    op.create_index(
        "ix_ledger_earnings_partner_location_program_period",
        "ledger_earnings",
        ["partner", "location", "program", "period"],
    )
    op.create_table(
        "ledger_jobs",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("due_at", InstantColumn, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("name", "due_at", name="pk_ledger_jobs"),
    )
    op.create_table(
        "ledger_lots",
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("period", sa.String(21), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("pack", sa.String(100), nullable=False),
        sa.Column("plan_program", sa.Boolean, nullable=False),
        sa.Column("ends_at", InstantColumn, nullable=False),
        sa.Column("usage_period", sa.String(21)),
        sa.Column("opens_on", InstantColumn),
        sa.Column("closes_on", InstantColumn),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("swept_at", InstantColumn),
        sa.PrimaryKeyConstraint(
            "partner", "location", "program", "period", "currency", name="pk_ledger_lots"
        ),
    )
    op.create_index("ix_ledger_lots_outcome_closes_on", "ledger_lots", ["outcome", "closes_on"])
    op.create_index("ix_ledger_lots_outcome_ends_at", "ledger_lots", ["outcome", "ends_at"])
    op.create_table(
        "ledger_payouts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run_at", InstantColumn, nullable=False),
        sa.Column("pay_day", sa.Date, nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_payouts"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_payouts_amount"),
    )
    op.create_index("ix_ledger_payouts_partner_pay_day", "ledger_payouts", ["partner", "pay_day"])
    op.create_table(
        "ledger_plans",
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("fund", sa.String(100), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("pack", sa.String(100), nullable=False),
        sa.Column("inputs_sha256", sa.String(64), nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("plan", name="pk_ledger_plans"),
        sa.UniqueConstraint(
            "partner", "location", "program", "fund", "first_month", "last_month", name="uq_ledger_plans_key"
        ),
    )
    op.create_table(
        "ledger_positions",
        sa.Column("position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("event_row", sa.BigInteger, nullable=False),
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("chain_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_ledger_positions"),
        sa.UniqueConstraint("event_row", name="uq_ledger_positions_event_row"),
        sa.UniqueConstraint("transfer_id", name="uq_ledger_positions_transfer_id"),
    )
    op.create_index("ix_ledger_positions_partner_position", "ledger_positions", ["partner", "position"])
    op.create_table(
        "ledger_schedules",
        sa.Column("pack", sa.String(100), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("pay_day", sa.Date, nullable=False),
        sa.Column("next_payout_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("pack", name="pk_ledger_schedules"),
    )
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("target", sa.String(500), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("effective_on", InstantColumn, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.Column("corrects", sa.String(64)),
        sa.Column("references", sa.Text, nullable=False),
        sa.Column("inputs_sha256", sa.String(64), nullable=False),
        sa.Column("row_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_transfers"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_transfers_amount"),
    )
    op.create_index("ix_ledger_transfers_corrects", "ledger_transfers", ["corrects"])
    op.create_index(
        "ix_ledger_transfers_partner_effective_on", "ledger_transfers", ["partner", "effective_on"]
    )
    op.create_table(
        "ledger_earning_payouts",
        sa.Column("earning_id", sa.String(100), nullable=False),
        sa.Column("payout_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("earning_id", name="pk_ledger_earning_payouts"),
        sa.ForeignKeyConstraint(
            ["earning_id"], ["ledger_earnings.id"], name="fk_ledger_earning_payouts_earning_id"
        ),
    )
    op.create_index("ix_ledger_earning_payouts_payout_id", "ledger_earning_payouts", ["payout_id"])
    op.create_table(
        "ledger_entries",
        sa.Column("account", sa.String(500), nullable=False),
        sa.Column("sequence", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("balance_after", sa.BigInteger, nullable=False),
        sa.Column("held_change", sa.BigInteger, nullable=False),
        sa.Column("held_after", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "sequence", name="pk_ledger_entries"),
        sa.ForeignKeyConstraint(["account"], ["ledger_accounts.id"], name="fk_ledger_entries_account"),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name="fk_ledger_entries_transfer_id"
        ),
    )
    op.create_index("ix_ledger_entries_transfer_id", "ledger_entries", ["transfer_id"])
    op.create_table(
        "ledger_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_events"),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name="fk_ledger_events_transfer_id"
        ),
        sa.UniqueConstraint("transfer_id", name="uq_ledger_events_transfer_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ledger_holds",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("claim", sa.String(100), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_holds"),
        sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"], name="fk_ledger_holds_transfer_id"),
    )
    op.create_index("ix_ledger_holds_claim", "ledger_holds", ["claim"])
    op.create_table(
        "ledger_plan_limits",
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("from_month", sa.String(7), nullable=False),
        sa.Column("limit", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("plan", "number", name="pk_ledger_plan_limits"),
        sa.ForeignKeyConstraint(["plan"], ["ledger_plans.plan"], name="fk_ledger_plan_limits_plan"),
    )
    op.create_table(
        "ledger_plan_usage",
        sa.Column("plan", sa.String(100), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("cap", sa.BigInteger, nullable=False),
        sa.Column("paid", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("plan", "month", name="pk_ledger_plan_usage"),
        sa.CheckConstraint("paid <= cap", name="ck_ledger_plan_usage_paid"),
        sa.ForeignKeyConstraint(["plan"], ["ledger_plans.plan"], name="fk_ledger_plan_usage_plan"),
    )
    op.create_table(
        "ledger_unplaced",
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_ledger_unplaced"),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name="fk_ledger_unplaced_transfer_id"
        ),
    )
    op.create_table(
        "ledger_hold_resolutions",
        sa.Column("hold_id", sa.String(64), nullable=False),
        sa.Column("settled", sa.BigInteger, nullable=False),
        sa.Column("released", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("hold_id", name="pk_ledger_hold_resolutions"),
        sa.ForeignKeyConstraint(["hold_id"], ["ledger_holds.id"], name="fk_ledger_hold_resolutions_hold_id"),
    )
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
                )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "ledger_hold_resolutions",
        "ledger_unplaced",
        "ledger_plan_usage",
        "ledger_plan_limits",
        "ledger_holds",
        "ledger_events",
        "ledger_entries",
        "ledger_earning_payouts",
        "ledger_transfers",
        "ledger_schedules",
        "ledger_positions",
        "ledger_plans",
        "ledger_payouts",
        "ledger_lots",
        "ledger_jobs",
        "ledger_earnings",
        "ledger_claims",
        "ledger_accounts",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_append_only()")
