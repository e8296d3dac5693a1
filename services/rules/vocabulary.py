"""The vocabulary of findings: what each code means, how grave it is, who sees it, and its words in three languages."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from schemas.facts import Evidence
from schemas.findings import Audience, Finding, Severity, Texts
from schemas.ids import Code
from services.rules.pack_terms import Label, PackPart, Word
from services.rules.pack_text import PackInvalid, read_marked, reason_of
from services.rules.wording import LANGUAGES, Term, Value, canonical, written

VOCABULARY_SCHEMA = "coop.findings/1"
VOCABULARY_FILE = "findings.yaml"

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class CodeUnknown(LookupError):
    """The vocabulary has no finding of this code."""

    code = "CODE_UNKNOWN"

    def __init__(self, finding_code: str) -> None:
        self.finding_code = finding_code
        super().__init__(f"{finding_code!r} is no finding code: add it to {VOCABULARY_FILE}")


class ParamMissing(LookupError):
    """A text of the finding has a place that no value was given for."""

    code = "PARAM_MISSING"

    def __init__(self, finding_code: str, missing: str) -> None:
        self.finding_code = finding_code
        self.missing = missing
        super().__init__(f"{finding_code} needs the value {missing!r}")


class TermUnknown(LookupError):
    """The vocabulary has no such word."""

    code = "TERM_UNKNOWN"

    def __init__(self, group: str, term: str) -> None:
        self.group = group
        self.term = term
        super().__init__(f"{term!r} is not among the {group} of {VOCABULARY_FILE}")


def placeholders(text: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(_PLACEHOLDER.findall(text))


class FindingEntry(PackPart):
    """One code: one meaning for ever. `subject` is the value printed behind the code."""

    severity: Annotated[Severity, Field(strict=False)]
    audience: Annotated[Audience, Field(strict=False)]
    rule: Annotated[str, Field(min_length=2, max_length=60)]
    subject: Word | None = None
    text: Label
    fix: Label

    @model_validator(mode="after")
    def _same_values_everywhere(self) -> "FindingEntry":
        for name, label in (("text", self.text), ("fix", self.fix)):
            wanted = placeholders(label.en)
            for language in LANGUAGES:
                written_in = str(getattr(label, language))
                if placeholders(written_in) != wanted:
                    raise ValueError(f"{name} in {language} names other values than in en")
                if not written_in.strip() or "{" in _PLACEHOLDER.sub("", written_in):
                    raise ValueError(f"{name} in {language} is empty or has a stray brace")
        return self

    @property
    def placeholders(self) -> frozenset[str]:
        """Every value that must be given."""
        return placeholders(self.text.en) | placeholders(self.fix.en)


def _filled(label: Label, values: Mapping[str, Value]) -> Texts:
    return Texts(
        **{
            language: _PLACEHOLDER.sub(
                lambda match, language=language: written(values[match.group(1)], language),  # type: ignore[misc]
                str(getattr(label, language)),
            )
            for language in LANGUAGES
        }
    )


class Vocabulary(PackPart):
    """All codes, and the words for fields and document types that appear in their texts."""

    schema_version: Annotated[Literal["coop.findings/1"], Field(alias="schema")]
    fields: dict[Word, Label]
    document_types: dict[Word, Label]
    findings: dict[Code, FindingEntry]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the file."""
        return tuple(self.findings)

    def entry(self, code: str) -> FindingEntry:
        """What a code means. Raises CodeUnknown."""
        try:
            return self.findings[code]
        except KeyError:
            raise CodeUnknown(code) from None

    def field(self, field_id: str) -> Term:
        """What people call a field of a document. Raises TermUnknown."""
        return self._term("fields", self.fields, field_id)

    def document_type(self, type_id: str) -> Term:
        """What people call a type of paper that is no invoice. Raises TermUnknown."""
        return self._term("document_types", self.document_types, type_id)

    @staticmethod
    def _term(group: str, terms: Mapping[str, Label], term: str) -> Term:
        if term not in terms:
            raise TermUnknown(group, term)
        return Term(term, terms[term].texts)

    def finding(
        self,
        code: str,
        params: Mapping[str, Value] | None = None,
        evidence: tuple[Evidence, ...] = (),
        expected: str | None = None,
        actual: str | None = None,
        *,
        subject: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Word a finding. Values are written in each language; `params` keeps them in one canonical form.

        `subject` defaults to the canonical value of the entry's subject; `severity` is given where a switch of the
        pack decides it. Raises CodeUnknown or ParamMissing.
        """
        entry = self.entry(code)
        values = dict(params or {})
        missing = sorted(entry.placeholders - values.keys())
        if missing:
            raise ParamMissing(code, missing[0])
        if subject is None and entry.subject is not None and entry.subject in values:
            subject = canonical(values[entry.subject])
        return Finding(
            code=code,
            subject=subject,
            params={name: canonical(values[name]) for name in sorted(values)},
            severity=severity or entry.severity,
            audience=entry.audience,
            rule=entry.rule,
            text=_filled(entry.text, values),
            fix=_filled(entry.fix, values),
            evidence=evidence,
            expected=expected,
            actual=actual,
        )


def load_vocabulary(text: str) -> Vocabulary:
    """Build the vocabulary from the text of its file. Raises PackInvalid with the line and the reason."""
    whole = read_marked(VOCABULARY_FILE, text)
    try:
        return Vocabulary.model_validate(whole.plain())
    except ValidationError as invalid:
        places = ((whole.at(error["loc"]).line, reason_of(error)) for error in invalid.errors())
        line, reason = min(places)
        raise PackInvalid(VOCABULARY_FILE, line, reason) from None
