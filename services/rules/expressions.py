"""The comparisons a pack may state between values of a claim. A closed grammar: nothing in it can run code.

comparison = operand ("==" | "<=" | ">=" | "within") operand
operand    = name | "sum(" name " * " name ")" | "sum(" name ")"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from schemas.base import Period

EXPRESSION_CHARS_MAX = 200
Operator = Literal["==", "<=", ">=", "within"]
Value = Decimal | date | Period | tuple[Decimal, ...]

_NAME = r"[a-z][a-z0-9_]{0,63}"
_OPERAND = rf"{_NAME}|sum\({_NAME}(?: \* {_NAME})?\)"
_COMPARISON = re.compile(rf"({_OPERAND}) (==|<=|>=|within) ({_OPERAND})")


class NotAnExpression(ValueError):
    """The text is not in the grammar of comparisons."""


@dataclass(frozen=True)
class Operand:
    """A value by name, or the sum of a list, or of the products of two lists (or of a list and one number)."""

    names: tuple[str, ...]
    is_sum: bool


@dataclass(frozen=True)
class Comparison:
    """A parsed comparison; `text` is what the pack says."""

    text: str
    left: Operand
    operator: Operator
    right: Operand

    @property
    def names(self) -> frozenset[str]:
        """Every value the comparison needs."""
        return frozenset(self.left.names + self.right.names)


def _operand(text: str) -> Operand:
    if text.startswith("sum("):
        return Operand(tuple(text[4:-1].split(" * ")), is_sum=True)
    return Operand((text,), is_sum=False)


def parse_comparison(text: str) -> Comparison:
    """Read one comparison. Raises NotAnExpression."""
    match = _COMPARISON.fullmatch(text) if len(text) <= EXPRESSION_CHARS_MAX else None
    if match is None:
        raise NotAnExpression(
            f"{text[:EXPRESSION_CHARS_MAX]!r} is not a comparison: write it as name == sum(name * name) or name within name"
        )
    left, operator, right = match.groups()
    return Comparison(text, _operand(left), operator, _operand(right))  # type: ignore[arg-type]  # the pattern's own four


def _listed(value: Value) -> tuple[Decimal, ...]:
    if isinstance(value, Decimal):
        return (value,)
    if isinstance(value, tuple):
        return value
    raise TypeError("a sum is taken of numbers")


def _evaluated(operand: Operand, values: Mapping[str, Value]) -> Value:
    if not operand.is_sum:
        return values[operand.names[0]]
    lists = [_listed(values[name]) for name in operand.names]
    if len(lists) == 1:
        return sum(lists[0], Decimal(0))
    first, second = lists
    if len(first) != len(second):
        # One price for a number of people, or one number beside a list: the product of the sums.
        return sum(first, Decimal(0)) * sum(second, Decimal(0))
    return sum((one * other for one, other in zip(first, second, strict=True)), Decimal(0))


def holds(comparison: Comparison, values: Mapping[str, Value]) -> bool | None:
    """Whether the comparison is true; None when a value it needs is absent (then the check does not run)."""
    if not comparison.names <= values.keys():
        return None
    left, right = _evaluated(comparison.left, values), _evaluated(comparison.right, values)
    if comparison.operator == "within":
        return isinstance(right, Period) and left in right
    if comparison.operator == "==":
        return left == right
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left <= right if comparison.operator == "<=" else left >= right
    if isinstance(left, date) and isinstance(right, date):
        return left <= right if comparison.operator == "<=" else left >= right
    return None
