"""Fifty at once against one cap and one balance: no more is held or paid than there is, and nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from schemas.base import Period
from schemas.money import Money
from services.kit.database import Database
from services.ledger.handlers.claims import Reservation, approve, reserve
from services.ledger.handlers.jobs import run_due
from services.ledger.handlers.refusals import Refused
from services.ledger.queries.balances import balances
from services.ledger.queries.verification import verify
from tests.unit.ledger.ledger_cases import LOCATION, PACKS, PARTNER, PROGRAM, USAGE, earn, instant

AUGUST = instant("2019-08-01T00:00:00-07:00")
CAP = 18_750_00


def test_fifty_payers_at_once_are_paid_no_more_than_the_cap(database: Database) -> None:
    with database.write() as tx:
        earn(tx, "e1", "2019-03", "100000.00", now=instant("2019-04-02T00:00:00Z"))
    run_due(database, PACKS, AUGUST)

    def claim(number: int) -> str:
        asked = Reservation(
            f"C{number}", 1, PARTNER, LOCATION, PROGRAM, Period.parse(USAGE), "syndicated_content",
            Money.of("1000.00", "USD"), AUGUST, "csp-2019-11",
        )  # fmt: skip
        try:
            with database.write() as tx:
                reserve(tx, PACKS, asked, now=AUGUST)
            with database.write() as tx:
                approve(tx, PACKS, asked.claim, None, at=AUGUST, now=AUGUST)
        except Refused as refusal:
            return refusal.code
        return "paid"

    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(claim, range(50)))
    run_due(database, PACKS, AUGUST + timedelta(days=20))
    assert (answers.count("paid"), answers.count("CAP_HIT")) == (19, 31)
    with database.read() as tx:
        found = {row.bucket: row.amount.amount_minor for row in balances(tx, partner=PARTNER)}
    assert found["coop_available"] == 40_000_00 - CAP
    assert found["paid"] == 60_000_00 + CAP
    assert verify(database) == []
