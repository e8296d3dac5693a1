"""XML stands, the page is held against it, and only a contradiction that can be seen is reported."""

from schemas.facts import Fact, Method
from services.validator.readers.hybrid import AGREES, DIFFERS, merge
from services.validator.readers.pdf_words import PageWords, Word


def xml(value: str, term: str = "BT-112") -> Fact:
    return Fact(value=value, raw=value, method=Method.XML, engine="e", confidence=1.0, checks=(term,))


def page(value: str | None, confidence: float = 0.95, **more: object) -> Fact:
    return Fact(
        value=value,
        raw=value or "?",
        page=1,
        box=(10, 20, 30, 40),
        method=Method.PDF_TEXT,
        engine="p",
        confidence=confidence,
        **more,  # type: ignore[arg-type]
    )


def words(*texts: str, hidden: tuple[str, ...] = ()) -> tuple[PageWords, ...]:
    placed = tuple(Word(text, (0, 0, 1, 1), 10.0, hidden) for text in texts)
    return (PageWords(number=1, width=595, height=842, words=placed),)


def test_a_total_that_differs_is_flagged_and_both_places_are_known() -> None:
    facts, flags = merge({"total_gross": xml("8000.00")}, {"total_gross": page("1000.00")}, words("1,000.00"))
    assert flags == ("hybrid_mismatch:total_gross",)
    assert facts["total_gross"].value == "8000.00"
    assert facts["total_gross"].checks == ("BT-112", DIFFERS)
    assert (facts["page.total_gross"].value, facts["page.total_gross"].box) == ("1000.00", (10, 20, 30, 40))


def test_equal_values_agree_whatever_their_notation() -> None:
    said = {
        "total_gross": xml("1000.0"),
        "invoice_number": xml("RE 10-4", "BT-1"),
        "currency": xml("EUR", "BT-5"),
    }
    shown = {"total_gross": page("1000.00"), "invoice_number": page("re10-4"), "currency": page("EUR")}
    facts, flags = merge(said, shown, words("x"))
    assert flags == ()
    assert all(facts[field].checks[-1] == AGREES for field in said)


def test_a_credit_note_may_print_its_amount_without_the_sign() -> None:
    _, flags = merge({"total_gross": xml("-50.00")}, {"total_gross": page("50.00")}, words("50,00"))
    assert flags == ()


def test_a_doubtful_page_value_contradicts_nothing() -> None:
    for shown in (page("1.00", confidence=0.5), page(None), page("1.00", ambiguous=True)):
        facts, flags = merge({"total_gross": xml("8.00")}, {"total_gross": shown}, words("1.00"))
        assert flags == ()
        assert facts["page.total_gross"] == shown


def test_a_value_that_is_printed_elsewhere_was_only_misread() -> None:
    said, shown = {"total_net": xml("1536.52")}, {"total_net": page("100.52")}
    for printed in (("1.536,52",), ("1", "536,52"), ("USD1,536.52",)):
        assert merge(said, shown, words(*printed))[1] == ()
    assert merge(said, shown, words("1,536.53"))[1] == ("hybrid_mismatch:total_net",)


def test_hidden_text_does_not_vouch_for_the_xml() -> None:
    said, shown = {"total_gross": xml("8000.00")}, {"total_gross": page("1000.00")}
    assert merge(said, shown, words("8,000.00", hidden=("color",)))[1] == ("hybrid_mismatch:total_gross",)


def test_an_alternative_of_the_page_counts_as_agreement() -> None:
    shown = page("2026-03-04", alternatives=("2026-04-03",))
    assert merge({"issue_date": xml("2026-04-03", "BT-2")}, {"issue_date": shown}, words("x"))[1] == ()


def test_what_only_the_page_says_is_kept() -> None:
    facts, _ = merge({"total_gross": xml("1.00")}, {"vendor_name": page("Acme")}, words("x"))
    assert facts["vendor_name"].method is Method.PDF_TEXT
