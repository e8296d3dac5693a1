"""What a late correction takes is never paid out: not after a release, a partial approval, an expiry or a clawback."""

import json
from typing import Any

import pytest

from services.kit.packs import PackLibrary
from services.ledger.handlers.simulation import simulate

PROGRAM = {"partner": "A", "location": "L", "program": "csp-indirect-reseller"}
USAGE = {"usage_period": "2019-07-01/2019-12-31", "activity": "digital_advertising", "currency": "USD"}
PACKS = PackLibrary.load()


def reserve(at: str, claim: str, amount: str) -> dict[str, Any]:
    return {"at": at, "do": "reserve", "claim": claim, "amount": amount, **PROGRAM, **USAGE}


BEFORE = [
    {
        "at": "2019-02-01",
        "do": "earn",
        "id": "E1",
        **PROGRAM,
        "pack": "csp-2019-11",
        "month": "2019-01",
        "amount": "12500.00",
        "currency": "USD",
    },
    reserve("2019-08-01", "C1", "5000.00"),
    {"at": "2019-08-20", "do": "correct", "id": "K", "corrects": "E1", "amount": "-2500.00", "reason": "x"},
]
END = {"at": "2020-03-16", "do": "until"}


def run(*lines: dict[str, Any]) -> dict[str, Any]:
    return simulate([json.dumps(line) for line in (*BEFORE, *lines, END)], PACKS).to_json()


def claims_paid(told: dict[str, Any]) -> list[str]:
    return [payout["amount"] for payout in told["payouts"] if payout["kind"] == "coop_claim"]


def test_funds_that_a_release_frees_are_those_left_after_the_correction() -> None:
    told = run(
        {"at": "2019-08-21", "do": "release", "claim": "C1"},
        reserve("2019-08-22", "C2", "4000.01"),
        reserve("2019-08-22", "C3", "4000.00"),
        {"at": "2019-08-23", "do": "approve", "claim": "C3"},
    )
    assert [refusal["code"] for refusal in told["refused"]] == ["FUNDS_INSUFFICIENT"]
    assert claims_paid(told) == ["4000.00"]


def test_the_rest_of_a_partial_approval_is_what_is_left_after_the_correction() -> None:
    told = run(
        {"at": "2019-08-21", "do": "approve", "claim": "C1", "amount": "1000.00"},
        reserve("2019-08-22", "C2", "3000.01"),
        reserve("2019-08-22", "C3", "3000.00"),
    )
    assert [refusal["code"] for refusal in told["refused"]] == ["FUNDS_INSUFFICIENT"]


def test_only_what_was_earned_expires() -> None:
    told = run({"at": "2020-03-01", "do": "release", "claim": "C1"})
    assert [b["amount"] for b in told["balances"] if b["bucket"] == "expired"] == ["4000.00"]
    assert not [b for b in told["balances"] if b["bucket"] == "coop_accruing"]


def test_a_claim_received_in_time_gets_back_no_more_than_was_earned() -> None:
    told = run(
        {"at": "2019-08-21", "do": "release", "claim": "C1"},
        {**reserve("2020-02-20", "C2", "4000.01"), "received_at": "2020-02-14T12:00:00-08:00"},
        {**reserve("2020-02-20", "C3", "4000.00"), "received_at": "2020-02-14T12:00:00-08:00"},
    )
    assert [refusal["code"] for refusal in told["refused"]] == ["FUNDS_INSUFFICIENT"]


def test_what_a_correction_took_after_the_expiry_is_not_restored_for_a_claim_received_in_time() -> None:
    earned, _, correction = BEFORE
    lines = (
        earned,
        {**correction, "at": "2020-02-18"},
        {**reserve("2020-02-20", "C2", "4000.01"), "received_at": "2020-02-14T12:00:00-08:00"},
        {**reserve("2020-02-20", "C3", "4000.00"), "received_at": "2020-02-14T12:00:00-08:00"},
    )
    told = simulate([json.dumps(line) for line in lines], PACKS).to_json()
    assert [(refusal["line"], refusal["code"]) for refusal in told["refused"]] == [(3, "FUNDS_INSUFFICIENT")]


def test_a_correction_is_not_corrected_again() -> None:
    line = {
        "at": "2019-08-21",
        "do": "correct",
        "id": "K2",
        "corrects": "K",
        "amount": "-2500.00",
        "reason": "x",
    }
    assert [refusal["code"] for refusal in run(line)["refused"]] == ["CORRECTION_OF_CORRECTION"]


@pytest.mark.parametrize(
    "text",
    [
        '{"at":"9999-12-31T23:59:59-14:00","do":"until"}',
        '{"at":"0001-01-01T00:00:00+14:00","do":"until"}',
        "[" * 100_000,
        json.dumps({**BEFORE[0], "id": "q\ud800"}),
        json.dumps({**BEFORE[0], "month": "9999-12"}),
        json.dumps({**BEFORE[0], "month": "0001-01"}),
        json.dumps({**BEFORE[0], "month": "２０１９-01"}),
    ],
    ids=["year 9999", "year 1", "deep", "surrogate", "month 9999-12", "month 0001-01", "other digits"],
)
def test_a_line_that_cannot_be_is_refused_and_the_next_one_runs(text: str) -> None:
    told = simulate([text, json.dumps(BEFORE[0])], PACKS).to_json()
    assert [(refusal["line"], refusal["code"]) for refusal in told["refused"]] == [(1, "BAD_LINE")]
    assert {balance["bucket"] for balance in told["balances"]} == {"rebate", "coop_accruing"}
