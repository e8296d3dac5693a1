"""Laws of reading text: no words break it, hidden words never matter, and a total it names is the one that was printed."""

from decimal import Decimal

from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.limits import Limits
from services.validator.readers.invoice_text import read_invoice
from services.validator.readers.pdf_words import PageWords, Word
from services.validator.readers.plain_text import read_text
from services.validator.readers.text_layout import normalized

WIDTH, HEIGHT = 600.0, 800.0
TELLING = (
    "Invoice", "Rechnung", "Nr.", "No", "Total", "Summe", "Date:", "Datum", "Netto", "VAT", "20%", "1.234,56", "1,234.56",
    "9.999.99", "03.09.2019", "04/05/2019", "EUR", "$", "-", "(5.00)", "Seite", "1/2", "#", "A-1", "DE123456789", "Qty", "Amount",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(TELLING), st.text(st.characters(exclude_categories=("Cs", "Z")), min_size=1, max_size=12)
)


@st.composite
def words(draw: st.DrawFn, hidden: tuple[str, ...] = ()) -> Word:
    x, y = draw(st.floats(0, WIDTH - 60)), draw(st.integers(0, 50)) * 14.0
    said = draw(texts)
    return Word(said, (x, y, x + 6.0 * len(said), y + 9.0), 9.0, hidden)


@given(st.lists(words(), max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_words_are_read_without_error_and_every_value_has_a_place(found: list[Word]) -> None:
    reading = read_invoice([PageWords(1, WIDTH, HEIGHT, tuple(found))])
    for fact in reading.facts.values():
        assert fact.page == 1
        assert (fact.value is None) == fact.ambiguous
        assert fact.ambiguous == bool(fact.alternatives)
        assert 0 <= fact.confidence <= 1


@given(st.lists(words(), max_size=30), st.lists(words(hidden=("color",)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_hidden_words_change_no_value(seen: list[Word], hidden: list[Word]) -> None:
    alone = read_invoice([PageWords(1, WIDTH, HEIGHT, tuple(seen))])
    both = read_invoice([PageWords(1, WIDTH, HEIGHT, (*hidden, *seen))])
    assert (both.facts, both.lines, both.kind) == (alone.facts, alone.lines, alone.kind)


amounts = st.integers(100, 99_999_999).map(lambda cents: Decimal(cents) / 100)
STYLES = {
    "en": ("Invoice No: {n}\nInvoice date: 2019-09-03\nSubtotal   {net}\nVAT   {tax}\nTotal   {gross} GBP\n"),
    "de": ("Rechnungsnr.: {n}\nDatum: 03.09.2019\nNettobetrag   {net}\nMwSt.   {tax}\nGesamtbetrag   {gross} EUR\n"),
    "sv": ("Fakturanr {n}\nFakturadatum 2019-09-03\nExkl. moms   {net}\nMoms   {tax}\nAtt betala   {gross} SEK\n"),
    "fr": ("Facture n° {n}\nDate : 03/09/2019\nTotal HT   {net}\nTVA   {tax}\nTotal TTC   {gross} EUR\n"),
    "it": ("Fattura n. {n}\nData: 03/09/2019\nImponibile   {net}\nIVA   {tax}\nTotale fattura   {gross} EUR\n"),
    "nl": ("Factuurnummer {n}\nFactuurdatum 03-09-2019\nExcl. btw   {net}\nBtw   {tax}\nTotaal incl. btw   {gross} EUR\n"),
    "de_CH": ("Rechnung {n}\nDatum: 03.09.2019\nNetto   {net}\nMWST   {tax}\nTotal CHF   {gross}\n"),
    "pl": ("Faktura nr {n}\nData wystawienia: 03.09.2019\nRazem netto   {net}\nVAT   {tax}\nDo zapłaty   {gross} PLN\n"),
}  # fmt: skip


@given(
    st.sampled_from(sorted(STYLES)),
    amounts,
    st.integers(0, 25),
    st.from_regex(r"[HKXQ]{2}-[0-9]{4,6}", fullmatch=True),
)
@settings(max_examples=150, deadline=None)
def test_totals_printed_in_a_language_s_style_are_read_back(
    locale: str, net: Decimal, rate: int, number: str
) -> None:
    tax = (net * rate / 100).quantize(Decimal("0.01"))
    printed = {
        name: format_decimal(value, "#,##0.00", locale)
        for name, value in (("net", net), ("tax", tax), ("gross", net + tax))
    }
    facts = read_invoice(read_text(STYLES[locale].format(n=number, **printed).encode(), Limits())).facts
    assert facts["invoice_number"].value == number
    assert facts["issue_date"].value == "2019-09-03"
    assert Decimal(facts["total_gross"].value or "NaN") == net + tax
    assert Decimal(facts["total_net"].value or "NaN") == net
    assert Decimal(facts["total_tax"].value or "NaN") == tax


@given(st.text(max_size=60))
def test_normalized_text_is_stable_and_has_single_spaces(said: str) -> None:
    once = normalized(said)
    assert normalized(once) == once
    assert "  " not in once
    assert once == once.strip()
