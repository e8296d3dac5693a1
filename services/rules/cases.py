"""The cases that ship with a pack: examples that a person in finance can read, in the shape of vectors."""

from typing import Any

from services.rules.pack_text import Marked, PackInvalid, read_marked

CASES_SCHEMA = "coop.cases/1"
CASES_MAX = 2000
_KEYS = frozenset({"id", "rule", "pack", "given", "expect", "why", "source"})
_NEEDED = ("id", "rule", "given", "expect")


def _case(item: Marked) -> dict[str, Any]:
    plain = item.plain()
    if not isinstance(plain, dict):
        raise PackInvalid(item.file, item.line, "a case is a map with id, rule, given and expect")
    for key in _NEEDED:
        if key not in plain:
            raise PackInvalid(item.file, item.line, f"the case has no {key!r}")
    unknown = sorted(plain.keys() - _KEYS)
    if unknown:
        raise PackInvalid(item.file, item.line, f"unknown key {unknown[0]!r} in a case")
    if not isinstance(plain["given"], dict) or not isinstance(plain["expect"], dict) or not plain["expect"]:
        raise PackInvalid(item.file, item.line, "given and expect are maps, and expect is not empty")
    return plain


def read_cases(file: str, text: str) -> tuple[dict[str, Any], ...]:
    """Read one file of cases (`schema: coop.cases/1`, `cases: [...]`). Raises PackInvalid with line and reason.

    Each case can be given to `run_vector`; one that names no pack belongs to the pack in whose folder it lies.
    """
    top = read_marked(file, text)
    assert isinstance(top.value, dict)
    schema, cases = top.value.get("schema"), top.value.get("cases")
    if schema is None or schema.value != CASES_SCHEMA:
        raise PackInvalid(file, 1, f"the file does not say schema: {CASES_SCHEMA}")
    if cases is None or not isinstance(cases.value, list) or len(cases.value) > CASES_MAX:
        raise PackInvalid(file, 1, f"cases is a list of at most {CASES_MAX}")
    found: dict[str, dict[str, Any]] = {}
    for item in cases.value:
        case = _case(item)
        if case["id"] in found:
            raise PackInvalid(file, item.line, f"the case {case['id']!r} stands here twice")
        found[str(case["id"])] = case
    return tuple(found.values())
