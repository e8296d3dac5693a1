"""The facts of a Certification Service Report: own staff did the work, so there is no invoice (R-35, C16).

The form carries this as the attachment `csr.json`, so that a report drawn here is read back exactly.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.base import Contract, Day, Instant
from schemas.bundle import DecimalText
from schemas.ids import Name

CSR_SCHEMA: Final = "coop.csr/1"
CSR_ATTACHMENT = "csr.json"
CSR_ROWS_MAX = 200
DESCRIPTION_CHARACTERS_MIN = 40

CostKind = Literal["materials", "postage", "licence", "travel", "other"]
Language = Literal["en", "sv", "fr"]


class CsrRow(Contract):
    """Work of one person or role on one task; `amount` is hours × rate. A role or initials are enough."""

    person_or_role: Name
    task: Name
    work_date_from: Day
    work_date_to: Day
    hours: DecimalText
    hourly_rate: DecimalText
    amount: DecimalText


class CsrOtherCost(Contract):
    """A cost beside labor, with the name of its receipt."""

    cost_kind: CostKind
    receipt: Name
    amount: DecimalText


class CsrSignature(Contract):
    """A typed name, made good by the login event in which it was typed."""

    name: Name
    login_event: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$")]
    signed_at: Instant


class CsrForm(Contract):
    """All fields of the report as its signer states them; nothing is added up or corrected here."""

    schema_version: Annotated[Literal["coop.csr/1"], Field(alias="schema")] = CSR_SCHEMA
    language: Language = "en"
    partner_name: Name
    partner_id: Name
    location: Name
    claim_number: Annotated[str, Field(max_length=64)] = ""
    activity_type: Name
    activity_start: Day
    activity_end: Day
    description_of_work: Annotated[str, Field(min_length=DESCRIPTION_CHARACTERS_MIN, max_length=2000)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    rows: Annotated[tuple[CsrRow, ...], Field(strict=False, min_length=1, max_length=CSR_ROWS_MAX)]
    other_costs: Annotated[tuple[CsrOtherCost, ...], Field(strict=False, max_length=CSR_ROWS_MAX)] = ()
    total_labour: DecimalText
    total_other: DecimalText
    total: DecimalText
    signer_name: Name
    signer_title: Name
    signature: CsrSignature | None = None
    signed_on: Day | None = None
