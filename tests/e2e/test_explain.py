"""Every payout of the demo is explained down to earnings and places on pages, and its sums add up."""

from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

from services.cli import story
from services.cli.demo import BEGINNING, _run
from services.cli.embedded import EmbeddedInstance, embedded, embedded_settings
from services.cli.explain import NothingToExplain, _lines, explained
from services.kit.clock import ManualClock
from services.ledger.queries.statements import Payout, payout_list, statement


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedInstance]:
    """The demo's instance after its whole story."""
    home: Path = tmp_path_factory.mktemp("explain")
    with (
        as_file(files("samples")) as root,
        embedded(embedded_settings(home), clock=ManualClock(BEGINNING)) as instance,
    ):
        _run(instance, root, story.samples_in(root))
        yield instance


@pytest.fixture(scope="module")
def payouts(demo: EmbeddedInstance) -> list[Payout]:
    """All payouts of the demo."""
    with demo.platform.database.read() as tx:
        return payout_list(tx, rows_max=10_000)


def total(rows: list[dict[str, Any]], key: str = "amount") -> Decimal:
    return sum((Decimal(row[key]) for row in rows), Decimal(0))


def test_each_payout_ends_at_earnings_and_its_sums_add_up(
    demo: EmbeddedInstance, payouts: list[Payout]
) -> None:
    assert {payout.kind for payout in payouts} == {"rebate", "coop_claim", "plan"}
    for payout in payouts:
        told = explained(demo.platform, payout.id)
        assert told["adds_up"] is True
        assert total(told["transfers"]) == Decimal(payout.amount.amount)
        assert total(told["used"]) - Decimal(told["set_off"]) == Decimal(payout.amount.amount)
        assert {row["earning"] for row in told["used"]} == {row["earning"] for row in told["earnings"]}
        if payout.kind == "coop_claim":
            assert total(told["claims"], "approved") == Decimal(payout.amount.amount)


def test_each_paid_claim_ends_at_places_on_pages_and_at_its_rules(
    demo: EmbeddedInstance, payouts: list[Payout]
) -> None:
    claims = [
        claim
        for payout in payouts
        if payout.kind == "coop_claim"
        for claim in explained(demo.platform, payout.id)["claims"]
    ]
    assert claims
    for claim in claims:
        assert claim["adds_up"] is True
        evidence = claim["evidence"]
        places = [fact for paper in evidence["documents"] for fact in paper["read"]]
        assert places
        assert all(fact["page"] >= 1 and len(fact["box"]) == 4 for fact in places if fact["box"])
        assert evidence["decision"]["pack"]
        assert Decimal(claim["approved"]) <= Decimal(evidence["decision"]["payable"])
    assert "adds up" in "\n".join(_lines(claims[0], 0))


def test_an_entry_of_a_statement_leads_to_its_transfer_and_what_is_unknown_is_said_to_be(
    demo: EmbeddedInstance, payouts: list[Payout]
) -> None:
    with demo.platform.database.read() as tx:
        line = next(line for line in statement(tx, payouts[0].partner) if line.kind == "earning_rebate")
    told = explained(demo.platform, line.transfer_id)
    assert [one["amount"] for one in told["entries"]] == [f"-{line.amount.amount}", line.amount.amount]
    assert told["earnings"][0]["earning"] == line.references["earning"]
    account = told["entries"][1]["account"]
    assert explained(demo.platform, f"{account}#{line.sequence}") == told
    assert _lines(told, 0)[0].startswith(line.transfer_id)
    with pytest.raises(NothingToExplain):
        explained(demo.platform, "pay_0")
