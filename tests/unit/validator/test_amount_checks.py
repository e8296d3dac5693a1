"""Amount totals (R-37 to R-42, R-48 to R-54, R-79): sums, evidence, tax, currency, ineligible lines, limits, funds."""

from typing import Any

import pytest

from schemas.bundle import ManifestLine
from schemas.claims import ClaimState
from schemas.decisions import Outcome
from schemas.facts import Method, Row
from schemas.money import Money
from services.validator.core.assessment import assess
from services.validator.core.decision import decide, findings_of
from services.validator.core.evidence import is_alcohol
from services.validator.core.inputs import CheckInputs, EarlierClaim
from tests.unit.validator.claims import (
    RECEIVED,
    USAGE,
    claim,
    codes,
    document,
    fact,
    invoice,
    library,
    proofs,
    row,
)

CLAIM_ID = "clm_" + "1" * 26


def lines(*amounts: str, kind: str = "media_placement") -> list[dict[str, str]]:
    return [{"kind": kind, "amount": amount, "document": "invoice.pdf"} for amount in amounts]


def test_lines_of_the_claim_add_up_to_what_is_claimed() -> None:
    assert codes(claim(lines=lines("600.00", "400.00"))) == []
    assert codes(claim(lines=lines("600.00", "399.99"))) == ["AMT_LINES_TOTAL_MISMATCH"]


def printed(net: str, y: float, **changed: Any) -> Row:
    """A line of one piece, printed in one row of the table."""
    cells = {"quantity": "1", "unit_price": net, "net": net} | changed
    return {
        name: fact(value, box=(400.0, y, 440.0, y + 8)) for name, value in cells.items() if value is not None
    }


TOTAL = fact("1000.00", box=(400.0, 348.0, 440.0, 356.0))


def test_lines_of_an_invoice_add_up_to_its_total_and_the_difference_is_told() -> None:
    rows = (printed("600.00", 300.0), printed("350.00", 320.0))
    inputs = claim(invoice(lines=rows, total_net=TOTAL), *proofs())
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value != "info"]
    assert (found.code, found.params["difference"]) == ("AMT_LINES_TOTAL_MISMATCH", "50.00 USD")
    assert [place.box and place.box[1] for place in found.evidence] == [348.0, 300.0, 320.0]


@pytest.mark.parametrize(
    "rows",
    [
        (printed("600.00", 300.0), printed("350.00", 320.0, unit_price="400.00")),
        (printed("600.00", 300.0), printed("350.00", 320.0, quantity=None)),
        (printed("600.00", 200.0), printed("350.00", 220.0)),
        (printed("600.00", 280.0), printed("150.00", 300.0), printed("200.00", 340.0)),
    ],
    ids=["a discount in a row", "a row half read", "far above the total", "a gap between rows"],
)
def test_a_table_that_may_not_be_whole_accuses_nobody(rows: tuple[Row, ...]) -> None:
    found = codes(claim(invoice(lines=rows, total_net=TOTAL), *proofs()))
    assert "AMT_LINES_TOTAL_MISMATCH" not in found


def test_lines_of_an_e_invoice_are_all_there() -> None:
    listed = ({"net": fact("600.00", method=Method.XML)}, {"net": fact("350.00", method=Method.XML)})
    assert codes(claim(invoice(lines=listed), *proofs())) == ["AMT_LINES_TOTAL_MISMATCH"]


def test_lines_with_tax_inside_add_up_to_the_gross_total() -> None:
    assert codes(claim(invoice(lines=(row(net="1190.00"),)), *proofs())) == []


def test_a_line_read_with_doubt_accuses_nobody() -> None:
    doubtful = ({"net": fact("350.00", confidence=0.4)}, row(net="600.00"))
    assert codes(claim(invoice(lines=doubtful), *proofs())) == []


def test_more_than_the_documents_show_blocks_and_points_to_the_total() -> None:
    inputs = claim(claimed_amount="1190.01")
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value == "error"]
    assert (found.code, found.params["shown"]) == ("AMT_CLAIM_EXCEEDS_EVIDENCE", "1000.00 USD")
    assert found.evidence[0].text == "1000.00"


