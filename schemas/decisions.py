"""The machine's decision over one revision of a claim: replayable, and the same bytes for ever."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Contract, Instant
from schemas.findings import Finding, Severity
from schemas.ids import ClaimId, DecisionId, Sha256
from schemas.money import Money

UNMENDABLE = frozenset({"DEADLINE_PASSED"})
"""Findings that no revision can mend: the claim is rejected, not sent back."""


class Outcome(StrEnum):
    """What the findings come to: `clean` (nothing to mend) and `remarks` go to a reviewer, the others back to the partner."""

    CLEAN = "clean"
    REMARKS = "remarks"
    BLOCKED = "blocked"
    LATE = "late"


class Cut(Contract):
    """By how much, and by which rule, the payable amount is less than the requested one."""

    rule: str
    cap: str
    amount: Money


class Decision(Contract):
    """Findings and forecast of one revision; the ledger alone decides about funds."""

    decision_id: DecisionId
    claim_id: ClaimId
    claim_revision: Annotated[int, Field(ge=1)]
    pack_id: str
    pack_sha256: Sha256
    engine_version: str
    inputs_sha256: Sha256
    outcome: Annotated[Outcome, Field(strict=False)]
    findings: Annotated[tuple[Finding, ...], Field(strict=False)]
    amount_requested: Money
    amount_payable: Money
    cuts: Annotated[tuple[Cut, ...], Field(strict=False)] = ()
    decided_by: str = "system"
    decided_at: Instant
    previous_decision_id: DecisionId | None = None


def outcome_of(findings: tuple[Finding, ...]) -> Outcome:
    """Return what the findings come to: an `error` blocks, and a passed deadline cannot be mended."""
    if any(finding.code in UNMENDABLE for finding in findings):
        return Outcome.LATE
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return Outcome.BLOCKED
    if Severity.ACTION in severities:
        return Outcome.REMARKS
    return Outcome.CLEAN
