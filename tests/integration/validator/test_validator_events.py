"""The validator as a taker of events: each effect once, whatever comes twice, late or out of order."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from schemas.decisions import Outcome
from schemas.events import ClaimVerdict
from schemas.money import Money
from services.kit.consumer import Status
from services.validator import queries
from services.validator.handlers import GivenDocument, check_bundle, recall_from
from services.validator.readers.reading_room import ReadingRoom
from tests.integration.validator.desk import DONE, SAMPLES, Desk, claim_id, sample_manifest, sha256_of


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def test_a_submitted_claim_is_decided_and_told_once(desk_on_each: Desk) -> None:
    desk = desk_on_each
    assert desk.submit("clean").status is DONE
    assert desk.take(desk.told[0]).status is Status.REPEATED
    (told,) = desk.validated()
    assert told.claim_id == claim_id(1)
    assert told.decision.outcome is Outcome.CLEAN
    assert told.decision.amount_payable == usd("4815.40")
    assert told.effective_on == desk.told[0].data.first_received_at


def test_the_same_invoice_in_another_claim_blocks_it(desk_on_each: Desk) -> None:
    desk = desk_on_each
    desk.submit("clean", 1)
    desk.submit("same_invoice_twice", 2)
    assert desk.codes() == ["DUP_INVOICE_SAME_PARTNER"]
    duplicate = next(one for one in desk.validated()[-1].decision.findings if one.code.startswith("DUP"))
    assert duplicate.params["claim"] == "1"


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_an_invoice_is_free_again_once_its_claim_is_over(desk: Desk, end: str) -> None:
    desk.submit("clean", 1)
    assert (desk.decide(1, ClaimVerdict.REJECTED) if end == "rejected" else desk.withdraw(1)).status is DONE
    desk.submit("same_invoice_twice", 2)
    assert desk.codes() == []


def test_an_end_that_arrives_before_the_claim_counts_too(desk: Desk) -> None:
    desk.withdraw(1)
    desk.submit("clean", 1)
    desk.submit("same_invoice_twice", 2)
    assert desk.codes() == []


def test_a_claim_keeps_its_invoice_against_a_later_claim_with_the_same(desk: Desk) -> None:
    desk.submit("clean", 1)
    desk.submit("same_invoice_twice", 2)
    desk.submit("clean", 1, revision=2, changed={"comment": "corrected"})
    assert desk.validated()[-1].claim_id == claim_id(1)
    assert desk.codes() == []


def test_a_newer_revision_is_chained_to_the_decision_before_it(desk_on_each: Desk) -> None:
    desk = desk_on_each
    desk.submit("claim_exceeds_evidence", 1)
    desk.submit("claim_exceeds_evidence", 1, revision=2, changed={"claimed_amount": "1430.80", "lines": ()})
    first, second = (told.decision for told in desk.validated())
    assert (first.outcome, second.outcome) == (Outcome.BLOCKED, Outcome.CLEAN)
    assert second.previous_decision_id == first.decision_id
    assert queries.first_broken_decision(desk.platform.database) is None


def test_an_older_revision_that_arrives_late_changes_nothing(desk: Desk) -> None:
    older = desk.submission("clean", 1, revision=1)
    desk.submit("clean", 1, revision=2)
    assert desk.take(older).status is DONE
    assert [told.revision for told in desk.validated()] == [2]


def test_decisions_are_neither_changed_nor_removed(desk_on_each: Desk) -> None:
    desk = desk_on_each
    desk.submit("clean")
    for statement in ("UPDATE validator_decisions SET revision = 9", "DELETE FROM validator_decisions"):
        with pytest.raises(DBAPIError, match="append only"), desk.platform.database.write() as tx:
            tx.execute(sa.text(statement))


def test_a_changed_decision_is_named_by_the_check_of_the_chain(desk: Desk) -> None:
    desk.submit("clean", 1)
    desk.submit("clean_csr", 2)
    told = desk.validated()[1].decision.decision_id
    with desk.platform.database.write() as tx:
        tx.execute(sa.text("DROP TRIGGER validator_decisions_no_update"))
        tx.execute(
            sa.text(
                "UPDATE validator_decisions SET decision = replace(decision, '1999.50', '9999.50') WHERE claim_id = :c"
            ),
            {"c": claim_id(2)},
        )
    assert queries.first_broken_decision(desk.platform.database) == told


def test_funds_follow_the_ledger_and_only_forwards(desk_on_each: Desk) -> None:
    desk = desk_on_each
    desk.ledger("coop_released", [("coop_available", 2, "4000.00"), ("coop_accruing", 7, "0.00")])
    desk.ledger("earning_coop", [("coop_available", 1, "9999.00")])
    desk.submit("clean")
    assert desk.codes() == ["FUNDS_INSUFFICIENT"]
    assert desk.validated()[-1].decision.amount_payable == usd("4000.00")


def test_without_word_from_the_ledger_funds_are_not_judged(desk: Desk) -> None:
    desk.submit("clean")
    assert desk.codes() == []


def test_a_new_revision_may_use_what_the_claim_itself_holds(desk: Desk) -> None:
    desk.ledger("coop_released", [("coop_available", 1, "5000.00")])
    desk.submit("clean", 1)
    entries = [("coop_available", 2, "184.60"), ("coop_reserved", 1, "4815.40")]
    desk.ledger("funds_reserved", entries, number=1, amount="4815.40")
    desk.submit("clean", 1, revision=2)
    assert desk.codes() == []
    desk.submit("clean_csr", 2)
    assert desk.codes() == ["FUNDS_INSUFFICIENT"]


def test_an_alias_of_the_partner_is_known_from_its_enrollment(desk: Desk) -> None:
    renamed = desk.submission("clean", 1)
    other = renamed.data.model_copy(update={"partner_name": "Southlight Hosting Ltd"})
    desk.take(renamed.model_copy(update={"data": other}))
    assert desk.codes() == ["INV_BUYER_MISMATCH"]
    desk.enroll("Northlight Cloud")
    later = desk.submission("clean", 1, revision=2)
    other = later.data.model_copy(update={"partner_name": "Southlight Hosting Ltd"})
    desk.take(later.model_copy(update={"data": other}))
    assert desk.codes() == []


def test_bytes_that_are_not_there_yet_are_tried_again(desk: Desk) -> None:
    event = desk.submission("clean")
    desk.platform.objects.remove(event.data.documents[0].sha256)
    assert desk.take(event).status is Status.RETRIED
    assert desk.validated() == []


def test_a_manifest_that_is_none_is_parked_with_its_reason(desk: Desk) -> None:
    event = desk.submission("clean")
    ref = desk.platform.objects.put_bytes(b'{"claim_name": 1}')
    delivery = desk.take(event.model_copy(update={"data": event.data.model_copy(update={"manifest": ref})}))
    assert (delivery.status, delivery.cause) == (Status.PARKED, "UNPROCESSABLE")
    assert "the manifest is not valid" in delivery.reason


def test_a_document_is_read_once_for_the_same_bytes(desk: Desk) -> None:
    desk.submit("clean", 1)
    with desk.platform.database.read() as tx:
        before = tx.execute(sa.text("SELECT count(*) FROM validator_facts")).scalar_one()
    desk.submit("clean", 1, revision=2, changed={"comment": "again"})
    with desk.platform.database.read() as tx:
        after = tx.execute(sa.text("SELECT count(*) FROM validator_facts")).scalar_one()
    assert (before, after) == (4, 4)


def test_the_history_of_decisions_is_the_partners_and_the_reviewers_only(desk: Desk) -> None:
    desk.submit("clean", 1)
    path = f"/v1/claims/{claim_id(1)}/decisions"
    assert desk.get(path, "stranger").status_code == 404
    assert desk.get(f"/v1/claims/{claim_id(9)}/decisions", "partner").status_code == 404
    (seen,) = desk.get(path, "partner").json()
    assert {one["audience"] for one in seen["findings"]} <= {"partner", "both"}
    assert seen["decision_id"] == desk.validated()[0].decision.decision_id


def test_facts_are_shown_to_those_who_may_see_the_claim(desk: Desk) -> None:
    desk.submit("clean", 1)
    path = f"/v1/documents/{sha256_of('clean', 'invoice.pdf')}/facts"
    assert desk.get(path, "partner").json()["facts"]["total_net"]["value"] == "4815.40"
    assert desk.get(path, "reviewer").status_code == 200
    assert desk.get(path, "stranger").status_code == 404
    assert desk.get(f"/v1/documents/{'0' * 64}/facts", "partner").status_code == 404


def test_a_check_before_sending_knows_what_the_validator_learned(desk: Desk, room: ReadingRoom) -> None:
    desk.enroll()
    desk.ledger("coop_released", [("coop_available", 1, "4000.00")])
    desk.submit("clean", 1)
    sample = SAMPLES["same_invoice_twice"]
    manifest = sample_manifest(sample)
    found = check_bundle(
        manifest,
        [GivenDocument(one.file, (sample.folder / one.file).read_bytes()) for one in manifest.documents],
        room=room,
        packs=desk.platform.packs,
        at=sample.card.received_at,
        recall=recall_from(desk.platform),
    )
    errors = [one.code for one in found.decision.findings if one.severity.value == "error"]
    assert errors == ["DUP_INVOICE_SAME_PARTNER", "FUNDS_INSUFFICIENT"]
    assert len(desk.validated()) == 1


def test_what_is_for_reviewers_does_not_show_in_a_partners_outcome(desk: Desk) -> None:
    desk.submit("clean", 1)
    decision = desk.validated()[0].decision
    hidden = desk.platform.packs.vocabulary.finding("DUP_FILE_OTHER_PARTNER")
    marked = decision.model_copy(update={"findings": (hidden,), "outcome": Outcome.REMARKS})
    assert queries.for_partner(marked).outcome is Outcome.CLEAN


def test_a_late_claim_is_late_and_not_also_short_of_the_funds_that_expired(desk: Desk) -> None:
    desk.ledger("funds_expired", [("coop_available", 2, "0.00"), ("expired", 1, "9000.00")])
    desk.submit("one_second_late")
    assert desk.codes() == ["DEADLINE_PASSED"]
