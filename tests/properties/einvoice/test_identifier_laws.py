"""A check digit lets exactly one ending through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.validator.core.en16931_identifiers import (
    is_australian_business,
    is_belgian_enterprise,
    is_danish_organization,
    is_gln,
    is_greek_tax_number,
    is_italian_tax_code,
    is_italian_vat,
    is_norwegian_organization,
    is_swedish_organization,
)
from services.validator.core.en16931_national_de_gr import is_iban

digits = st.text(alphabet="0123456789", min_size=12, max_size=12)


@given(digits)
def test_one_of_ten_last_digits_is_right(body: str) -> None:
    endings = "0123456789"

    assert sum(is_gln(body + end) for end in endings) == 1
    assert sum(is_swedish_organization(body[:9] + end) for end in endings) == 1
    assert sum(is_greek_tax_number(body[:8] + end) for end in endings) == 1
    assert sum(is_italian_vat("IT" + body[:10] + end) for end in endings) == 1
    assert sum(is_norwegian_organization("9" + body[:7] + end) for end in endings) <= 1


@given(digits)
def test_one_of_a_hundred_endings_of_a_belgian_number_is_right(body: str) -> None:
    assert sum(is_belgian_enterprise(f"{body[:8]}{end:02}") for end in range(100)) == 1


@given(digits)
def test_one_of_ninety_seven_check_numbers_of_an_iban_is_right(body: str) -> None:
    assert sum(is_iban(f"DE{check:02}{body}000000") for check in range(2, 99)) == 1


@given(digits, st.integers(0, 11), st.integers(1, 9))
def test_a_swapped_digit_of_an_iban_is_seen(body: str, place: int, by: int) -> None:
    sound = next(
        f"DE{check:02}{body}000000" for check in range(2, 99) if is_iban(f"DE{check:02}{body}000000")
    )
    at = 4 + place
    wrong = sound[:at] + str((int(sound[at]) + by) % 10) + sound[at + 1 :]

    assert not is_iban(wrong)


@pytest.mark.parametrize("text", ["", "1", "12345678a", "٣" * 9, "-12345678", " " * 9])
def test_what_is_not_made_of_digits_is_no_number(text: str) -> None:
    checks = (is_swedish_organization, is_norwegian_organization, is_greek_tax_number, is_belgian_enterprise)

    assert not any(check(text) for check in (*checks, is_australian_business, is_danish_organization))
    assert not is_iban(text)


@pytest.mark.parametrize(
    "text, expected", [("12345678", True), ("DK12345678", True), ("DK1234567", False), ("SE12345678", False)]
)
def test_a_danish_number_has_eight_digits(text: str, expected: bool) -> None:
    assert is_danish_organization(text) is expected


@pytest.mark.parametrize(
    "text, expected",
    [("RSSMRA80A01H501U", True), ("12345678901", True), ("RSSMRA80A01H501", False), ("1234", False)],
)
def test_an_italian_tax_code_is_of_a_person_or_of_an_organization(text: str, expected: bool) -> None:
    assert is_italian_tax_code(text) is expected
