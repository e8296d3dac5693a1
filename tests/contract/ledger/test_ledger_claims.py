"""Claims told by events, on each database: late, twice and out of order."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from schemas.base import Period
from schemas.events import CLAIM_VALIDATED, FUNDS_RESERVED, RESERVE_REFUSED
from schemas.money import Money
from services.kit.database import Database
from services.kit.tables import outbox
from services.ledger.handlers import claim_events
from services.ledger.handlers.claim_events import Closing
from services.ledger.handlers.claims import Reservation
from services.ledger.handlers.jobs import run_due
from services.ledger.handlers.refusals import NotYet, Refused
from services.ledger.queries.balances import balances
from services.ledger.queries.verification import verify
from tests.unit.ledger.ledger_cases import CLAIM, LOCATION, PACKS, PARTNER, PROGRAM, USAGE, earn, instant

JULY = instant("2019-07-10T00:00:00-07:00")
LATE = instant("2020-03-01T00:00:00-08:00")


@pytest.fixture
def funded(database: Database) -> Database:
    """A ledger with 10,000.00 of claimable co-op for July to December 2019."""
    with database.write() as tx:
        earn(tx, "e1", "2019-03", "25000.00", now=instant("2019-04-02T00:00:00Z"))
    run_due(database, PACKS, JULY)
    return database


def asked(amount: str, *, revision: int = 1, claim: str = CLAIM, at: datetime = JULY) -> Reservation:
    return Reservation(
        claim,
        revision,
        PARTNER,
        LOCATION,
        PROGRAM,
        Period.parse(USAGE),
        "digital_advertising",
        Money.of(amount, "USD"),
        at,
    )


def told(database: Database, event_type: str) -> int:
    with database.read() as tx:
        return int(
            tx.execute(
                sa.select(sa.func.count()).select_from(outbox).where(outbox.c.type == event_type)
            ).scalar_one()
        )


def bucket(database: Database, name: str) -> str:
    with database.read() as tx:
        found = [row.amount.amount for row in balances(tx, partner=PARTNER) if row.bucket == name]
    return found[0] if found else "0.00"


def validated(database: Database, reservation: Reservation, now: datetime = JULY) -> None:
    with database.write() as tx:
        claim_events.validated(tx, PACKS, reservation, now=now)


def approved(database: Database, amount: str | None = None, revision: int = 1, now: datetime = JULY) -> None:
    with database.write() as tx:
        claim_events.approved(
            tx, PACKS, CLAIM, revision, Money.of(amount, "USD") if amount else None, at=now, now=now
        )


def closed(database: Database, *, withdrawn: bool = False, revision: int = 1, now: datetime = JULY) -> None:
    with database.write() as tx:
        closing = Closing(CLAIM, revision, PARTNER, LOCATION, PROGRAM, withdrawn, now)
        claim_events.closed(tx, PACKS, closing, now=now)


def test_a_validated_claim_holds_its_funds_once_however_often_it_is_told(funded: Database) -> None:
    for _ in range(3):
        validated(funded, asked("600.00"))
    assert bucket(funded, "coop_reserved") == "600.00"
    assert told(funded, FUNDS_RESERVED) == 1
    assert verify(funded) == []


def test_a_claim_above_the_available_funds_is_refused_whole_and_that_is_told(funded: Database) -> None:
    validated(funded, asked("10000.01"))
    assert bucket(funded, "coop_reserved") == "0.00"
    assert told(funded, RESERVE_REFUSED) == 1
    assert told(funded, CLAIM_VALIDATED) == 0


def test_a_later_revision_replaces_the_hold_in_one_step_even_when_both_together_would_not_fit(
    funded: Database,
) -> None:
    validated(funded, asked("9000.00"))
    validated(funded, asked("9500.00", revision=2))
    validated(funded, asked("9000.00"))
    assert bucket(funded, "coop_reserved") == "9500.00"
    assert bucket(funded, "coop_available") == "500.00"
    assert verify(funded) == []


def test_a_later_revision_that_does_not_fit_leaves_the_earlier_hold(funded: Database) -> None:
    validated(funded, asked("9000.00"))
    validated(funded, asked("10000.01", revision=2))
    assert bucket(funded, "coop_reserved") == "9000.00"


def test_a_withdrawal_told_before_the_validation_keeps_the_funds_free(funded: Database) -> None:
    closed(funded, withdrawn=True)
    validated(funded, asked("600.00"))
    assert bucket(funded, "coop_available") == "10000.00"


def test_an_approval_told_before_the_validation_waits_for_it(funded: Database) -> None:
    with pytest.raises(NotYet):
        approved(funded)
    validated(funded, asked("600.00"))
    with pytest.raises(NotYet):
        approved(funded, revision=2)
    approved(funded)
    assert bucket(funded, "coop_claimed") == "600.00"


def test_an_approval_of_less_releases_the_rest_and_a_repeat_changes_nothing(funded: Database) -> None:
    validated(funded, asked("600.00"))
    for _ in range(2):
        approved(funded, "450.00")
    assert bucket(funded, "coop_claimed") == "450.00"
    assert bucket(funded, "coop_available") == "9550.00"
    assert bucket(funded, "coop_reserved") == "0.00"
    assert verify(funded) == []


def test_more_than_what_is_reserved_cannot_be_approved(funded: Database) -> None:
    validated(funded, asked("600.00"))
    with pytest.raises(Refused) as refused:
        approved(funded, "600.01")
    assert refused.value.code == "APPROVAL_EXCEEDS_RESERVED"


def test_a_rejected_claim_that_wins_its_dispute_is_held_anew_and_settled(funded: Database) -> None:
    validated(funded, asked("600.00"))
    closed(funded)
    assert bucket(funded, "coop_available") == "10000.00"
    approved(funded)
    assert bucket(funded, "coop_claimed") == "600.00"
    assert verify(funded) == []


def test_a_rejection_told_before_the_validation_still_lets_a_dispute_be_won(funded: Database) -> None:
    closed(funded)
    validated(funded, asked("600.00"))
    assert bucket(funded, "coop_reserved") == "0.00"
    approved(funded)
    assert bucket(funded, "coop_claimed") == "600.00"


def test_a_dispute_won_after_the_funds_went_to_others_is_told_as_refused(funded: Database) -> None:
    validated(funded, asked("600.00"))
    closed(funded)
    validated(funded, asked("10000.00", claim="clm_" + "1" * 26))
    approved(funded)
    assert bucket(funded, "coop_claimed") == "0.00"
    assert told(funded, RESERVE_REFUSED) == 1


def test_a_rejection_of_an_earlier_revision_does_not_touch_the_hold_of_a_later_one(funded: Database) -> None:
    validated(funded, asked("600.00", revision=2))
    closed(funded, revision=1)
    assert bucket(funded, "coop_reserved") == "600.00"


def test_a_claim_received_in_the_last_moment_and_validated_after_the_expiry_run_is_reserved_in_full(
    funded: Database,
) -> None:
    run_due(funded, PACKS, LATE)
    assert bucket(funded, "expired") == "10000.00"
    last = instant("2020-02-15T00:00:00-08:00") - timedelta(microseconds=1)
    validated(funded, asked("10000.00", at=last), LATE)
    assert bucket(funded, "coop_reserved") == "10000.00"
    assert bucket(funded, "expired") == "0.00"
    assert verify(funded) == []
    approved(funded, "9000.00", now=LATE)
    assert bucket(funded, "expired") == "1000.00"
    assert bucket(funded, "coop_available") == "0.00"
    assert verify(funded) == []


def test_a_claim_received_at_the_deadline_is_late_whatever_is_left(funded: Database) -> None:
    validated(funded, asked("1.00", at=datetime(2020, 2, 15, 8, tzinfo=UTC)), LATE)
    assert told(funded, RESERVE_REFUSED) == 1
    assert bucket(funded, "coop_reserved") == "0.00"
