"""Which function each rule runs on a vector: the calendar, plans and states here, money beside.

The functions are those that the services call.
"""

from datetime import date

from schemas.claims import ClaimAct, TransitionNotAllowed, after
from services.rules.clocks import due_on, keep_originals_until
from services.rules.pack_terms import LimitScope, OverLimit, PlanRules, Roll, SlaClock
from services.rules.paydays import payday_by
from services.rules.periods import Month, earning_period, earnings_start, label, usage_period
from services.rules.plans import (
    PlanKey,
    monthly_payout,
    plan_conflict,
    plan_dates,
    plan_payouts,
    plan_submission,
)
from services.rules.states import change_plan, state_named, state_texts
from services.rules.vector_given import Answer, Given, Runner, UnsupportedGiven
from services.rules.vector_money import MONEY_RUNNERS
from services.rules.windows import claim_window, evidence_closes_on, is_near, midnight, revision_closes_at


def _periods(given: Given) -> Answer:
    earning = earning_period(given.pack, given.first_day("earned_on", "earning_period_start"))
    usage = usage_period(given.pack, earning)
    return {
        "earning_period": earning,
        "usage_period": usage,
        "labels": [label(given.pack, earning), label(given.pack, usage)],
    }


def _window(given: Given) -> Answer:
    if "usage_period" in given:
        usage = given.period("usage_period")
    else:
        usage = usage_period(
            given.pack, earning_period(given.pack, given.first_day("earning_period_start", "earned_on"))
        )
    activity_end = given.day("activity_end") if "activity_end" in given else None
    paid_on = given.day("paid_on") if "paid_on" in given else None
    window = claim_window(given.pack, usage, activity_end=activity_end, paid_on=paid_on)
    answer: Answer = {
        "usage_period": usage,
        "claim_window": [window.first_day, window.last_day],
        "opens": window.first_day,
        "closes": window.last_day,
        "deadline": window.closes_at,
        "deadline_text": window.deadline_text,
    }
    if "submitted_at" in given or "submitted_on" in given:
        zone = given.pack.zone
        instant = (
            given.instant("submitted_at")
            if "submitted_at" in given
            else midnight(given.day("submitted_on"), zone)
        )
        answer["window"] = window.status(instant)
        answer["days_left"] = window.days_left(instant)
        answer["near"] = is_near(given.pack, window, instant)
    return answer


def _revision(given: Given) -> Answer:
    closes_at = revision_closes_at(given.pack, given.instant("asked_at"))
    answer: Answer = {"closes_at": closes_at}
    if "submitted_at" in given:
        answer["in_time"] = closes_at is None or given.instant("submitted_at") < closes_at
    return answer


def _evidence_close(given: Given) -> Answer:
    usage = (
        given.period("usage_period")
        if "usage_period" in given
        else earning_period(given.pack, given.day("usage_end"))
    )
    closes = evidence_closes_on(given.pack, usage)
    # The day has no settled name in the sources.
    return dict.fromkeys(
        ("evidence_close", "evidence_closes", "evidence_due", "evidence_approved_by", "due"), closes
    )


def _payday(given: Given) -> Answer:
    rule = given.pack.payday
    if "payday_roll" in given:
        rule = rule.model_copy(update={"roll": Roll(given.text("payday_roll"))})
    answer: Answer = {"on": payday_by(rule, Month.parse(given.text("month")), given.calendar)}
    if "earned_in_month" in given:
        payout = monthly_payout(given.minor("earned_in_month"), given.minor("plan_limit_per_month"))
        answer["pay"] = given.amount(payout.paid_minor)
        answer["over_limit"] = given.amount(payout.over_minor)
    return answer


def _plan_rules(given: Given) -> PlanRules:
    return given.pack.plan or PlanRules()


def _plan_payouts(given: Given) -> Answer:
    rules = _plan_rules(given)
    limits = given.by_month("limit") if isinstance(given.raw("limit"), dict) else given.minor("limit")
    months = plan_payouts(
        given.by_month("earned"),
        limits,
        over_limit=OverLimit(given.text("policy", rules.over_limit)),
        limit_scope=LimitScope(given.text("limit_scope", rules.limit_scope)),
    )
    paid = {
        payday_by(given.pack.payday, one.month, given.calendar): given.amount(one.paid_minor)
        for one in months
    }
    return {
        "paid": paid,
        "forfeited": given.amount(sum(one.forfeited_minor for one in months)),
        "open": given.amount(months[-1].carried_minor if months else 0),
    }


