"""Posting: two entries, running balances, floors, holds and windows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.ledger.core.accounts import Account, AccountKey, Bucket, Lot, Window, opened
from services.ledger.core.posting import (
    PostingInvalid,
    Transfer,
    apply,
    chain_sha256,
    row_sha256,
    transfer_id,
)
from services.ledger.core.refusals import DeadlinePassed, FundsInsufficient, WindowNotOpen

LOT = Lot("P1", "L1", "csp", "2019-01-01/2019-06-30", "USD")
OPENS, CLOSES = datetime(2019, 7, 1, 7, tzinfo=UTC), datetime(2020, 2, 15, 8, tzinfo=UTC)
SOURCE, REBATE = AccountKey(LOT, Bucket.SOURCE), AccountKey(LOT, Bucket.REBATE)
AVAILABLE, RESERVED = AccountKey(LOT, Bucket.COOP_AVAILABLE), AccountKey(LOT, Bucket.COOP_RESERVED)
CLAIMED = AccountKey(LOT, Bucket.COOP_CLAIMED)


def standing(available: int = 0) -> dict[AccountKey, Account]:
    accounts = {key: opened(key) for key in (SOURCE, REBATE, RESERVED, CLAIMED)}
    accounts[AVAILABLE] = replace(opened(AVAILABLE, Window(OPENS, CLOSES)), posted=available, sequence=1)
    return accounts


def reserve(amount: int, at: datetime = OPENS) -> Transfer:
    return Transfer("c/1", "funds_reserved", AVAILABLE, RESERVED, amount, at, hold=True, spends=True)


def test_a_transfer_makes_two_entries_that_cancel_out_with_the_next_sequence_and_the_running_balance() -> (
    None
):
    posting = apply(standing(500), [reserve(200)])
    ((out, into),) = posting.entries
    assert (out.amount, out.balance_after, out.sequence) == (-200, 300, 2)
    assert (into.amount, into.balance_after, into.sequence) == (200, 200, 1)
    assert (into.held_change, into.held_after) == (200, 200)


def test_the_last_cent_can_be_reserved_and_not_one_more() -> None:
    assert apply(standing(500), [reserve(500)]).accounts[AVAILABLE].posted == 0
    with pytest.raises(FundsInsufficient) as refused:
        apply(standing(500), [reserve(501)])
    assert (refused.value.asked, refused.value.available) == (501, 500)


def test_held_money_leaves_its_account_only_by_resolving_the_hold() -> None:
    after = apply(standing(500), [reserve(500)]).accounts
    settle = Transfer("c/2", "claim_settled", RESERVED, CLAIMED, 500, OPENS)
    with pytest.raises(FundsInsufficient):
        apply(after, [settle])
    settled = apply(after, [replace(settle, unhold=True)]).accounts
    assert (settled[RESERVED].posted, settled[RESERVED].held, settled[CLAIMED].posted) == (0, 0, 500)


def test_a_hold_cannot_be_resolved_twice() -> None:
    after = apply(standing(1000), [reserve(500)]).accounts
    back = Transfer("c/3", "hold_released", RESERVED, AVAILABLE, 500, OPENS, unhold=True)
    with pytest.raises(FundsInsufficient):
        apply(after, [back, replace(back, key="c/4")])


@pytest.mark.parametrize(
    "at, refusal",
    [
        (OPENS - timedelta(microseconds=1), WindowNotOpen),
        (OPENS, None),
        (CLOSES - timedelta(microseconds=1), None),
        (CLOSES, DeadlinePassed),
    ],
)
def test_the_window_is_half_open_and_tested_against_the_effective_instant(
    at: datetime, refusal: type | None
) -> None:
    if refusal is None:
        assert apply(standing(500), [reserve(1, at)]).accounts[RESERVED].held == 1
    else:
        with pytest.raises(refusal):
            apply(standing(500), [reserve(1, at)])


def test_an_earning_account_may_go_below_zero() -> None:
    back = Transfer("e/1", "earning_rebate", REBATE, SOURCE, 300, OPENS)
    assert apply(standing(), [back]).accounts[REBATE].posted == -300


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -1},
        {"target": AVAILABLE},
        {"target": AccountKey(replace(LOT, currency="EUR"), Bucket.COOP_RESERVED)},
        {"target": AccountKey(replace(LOT, partner="P2"), Bucket.COOP_RESERVED)},
    ],
    ids=str,
)
def test_a_transfer_moves_a_positive_amount_between_two_accounts_of_one_partner_and_currency(
    wrong: dict,
) -> None:
    with pytest.raises(PostingInvalid):
        apply(standing(500), [replace(reserve(1), **wrong)])


def test_ids_follow_from_the_business_key_and_hashes_from_the_content() -> None:
    assert reserve(1).id == reserve(2).id == transfer_id("c/1")
    assert reserve(1).inputs_sha256 != reserve(2).inputs_sha256
    assert reserve(1).inputs_sha256 == reserve(1).inputs_sha256


def test_a_link_of_the_chain_depends_on_every_row_before_it() -> None:
    first, second = row_sha256({"amount": 1}, []), row_sha256({"amount": 2}, [])
    start = "0" * 64
    assert chain_sha256(chain_sha256(start, first), second) != chain_sha256(
        chain_sha256(start, second), first
    )
