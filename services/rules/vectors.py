"""Running examples of rules: given values in, the answer of the rule's function out, held against what is expected.

A vector names its rule, its pack (`*` is the first edition) and what is given. Which function runs is decided by the
rule and the shape of what is given. Only the keys of `expect` are compared, and nothing but the comparison sees them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.rules.pack import RulePack
from services.rules.vector_given import Answer, Given, Runner, UnsupportedGiven, plain
from services.rules.vector_runners import RUNNERS

ANY_PACK = "*"
FIRST_EDITION = "csp-2019-11"
_ABSENT = "(no answer)"


@dataclass(frozen=True)
class VectorResult:
    """`unsupported` means that no function of the rule takes what is given; both answers hold the compared keys."""

    result: Literal["pass", "fail", "unsupported"]
    expected: Answer
    actual: Answer
    reason: str = ""


def _answer(rule: str, given: Given, runners: Mapping[str, Runner]) -> Answer:
    """The answer of the first function that takes what is given. Raises UnsupportedGiven."""
    for registry in (runners, RUNNERS):
        if rule in registry:
            try:
                return registry[rule](given)
            except UnsupportedGiven:
                continue
    raise UnsupportedGiven(rule)


def run_vector(
    vector: Mapping[str, Any],
    packs: Mapping[str, RulePack],
    *,
    runners: Mapping[str, Runner] | None = None,
    default_pack: str = ANY_PACK,
) -> VectorResult:
    """Run one vector. `runners` are further functions by rule (checks of claims); they go before the built-in ones.

    A pack that is not there is unsupported; a value that the rule refuses is a failure with its reason.
    """
    expected: Answer = plain(vector["expect"])
    pack_id = str(vector.get("pack") or default_pack)
    pack = packs.get(FIRST_EDITION if pack_id == ANY_PACK else pack_id)
    if pack is None:
        return VectorResult("unsupported", expected, {}, f"there is no pack {pack_id!r}")
    try:
        answer = plain(_answer(str(vector["rule"]), Given(vector["given"], pack), runners or {}))
    except UnsupportedGiven as unsupported:
        return VectorResult(
            "unsupported", expected, {}, f"{vector['rule']} has no function for {unsupported}"
        )
    except (ValueError, LookupError, TypeError) as refused:
        return VectorResult("fail", expected, {}, str(refused))
    actual = {key: answer.get(key, _ABSENT) for key in expected}
    return VectorResult("pass" if actual == expected else "fail", expected, actual)
