"""The terms of a program edition: programs, split, threshold, windows, pay day, plan and service clocks.

Each model is one key of a rule pack. Amounts are decimal texts with their currency; percents are decimal texts.
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.base import Day
from schemas.findings import Texts
from schemas.ids import Name, ProgramId
from schemas.money import Money, minor_units

T = TypeVar("T")


def _number_text(given: object) -> object:
    """A whole number may be written without quotes; anything else must be a decimal text already."""
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    return given


Many = Annotated[tuple[T, ...], Field(strict=False)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
AmountText = Annotated[str, BeforeValidator(_number_text), Field(pattern=r"^\d{1,15}(\.\d{1,4})?$")]
PercentText = Annotated[
    str, BeforeValidator(_number_text), Field(pattern=r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$")
]
ShareText = Annotated[str, BeforeValidator(_number_text), Field(pattern=r"^(1(\.0{1,6})?|0(\.\d{1,6})?)$")]
Days = Annotated[int, Field(ge=0, le=3660)]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class PackPart(BaseModel):
    """A part of a rule pack: immutable, refusing unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Label(PackPart):
    """Words for people in the three languages of the product; others may stand beside them."""

    en: str
    sv: str
    fr: str
    de: str | None = None

    @property
    def texts(self) -> Texts:
        """The label as the texts that findings carry."""
        return Texts(en=self.en, sv=self.sv, fr=self.fr)


class PackAmount(PackPart):
    """An amount with its unit."""

    amount: AmountText
    currency: CurrencyCode

    @model_validator(mode="after")
    def _is_money(self) -> "PackAmount":
        minor_units(self.amount, self.currency)
        return self

    @property
    def money(self) -> Money:
        """The amount as money."""
        return Money.of(self.amount, self.currency)


class Effective(PackPart):
    """The days on which an edition is in force; both count, `until` may be open."""

    from_: Annotated[Day, Field(alias="from")]
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Effective":
        if self.until is not None and self.until < self.from_:
            raise ValueError(f"until ({self.until}) is before from ({self.from_})")
        return self

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.from_ <= day and (self.until is None or day <= self.until)


class Split(PackPart):
    """How an earning is divided (R-16): the rebate is rounded half up, co-op gets the remainder."""

    rebate: ShareText
    coop: ShareText
    rounding: Literal["rebate_half_up_remainder_to_coop"] = "rebate_half_up_remainder_to_coop"

    @model_validator(mode="after")
    def _whole(self) -> "Split":
        if Decimal(self.rebate) + Decimal(self.coop) != 1:
            raise ValueError(f"rebate {self.rebate} and coop {self.coop} do not add up to 1")
        return self


