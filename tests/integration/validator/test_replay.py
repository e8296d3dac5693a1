"""A decision can be made again from what was kept with it; a draft of the rules shows beforehand what it changes."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from sqlalchemy.exc import DBAPIError

from services.cli import story
from services.cli.demo import BEGINNING
from services.cli.embedded import embedded, embedded_settings
from services.kit.clock import ManualClock
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.packs import PackLibrary
from services.rules.pack import load_pack
from services.validator import queries
from services.validator.core.inputs import CheckInputs
from tests.e2e.commands import coop
from tests.golden.packs import pack_texts
from tests.integration.validator.desk import Desk
from tests.integration.validator.half_year import claim_id, generated, record
from tests.unit.validator.claims import claim, document, invoice, library, proofs

CLAIMS = 1000


def library_with(text: str, pack_id: str) -> PackLibrary:
    """The shipped packs with one pack's text in place of (or beside) theirs."""
    texts = pack_texts() | {pack_id: text}
    return PackLibrary({name: load_pack(texts, name) for name in texts}, library().vocabulary)


def test_a_half_year_of_decisions_is_made_again_byte_for_byte(sqlite_database: Database) -> None:
    assert record(sqlite_database, generated(CLAIMS)) == CLAIMS
    replays = list(queries.replayed(sqlite_database, library()))
    assert len(replays) == CLAIMS
    assert [one for one in replays if one.difference is not None] == []


def test_a_decision_over_read_documents_is_made_again_on_each_database(desk_on_each: Desk) -> None:
    desk = desk_on_each
    desk.enroll("Northlight Cloud")
    desk.ledger("coop_released", [("coop_available", 1, "4000.00")])
    desk.submit("clean", 1)
    desk.submit("same_invoice_twice", 2)
    desk.submit("clean", 1, revision=2, changed={"comment": "again"})
    replays = list(queries.replayed(desk.platform.database, desk.platform.packs))
    assert [(one.claim_id[-1], one.revision, one.difference) for one in replays] == [
        ("1", 1, None),
        ("2", 1, None),
        ("1", 2, None),
    ]


def test_facts_that_are_kept_by_content_are_not_kept_twice(desk: Desk) -> None:
    desk.submit("clean", 1)
    with desk.platform.database.read() as tx:
        (kept,) = tx.execute(sa.text("SELECT inputs FROM validator_inputs")).scalars()
    assert '"kept_facts"' in kept
    assert '"facts"' not in kept


def test_inputs_are_neither_changed_nor_removed(desk_on_each: Desk) -> None:
    desk = desk_on_each
    desk.submit("clean")
    for statement in ("UPDATE validator_inputs SET inputs = ''", "DELETE FROM validator_inputs"):
        with pytest.raises(DBAPIError, match="append only"), desk.platform.database.write() as tx:
            tx.execute(sa.text(statement))


def test_facts_that_were_changed_later_are_found_by_the_replay(desk: Desk) -> None:
    desk.submit("clean", 1)
    with desk.platform.database.write() as tx:
        tx.execute(sa.text("UPDATE validator_facts SET facts = replace(facts, '4815.40', '4815.41')"))
    (replay,) = queries.replayed(desk.platform.database, desk.platform.packs)
    assert replay.difference is not None
    assert replay.difference.startswith("decision_id: ")


def test_a_pack_that_was_changed_later_is_named(sqlite_database: Database) -> None:
    record(sqlite_database, iter([claim()]))
    text = pack_texts()["csp-2019-11"]
    changed = library_with(text.replace("name:", "name: Another", 1), "csp-2019-11")
    (replay,) = queries.replayed(sqlite_database, changed)
    assert replay.difference is not None
    assert replay.difference.startswith("the pack csp-2019-11 is another: ")


def test_a_claim_without_a_decision_is_no_answer(sqlite_database: Database) -> None:
    with pytest.raises(queries.ClaimUndecided):
        list(queries.replayed(sqlite_database, library(), claim_id(7)))


