"""A bundle that comes in: what it is answered, what is kept, and what is refused with nothing kept."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.events import CLAIM_SUBMITTED
from services.intake.store import tables
from services.kit.http import encode_cursor
from tests.integration.intake.house import PDF, PROGRAM, House, bundle, manifest

PDF_SHA256 = hashlib.sha256(PDF).hexdigest()


def rows(house: House, table: sa.Table) -> int:
    with house.platform.database.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def nothing_is_kept(house: House) -> bool:
    return (
        rows(house, tables.claims) == 0 and not list(house.platform.objects.listed()) and house.events() == []
    )


def test_a_sound_bundle_is_answered_with_a_receipt_that_names_its_bytes_and_its_deadline(
    house_on_each: House,
) -> None:
    house = house_on_each
    claim = manifest()
    answer = house.send("a", bundle(claim))
    assert answer.status_code == 202
    receipt = answer.json()
    assert receipt["claim_number"] == 1
    assert receipt["claim_name"] == "Autumn campaign"
    assert receipt["revision"] == 1
    assert receipt["state"] == "submitted"
    assert receipt["received_at"] == receipt["first_received_at"] == "2019-10-15T09:00:00Z"
    assert receipt["documents"] == [
        {
            "file": "invoice.pdf",
            "sha256": PDF_SHA256,
            "bytes": len(PDF),
            "media_type": "application/pdf",
            "kind": "third_party_invoice",
            "note": "",
            "typed": {},
            "problem": None,
        }
    ]
    assert receipt["manifest_sha256"] == hashlib.sha256(json.dumps(claim).encode()).hexdigest()
    assert receipt["pack_id"] == "csp-2019-11"
    assert receipt["deadline"] == "2020-02-15T08:00:00Z"
    assert receipt["deadline_text"].startswith("Fri 14 Feb 2020, 23:59")
    assert house.platform.objects.get(PDF_SHA256) == PDF


def test_a_receipt_comes_with_one_event_that_refers_to_the_stored_bytes(house: House) -> None:
    claim_id = house.submitted()
    (event,) = house.events()
    assert (event.type, event.subject, event.partnerid) == (CLAIM_SUBMITTED, claim_id, "P-A")
    assert event.data.partner_name == "Alpine Cloud"
    assert event.data.program == PROGRAM
    assert house.platform.objects.stat(event.data.manifest.sha256) == event.data.manifest
    assert [document.sha256 for document in event.data.documents] == [PDF_SHA256]


def test_a_bundle_packed_as_one_folder_and_with_files_of_the_system_is_read_as_its_content(
    house: House,
) -> None:
    files = {"invoice.pdf": PDF, ".DS_Store": b"x", "__MACOSX/._invoice.pdf": b"x"}
    answer = house.send("a", bundle(manifest(), files, folder="october/"))
    assert answer.status_code == 202, answer.text
    assert [document["file"] for document in answer.json()["documents"]] == ["invoice.pdf"]


def test_a_program_is_known_by_its_name_too(house: House) -> None:
    answer = house.send("a", bundle(manifest(program="CSP Indirect Reseller")))
    assert answer.status_code == 202
    assert house.view(answer.json()["claim_id"])["program"] == PROGRAM


def test_the_parts_of_a_form_are_a_bundle(house: House) -> None:
    files: list[Any] = [
        ("claim.json", ("claim.json", json.dumps(manifest()).encode(), "application/json")),
        ("files", ("invoice.pdf", PDF, "application/pdf")),
    ]
    answer = house.call("a", "POST", "/v1/claims", files=files)
    assert answer.status_code == 202, answer.text
    assert answer.json()["documents"][0]["sha256"] == PDF_SHA256


def test_the_manifest_of_a_form_may_be_a_plain_field(house: House) -> None:
    answer = house.call(
        "a",
        "POST",
        "/v1/claims",
        data={"claim.json": json.dumps(manifest())},
        files=[("files", ("invoice.pdf", PDF, "application/pdf"))],
    )
    assert answer.status_code == 202, answer.text


def test_a_declared_type_that_the_content_contradicts_travels_with_the_document(house: House) -> None:
    files: list[Any] = [
        ("claim.json", ("claim.json", json.dumps(manifest()).encode(), "application/json")),
        ("files", ("invoice.pdf", PDF, "image/png")),
    ]
    answer = house.call("a", "POST", "/v1/claims", files=files)
    assert answer.json()["documents"][0]["problem"] == "FILE_DECLARED_TYPE"


def test_a_bad_file_in_a_sound_bundle_is_kept_and_carries_its_problem(house: House) -> None:
    answer = house.send("a", bundle(manifest(), {"invoice.pdf": b""}))
    assert answer.status_code == 202
    (event,) = house.events()
    assert [document.problem for document in event.data.documents] == ["FILE_EMPTY"]


def test_a_passed_deadline_and_a_window_not_open_are_not_refused_here(house: House) -> None:
    late = house.send(
        "a",
        bundle(
            manifest(
                usage_period={"start": "2019-01-01", "end": "2019-06-30"},
                activity_start="2019-05-01",
                activity_end="2019-05-02",
            )
        ),
    )
    assert late.status_code == 202
    assert late.json()["deadline"] < late.json()["received_at"]


REFUSED = [
    ({"manifest": b"{"}, "MANIFEST_INVALID", "body"),
    ({"manifest": b"\xff\xfe"}, "MANIFEST_INVALID", "body"),
    ({"claimed_amount": "12.345"}, "MANIFEST_INVALID", "body"),
    ({"claim_name": None}, "MANIFEST_INVALID", "claim_name"),
    ({"surprise": 1}, "MANIFEST_INVALID", "surprise"),
    ({"partner_id": "../P"}, "MANIFEST_INVALID", "partner_id"),
    ({"manifest": b"[" * 5000}, "MANIFEST_INVALID", "body"),
    ({"activity_end": "9999-12-31"}, "DATE_OUT_OF_RANGE", "activity_end"),
    (
        {"usage_period": {"start": "9999-07-01", "end": "9999-12-31"}},
        "DATE_OUT_OF_RANGE",
        "usage_period",
    ),
    ({"claimed_amount": "-5.00"}, "AMOUNT_NOT_POSITIVE", "claimed_amount"),
    ({"program": "no-such-program"}, "PROGRAM_UNKNOWN", "program"),
    ({"program": "csp-direct-bill"}, "NOT_ENROLLED", "program"),
    ({"location": "L-2"}, "NOT_ENROLLED", "program"),
    ({"activity": "juggling"}, "ACTIVITY_UNKNOWN", "activity"),
    ({"category": "partner_readiness"}, "CATEGORY_MISMATCH", "category"),
    ({"usage_period": {"start": "2019-08-01", "end": "2019-12-31"}}, "USAGE_PERIOD_UNKNOWN", "usage_period"),
    ({"documents": []}, "FILE_NOT_LISTED", "invoice.pdf"),
    (
        {"documents": [{"file": "other.pdf", "kind": "csr"}, {"file": "invoice.pdf", "kind": "csr"}]},
        "FILE_MISSING",
        "documents.0.file",
    ),
    (
        {"documents": [{"file": "invoice.pdf", "kind": "csr", "sha256": "0" * 64}]},
        "FILE_HASH_MISMATCH",
        "documents.0.sha256",
    ),
    (
        {
            "documents": [
                {"file": "old.pdf", "kind": "csr", "sha256": "0" * 64},
                {"file": "invoice.pdf", "kind": "csr"},
            ]
        },
        "FILE_MISSING",
        "documents.0.file",
    ),
    (
        {
            "documents": [
                {"file": "../x.pdf", "kind": "csr", "sha256": "0" * 64},
                {"file": "invoice.pdf", "kind": "csr"},
            ]
        },
        "BUNDLE_INCOMPLETE",
        "documents.0.file",
    ),
]


@pytest.mark.parametrize(
    ("changes", "code", "where"), REFUSED, ids=[f"{code}-{n}" for n, (_, code, _) in enumerate(REFUSED)]
)
def test_what_cannot_be_taken_in_is_refused_by_code_and_place_and_nothing_is_kept(
    house: House, changes: dict[str, Any], code: str, where: str
) -> None:
    claim = changes.get("manifest") or manifest(**changes)
    answer = house.send("a", bundle(claim))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert where in [item["where"] for item in answer.json()["items"]]
    assert all(item["detail"] for item in answer.json()["items"])
    assert nothing_is_kept(house)


def test_a_program_that_pays_by_plans_takes_no_claims(house: House) -> None:
    changes = {
        "program": "plan-program",
        "usage_period": {"start": "2022-07-01", "end": "2022-12-31"},
        "activity_start": "2022-09-01",
        "activity_end": "2022-09-02",
    }
    answer = house.send("a", bundle(manifest(**changes)))
    assert answer.status_code == 422
    assert "PROGRAM_REQUIRES_PLAN" in [item["code"] for item in answer.json()["items"]]


def test_a_bundle_without_a_manifest_says_so(house: House) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("invoice.pdf", PDF)
    answer = house.send("a", target.getvalue())
    assert (answer.status_code, answer.json()["code"]) == (422, "MANIFEST_MISSING")
    assert nothing_is_kept(house)


def test_an_unsafe_container_is_refused_by_its_reason_and_nothing_is_kept(house: House) -> None:
    answer = house.send("a", bundle(manifest(), {"../invoice.pdf": PDF}))
    assert (answer.status_code, answer.json()["code"]) == (422, "BUNDLE_PATH_TRAVERSAL")
    assert nothing_is_kept(house)


def test_another_media_type_is_refused(house: House) -> None:
    answer = house.call("a", "POST", "/v1/claims", content=b"x", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["code"]) == (415, "MEDIA_TYPE_UNSUPPORTED")


def test_a_role_that_the_pack_gives_no_claims_to_is_refused(house: House) -> None:
    answer = house.send("user_a", bundle(manifest()))
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_MISSING")
    assert nothing_is_kept(house)


def test_the_same_key_and_body_give_the_same_answer_and_one_claim(house_on_each: House) -> None:
    house = house_on_each
    content = bundle(manifest())
    first = house.send("a", content, key="k-1")
    again = house.send("a", content, key="k-1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert rows(house, tables.claims) == 1
    assert len(house.events()) == 1


def test_the_same_key_with_another_body_is_refused(house: House) -> None:
    house.send("a", bundle(manifest()), key="k-1")
    answer = house.send("a", bundle(manifest(claim_name="Other")), key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert rows(house, tables.claims) == 1


def test_a_key_is_of_its_caller_alone(house: House) -> None:
    first = house.send("a", bundle(manifest()), key="k-1")
    other = house.send("b", bundle(manifest(partner_id="P-B")), key="k-1")
    assert (first.status_code, other.status_code) == (202, 202)
    assert first.json()["claim_id"] != other.json()["claim_id"]


def test_without_a_key_two_bundles_are_two_claims_with_two_numbers(house: House) -> None:
    numbers = [house.send("a", bundle(manifest())).json()["claim_number"] for _ in range(3)]
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("field", ["claim_name", "comment"])
def test_a_text_that_no_database_can_keep_is_refused(house_on_each: House, field: str) -> None:
    house = house_on_each
    answer = house.send("a", bundle(manifest(**{field: "x\0y"})))
    assert (answer.status_code, answer.json()["code"]) == (422, "MANIFEST_INVALID")
    claim_id = house.submitted()
    words = house.call("a", "POST", f"/v1/claims/{claim_id}/comments", json={"comment": "x\0y"})
    assert (words.status_code, words.json()["code"]) == (422, "REQUEST_INVALID")
    found = house.call("a", "GET", "/v1/claims", params={"program": "x\0y"})
    assert (found.status_code, found.json()["items"]) == (200, [])


@pytest.mark.parametrize("parts", [["x"], [True], [-1], [2**70], [1, 2], []])
def test_a_cursor_that_is_not_ours_is_refused(house_on_each: House, parts: list[Any]) -> None:
    cursor = encode_cursor(*parts)
    answer = house_on_each.call("a", "GET", "/v1/claims", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")
    plans = house_on_each.call("a", "GET", "/v1/plans", params={"cursor": encode_cursor("x\0")})
    assert plans.json()["code"] == "CURSOR_INVALID"
