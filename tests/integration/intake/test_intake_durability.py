"""Crashes, restarts and races: nothing half-done is ever seen, and no two acts both win."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.intake.store import tables
from services.kit.database import Database
from services.kit.objects import FolderStore, ObjectStoreUnavailable
from services.kit.platform import Platform
from tests.integration.intake.house import PACKS, PDF, House, bundle, client, manifest


class StoreThatEnds(FolderStore):
    """A store that stops answering after some writes, as one does when the process is killed between them."""

    def __init__(self, root: Path, writes: int) -> None:
        super().__init__(root)
        self.writes = writes

    def put_bytes(self, content: bytes):  # type: ignore[no-untyped-def]
        """Keep, as long as writes are left."""
        if self.writes <= 0:
            raise ObjectStoreUnavailable("gone")
        self.writes -= 1
        return super().put_bytes(content)


def claims_kept(house: House) -> int:
    with house.platform.database.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(tables.claims)).scalar_one())


def test_a_crash_between_the_bytes_and_the_record_leaves_no_claim_and_a_retry_makes_one(
    house: House, tmp_path: Path
) -> None:
    whole = house.platform
    ending = StoreThatEnds(tmp_path / "objects", writes=0)
    broken = Platform(whole.settings, whole.limits, whole.database, house.clock, ending, PACKS)
    house.http = client(broken)
    answer = house.send("a", bundle(manifest()), key="k")
    assert (answer.status_code, answer.json()["code"]) == (503, "OBJECT_STORE_UNAVAILABLE")
    assert len(list(whole.objects.listed())) == 1
    assert (claims_kept(house), house.events()) == (0, [])
    house.http = client(whole)
    assert house.send("a", bundle(manifest()), key="k").status_code == 202
    assert claims_kept(house) == 1


def test_a_restart_forgets_nothing(house: House) -> None:
    claim_id = house.ready()
    content = bundle(manifest())
    before, first = house.view(claim_id), house.send("a", content, key="k").json()
    old = house.platform
    old.database.close()
    database = Database(f"sqlite:///{old.database.engine.url.database}")
    again = Platform(old.settings, old.limits, database, house.clock, old.objects, PACKS)
    house.http = client(again)
    assert house.view(claim_id) == before
    assert house.send("a", content, key="k").json() == first
    assert house.decide(claim_id, verdict="approve").status_code == 200
    database.close()


def test_one_key_used_at_once_by_many_is_one_claim(house_on_each: House) -> None:
    house = house_on_each
    content = bundle(manifest())
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: house.send("a", content, key="same"), range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["claim_id"] for answer in answers}) == 1
    assert claims_kept(house) == 1


def test_claims_sent_at_once_get_numbers_without_gap_or_repeat(house_on_each: House) -> None:
    house = house_on_each
    with ThreadPoolExecutor(4) as pool:
        numbers = list(
            pool.map(lambda _: house.send("a", bundle(manifest())).json()["claim_number"], range(8))
        )
    assert sorted(numbers) == list(range(1, 9))


def test_of_two_decisions_at_once_one_wins_and_the_other_is_told_why(house_on_each: House) -> None:
    house = house_on_each
    claim_id = house.ready()
    orders = ({"verdict": "approve"}, {"verdict": "reject", "reason_code": "NO_PROOF"})
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda order: house.decide(claim_id, **order), orders))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json()["code"] in ("TRANSITION_NOT_ALLOWED", "CLAIM_CHANGED")
    assert len([event for event in house.events() if event.type == "coop.claim.decided.v1"]) == 1


def test_the_migrations_make_the_tables_that_the_store_describes(database: Database) -> None:
    with database.read() as tx:
        context = MigrationContext.configure(
            tx,
            opts={"include_name": lambda name, kind, _: kind != "table" or str(name).startswith("intake_")},
        )
        assert compare_metadata(context, tables.metadata) == []


def test_a_first_revision_decides_the_deadline_and_a_later_one_has_its_own_time(house: House) -> None:
    claim_id = house.ready()
    house.decide(claim_id, verdict="ask", reason_code="MORE_DETAIL")
    house.clock.move_to(house.clock.now() + timedelta(days=1))
    answer = house.send("a", bundle(manifest()), path=f"/v1/claims/{claim_id}/revisions")
    receipt = answer.json()
    assert (receipt["received_at"], receipt["first_received_at"]) == (
        "2019-10-16T09:00:00Z",
        "2019-10-15T09:00:00Z",
    )
    assert receipt["deadline"] == "2020-02-15T08:00:00Z"


@pytest.mark.parametrize("kind", ["third_party_invoice", "csr"])
def test_the_stored_manifest_is_the_very_one_that_was_sent(house: House, kind: str) -> None:
    claim = manifest(documents=[{"file": "invoice.pdf", "kind": kind}])
    sha256 = house.send("a", bundle(claim, {"invoice.pdf": PDF})).json()["manifest_sha256"]
    assert json.loads(house.platform.objects.get(sha256)) == claim
