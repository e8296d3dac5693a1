"""Statements and transactions as tables for export (R-73, R-75)."""

from collections.abc import Sequence

from schemas.money import decimal_text
from services.ledger.core.posting import instant_text
from services.ledger.exports.table import Table
from services.ledger.queries.statements import StatementLine
from services.ledger.queries.transactions import Transaction


def statement_table(partner: str, lines: Sequence[StatementLine]) -> Table:
    """A statement with running balances: the same lines give the same table."""
    return Table(
        title=f"Statement of {partner}",
        columns=(
            "location", "program", "period", "bucket", "sequence", "kind", "effective_on", "recorded_at", "amount",
            "balance_after", "currency", "references", "transfer_id",
        ),
        rows=[
            (
                line.location,
                line.program,
                line.period,
                line.bucket,
                str(line.sequence),
                line.kind,
                instant_text(line.effective_on),
                instant_text(line.recorded_at),
                line.amount.amount,
                line.balance_after.amount,
                line.amount.currency,
                " ".join(f"{name}={value}" for name, value in sorted(line.references.items())),
                line.transfer_id,
            )
            for line in lines
        ],
        widths=(6, 9, 10, 8, 4, 9, 11, 11, 8, 8, 4, 16, 6),
        right=frozenset({4, 8, 9}),
    )  # fmt: skip


def transaction_table(rows: Sequence[Transaction]) -> Table:
    """Transactions in the columns of R-73."""
    return Table(
        title="Transactions",
        columns=(
            "earning_id", "partner_id", "location", "program", "month", "earning_type", "fund", "amount", "currency",
            "status", "payment_id", "paid_on", "estimated_payment_on", "corrects", "reason", "recorded_at",
        ),
        rows=[
            (
                row.earning_id,
                row.partner,
                row.location,
                row.program,
                row.month,
                row.earning_type,
                row.fund,
                decimal_text(row.amount, row.currency),
                row.currency,
                row.status,
                row.payment_id,
                row.paid_on.isoformat() if row.paid_on else "",
                row.estimated_on.isoformat() if row.estimated_on else "not applicable",
                row.corrects,
                row.reason,
                instant_text(row.recorded_at),
            )
            for row in rows
        ],
        widths=(8, 5, 5, 9, 4, 5, 4, 7, 4, 6, 9, 6, 7, 6, 6, 11),
        right=frozenset({7}),
    )  # fmt: skip
