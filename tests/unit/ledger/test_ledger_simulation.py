"""What-if timelines: the worked examples of the rules, to the cent and to the second."""

from typing import Any

import pytest

from services.ledger.handlers.simulation import simulate
from services.rules.pack import load_pack
from tests.unit.ledger.ledger_cases import PACKS, timeline

PROGRAM = "CSP Indirect Reseller"
OWNER = {"partner": "P1", "location": "L1", "currency": "USD"}
USAGE = "2019-07-01/2019-12-31"
LOT = "2019-01-01/2019-06-30"


def earn(at: str, earning_id: str, month: str, amount: str, **more: Any) -> dict[str, Any]:
    line = {"at": at, "do": "earn", "id": earning_id, "month": month, "amount": amount, **OWNER}
    return {**line, "program": PROGRAM, "pack": "csp-2019-11", **more}


def reserve(at: str, claim: str, amount: str, **more: Any) -> dict[str, Any]:
    line = {"at": at, "do": "reserve", "claim": claim, "amount": amount, "usage_period": USAGE, **OWNER}
    return {**line, "program": PROGRAM, "activity": "digital_advertising", **more}


def plan(limit: str = "10000.00", pack: str = "plans-2022-08") -> dict[str, Any]:
    line = {
        "at": "2022-03-01",
        "do": "plan",
        "plan": "PL1",
        "fund": "f1",
        "limit": limit,
        "pack": pack,
        **OWNER,
    }
    return {**line, "program": "plan-program", "period": "2022-01-01/2022-12-31"}


def plan_earn(
    at: str, earning_id: str, month: str, amount: str, pack: str = "plans-2022-08"
) -> dict[str, Any]:
    return earn(at, earning_id, month, amount, program="plan-program", pack=pack)


def until(at: str) -> dict[str, Any]:
    return {"at": at, "do": "until"}


class MorePacks:
    """The shipped packs and editions derived from them for these tests."""

    def __init__(self) -> None:
        texts = {
            "plans-forfeit": "id: plans-forfeit\nextends: base\nplan: {over_limit: forfeit}\n",
            "plans-whole": "id: plans-whole\nextends: base\nplan: {limit_scope: plan}\n",
            "plans-roll": "id: plans-roll\nextends: base\npayday: {roll: next_business_day}\n",
            "csp-by-location": "id: csp-by-location\nextends: coop\nthreshold: {scope: location}\n",
            "csp-minimum": (
                "id: csp-minimum\nextends: coop\n"
                'minimum_payment: {amount: "200.00", currency: USD, per: [program, earning_type]}\n'
            ),
        }
        program = "{id: csp-indirect-reseller, name: CSP Indirect Reseller, family: csp, currency: USD, claimable: false}"
        texts["no-claims"] = f"id: no-claims\nextends: coop\nprograms: [{program}]\n"
        base = PACKS.get("plans-2022-08").model_dump_json(
            by_alias=True, exclude_unset=True, exclude={"id", "extends"}
        )
        coop = PACKS.get("csp-2019-11").model_dump_json(
            by_alias=True, exclude_unset=True, exclude={"id", "extends"}
        )
        texts |= {"base": '{"id": "base", ' + base[1:], "coop": '{"id": "coop", ' + coop[1:]}
        self._packs = {name: load_pack(texts, name) for name in texts}

    def get(self, pack_id: str) -> Any:
        return self._packs.get(pack_id) or PACKS.get(pack_id)

    in_force = PACKS.in_force


MORE = MorePacks()


def balances(answer: Any) -> dict[str, str]:
    return {row["bucket"]: row["amount"] for row in answer.balances}


def paid(answer: Any) -> list[tuple[str, str, str, list[str]]]:
    return [(row["on"], row["kind"], row["amount"], row["of"]) for row in answer.payouts]


def codes(answer: Any) -> list[tuple[int, str]]:
    return [(row["line"], row["code"]) for row in answer.refused]


def test_an_earning_of_5000_is_3000_rebate_and_2000_coop() -> None:
    answer = timeline(earn("2019-03-31", "e1", "2019-03", "5000.00"))
    assert answer.balances == [
        {
            "partner": "P1",
            "location": "L1",
            "program": PROGRAM,
            "period": LOT,
            "bucket": bucket,
            "currency": "USD",
            "amount": amount,
        }
        for bucket, amount in (("coop_accruing", "2000.00"), ("rebate", "3000.00"))
    ]
    assert (answer.payouts, answer.refused) == ([], [])
    assert len(answer.events) == 2


