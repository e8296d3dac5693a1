"""Reads the Certification Service Report back from its page, and holds it against its own attachment.

What the eye sees wins: a value comes from the printed words; the attachment `csr.json` only confirms it or is
reported. Reading does not judge: sums, dates and signatures are checked by `core.csr_checks`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from schemas.csr import CSR_ATTACHMENT, CsrForm
from schemas.facts import Fact, Method, Row
from services.validator.readers.csr import layout
from services.validator.readers.csr.words import (
    AMOUNTS,
    CERTIFICATION,
    DATES,
    OTHER_TITLES,
    TITLES,
    WORDS,
    Words,
    printed_signature,
)
from services.validator.readers.pdf_words import PageWords, Word

EMBEDDED_EQUAL = "embedded_equal"
_LABEL_SLACK = 12.0
_FOOTER_SHARE = layout.FOOTER_TOP / layout.PAGE_HEIGHT - 0.006
_ISO_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_NUMBER_POINT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,4})?")
_NUMBER_COMMA = re.compile(r"-?(\d{1,3}( \d{3})+|\d+)(,\d{1,4})?")


@dataclass(frozen=True)
class CsrReading:
    """What a report says. Blank fields are absent; a text that is no date or number of its language has no value.

    Flags: `embedded_mismatch:<field>` (printed and attached differ; rows as `rows.2.hours`), `embedded_unreadable`,
    `statement_altered`, `layout_unknown` (titled as a report, but not our form).
    """

    language: str
    facts: dict[str, Fact]
    rows: tuple[Row, ...] = ()
    other_costs: tuple[Row, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    page: PageWords
    words: tuple[Word, ...]
    left: float
    scale: float

    def x(self, position: float) -> float:
        """A position on this page as a position on the form."""
        return (position - self.left) * self.scale + layout.MARGIN_LEFT

    @property
    def text(self) -> str:
        return _folded(" ".join(word.text for word in self.words))

    @property
    def starts_at_margin(self) -> bool:
        return self.x(self.words[0].box[0]) < layout.MARGIN_LEFT + _LABEL_SLACK


@dataclass
class _Cell:
    """The words gathered for one value, which may go on over lines, and those on its first page."""

    line: _Line
    words: list[Word] = field(default_factory=list)
    on_first_page: list[Word] = field(default_factory=list)

    def add(self, line: _Line, words: list[Word]) -> None:
        self.words.extend(words)
        if line.page is self.line.page:
            self.on_first_page.extend(words)


def read_csr(pages: tuple[PageWords, ...], attachments: Mapping[str, bytes]) -> CsrReading | None:
    """Return what the report says with its places, or None when no page carries the form's title."""
    lines = [line for page in pages for line in _lines(page)]
    language = _language(lines)
    if language is None:
        return None
    words = WORDS[language]
    gathered = _Gathering(words)
    for line in lines:
        gathered.take(line)
    facts = {name: fact for name, cell in gathered.fields.items() if (fact := _fact(name, cell, words))}
    rows = _rows(gathered.tables["rows"], words)
    costs = _rows(gathered.tables["other_costs"], words)
    if (
        "signature" not in facts
        and (cell := gathered.fields.get("signature"))
        and cell.line.page.method is Method.OCR
    ):
        facts["signature"] = _unseen(cell)
    flags: list[str] = [] if gathered.fields else ["layout_unknown"]
    statement = facts.get("certification_text")
    if statement is not None and _bare(statement.raw) != _bare(CERTIFICATION[language]):
        flags.append("statement_altered")
    reading = CsrReading(language, facts, rows, costs, tuple(flags))
    return _held_against_attachment(reading, attachments.get(CSR_ATTACHMENT))


class _Gathering:
    """Walks down the lines of the form and puts each word to its field or table cell."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.labels = {_folded(label): name for name, label in words.fields.items()}
        self.sections = {_folded(title): name for name, title in words.sections.items()}
        self.headings = {
            _folded(" ".join(("#", *labels))) for labels in (words.row_columns, words.other_columns)
        }
        self.fields: dict[str, _Cell] = {}
        self.tables: dict[str, list[dict[str, _Cell]]] = {"rows": [], "other_costs": []}
        self.section = ""
        self.field = ""

    def take(self, line: _Line) -> None:
        if line.starts_at_margin and line.text in self.sections:
            self.section, self.field = self.sections[line.text], ""
        elif self.section in self.tables:
            self._table_line(line)
        elif self.section:
            self._field_line(line)

    def _field_line(self, line: _Line) -> None:
        value = [word for word in line.words if line.x(word.box[0]) > layout.VALUE_LEFT - _LABEL_SLACK]
        label = _folded(" ".join(word.text for word in line.words if word not in value))
        if label:
            self.field = self.labels.get(label, "")
            if self.field:
                self.fields[self.field] = _Cell(line)
        if self.field:
            self.fields[self.field].add(line, value)

    def _table_line(self, line: _Line) -> None:
        if line.text in self.headings:
            return
        columns = layout.ROW_TABLE if self.section == "rows" else layout.OTHER_TABLE
        rows = self.tables[self.section]
        for word in line.words:
            center = line.x((word.box[0] + word.box[2]) / 2)
            column = next((column.field for column in columns if center < column.right), columns[-1].field)
            if column == layout.NUMBER.field:
                if word.text.isdigit():
                    rows.append({})
            elif rows:
                rows[-1].setdefault(column, _Cell(line)).add(line, [word])


def _lines(page: PageWords) -> list[_Line]:
    """Lines of the page's visible upright words from top to bottom, without the footer."""
    seen = [
        word
        for word in page.words
        if not word.hidden and word.upright and word.box[1] < page.height * _FOOTER_SHARE
    ]
    if not seen or page.width <= 0:
        return []
    left = min(word.box[0] for word in seen)
    scale = layout.PAGE_WIDTH / page.width
    rows: list[list[Word]] = []
    for word in sorted(seen, key=_middle):
        if rows and _middle(word) - _middle(rows[-1][0]) <= word.size * 0.5:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [_Line(page, tuple(sorted(row, key=lambda word: word.box[0])), left, scale) for row in rows]


