"""A half-year of claims as a validator would have judged them, made from values alone: no document is read."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from services.kit.database import Database
from services.validator.core.decision import decide
from services.validator.core.inputs import CheckInputs
from services.validator.readers.version import ENGINE_VERSION as READERS_VERSION
from services.validator.store import decisions, facts, inputs
from tests.unit.validator.claims import RECEIVED, claim, document, invoice, library, proofs

AMOUNTS = ("80.00", "999.99", "1000.00", "2500.50", "9000.00")


def generated(count: int) -> Iterator[CheckInputs]:
    """Claims that differ in activity, amounts, documents, days and funds; the same ones for the same count."""
    chance = Random(20191115)
    for number in range(count):
        net = chance.choice(AMOUNTS)
        bill = invoice(
            f"invoice{number}.pdf",
            invoice_number=chance.choice([f"INV-{number}", None]),
            total_net=net,
            total_tax=None,
            total_gross=chance.choice([net, None]),
            issue_date=(RECEIVED - timedelta(days=chance.randint(0, 120))).date().isoformat(),
        )
        shown = chance.sample(proofs(), chance.randint(1, 3))
        report = document(f"report{number}.pdf", "csr", {"total": net, "taken_on": "2019-08-01"})
        yield claim(
            bill,
            *shown,
            *((report,) if chance.random() < 0.2 else ()),
            activity=chance.choice(["digital_advertising", "syndicated_content", "customer_seminar"]),
            claimed_amount=chance.choice([net, net, "1200.00"]),
            claim_name=f"Claim {number}",
            remaining=chance.choice([None, "500.00", "100000.00"]),
            received=RECEIVED + timedelta(days=chance.randint(-60, 130)),
        )


def claim_id(number: int) -> str:
    """The id of a generated claim."""
    return f"clm_{number:026d}"


def record(database: Database, claims: Iterator[CheckInputs]) -> int:
    """Judge and record claims as the validator does; returns how many."""
    vocabulary = library().vocabulary
    with database.write() as tx:
        number = 0
        for number, given in enumerate(claims, 1):
            facts.keep(tx, [(one.file, one.facts) for one in given.documents], READERS_VERSION, RECEIVED)
            decision = decide(
                given, vocabulary, claim_id=claim_id(number), revision=1, decided_at=given.received_at
            )
            decisions.add(tx, decision, ("P-1", "GB-LON", "csp-indirect-reseller"), None, given.received_at)
            inputs.add(tx, decision.decision_id, given, READERS_VERSION)
    return number
