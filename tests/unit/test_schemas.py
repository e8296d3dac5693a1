"""The contracts: money, periods, events, the manifest."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.base import Period
from schemas.bundle import Manifest
from schemas.claims import TRANSITIONS, ClaimAct, ClaimState, ReviewDecision, TransitionNotAllowed, after
from schemas.events import ClaimWithdrawn, EventTypeUnknown, parse_data
from schemas.money import (
    AMOUNT_MINOR_MAX,
    EXPONENTS,
    AmountInvalid,
    CurrenciesMixed,
    Money,
    decimal_text,
    minor_units,
)

amounts = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
currencies = st.sampled_from(sorted(EXPONENTS))


@given(amount_minor=amounts, currency=currencies)
def test_money_survives_the_way_to_text_and_back(amount_minor: int, currency: str) -> None:
    money = Money(amount_minor=amount_minor, currency=currency)
    assert Money.model_validate_json(money.model_dump_json()) == money
    assert minor_units(decimal_text(amount_minor, currency), currency) == amount_minor


@given(a=amounts, b=amounts)
def test_adding_and_taking_away_are_each_others_reverse(a: int, b: int) -> None:
    half_a, half_b = (Money(amount_minor=value // 2, currency="USD") for value in (a, b))
    assert (half_a + half_b) - half_b == half_a


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("5000.00", "USD", 500000), ("5", "JPY", 5), ("1.234", "KWD", 1234), ("-0.01", "EUR", -1)],
)
def test_the_decimals_are_those_of_the_currency(text: str, currency: str, minor: int) -> None:
    assert minor_units(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.001", "USD"),
        ("1.5", "JPY"),
        ("1,00", "USD"),
        ("", "USD"),
        ("1e3", "USD"),
        ("NaN", "USD"),
        ("1.00", "XXX"),
        ("١", "USD"),
    ],
)
def test_what_is_no_exact_amount_of_the_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountInvalid):
        Money.of(text, currency)


def test_two_currencies_are_never_added_or_compared() -> None:
    dollars, euros = Money.of("1.00", "USD"), Money.of("1.00", "EUR")
    with pytest.raises(CurrenciesMixed):
        dollars + euros
    with pytest.raises(CurrenciesMixed):
        _ = dollars < euros


def test_a_period_has_both_its_ends_and_no_more() -> None:
    period = Period.parse("2019-07-01/2019-12-31")
    days = (date(2019, 6, 30), date(2019, 7, 1), date(2019, 12, 31), date(2020, 1, 1))
    assert [day in period for day in days] == [False, True, True, False]
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize("text", ["2019-07-01", "2019-12-31/2019-07-01", "a/b"])
def test_a_text_that_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(text)


def test_every_act_that_the_table_does_not_list_is_refused() -> None:
    for state in ClaimState:
        for act in ClaimAct:
            if (state, act) in TRANSITIONS:
                assert after(state, act) is TRANSITIONS[state, act]
            else:
                with pytest.raises(TransitionNotAllowed):
                    after(state, act)


def test_decided_claims_move_no_more_except_a_rejected_one_that_is_disputed() -> None:
    decided = {ClaimState.APPROVED, ClaimState.REJECTED, ClaimState.WITHDRAWN}
    assert {key for key in TRANSITIONS if key[0] in decided} == {(ClaimState.REJECTED, ClaimAct.DISPUTE)}


MANIFEST = {
    "schema": "coop.bundle/1",
    "claim_name": "September campaign",
    "partner_id": "P-1",
    "location": "L-1",
    "program": "csp-indirect-reseller",
    "usage_period": {"start": "2019-07-01", "end": "2019-12-31"},
    "activity": "digital_advertising",
    "activity_start": "2019-09-01",
    "activity_end": "2019-09-30",
    "currency": "USD",
    "claimed_amount": "999.99",
    "documents": [{"file": "invoice.pdf", "kind": "third_party_invoice"}],
}


def test_a_manifest_survives_the_way_to_json_and_back() -> None:
    manifest = Manifest.model_validate_json(json.dumps(MANIFEST))
    assert manifest.claimed_minor == 99999
    assert Manifest.model_validate_json(manifest.model_dump_json(by_alias=True)) == manifest


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"claimed_amount": "999,99"},
        {"claimed_amount": "1.001"},
        {"schema": "coop.bundle/2"},
        {"usage_period": {"start": "2019-12-31", "end": "2019-07-01"}},
        {"documents": [{"file": "a", "kind": "csr"}, {"file": "a", "kind": "csr"}]},
        {"lines": [{"kind": "agency_fee", "amount": "1.00", "document": "nowhere.pdf"}]},
    ],
)
def test_a_manifest_with_one_fault_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Manifest.model_validate_json(json.dumps({**MANIFEST, **change}))


@pytest.mark.parametrize(
    "body",
    [
        {"verdict": "reject", "revision": 1},
        {"verdict": "ask", "revision": 1},
        {
            "verdict": "reject",
            "revision": 1,
            "reason_code": "NOT_ELIGIBLE",
            "amount": {"amount": "1.00", "currency": "USD"},
        },
        {"verdict": "approve", "revision": 1, "amount": {"amount": "0.00", "currency": "USD"}},
    ],
)
def test_a_review_decision_without_its_reason_or_with_a_senseless_amount_is_refused(
    body: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        ReviewDecision.model_validate_json(json.dumps(body))


def test_instants_are_written_in_utc() -> None:
    body = {
        "claim_id": "clm_" + "0" * 26,
        "revision": 1,
        "partner_id": "P-1",
        "location": "L-1",
        "program": "csp",
        "actor": "x",
        "withdrawn_at": "2020-02-14T23:59:59-08:00",
    }
    event = parse_data("coop.claim.withdrawn.v1", body)
    assert isinstance(event, ClaimWithdrawn)
    assert event.withdrawn_at == datetime(2020, 2, 15, 7, 59, 59, tzinfo=UTC)
    assert json.loads(event.model_dump_json())["withdrawn_at"] == "2020-02-15T07:59:59Z"


def test_an_event_type_without_a_schema_is_refused() -> None:
    with pytest.raises(EventTypeUnknown):
        parse_data("coop.claim.eaten.v1", {})
