"""Every sample bundle gets the verdict on its card; its report shows it."""

import re
from typing import Any

import pytest

from services.validator.handlers import CheckContext, Checked, GivenDocument, check_bundle
from services.validator.handlers.checking import Room
from services.validator.handlers.report import LANGUAGES, render_report
from services.validator.readers.reading_room import ReadingRoom
from tests.integration.validator.desk import PACKS, SAMPLES, sample_manifest

PARTNERS = {"P-0123456": "Northlight Cloud Ltd", "P-0777001": "Fjordmoln AB"}
ALONE = sorted(name for name, sample in SAMPLES.items() if not sample.card.after)


def checked(name: str, room: Room, **changed: Any) -> Checked:
    sample = SAMPLES[name]
    manifest = sample_manifest(sample).model_copy(update=changed)
    documents = [
        GivenDocument(one.file, (sample.folder / one.file).read_bytes()) for one in manifest.documents
    ]
    return check_bundle(
        manifest,
        documents,
        room=room,
        packs=PACKS,
        at=sample.card.received_at,
        context=CheckContext(partner_name=PARTNERS[manifest.partner_id]),
    )


@pytest.mark.parametrize("name", ALONE)
def test_a_sample_gets_the_verdict_on_its_card(name: str, room: ReadingRoom) -> None:
    decision, expected = checked(name, room).decision, SAMPLES[name].card.expect
    found = {one.printed_code for one in decision.findings if one.severity.value in {"error", "action"}}
    assert found == set(expected.findings)
    if expected.payable is not None:
        assert decision.amount_payable == expected.payable


def test_a_file_that_was_not_sent_is_a_finding_and_so_are_other_bytes(room: ReadingRoom) -> None:
    sample = SAMPLES["clean"]
    manifest = sample_manifest(sample)
    listed = tuple(
        one.model_copy(update={"sha256": "0" * 64}) if one.file == "ad.png" else one
        for one in manifest.documents
    )
    sent = [
        GivenDocument(one.file, (sample.folder / one.file).read_bytes())
        for one in listed
        if one.file != "landing-page.png"
    ]
    found = check_bundle(
        manifest.model_copy(update={"documents": listed}),
        sent,
        room=room,
        packs=PACKS,
        at=sample.card.received_at,
    )
    errors = {
        one.code: one.evidence[0].file for one in found.decision.findings if one.severity.value == "error"
    }
    assert errors == {"FILE_MISSING": "landing-page.png", "FILE_HASH_MISMATCH": "ad.png"}


def test_a_check_is_repeatable_to_the_byte(room: ReadingRoom) -> None:
    first, second = (checked("lines_total_mismatch", room).decision.model_dump_json() for _ in range(2))
    assert first == second


def test_a_report_is_one_page_that_asks_for_nothing_from_outside(room: ReadingRoom) -> None:
    page = render_report(checked("lines_total_mismatch", room), PACKS.vocabulary, room)
    assert "<script" not in page
    targets = re.findall(r'(?:href|src|action|url)\s*[=(]\s*["\']?([^"\'\s)>]{1,20})', page)
    assert {target.partition(":")[0] for target in targets if not target.startswith("#")} == {"data"}
    assert 'href="data:image/png;base64,' in page
    assert "Total USD\u00a02,740.50, lines USD\u00a02,690.50. Difference USD\u00a050.00." in page
    assert "Fri 14 Feb 2020, 23:59 US Pacific" in page
    assert page.count('<rect class="action"') == 3


@pytest.mark.parametrize(
    "language,headline", [("en", "Ready to submit"), ("sv", "Klart att skicka"), ("fr", "Prête à envoyer")]
)
def test_a_report_opens_in_the_language_asked_for_and_holds_all_three(
    language: str, headline: str, room: ReadingRoom
) -> None:
    page = render_report(checked("clean", room), PACKS.vocabulary, room, language=language)
    assert f'<html lang="{language}">' in page
    assert f'id="lang-{language}" aria-label="{LANGUAGES[language]}" checked' in page
    assert headline in page
    assert (
        page.count('<span class="l l-en"')
        == page.count('<span class="l l-sv"')
        == page.count('<span class="l l-fr"')
    )


def test_a_report_shows_hostile_text_as_text(room: ReadingRoom) -> None:
    name = '"><img src=x onerror=alert(1)>\u202egpj.exe'
    page = render_report(checked("clean", room, claim_name=name), PACKS.vocabulary, room)
    assert "<img" not in page
    assert "\u202e" not in page
    assert "⟨U+202E⟩" in page


def test_a_partners_report_leaves_out_what_is_for_reviewers(room: ReadingRoom) -> None:
    result = checked("clean", room)
    hidden = [one.code for one in result.decision.findings if one.audience.value == "reviewer"]
    page = render_report(result, PACKS.vocabulary, room)
    assert all(code not in page for code in hidden)