def test_a_months_rebate_is_paid_on_the_15th_of_the_next_month_and_not_a_second_earlier() -> None:
    lines = [earn("2019-03-31", "e1", "2019-03", "5000.00")]
    assert timeline(*lines, until("2019-04-14T23:59:59-07:00")).payouts == []
    answer = timeline(*lines, until("2019-04-15T00:00:00-07:00"))
    assert paid(answer) == [("2019-04-15", "rebate", "3000.00", ["2019-03"])]
    assert balances(answer) == {"coop_accruing": "2000.00", "paid": "3000.00"}


def test_coop_of_exactly_4000_is_paid_as_rebate_and_one_cent_more_must_be_claimed() -> None:
    exact = timeline(earn("2019-03-31", "e1", "2019-03", "10000.00"), until("2019-07-15"))
    assert ("2019-07-15", "rebate", "4000.00", [LOT]) in paid(exact)
    assert balances(exact) == {"paid": "10000.00"}
    above = timeline(earn("2019-03-31", "e1", "2019-03", "10000.03"), until("2020-02-14T23:59:59-08:00"))
    assert balances(above) == {"coop_available": "4000.01", "paid": "6000.02"}


@pytest.mark.parametrize(
    "at, code",
    [
        ("2019-06-30T23:59:59-07:00", "WINDOW_NOT_OPEN"),
        ("2019-07-01T00:00:00-07:00", None),
        ("2020-02-14T23:59:59-08:00", None),
        ("2020-02-15T00:00:00-08:00", "DEADLINE_PASSED"),
    ],
)
def test_july_to_december_2019_is_claimable_until_the_end_of_14_february_pacific(
    at: str, code: str | None
) -> None:
    answer = timeline(earn("2019-03-31", "e1", "2019-03", "25000.00"), reserve(at, "C1", "1000.00"))
    assert codes(answer) == ([(2, code)] if code else [])
    assert balances(answer).get("coop_reserved") == (None if code else "1000.00")


def test_claims_above_the_available_funds_are_refused_and_the_last_cent_can_be_claimed() -> None:
    lines = [earn("2019-03-31", "e1", "2019-03", "12500.00")]
    refused = timeline(*lines, reserve("2019-08-01", "C1", "5000.01"))
    assert codes(refused) == [(2, "FUNDS_INSUFFICIENT")]
    assert balances(timeline(*lines, reserve("2019-08-01", "C1", "5000.00")))["coop_reserved"] == "5000.00"


def test_a_claim_approved_before_a_run_joins_it_and_one_approved_at_its_instant_joins_the_next() -> None:
    lines = [earn("2019-03-31", "e1", "2019-03", "25000.00"), reserve("2019-08-01", "C1", "900.00")]
    before = timeline(
        *lines, {"at": "2019-08-14T23:59:59-07:00", "do": "approve", "claim": "C1"}, until("2019-10-01")
    )
    assert ("2019-08-15", "coop_claim", "900.00", ["C1"]) in paid(before)
    after = timeline(
        *lines, {"at": "2019-08-15", "do": "approve", "claim": "C1", "amount": "400.00"}, until("2019-10-01")
    )
    assert ("2019-09-15", "coop_claim", "400.00", ["C1"]) in paid(after)
    assert balances(after) == {"coop_available": "9600.00", "paid": "15400.00"}


def test_what_claims_hold_does_not_expire_and_the_rest_does() -> None:
    answer = timeline(
        earn("2019-03-31", "e1", "2019-03", "27499.95"),
        reserve("2019-09-01", "C1", "999.99"),
        {"at": "2019-09-02", "do": "approve", "claim": "C1"},
        reserve("2019-09-03", "C2", "2000.00"),
        until("2020-02-15T00:00:00-08:00"),
    )
    assert balances(answer) == {"coop_reserved": "2000.00", "expired": "7999.99", "paid": "17499.96"}


def test_a_release_gives_back_in_the_window_and_expires_after_it() -> None:
    lines = [earn("2019-03-31", "e1", "2019-03", "25000.00"), reserve("2019-08-01", "C1", "900.00")]
    inside = timeline(
        *lines, {"at": "2019-09-01", "do": "release", "claim": "C1"}, reserve("2019-09-02", "C1", "10000.00")
    )
    assert balances(inside)["coop_reserved"] == "10000.00"
    outside = timeline(*lines, {"at": "2020-03-01", "do": "release", "claim": "C1"})
    assert balances(outside)["expired"] == "10000.00"


