"""The decision over one revision: findings in the words of the vocabulary, and the payable amount."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from schemas.decisions import Cut, Decision, outcome_of
from schemas.findings import Finding, Severity
from schemas.money import Money
from services.rules.vocabulary import Vocabulary
from services.validator.core.assessment import assess
from services.validator.core.checks import run
from services.validator.core.inputs import CheckInputs

GRAVITY = {Severity.ERROR: 0, Severity.ACTION: 1, Severity.WARN: 2, Severity.INFO: 3}


@dataclass(frozen=True)
class Judgement:
    """What the checks come to, before it is tied to a claim."""

    findings: tuple[Finding, ...]
    requested: Money
    payable: Money
    cuts: tuple[Cut, ...]
    inputs_sha256: str


def findings_of(inputs: CheckInputs, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Every finding, the gravest first; the same for the same inputs, whatever order they came in."""
    worded = (remark.worded(vocabulary) for remark in run(inputs))
    distinct = {finding.model_dump_json(): finding for finding in worded}
    return tuple(sorted(distinct.values(), key=_position))


def _position(finding: Finding) -> tuple[int, str, str, str]:
    return GRAVITY[finding.severity], finding.code, finding.subject or "", finding.model_dump_json()


def judge(inputs: CheckInputs, vocabulary: Vocabulary) -> Judgement:
    """Run every check and work out the payable amount."""
    ordered = inputs.in_order()
    assessed = assess(ordered)
    return Judgement(
        findings=findings_of(ordered, vocabulary),
        requested=assessed.requested,
        payable=assessed.payable,
        cuts=assessed.cuts,
        inputs_sha256=ordered.inputs_sha256(),
    )


def decision_id(claim_id: str, revision: int, inputs_sha256: str) -> str:
    """The id of a decision: the same claim, revision and inputs give the same id for ever."""
    digest = hashlib.sha256(f"{claim_id}\x00{revision}\x00{inputs_sha256}".encode()).hexdigest()
    return f"dec_{digest[:32]}"


def decide(
    inputs: CheckInputs,
    vocabulary: Vocabulary,
    *,
    claim_id: str,
    revision: int,
    decided_at: datetime,
    previous_decision_id: str | None = None,
) -> Decision:
    """Decide one revision of a claim. The amount payable is a forecast: funds are the ledger's to give."""
    judged = judge(inputs, vocabulary)
    return Decision(
        decision_id=decision_id(claim_id, revision, judged.inputs_sha256),
        claim_id=claim_id,
        claim_revision=revision,
        pack_id=inputs.pack.id,
        pack_sha256=inputs.pack.sha256,
        engine_version=inputs.engine_version,
        inputs_sha256=judged.inputs_sha256,
        outcome=outcome_of(judged.findings),
        findings=judged.findings,
        amount_requested=judged.requested,
        amount_payable=judged.payable,
        cuts=judged.cuts,
        decided_at=decided_at,
        previous_decision_id=previous_decision_id,
    )
