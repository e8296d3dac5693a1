"""The runner of examples: only what is expected is compared, unknown shapes are told, further rules can be added."""

import pytest

from services.rules.cases import read_cases
from services.rules.pack_text import PackInvalid
from services.rules.vector_given import Answer, Given, UnsupportedGiven
from services.rules.vectors import run_vector
from tests.golden.packs import shipped_packs

SPLIT = {"rule": "R-16", "pack": "*", "given": {"earning": "0.02"}, "expect": {"rebate": "0.01"}}


def test_only_expected_keys_are_compared() -> None:
    outcome = run_vector(SPLIT, shipped_packs())
    assert (outcome.result, outcome.actual) == ("pass", {"rebate": "0.01"})


def test_an_expected_key_without_an_answer_fails() -> None:
    assert run_vector({**SPLIT, "expect": {"bonus": "0.01"}}, shipped_packs()).result == "fail"


def test_a_rule_without_a_function_is_unsupported() -> None:
    outcome = run_vector({**SPLIT, "rule": "R-999"}, shipped_packs())
    assert (outcome.result, outcome.actual) == ("unsupported", {})


def test_a_shape_without_a_function_is_unsupported() -> None:
    assert run_vector({**SPLIT, "given": {"shoe": 44}}, shipped_packs()).result == "unsupported"


def test_an_unknown_pack_is_unsupported() -> None:
    assert run_vector({**SPLIT, "pack": "no-such-pack"}, shipped_packs()).result == "unsupported"


def test_a_value_that_the_rule_refuses_fails_with_its_reason() -> None:
    outcome = run_vector({**SPLIT, "given": {"earning": "0.001"}}, shipped_packs())
    assert outcome.result == "fail"
    assert "more decimals than USD knows" in outcome.reason


def test_further_rules_can_be_added_and_see_only_what_is_given() -> None:
    seen: list[object] = []

    def runner(given: Given) -> Answer:
        seen.append(given.values)
        return {"findings": [], "pack": given.pack.id}

    vector = {
        "rule": "R-33",
        "pack": "*",
        "given": {"a": 1},
        "expect": {"findings": [], "pack": "csp-2019-11"},
    }
    assert run_vector(vector, shipped_packs(), runners={"R-33": runner}).result == "pass"
    assert seen == [{"a": 1}]


def test_a_further_rule_that_does_not_fit_leaves_the_built_in_one() -> None:
    def runner(given: Given) -> Answer:
        raise UnsupportedGiven("shape")

    assert run_vector(SPLIT, shipped_packs(), runners={"R-16": runner}).result == "pass"


def test_what_is_given_goes_before_the_pack() -> None:
    vector = {
        "rule": "R-17",
        "pack": "*",
        "given": {
            "program": "csp-direct-bill",
            "coop_accrued_in_period": "50.00",
            "threshold": "50.00",
            "comparison": "must_reach",
        },
        "expect": {"outcome": "CLAIMABLE"},
    }
    assert run_vector(vector, shipped_packs()).result == "pass"


@pytest.mark.parametrize(
    "text,line,reason",
    [
        ("cases: []\n", 1, "does not say schema"),
        ("schema: coop.cases/1\ncases:\n- {id: a, rule: R-1, given: {}}\n", 3, "has no 'expect'"),
        (
            "schema: coop.cases/1\ncases:\n- {id: a, rule: R-1, given: {}, expect: {}}\n",
            3,
            "expect is not empty",
        ),
        (
            "schema: coop.cases/1\ncases:\n- {id: a, rule: R-1, given: {}, expect: {a: 1}, skip: true}\n",
            3,
            "'skip'",
        ),
        (
            "schema: coop.cases/1\ncases:\n" + "- {id: a, rule: R-1, given: {}, expect: {a: 1}}\n" * 2,
            4,
            "stands here twice",
        ),
    ],
)
def test_a_file_of_cases_that_is_wrong_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(PackInvalid) as refused:
        read_cases("p/cases/x.yaml", text)
    assert (refused.value.file, refused.value.line) == ("p/cases/x.yaml", line)
    assert reason in refused.value.reason