def test_a_claim_received_in_the_last_second_and_told_after_the_expiry_run_is_reserved_in_full() -> None:
    answer = timeline(
        earn("2019-03-31", "e1", "2019-03", "25000.00"),
        reserve("2020-03-01", "C1", "10000.00", received_at="2020-02-14T23:59:59-08:00"),
    )
    assert answer.refused == []
    assert balances(answer) == {"coop_reserved": "10000.00", "paid": "15000.00"}
    kinds = [event["data"]["kind"] for event in answer.events]
    assert kinds[-3:] == ["funds_expired", "funds_restored", "funds_reserved"]
    assert answer.events[-2]["data"]["references"]["corrects"] == answer.events[-3]["data"]["transfer_id"]


PLANS = [
    ("10000.00", {"2022-04": "5000.00"}, [("2022-05-15", "5000.00")], {"paid": "5000.00"}),
    (
        "10000.00",
        {"2022-04": "15000.00"},
        [("2022-05-15", "10000.00")],
        {"carried_over": "5000.00", "paid": "10000.00"},
    ),
    ("10000.00", {"2022-04": "10000.00"}, [("2022-05-15", "10000.00")], {"paid": "10000.00"}),
    ("10000.00", {}, [], {}),
    ("0.00", {"2022-04": "5000.00"}, [], {"carried_over": "5000.00"}),
]


@pytest.mark.parametrize("limit, earned, expected, standing", PLANS)
def test_a_plan_pays_the_earning_up_to_its_limit_on_15_may(
    limit: str, earned: dict[str, str], expected: list[tuple[str, str]], standing: dict[str, str]
) -> None:
    lines = [plan_earn(f"{month}-30", month, month, amount) for month, amount in earned.items()]
    answer = timeline(plan(limit), *lines, until("2022-05-15"))
    assert [(on, amount) for on, _, amount, _ in paid(answer)] == expected
    assert balances(answer) == standing


def test_december_is_paid_in_january_of_the_next_year() -> None:
    answer = timeline(plan(), plan_earn("2022-12-31", "e1", "2022-12", "5000.00"), until("2023-01-15"))
    assert paid(answer) == [("2023-01-15", "plan", "5000.00", ["2022-12"])]


def test_what_is_over_the_limit_is_forfeited_where_the_pack_says_so() -> None:
    lines = [plan_earn("2022-04-30", "e1", "2022-04", "15000.00", "plans-forfeit")]
    lines.append(plan_earn("2022-05-31", "e2", "2022-05", "2000.00", "plans-forfeit"))
    answer = timeline(plan(pack="plans-forfeit"), *lines, until("2022-06-15"), packs=MORE)
    assert [(on, amount) for on, _, amount, _ in paid(answer)] == [
        ("2022-05-15", "10000.00"),
        ("2022-06-15", "2000.00"),
    ]
    assert ("expired", "5000.00") in balances(answer).items()


def test_what_was_carried_over_joins_the_next_month_against_its_raised_limit() -> None:
    lines = [
        plan(),
        plan_earn("2022-04-30", "e1", "2022-04", "15000.00"),
        {"at": "2022-04-30", "do": "limit", "plan": "PL1", "limit": "20000.00"},
        plan_earn("2022-05-31", "e2", "2022-05", "12000.00"),
        until("2022-06-15"),
    ]
    assert paid(timeline(*lines)) == [
        ("2022-05-15", "plan", "10000.00", ["2022-04"]),
        ("2022-06-15", "plan", "17000.00", ["2022-04", "2022-05"]),
    ]


def test_a_raise_recorded_in_may_does_not_count_for_may() -> None:
    lines = [
        plan(),
        plan_earn("2022-04-30", "e1", "2022-04", "15000.00"),
        {"at": "2022-05-01", "do": "limit", "plan": "PL1", "limit": "20000.00"},
        plan_earn("2022-05-31", "e2", "2022-05", "12000.00"),
        until("2022-07-15"),
    ]
    assert [(on, amount) for on, _, amount, _ in paid(timeline(*lines))] == [
        ("2022-05-15", "10000.00"),
        ("2022-06-15", "10000.00"),
        ("2022-07-15", "7000.00"),
    ]