def _plan_dates(given: Given) -> Answer:
    year_end = given.day("program_year_end")
    dates = plan_dates(_plan_rules(given), year_end)
    answer: Answer = {"submit_by": dates.submit_by, "resubmit_by": dates.resubmit_by}
    if "first_submitted" in given:
        again = given.day("resubmitted") if "resubmitted" in given else None
        answer["result"] = plan_submission(_plan_rules(given), year_end, given.day("first_submitted"), again)
    return answer


def _plan_conflict(given: Given) -> Answer:
    stated = given.raw("existing")
    listed = stated if stated and isinstance(stated[0], list | tuple) else [stated]
    existing = [PlanKey(*(str(part) for part in key)) for key in listed if key]
    new = PlanKey(*(str(part) for part in given.raw("new")))
    conflict = plan_conflict(_plan_rules(given), existing, new)
    told = (
        conflict == "SECOND_PLAN_FOR_FUND" and _plan_rules(given).one_per_fund_type_and_program_year == "warn"
    )
    return {"result": "ACCEPTED" if told else conflict, "warning": conflict if told else None}


def _plan_edit(given: Given) -> Answer:
    if given.text("action") != "edit":
        raise UnsupportedGiven("action")
    change = change_plan(state_named(given.text("state")))
    return {"result": change.access, "state": state_texts(change.state).en}


def _state(given: Given) -> Answer:
    state = state_named(given.text("state"))
    event = given.text("event")
    try:
        return {"state": state_texts(after(state, ClaimAct(event))).en, "error": None}
    except TransitionNotAllowed as refused:
        return {"state": state_texts(state).en, "error": refused.code}


def _started_on(given: Given, names: tuple[str, ...]) -> date:
    """The day from which a clock runs: the named one, or the only day that is given."""
    days = [name for name in given.values if name.endswith("_on") and name in given]
    return given.first_day(*names, *(days if len(days) == 1 else ()))


def _clock(service: str, started: tuple[str, ...], due: tuple[str, ...]) -> Runner:
    def run(given: Given) -> Answer:
        clock: SlaClock | None = {str(name): clock for name, clock in given.pack.sla.items()}.get(service)
        if clock is None:
            raise UnsupportedGiven(service)
        return dict.fromkeys(due, due_on(clock, _started_on(given, started), given.calendar))

    return run


def _payment_clock(given: Given) -> Answer:
    if "tax_invoice_approved_on" in given:
        return _clock("payment_after_tax_invoice", ("tax_invoice_approved_on",), ("payment_due",))(given)
    return _clock("payment", ("approved_on",), ("payment_due",))(given)


def _retention(given: Given) -> Answer:
    return {
        "keep_originals_until": keep_originals_until(
            given.pack, given.first_day("activity_end", "activity_date")
        )
    }


def _earnings_start(given: Given) -> Answer:
    return {"earnings_start": earnings_start(given.day("onboarding_completed_on"))}


def _in_force(given: Given) -> Answer:
    day: date = given.day("on")
    program = given.pack.program(given.text("program"))
    return {"program": program.id, "in_force": given.pack.in_force_on(day), "claimable": program.claimable}


RUNNERS: dict[str, Runner] = {
    "R-10": _periods,
    "R-11": _periods,
    "R-13": _window,
    "R-14": _window,
    "R-15": _evidence_close,
    "R-22": _plan_edit,
    "R-23": _plan_conflict,
    "R-24": _plan_dates,
    "R-27": _payday,
    "R-28": _plan_payouts,
    "R-29": _plan_payouts,
    "R-30": _state,
    "R-31": _revision,
    **MONEY_RUNNERS,
    "R-57": _clock("review", ("submitted_on", "submitted_at"), ("review_due", "due")),
    "R-58": _clock(
        "dispute",
        ("disputed_on", "submitted_on"),
        ("dispute_due", "answer_due", "review_due", "decision_due", "due"),
    ),
    "R-59": _payment_clock,
    "R-60": _clock("plan_poe_review", ("poe_submitted_on", "submitted_on"), ("review_due", "due")),
    "R-61": _retention,
    "R-71": _earnings_start,
    "R-78": _in_force,
}
"""The function of each rule that rests on the pure rules alone. Checks of claims are added by their owner."""
