"""The published contracts and the dependency rule."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.events import EVENT_DATA, LEDGER_KINDS
from services.cli.reference import reference_pages
from services.cli.schema import json_schemas, schema_text

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "schemas" / "json"


def test_the_committed_schemas_are_those_of_the_models() -> None:
    committed = {
        path.name.removesuffix(".schema.json"): path.read_text(encoding="utf-8")
        for path in FOLDER.glob("*.json")
    }
    assert committed == {name: schema_text(schema) for name, schema in json_schemas().items()}, (
        "run: make schemas"
    )


def test_the_committed_reference_pages_are_those_of_the_code() -> None:
    for name, text in reference_pages().items():
        committed = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
        assert committed == text, "run: make schemas"


def test_every_ledger_kind_is_a_published_event_type() -> None:
    assert {f"coop.ledger.{kind}.v1" for kind in LEDGER_KINDS} <= set(EVENT_DATA)


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_a_schema_refuses_what_it_does_not_know(name: str) -> None:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False


def test_the_dependency_rule_holds() -> None:
    told = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-3000:]
