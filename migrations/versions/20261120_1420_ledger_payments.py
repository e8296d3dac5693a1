"""Create the tables of payments: reports of payment systems, profiles, what is withheld; earnings paid anew."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import InstantColumn

revision = "ledger0002"
down_revision = "intake0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_payout_earnings", "ledger_payment_reports", "ledger_profiles")


def upgrade() -> None:
    """Create the tables, and carry over which payout paid which earning."""
    op.create_table(
        "ledger_payout_earnings",
        sa.Column("earning_id", sa.String(100), nullable=False),
        sa.Column("payout_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("earning_id", "payout_id", name="pk_ledger_payout_earnings"),
        sa.ForeignKeyConstraint(
            ["earning_id"], ["ledger_earnings.id"], name="fk_ledger_payout_earnings_earning_id"
        ),
    )
    op.execute(
        "INSERT INTO ledger_payout_earnings (earning_id, payout_id) "
        "SELECT earning_id, payout_id FROM ledger_earning_payouts"
    )
    op.drop_table("ledger_earning_payouts")
    op.create_index("ix_ledger_payout_earnings_payout_id", "ledger_payout_earnings", ["payout_id"])
    op.create_table(
        "ledger_payment_reports",
        sa.Column("payout_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("payout_id", "number", name="pk_ledger_payment_reports"),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["ledger_payouts.id"], name="fk_ledger_payment_reports_payout_id"
        ),
    )
    op.create_index("ix_ledger_payment_reports_state", "ledger_payment_reports", ["state"])
    op.create_table(
        "ledger_profiles",
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("partner", "number", name="pk_ledger_profiles"),
    )
    op.create_table(
        "ledger_withheld",
        sa.Column("partner", sa.String(100), nullable=False),
        sa.Column("location", sa.String(100), nullable=False),
        sa.Column("program", sa.String(100), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("run_at", InstantColumn, nullable=False),
        sa.Column("pack", sa.String(100), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("pay_day", sa.Date, nullable=False),
        sa.Column("forfeits_at", InstantColumn),
        sa.Column("closed_at", InstantColumn),
        sa.PrimaryKeyConstraint(
            "partner", "location", "program", "currency", "run_at", name="pk_ledger_withheld"
        ),
    )
    op.create_index(
        "ix_ledger_withheld_closed_at_forfeits_at", "ledger_withheld", ["closed_at", "forfeits_at"]
    )
    _refuse_changes()


def _refuse_changes() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        if not sqlite:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
            )
            continue
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            )


def downgrade() -> None:
    """Drop the tables; an earning keeps the payout that was the first to pay it."""
    op.create_table(
        "ledger_earning_payouts",
        sa.Column("earning_id", sa.String(100), nullable=False),
        sa.Column("payout_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("earning_id", name="pk_ledger_earning_payouts"),
        sa.ForeignKeyConstraint(
            ["earning_id"], ["ledger_earnings.id"], name="fk_ledger_earning_payouts_earning_id"
        ),
    )
    op.execute(
        "INSERT INTO ledger_earning_payouts (earning_id, payout_id) "
        "SELECT earning_id, MIN(payout_id) FROM ledger_payout_earnings GROUP BY earning_id"
    )
    op.create_index("ix_ledger_earning_payouts_payout_id", "ledger_earning_payouts", ["payout_id"])
    for table in ("ledger_withheld", "ledger_profiles", "ledger_payment_reports", "ledger_payout_earnings"):
        op.drop_table(table)
