"""A rule pack: the dated, immutable edition of one program owner's rules, and its canonical form."""

import hashlib
import json
import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from schemas.money import Money
from services.rules.activities import Activity, DocumentKind, ExpenseKind
from services.rules.business_days import calendar_name
from services.rules.pack_terms import (
    ClaimWindowRule,
    DisputeLimit,
    Effective,
    Label,
    Many,
    MinimumPayment,
    MissingProfile,
    PackPart,
    Payday,
    PercentText,
    Periods,
    PlanRules,
    PoeRule,
    Program,
    Retention,
    ReviewAmounts,
    RevisionLimit,
    Role,
    SlaClock,
    Split,
    Threshold,
    Travel,
    UsageEndOffset,
    Word,
    month_day,
)

PACK_SCHEMA = "coop.rulepack/1"


class ProgramUnknown(LookupError):
    """No program of the pack has this id, name or alias."""

    code = "PROGRAM_UNKNOWN"

    def __init__(self, pack_id: str, program: str) -> None:
        self.pack_id = pack_id
        self.program = program
        super().__init__(f"{program!r} is no program of {pack_id}: use the id, name or an alias it lists")


class ActivityUnknown(LookupError):
    """The pack's catalogue has no such activity."""

    code = "ACTIVITY_UNKNOWN"

    def __init__(self, pack_id: str, activity: str) -> None:
        self.pack_id = pack_id
        self.activity = activity
        super().__init__(f"{activity!r} is no activity of {pack_id}: use an id of its catalogue")


class NoPackInForce(LookupError):
    """No pack carries the program on that day."""

    code = "NO_PACK_IN_FORCE"

    def __init__(self, program: str, day: date) -> None:
        self.program = program
        self.day = day
        super().__init__(f"no rule pack for {program!r} is in force on {day.isoformat()}")


