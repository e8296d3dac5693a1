"""What a check says about each sample: its own fault, and nothing else that the partner would have to mend."""

import hashlib
from datetime import datetime

import pytest

from samples.bundles import Bundle, draw_for_window
from samples.partners import LOCATIONS
from samples.timing import Timing
from schemas.base import Period
from schemas.claims import ReceivedDocument
from schemas.findings import Severity
from services.kit.packs import PackLibrary
from services.validator.core.checks.duplicates import keys_of
from services.validator.core.decision import Judgement, judge
from services.validator.core.inputs import CheckedDocument, CheckInputs, KnownDocument
from services.validator.readers.reading import read_document
from tests.unit.samples.drawn_samples import BUNDLES

PACKS = PackLibrary.load()
NAMES = {place.partner_id: place.billed_as.name for place in LOCATIONS}
# No total is read while its points can mean two things, and the net total is a field that an invoice must have.
FOLLOWS_FROM = {"AMOUNT_AMBIGUOUS": {"INV_FIELD_MISSING:total_net", "INV_FIELD_MISSING"}}


def _checked(bundle: Bundle) -> tuple[CheckedDocument, ...]:
    checked = []
    for document in bundle.manifest.documents:
        content = bundle.documents[document.file]
        facts = read_document(content, file_name=document.file)
        received = ReceivedDocument(
            file=document.file,
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
            media_type=facts.media_type,
            kind=document.kind,
            typed=document.typed,
        )
        checked.append(CheckedDocument(received=received, facts=facts))
    return tuple(checked)


def _judged(bundle: Bundle) -> Judgement:
    known = [
        KnownDocument(claim_number=1, file=document.file, keys=keys_of(document, bundle.manifest.currency))
        for earlier in bundle.card.after
        for document in _checked(BUNDLES[earlier])
    ]
    inputs = CheckInputs(
        manifest=bundle.manifest,
        documents=_checked(bundle),
        partner_name=NAMES[bundle.manifest.partner_id],
        received_at=bundle.card.received_at,
        first_received_at=bundle.card.received_at,
        pack=PACKS.in_force(bundle.manifest.program, bundle.manifest.usage_period.start),
        known_documents=tuple(known),
    )
    return judge(inputs, PACKS.vocabulary)


@pytest.mark.parametrize("name", list(BUNDLES))
def test_a_check_finds_the_fault_of_a_sample_and_no_other(name: str) -> None:
    card = BUNDLES[name].card
    judgement = _judged(BUNDLES[name])
    found = {
        severity: {finding.printed_code for finding in judgement.findings if finding.severity is severity}
        for severity in (Severity.ERROR, Severity.ACTION)
    }
    expected = set(card.expect.findings)
    follows = {code for cause in expected for code in FOLLOWS_FROM.get(cause, ())}
    assert (found[Severity.ERROR] | found[Severity.ACTION]) - follows == expected
    verdict = "blocked" if found[Severity.ERROR] else "action" if found[Severity.ACTION] else "clean"
    assert verdict == card.expect.verdict
    if card.expect.payable is not None:
        assert judgement.payable == card.expect.payable


@pytest.mark.parametrize("now", ["2026-08-20T10:00:00+00:00", "2027-02-10T10:00:00+00:00"])
def test_sound_samples_are_sound_at_any_time_of_a_later_window(now: str) -> None:
    timing = Timing(Period.parse("2026-07-01/2026-12-31"), datetime.fromisoformat(now))
    for bundle in draw_for_window(timing, only=["clean", "clean_csr"]):
        judgement = _judged(bundle)
        assert [f.code for f in judgement.findings if f.severity in {Severity.ERROR, Severity.ACTION}] == []
        assert judgement.payable == bundle.card.expect.payable


def test_the_repeated_invoice_is_fine_on_its_own() -> None:
    alone = BUNDLES["same_invoice_twice"]
    alone = Bundle(alone.card.model_copy(update={"after": ()}), alone.manifest, alone.documents)
    assert [f.code for f in _judged(alone).findings if f.severity in {Severity.ERROR, Severity.ACTION}] == []
