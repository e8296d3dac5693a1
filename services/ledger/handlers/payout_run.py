"""A payout run in the making: to whom it pays, what it has decided so far, and the transfers that follow."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.money import Money
from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.payouts import Offset
from services.ledger.core.posting import Transfer, instant_text
from services.ledger.store.runs import PayoutRow, Schedule
from services.rules.pack_model import RulePack
from services.rules.payments import waits

PLAN, REBATE, COOP_CLAIM = "plan", "rebate", "coop_claim"
PAID_OUT, FORFEITED = "pay_", "for_"
"""How the id of a payout begins, and what stands in its place where the money was forfeited."""


@dataclass(frozen=True, order=True)
class Payee:
    """To whom a run pays: a partner's location in a program, in one currency."""

    partner: str
    location: str
    program: str
    currency: str


@dataclass
class Run:
    """A payout run in the making. One that `forfeits` takes what a missing profile kept from being paid (R-69)."""

    schedule: Schedule
    pack: RulePack
    forfeits: bool = False
    payouts: list[PayoutRow] = field(default_factory=list)
    moves: list[Transfer] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    claims: list[tuple[str, str]] = field(default_factory=list)
    counted: list[tuple[str, str, int]] = field(default_factory=list)

    def join(self, other: "Run") -> None:
        """Take over what was decided for one payee."""
        for name in ("payouts", "moves", "links", "claims", "counted"):
            getattr(self, name).extend(getattr(other, name))

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
            id=f"{FORFEITED if self.forfeits else PAID_OUT}{hashlib.sha256(text.encode()).hexdigest()[:32]}",
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
        """Move an amount to `paid`, or to `expired` where it is forfeited."""
        target = AccountKey(source.lot, Bucket.EXPIRED if self.forfeits else Bucket.PAID)
        part = references.get("claim") or references.get("counted_in", "")
        self.moves.append(
            Transfer(
                payment_key(payout.id, source, part),
                "payment_forfeited" if self.forfeits else "payout_paid",
                source,
                target,
                amount,
                self.at,
                {"payout": payout.id, **references},
            )
        )

    def set_off(self, payout: PayoutRow, offset: Offset) -> None:
        """Fill up a negative amount with a positive one; it is undone when the payout does not arrive."""
        key = f"offset/{payout.id}/{offset.source.id}/{offset.target.id}"
        references = {"set_off_against": offset.target.id, "payout": payout.id}
        self.moves.append(
            Transfer(key, "payout_set_off", offset.source, offset.target, offset.amount, self.at, references)
        )

    def waits(self, amount: int, currency: str) -> bool:
        """Whether a sum waits for more (R-69, C26); what is forfeited does not."""
        return not self.forfeits and waits(self.pack, Money(amount_minor=amount, currency=currency))


def payee_of(lot: Lot) -> Payee:
    """The payee of a lot."""
    return Payee(lot.partner, lot.location, lot.program, lot.currency)


def payment_key(payout_id: str, source: AccountKey, part: str = "") -> str:
    """The business key of what a payout took from an account, for a claim or against a limit where there is one."""
    return f"payout/{payout_id}/{source.id}/{part}"