def _zone_name(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: use a name such as America/Los_Angeles") from None
    return name


def _year_start(text: str) -> str:
    month_day(text)
    return text


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


class RulePack(PackPart):
    """One edition. Every judgement names its `id` and `sha256`."""

    schema_version: Annotated[Literal["coop.rulepack/1"], Field(alias="schema")]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    extends: str | None = None
    effective: Effective
    source: Many[str]
    note: str | None = None
    timezone: Annotated[str, AfterValidator(_zone_name)]
    timezone_label: Label
    fiscal_year_start: Annotated[str, AfterValidator(_year_start)]
    programs: Many[Program]
    family_parents: dict[Word, Word] = Field(default_factory=dict)
    periods: Periods
    pays: Literal["split", "whole_earning_up_to_plan_limit"] = "split"
    split: Split | None = None
    threshold: Threshold | None = None
    claim_window: ClaimWindowRule
    evidence_close: UsageEndOffset | None = None
    payday: Payday
    plan: PlanRules | None = None
    poe: PoeRule
    reimbursement_percent: PercentText = "100"
    sla: dict[
        Literal[
            "review", "dispute", "payment", "payment_after_tax_invoice", "plan_poe_review", "profile_check"
        ],
        SlaClock,
    ] = Field(default_factory=dict)
    retention: Retention | None = None
    minimum_payment: MinimumPayment | None = None
    missing_profile: MissingProfile | None = None
    roles: dict[Literal["claim", "funds", "dispute", "plan", "poe"], Many[Role]]
    holiday_calendar: Annotated[str, AfterValidator(calendar_name)] = "none"
    tax: Literal["exclude_recoverable", "include"] = "exclude_recoverable"
    tax_payable_on: Many[Word] = ()
    declarations: Many[Word] = ()
    declaration_texts: dict[Word, Label] = Field(default_factory=dict)
    evidence_extra: Many[Word] = ()
    proof_of_payment_kinds: Many[Word] = ()
    translation_required_if_language_not: Many[Annotated[str, Field(pattern=r"^[a-z]{2}$")]] = ()
    buyer_on_invoice_must_be: Literal["claimant", "claimant_or_documented_affiliate", "anyone"] = (
        "claimant_or_documented_affiliate"
    )
    travel: Travel | None = None
    revision_limit: RevisionLimit | None = None
    dispute_limit: DisputeLimit | None = None
    review_amounts: ReviewAmounts | None = None
    trace_policy: Literal["fifo", "lifo"] = "fifo"
    financial_evidence: Many[Word] = ("third_party_invoice", "csr")
    never_payable: Many[Word] = ()
    categories: dict[Word, Label] = Field(default_factory=dict)
    content_texts: dict[Word, Label] = Field(default_factory=dict)
    expense_kinds: dict[Word, ExpenseKind] = Field(default_factory=dict)
    document_kinds: dict[Word, DocumentKind] = Field(default_factory=dict)
    activities: dict[Word, Activity] = Field(default_factory=dict)

    @cached_property
    def canonical(self) -> str:
        """The pack as sorted JSON of everything it says; defaults it leaves unsaid are not part of it."""
        said = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical form in UTF-8."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def effective_from(self) -> date:
        """The first day on which the edition is in force."""
        return self.effective.from_

    def in_force_on(self, day: date) -> bool:
        """Whether the edition is in force on a day."""
        return day in self.effective

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which days begin and end (R-12)."""
        return zoneinfo.ZoneInfo(self.timezone)

    def local_day(self, instant: datetime) -> date:
        """The day of an instant in the zone of the pack."""
        return instant.astimezone(self.zone).date()

    @cached_property
    def _programs_by_name(self) -> dict[str, Program]:
        return {_folded(name): program for program in self.programs for name in program.names}

    def program(self, name: str) -> Program:
        """The program that an id, a name or an alias names. Raises ProgramUnknown."""
        try:
            return self._programs_by_name[_folded(name)]
        except KeyError:
            raise ProgramUnknown(self.id, name) from None

    def lists(self, name: str) -> bool:
        """Whether a program of this pack has that id, name or alias."""
        return _folded(name) in self._programs_by_name

    def families_within(self, families: Iterable[str]) -> frozenset[str]:
        """The families and every wider family they lie in."""
        known: set[str] = set()
        waiting = list(families)
        while waiting:
            family = waiting.pop()
            if family not in known:
                known.add(family)
                if family in self.family_parents:
                    waiting.append(self.family_parents[family])
        return frozenset(known)

    def families_of(self, program: str) -> frozenset[str]:
        """All families of a program, wider ones included."""
        found = self.program(program)
        return self.families_within((found.family, *found.further_families))

    def activity(self, activity_id: str) -> Activity:
        """The activity with this id. Raises ActivityUnknown."""
        try:
            return self.activities[activity_id]
        except KeyError:
            raise ActivityUnknown(self.id, activity_id) from None

    def offers(self, activity_id: str, program: str) -> bool:
        """Whether the activity is open to the program: claimable, and not excluded by it (R-78)."""
        found = self.program(program)
        excluded = {_folded(name) for name in self.activity(activity_id).excluded_programs}
        return found.claimable and not excluded & {_folded(name) for name in found.names}

    def split_for(self, program: str | None = None) -> Split | None:
        """The split of a program, or of the pack (R-16: the split belongs to the program)."""
        own = self.program(program).split if program is not None else None
        return own or self.split

    def threshold_for(self, program: str) -> Money | None:
        """The threshold of a program (R-18); None where co-op has no threshold."""
        if self.threshold is None:
            return None
        names = {_folded(name) for name in self.program(program).names}
        own = next(
            (amount for name, amount in self.threshold.by_program.items() if _folded(name) in names), None
        )
        amount = own or self.threshold.default
        return Money.of(amount, self.threshold.currency) if amount is not None else None

    @property
    def reimbursement(self) -> Decimal:
        """The reimbursed share of shown cost, from 0 to 1 (R-79)."""
        return Decimal(self.reimbursement_percent) / 100


def pack_in_force(packs: Mapping[str, RulePack], program: str, on: date) -> RulePack:
    """The pack that carries `program` on a day; of several, the one that came into force last. Raises NoPackInForce."""
    fitting = [pack for pack in packs.values() if pack.lists(program) and pack.in_force_on(on)]
    if not fitting:
        raise NoPackInForce(program, on)
    return max(fitting, key=lambda pack: (pack.effective_from, pack.id))
