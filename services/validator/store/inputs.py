"""What each decision was made from, only ever added to. Facts that are kept by content are named, not repeated."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.validator.core.inputs import CheckInputs, RecordedInputs
from services.validator.store import facts
from services.validator.store.tables import inputs as table

KEPT_FACTS = "kept_facts"


def add(tx: Connection, decision_id: str, inputs: CheckInputs, engine: str) -> None:
    """Keep the inputs of a decision; `engine` is the version of the readers whose facts may be named."""
    values = inputs.recorded()
    for document, plain in zip(inputs.in_order().documents, values["documents"], strict=True):
        if facts.found(tx, document.facts.sha256, document.file, engine) == document.facts:
            del plain["facts"]
            plain[KEPT_FACTS] = engine
    tx.execute(sa.insert(table).values(decision_id=decision_id, inputs=_text(values)))


def of_decision(tx: Connection, decision_id: str) -> RecordedInputs | None:
    """Return what a decision was made from; None where that was not kept, or facts that it names are gone."""
    text = tx.execute(
        sa.select(table.c.inputs).where(table.c.decision_id == decision_id)
    ).scalar_one_or_none()
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text)
    for plain in values["documents"]:
        engine = plain.pop(KEPT_FACTS, None)
        if engine is not None:
            received = plain["received"]
            kept = facts.text_of(tx, received["sha256"], received["file"], engine)
            if kept is None:
                return None
            plain["facts"] = json.loads(kept)
    return RecordedInputs.model_validate_json(_text(values))


def _text(values: dict[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
