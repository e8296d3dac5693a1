"""What a check says before the vocabulary gives it words: a code, the values of its text, and the places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.facts import Evidence
from schemas.findings import Finding
from services.rules.vocabulary import TermUnknown, Vocabulary
from services.rules.wording import Value


@dataclass(frozen=True)
class FieldName:
    """A field of a document, named by the vocabulary in each language."""

    id: str


@dataclass(frozen=True)
class PaperName:
    """A type of paper that is no invoice, named by the vocabulary in each language."""

    id: str


@dataclass(frozen=True)
class Remark:
    """One finding to be. `subject` overrides the parameter that is printed behind the code.

    `params` are values of the text in their own types (a `Value` of the wording, a FieldName or a PaperName): each
    language writes days, amounts and words its own way.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    evidence: tuple[Evidence, ...] = ()
    expected: str | None = None
    actual: str | None = None

    def worded(self, vocabulary: Vocabulary) -> Finding:
        """The finding in the words of the vocabulary. Raises CodeUnknown or ParamMissing."""
        values = {name: _resolved(param, vocabulary) for name, param in self.params.items()}
        return vocabulary.finding(
            self.code, values, self.evidence, self.expected, self.actual, subject=self.subject
        )


def _resolved(param: Any, vocabulary: Vocabulary) -> Value:
    if isinstance(param, FieldName | PaperName):
        try:
            known = vocabulary.field if isinstance(param, FieldName) else vocabulary.document_type
            return known(param.id)
        except TermUnknown:
            return param.id
    value: Value = param
    return value
