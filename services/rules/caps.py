"""Caps: how much of a claim is payable under the limits of its activity (R-48 to R-54).

Caps are applied in the order of the pack, each to what the ones before left. What was approved or reserved earlier
counts first (R-53). A cap hit reduces the payable amount and is shown; it is no reason to reject (R-54).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from schemas.money import minor_units
from services.rules.activities import Activity, Cap, CapShare
from services.rules.pack import RulePack

Group = tuple[str, str]
"""Person and conference, folded; empty where the limit is not counted by it."""


@dataclass(frozen=True)
class CapLine:
    """One line of a claim: minor units of the claim's currency."""

    kind: str
    amount_minor: int
    person: str | None = None
    conference: str | None = None


@dataclass(frozen=True)
class CapBases:
    """What percentages are taken of, in minor units; None where it is not known."""

    coop_earned_for_usage_period: int | None = None
    coop_accrued: int | None = None

    def of(self, base: str | None) -> int | None:
        """The amount of a base by its name in the pack."""
        return {
            "coop_earned_for_usage_period": self.coop_earned_for_usage_period,
            "coop_accrued": self.coop_accrued,
        }.get(base or "")


@dataclass(frozen=True)
class CapUsage:
    """What earlier claims took of each cap (approved and reserved, R-53), by cap id."""

    amounts: Mapping[str, int] = field(default_factory=dict)
    by_group: Mapping[tuple[str, Group], int] = field(default_factory=dict)
    heads: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class CapCut:
    """By how much one cap cut one line (by its place)."""

    cap: Cap
    line: int
    amount_minor: int


@dataclass(frozen=True)
class CapOutcome:
    """What is left of each line. `unchecked` are caps that could not be compared: a base or the currency is unknown."""

    asked_minor: int
    payable_by_line: tuple[int, ...]
    cuts: tuple[CapCut, ...]
    unchecked: tuple[Cap, ...]

    @property
    def payable_minor(self) -> int:
        """What is payable altogether."""
        return sum(self.payable_by_line)

    @property
    def cut_minor(self) -> int:
        """What the caps cut altogether."""
        return self.asked_minor - self.payable_minor

    @property
    def hits(self) -> tuple[tuple[Cap, int], ...]:
        """Each cap that cut something, in the order of the pack, with the amount it cut."""
        amounts: dict[str, tuple[Cap, int]] = {}
        for cut in self.cuts:
            _, before = amounts.get(cut.cap.id, (cut.cap, 0))
            amounts[cut.cap.id] = (cut.cap, before + cut.amount_minor)
        return tuple(amounts.values())


def _folded(name: str | None) -> str:
    return " ".join((name or "").split()).casefold()


def _group(cap: Cap, line: CapLine) -> Group:
    return (
        _folded(line.person) if "person" in cap.units else "",
        _folded(line.conference) if "conference" in cap.units else "",
    )


def _applies(cap: Cap, line: CapLine) -> bool:
    return not cap.applies_to or line.kind in cap.applies_to


def is_unlimited(cap: Cap, families: frozenset[str]) -> bool:
    """Whether the cap does not hold for programs of these families."""
    return cap.except_ is not None and bool(cap.except_.unlimited) and bool(cap.except_.families & families)


def _shares(cap: Cap, families: frozenset[str]) -> tuple[CapShare, ...]:
    exception = cap.except_
    if exception is None or not exception.families & families:
        return cap.shares
    return (
        CapShare(
            percent=exception.percent,
            base=cap.base if exception.percent is not None else None,
            amount=exception.amount,
            currency=exception.currency,
        ),
    )


def cap_limit(cap: Cap, families: frozenset[str], bases: CapBases, currency: str) -> int | None:
    """The limit in minor units, rounded down so that it is never exceeded; None where it cannot be known.

    Of several shares the greatest counts. A share in another currency than the claim's cannot be compared (C23).
    """
    limits: list[int] = []
    for share in _shares(cap, families):
        if share.percent is not None:
            base = bases.of(share.base)
            if base is None:
                return None
            limits.append(
                int((max(base, 0) * Decimal(share.percent) / 100).to_integral_value(rounding=ROUND_DOWN))
            )
        elif share.amount is not None and share.currency == currency:
            limits.append(minor_units(share.amount, currency))
        else:
            return None
    return max(limits)


