"""The activity catalogue of a rule pack: evidence, content, metrics, payable expenses and caps (R-34 to R-39, R-48 to R-54)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from schemas.money import minor_units
from services.rules.expressions import Comparison, parse_comparison
from services.rules.pack_terms import AmountText, CurrencyCode, Label, Many, PackPart, PercentText, Word

CapId = Annotated[str, Field(pattern=r"^CAP_[A-Z0-9_]{1,60}$")]
CapBase = Literal["coop_earned_for_usage_period", "coop_accrued"]


class ExpenseKind(PackPart):
    """A kind of cost that a line may carry."""

    label: Label
    note: str | None = None


class DocumentKind(PackPart):
    """A kind of document; `accepts` lists the forms in which it may come."""

    family: Literal["financial", "poe", "metric", "plan"]
    label: Label
    accepts: Many[Word] = ()
    full: str | None = None
    note: str | None = None


class Condition(PackPart):
    """When a further demand applies; exactly one key."""

    expense_kind: Word | None = None
    content_missing_on: Many[Word] = ()
    unit_origin: Word | None = None
    sub_type: Word | None = None

    @model_validator(mode="after")
    def _one(self) -> "Condition":
        if len(self.model_fields_set) != 1:
            raise ValueError(
                "a condition has exactly one of expense_kind, content_missing_on, unit_origin, sub_type"
            )
        return self


class EvidenceSet(PackPart):
    """Document kinds that are needed together."""

    when: Condition | None = None
    all_of: Many[Word]


class AllOf(PackPart):
    """Document kinds that are all needed."""

    all_of: Many[Word]


class EvidenceWhen(PackPart):
    """A further demand that depends on the claim."""

    if_: Annotated[Condition, Field(alias="if")]
    then: AllOf


class EvidenceTree(PackPart):
    """Which documents prove the activity (R-36)."""

    all_of: Many[Word] = ()
    any_of: Many[Word] = ()
    when: Many[EvidenceWhen] = ()
    any_of_sets: Many[EvidenceSet] = ()
    inherit: Literal["used_components"] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> "EvidenceTree":
        if not (self.all_of or self.any_of or self.when or self.any_of_sets or self.inherit):
            raise ValueError("evidence asks for nothing: say all_of, any_of, when, any_of_sets or inherit")
        return self

    @property
    def kinds(self) -> frozenset[str]:
        """Every document kind the tree names."""
        sets = [inner.all_of for inner in self.any_of_sets] + [inner.then.all_of for inner in self.when]
        return frozenset(self.all_of + self.any_of + tuple(kind for group in sets for kind in group))


class Metric(PackPart):
    """A value the partner states. With `report_kind`, a document must show it (R-36)."""

    id: Word
    unit: Literal["people", "count", "money", "text", "list"]
    required: bool = True
    label: Label
    report_kind: Word | None = None
    max: Word | None = None
    unless_expense_kind: Word | None = None
    example: str | None = None


def _check_measure(percent: str | None, base: str | None, amount: str | None, currency: str | None) -> None:
    """A percentage needs its base, an amount its currency. Raises ValueError."""
    if (percent is None) != (base is None):
        raise ValueError(
            "a percent needs its base (coop_earned_for_usage_period or coop_accrued), and a base a percent"
        )
    if (amount is None) != (currency is None):
        raise ValueError("an amount needs its currency, and a currency an amount")
    if amount is not None and currency is not None:
        minor_units(amount, currency)


class CapShare(PackPart):
    """A percentage of a base, or an amount with its currency."""

    percent: PercentText | None = None
    base: CapBase | None = None
    amount: AmountText | None = None
    currency: CurrencyCode | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> "CapShare":
        _check_measure(self.percent, self.base, self.amount, self.currency)
        if (self.percent is None) == (self.amount is None):
            raise ValueError("say exactly one of percent (with base) and amount (with currency)")
        return self


class CapException(PackPart):
    """Another share, or no limit at all, for programs of a family; a percent keeps the base of its cap."""

    program_family: Word | Many[Word]
    percent: PercentText | None = None
    amount: AmountText | None = None
    currency: CurrencyCode | None = None
    unlimited: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "CapException":
        if sum(way is not None for way in (self.percent, self.amount, self.unlimited)) != 1:
            raise ValueError("an exception says exactly one of percent, amount, unlimited")
        _check_measure(None, None, self.amount, self.currency)
        return self

    @property
    def families(self) -> frozenset[str]:
        """The families it holds for."""
        return frozenset(
            [self.program_family] if isinstance(self.program_family, str) else self.program_family
        )


PerUnit = Literal["usage_period", "program_period", "conference", "person"]


class Cap(PackPart):
    """A limit on what is payable (R-48 to R-54). `applies_to` empty means every expense kind."""

    id: CapId
    rule: Annotated[str, Field(pattern=r"^R-\d{1,3}$")]
    label: Label
    percent: PercentText | None = None
    base: CapBase | None = None
    amount: AmountText | None = None
    currency: CurrencyCode | None = None
    greater_of: Many[CapShare] = ()
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    unit: Literal["attendees"] | None = None
    applies_to: Many[Word] = ()
    per: PerUnit | Many[PerUnit]
    scope: Literal["partner_program_activity", "partner_program"] = "partner_program_activity"
    except_: Annotated[CapException | None, Field(alias="except")] = None

    @model_validator(mode="after")
    def _one_measure(self) -> "Cap":
        _check_measure(self.percent, self.base, self.amount, self.currency)
        measures = (self.percent, self.amount, self.greater_of or None, self.count)
        if sum(measure is not None for measure in measures) != 1:
            raise ValueError("a cap says exactly one of percent, amount, greater_of, count")
        if (self.count is None) != (self.unit is None):
            raise ValueError("a count needs its unit (attendees)")
        if self.count is not None and self.units != ("conference",):
            raise ValueError("heads are counted per conference")
        if self.except_ is not None and self.except_.percent is not None and self.percent is None:
            raise ValueError("an exception in percent needs a cap in percent")
        return self

    @property
    def units(self) -> tuple[str, ...]:
        """What the limit is counted by."""
        return (self.per,) if isinstance(self.per, str) else self.per

    @property
    def shares(self) -> tuple[CapShare, ...]:
        """The shares of which the greatest is the limit; empty for a count."""
        if self.greater_of or self.count is not None:
            return self.greater_of
        return (CapShare(percent=self.percent, base=self.base, amount=self.amount, currency=self.currency),)


ComparisonText = Annotated[str, AfterValidator(lambda text: parse_comparison(text).text)]


class Activity(PackPart):
    """One activity of the catalogue."""

    category: Word
    label: Label
    content_tests: Many[Word] = ()
    evidence: EvidenceTree
    content_on: dict[Word, Many[Word]] = Field(default_factory=dict)
    alternatives: dict[Word, Word] = Field(default_factory=dict)
    sub_types: dict[Word, dict[Word, Many[Word]]] = Field(default_factory=dict)
    composite_of: Many[Word] = ()
    metrics: Many[Metric] = ()
    eligible: Many[Word]
    eligible_notes: dict[Word, str] = Field(default_factory=dict)
    caps: Many[Cap] = ()
    excluded_programs: Many[str] = ()
    financial_evidence_override: Many[Word] = ()
    cross_checks: Many[ComparisonText] = ()
    normalized: str | None = None
    note: str | None = None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The cross-checks, parsed."""
        return tuple(parse_comparison(text) for text in self.cross_checks)

    def cap(self, cap_id: str) -> Cap | None:
        """The cap with this id, if the activity has it."""
        return next((cap for cap in self.caps if cap.id == cap_id), None)
