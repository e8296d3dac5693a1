"""What a payment waits for (R-69, C26)."""

from datetime import date, timedelta

from schemas.money import Money
from services.rules.pack import RulePack


def waits(pack: RulePack, due: Money) -> bool:
    """Whether a sum is below the smallest payment and waits for more. A smallest payment in another currency is none."""
    minimum = pack.minimum_payment
    return minimum is not None and minimum.currency == due.currency and due < minimum.money


def forfeits_on(pack: RulePack, held_since: date) -> date | None:
    """The day from which a payment held for missing bank or tax details is forfeited; None where it never is."""
    missing = pack.missing_profile
    if missing is None or missing.then != "forfeit":
        return None
    return held_since + timedelta(days=missing.hold_days)
