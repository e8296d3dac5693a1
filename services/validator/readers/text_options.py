"""Every amount under each role that the page gives it: by its row's label, its column's header, the words behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from schemas.money import EXPONENTS
from services.validator.readers.text_amounts import Amount
from services.validator.readers.text_candidates import Document
from services.validator.readers.text_layout import Cell
from services.validator.readers.text_roles import AmountLabel, Role, amount_label

_NEAR_EMS = 4.0
_HEADER_ROWS_MAX = 45
_LABEL_WORDS_MAX = 7


class Option(NamedTuple):
    """An amount under one role with the trust (0 to 1) in that, and what gave it the role."""

    value: Decimal
    role: Role
    score: float
    amount: Amount
    why: str


class _Group(NamedTuple):
    label: AmountLabel | None
    words: str
    amounts: list[Amount]


def options_of(document: Document, amounts: dict[int, list[Amount]]) -> list[Option]:
    """All roles that the page gives its amounts; `amounts` by cell identity, already in the document's locale."""
    has_cents = any(a.decimals == 2 and not a.percent for cell in amounts.values() for a in cell)
    found: list[Option] = []
    for page in document.pages:
        for row in page.rows:
            for group in _groups(row, amounts):
                if not _usable(group, has_cents):
                    money = [amount for amount in group.amounts if amount.looks_like_money]
                    group = group._replace(amounts=money)
                found.extend(_of_group(document, group, amounts))
    return [_weighed(option, has_cents) for option in found]


def _weighed(option: Option, has_cents: bool) -> Option:
    """A whole number without a currency on a page of cents is rather a count than a total."""
    if has_cents and not option.amount.looks_like_money:
        return option._replace(score=option.score * 0.6)
    return option


def _usable(group: _Group, has_cents: bool) -> bool:
    """Unit prices with four decimals, and whole numbers in company (phone numbers, counts), are no totals."""
    money = [amount for amount in group.amounts if amount.looks_like_money]
    if len(money) == len(group.amounts):
        return True
    return len(group.amounts) == 1 and group.amounts[0].decimals < 2 if has_cents else True


def _groups(row: list[Cell], amounts: dict[int, list[Amount]]) -> list[_Group]:
    """The amounts of a row under the label to their left."""
    groups: list[_Group] = []
    words, label = "", None
    last_text: Cell | None = None
    for cell in row:
        here = [amount for amount in amounts.get(id(cell), ()) if not amount.percent]
        if not here:
            if any(c.isalpha() for c in cell.norm) and not _only_currency(cell.text):
                near = (
                    last_text is not None
                    and cell.box[0] - last_text.box[2] < _NEAR_EMS * cell.size
                    and not groups_end(groups, row, cell)
                )
                joined = f"{words} {cell.norm}" if near else cell.norm
                words, label = joined, amount_label(joined) or amount_label(cell.norm)
                last_text = cell
            continue
        offset = 0
        for index, amount in enumerate(here):
            between = _norm_between(cell, offset, amount.start)
            if any(c.isalpha() for c in between) and not _only_currency(between):
                words, label = between, _label_of(between)
                groups.append(_Group(label, words, []))
            elif not groups or groups[-1].words != words or (index == 0 and groups[-1].label is not label):
                groups.append(_Group(label, words, []))
            groups[-1].amounts.append(amount)
            offset = amount.end
        last_text = cell if any(c.isalpha() for c in cell.norm) else last_text
    return groups


def groups_end(groups: list[_Group], row: list[Cell], cell: Cell) -> bool:
    """Whether an amount stands between the last label and this cell, so that a new label begins."""
    return (
        bool(groups)
        and any(a.cell.column < cell.column for a in groups[-1].amounts)
        and row[0].page == cell.page
    )


def _label_of(words: str) -> AmountLabel | None:
    """The label of an amount in a longer line: all words, or those behind the last figure ("No 7 Date 2019-09-03 Total")."""
    parts = words.split()
    digits = [at for at, word in enumerate(parts) if any(c.isdigit() for c in word)]
    tail = " ".join(parts[digits[-1] + 1 :]) if digits else ""
    last = amount_label(tail) if tail else None
    if last is not None and len(parts) > _LABEL_WORDS_MAX:
        return last
    return amount_label(words) or last


def _norm_between(cell: Cell, start: int, end: int) -> str:
    return "".join(c for c, place in zip(cell.norm, cell.places, strict=True) if start <= place < end).strip()


