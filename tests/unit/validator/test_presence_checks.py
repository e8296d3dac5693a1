"""Document presence (R-35, R-36, R-46): what is asked for, what counts, and what accuses nobody."""

import pytest

from services.validator.core.checks import CHECKS
from tests.unit.validator.claims import claim, codes, document, fact, invoice, library, proofs


def test_a_complete_claim_has_no_finding() -> None:
    assert codes(claim()) == []


def test_without_invoice_and_service_report_only_the_financial_evidence_is_named() -> None:
    assert codes(claim(*proofs())) == ["DOC_FINANCIAL_MISSING"]


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_each_missing_proof_is_named(left_out: int) -> None:
    kept = [one for place, one in enumerate(proofs()) if place != left_out]
    missing = proofs()[left_out].received.kind
    assert codes(claim(invoice(), *kept)) == [f"DOC_MISSING:{missing}"]


def test_a_demand_that_depends_on_an_expense_holds_only_for_that_expense() -> None:
    held = (invoice(), document("site.png", "site_page"), document("results.pdf", "results_report"))
    lines = [{"kind": "seo_fee", "amount": "1000.00", "document": "invoice.pdf"}]
    assert codes(claim(*held, activity="partner_website_seo", lines=lines)) == [
        "DOC_MISSING:statement_of_work"
    ]
    lines = [{"kind": "agency_fee", "amount": "1000.00", "document": "invoice.pdf"}]
    assert codes(claim(*held, activity="partner_website_seo", lines=lines)) == []


def test_a_composite_activity_asks_for_the_evidence_of_the_components_it_used() -> None:
    held = (invoice(), *proofs())
    given = {"activity": "multi_touch_digital", "metrics": {}}
    assert codes(claim(*held, **given)) == ["COMPONENT_MISSING"]
    used = codes(claim(*held, **given, components=("digital_advertising", "telemarketing")))
    assert used == [
        "DOC_MISSING:call_script",
        "METRIC_MISSING:calls_made",
        "METRIC_MISSING:successful_contacts",
    ]


def test_of_several_sets_of_evidence_the_one_that_fits_the_claim_is_asked_for() -> None:
    held = (invoice(), document("delivery.pdf", "proof_of_delivery"))
    given = {"activity": "product_seeding_demo", "category": "partner_readiness", "metrics": {}}
    assert codes(claim(*held, **given, unit_origin="third_party")) == ["DOC_MISSING:demo_unit_proof"]
    assert codes(claim(*held, **given, unit_origin="built_in_house")) == ["DOC_MISSING:system_specification"]
    assert "UNIT_ORIGIN_MISSING" in codes(claim(*held, **given))


def test_where_the_program_owner_invoices_a_service_report_is_pointless() -> None:
    held = (document("csr.pdf", "csr"),)
    given = {"activity": "network_participation", "category": "partner_readiness", "metrics": {}}
    assert codes(claim(*held, **given)) == ["DOC_FINANCIAL_MISSING"]


def test_an_optional_proof_needs_a_note() -> None:
    extra = document("booth.jpg", "event_photo")
    assert codes(claim(invoice(), *proofs(), extra)) == ["DOC_NOTE_MISSING"]
    noted = document("booth.jpg", "event_photo", note="The banner beside the stand")
    assert codes(claim(invoice(), *proofs(), noted)) == []


def test_a_file_that_is_no_document_is_one_finding_and_is_not_missing_too() -> None:
    broken = invoice(status="rejected", reason="encrypted", total_net=None)
    assert codes(claim(broken, *proofs())) == ["FILE_ENCRYPTED"]


def test_a_problem_found_on_receipt_keeps_its_code() -> None:
    assert codes(claim(invoice(problem="FILE_HASH_MISMATCH"), *proofs())) == ["FILE_HASH_MISMATCH"]


def test_a_blank_picture_is_unreadable_and_an_unread_one_is_only_noted() -> None:
    blank = document("ad.png", "ad_screenshot", flags=("no_content",))
    assert codes(claim(invoice(), blank, *proofs()[1:])) == ["POE_UNREADABLE"]
    assert codes(claim(), infos=True).count("READ_NO_OCR") == 2


def test_metrics_are_stated_and_fit_each_other() -> None:
    held = (invoice(), document("script.pdf", "call_script"))
    given = {"activity": "telemarketing", "category": "market_development"}
    assert codes(claim(*held, **given, metrics={"calls_made": "100"})) == [
        "METRIC_MISSING:successful_contacts"
    ]
    metrics = {"calls_made": "100", "successful_contacts": "101"}
    assert codes(claim(*held, **given, metrics=metrics)) == ["METRIC_INVALID:successful_contacts"]
    metrics = {"calls_made": "1 000", "successful_contacts": "1000"}
    assert codes(claim(*held, **given, metrics=metrics)) == []


def test_a_metric_that_a_report_contradicts_points_into_the_report() -> None:
    report = document("results.pdf", "results_report", {"metric_clicks": fact("870")})
    given = claim(invoice(), *proofs()[:2], report, metrics={"results_summary": "clicks", "clicks": "900"})
    assert codes(given) == ["POE_METRIC_MISMATCH"]


def test_a_declaration_the_pack_asks_for_is_made() -> None:
    given = claim(pack="brand-cost-share-50", program="brand-cost-share")
    assert any(code.startswith("DECLARATION_MISSING") for code in codes(given))


def test_every_check_words_its_findings_from_the_vocabulary() -> None:
    known = set(library().vocabulary.codes)
    assert len(CHECKS) == len(set(CHECKS))
    assert {code.partition(":")[0] for code in codes(claim(*proofs()), infos=True)} <= known


def test_a_page_whose_words_were_read_shows_its_address() -> None:
    words = {"page_text": "halden stratus suite ask for a demo"}
    bare = document("landing.png", "landing_page", words)
    assert codes(claim(invoice(), proofs()[0], bare, proofs()[2])) == ["POE_URL_MISSING"]
    addressed = document("landing.png", "landing_page", words | {"url": "https://www.example.com/clean"})
    assert codes(claim(invoice(), proofs()[0], addressed, proofs()[2])) == []


def test_a_proof_of_mailing_shows_a_day() -> None:
    given = {
        "activity": "direct_mail_email_sms",
        "metrics": {"estimated_reach": "900"},
        "sub_type": "direct_mail",
    }
    artwork = document("flyer.pdf", "final_artwork")

    def mailed(**facts: str) -> list[str]:
        proof = document("envelope.png", "postmarked_envelope", {"page_text": "return to sender", **facts})
        return codes(claim(invoice(), artwork, proof, **given))

    assert mailed() == ["POE_DATE_MISSING"]
    assert mailed(shown_date="2019-07-20") == []
