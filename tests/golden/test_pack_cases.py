"""The cases that ship with the packs hold, and each rule has one."""

from importlib.resources import files
from typing import Any

import pytest

from services.rules.cases import read_cases
from services.rules.vectors import run_vector
from services.rules.vocabulary import load_vocabulary
from services.validator.core.vectors import claim_runners
from tests.golden.packs import shipped_packs


def _all_cases() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for pack_id in shipped_packs():
        folder = files("rulepacks") / pack_id / "cases"
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            text = file.read_text(encoding="utf-8")
            found += [(pack_id, case) for case in read_cases(f"{pack_id}/cases/{file.name}", text)]
    return found


CASES = _all_cases()


CLAIM_RUNNERS = claim_runners(
    load_vocabulary((files("rulepacks") / "findings.yaml").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("pack_id,case", CASES, ids=[f"{pack_id}-{case['id']}" for pack_id, case in CASES])
def test_case_of_a_pack_holds(pack_id: str, case: dict[str, Any]) -> None:
    outcome = run_vector(case, shipped_packs(), runners=CLAIM_RUNNERS, default_pack=pack_id)
    assert (outcome.result, outcome.actual) == ("pass", outcome.expected), outcome.reason


@pytest.mark.parametrize("pack_id", sorted(shipped_packs()))
def test_pack_ships_with_cases_and_sources(pack_id: str) -> None:
    assert [case for owner, case in CASES if owner == pack_id]
    sources = (files("rulepacks") / pack_id / "SOURCES.md").read_text(encoding="utf-8")
    assert sources.startswith(f"# Where the rules of {pack_id} come from")


def test_case_ids_are_unique_inside_a_pack() -> None:
    names = [(pack_id, case["id"]) for pack_id, case in CASES]
    assert len(names) == len(set(names))


def test_every_cap_of_the_catalog_has_a_case_that_hits_it() -> None:
    hit = {str(case["expect"].get("cap")) for _, case in CASES}
    hit |= {code.removeprefix("CAP_HIT:") for _, case in CASES for code in case["expect"].get("findings", ())}
    caps = {
        cap.id
        for pack in shipped_packs().values()
        for activity in pack.activities.values()
        for cap in activity.caps
    }
    assert caps <= hit
