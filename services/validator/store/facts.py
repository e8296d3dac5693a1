"""Facts by content: what was read from bytes once need not be read again by the same engine."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.facts import DocumentFacts
from services.validator.store.tables import documents, facts


def suffix_of(file_name: str) -> str:
    """What a file is called at its end; a reader holds it against the content, so it is a part of the key."""
    stem, dot, suffix = file_name.rpartition(".")
    return suffix.lower()[:16] if dot and stem else ""


def text_of(tx: Connection, sha256: str, file_name: str, engine: str) -> str | None:
    """Return the JSON of the facts that this engine read from these bytes under that kind of name."""
    row = tx.execute(
        sa.select(facts.c.facts).where(
            facts.c.sha256 == sha256, facts.c.suffix == suffix_of(file_name), facts.c.engine == engine
        )
    ).first()
    return None if row is None else str(row.facts)


def found(tx: Connection, sha256: str, file_name: str, engine: str) -> DocumentFacts | None:
    """Return the facts that this engine read from these bytes under that kind of name."""
    text = text_of(tx, sha256, file_name, engine)
    return None if text is None else DocumentFacts.model_validate_json(text)


def latest(tx: Connection, sha256: str) -> DocumentFacts | None:
    """Return the facts of these bytes that were read last, by any engine."""
    row = tx.execute(
        sa.select(facts.c.facts).where(facts.c.sha256 == sha256).order_by(facts.c.read_at.desc()).limit(1)
    ).first()
    return None if row is None else DocumentFacts.model_validate_json(row.facts)


def keep(tx: Connection, read: Iterable[tuple[str, DocumentFacts]], engine: str, now: datetime) -> None:
    """Keep facts, each with the file name they were read under; what is there already stays as it is."""
    for file_name, document in read:
        if found(tx, document.sha256, file_name, engine) is None:
            tx.execute(
                sa.insert(facts).values(
                    sha256=document.sha256,
                    suffix=suffix_of(file_name),
                    engine=engine,
                    facts=document.model_dump_json(),
                    read_at=now,
                )
            )


def owners(tx: Connection, sha256: str) -> list[str]:
    """Return the claims whose current revision holds the document."""
    rows = tx.execute(
        sa.select(documents.c.claim_id).where(documents.c.sha256 == sha256).order_by(documents.c.claim_id)
    )
    return [row.claim_id for row in rows.unique()]