@pytest.mark.parametrize("claimed", ["1000.01", "1190.00"])
def test_between_net_and_gross_it_is_the_tax_that_is_claimed(claimed: str) -> None:
    inputs = claim(claimed_amount=claimed)
    assert codes(inputs) == ["INV_TAX_CLAIMED"]
    assert assess(inputs).payable == Money.of("1000.00", "USD")


def test_fares_are_payable_with_their_taxes() -> None:
    held = (
        invoice(),
        document("confirmation.pdf", "conference_confirmation"),
        document("trip.pdf", "travel_itinerary"),
    )
    line = {
        "kind": "travel_transport",
        "amount": "1190.00",
        "document": "invoice.pdf",
        "person": "A",
        "conference": "K",
    }
    given = {"activity": "hosted_conference", "category": "partner_readiness", "metrics": {}}
    assert codes(claim(*held, claimed_amount="1190.00", lines=[line], **given)) == []


def test_a_credit_note_lowers_what_is_shown() -> None:
    credit = invoice(
        "credit.pdf",
        read_kind="credit_note",
        invoice_number="C-7",
        total_net="100.00",
        total_gross="119.00",
        total_tax="19.00",
    )
    inputs = claim(invoice(), credit, *proofs(), claimed_amount="1000.00")
    assert "INV_TAX_CLAIMED" in codes(inputs)
    assert assess(inputs).payable == Money.of("900.00", "USD")


def test_one_invoice_as_page_and_as_xml_counts_once() -> None:
    twice = (invoice(), invoice("invoice.xml"), *proofs())
    assert assess(claim(*twice)).evidence.net == Money.of("1000.00", "USD")


def test_a_total_nobody_could_read_leaves_the_evidence_open() -> None:
    unread = invoice("second.pdf", invoice_number="INV-2", total_net=None, total_gross=None, total_tax=None)
    inputs = claim(invoice(), unread, *proofs(), claimed_amount="5000.00")
    assert codes(inputs) == ["INV_FIELD_MISSING"]


def test_a_doubtful_amount_is_asked_about_and_never_guessed() -> None:
    doubtful = fact(None, raw="1.000.00", ambiguous=True, alternatives=("1000.00", "100000"))
    inputs = claim(invoice(total_net=doubtful), *proofs())
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value == "action"]
    assert (found.printed_code, found.expected) == ("AMOUNT_AMBIGUOUS", "1000.00 | 100000")


def test_the_partner_settles_a_doubtful_amount_only_by_one_of_its_readings() -> None:
    doubtful = fact(None, raw="1.000.00", ambiguous=True, alternatives=("1000.00", "100000"))
    settled = invoice(total_net=doubtful, typed={"total_net": "1000.00"})
    assert codes(claim(settled, *proofs())) == []
    other = invoice(total_net=doubtful, typed={"total_net": "5000.00"})
    assert codes(claim(other, *proofs())) == ["AMOUNT_AMBIGUOUS"]


def test_documents_in_another_currency_are_named() -> None:
    assert "CUR_MIXED" in codes(claim(invoice(currency="SEK"), *proofs()))


def test_an_ineligible_line_is_cut_and_does_not_block() -> None:
    inputs = claim(lines=[*lines("900.00"), *lines("100.00", kind="giveaways")])
    decision = decide(inputs, library().vocabulary, claim_id=CLAIM_ID, revision=1, decided_at=RECEIVED)
    assert [one.printed_code for one in decision.findings if one.severity.value == "action"] == [
        "LINE_INELIGIBLE:giveaways"
    ]
    assert decision.outcome is Outcome.REMARKS
    assert decision.amount_payable == Money.of("900.00", "USD")
    assert [(cut.rule, cut.cap, cut.amount.amount) for cut in decision.cuts] == [
        ("R-39", "LINE_INELIGIBLE:giveaways", "100.00")
    ]


def test_alcohol_on_the_invoice_is_found_although_the_claim_calls_it_something_else() -> None:
    rows = (
        row(description="Buffet lunch", net="900.00"),
        row(description="Red wine, 12 bottles", net="100.00"),
    )
    inputs = claim(invoice(lines=rows), *proofs())
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value == "action"]
    assert (found.printed_code, found.evidence[0].text) == ("LINE_INELIGIBLE:alcohol", "Red wine, 12 bottles")
    assert assess(inputs).payable == Money.of("900.00", "USD")


