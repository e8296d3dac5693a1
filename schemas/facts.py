"""What was read from a document: each value with its place on the page and the reason to trust it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Contract
from schemas.ids import Sha256

Box = Annotated[tuple[float, float, float, float], Field(strict=False)]
"""x0, y0, x1, y1 in points of the page as displayed, from its top left; in a picture 1 px = 1 pt."""


class Method(StrEnum):
    """How a value was read."""

    XML = "xml"
    PDF_TEXT = "pdf_text"
    OCR = "ocr"
    MANUAL = "manual"
    METADATA = "metadata"
    """Said by the file itself, not shown on a page: the header of an e-mail, the date in a photo."""


class Fact(Contract):
    """One value read from a document. Dates are ISO days, amounts decimal texts; never guessed (R-42)."""

    value: str | None
    raw: str
    page: Annotated[int, Field(ge=1)] | None = None
    box: Box | None = None
    method: Annotated[Method, Field(strict=False)]
    engine: str
    confidence: Annotated[float, Field(ge=0, le=1)]
    ambiguous: bool = False
    alternatives: Annotated[tuple[str, ...], Field(strict=False)] = ()
    checks: Annotated[tuple[str, ...], Field(strict=False)] = ()


Row = dict[str, Fact]
"""One line of an invoice or one row of a service report, by column."""


class Evidence(Contract):
    """The place a finding points to."""

    document_sha256: Sha256 | None = None
    file: str | None = None
    page: Annotated[int, Field(ge=1)] | None = None
    box: Box | None = None
    text: str = ""
    method: Annotated[Method, Field(strict=False)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class PageSize(Contract):
    """Width and height of a page as displayed, in points (pixels for a picture)."""

    width: float
    height: float


class ReadStatus(StrEnum):
    """Whether a document could be read at all."""

    READ = "read"
    REJECTED = "rejected"


class DocumentFacts(Contract):
    """All that one document says. `facts` is by field id; fields of EN 16931 carry its terms (BT-n)."""

    sha256: Sha256
    media_type: str
    status: Annotated[ReadStatus, Field(strict=False)]
    reason: str | None = None
    kind: str | None = None
    pages: int = 0
    page_sizes: Annotated[tuple[PageSize, ...], Field(strict=False)] = ()
    facts: dict[str, Fact] = {}
    lines: Annotated[tuple[Row, ...], Field(strict=False)] = ()
    other_costs: Annotated[tuple[Row, ...], Field(strict=False)] = ()
    flags: Annotated[tuple[str, ...], Field(strict=False)] = ()
    rules_checked: Annotated[tuple[str, ...], Field(strict=False)] = ()
    rules_broken: Annotated[tuple[str, ...], Field(strict=False)] = ()
    engine: str = ""
