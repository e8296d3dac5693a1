"""Which amounts are the invoice's totals: what labels say, confirmed or corrected by net + tax = gross.

Totals are chosen together from the options of `text_options`: a trio that adds up beats a better label that does not. Two different totals that nothing tells
apart are ambiguous, never guessed (R-42).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from services.validator.readers.text_amounts import Amount
from services.validator.readers.text_options import Option
from services.validator.readers.text_roles import Role

_OPTIONS_MAX = 14
_ARITHMETIC = 0.8
_RATE = 0.2
_SUM_OF_TAXES_MAX = 6
_MARGIN = 0.12
_SCORE_MIN = 0.5
_CENT = Decimal("0.01")


class Total(NamedTuple):
    """A settled total: the value (None when ambiguous), where it stands, and what supports it."""

    value: Decimal | None
    amount: Amount
    score: float
    alternatives: tuple[Decimal, ...]
    checks: tuple[str, ...]


def _best(options: Iterable[Option], roles: dict[Role, float]) -> dict[Decimal, Option]:
    """For each value the best option under any of the roles, its score weighed by the role."""
    best: dict[Decimal, Option] = {}
    for option in options:
        weight = roles.get(option.role)
        if weight is None:
            continue
        weighed = option._replace(score=option.score * weight)
        if option.value not in best or weighed.score > best[option.value].score:
            best[option.value] = weighed
    top = sorted(best.values(), key=lambda option: -option.score)[:_OPTIONS_MAX]
    return {option.value: option for option in top}


class _Trio(NamedTuple):
    score: float
    gross: Option
    net: Option | None
    tax: Option | None
    checks: tuple[str, ...]


def settle(options: list[Option], rates: frozenset[Decimal]) -> dict[str, Total]:
    """The totals: total_gross, total_net, total_tax, amount_due, prepaid, those that the page gives.

    `rates` are the percentages printed anywhere; a tax that is a printed rate of the net adds trust.
    """
    gross = _best(options, {Role.GROSS: 1.0, Role.DUE: 1.0, Role.SUBTOTAL: 0.35})
    nets = _best(options, {Role.NET: 1.0, Role.SUBTOTAL: 1.0, Role.GROSS: 0.45})
    taxes = _with_sums(options, _best(options, {Role.TAX: 1.0}))
    due = _best(options, {Role.DUE: 1.0})
    paid = _best(options, {Role.PAID: 1.0})
    trios = [_with_rows(trio, options) for trio in _trios(gross, nets, taxes, rates)]
    ranked = sorted((_with_due(trio, due, paid) for trio in trios), key=lambda trio: -trio.score)
    settled: dict[str, Total] = {}
    if ranked and ranked[0].score >= _SCORE_MIN:
        settled = _totals(ranked, options)
    for name, found in (("amount_due", due), ("prepaid", paid)):
        best = max(found.values(), key=lambda option: option.score, default=None)
        if best is not None and best.score >= _SCORE_MIN and len(best.amount.readings) == 1:
            settled[name] = Total(best.value, best.amount, best.score, (), (best.why,))
    return settled


def _with_sums(options: list[Option], taxes: dict[Decimal, Option]) -> dict[Decimal, Option]:
    """Taxes by rate add up: sums of plainly labeled tax amounts on different rows are possible totals too."""
    rows: dict[tuple[int, int], Option] = {}
    for option in options:
        if option.role is Role.TAX and option.score >= 0.6 and option.value:
            key = (option.amount.cell.page, option.amount.cell.row)
            if key not in rows or option.score > rows[key].score:
                rows[key] = option
    single = list(rows.values())[:_SUM_OF_TAXES_MAX]
    summed = dict(taxes)
    for size in range(2, len(single) + 1):
        for part in combinations(single, size):
            value = sum((option.value for option in part), Decimal(0))
            if value not in summed:
                summed[value] = part[-1]._replace(value=value, score=0.5, why="sum of taxes")
    return summed


def _trios(
    gross: dict[Decimal, Option],
    nets: dict[Decimal, Option],
    taxes: dict[Decimal, Option],
    rates: frozenset[Decimal],
) -> list[_Trio]:
    trios = [_Trio(option.score, option, None, None, (option.why,)) for option in gross.values()]
    for total in gross.values():
        for net in nets.values():
            if net.amount is total.amount:
                continue
            tax = taxes.get(total.value - net.value)
            checks = ["net+tax=gross"]
            if tax is None:
                near = [
                    t for t in taxes.values() if t.value and abs(t.value + net.value - total.value) == _CENT
                ]
                if not near:
                    continue
                tax, checks = near[0], ["net+tax=gross within 0.01"]
            if tax.amount is total.amount or tax.amount is net.amount or abs(tax.value) > abs(net.value):
                continue
            if abs(net.value) > abs(total.value) or (
                tax.value and net.value and (tax.value < 0) != (net.value < 0)
            ):
                continue
            if tax.value == 0:
                score = total.score + 0.5 * tax.score + 0.5 * net.score
            else:
                score = (
                    total.score
                    + 0.5 * net.score
                    + 0.5 * tax.score
                    + (_ARITHMETIC if len(checks[0]) < 14 else 0.3)
                )
                if _is_rate(tax.value, net.value, rates):
                    score += _RATE
                    checks.append("tax is a printed rate of net")
            trios.append(_Trio(score, total, net, tax, (total.why, *checks)))
    return trios


def _with_rows(trio: _Trio, options: list[Option]) -> _Trio:
    """A total under a column is the sum of the rows above it: one for each tax rate."""
    if trio.gross.why != "header":
        return trio
    column = trio.gross.amount
    above = {
        (option.amount.cell.page, option.amount.cell.row): option.value
        for option in options
        if option.why == "header"
        and option.role is trio.gross.role
        and option.amount is not column
        and option.amount.cell.page == column.cell.page
        and abs(option.amount.right - column.right) < 3
        and option.amount.cell.row < column.cell.row
    }
    if len(above) >= 2 and sum(above.values(), Decimal(0)) == trio.gross.value:
        return trio._replace(score=trio.score + 0.5, checks=(*trio.checks, "sum of the rows above"))
    return trio


def _is_rate(tax: Decimal, net: Decimal, rates: frozenset[Decimal]) -> bool:
    return net != 0 and any(abs(net * rate / 100 - tax) <= _CENT for rate in rates)


def _with_due(trio: _Trio, due: dict[Decimal, Option], paid: dict[Decimal, Option]) -> _Trio:
    """Gross less what was paid is what is due: that confirms the gross."""
    if trio.gross.role is Role.DUE:
        return trio
    value = trio.gross.value
    payments = [abs(option.value) for option in paid.values() if option.value]
    if any(value - payment in due or value + payment in due for payment in payments):
        return trio._replace(score=trio.score + 0.4, checks=(*trio.checks, "gross-paid=due"))
    return trio._replace(score=trio.score + 0.1) if value in due else trio


def _is_rest(option: Option, total: Option) -> bool:
    """Whether an amount due is what payments left of a plain total: smaller, and no rival to it."""
    return option.role is Role.DUE and total.role is Role.GROSS and abs(option.value) < abs(total.value)


def _totals(ranked: list[_Trio], options: list[Option]) -> dict[str, Total]:
    best = ranked[0]
    checks = best.checks
    proven = best.net is not None and best.tax is not None and best.tax.value != 0
    rivals = [
        trio
        for trio in ranked
        if trio.gross.value != best.gross.value
        and best.score - trio.score < _MARGIN
        and not _is_rest(trio.gross, best.gross)
    ]
    alternatives = tuple(dict.fromkeys(trio.gross.value for trio in rivals))
    readings = best.gross.amount.readings
    if not proven and len(readings) > 1:
        alternatives = tuple(dict.fromkeys((*readings, *alternatives)))
    if alternatives:
        whole = tuple(dict.fromkeys((best.gross.value, *alternatives)))
        settled = {"total_gross": Total(None, best.gross.amount, best.score, whole, checks)}
    else:
        settled = {"total_gross": Total(best.gross.value, best.gross.amount, best.score, (), checks)}
    if best.net is not None and best.tax is not None and not alternatives:
        settled["total_net"] = Total(
            best.net.value, best.net.amount, best.score, (), checks[1:] or (best.net.why,)
        )
        settled["total_tax"] = Total(
            best.tax.value, best.tax.amount, best.score, (), checks[1:] or (best.tax.why,)
        )
        return settled
    for name, role in (("total_net", Role.NET), ("total_tax", Role.TAX)):
        plain = [o for o in options if o.role is role and o.score >= 0.8 and o.why.startswith("label:")]
        values = {option.value for option in plain}
        if len(values) == 1 and len(plain[0].amount.readings) == 1:
            settled[name] = Total(plain[0].value, plain[0].amount, plain[0].score, (), (plain[0].why,))
    return settled