def test_alcohol_that_is_not_claimed_is_no_finding() -> None:
    rows = (
        row(description="Buffet lunch", net="900.00"),
        row(description="Red wine, 12 bottles", net="100.00"),
    )
    assert codes(claim(invoice(lines=rows), *proofs(), claimed_amount="900.00")) == []


@pytest.mark.parametrize(
    "description,expected",
    [
        ("Bière pression", True),
        ("Folköl 33 cl", False),
        ("Öl 33 cl", True),
        ("Alcohol-free beer", False),
        ("Beer (alkoholfri)", False),
        ("Vin rouge", True),
        ("VIN 1HGCM82633A004352", False),
        ("Ginger cake", False),
        ("Beverages", False),
    ],
)
def test_alcohol_is_told_by_whole_words(description: str, expected: bool) -> None:
    assert is_alcohol(description) is expected


def test_funds_are_a_bound_and_what_remains_is_payable() -> None:
    inputs = claim(remaining="999.99")
    assert codes(inputs) == ["FUNDS_INSUFFICIENT"]
    assert assess(inputs).payable == Money.of("999.99", "USD")
    assert codes(claim(remaining="1000.00")) == []


def test_unknown_funds_are_not_judged() -> None:
    assert codes(claim(remaining=None)) == []


def syndicated(claimed: str, *earlier: EarlierClaim) -> CheckInputs:
    held = (
        invoice(total_net=claimed, total_tax="0.00", total_gross=claimed),
        document("site.png", "site_page"),
        document("results.pdf", "results_report"),
    )
    return claim(
        *held, activity="syndicated_content", claimed_amount=claimed, known={"earlier_claims": earlier}
    )


def earlier_claim(counted: str, number: int = 1) -> EarlierClaim:
    return EarlierClaim(
        claim_id=f"clm_{number:026d}",
        claim_number=number,
        state=ClaimState.APPROVED,
        activity="syndicated_content",
        activity_start=USAGE.start,
        activity_end=USAGE.start,
        first_received_at=RECEIVED,
        counted=Money.of(counted, "USD"),
        lines=(ManifestLine(kind="agency_fee", amount=counted),),
        vendor_keys=("harbormedia",),
    )


def test_a_limit_counts_what_earlier_claims_took_and_cuts_the_rest() -> None:
    inputs = syndicated("5000.00", earlier_claim("15000.00"))
    decision = decide(inputs, library().vocabulary, claim_id=CLAIM_ID, revision=1, decided_at=RECEIVED)
    warnings = [one.printed_code for one in decision.findings if one.severity.value == "warn"]
    assert warnings == ["CAP_HIT:CAP_SYNDICATED", "SPLIT_SUSPECTED"]
    assert decision.amount_payable == Money.of("3750.00", "USD")
    assert [(cut.rule, cut.cap, cut.amount.amount) for cut in decision.cuts] == [
        ("R-48", "CAP_SYNDICATED", "1250.00")
    ]


def test_a_partners_own_share_is_taken_off_the_shown_cost() -> None:
    pack = library().get("brand-cost-share-50")
    inputs = claim(pack=pack.id, program=pack.programs[0].id)
    assert assess(inputs).payable == Money.of("500.00", "USD")


def test_a_claim_for_nothing_is_none() -> None:
    assert codes(claim(claimed_amount="0.00")) == ["AMOUNT_NOT_POSITIVE"]
    assert codes(claim(claimed_amount="-5.00")) == ["AMOUNT_NOT_POSITIVE"]


def test_what_is_limited_by_person_names_the_person_and_the_conference() -> None:
    held = (invoice(), document("confirmation.pdf", "conference_confirmation"))
    given = {"activity": "hosted_conference", "category": "partner_readiness", "metrics": {}}
    line = {"kind": "registration_fee", "amount": "1000.00", "document": "invoice.pdf"}
    assert codes(claim(*held, lines=[line], **given)) == ["LINE_CONFERENCE_MISSING", "LINE_PERSON_MISSING"]
    assert codes(claim(*held, lines=[line | {"person": "A", "conference": "K"}], **given)) == []
