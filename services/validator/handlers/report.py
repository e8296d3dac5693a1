"""The report of a check as one self-contained page: the verdict, each finding beside its place, what was read.

No script and nothing from outside: pictures are data URIs, the language is switched by CSS. Every text of a stranger
is escaped, and signs that would turn or hide text are made visible.
"""

import base64
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from jinja2 import Environment, StrictUndefined, Template

from schemas.decisions import Decision, Outcome
from schemas.facts import Box, DocumentFacts, Evidence, Fact
from schemas.findings import Audience, Finding, Severity, Texts
from services.rules.vocabulary import TermUnknown, Vocabulary
from services.rules.windows import WindowStatus
from services.rules.wording import in_all_languages
from services.validator.core.checks.presence import activity_term
from services.validator.handlers.checking import Checked
from services.validator.handlers.needs import needed_documents
from services.validator.handlers.report_words import METHODS, SEVERITIES, WORDS
from services.validator.readers.refusals import Refused

LANGUAGES = {"en": "English", "sv": "Svenska", "fr": "Français"}
PAGES_SHOWN_MAX = 24
PICTURE_WIDTH_PIXELS = 1100
SCALE_MAX = 2.0
TEMPLATE = "verdict.html"


class Drawing(Protocol):
    """Draws pages of documents (`readers.reading_room.ReadingRoom`)."""

    def render(self, content: bytes, page: int = 1, scale: float = 2.0, boxes: Sequence[Box] = ()) -> bytes:
        """A PNG of one page. Raises Refused."""
        ...


@dataclass(frozen=True)
class ShownFinding:
    """A finding with its number on the page."""

    number: int
    finding: Finding
    sign: str
    word: Texts


@dataclass(frozen=True)
class Mark:
    """A box on a page: numbered for a finding, unnumbered for a value that was read."""

    box: Box
    label: str
    number: int | None = None
    severity: str = "read"


@dataclass(frozen=True)
class ShownPage:
    """A page with its marks; `picture` is a data URI, or None where the page cannot be drawn."""

    file: str
    page: int
    width: float
    height: float
    picture: str | None
    marks: tuple[Mark, ...]
    findings: tuple[ShownFinding, ...]


@dataclass(frozen=True)
class ShownValue:
    """One value that was read, with its place and how far it may be trusted."""

    field: Texts
    fact: Fact
    method: Texts
    percent: int


