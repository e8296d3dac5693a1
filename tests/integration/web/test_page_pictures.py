"""Pages as pictures: only for who may see the claim, only for a while, with the marks that the reader may see."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from pydantic import SecretStr
from starlette.testclient import TestClient

from schemas.events import CLAIM_SUBMITTED
from schemas.facts import Evidence
from schemas.findings import Audience, Severity
from services.kit.config import Settings
from services.kit.consumer import deliver
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.links import LinkInvalid, LinkSigner
from services.validator.readers.reading_room import ReadingRoom
from services.validator.worker import consumer as validator
from services.web.app import build_web
from tests.integration.intake.house import House, build_house, bundle, finding, manifest

BOX = (10.0, 10.0, 30.0, 25.0)


def _paper() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(written, "PNG")
    return written.getvalue()


PAPER = _paper()
SHA = hashlib.sha256(PAPER).hexdigest()


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    with ReadingRoom(Limits(read_children_count=1, read_ocr_pages_max=0)) as opened:
        yield opened


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path, room: ReadingRoom) -> House:
    """The whole application, over an intake with two partners."""
    built = build_house(sqlite_database, tmp_path)
    built.http = TestClient(build_web(built.platform, room), raise_server_exceptions=False)
    return built


@pytest.fixture
def claim_id(house: House, room: ReadingRoom) -> str:
    """A claim of P-A whose one picture was read, with one mark for all and one for reviewers."""
    answer = house.send(
        "a",
        bundle(manifest(documents=[{"file": "photo.png", "kind": "photo"}]), {"photo.png": PAPER}),
    )
    assert answer.status_code == 202, answer.text
    found = str(answer.json()["claim_id"])
    platform = house.platform
    [submitted] = [event for event in house.events() if event.type == CLAIM_SUBMITTED]
    reading = validator(platform, room)
    deliver(platform.database, platform.clock, reading, submitted, limits=platform.limits)
    place = Evidence(document_sha256=SHA, page=1, box=BOX)
    findings = tuple(
        finding(code, Severity.WARN, audience).model_copy(update={"evidence": (place,)})
        for code, audience in (("TOTAL_MISMATCH", Audience.BOTH), ("SPLITTING_SUSPECTED", Audience.REVIEWER))
    )
    house.validated(found, findings=findings)
    return found


def pages(house: House, claim_id: str, who: str) -> list[dict[str, Any]]:
    answer = house.call(who, "GET", f"/v1/claims/{claim_id}/documents/{SHA}/pages")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def shown(house: House, href: str) -> Any:
    return house.http.get(href)


def test_a_link_opens_the_picture_without_a_key_and_the_marks_are_the_readers_own(
    house: House, claim_id: str
) -> None:
    pictures = {}
    for who, codes in (
        ("a", ["TOTAL_MISMATCH"]),
        ("reviewer", ["TOTAL_MISMATCH", "SPLITTING_SUSPECTED"]),
    ):
        [page] = pages(house, claim_id, who)
        assert (page["page"], page["size"]) == (1, {"width": 60.0, "height": 40.0})
        assert [mark["code"] for mark in page["marks"]] == codes
        answer = shown(house, page["href"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["cache-control"] == "no-store"
        pictures[who] = Image.open(io.BytesIO(answer.content)).convert("RGB")
    assert pictures["a"].size == (120, 80)
    assert len(pictures["a"].getcolors() or ()) > 1  # the paper is white; the rest is the outline


def test_a_link_ends_on_the_second_it_names(house: House, claim_id: str) -> None:
    [page] = pages(house, claim_id, "a")
    seconds = house.platform.limits.picture_link_seconds_max
    house.clock.move_to(house.clock.now() + timedelta(seconds=seconds - 1))
    assert shown(house, page["href"]).status_code == 200
    house.clock.move_to(house.clock.now() + timedelta(seconds=1))
    answer = shown(house, page["href"])
    assert (answer.status_code, answer.json()["code"]) == (401, "LINK_INVALID")


def test_no_part_of_a_link_can_be_changed(house: House, claim_id: str) -> None:
    [page] = pages(house, claim_id, "a")
    href = page["href"]
    query = dict(pair.split("=") for pair in urlsplit(href).query.split("&"))
    flipped = ("0" if query["token"][0] != "0" else "1") + query["token"][1:]
    for changed in (
        href.replace("audience=partner", "audience=staff"),
        href.replace("/pages/1?", "/pages/2?"),
        href.replace(SHA, "0" * 64),
        href.replace(f"expires={query['expires']}", f"expires={int(query['expires']) + 1}"),
        href.replace(query["token"], flipped),
    ):
        assert changed != href
        answer = shown(house, changed)
        assert (answer.status_code, answer.json()["code"]) == (401, "LINK_INVALID")


def test_a_key_opens_what_it_may_see_and_nothing_else(house: House, claim_id: str) -> None:
    path = f"/v1/claims/{claim_id}/documents/{SHA}/pages"
    assert house.call("a", "GET", f"{path}/1").status_code == 200
    assert house.call("b", "GET", f"{path}/1").status_code == 404
    assert house.call("b", "GET", path).status_code == 404
    assert house.http.get(f"{path}/1").json()["code"] == "KEY_MISSING"
    answer = house.call("a", "GET", f"{path}/2")
    assert (answer.status_code, answer.json()["code"]) == (422, "PAGE_NOT_SHOWN")


def test_every_process_of_an_instance_signs_alike_and_another_instance_does_not(house: House) -> None:
    expires_at = house.clock.now() + timedelta(seconds=60)
    expires = int(expires_at.timestamp())
    token = LinkSigner(house.platform).token("/p", {"a": "1"}, expires_at)
    LinkSigner(house.platform).check("/p", {"a": "1"}, expires, token)
    own = Settings(demo=True, link_secret=SecretStr("s" * 32))
    other = LinkSigner(replace(house.platform, settings=own))
    with pytest.raises(LinkInvalid):
        other.check("/p", {"a": "1"}, expires, token)
    with pytest.raises(ValueError, match="at least 32"):
        Settings(demo=True, link_secret=SecretStr("short"))
