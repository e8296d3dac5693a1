"""Rules about identifiers that check themselves: registration numbers with check digits."""

import re
from collections.abc import Callable

from services.validator.core.en16931_rule import Check, every

_DIGITS = re.compile(r"[0-9]+")
_NORWEGIAN_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_AUSTRALIAN_WEIGHTS = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_ITALIAN_PERSON = re.compile(r"[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z0-9]{3}[0-9][A-Za-z]")
_ITALIAN_OFFICE = re.compile(r"[A-Za-z0-9]{6}")
_DANISH = re.compile(r"(DK)?[0-9]{8}")


def _all_digits(text: str, length: int | None = None) -> bool:
    return _DIGITS.fullmatch(text) is not None and (length is None or len(text) == length)


def is_gln(text: str) -> bool:
    """GS1: the weights 3 and 1 alternate from the right, before the check digit."""
    if not _all_digits(text):
        return False
    body, check = text[:-1], int(text[-1])
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return (10 - weighted % 10) % 10 == check


def is_norwegian_organization(text: str) -> bool:
    """Nine digits, modulo 11."""
    if not _all_digits(text, 9) or int(text) == 0:
        return False
    weighted = sum(int(digit) * weight for digit, weight in zip(text[:8], _NORWEGIAN_WEIGHTS, strict=True))
    return (11 - weighted % 11) % 11 == int(text[8])


def is_danish_organization(text: str) -> bool:
    """Eight digits, with or without DK before them."""
    return _DANISH.fullmatch(text) is not None


def is_belgian_enterprise(text: str) -> bool:
    """Ten digits; the last two are 97 minus the rest modulo 97."""
    return _all_digits(text, 10) and int(text[8:]) == 97 - int(text[:8]) % 97


def is_swedish_organization(text: str) -> bool:
    """Ten digits, the last by the Luhn formula."""
    if not _all_digits(text, 10):
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(text[:9])]
    return (10 - sum(value // 10 + value % 10 for value in doubled) % 10) % 10 == int(text[9])


def is_australian_business(text: str) -> bool:
    """Eleven digits, modulo 89 after one is taken from the first."""
    if not _all_digits(text, 11):
        return False
    digits = [int(text[0]) - 1, *(int(digit) for digit in text[1:])]
    return sum(digit * weight for digit, weight in zip(digits, _AUSTRALIAN_WEIGHTS, strict=True)) % 89 == 0


def is_italian_vat(text: str) -> bool:
    """IT and eleven digits by the Luhn formula; a number of another country passes."""
    if text[:2].upper() != "IT":
        return True
    number = text[2:]
    if not _all_digits(number, 11):
        return False
    values = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(number)]
    return sum(value // 10 + value % 10 for value in values) % 10 == 0


def is_italian_tax_code(text: str) -> bool:
    """Sixteen characters of a person, or eleven digits of an organization."""
    return _ITALIAN_PERSON.fullmatch(text) is not None or _all_digits(text, 11)


def is_greek_tax_number(text: str) -> bool:
    """Nine digits; the first eight weigh 256 down to 2, modulo 11, modulo 10."""
    if not _all_digits(text, 9):
        return False
    weighted = sum(int(digit) << (8 - place) for place, digit in enumerate(text[:8]))
    return weighted % 11 % 10 == int(text[8])


def _party_ids(scheme: str, is_valid: Callable[[str], bool]) -> Check:
    return lambda invoice: every(
        (found.text.strip() for found in invoice.party_ids if found.scheme == scheme), is_valid
    )


def _endpoints(scheme: str, is_valid: Callable[[str], bool]) -> Check:
    return lambda invoice: every(
        (found.text.strip() for found in invoice.endpoints if found.scheme == scheme), is_valid
    )


RULES: dict[str, Check] = {
    "PEPPOL-COMMON-R040": _party_ids("0088", is_gln),
    "PEPPOL-COMMON-R041": _party_ids("0192", is_norwegian_organization),
    "PEPPOL-COMMON-R042": _party_ids("0184", is_danish_organization),
    "PEPPOL-COMMON-R043": _party_ids("0208", is_belgian_enterprise),
    "PEPPOL-COMMON-R044": _party_ids("0201", lambda text: _ITALIAN_OFFICE.fullmatch(text) is not None),
    "PEPPOL-COMMON-R045": _party_ids("0210", is_italian_tax_code),
    "PEPPOL-COMMON-R046": _endpoints("9907", is_italian_tax_code),
    "PEPPOL-COMMON-R047": _party_ids("0211", is_italian_vat),
    "PEPPOL-COMMON-R048": _endpoints("9906", is_italian_vat),
    "PEPPOL-COMMON-R049": _party_ids("0007", is_swedish_organization),
    "PEPPOL-COMMON-R050": _party_ids("0151", is_australian_business),
}
