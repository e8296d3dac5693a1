"""Laws of reading amounts and days: what people write is read back, and doubt is never guessed away."""

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Period
from services.rules.amounts import AmountStatus, parse_amount
from services.rules.dates import MONTH_LANGUAGES, DateStatus, parse_date
from services.rules.invoice_keys import invoice_key, number_key, vendor_name_key

LOCALES = ("en", "sv", "fr", "de", "de_CH", "es", "it", "nl", "pt", "da", "nb", "fi", "pl", "en_IN")
locales = st.sampled_from(LOCALES)
cents = st.integers(-(10**11), 10**11).map(lambda minor: Decimal(minor).scaleb(-2))
number_like = st.text(alphabet="0123456789., '\u00a0\u202f’-()€$", max_size=24)
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@given(locales, cents)
def test_an_amount_written_in_a_locale_is_read_back(locale: str, amount: Decimal) -> None:
    written = format_decimal(amount, format="#,##0.00", locale=locale)
    read = parse_amount(written, locale)
    assert (read.status, read.decimal) == (AmountStatus.OK, amount)


@given(locales, cents, st.sampled_from(["EUR", "USD", "SEK", "GBP"]))
def test_an_amount_with_its_currency_is_read_back(locale: str, amount: Decimal, currency: str) -> None:
    read = parse_amount(f"{format_decimal(amount, format='#,##0.00', locale=locale)} {currency}", locale)
    assert (read.status, read.decimal, read.currency) == (AmountStatus.OK, amount, currency)


@given(locales, cents)
def test_the_currency_sign_of_the_locale_is_read(locale: str, amount: Decimal) -> None:
    read = parse_amount(format_currency(amount, "EUR", locale=locale), locale)
    assert (read.decimal, read.currency) == (amount, "EUR")


@given(number_like, st.sampled_from([None, *LOCALES]))
def test_a_value_has_the_digits_of_its_text_and_only_ok_has_one(text: str, locale: str | None) -> None:
    read = parse_amount(text, locale)
    assert (read.value is not None) == (read.status is AmountStatus.OK)
    assert (len(read.candidates) > 1) == (read.status is AmountStatus.AMBIGUOUS)
    for value in filter(None, (read.value, *read.candidates)):
        digits = "".join(char for char in text if char.isdigit())
        assert value.replace("-", "").replace(".", "").lstrip("0") == digits.lstrip("0")


@given(number_like, locales)
def test_what_is_clear_without_a_locale_is_no_other_value_with_one(text: str, locale: str) -> None:
    clear = parse_amount(text, None)
    if clear.status is AmountStatus.OK:
        assert parse_amount(text, locale).decimal in {clear.decimal, None}


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    assert parse_amount(text).status in AmountStatus
    assert parse_date(text).status in DateStatus


@pytest.mark.parametrize(
    "text,locale,value,currency",
    [
        ("CHF 1’250.50", None, "1250.50", "CHF"),
        ("1'250.-", "de_CH", "1250", None),
        ("Fr. 99.95", "de_CH", "99.95", "CHF"),
        ("₹1,23,456.00", None, "123456.00", "INR"),
        ("12,34,567", None, "1234567", None),
        ("(1,234.50)", None, "-1234.50", None),
        ("12.50-", None, "-12.50", None),
        ("12,50 CR", "en", "-12.50", None),
        ("−12,50", "sv", "-12.50", None),
        ("USD $10,000.00", "en", "10000.00", "USD"),
        ("kr 1 200,50", "nb", "1200.50", "NOK"),
        ("1 200 kr", "sv", "1200", "SEK"),
        ("1 200 kr", None, "1200", None),
        ("$5.00", "en-CA", "5.00", "CAD"),
        ("1,234.567 KWD", "en", "1234.567", "KWD"),
        ("1.234,567", None, "1234.567", None),
        (".50", None, "0.50", None),
        ("0.125", None, "0.125", None),
        ("1234.567", None, "1234.567", None),
        ("1.234.567", None, "1234567", None),
        ("9.999 EUR", "de", "9999", "EUR"),
        ("9,999.99 EUR", "en", "9999.99", "EUR"),
    ],
)
def test_amount_with_one_reading(text: str, locale: str | None, value: str, currency: str | None) -> None:
    read = parse_amount(text, locale)
    assert (read.status, read.value, read.currency) == (AmountStatus.OK, value, currency)