def test_a_limit_for_the_whole_plan_is_used_up_once() -> None:
    lines = [plan_earn("2022-04-30", "e1", "2022-04", "6000.00", "plans-whole")]
    lines.append(plan_earn("2022-05-31", "e2", "2022-05", "6000.00", "plans-whole"))
    answer = timeline(plan(pack="plans-whole"), *lines, until("2022-08-15"), packs=MORE)
    assert [(on, amount) for on, _, amount, _ in paid(answer)] == [
        ("2022-05-15", "6000.00"),
        ("2022-06-15", "4000.00"),
    ]


def test_a_pay_day_on_a_sunday_rolls_to_monday_where_the_pack_says_so() -> None:
    line = plan_earn("2022-04-30", "e1", "2022-04", "5000.00", "plans-roll")
    answer = timeline(plan(pack="plans-roll"), line, until("2022-05-31"), packs=MORE)
    assert [on for on, *_ in paid(answer)] == ["2022-05-16"]


def test_only_an_approved_plan_pays() -> None:
    lines = [plan_earn("2022-02-28", "e1", "2022-02", "5000.00"), until("2022-03-31")]
    assert balances(timeline(*lines)) == {"payable": "5000.00"}
    answer = timeline(*lines, {**plan(), "at": "2022-03-31"}, until("2022-04-15"))
    assert paid(answer) == [("2022-04-15", "plan", "5000.00", ["2022-02"])]


def test_many_small_lines_and_one_big_line_of_a_month_end_in_the_same_cents() -> None:
    small = timeline(*[earn("2019-03-31", f"e{number}", "2019-03", "0.01") for number in range(37)])
    big = timeline(earn("2019-03-31", "e", "2019-03", "0.37"))
    assert small.balances == big.balances


def test_a_correction_appears_under_its_month_and_moves_money_when_it_is_processed() -> None:
    answer = timeline(
        earn("2019-01-31", "e1", "2019-01", "1000.00"),
        until("2019-02-15"),
        {
            "at": "2019-09-03",
            "do": "correct",
            "id": "k1",
            "corrects": "e1",
            "amount": "-100.00",
            "reason": "returned",
        },
        earn("2019-09-30", "e2", "2019-09", "500.00"),
        until("2019-10-15"),
    )
    # 60.00 and 40.00 come back: from the rebate of September, and from the conversion that was paid in July.
    assert paid(answer)[-1] == ("2019-10-15", "rebate", "200.00", ["2019-01", "2019-09"])


def test_all_corrections_of_an_earning_together_never_exceed_it() -> None:
    correction = {"at": "2019-02-01", "do": "correct", "corrects": "e1", "reason": "returned"}
    answer = timeline(
        earn("2019-01-31", "e1", "2019-01", "100.00"),
        {**correction, "id": "k1", "amount": "-60.00"},
        {**correction, "id": "k2", "amount": "-40.01"},
        {**correction, "id": "k3", "amount": "-40.00"},
    )
    assert codes(answer) == [(3, "CORRECTION_EXCEEDS")]
    assert answer.balances == []


def test_a_negative_month_is_carried_until_there_is_something_to_set_it_off_against() -> None:
    answer = timeline(
        earn("2019-01-31", "e1", "2019-01", "-100.00"),
        until("2019-02-20"),
        earn("2019-02-28", "e2", "2019-02", "300.00"),
        until("2019-03-15"),
    )
    assert paid(answer) == [("2019-03-15", "rebate", "120.00", ["2019-01", "2019-02"])]


def test_the_threshold_counts_all_locations_or_each_as_the_pack_says() -> None:
    def both(pack: str) -> list[dict[str, Any]]:
        other = earn("2019-03-31", "e2", "2019-03", "7500.00", location="L2", pack=pack)
        return [earn("2019-03-31", "e1", "2019-03", "7500.00", pack=pack), other, until("2019-07-15")]

    organization = timeline(*both("coop"), packs=MORE)
    assert [row["amount"] for row in organization.balances if row["bucket"] == "coop_available"] == [
        "3000.00"
    ] * 2
    location = timeline(*both("csp-by-location"), packs=MORE)
    assert [row["amount"] for row in location.balances] == ["7500.00"] * 2
    assert {row["bucket"] for row in location.balances} == {"paid"}


