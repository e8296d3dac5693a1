"""What happens to a payout after its run: withheld, forfeited, sent, failed, reversed (R-67, R-69, C26)."""

from typing import Any

import pytest

from services.ledger.queries.tracing import walk
from services.rules import traces
from tests.unit.ledger.ledger_cases import timeline
from tests.unit.ledger.test_ledger_simulation import (
    LOT,
    MORE,
    balances,
    codes,
    earn,
    paid,
    plan,
    plan_earn,
    reserve,
    until,
)

CURRENT = {"pack": "current-edition"}


def profile(at: str, complete: bool, partner: str = "P1") -> dict[str, Any]:
    return {"at": at, "do": "profile", "partner": partner, "complete": complete}


def payment(at: str, state: str, **payout: Any) -> dict[str, Any]:
    return {"at": at, "do": "payment", "state": state, "partner": "P1", **payout}


def test_a_payout_to_an_incomplete_profile_waits_and_joins_the_run_after_its_completion() -> None:
    lines = [
        profile("2019-01-01", False),
        earn("2019-01-31", "e1", "2019-01", "1000.00"),
        earn("2019-02-28", "e2", "2019-02", "500.00"),
    ]
    held = timeline(*lines, until("2019-03-14"))
    assert (held.payouts, balances(held)) == ([], {"coop_accruing": "600.00", "rebate": "900.00"})
    at_its_instant = timeline(*lines, profile("2019-03-15", True), until("2019-04-15"))
    assert paid(at_its_instant) == [("2019-04-15", "rebate", "900.00", ["2019-01", "2019-02"])]
    before = timeline(*lines, profile("2019-03-14T23:59:59-07:00", True), until("2019-04-15"))
    assert paid(before) == [("2019-03-15", "rebate", "900.00", ["2019-01", "2019-02"])]


def test_only_the_partner_with_the_incomplete_profile_waits() -> None:
    answer = timeline(
        profile("2019-01-01", False),
        earn("2019-01-31", "e1", "2019-01", "1000.00"),
        earn("2019-01-31", "e2", "2019-01", "1000.00", partner="P2"),
        until("2019-02-15"),
    )
    assert [row["partner"] for row in answer.payouts] == ["P2"]


def test_plan_months_that_were_withheld_come_to_what_they_would_have_come_to_in_time() -> None:
    earned = [
        plan_earn("2022-04-30", "e1", "2022-04", "15000.00"),
        plan_earn("2022-05-31", "e2", "2022-05", "2000.00"),
    ]
    in_time = timeline(plan(), *earned, until("2022-06-15"))
    late = timeline(
        plan(), profile("2022-03-02", False), *earned, profile("2022-06-01", True), until("2022-06-15")
    )
    assert paid(late) == [("2022-06-15", "plan", "17000.00", ["2022-04", "2022-05"])]
    assert late.balances == in_time.balances


def test_what_is_withheld_for_180_days_is_forfeited_and_what_came_later_is_not() -> None:
    lines = [
        profile("2023-01-01", False),
        earn("2023-01-31", "e1", "2023-01", "1000.00", **CURRENT),
        earn("2023-02-28", "e2", "2023-02", "2000.00", **CURRENT),
    ]
    # The run of 15 February holds 600.00 until 14 August, that of 15 March 1200.00 until 11 September.
    last_second = timeline(*lines, until("2023-08-13T23:59:59-07:00"))
    assert balances(last_second)["rebate"] == "1800.00"
    first = timeline(*lines, until("2023-08-14"))
    assert (balances(first)["expired"], balances(first)["rebate"]) == ("600.00", "1200.00")
    rescued = timeline(*lines, until("2023-08-14"), profile("2023-08-20", True), until("2023-09-15"))
    assert ("2023-09-15", "rebate", "1200.00", ["2023-02"]) in paid(rescued)
    assert balances(rescued)["expired"] == "600.00"
    both = timeline(*lines, until("2023-09-11"))
    # The co-op of the period became rebate in July, and is held since the run after.
    assert balances(both) == {"expired": "1800.00", "payable": "1200.00"}
    assert both.payouts == []


def test_a_claim_that_is_withheld_too_long_is_forfeited_and_cannot_be_clawed_back() -> None:
    usage = {"usage_period": "2023-07-01/2023-12-31", **CURRENT}
    answer = timeline(
        earn("2023-03-31", "e1", "2023-03", "100000.00", **CURRENT),
        reserve("2023-09-01", "C1", "900.00", **usage),
        {"at": "2023-09-02", "do": "approve", "claim": "C1"},
        profile("2023-09-03", False),
        until("2024-03-13"),
        {"at": "2024-03-13", "do": "clawback", "claim": "C1", "amount": "1.00"},
    )
    assert codes(answer) == [(6, "CLAIM_NOT_PAID")]
    assert balances(answer) == {"expired": "40000.00", "paid": "60000.00"}


