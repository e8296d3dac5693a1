"""The ledger's accounts as its events told of them, what each claim holds, and the names of partners."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.validator.store.tables import funds, holds, partners


@dataclass(frozen=True)
class Balance:
    """An account after one of its entries. The id reads `partner/location/program/period/currency/bucket`."""

    account: str
    partner_id: str
    location: str
    program: str
    period: str
    currency: str
    bucket: str
    sequence: int
    balance_minor: int


def apply(tx: Connection, balance: Balance) -> bool:
    """Take an account to a later entry; an entry that is not later changes nothing and gives False.

    Each entry carries the whole balance, so a later one is right even where one before it has not arrived.
    """
    known = tx.execute(
        sa.select(funds.c.sequence).where(funds.c.account == balance.account)
    ).scalar_one_or_none()
    if known is not None and known >= balance.sequence:
        return False
    values = {
        "sequence": balance.sequence,
        "balance_minor": balance.balance_minor,
        "partner_id": balance.partner_id,
        "location": balance.location,
        "program": balance.program,
        "period": balance.period,
        "currency": balance.currency,
        "bucket": balance.bucket,
    }
    if known is None:
        tx.execute(sa.insert(funds).values(account=balance.account, **values))
    else:
        tx.execute(sa.update(funds).where(funds.c.account == balance.account).values(**values))
    return True


def balances(
    tx: Connection, owner: tuple[str, str, str], period: str, currency: str
) -> tuple[Mapping[str, int], int]:
    """Return the balance of each bucket of a lot in minor units, and the sum of the sequences they stand at."""
    partner_id, location, program = owner
    rows = tx.execute(
        sa.select(funds.c.bucket, funds.c.balance_minor, funds.c.sequence).where(
            funds.c.partner_id == partner_id,
            funds.c.location == location,
            funds.c.program == program,
            funds.c.period == period,
            funds.c.currency == currency,
        )
    ).all()
    found: dict[str, int] = {}
    for row in rows:
        found[row.bucket] = found.get(row.bucket, 0) + row.balance_minor
    return found, sum(row.sequence for row in rows)


def change_hold(tx: Connection, claim_id: str, currency: str, change_minor: int) -> None:
    """Add to (or take from) what a claim holds. Changes may come in any order: only their sum counts."""
    done = tx.execute(
        sa.update(holds)
        .where(holds.c.claim_id == claim_id, holds.c.currency == currency)
        .values(held_minor=holds.c.held_minor + change_minor)
    )
    if done.rowcount == 0:
        tx.execute(sa.insert(holds).values(claim_id=claim_id, currency=currency, held_minor=change_minor))


def held(tx: Connection, claim_id: str, currency: str) -> int:
    """What a claim holds now, in minor units."""
    found = tx.execute(
        sa.select(holds.c.held_minor).where(holds.c.claim_id == claim_id, holds.c.currency == currency)
    ).scalar_one_or_none()
    return int(found or 0)


def put_names(tx: Connection, partner_id: str, names: Iterable[str]) -> None:
    """Note the names of a partner; one that was known stays known."""
    known = set(names_of(tx, partner_id))
    fresh = [{"partner_id": partner_id, "name": name} for name in sorted(set(names) - known)]
    if fresh:
        tx.execute(sa.insert(partners), fresh)


def names_of(tx: Connection, partner_id: str) -> tuple[str, ...]:
    """Every name of a partner, sorted."""
    rows = tx.execute(
        sa.select(partners.c.name).where(partners.c.partner_id == partner_id).order_by(partners.c.name)
    )
    return tuple(row.name for row in rows)