def test_earnings_that_come_after_the_close_count_as_if_they_had_come_before() -> None:
    lines = [earn("2019-07-02", "e1", "2019-05", "6000.00"), earn("2019-07-03", "e2", "2019-06", "6000.00")]
    late = timeline(*lines, until("2019-08-01"))
    early = timeline(*[{**line, "at": "2019-06-29"} for line in lines], until("2019-08-01"))
    assert balances(late) == balances(early) == {"coop_available": "4800.00", "paid": "7200.00"}


def test_a_sum_below_the_least_payment_waits_for_more() -> None:
    lines = [
        earn("2019-01-31", "e1", "2019-01", "200.00", pack="csp-minimum"),
        until("2019-02-28"),
        earn("2019-02-28", "e2", "2019-02", "200.00", pack="csp-minimum"),
        until("2019-03-31"),
    ]
    answer = timeline(*lines, packs=MORE)
    assert paid(answer) == [("2019-03-15", "rebate", "240.00", ["2019-01", "2019-02"])]


def test_a_cap_reduces_a_claim_is_shown_and_counts_what_others_hold() -> None:
    pack = {"pack": "partner-center-2021-03"}
    usage = {"usage_period": "2021-07-01/2021-12-31", "activity": "syndicated_content"}
    answer = timeline(
        earn("2021-03-31", "e1", "2021-03", "100000.00", **pack),
        reserve("2021-09-01", "C1", "15000.00", **usage),
        reserve("2021-09-02", "C2", "5000.00", **usage),
        reserve("2021-09-03", "C3", "1.00", **usage),
        {"at": "2021-09-04", "do": "release", "claim": "C1"},
        reserve("2021-09-05", "C3", "1.00", **usage),
    )
    assert codes(answer) == [(4, "CAP_HIT")]
    assert balances(answer)["coop_reserved"] == "3751.00"
    shown = [
        event["data"]["references"] for event in answer.events if event["data"]["kind"] == "funds_reserved"
    ]
    assert (shown[1]["requested"], shown[1]["cut"], shown[1]["cap"]) == (
        "5000.00",
        "1250.00",
        "CAP_SYNDICATED",
    )


def test_a_clawback_returns_the_funds_and_is_repaid_by_the_next_rebate() -> None:
    lines = [
        earn("2019-03-31", "e1", "2019-03", "12500.00"),
        reserve("2019-08-01", "C1", "900.00"),
        {"at": "2019-08-02", "do": "approve", "claim": "C1"},
        {"at": "2019-08-20", "do": "clawback", "claim": "C1", "amount": "100.00"},
        {"at": "2019-08-20", "do": "clawback", "claim": "C1", "amount": "100.00"},
        {"at": "2019-08-21", "do": "clawback", "claim": "C1", "amount": "800.01"},
    ]
    answer = timeline(*lines)
    assert codes(answer) == [(6, "CORRECTION_EXCEEDS")]
    assert balances(answer) == {"coop_available": "4200.00", "paid": "8400.00", "payable": "-100.00"}
    repaid = timeline(*lines, earn("2019-08-31", "e2", "2019-08", "500.00"), until("2019-09-15"))
    assert paid(repaid)[-1] == ("2019-09-15", "rebate", "200.00", ["2019-08"])
    late = timeline(*lines[:3], {"at": "2020-03-01", "do": "clawback", "claim": "C1", "amount": "100.00"})
    assert balances(late) == {"expired": "4200.00", "paid": "8400.00", "payable": "-100.00"}


