"""What no text that is kept may hold."""

from collections.abc import Mapping


def holds_nul(value: object) -> bool:
    """Tell whether any text within `value` (of nested lists and mappings) has a NUL, which no database text can keep."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(holds_nul(key) or holds_nul(kept) for key, kept in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(holds_nul, value))
    return False