def render_report(checked: Checked, vocabulary: Vocabulary, room: Drawing, *, language: str = "en") -> str:
    """Return the report as HTML, opened in `language`; a partner's report leaves out what is for reviewers."""
    shown = _numbered(checked.decision)
    pages = _pages(checked, shown, vocabulary, room)
    on_pages = {one.number for page in pages for one in page.findings}
    # Numbers go from the gravest on: only what is graver than everything on the pages stands above them.
    first_on_page = min(on_pages, default=len(shown) + 1)
    off_page = [
        one for one in shown if one.number not in on_pages and one.finding.severity is not Severity.INFO
    ]
    return _template().render(
        w=WORDS,
        title=getattr(WORDS["title"], language if language in LANGUAGES else "en"),
        languages=LANGUAGES,
        language=language if language in LANGUAGES else "en",
        checked=checked,
        manifest=checked.manifest,
        decision=checked.decision,
        verdict=verdict_of(checked.decision),
        counts=_counts(shown),
        general=[one for one in off_page if one.number < first_on_page],
        further=[one for one in off_page if one.number > first_on_page],
        notes=[one for one in shown if one.number not in on_pages and one.finding.severity is Severity.INFO],
        findings=shown,
        pages=[page for page in pages if page.findings],
        quiet_pages=[page for page in pages if not page.findings],
        values=_values(checked, vocabulary),
        needs=needed_documents(checked.inputs),
        activity=activity_term(checked.pack, checked.manifest.activity).texts,
        money=in_all_languages,
        period=in_all_languages(checked.manifest.usage_period),
        deadline=_deadline(checked),
        steps=_steps(checked.decision),
        at=checked.decision.decided_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def verdict_of(decision: Decision) -> str:
    """The headline: ready, ready_with_remarks, mend, blocked or late."""
    if decision.outcome is Outcome.LATE:
        return "late"
    if decision.outcome is Outcome.BLOCKED:
        return "blocked"
    visible = [finding for finding in decision.findings if finding.audience is not Audience.REVIEWER]
    if any(finding.severity is Severity.ACTION for finding in visible):
        return "mend"
    return "ready_with_remarks" if any(one.severity is Severity.WARN for one in visible) else "ready"


def visible(text: str) -> str:
    """The text with signs that turn, hide or break it shown as their code points."""
    return "".join(
        f"⟨U+{ord(sign):04X}⟩" if unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} else sign
        for sign in text
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible
    text = (files("services.validator.handlers") / TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(text)


def _numbered(decision: Decision) -> list[ShownFinding]:
    seen = [finding for finding in decision.findings if finding.audience is not Audience.REVIEWER]
    return [
        ShownFinding(number, finding, *SEVERITIES[finding.severity])
        for number, finding in enumerate(seen, start=1)
    ]


def _counts(shown: Iterable[ShownFinding]) -> list[tuple[str, str, Texts, int]]:
    """How many findings of each severity, the gravest first; those without any are left out."""
    listed = list(shown)
    counted = [(severity, sum(one.finding.severity is severity for one in listed)) for severity in Severity]
    return [(severity.value, *SEVERITIES[severity], count) for severity, count in counted if count]


def _pages(
    checked: Checked, shown: Sequence[ShownFinding], vocabulary: Vocabulary, room: Drawing
) -> list[ShownPage]:
    """Every page that a finding points to, then first pages of documents with located values."""
    places: dict[tuple[str, int], list[tuple[ShownFinding, Evidence]]] = {}
    for one in shown:
        for evidence in one.finding.evidence:
            if evidence.file is not None and evidence.box is not None:
                places.setdefault((evidence.file, evidence.page or 1), []).append((one, evidence))
    wanted = list(places)
    for file, facts in checked.facts.items():
        if (file, 1) not in places and any(
            fact.box and (fact.page or 1) == 1 for fact in facts.facts.values()
        ):
            wanted.append((file, 1))
    pages = []
    for file, page in wanted[:PAGES_SHOWN_MAX]:
        facts, content = checked.facts.get(file), checked.contents.get(file)
        if facts is None or content is None or not 1 <= page <= len(facts.page_sizes):
            continue
        found = places.get((file, page), [])
        size = facts.page_sizes[page - 1]
        picture = _picture(room, content, page, size.width)
        marks = (*_read_marks(facts, page, vocabulary), *_finding_marks(found))
        findings = tuple({one.number: one for one, _ in found}.values())
        pages.append(ShownPage(file, page, size.width, size.height, picture, marks, findings))
    return pages


def _picture(room: Drawing, content: bytes, page: int, width: float) -> str | None:
    scale = min(SCALE_MAX, PICTURE_WIDTH_PIXELS / width) if width > 0 else 1.0
    try:
        drawn = room.render(content, page, scale)
    except Refused:
        return None
    return "data:image/png;base64," + base64.b64encode(drawn).decode("ascii")


def _finding_marks(found: Sequence[tuple[ShownFinding, Evidence]]) -> list[Mark]:
    return [
        Mark(evidence.box, one.finding.text.en, one.number, one.finding.severity.value)
        for one, evidence in found
        if evidence.box is not None
    ]


def _read_marks(facts: DocumentFacts, page: int, vocabulary: Vocabulary) -> list[Mark]:
    return [
        Mark(fact.box, f"{field_texts(vocabulary, name).en}: {fact.value or fact.raw}")
        for name, fact in facts.facts.items()
        if fact.box is not None and (fact.page or 1) == page
    ]


def field_texts(vocabulary: Vocabulary, name: str) -> Texts:
    """What people call a field of a document; its id where the vocabulary has no word."""
    bare = name.removeprefix("page.").partition(".")[0]
    try:
        return vocabulary.field(bare).texts
    except TermUnknown:
        plain = bare.replace("_", " ")
        return Texts(en=plain, sv=plain, fr=plain)


def _values(checked: Checked, vocabulary: Vocabulary) -> Mapping[str, list[ShownValue]]:
    found: dict[str, list[ShownValue]] = {}
    for file, facts in checked.facts.items():
        rows = [
            ShownValue(
                field_texts(vocabulary, name),
                fact,
                METHODS.get(fact.method.value, METHODS["pdf_text"]),
                int(Decimal(str(fact.confidence)) * 100),
            )
            for name, fact in facts.facts.items()
        ]
        if rows:
            found[file] = rows
    return found


def _deadline(checked: Checked) -> dict[str, Any] | None:
    if checked.window is None:
        return None
    received = checked.inputs.first_received_at
    closes = checked.window.closes_at.astimezone(UTC)
    return {
        "texts": checked.window.deadline_texts,
        "days": checked.window.days_left(received),
        "closed": checked.window.status(received) is WindowStatus.CLOSED,
        "utc": closes.strftime("%Y-%m-%d %H:%M"),
    }


def _steps(decision: Decision) -> list[tuple[str, str, Texts, Texts]]:
    """Each cut with its rule, what it takes, and what it leaves."""
    left = decision.amount_requested
    steps = []
    for cut in decision.cuts:
        left = left - cut.amount
        steps.append((cut.cap, cut.rule, in_all_languages(cut.amount), in_all_languages(left)))
    return steps