def test_every_decision_of_the_story_that_the_demo_tells_is_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    settings = embedded_settings(home, limits=Limits(read_ocr_pages_max=0))
    with (
        as_file(files("samples")) as root,
        embedded(settings, clock=ManualClock(BEGINNING)) as instance,
    ):
        story.enroll(instance, root)
        story.earn(instance, root)
        samples = story.samples_in(root)
        told = list(story.send_all(instance, samples))
        instance.settle()
    monkeypatch.setenv("COOP_HOME", str(home))
    ended = coop(capsys, "rules", "replay", "--all", "--json")
    assert ended.document == {"decisions": len(samples), "differing": []}
    assert ended.code == 0
    ended = coop(capsys, "rules", "replay", told[0].claim_id)
    assert (ended.code, ended.out) == (0, "1 decisions come out the same, byte for byte\n")
    assert coop(capsys, "rules", "replay", "clm_" + "9" * 26).code == 2
    assert coop(capsys, "rules", "replay").code == 2


def test_a_replay_ends_with_1_and_the_first_difference_where_the_pack_was_changed(
    sqlite_database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record(sqlite_database, iter([claim()]))
    texts = pack_texts()
    changed = texts | {"csp-2019-11": texts["csp-2019-11"].replace("18750.00", "18751.00", 1)}
    for name, text in changed.items():
        (tmp_path / "packs" / name).mkdir(parents=True)
        (tmp_path / "packs" / name / "pack.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("COOP_HOME", str(tmp_path))
    monkeypatch.setenv("COOP_DATABASE_URL", str(sqlite_database.engine.url))
    monkeypatch.setenv("COOP_RULEPACKS", str(tmp_path / "packs"))
    ended = coop(capsys, "rules", "replay", "--all", "--json")
    assert ended.code == 1
    assert [one["claim_id"] for one in ended.document["differing"]] == [claim_id(1)]
    assert "is another" in ended.document["differing"][0]["difference"]


def cap_draft(amount: str, *, named: str = "draft", head: str = "extends: csp-2019-11") -> str:
    """A draft that differs from its pack in the limit for syndicated content alone."""
    text = pack_texts()["csp-2019-11"]
    [cap] = yaml.safe_load(text)["activities"]["syndicated_content"]["caps"]
    caps = {"syndicated_content": {"caps": [{**cap, "amount": amount}]}}
    return f"id: {named}\n{head}\n" + yaml.safe_dump({"activities": caps}, allow_unicode=True)


def syndicated(net: str, activity: str = "syndicated_content") -> CheckInputs:
    """A claim whose invoice shows `net`."""
    held = (
        invoice(total_net=net, total_gross=net, total_tax="0.00"),
        document("page.pdf", "site_page"),
        *proofs(),
    )
    return claim(*held, activity=activity, claimed_amount=net)


def test_a_draft_with_one_cap_changed_lists_exactly_the_claims_it_changes(
    sqlite_database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claims = [
        syndicated("900.00"),
        syndicated("1000.00"),
        syndicated("1000.01"),
        syndicated("5000.00", "digital_advertising"),
        syndicated("20000.00"),
    ]
    record(sqlite_database, iter(claims))
    (tmp_path / "draft").mkdir()
    (tmp_path / "draft" / "pack.yaml").write_text(cap_draft("1000.00"), encoding="utf-8")
    monkeypatch.setenv("COOP_HOME", str(tmp_path))
    monkeypatch.setenv("COOP_DATABASE_URL", str(sqlite_database.engine.url))
    ended = coop(capsys, "rules", "try", str(tmp_path / "draft"), "--json")
    assert ended.code == 0
    assert (ended.document["for"], ended.document["judged"]) == ("csp-2019-11", 5)
    told = [
        (one["claim_id"], one["before"]["amount_payable"]["amount"], one["after"]["amount_payable"]["amount"])
        for one in ended.document["changed"]
    ]
    assert told == [(claim_id(3), "1000.01", "1000.00"), (claim_id(5), "18750.00", "1000.00")]
    words = coop(capsys, "rules", "try", str(tmp_path / "draft" / "pack.yaml"))
    assert words.out.endswith("2 of 5 claims change\n")
    other = coop(capsys, "rules", "try", str(tmp_path / "draft"), "--for", "partner-center-2021-03", "--json")
    assert (other.document["judged"], other.document["changed"]) == (0, [])


def test_a_draft_that_says_the_same_changes_nothing_over_a_half_year(sqlite_database: Database) -> None:
    record(sqlite_database, generated(60))
    texts = pack_texts() | {"draft": cap_draft("18750.00")}
    trials = list(
        queries.tried(sqlite_database, load_pack(texts, "draft"), "csp-2019-11", library().vocabulary)
    )
    assert len(trials) == 60
    assert [one.before.claim_id for one in trials if one.changed] == []
