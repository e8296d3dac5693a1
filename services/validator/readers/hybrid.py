"""A PDF that carries its invoice as XML: the XML's values stand, and each is held against what the page shows.

Both places stay known: the XML's fact under its field, the page's under `page.<field>`. A disagreement is reported
only when the page's value was read with confidence and the XML's own value is nowhere to be seen on the page: a
label that was misread is no contradiction.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from schemas.facts import Fact
from services.validator.readers.pdf_words import PageWords

MISMATCH = "hybrid_mismatch"
AGREES, DIFFERS = "page_agrees", "page_differs"
COMPARED = ("invoice_number", "issue_date", "currency", "total_gross", "total_net", "total_tax")
_AMOUNTS = frozenset({"total_gross", "total_net", "total_tax"})
_CONFIDENCE_MIN = 0.8
_WORDS_OF_ONE_AMOUNT_MAX = 3
_NOT_DIGITS = re.compile(r"\D")
_SPACES = re.compile(r"[\s\u00a0\u202f-]+")


def merge(
    xml: dict[str, Fact], page: dict[str, Fact], pages: tuple[PageWords, ...]
) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """The facts of both, XML first, and a flag `hybrid_mismatch:<field>` for each contradiction."""
    facts = dict(xml)
    flags: list[str] = []
    printed = _Printed(pages)
    for field in COMPARED:
        said, shown = xml.get(field), page.get(field)
        if said is None or said.value is None or shown is None:
            continue
        facts[f"page.{field}"] = shown
        if shown.value is None or shown.ambiguous or shown.confidence < _CONFIDENCE_MIN:
            continue
        if _same(field, said.value, shown.value):
            facts[field] = _checked(said, AGREES)
        elif not any(_same(field, said.value, other) for other in shown.alternatives) and not printed.shows(
            field, said.value
        ):
            facts[field] = _checked(said, DIFFERS)
            flags.append(f"{MISMATCH}:{field}")
    for field, shown in page.items():
        facts.setdefault(field, shown)
    return facts, tuple(flags)


def _checked(fact: Fact, check: str) -> Fact:
    return fact.model_copy(update={"checks": (*fact.checks, check)})


def _same(field: str, said: str, shown: str) -> bool:
    if field in _AMOUNTS:
        # A credit note prints its amounts with or without a sign.
        said_amount, shown_amount = _amount(said), _amount(shown)
        return said_amount is not None and shown_amount is not None and abs(said_amount) == abs(shown_amount)
    return _bare(said) == _bare(shown)


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _bare(text: str) -> str:
    return _SPACES.sub("", text).casefold()


class _Printed:
    """What a person can find on the pages when looking for a value."""

    def __init__(self, pages: tuple[PageWords, ...]) -> None:
        seen = [[word.text for word in page.words if not word.hidden] for page in pages]
        self._text = _bare(" ".join(word for words in seen for word in words))
        self._amounts = {digits for words in seen for digits in _digit_groups(words)}

    def shows(self, field: str, said: str) -> bool:
        """Whether the value is printed somewhere, in any notation of an amount."""
        if field in _AMOUNTS:
            amount = _amount(said)
            if amount is None or not amount.is_finite():
                return False
            forms = {_NOT_DIGITS.sub("", f"{abs(amount):f}"), _NOT_DIGITS.sub("", f"{abs(amount):.2f}")}
            return not forms.isdisjoint(self._amounts)
        return field == "invoice_number" and _bare(said) in self._text


def _digit_groups(words: list[str]) -> Iterable[str]:
    digits = [_NOT_DIGITS.sub("", word) for word in words]
    for at, first in enumerate(digits):
        joined = ""
        for following in digits[at : at + _WORDS_OF_ONE_AMOUNT_MAX] if first else ():
            if not following:
                break
            joined += following
            yield joined