class Program(PackPart):
    """A program of the edition; id, name and aliases all name it (R-78, C22)."""

    id: ProgramId
    name: Name
    aliases: Many[Name] = ()
    family: Word
    further_families: Many[Word] = ()
    currency: CurrencyCode
    claimable: bool
    requires_plan: bool = False
    effective_from: Day | None = None
    split: Split | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that names this program."""
        return (self.id, self.name, *self.aliases)


class Periods(PackPart):
    """Length of an earning period, and where its usage period lies (R-10)."""

    length_months: Literal[1, 3, 6, 12]
    usage_follows: Literal["immediately", "same_period"] = "immediately"


class Comparison(StrEnum):
    """What happens exactly at the threshold (C4)."""

    MUST_EXCEED = "must_exceed"
    MUST_REACH = "must_reach"


class Threshold(PackPart):
    """Below it, co-op of a closed earning period is paid as rebate (R-17, R-18)."""

    scope: Literal["organization", "location"]
    currency: CurrencyCode
    comparison: Annotated[Comparison, Field(strict=False)]
    default: AmountText | None = None
    by_program: dict[str, AmountText] = Field(default_factory=dict)
    below: Literal["pay_as_rebate_next_cycle"] = "pay_as_rebate_next_cycle"

    @model_validator(mode="after")
    def _are_money(self) -> "Threshold":
        for amount in (*self.by_program.values(), *((self.default,) if self.default else ())):
            minor_units(amount, self.currency)
        return self


class OpensAfter(PackPart):
    """The window opens this many days after the first day of the usage period."""

    usage_start_plus_days: Days


class Closes(PackPart):
    """The last day of the claim window; `inclusive: false` means the day before it is the last."""

    usage_end_plus_days: Days | None = None
    activity_end_plus_days: Days | None = None
    activity_end_and_payment_plus_days: Days | None = None
    inclusive: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> "Closes":
        ways = (
            self.usage_end_plus_days,
            self.activity_end_plus_days,
            self.activity_end_and_payment_plus_days,
        )
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                "say exactly one of usage_end_plus_days, activity_end_plus_days, activity_end_and_payment_plus_days"
            )
        return self


class ClaimWindowRule(PackPart):
    """When claims are taken (R-13, R-14, C3, C7)."""

    opens: Literal["usage_start", "previous_window_end_plus_1"] | OpensAfter = "usage_start"
    closes: Closes
    near_days: Days = 7

    @model_validator(mode="after")
    def _previous_known(self) -> "ClaimWindowRule":
        if self.opens == "previous_window_end_plus_1" and self.closes.usage_end_plus_days is None:
            raise ValueError(
                "opens previous_window_end_plus_1 needs a window that closes by the usage period"
            )
        return self


class UsageEndOffset(PackPart):
    """A day counted from the end of the usage period; it is the last day that counts (R-15)."""

    usage_end_plus_days: Days


class Roll(StrEnum):
    """Where a pay day goes that is no business day."""

    NONE = "none"
    NEXT_BUSINESS_DAY = "next_business_day"
    PREVIOUS_BUSINESS_DAY = "previous_business_day"


class Payday(PackPart):
    """The day of the month on which a month is paid (R-27)."""

    day: Annotated[int, Field(ge=1, le=28)] | Literal["last"]
    of: Literal["same_month", "next_month", "month_after_next"]
    roll: Annotated[Roll, Field(strict=False)] = Roll.NONE


class OverLimit(StrEnum):
    """What becomes of earnings over the plan limit (R-28, C21)."""

    CARRY_FORWARD = "carry_forward"
    FORFEIT = "forfeit"


class LimitScope(StrEnum):
    """What a plan limit bounds: each month, or the plan as a whole (C21)."""

    MONTH = "month"
    PLAN = "plan"


class ResubmitBy(PackPart):
    """The last day for corrections of a plan (R-24)."""

    program_year_end_plus_days: Days


class PlanRules(PackPart):
    """Plans: uniqueness, dates and limits (R-22 to R-29)."""

    unique: Many[Literal["partner_id", "fund", "program", "period"]] = (
        "partner_id",
        "fund",
        "program",
        "period",
    )
    one_per_fund_type_and_program_year: Literal["error", "warn", "off"] = "off"
    submit_by: Literal["program_year_end"] = "program_year_end"
    resubmit_by: ResubmitBy = ResubmitBy(program_year_end_plus_days=90)
    limit_scope: Annotated[LimitScope, Field(strict=False)] = LimitScope.MONTH
    over_limit: Annotated[OverLimit, Field(strict=False)] = OverLimit.CARRY_FORWARD


class PoeRule(PackPart):
    """When proof of execution is due, and what happens to paid money without it (C6)."""

    timing: Literal["with_claim", "before_payment", "after_payment"]
    failure: Literal["clawback", "none"] = "none"


class SlaClock(PackPart):
    """How long a service may take: business days, days, the end of a month, or only words (R-57 to R-60)."""

    business_days: Days | None = None
    days: Days | None = None
    end_of: Literal["month_of_submission", "month_after_submission"] | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "SlaClock":
        measures = sum(measure is not None for measure in (self.business_days, self.days, self.end_of))
        if measures > 1 or (measures == 0 and self.label is None):
            raise ValueError(
                "say exactly one of business_days, days, end_of; or a label where nothing is promised"
            )
        return self


class Retention(PackPart):
    """How long originals are kept (R-61)."""

    months_after_activity: Annotated[int, Field(ge=0, le=240)]


class MinimumPayment(PackPart):
    """Smaller sums wait (R-69, C26)."""

    amount: AmountText
    currency: CurrencyCode
    per: Many[Literal["program", "earning_type"]]

    @property
    def money(self) -> Money:
        """The least sum that is paid."""
        return Money.of(self.amount, self.currency)


class MissingProfile(PackPart):
    """What happens to a payment while bank or tax details are missing (R-69)."""

    hold_days: Days
    then: Literal["forfeit", "hold"]


class Travel(PackPart):
    """Bounds on travel that are no amounts."""

    people_max: Annotated[int, Field(ge=1, le=100)]
    class_: Annotated[Literal["economy", "any"], Field(alias="class")] = "any"


class RevisionLimit(PackPart):
    """How long a partner has for a corrected revision after being asked; not the claim window (R-31)."""

    days_after_request: Days


class DisputeLimit(PackPart):
    """How long a partner may dispute a rejection, counted from the day it was told."""

    days_after_decision: Days


class ReviewAmounts(PackPart):
    """From which payable amount on a second reviewer must agree."""

    four_eyes_above: PackAmount


Role = Literal[
    "global_admin",
    "account_admin",
    "billing_admin",
    "incentives_admin",
    "incentives_user",
    "reviewer",
    "validation_team",
    "payment_operations",
]
"""The roles of R-1."""

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])")


def month_day(text: str) -> tuple[int, int]:
    """Read `MM-DD` with a day that every month has. Raises ValueError."""
    if not _MONTH_DAY.fullmatch(text):
        raise ValueError(f"{text!r} is not a day of the year: write it as 07-01, day 28 at most")
    return int(text[:2]), int(text[3:])
