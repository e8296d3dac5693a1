"""`coop schema`: the published contracts as JSON Schema."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from schemas.base import SCHEMA_ROOT, Contract
from schemas.bundle import Manifest
from schemas.claims import ClaimView, Receipt, ReviewDecision
from schemas.decisions import Decision
from schemas.events import EVENT_DATA
from schemas.facts import DocumentFacts
from schemas.problems import Problem
from services.cli.asyncapi import asyncapi_text
from services.cli.output import aside, emit_json
from services.cli.reference import reference_pages

app = App(name="schema", help="The contracts between the parts.")
DOCUMENTS: dict[str, type[Contract]] = {
    "coop.bundle.1": Manifest,
    "coop.receipt.1": Receipt,
    "coop.claim.1": ClaimView,
    "coop.decision.1": Decision,
    "coop.facts.1": DocumentFacts,
    "coop.problem.1": Problem,
    "coop.review-decision.1": ReviewDecision,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return every published schema by its name: documents, and the data of every event type."""
    found = {}
    for name, model in (*DOCUMENTS.items(), *EVENT_DATA.items()):
        schema = model.model_json_schema(mode="serialization" if name not in DOCUMENTS else "validation")
        found[name] = {"$schema": _DIALECT, "$id": f"{SCHEMA_ROOT}{name}", **schema}
    return found


@app.command
def export(folder: Path | None = None, *, json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Write one `<name>.schema.json` for each contract into FOLDER, or all to stdout.

    Parameters
    ----------
    folder
        Where the files go; files of contracts that no longer exist are removed.
    json_
        Print one JSON document.
    """
    schemas = json_schemas()
    if folder is None:
        emit_json(schemas)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.schema.json"):
        if old.name.removesuffix(".schema.json") not in schemas:
            old.unlink()
    for name, schema in schemas.items():
        (folder / f"{name}.schema.json").write_text(schema_text(schema), encoding="utf-8")
    if json_:
        emit_json({"written": sorted(schemas)})
    else:
        aside.print(f"wrote {len(schemas)} schemas to {folder}")


@app.command
def reference(folder: Path) -> None:
    """Write the generated reference pages into FOLDER.

    Parameters
    ----------
    folder
        Where the pages go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in reference_pages().items():
        (folder / name).write_text(text, encoding="utf-8")
        aside.print(f"wrote {folder / name}")


@app.command
def asyncapi(file: Path | None = None) -> None:
    """Write the AsyncAPI document of all events and queues into FILE, or to stdout.

    Parameters
    ----------
    file
        Where it goes.
    """
    if file is None:
        sys.stdout.write(asyncapi_text())
        return
    file.write_text(asyncapi_text(), encoding="utf-8")
    aside.print(f"wrote {file}")


def schema_text(schema: dict[str, Any]) -> str:
    """The bytes of a schema file."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
