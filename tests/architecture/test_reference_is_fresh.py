"""What is generated from the code is what the code says now."""

from pathlib import Path
from typing import Any

import yaml

from schemas.events import EVENT_DATA
from services.cli.asyncapi import asyncapi_text
from services.cli.reference import reference_pages
from services.cli.settings_reference import undescribed

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_and_limit_says_what_it_is() -> None:
    assert undescribed() == []


def test_the_page_of_the_settings_is_fresh() -> None:
    committed = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert committed == reference_pages()["settings.md"], "run: make schemas"


def test_the_asyncapi_document_is_fresh() -> None:
    committed = (ROOT / "schemas" / "asyncapi.yaml").read_text(encoding="utf-8")
    assert committed == asyncapi_text(), "run: make schemas"


def test_the_asyncapi_document_tells_every_event_and_points_at_nothing_missing() -> None:
    document: dict[str, Any] = yaml.safe_load(asyncapi_text())
    assert set(document["components"]["messages"]) == set(EVENT_DATA)
    for reference in _references(document):
        if reference.startswith("./"):
            assert (ROOT / "schemas" / reference).is_file(), reference
            continue
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []
