"""A payout run in the making: to whom it pays, what it has decided so far, and the transfers that follow."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.money import minor_units
from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.payouts import Offset
from services.ledger.core.posting import Transfer, instant_text
from services.ledger.store.runs import PayoutRow, Schedule
from services.rules.pack_model import RulePack

PLAN, REBATE, COOP_CLAIM = "plan", "rebate", "coop_claim"


@dataclass(frozen=True, order=True)
class Payee:
    """To whom a run pays: a partner's location in a program, in one currency."""

    partner: str
    location: str
    program: str
    currency: str


@dataclass
class Run:
    """A payout run in the making."""

    schedule: Schedule
    pack: RulePack
    payouts: list[PayoutRow] = field(default_factory=list)
    moves: list[Transfer] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """The instant of the run."""
        return self.schedule.next_payout_at

    def payout(self, payee: Payee, kind: str, amount: int, of: Sequence[str], part: str = "") -> PayoutRow:
        """Add a payout and return it."""
        text = "/".join(
            (instant_text(self.at), payee.partner, payee.location, payee.program, payee.currency, kind, part)
        )
        row = PayoutRow(
            id=f"pay_{hashlib.sha256(text.encode()).hexdigest()[:32]}",
            run_at=self.at,
            pay_day=self.schedule.pay_day,
            partner=payee.partner,
            location=payee.location,
            program=payee.program,
            kind=kind,
            amount=amount,
            currency=payee.currency,
            of=tuple(of),
        )
        self.payouts.append(row)
        return row

    def pay(self, payout: PayoutRow, source: AccountKey, amount: int, **references: str) -> None:
        """Move an amount to `paid`."""
        paid = AccountKey(source.lot, Bucket.PAID)
        self.moves.append(
            Transfer(
                payment_key(payout.id, source, references.get("claim", "")),
                "payout_paid",
                source,
                paid,
                amount,
                self.at,
                {"payout": payout.id, **references},
            )
        )

    def set_off(self, offsets: Iterable[Offset]) -> None:
        """Fill up negative amounts with positive ones."""
        for offset in offsets:
            key = f"offset/{instant_text(self.at)}/{offset.source.id}/{offset.target.id}"
            references = {"set_off_against": offset.target.id}
            self.moves.append(
                Transfer(
                    key, "payout_set_off", offset.source, offset.target, offset.amount, self.at, references
                )
            )

    def minimum(self, currency: str) -> int:
        """The least sum that is paid, for each program and earning type (R-69, C26)."""
        minimum = self.pack.minimum_payment
        return minor_units(minimum.amount, currency) if minimum and minimum.currency == currency else 0


def payee_of(lot: Lot) -> Payee:
    """The payee of a lot."""
    return Payee(lot.partner, lot.location, lot.program, lot.currency)


def payment_key(payout_id: str, source: AccountKey, claim: str = "") -> str:
    """The business key of what a payout took from an account, for a claim where there is one."""
    return f"payout/{payout_id}/{source.id}/{claim}"
