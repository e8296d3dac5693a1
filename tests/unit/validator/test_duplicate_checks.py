"""The same expense twice (R-63) and one activity cut up (R-64)."""

from typing import Any

import pytest

from schemas.claims import ReceivedDocument
from schemas.money import Money
from services.validator.core.checks.duplicates import is_same, keys_of
from services.validator.core.decision import findings_of
from services.validator.core.inputs import DocumentKeys, KnownDocument
from tests.unit.validator.claims import claim, codes, document, invoice, library, proofs


def known(**keys: Any) -> dict[str, Any]:
    given = {"sha256": "e" * 64} | keys
    return {"known_documents": (KnownDocument(claim_number=7, file="old.pdf", keys=DocumentKeys(**given)),)}


def own_keys() -> DocumentKeys:
    return keys_of(invoice(), "USD")


@pytest.mark.parametrize(
    "keys",
    [
        {"sha256": own_keys().sha256},
        {"vendor_tax_key": own_keys().vendor_tax_key, "number_key": own_keys().number_key},
        {"vendor_name_key": own_keys().vendor_name_key, "number_key": own_keys().number_key},
        {
            "vendor_name_key": own_keys().vendor_name_key,
            "issued_on": own_keys().issued_on,
            "net": Money.of("1000.00", "USD"),
        },
    ],
    ids=["bytes", "tax id and number", "name and number", "vendor, day and amount"],
)
def test_an_expense_that_another_claim_holds_blocks_and_names_that_claim(keys: dict[str, Any]) -> None:
    inputs = claim(known=known(**keys))
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value == "error"]
    assert (found.code, found.params["claim"]) == ("DUP_INVOICE_SAME_PARTNER", "7")


@pytest.mark.parametrize(
    "keys",
    [
        {"number_key": own_keys().number_key},
        {
            "vendor_tax_key": "other",
            "vendor_name_key": own_keys().vendor_name_key,
            "number_key": own_keys().number_key,
        },
        {
            "vendor_name_key": own_keys().vendor_name_key,
            "issued_on": own_keys().issued_on,
            "net": Money.of("1000.00", "EUR"),
        },
    ],
    ids=["number alone", "another tax id", "another currency"],
)
def test_what_only_looks_alike_is_no_duplicate(keys: dict[str, Any]) -> None:
    assert codes(claim(known=known(**keys))) == []


def test_sameness_is_symmetric() -> None:
    one, other = own_keys(), own_keys().model_copy(update={"sha256": "e" * 64})
    assert is_same(one, other)
    assert is_same(other, one)


def test_another_partners_file_is_told_to_reviewers_without_a_name() -> None:
    inputs = claim(known={"elsewhere_sha256": frozenset([own_keys().sha256])})
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.code.startswith("DUP_")]
    assert (found.code, found.audience.value, "claim" in found.params) == (
        "DUP_FILE_OTHER_PARTNER",
        "reviewer",
        False,
    )


def test_a_proof_used_before_is_told_to_reviewers() -> None:
    used = proofs()[0].received.sha256
    (found,) = [
        one
        for one in findings_of(claim(known=known(sha256=used)), library().vocabulary)
        if one.code == "POE_SAME_AS_OTHER"
    ]
    assert found.audience.value == "reviewer"


def test_one_file_under_two_names_is_told() -> None:
    first = document("a.png", "ad_screenshot", sha256="1" * 64)
    second = document("b.png", "landing_page", sha256="1" * 64)
    inputs = claim(invoice(), first, second, proofs()[2])
    assert codes(inputs) == ["DUP_FILE_IN_CLAIM"]
    assert isinstance(second.received, ReceivedDocument)