def _only_currency(text: str) -> bool:
    words = re.sub(r"[()\[\]:.]", " ", text).split()
    return all(
        word.upper() in EXPONENTS or word.casefold() in _CURRENCY_SIGNS or not any(c.isalnum() for c in word)
        for word in words
    )


_CURRENCY_SIGNS = frozenset({"kr", "rs", "zl", "zł", "kc", "kč", "ft", "euro", "euros", "fr"})


def _of_group(document: Document, group: _Group, amounts: dict[int, list[Amount]]) -> list[Option]:
    found: list[Option] = []
    count = len(group.amounts)
    for index, amount in enumerate(group.amounts):
        suffix = _suffix_label(amount)
        header = _header(document, amount, amounts) if suffix is None else None
        for reading in amount.readings:
            trust = 1.0 if len(amount.readings) == 1 else 0.95
            if group.label is not None:
                label = group.label
                if suffix is not None and label.role in (Role.GROSS, Role.DUE, Role.SUBTOTAL):
                    label = AmountLabel(
                        suffix.role
                        if label.role is not Role.DUE or suffix.role is not Role.GROSS
                        else label.role,
                        max(label.strength, 0.9),
                    )
                found.extend(_labeled(reading, label, amount, index, count, trust, group.words))
            elif suffix is not None:
                found.append(Option(reading, suffix.role, 0.45 * trust, amount, "suffix"))
            if header is not None and (
                group.label is None or group.label.role not in (Role.OTHER, Role.PAID)
            ):
                role, strength, near = header
                fit = _header_fit(group, count, near)
                if fit:
                    found.append(Option(reading, role, strength * fit * trust, amount, "header"))
    return found


def _header_fit(group: _Group, count: int, near: bool) -> float:
    """How far a column header speaks for an amount: it names every line item too, so only rows of totals count."""
    if group.label is not None:
        return 0.85 if count > 1 else 0.0
    if not group.words:
        return 0.8 if near else 0.7
    return 0.0


def _labeled(
    reading: Decimal, label: AmountLabel, amount: Amount, index: int, count: int, trust: float, words: str
) -> Iterable[Option]:
    why = f"label:{words}"
    last = index == count - 1
    if label.role is Role.TAX and amount.raw.startswith("("):
        yield Option(abs(reading), label.role, label.strength * trust, amount, why)  # "(of which tax 35.13)"
        return
    score = label.strength * trust
    if last:
        yield Option(reading, label.role, score, amount, why)
        return
    yield Option(reading, label.role, score * 0.4, amount, why)
    if label.role in (Role.GROSS, Role.DUE, Role.TAX):
        yield Option(reading, Role.NET, 0.4 * trust, amount, why)
        if label.role is not Role.TAX:
            yield Option(reading, Role.TAX, 0.4 * trust, amount, why)


def _suffix_label(amount: Amount) -> AmountLabel | None:
    """What words right behind an amount say ("29,99 € TTC", "100.00 excl. VAT")."""
    words = _norm_between(amount.cell, amount.end, len(amount.cell.text))
    if not words or len(words.split()) > 3:
        return None
    label = amount_label(words)
    return (
        label
        if label is not None and label.role in (Role.NET, Role.GROSS) and label.strength == 1.0
        else None
    )


def _header(
    document: Document, amount: Amount, amounts: dict[int, list[Amount]]
) -> tuple[Role, float, bool] | None:
    """The role that the words above an amount's column give it, their strength, and whether they are just above."""
    cell = amount.cell
    left, right = amount.left, amount.right
    words: list[str] = []
    top: float | None = None
    bottom = 0.0
    for count, row in enumerate(document.rows_above(cell)):
        if count > _HEADER_ROWS_MAX:
            break
        over = [other for other in row if other.box[0] < right + 2 and other.box[2] > left - 2]
        texts = [
            o
            for o in over
            if any(c.isalpha() for c in o.norm)
            and not any(not a.percent and a.looks_like_money for a in amounts.get(id(o), ()))
        ]
        if words and (not texts or top is None or top - texts[0].box[3] > 0.7 * cell.size or len(words) >= 3):
            break
        for other in texts[:1]:
            if len(other.norm.split()) > 5:
                return None
            words.insert(0, other.norm)
            top = other.box[1]
            bottom = other.box[3] if len(words) == 1 else bottom
        if over and not texts and words:
            break
    if not words:
        return None
    label = amount_label(" ".join(words)) or amount_label(words[-1])
    if label is None or label.role in (Role.OTHER, Role.PAID):
        return None
    near = cell.box[1] - bottom < 2.5 * cell.size
    return label.role, label.strength, near
