"""Findings: one machine-made remark with a stable code, its rule, its place and how to mend it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Contract
from schemas.facts import Evidence
from schemas.ids import Code


class Severity(StrEnum):
    """`error` blocks, `action` asks the partner to mend, `warn` and `info` only tell."""

    ERROR = "error"
    ACTION = "action"
    WARN = "warn"
    INFO = "info"


class Audience(StrEnum):
    """Who may see a finding; a partner never sees `reviewer`."""

    PARTNER = "partner"
    REVIEWER = "reviewer"
    BOTH = "both"


class Texts(Contract):
    """The same words in the three languages of the product."""

    en: str
    sv: str
    fr: str


class Finding(Contract):
    """What is wrong, by which rule, where on the page, what was expected, and what to do.

    `subject` is the parameter that is printed behind the code (`DOC_MISSING:site_page`); `params` holds all.
    """

    code: Code
    subject: str | None = None
    params: dict[str, str] = {}
    severity: Annotated[Severity, Field(strict=False)]
    audience: Annotated[Audience, Field(strict=False)]
    rule: str
    text: Texts
    fix: Texts
    evidence: Annotated[tuple[Evidence, ...], Field(strict=False)] = ()
    expected: str | None = None
    actual: str | None = None

    @property
    def printed_code(self) -> str:
        """`CODE` or `CODE:subject`."""
        return f"{self.code}:{self.subject}" if self.subject else self.code
