"""Which function the rules of money run on a vector: splits, thresholds, caps, traces, balances, amounts."""

import re

from services.rules.amounts import parse_amount
from services.rules.balances import balance_of, expiry_at, is_shown, remaining
from services.rules.caps import CapBases, CapLine, CapUsage, apply_caps
from services.rules.dates import parse_date
from services.rules.pack_terms import Comparison, Split
from services.rules.payments import forfeits_on, waits
from services.rules.periods import earning_period, preceding_period
from services.rules.reimbursement import reimbursable
from services.rules.splits import split_earning, split_posting
from services.rules.thresholds import threshold_outcome
from services.rules.traces import Draw, Lot, claw_back, draw
from services.rules.vector_given import Answer, Given, Runner, UnsupportedGiven, plain
from services.rules.windows import claim_window

_BEFORE = re.compile(r"(approved|reserved)(_[a-z]+)*_(before|in_period)")
"""How vectors call what earlier claims took (R-53)."""


def _split(given: Given) -> Answer:
    split = given.pack.split_for(given.text("program") if "program" in given else None)
    if "split" in given:
        split = Split.model_validate(plain(given.raw("split")))
    if split is None:
        raise UnsupportedGiven("split")
    before = given.minor_or_none("month_total_before")
    earning = given.minor("earning")
    parts = split_earning(earning, split) if before is None else split_posting(before, earning, split)
    return {"rebate": given.amount(parts.rebate_minor), "coop": given.amount(parts.coop_minor)}


def _threshold(given: Given) -> Answer:
    own = given.pack.threshold
    threshold = (
        given.money("threshold") if "threshold" in given else given.pack.threshold_for(given.text("program"))
    )
    comparison = own.comparison if own is not None else Comparison.MUST_REACH
    if "comparison" in given:
        comparison = Comparison(given.text("comparison"))
    return {"outcome": threshold_outcome(given.money("coop_accrued_in_period"), threshold, comparison)}


def _funds(given: Given) -> Answer:
    answer: Answer = {}
    if given.has("coop_earned", "coop_claimed"):
        answer["remaining"] = remaining(given.money("coop_earned"), given.money("coop_claimed")).amount
    if "usage_period" in given:
        window = claim_window(given.pack, given.period("usage_period"))
        answer["expires"] = window.last_day
        answer["deadline_text"] = window.deadline_text
        if "at" in given:
            answer["shown"] = is_shown(window, given.instant("at"))
    if not answer:
        raise UnsupportedGiven("coop_earned")
    return answer


def _amount(given: Given) -> Answer:
    locale = given.text("locale") if "locale" in given else None
    if "date_text" in given:
        day = parse_date(given.text("date_text"), locale)
        return {"status": day.status, "value": day.value, "candidates": list(day.candidates)}
    read = parse_amount(str(given.raw("text") or ""), locale)
    return {
        "status": read.status,
        "value": read.value,
        "candidates": list(read.candidates),
        "currency": read.currency,
    }


def _cap_lines(given: Given) -> list[CapLine]:
    activity = given.pack.activity(given.text("activity"))
    conference = given.text("conference") if "conference" in given else None
    lines = []
    for line in given.values.get("lines") or ():
        amount = Given({**line, "currency": given.currency}, given.pack).minor("amount")
        lines.append(
            CapLine(
                str(line.get("kind", "")), amount, line.get("person"), line.get("conference") or conference
            )
        )
    for name, people in given.values.items():
        word, found, _ = name.rpartition("_by_person")
        if found:
            kind = next(
                (kind for kind in activity.eligible if kind == word or kind.startswith(f"{word}_")), None
            )
            if kind is None:
                raise UnsupportedGiven(name)
            for person, amount in people.items():
                stated = Given({"amount": amount, "currency": given.currency}, given.pack).minor("amount")
                lines.append(CapLine(kind, stated, str(person), conference))
    if "claim" in given:
        lines.append(CapLine(given.text("kind", ""), given.minor("claim"), None, conference))
    if not lines:
        raise UnsupportedGiven("claim")
    return lines


