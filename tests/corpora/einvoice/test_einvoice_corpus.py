"""Every file of the corpus is answered exactly as the table says; a file without an entry fails."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.validator.readers.einvoice import NotAnEinvoice, is_einvoice, read_einvoice
from services.validator.readers.xml_hardened import XmlRefused

FOLDER = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))


def _values(facts: dict[str, Any]) -> dict[str, str | None]:
    return {field_id: fact.value for field_id, fact in facts.items()}


def test_each_file_of_the_corpus_has_one_entry_in_the_table() -> None:
    accepted = {path.name for path in (FOLDER / "accept").iterdir()}
    rejected = {path.name for path in (FOLDER / "reject").iterdir()}
    assert accepted == set(EXPECTED["accept"])
    assert rejected == {*EXPECTED["broken"], *EXPECTED["refused"]}


@pytest.mark.parametrize("name", EXPECTED["accept"])
def test_a_sound_invoice_breaks_no_rule_and_is_read_in_full(name: str) -> None:
    xml = (FOLDER / "accept" / name).read_bytes()
    expected = EXPECTED["accept"][name]

    reading = read_einvoice(xml)

    assert is_einvoice(xml)
    assert reading.rules_broken == ()
    assert (reading.syntax, reading.kind) == (expected["syntax"], expected["kind"])
    assert list(reading.flags) == expected.get("flags", [])
    if "facts" in expected:
        assert _values(reading.facts) == expected["facts"]
        assert [_values(line) for line in reading.lines] == expected["lines"]


@pytest.mark.parametrize("name", EXPECTED["broken"])
def test_an_altered_invoice_breaks_exactly_the_rules_of_its_alteration(name: str) -> None:
    reading = read_einvoice((FOLDER / "reject" / name).read_bytes())

    assert list(reading.rules_broken) == EXPECTED["broken"][name]
    assert set(reading.rules_broken) <= set(reading.rules_checked)


@pytest.mark.parametrize("name", EXPECTED["refused"])
def test_a_hostile_or_foreign_file_is_refused_with_its_reason(name: str) -> None:
    xml = (FOLDER / "reject" / name).read_bytes()

    with pytest.raises((XmlRefused, NotAnEinvoice)) as refused:
        read_einvoice(xml)

    assert refused.value.code == EXPECTED["refused"][name]
