"""What ledger tests have in common: the shipped packs, one partner, and short ways to earn and to simulate."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from schemas.money import Money
from services.kit.packs import PackLibrary
from services.ledger.handlers.earnings import Earning, EarningResult, record_earning
from services.ledger.handlers.simulation import simulate
from services.ledger.handlers.simulation_answer import SimulationAnswer
from services.rules.periods import Month

PACKS = PackLibrary.load()
PARTNER, LOCATION, PROGRAM = "P1", "L1", "csp-indirect-reseller"
USAGE = "2019-07-01/2019-12-31"
CLAIM = "clm_" + "0" * 26


def instant(text: str) -> datetime:
    """An instant from ISO text."""
    return datetime.fromisoformat(text).astimezone(UTC)


def earn(
    tx: Connection, earning_id: str, month: str, amount: str, *, now: datetime, **more: Any
) -> EarningResult:
    """Record an earning of the one partner."""
    values: dict[str, Any] = {"partner": PARTNER, "location": LOCATION, "program": PROGRAM, **more}
    currency = values.pop("currency", "USD")
    earning = Earning(earning_id, month=Month.parse(month), amount=Money.of(amount, currency), **values)
    return record_earning(tx, PACKS, earning, now=now)


def timeline(*lines: dict[str, Any], packs: Any = PACKS) -> SimulationAnswer:
    """Simulate lines."""
    return simulate([json.dumps(line) for line in lines], packs)
