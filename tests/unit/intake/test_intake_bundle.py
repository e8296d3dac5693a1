"""A bundle and its manifest: every document finds its bytes, and every misfit is named where it is."""

import pytest

from schemas.bundle import Manifest
from services.intake.core.bundle import BundleRefused, Stored, matched, name_faults, unwrapped
from services.intake.core.texts import holds_nul

A = Stored("a" * 64, 10, "application/pdf")
B = Stored("b" * 64, 20, "image/png")


def claim(*documents: dict[str, str]) -> Manifest:
    return Manifest.model_validate(
        {
            "schema": "coop.bundle/1",
            "claim_name": "n",
            "partner_id": "P-A",
            "location": "L-1",
            "program": "p",
            "usage_period": {"start": "2019-07-01", "end": "2019-12-31"},
            "activity": "x",
            "activity_start": "2019-09-01",
            "activity_end": "2019-09-02",
            "currency": "USD",
            "claimed_amount": "1.00",
            "documents": [{"kind": "csr", **document} for document in documents],
        }
    )


def faults(
    manifest: Manifest, received: dict[str, Stored], earlier: dict[str, Stored]
) -> list[tuple[str, str]]:
    with pytest.raises(BundleRefused) as refused:
        matched(manifest, received, earlier)
    return [(fault.where, fault.code) for fault in refused.value.faults]


def test_documents_come_in_the_order_of_the_manifest_with_their_own_bytes() -> None:
    pairs = matched(claim({"file": "b.png"}, {"file": "a.pdf"}), {"a.pdf": A, "b.png": B}, {})
    assert [(pair.document.file, pair.stored) for pair in pairs] == [("b.png", B), ("a.pdf", A)]


def test_a_hash_without_bytes_is_looked_up_in_the_same_claim_only() -> None:
    known = claim({"file": "a.pdf", "sha256": A.sha256})
    assert [pair.stored for pair in matched(known, {}, {A.sha256: A})] == [A]
    assert faults(known, {}, {B.sha256: B}) == [("documents.0.file", "FILE_MISSING")]


def test_bytes_that_are_not_those_of_the_stated_hash_are_refused_even_if_the_claim_has_the_right_ones() -> (
    None
):
    stated = claim({"file": "a.pdf", "sha256": A.sha256})
    assert faults(stated, {"a.pdf": B}, {A.sha256: A}) == [("documents.0.sha256", "FILE_HASH_MISMATCH")]


def test_every_fault_is_told_at_once_and_a_near_name_is_hinted_at() -> None:
    manifest = claim({"file": "Invoice.pdf"}, {"file": "claim.json"}, {"file": "gone.pdf"})
    with pytest.raises(BundleRefused) as refused:
        matched(manifest, {"proof/invoice.PDF": A}, {})
    assert {(fault.where, fault.code) for fault in refused.value.faults} == {
        ("proof/invoice.PDF", "FILE_NOT_LISTED"),
        ("documents.0.file", "FILE_MISSING"),
        ("documents.1.file", "FILE_NAME_INVALID"),
        ("documents.1.file", "FILE_MISSING"),
        ("documents.2.file", "FILE_MISSING"),
    }
    assert "the list has Invoice.pdf" in refused.value.faults[0].detail


def test_names_that_only_folding_tells_apart_are_refused_in_a_manifest_and_in_a_form() -> None:
    twice = claim({"file": "a.pdf"}, {"file": "A.pdf"})
    assert faults(twice, {"a.pdf": A, "A.pdf": B}, {}) == [("documents.1.file", "FILE_NAME_INVALID")]
    assert [fault.code for fault in name_faults(["a.pdf", "A.pdf", "a.pdf", "../x"])] == [
        "BUNDLE_CASE_COLLISION",
        "BUNDLE_CASE_COLLISION",
        "BUNDLE_PATH_TRAVERSAL",
    ]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (["claim.json", "x/a.pdf"], {"claim.json": "claim.json", "x/a.pdf": "x/a.pdf"}),
        (["x/claim.json", "x/a.pdf"], {"claim.json": "x/claim.json", "a.pdf": "x/a.pdf"}),
        (["x/claim.json", "y/a.pdf"], {"x/claim.json": "x/claim.json", "y/a.pdf": "y/a.pdf"}),
        (["x/claim.json", "__MACOSX/x/._a.pdf", "x/Thumbs.db"], {"claim.json": "x/claim.json"}),
        ([], {}),
    ],
)
def test_one_wrapping_folder_and_what_systems_add_do_not_count(
    members: list[str], expected: dict[str, str]
) -> None:
    assert unwrapped(members) == expected


def test_a_nul_is_found_however_deep_it_lies() -> None:
    assert holds_nul({"a": [("b", {"c\0": 1})]})
    assert not holds_nul({"a": [("b", {"c": 1, "d": None})], "e": b"\0"})
