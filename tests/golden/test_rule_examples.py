"""Every example of the domain runs its rule's function and gets the expected answer."""

from importlib.resources import files
from typing import Any

import pytest
import yaml

from services.rules.vectors import run_vector
from tests.golden.packs import CLAIM_CHECK_RULES, shipped_packs

EXAMPLES: list[dict[str, Any]] = yaml.safe_load(
    (files("tests.golden") / "examples.yaml").read_text(encoding="utf-8")
)["examples"]
OF_RULES = [example for example in EXAMPLES if example["rule"] not in CLAIM_CHECK_RULES]


def test_the_file_holds_all_its_examples() -> None:
    assert len(EXAMPLES) == 98
    assert len({example["id"] for example in EXAMPLES}) == 98
    assert len(OF_RULES) == 81


@pytest.mark.parametrize("example", OF_RULES, ids=lambda example: example["id"])
def test_example_gets_its_expected_answer(example: dict[str, Any]) -> None:
    outcome = run_vector(example, shipped_packs())
    assert (outcome.result, outcome.actual) == ("pass", outcome.expected), outcome.reason


@pytest.mark.parametrize("example", OF_RULES, ids=lambda example: example["id"])
def test_example_fails_when_another_answer_is_expected(example: dict[str, Any]) -> None:
    """The comparison can fail: each expected value is replaced in turn by one that no rule answers."""
    for key in example["expect"]:
        wrong = {**example, "expect": {**example["expect"], key: "no rule says this"}}
        assert run_vector(wrong, shipped_packs()).result == "fail"