@pytest.mark.parametrize(
    "text,locale,candidates",
    [
        ("9.999.99 EUR", None, ("9999.99", "999999")),
        ("9.999 EUR", None, ("9999", "9.999")),
        ("9.999 EUR", "en", ("9999", "9.999")),
        ("10,000", None, ("10000", "10.000")),
        ("-1,234", None, ("-1234", "-1.234")),
    ],
)
def test_amount_with_several_readings_is_not_guessed(
    text: str, locale: str | None, candidates: tuple[str, ...]
) -> None:
    read = parse_amount(text, locale)
    assert (read.status, read.candidates, read.value) == (AmountStatus.AMBIGUOUS, candidates, None)


@pytest.mark.parametrize(
    "text", ["abc", "5 %", "EUR 5 USD", "12 EUR 13", "--5", "(12.50-)", "1 234 56", "1" * 19, "€", "-"]
)
def test_text_that_is_no_amount_is_unreadable(text: str) -> None:
    assert parse_amount(text).status is AmountStatus.UNREADABLE


@pytest.mark.parametrize("text", ["", "  ", "\u00a0"])
def test_blank_text_is_empty(text: str) -> None:
    assert parse_amount(text).status is AmountStatus.EMPTY
    assert parse_date(text).status is DateStatus.EMPTY


@given(days, st.sampled_from(MONTH_LANGUAGES), st.sampled_from(["full", "long"]))
def test_a_day_written_in_words_is_read_back(day: date, language: str, width: str) -> None:
    assert parse_date(format_date(day, width, locale=language), language).value == day


@given(days)
def test_an_iso_day_is_read_in_every_locale(day: date) -> None:
    assert all(parse_date(day.isoformat(), locale).value == day for locale in (None, "sv", "en-US", "de"))


@given(days)
def test_day_and_month_are_not_guessed_without_a_locale(day: date) -> None:
    read = parse_date(day.strftime("%d/%m/%Y"))
    if day.day <= 12 and day.day != day.month:
        assert (read.status, read.value) == (DateStatus.AMBIGUOUS, None)
        assert day in read.candidates
    else:
        assert read.value == day
    assert parse_date(day.strftime("%m/%d/%Y"), "en-US").value == day
    assert parse_date(day.strftime("%d/%m/%Y"), "fr").value == day


@given(days, days)
def test_bounds_rule_out_readings_but_never_the_only_one(day: date, other: date) -> None:
    bounds = Period(start=min(day, other), end=max(day, other))
    assert (
        parse_date(day.isoformat(), None, Period(start=date(1990, 1, 1), end=date(1990, 1, 1))).value == day
    )
    read = parse_date(day.strftime("%d/%m/%Y"), None, bounds)
    assert day in {read.value, *read.candidates}


@pytest.mark.parametrize(
    "text,locale,day",
    [
        ("1er mars 2020", None, "2020-03-01"),
        ("14th of Feb 2020", None, "2020-02-14"),
        ("Feb 14, 2020 3:45 PM", None, "2020-02-14"),
        ("2020-02-14T10:00:00Z", None, "2020-02-14"),
        ("14/2-2020", "sv", "2020-02-14"),
        ("14-FEB-20", None, "2020-02-14"),
        ("14. Feb. 2020", "de", "2020-02-14"),
        ("14 fevrier 2020", None, "2020-02-14"),
        ("14 lis 2019", "pl", "2019-11-14"),
        ("Sept. 5, 2019", None, "2019-09-05"),
    ],
)
def test_day_in_the_ways_papers_write_it(text: str, locale: str | None, day: str) -> None:
    assert parse_date(text, locale).value == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["31.02.2020", "February 2020", "tomorrow", "12:30", "2020", "14 Feb 1820", "1/2/3/2020"]
)
def test_text_that_is_no_day_is_unreadable(text: str) -> None:
    assert parse_date(text).status is DateStatus.UNREADABLE


def test_plain_english_does_not_say_whether_the_day_comes_first() -> None:
    assert parse_date("03/04/2020", "en").candidates == (date(2020, 3, 4), date(2020, 4, 3))


@given(st.text(alphabet="ABCdef0123456789", min_size=1, max_size=12), st.text(alphabet=" -./_#", max_size=4))
def test_an_invoice_number_is_the_same_however_it_is_spaced(number: str, between: str) -> None:
    spaced = between.join(number)
    assert number_key(spaced) == number_key(number.lower()) == number_key(f" {number.upper()} ")


def test_same_vendor_under_another_spelling_gives_the_same_key() -> None:
    assert vendor_name_key("Acme, Inc.") == vendor_name_key("ACME") == vendor_name_key("acme  S.A.")
    assert invoice_key("INV-1001", vendor_tax_id="SE 5560-0000 0001") == invoice_key(
        "inv 1001", vendor_tax_id="SE556000000001"
    )
    assert invoice_key("1", vendor_name="Acme") != invoice_key("1", vendor_name="Apex")
    assert invoice_key("INV-1") is None