def test_where_the_pack_forfeits_nothing_it_waits_for_ever() -> None:
    lines = [profile("2019-01-01", False), earn("2019-01-31", "e1", "2019-01", "1000.00")]
    answer = timeline(*lines, until("2025-01-01"), profile("2025-01-01", True), until("2025-01-15"))
    assert paid(answer) == [
        ("2025-01-15", "rebate", "600.00", ["2019-01"]),
        ("2025-01-15", "rebate", "400.00", [LOT]),
    ]


@pytest.mark.parametrize("state", ["failed", "reversed"])
def test_money_that_came_back_is_due_again_and_joins_the_next_run(state: str) -> None:
    lines = [
        earn("2019-03-31", "e1", "2019-03", "5000.00"),
        payment("2019-04-16", "sent", on="2019-04-15"),
        payment("2019-04-20", state, on="2019-04-15", reason="account closed"),
    ]
    back = timeline(*lines)
    assert balances(back) == {"coop_accruing": "2000.00", "rebate": "3000.00"}
    told = back.events[-1]
    assert told["type"] == f"coop.ledger.payment_{state}.v1"
    assert told["data"]["references"]["corrects"] == back.events[-2]["data"]["transfer_id"]
    again = timeline(*lines, earn("2019-04-30", "e2", "2019-04", "1000.00"), until("2019-05-15"))
    assert paid(again) == [
        ("2019-04-15", "rebate", "3000.00", ["2019-03"]),
        ("2019-05-15", "rebate", "3600.00", ["2019-03", "2019-04"]),
    ]
    assert balances(again)["paid"] == "3600.00"


def test_a_failed_plan_payment_does_not_use_up_the_limit() -> None:
    lines = [
        plan(),
        plan_earn("2022-04-30", "e1", "2022-04", "15000.00"),
        payment("2022-05-16", "failed", on="2022-05-15", kind="plan"),
    ]
    assert balances(timeline(*lines)) == {"carried_over": "5000.00", "payable": "10000.00"}
    again = timeline(*lines, until("2022-06-15"))
    assert paid(again)[-1] == ("2022-06-15", "plan", "15000.00", ["2022-04"])


def test_a_failed_claim_payment_is_due_again_for_the_claim() -> None:
    lines = [
        earn("2019-03-31", "e1", "2019-03", "12500.00"),
        reserve("2019-08-01", "C1", "900.00"),
        {"at": "2019-08-02", "do": "approve", "claim": "C1"},
        payment("2019-08-16", "failed", claim="C1"),
    ]
    assert balances(timeline(*lines))["coop_claimed"] == "900.00"
    answer = timeline(*lines, until("2019-09-15"))
    assert paid(answer)[-1] == ("2019-09-15", "coop_claim", "900.00", ["C1"])
    clawed_back = [
        *lines[:3],
        {"at": "2019-08-16", "do": "clawback", "claim": "C1", "amount": "100.00"},
        payment("2019-08-17", "failed", claim="C1"),
    ]
    # The 100.00 never arrived, so there is no debt; the claim is down to 800.00.
    assert balances(timeline(*clawed_back)) == {
        "coop_available": "4200.00",
        "coop_claimed": "800.00",
        "paid": "7500.00",
    }


def test_what_was_set_off_is_undone_with_the_payment() -> None:
    lines = [
        earn("2019-03-31", "e1", "2019-03", "12500.00"),
        reserve("2019-08-01", "C1", "900.00"),
        {"at": "2019-08-02", "do": "approve", "claim": "C1"},
        {"at": "2019-08-20", "do": "clawback", "claim": "C1", "amount": "100.00"},
        earn("2019-08-31", "e2", "2019-08", "500.00"),
        payment("2019-09-16", "failed", on="2019-09-15"),
    ]
    back = timeline(*lines)
    assert (balances(back)["payable"], balances(back)["rebate"]) == ("-100.00", "300.00")
    again = timeline(*lines, until("2019-10-15"))
    assert paid(again)[-1] == ("2019-10-15", "rebate", "200.00", ["2019-08"])


