"""Accounts: ids that read back, and floors."""

import pytest

from services.ledger.core.accounts import FLOOR_NONE, AccountKey, Bucket, Lot, opened

COOP = Lot("P1", "L1", "csp-indirect-reseller", "2019-01-01/2019-06-30", "USD")
PLAN = Lot("P1", "L1", "plan-program", "2022-04", "USD")


@pytest.mark.parametrize(
    "key",
    [
        AccountKey(COOP, Bucket.COOP_AVAILABLE),
        AccountKey(PLAN, Bucket.PAYABLE),
        AccountKey(PLAN, Bucket.PAYABLE, "f1"),
    ],
    ids=str,
)
def test_an_account_id_reads_back_as_the_same_account(key: AccountKey) -> None:
    assert AccountKey.parse(key.id) == key


def test_an_account_id_is_partner_location_program_period_currency_bucket() -> None:
    assert AccountKey(COOP, Bucket.COOP_RESERVED).id == (
        "P1/L1/csp-indirect-reseller/2019-01-01/2019-06-30/USD/coop_reserved"
    )


@pytest.mark.parametrize("text", ["", "P1/L1", "P1/L1/prog/2022-04/USD/no_bucket"])
def test_what_is_no_account_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        AccountKey.parse(text)


@pytest.mark.parametrize("bucket", list(Bucket))
def test_only_what_a_correction_may_take_back_goes_below_zero(bucket: Bucket) -> None:
    bottomless = {Bucket.SOURCE, Bucket.REBATE, Bucket.COOP_ACCRUING, Bucket.PAYABLE}
    assert opened(AccountKey(COOP, bucket)).floor == (FLOOR_NONE if bucket in bottomless else 0)
