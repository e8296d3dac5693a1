"""What a reviewer asks of a partner, item by item, and when a later revision has mended it (R-31)."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.bundle import ManifestLine
from schemas.claims import Ask, OpenAsk, ReceivedDocument
from services.intake.core.life import ActRefused


class AskUnknown(ActRefused):
    """An ask is about something that the partner does not see in the revision."""

    code = "ASK_UNKNOWN"


@dataclass(frozen=True)
class Content:
    """What an ask can be about. `findings` are the printed codes shown to partners; None before the verdict."""

    documents: frozenset[str]
    lines: tuple[ManifestLine, ...]
    findings: frozenset[str] | None


@dataclass(frozen=True)
class Asked:
    """A revision with what was asked about it, its lines, and the findings partners were shown; None before the verdict."""

    revision: int
    asks: tuple[Ask, ...]
    lines: tuple[ManifestLine, ...]
    findings: frozenset[str] | None


def refuse_unknown(asks: Sequence[Ask], content: Content) -> None:
    """Refuse an ask about what is not there, or is not for partners to see. Raises AskUnknown."""
    for ask in asks:
        if ask.document is not None and ask.document not in content.documents:
            raise AskUnknown(f"no document of the revision has the hash {ask.document}")
        if ask.line is not None and ask.line > len(content.lines):
            raise AskUnknown(f"there is no line {ask.line}: the revision has {len(content.lines)}")
        if ask.finding is not None and ask.finding not in (content.findings or ()):
            raise AskUnknown(f"the partner is shown no finding {ask.finding}: ask about a document or a line")


def open_asks(asked: Sequence[Asked], documents: frozenset[str]) -> tuple[OpenAsk, ...]:
    """The asks that are not mended, of all revisions of a claim in order; `documents` are those of the newest.

    Mended is what asks about a document that is no longer there, a line that is another now, or a finding that a
    later verdict did not repeat.
    """
    return tuple(
        OpenAsk(revision=earlier.revision, ask=ask)
        for earlier in asked
        for ask in earlier.asks
        if earlier.revision == asked[-1].revision or not _mended(ask, earlier, asked, documents)
    )


def _mended(ask: Ask, earlier: Asked, asked: Sequence[Asked], documents: frozenset[str]) -> bool:
    if ask.document is not None:
        return ask.document not in documents
    if ask.line is not None:
        return asked[-1].lines[ask.line - 1 : ask.line] != earlier.lines[ask.line - 1 : ask.line]
    return any(
        later.findings is not None and ask.finding not in later.findings
        for later in asked
        if later.revision > earlier.revision
    )


def changed_documents(
    before: Sequence[ReceivedDocument], after: Sequence[ReceivedDocument]
) -> tuple[str, ...]:
    """The hashes of the documents that are new, or described otherwise, since the revision before."""
    known = {(document.sha256, document.model_dump_json()) for document in before}
    changed = {
        document.sha256 for document in after if (document.sha256, document.model_dump_json()) not in known
    }
    return tuple(sorted(changed))