def _middle(word: Word) -> float:
    return (word.box[1] + word.box[3]) / 2


def _language(lines: list[_Line]) -> str | None:
    titles = {_folded(TITLES[language]): language for language in TITLES}
    titles |= {_folded(title): language for language, others in OTHER_TITLES.items() for title in others}
    return next((titles[line.text] for line in lines if line.text in titles), None)


def _rows(table: list[dict[str, _Cell]], words: Words) -> tuple[Row, ...]:
    rows = ({name: fact for name, cell in row.items() if (fact := _fact(name, cell, words))} for row in table)
    return tuple(row for row in rows if row)


def _fact(name: str, cell: _Cell, words: Words) -> Fact | None:
    if not cell.words:
        return None
    raw = " ".join(word.text for word in cell.words)
    value = _value(name, raw, words)
    return Fact(
        value=value,
        raw=raw,
        page=cell.line.page.number,
        # Of a value that goes on to the next page, the box is around the part on the first page.
        box=_box(cell.on_first_page or cell.words),
        method=cell.line.page.method,
        engine=cell.line.page.engine,
        confidence=min(word.confidence for word in cell.words),
        ambiguous=value is None,
    )


def _box(words: list[Word]) -> tuple[float, float, float, float]:
    edges = list(zip(*(word.box for word in words), strict=True))
    return (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))


def _unseen(cell: _Cell) -> Fact:
    """A hand-written signature is no text: on a scan, its absence from the words proves nothing."""
    return Fact(
        value=None,
        raw="",
        page=cell.line.page.number,
        box=_box(list(cell.line.words)),
        method=cell.line.page.method,
        engine=cell.line.page.engine,
        confidence=0.0,
        ambiguous=True,
    )


def _value(name: str, raw: str, words: Words) -> str | None:
    if name in DATES:
        return raw if _ISO_DAY.fullmatch(raw) else None
    if name in AMOUNTS:
        pattern = _NUMBER_POINT if words.decimal_mark == "." else _NUMBER_COMMA
        if not pattern.fullmatch(raw):
            return None
        return raw.replace(words.grouping, "").replace(" ", "").replace(words.decimal_mark, ".")
    if name == "cost_kind":
        kinds = {_folded(label): kind for kind, label in words.cost_kinds.items()}
        return kinds.get(_folded(raw))
    return raw


def _held_against_attachment(reading: CsrReading, attachment: bytes | None) -> CsrReading:
    if attachment is None:
        return reading
    try:
        embedded = CsrForm.model_validate_json(attachment)
    except ValidationError:
        return replace(reading, flags=(*reading.flags, "embedded_unreadable"))
    words = WORDS[reading.language]
    flags = list(reading.flags)

    def confirmed(name: str, printed: Fact | None, attached: str, path: str) -> Fact | None:
        if printed is None or not _same(name, printed, attached):
            if printed is not None or attached:
                flags.append(f"embedded_mismatch:{path}")
            return printed
        # A text that was broken into lines has spaces where it may have had none; the attachment knows.
        value = printed.value if name in AMOUNTS or name in DATES else attached
        return printed.model_copy(update={"value": value, "checks": (*printed.checks, EMBEDDED_EQUAL)})

    facts = dict(reading.facts)
    for name in words.fields:
        fact = confirmed(name, facts.get(name), _attached(embedded, name, reading.language), name)
        if fact is not None:
            facts[name] = fact

    def table(name: str, printed: tuple[Row, ...], attached: tuple[object, ...]) -> tuple[Row, ...]:
        if len(printed) != len(attached):
            flags.append(f"embedded_mismatch:{name}")
            return printed
        columns = [column.field for column in _COLUMNS[name][1:]]
        checked = []
        for number, (row, source) in enumerate(zip(printed, attached, strict=True), start=1):
            cells = {
                column: confirmed(
                    column, row.get(column), str(getattr(source, column)), f"{name}.{number}.{column}"
                )
                for column in columns
            }
            checked.append({column: fact for column, fact in cells.items() if fact is not None})
        return tuple(checked)

    rows = table("rows", reading.rows, embedded.rows)
    costs = table("other_costs", reading.other_costs, embedded.other_costs)
    return replace(reading, facts=facts, rows=rows, other_costs=costs, flags=tuple(flags))


_COLUMNS = {"rows": layout.ROW_TABLE, "other_costs": layout.OTHER_TABLE}


def _attached(form: CsrForm, name: str, language: str) -> str:
    if name == "certification_text":
        return CERTIFICATION[form.language]
    if name == "signature":
        return printed_signature(form.signature, WORDS[language]) if form.signature else ""
    value = getattr(form, name)
    return "" if value is None else str(value)


def _same(name: str, printed: Fact, attached: str) -> bool:
    if name in AMOUNTS:
        try:
            return printed.value is not None and Decimal(printed.value) == Decimal(attached)
        except InvalidOperation:
            return False
    return printed.value is not None and _bare(printed.value) == _bare(attached)


def _folded(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _bare(text: str) -> str:
    return "".join(text.split())
