"""The answer before money is spent: may this be claimed, until when, with what evidence, and what would be paid."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from schemas.base import Contract, Instant, Period
from schemas.bundle import Manifest
from schemas.claims import ReceivedDocument
from schemas.decisions import Cut
from schemas.facts import DocumentFacts, Fact, Method, ReadStatus
from schemas.findings import Finding, Severity, Texts
from schemas.money import Money
from services.kit.packs import PackLibrary
from services.rules.pack import RulePack
from services.rules.periods import earning_period
from services.rules.windows import ClaimWindow, WindowStatus, WindowUnknown, claim_window
from services.validator.core.assessment import assess
from services.validator.core.checks import Check
from services.validator.core.checks.amounts import check_currency, check_positive
from services.validator.core.checks.dates import check_activity
from services.validator.core.checks.deadline import check_deadline
from services.validator.core.checks.funds import check_caps, check_funds, check_share
from services.validator.core.checks.programs import check_catalog
from services.validator.core.decision import GRAVITY
from services.validator.core.inputs import CheckedDocument, CheckInputs, FundsSnapshot
from services.validator.handlers.checking import Recall
from services.validator.handlers.needs import (
    NeededDocument,
    NeededMetric,
    needed_documents,
    needed_metrics,
)

# What can be said without documents; that a window has not opened yet is no reason against spending.
FORESEEABLE: tuple[Check, ...] = (
    check_catalog,
    check_activity,
    check_positive,
    check_currency,
    check_share,
    check_caps,
    check_funds,
)
PLANNED = "planned"


@dataclass(frozen=True)
class Intent:
    """What somebody thinks of spending, and for whom."""

    program: str
    activity: str
    amount: str
    currency: str
    activity_start: date
    activity_end: date
    partner_id: str
    location: str
    sub_type: str | None = None
    components: tuple[str, ...] = ()
    unit_origin: str | None = None


class ForeseenWindow(Contract):
    """When claims are taken: `opens_at <= receipt < closes_at`; `days_left` counts after today, negative when closed."""

    status: str
    opens_at: Instant
    closes_at: Instant
    deadline_text: str
    deadline_texts: Texts
    days_left: int

    @classmethod
    def of(cls, window: ClaimWindow, now: datetime) -> "ForeseenWindow":
        """The window as seen at `now`."""
        return cls(
            status=window.status(now).value,
            opens_at=window.opens_at,
            closes_at=window.closes_at,
            deadline_text=window.deadline_text,
            deadline_texts=window.deadline_texts,
            days_left=window.days_left(now),
        )


class Forecast(Contract):
    """Whether it can be claimed as things stand now, and what would be paid; nothing is promised or set aside.

    `can_claim` says that up to `amount_payable` can; what was asked beyond the funds is a finding.
    `window` is None where it counts from a payment, `funds` while the ledger told of none.
    """

    can_claim: bool
    program: str
    activity: str
    pack_id: str
    pack_sha256: str
    usage_period: Period
    window: ForeseenWindow | None
    findings: tuple[Finding, ...]
    amount_asked: Money
    amount_payable: Money
    cuts: tuple[Cut, ...]
    funds: FundsSnapshot | None
    evidence: tuple[NeededDocument, ...]
    metrics: tuple[NeededMetric, ...]
    eligible_expenses: tuple[str, ...]


def judging_pack(packs: PackLibrary, program: str, activity_start: date) -> tuple[RulePack, Period]:
    """The pack and the usage period of an activity that starts on that day. Raises PackUnknown."""
    first = packs.in_force(program, activity_start)
    usage = earning_period(first, activity_start)
    return packs.in_force(program, usage.start), usage


def foresee(intent: Intent, packs: PackLibrary, recall: Recall, now: datetime) -> Forecast:
    """Judge the intent as a claim whose invoice shows the whole amount. Raises PackUnknown, ValidationError."""
    pack, usage = judging_pack(packs, intent.program, intent.activity_start)
    inputs = _inputs(intent, pack, usage, recall, now)
    assessed = assess(inputs)
    checks = (*FORESEEABLE, check_deadline) if _closed(inputs, now) else FORESEEABLE
    findings = tuple(
        sorted(
            (remark.worded(packs.vocabulary) for check in checks for remark in check(inputs)),
            key=lambda finding: (GRAVITY[finding.severity], finding.code),
        )
    )
    window = _window(inputs)
    activity = pack.activities.get(intent.activity)
    return Forecast(
        can_claim=assessed.payable.amount_minor > 0
        and not any(
            finding.severity is Severity.ERROR and finding.code != "FUNDS_INSUFFICIENT"
            for finding in findings
        ),
        program=pack.program(intent.program).id,
        activity=intent.activity,
        pack_id=pack.id,
        pack_sha256=pack.sha256,
        usage_period=usage,
        window=ForeseenWindow.of(window, now) if window else None,
        findings=findings,
        amount_asked=assessed.requested,
        amount_payable=assessed.payable,
        cuts=assessed.cuts,
        funds=inputs.funds,
        evidence=tuple(need.model_copy(update={"there": False}) for need in needed_documents(inputs)),
        metrics=needed_metrics(inputs),
        eligible_expenses=tuple(activity.eligible) if activity else (),
    )


def _inputs(intent: Intent, pack: RulePack, usage: Period, recall: Recall, now: datetime) -> CheckInputs:
    manifest = Manifest(
        claim_name="An intent",
        partner_id=intent.partner_id,
        location=intent.location,
        program=intent.program,
        usage_period=usage,
        activity=intent.activity,
        activity_start=intent.activity_start,
        activity_end=intent.activity_end,
        currency=intent.currency,
        claimed_amount=intent.amount,
        sub_type=intent.sub_type,
        components=intent.components,
        unit_origin=intent.unit_origin,
    )
    known = recall(manifest, (), pack, now)
    return CheckInputs(
        manifest=manifest,
        documents=(_planned(intent),),
        partner_name=known.partner_name,
        received_at=now,
        first_received_at=now,
        pack=pack,
        funds=known.funds,
        earlier_claims=known.earlier_claims,
    )


def _planned(intent: Intent) -> CheckedDocument:
    """The invoice that there would be: it shows the whole amount, so that only limits and funds cut."""
    sha256 = hashlib.sha256(PLANNED.encode()).hexdigest()
    total = Fact(value=intent.amount, raw=intent.amount, method=Method.MANUAL, engine=PLANNED, confidence=1)
    return CheckedDocument(
        received=ReceivedDocument(
            file=PLANNED, sha256=sha256, bytes=0, media_type="text/plain", kind="third_party_invoice"
        ),
        facts=DocumentFacts(
            sha256=sha256, media_type="text/plain", status=ReadStatus.READ, facts={"total_net": total}
        ),
    )


def _window(inputs: CheckInputs) -> ClaimWindow | None:
    try:
        return claim_window(inputs.pack, inputs.usage_period, activity_end=inputs.manifest.activity_end)
    except WindowUnknown:
        return None


def _closed(inputs: CheckInputs, now: datetime) -> bool:
    window = _window(inputs)
    return window is not None and window.status(now) is WindowStatus.CLOSED
