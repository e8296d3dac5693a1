"""The manifest of a claim bundle: `claim.json`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.base import Contract, Day, Period
from schemas.ids import LocationId, Name, PartnerId, Sha256
from schemas.money import minor_units

BUNDLE_SCHEMA: Literal["coop.bundle/1"] = "coop.bundle/1"
MANIFEST_NAME = "claim.json"
DOCUMENTS_MAX = 200
LINES_MAX = 500

DecimalText = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
FileName = Annotated[str, Field(min_length=1, max_length=200)]


class ManifestDocument(Contract):
    """One file of the bundle. A `sha256` without bytes names a file sent earlier with the same claim."""

    file: FileName
    kind: Word
    note: Annotated[str, Field(max_length=2000)] = ""
    sha256: Sha256 | None = None
    typed: dict[str, Annotated[str, Field(max_length=500)]] = {}


class ManifestLine(Contract):
    """One amount asked for: what kind of expense, and which document shows it."""

    kind: Word
    amount: DecimalText
    document: FileName | None = None
    person: Annotated[str, Field(max_length=200)] | None = None
    conference: Annotated[str, Field(max_length=200)] | None = None


class Manifest(Contract):
    """What the partner claims, before anything is read (R-32)."""

    schema_version: Annotated[Literal["coop.bundle/1"], Field(alias="schema")] = BUNDLE_SCHEMA
    claim_name: Name
    partner_id: PartnerId
    location: LocationId
    program: Name
    usage_period: Period
    category: Word | None = None
    activity: Word
    activity_start: Day
    activity_end: Day
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    claimed_amount: DecimalText
    lines: Annotated[tuple[ManifestLine, ...], Field(strict=False, max_length=LINES_MAX)] = ()
    metrics: dict[Word, Annotated[str, Field(max_length=200)]] = {}
    attendees: Annotated[tuple[Name, ...], Field(strict=False, max_length=LINES_MAX)] = ()
    sub_type: Word | None = None
    components: Annotated[tuple[Word, ...], Field(strict=False, max_length=50)] = ()
    unit_origin: Word | None = None
    fund: Word | None = None
    declarations: Annotated[tuple[Word, ...], Field(strict=False, max_length=50)] = ()
    plan: Annotated[str, Field(max_length=100)] | None = None
    campaign: Period | None = None
    comment: Annotated[str, Field(max_length=5000)] = ""
    documents: Annotated[tuple[ManifestDocument, ...], Field(strict=False, max_length=DOCUMENTS_MAX)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Manifest":
        minor_units(self.claimed_amount, self.currency)
        for line in self.lines:
            minor_units(line.amount, self.currency)
        names = [document.file for document in self.documents]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"documents names {repeated[0]!r} twice")
        unknown = sorted(
            {line.document for line in self.lines if line.document and line.document not in names}
        )
        if unknown:
            raise ValueError(f"a line names the document {unknown[0]!r}, which documents does not list")
        return self

    @property
    def claimed_minor(self) -> int:
        """The claimed amount in minor units of `currency`."""
        return minor_units(self.claimed_amount, self.currency)