class _Reduction:
    """The lines while caps are applied one by one."""

    def __init__(self, lines: Sequence[CapLine]) -> None:
        self.lines = lines
        self.payable = [line.amount_minor for line in lines]
        self.cuts: list[CapCut] = []

    def to(self, cap: Cap, places: Sequence[int], allowance: int) -> None:
        """Cut the lines at `places` to `allowance`: earlier lines are paid first."""
        excess = sum(self.payable[place] for place in places) - max(allowance, 0)
        for place in reversed(places):
            cut = min(excess, self.payable[place])
            if cut > 0:
                self.payable[place] -= cut
                self.cuts.append(CapCut(cap, place, cut))
                excess -= cut

    def heads(self, cap: Cap, places: Sequence[int], count: int, present: frozenset[str]) -> None:
        """Keep `count` people of a conference: those already present, then the ones who pay most."""
        people: dict[str, list[int]] = {}
        for place in places:
            if self.payable[place] > 0:
                people.setdefault(_folded(self.lines[place].person), []).append(place)
        fresh = sorted(
            (person for person in people if person not in present),
            key=lambda person: -sum(self.payable[place] for place in people[person]),
        )
        for person in fresh[max(count - len(present), 0) :]:
            self.to(cap, people[person], 0)


def apply_caps(
    activity: Activity,
    lines: Sequence[CapLine],
    *,
    currency: str,
    families: frozenset[str],
    bases: CapBases | None = None,
    used: CapUsage | None = None,
) -> CapOutcome:
    """Cut the lines of a claim to the caps of its activity (R-48 to R-54). Pass only payable lines.

    `families` are those of the program (`RulePack.families_of`).
    """
    bases, used = bases or CapBases(), used or CapUsage()
    reduction = _Reduction(lines)
    unchecked: list[Cap] = []
    for cap in activity.caps:
        places = [place for place, line in enumerate(lines) if _applies(cap, line)]
        if not places or is_unlimited(cap, families):
            continue
        if cap.count is not None:
            for conference in dict.fromkeys(_folded(lines[place].conference) for place in places):
                there = [place for place in places if _folded(lines[place].conference) == conference]
                reduction.heads(cap, there, cap.count, used.heads.get((cap.id, conference), frozenset()))
            continue
        limit = cap_limit(cap, families, bases, currency)
        if limit is None:
            unchecked.append(cap)
            continue
        groups: dict[Group, list[int]] = {}
        for place in places:
            groups.setdefault(_group(cap, lines[place]), []).append(place)
        for group, members in groups.items():
            taken = used.amounts.get(cap.id, 0) if group == ("", "") else 0
            reduction.to(cap, members, limit - taken - used.by_group.get((cap.id, group), 0))
    asked = sum(line.amount_minor for line in lines)
    return CapOutcome(asked, tuple(reduction.payable), tuple(reduction.cuts), tuple(unchecked))


@dataclass(frozen=True)
class EarlierSpend:
    """An earlier claim of the same partner, program and period: what was approved or is reserved, and its lines."""

    activity: str
    counted_minor: int
    lines: Sequence[CapLine] = ()


def _counted(cap: Cap, spend: EarlierSpend) -> list[CapLine]:
    """The lines that fall under the cap, cut to what was counted; a claim without lines is one line of any kind."""
    lines = list(spend.lines) or [CapLine("", spend.counted_minor)]
    left = spend.counted_minor
    kept: list[CapLine] = []
    for line in lines:
        amount = min(line.amount_minor, max(left, 0))
        left -= amount
        if _applies(cap, line) or not line.kind:
            kept.append(CapLine(line.kind, amount, line.person, line.conference))
    return kept


def usage_of(pack: RulePack, activity_id: str, earlier: Iterable[EarlierSpend]) -> CapUsage:
    """What earlier claims took of the caps of an activity (R-53).

    A cap of scope partner_program also counts claims of other activities that carry the same cap.
    """
    amounts: dict[str, int] = {}
    by_group: dict[tuple[str, Group], int] = {}
    heads: dict[tuple[str, str], frozenset[str]] = {}
    spends = list(earlier)
    for cap in pack.activity(activity_id).caps:
        for spend in spends:
            other = pack.activities.get(spend.activity)
            shared = cap.scope == "partner_program" and other is not None and other.cap(cap.id) is not None
            if spend.activity != activity_id and not shared:
                continue
            for line in _counted(cap, spend):
                group = _group(cap, line)
                if cap.count is not None:
                    if line.amount_minor > 0:
                        place = (cap.id, _folded(line.conference))
                        heads[place] = heads.get(place, frozenset()) | {_folded(line.person)}
                elif group == ("", ""):
                    amounts[cap.id] = amounts.get(cap.id, 0) + line.amount_minor
                else:
                    by_group[cap.id, group] = by_group.get((cap.id, group), 0) + line.amount_minor
    return CapUsage(amounts, by_group, heads)