REFUSED = [
    ({"at": "2019-08-01", "do": "clawback", "claim": "C0", "amount": "1.00"}, "CLAIM_NOT_PAID"),
    ({"do": "until"}, "BAD_LINE"),
    ({"at": "2019-08-01", "do": "fly"}, "COMMAND_UNKNOWN"),
    ({"at": "2019-03-01", "do": "until"}, "TIME_BACKWARDS"),
    ({"at": "2019-08-01T00:00:00", "do": "until"}, "BAD_LINE"),
    (earn("2019-08-01", "e1", "2019-03", "1.00"), "CONTENT_DIFFERS"),
    (earn("2019-08-01", "e2", "2019-03", "1.001"), "BAD_LINE"),
    (earn("2019-08-01", "e2", "2019-3", "1.00"), "BAD_LINE"),
    (earn("2019-08-01", "e2", "2019-03", "1.00", partner="P/1"), "BAD_LINE"),
    (earn("2019-08-01", "e2", "2019-03", "1.00", currency="ZZZ"), "BAD_LINE"),
    (earn("2019-08-01", "e2", "2019-03", "1.00", pack="no-such-pack"), "PACK_UNKNOWN"),
    (earn("2019-08-01", "e2", "2019-03", "1.00", program="No program"), "PROGRAM_UNKNOWN"),
    (reserve("2019-08-01", "C1", "1.00", currency="EUR"), "CURRENCY_MISMATCH"),
    (reserve("2019-08-01", "C1", "0.00"), "AMOUNT_NOT_POSITIVE"),
    (reserve("2019-08-01", "C0", "2.00"), "CLAIM_DUPLICATE"),
    ({"at": "2019-08-01", "do": "approve", "claim": "C9"}, "CLAIM_UNKNOWN"),
    ({"at": "2019-08-01", "do": "approve", "claim": "C0", "amount": "1.01"}, "APPROVAL_EXCEEDS_RESERVED"),
    ({"at": "2019-08-01", "do": "release", "claim": "C9"}, "CLAIM_UNKNOWN"),
    ({"at": "2019-08-01", "do": "limit", "plan": "PL9", "limit": "1.00", "currency": "USD"}, "PLAN_UNKNOWN"),
    (
        {"at": "2019-08-01", "do": "correct", "id": "k", "corrects": "e9", "amount": "-1.00"},
        "EARNING_UNKNOWN",
    ),
]


@pytest.mark.parametrize(
    "line, code", REFUSED, ids=[f"{number}-{code}" for number, (_, code) in enumerate(REFUSED)]
)
def test_a_refused_line_has_its_number_and_code_and_changes_nothing(line: dict[str, Any], code: str) -> None:
    before = [earn("2019-03-31", "e1", "2019-03", "25000.00"), reserve("2019-07-20", "C0", "1.00")]
    answer = timeline(*before, line, until("2019-08-01"))
    assert codes(answer) == [(3, code)]
    assert balances(answer) == balances(timeline(*before, until("2019-08-01")))


@pytest.mark.parametrize(
    "undone", [{"do": "release"}, {"do": "approve", "amount": "1.00"}], ids=lambda line: line["do"]
)
def test_what_was_approved_is_not_undone(undone: dict[str, str]) -> None:
    lines = [
        earn("2019-03-31", "e1", "2019-03", "25000.00"),
        reserve("2019-08-01", "C1", "900.00"),
        {"at": "2019-08-02", "do": "approve", "claim": "C1"},
    ]
    answer = timeline(*lines, {"at": "2019-08-03", "claim": "C1", **undone})
    assert codes(answer) == [(4, "CLAIM_DECIDED")]
    assert answer.balances == timeline(*lines).balances


def test_a_program_without_claims_has_no_coop() -> None:
    answer = timeline(earn("2019-03-31", "e1", "2019-03", "100.00", pack="no-claims"), packs=MORE)
    assert balances(answer) == {"rebate": "100.00"}


def test_a_line_that_is_not_json_is_refused_with_its_number_and_blank_lines_count() -> None:
    answer = simulate(["", "{", "[1]"], PACKS)
    assert codes(answer) == [(2, "BAD_LINE"), (3, "BAD_LINE")]


def test_repeated_lines_change_nothing() -> None:
    lines = [
        earn("2019-03-31", "e1", "2019-03", "25000.00"),
        reserve("2019-08-01", "C1", "900.00"),
        {"at": "2019-08-02", "do": "approve", "claim": "C1", "amount": "800.00"},
        plan(),
    ]
    lines[-1]["at"] = "2019-08-03"
    twice = [line for line in lines for _ in range(2)]
    assert timeline(*twice).balances == timeline(*lines).balances
    assert timeline(*twice).refused == []


def test_a_program_goes_by_id_name_or_alias_and_is_called_what_it_was_called_first() -> None:
    answer = timeline(
        earn("2019-03-31", "e1", "2019-03", "12500.00", program="csp-indirect-reseller"),
        reserve("2019-08-01", "C1", "5000.00", program="csp indirect reseller"),
    )
    assert {row["program"] for row in answer.balances} == {"csp-indirect-reseller"}
    assert answer.refused == []


def test_every_cent_sits_in_one_bucket_and_no_currency_has_cents_it_does_not_know() -> None:
    answer = timeline(earn("2019-03-31", "e1", "2019-03", "1001", currency="JPY"))
    assert balances(answer) == {"coop_accruing": "400", "rebate": "601"}