REPORTS = [
    (payment("2019-05-02", "failed", on="2019-04-15"), None),
    (payment("2019-05-02", "sent", on="2019-04-15"), "PAYMENT_ENDED"),
    (payment("2019-05-02", "reversed", on="2019-04-15"), "PAYMENT_ENDED"),
    (payment("2019-05-02", "failed", on="2019-04-16"), "PAYOUT_UNKNOWN"),
    (payment("2019-05-02", "failed", payout="pay_0"), "PAYOUT_UNKNOWN"),
    (payment("2019-05-02", "failed"), "PAYOUT_AMBIGUOUS"),
    (payment("2019-05-02", "lost", on="2019-04-15"), "BAD_LINE"),
    (profile("2019-05-02", "no"), "BAD_LINE"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("line, code", REPORTS, ids=[f"{number}" for number in range(len(REPORTS))])
def test_a_report_counts_once_and_after_the_end_nothing_else_is_taken(
    line: dict[str, Any], code: str | None
) -> None:
    before = [
        earn("2019-02-28", "e0", "2019-02", "100.00"),
        earn("2019-03-31", "e1", "2019-03", "5000.00"),
        payment("2019-05-01", "failed", payout={"on": "2019-04-15", "kind": "rebate", "amount": "3000.00"}),
    ]
    answer = timeline(*before, line)
    assert codes(answer) == ([(4, code)] if code else [])
    assert answer.balances == timeline(*before).balances


def test_a_negative_month_of_a_plan_is_set_off_and_nothing_is_paid_below_zero() -> None:
    answer = timeline(
        plan(),
        plan_earn("2022-04-30", "e1", "2022-04", "-400.00"),
        plan_earn("2022-05-31", "e2", "2022-05", "1000.00"),
        until("2022-06-15"),
    )
    assert paid(answer) == [("2022-06-15", "plan", "600.00", ["2022-05"])]
    assert balances(answer) == {"paid": "600.00"}


def test_each_fund_is_paid_by_its_own_plan() -> None:
    second = {**plan("100.00"), "plan": "PL2", "fund": "f2"}
    answer = timeline(
        plan("1000.00"),
        second,
        {**plan_earn("2022-04-30", "e1", "2022-04", "1500.00"), "fund": "f1"},
        {**plan_earn("2022-04-30", "e2", "2022-04", "150.00"), "fund": "f2"},
        {**plan_earn("2022-04-30", "e3", "2022-04", "7.00"), "fund": "f3"},
        until("2022-05-15"),
    )
    assert sorted(amount for _, _, amount, _ in paid(answer)) == ["100.00", "1000.00"]
    assert balances(answer) == {"carried_over": "550.00", "paid": "1100.00", "payable": "7.00"}


def test_a_raise_of_a_limit_for_the_whole_plan_frees_what_was_carried() -> None:
    lines = [
        plan(pack="plans-whole"),
        plan_earn("2022-04-30", "e1", "2022-04", "15000.00", "plans-whole"),
        until("2022-05-20"),
        {"at": "2022-05-20", "do": "limit", "plan": "PL1", "limit": "12000.00"},
    ]
    answer = timeline(*lines, until("2022-08-15"), packs=MORE)
    assert [(on, amount) for on, _, amount, _ in paid(answer)] == [
        ("2022-05-15", "10000.00"),
        ("2022-07-15", "2000.00"),
    ]
    assert balances(answer) == {"carried_over": "3000.00", "paid": "12000.00"}


def test_the_least_payment_of_the_current_edition_counts_for_each_earning_type() -> None:
    usage = {"usage_period": "2023-07-01/2023-12-31", **CURRENT}
    answer = timeline(
        earn("2023-03-31", "e1", "2023-03", "100000.00", **CURRENT),
        reserve("2023-09-01", "C1", "199.99", **usage),
        {"at": "2023-09-02", "do": "approve", "claim": "C1"},
        earn("2023-08-31", "e2", "2023-08", "1000.00", **CURRENT) | {"at": "2023-09-02"},
        reserve("2023-09-20", "C2", "0.01", **usage),
        {"at": "2023-09-20", "do": "approve", "claim": "C2"},
        until("2023-10-15"),
    )
    assert [row for row in paid(answer) if row[0] >= "2023-09"] == [
        ("2023-09-15", "rebate", "600.00", ["2023-08"]),
        ("2023-10-15", "coop_claim", "200.00", ["C1", "C2"]),
    ]


@pytest.mark.parametrize(
    "currency, amount, rebate, coop", [("JPY", "1001", "601", "400"), ("KWD", "1.001", "0.601", "0.400")]
)
def test_currencies_without_cents_or_with_three_decimals_keep_their_own_units(
    currency: str, amount: str, rebate: str, coop: str
) -> None:
    answer = timeline(earn("2019-03-31", "e1", "2019-03", amount, currency=currency), until("2019-07-15"))
    assert [(row["amount"], row["currency"]) for row in answer.payouts] == [
        (rebate, currency),
        (coop, currency),
    ]


def test_two_currencies_of_a_partner_are_paid_apart() -> None:
    answer = timeline(
        earn("2019-03-31", "e1", "2019-03", "1000"),
        earn("2019-03-31", "e2", "2019-03", "1000", currency="JPY"),
        until("2019-04-15"),
    )
    assert sorted((row["amount"], row["currency"]) for row in answer.payouts) == [
        ("600", "JPY"),
        ("600.00", "USD"),
    ]


def test_a_clawback_goes_back_to_the_last_lot_and_later_claims_keep_theirs() -> None:
    lots = [("E1", 300), ("E2", 500), ("E3", 900)]
    open_lots = [traces.Lot(name, amount) for name, amount in lots]
    found = walk(open_lots, [("C1", 650), ("C2", 400), ("C1", -100)])
    assert {claim: [(one.earning_id, one.amount_minor) for one in used] for claim, used in found.items()} == {
        "C1": [("E1", 300), ("E2", 250)],
        "C2": [("E2", 150), ("E3", 250)],
    }
