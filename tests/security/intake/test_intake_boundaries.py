"""Tenants never meet, roles hold for every route, and a body beyond its bound is refused however it is declared."""

import asyncio
import json
import re
import tracemalloc
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from services.kit.database import Database
from services.kit.limits import Limits
from tests.integration.intake.house import House, build_house, bundle, manifest

MiB = 1024 * 1024
ZERO = "0" * 64
BODIES: dict[str, dict[str, Any]] = {
    "submit_claim": {"content": b"", "headers": {"Content-Type": "application/zip"}},
    "revise_claim": {"content": bundle(manifest()), "headers": {"Content-Type": "application/zip"}},
    "withdraw_claim": {"json": {}},
    "dispute_claim": {"json": {"comment": "x"}},
    "comment_claim": {"json": {"comment": "x"}},
    "decide_claim": {"json": {"verdict": "reject", "revision": 1, "reason_code": "NO_PROOF"}},
    "claim_review": {},
    "release_review": {"json": {"checkout": 1}},
    "put_partner": {"json": {"partner_id": "P-C", "name": "C"}},
    "import_partners": {"content": b"", "headers": {"Content-Type": "text/csv"}},
    "record_plan": {"json": {}},
    "raise_plan_limit": {"json": {"limit": {"amount": "1.00", "currency": "USD"}}},
}


def operations(house: House) -> Iterator[tuple[str, str, str]]:
    """Every operation of the application's own description: (method, path, operation id)."""
    app = house.http.app
    assert isinstance(app, FastAPI)
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation["operationId"]


def test_every_operation_needs_a_key(house: House) -> None:
    for method, path, operation in operations(house):
        place = re.sub(r"\{[^}]*\}", "x", path)
        answer = house.http.request(method, place, **BODIES.get(operation, {}))
        assert (operation, answer.status_code, answer.json()["code"]) == (operation, 401, "KEY_MISSING")


def test_every_operation_on_a_claim_of_somebody_else_finds_nothing(house: House) -> None:
    claim_id = house.ready()
    sha256 = house.view(claim_id)["documents"][0]["sha256"]
    tried = []
    for method, path, operation in operations(house):
        if "{claim_id}" not in path:
            continue
        place = path.replace("{claim_id}", claim_id).replace("{sha256}", sha256)
        answer = house.call("b", method, place, **BODIES.get(operation, {}))
        absent = house.call(
            "b", method, place.replace(claim_id, "clm_" + "0" * 26), **BODIES.get(operation, {})
        )
        assert (operation, answer.status_code, answer.json()["code"]) == (operation, 404, "NOT_FOUND")
        assert answer.json()["detail"] == absent.json()["detail"]
        tried.append(operation)
    assert len(tried) == 9
    assert house.view(claim_id)["state"] == "under_review"


def test_lists_of_one_partner_hold_nothing_of_another(house: House) -> None:
    house.submitted()
    own = house.submitted("b", "P-B")
    assert [row["claim_id"] for row in house.call("b", "GET", "/v1/claims").json()["items"]] == [own]
    assert house.call("b", "GET", "/v1/claims", params={"partner": "P-A"}).json()["items"] == []


def test_a_claim_for_somebody_else_is_refused_as_if_they_did_not_exist(house: House) -> None:
    known = house.send("b", bundle(manifest(partner_id="P-A")))
    unknown = house.send("b", bundle(manifest(partner_id="P-Z")))
    assert (known.status_code, unknown.status_code) == (404, 404)
    assert known.json()["detail"].replace("P-A", "") == unknown.json()["detail"].replace("P-Z", "")
    assert list(house.platform.objects.listed()) == []


def test_a_document_of_another_claim_is_not_reached_through_ones_own(house: House) -> None:
    house.submitted()
    own = house.submitted("b", "P-B", claim_name="Mine")
    foreign = house.platform.objects.put_bytes(b"secret of P-A").sha256
    assert house.call("b", "GET", f"/v1/claims/{own}/documents/{foreign}").status_code == 404


ACTS = {
    "withdraw_claim": {"a"},
    "comment_claim": {"a", "user_a", "reviewer", "operator", "payments"},
    "decide_claim": {"reviewer"},
}


