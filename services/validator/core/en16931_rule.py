"""What a rule is: a question about an invoice that may not apply to it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from services.validator.core.en16931_model import Invoice

Item = TypeVar("Item")
Check = Callable[[Invoice], bool | None]
"""True: holds. False: broken. None: the invoice has nothing that the rule speaks of."""


def every(items: Iterable[Item], holds: Callable[[Item], bool]) -> bool | None:
    """Whether `holds` is true of each item; None when there is none."""
    answers = [holds(item) for item in items]
    return all(answers) if answers else None