def _caps(given: Given) -> Answer:
    activity = given.pack.activity(given.text("activity"))
    lines = _cap_lines(given)
    families = given.pack.families_of(given.text("program")) if "program" in given else frozenset()
    if "program_family" in given:
        families = given.pack.families_within([given.text("program_family")])
    before = sum(given.minor(name) for name in given.values if _BEFORE.fullmatch(name) and name in given)
    outcome = apply_caps(
        activity,
        lines,
        currency=given.currency,
        families=families,
        bases=CapBases(given.minor_or_none("coop_earned"), given.minor_or_none("coop_accrued")),
        used=CapUsage(amounts={cap.id: before for cap in activity.caps}),
    )
    by_person: dict[str, int] = {}
    for line, payable in zip(lines, outcome.payable_by_line, strict=True):
        if line.person is not None:
            by_person[line.person] = by_person.get(line.person, 0) + payable
    return {
        "payable": given.amount(outcome.payable_minor),
        "cut": given.amount(outcome.cut_minor),
        "cap": outcome.hits[0][0].id if outcome.hits else None,
        "per_person": {person: given.amount(amount) for person, amount in by_person.items()},
        "findings": [f"CAP_HIT:{cap.id}" for cap, _ in outcome.hits],
        "unchecked": [cap.id for cap in outcome.unchecked],
    }


def _drawn(given: Given, draws: tuple[Draw, ...]) -> dict[str, str]:
    return {one.earning_id: given.amount(one.amount_minor) for one in draws}


def _trace(given: Given) -> Answer:
    stated = given.text("policy", given.pack.trace_policy)

    def minor(amount: object) -> int:
        return Given({"amount": amount, "currency": given.currency}, given.pack).minor("amount")

    lots = tuple(Lot(str(lot["earning_id"]), minor(lot["amount"])) for lot in given.raw("coop_lots"))
    draws: dict[str, tuple[Draw, ...]] = {}
    for payment in given.raw("payments"):
        drawing = draw(lots, minor(payment["amount"]), "lifo" if stated == "lifo" else "fifo")
        claim = str(payment["claim"])
        draws[claim], lots = draws.get(claim, ()) + drawing.draws, drawing.open_lots
    answer: Answer = {}
    open_minor = {lot.earning_id: lot.amount_minor for lot in lots}
    if "clawback" in given:
        claim = str(given.raw("clawback")["claim"])
        back = claw_back(draws.get(claim, ()), minor(given.raw("clawback")["amount"]))
        draws[claim] = back.kept
        answer["returned_to"] = _drawn(given, back.returned)
        for one in back.returned:
            open_minor[one.earning_id] += one.amount_minor
    answer.update({claim: _drawn(given, used) for claim, used in draws.items()})
    answer["open"] = {earning: given.amount(amount) for earning, amount in open_minor.items() if amount}
    return answer


def _expiry(given: Given) -> Answer:
    at = given.instant("at")
    if "usage_period" in given:
        usage = given.period("usage_period")
    else:
        # Without a period it is the one that ended last: of two open windows the earlier closes first.
        usage = preceding_period(given.pack, earning_period(given.pack, given.pack.local_day(at)))
    expiry = expiry_at(
        claim_window(given.pack, usage),
        at,
        given.money("earned"),
        given.money("approved", "0"),
        given.money("under_review", "0"),
    )
    return {"expired": expiry.expired.amount, "still_reserved": expiry.still_reserved.amount}


def _balance(given: Given) -> Answer:
    found = balance_of(
        given.money("allocations"),
        given.money("payments", "0"),
        given.money("approved_unpaid", "0"),
        given.money("pending", "0"),
    )
    return {"balance": found.balance.amount, "available": found.available.amount}


def _reimbursement(given: Given) -> Answer:
    return {"reimbursed": given.amount(reimbursable(given.pack, given.minor("shown")))}


def _payment(given: Given) -> Answer:
    answer: Answer = {}
    if "sum" in given:
        answer["waits"] = waits(given.pack, given.money("sum"))
    if "held_since" in given:
        answer["forfeits_on"] = forfeits_on(given.pack, given.day("held_since"))
    if not answer:
        raise UnsupportedGiven("sum")
    return answer


MONEY_RUNNERS: dict[str, Runner] = {
    "R-16": _split,
    "R-17": _threshold,
    "R-18": _threshold,
    "R-41": _funds,
    "R-42": _amount,
    "R-43": _balance,
    "R-44": _expiry,
    **dict.fromkeys(("R-48", "R-49", "R-50", "R-51", "R-52", "R-53", "R-54"), _caps),
    "R-69": _payment,
    "R-70": _trace,
    "R-79": _reimbursement,
}
"""The function of each rule about money."""