@pytest.mark.parametrize("operation", sorted(ACTS))
@pytest.mark.parametrize("who", ["a", "user_a", "reviewer", "reviewer_a", "operator", "payments"])
def test_each_act_is_open_to_its_roles_and_to_no_other(house: House, operation: str, who: str) -> None:
    claim_id = house.ready()
    path = {"withdraw_claim": "withdraw", "comment_claim": "comments", "decide_claim": "decision"}[operation]
    answer = house.call(who, "POST", f"/v1/claims/{claim_id}/{path}", **BODIES[operation])
    allowed = ACTS[operation] | ({"reviewer_a"} if operation != "decide_claim" else set())
    assert answer.status_code == (200 if who in allowed else 403), answer.text


@pytest.fixture
def narrow(sqlite_database: Database, tmp_path: Path) -> House:
    """An intake that takes uploads of 2 MiB."""
    limits = Limits(upload_bytes_max=2 * MiB, request_json_bytes_max=2000, import_bytes_max=2000)
    return build_house(sqlite_database, tmp_path, limits)


def pieces(count: int) -> Iterator[bytes | None]:
    for _ in range(count):
        yield bytes(64 * 1024)


@pytest.mark.parametrize("media_type", ["application/zip", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("declared", [None, "10", str(64 * MiB)])
def test_an_upload_beyond_its_bound_is_413_however_it_is_declared(
    narrow: House, media_type: str, declared: str | None
) -> None:
    headers = {"Content-Type": media_type, **({"Content-Length": declared} if declared else {})}
    content = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + bytes(3 * MiB)
    body = iter([content]) if "multipart" in media_type else pieces(48)
    answer = narrow.call("a", "POST", "/v1/claims", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "UPLOAD_TOO_LARGE")
    assert list(narrow.platform.objects.listed()) == []
    assert narrow.events() == []


def raw_post(house: House, chunks: Iterator[bytes | None]) -> int:
    """Post a body straight to the application, without a client that would gather it; None hangs up."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/claims",
        "raw_path": b"/v1/claims",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [
            (b"authorization", f"Bearer {house.keys['a']}".encode()),
            (b"content-type", b"application/zip"),
        ],
        "client": ("test", 1),
        "server": ("test", 80),
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        chunk = next(chunks, b"")
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": chunk != b""}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(house.http.app(scope, receive, send))
    return statuses[0]


def test_memory_stays_flat_while_a_large_upload_comes_in(house: House) -> None:
    raw_post(house, iter([b"warm"]))
    tracemalloc.start()
    try:
        status = raw_post(house, pieces(640))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert status == 422
    assert peak_bytes < 8 * MiB


def test_an_upload_whose_sender_hangs_up_leaves_nothing(house: House) -> None:
    assert raw_post(house, iter([bundle(manifest())[:100], None])) == 400
    assert list(house.platform.objects.listed()) == []
    assert house.events() == []


def test_a_body_shorter_than_declared_is_no_upload(house: House) -> None:
    content = bundle(manifest())
    headers = {"Content-Type": "application/zip", "Content-Length": str(len(content) + 1)}
    answer = house.call("a", "POST", "/v1/claims", content=iter([content]), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "UPLOAD_CUT_OFF")


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_form_that_is_none_is_refused(house: House, content_type: str) -> None:
    answer = house.call(
        "a", "POST", "/v1/claims", content=b"nonsense", headers={"Content-Type": content_type}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("MULTIPART_INVALID", "MANIFEST_MISSING")


def test_a_json_body_beyond_its_bound_is_413(narrow: House) -> None:
    claim_id = narrow.submitted()
    answer = narrow.call("a", "POST", f"/v1/claims/{claim_id}/comments", json={"comment": "x" * 3000})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    listed = narrow.call(
        "operator", "POST", "/v1/partners:import", content=b"x" * 3000, headers={"Content-Type": "text/csv"}
    )
    assert listed.status_code == 413


@pytest.mark.parametrize(
    "names",
    [
        ["../invoice.pdf"],
        ["a\\b.pdf"],
        ["con.pdf"],
        ["Invoice.pdf", "invoice.PDF"],
        ["invoice.pdf", "invoice.pdf"],
    ],
)
def test_the_names_in_a_form_are_held_to_the_same_rules_as_those_in_a_zip(
    house: House, names: list[str]
) -> None:
    claim = json.dumps(manifest()).encode()
    files: list[Any] = [("claim.json", ("claim.json", claim, "application/json"))]
    files += [("files", (name, b"%PDF-1.4\n%%EOF\n", "application/pdf")) for name in names]
    answer = house.call("a", "POST", "/v1/claims", files=files)
    assert answer.status_code == 422
    assert answer.json()["code"].startswith("BUNDLE_"), answer.text
