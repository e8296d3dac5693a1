"""The description of intake over HTTP is complete: every body, every answer, every failure."""

from typing import Any

from fastapi import FastAPI

from schemas.problems import PROBLEM_MEDIA_TYPE
from services.intake.worker import consumer
from services.kit.consumer import takes
from tests.integration.intake.conftest import house
from tests.integration.intake.house import House

__all__ = ["house"]

OPERATIONS = {
    "submit_claim": ("post", "/v1/claims"),
    "list_claims": ("get", "/v1/claims"),
    "get_claim": ("get", "/v1/claims/{claim_id}"),
    "download_document": ("get", "/v1/claims/{claim_id}/documents/{sha256}"),
    "revise_claim": ("post", "/v1/claims/{claim_id}/revisions"),
    "withdraw_claim": ("post", "/v1/claims/{claim_id}/withdraw"),
    "dispute_claim": ("post", "/v1/claims/{claim_id}/dispute"),
    "comment_claim": ("post", "/v1/claims/{claim_id}/comments"),
    "decide_claim": ("post", "/v1/claims/{claim_id}/decision"),
    "list_reviews": ("get", "/v1/reviews"),
    "next_review": ("post", "/v1/reviews/next"),
    "claim_review": ("post", "/v1/reviews/{claim_id}/claim"),
    "release_review": ("post", "/v1/reviews/{claim_id}/release"),
    "list_partners": ("get", "/v1/partners"),
    "get_partner": ("get", "/v1/partners/{partner_id}"),
    "put_partner": ("post", "/v1/partners"),
    "import_partners": ("post", "/v1/partners:import"),
    "list_plans": ("get", "/v1/plans"),
    "get_plan": ("get", "/v1/plans/{plan}"),
    "record_plan": ("post", "/v1/plans"),
    "raise_plan_limit": ("post", "/v1/plans/{plan}/limit"),
}


def described(house: House) -> dict[str, Any]:
    app = house.http.app
    assert isinstance(app, FastAPI)
    return app.openapi()


def test_the_description_names_exactly_these_operations(house: House) -> None:
    found = {
        operation["operationId"]: (method, path)
        for path, methods in described(house)["paths"].items()
        for method, operation in methods.items()
    }
    assert found == OPERATIONS


def test_every_operation_tells_what_it_takes_and_how_it_answers(house: House) -> None:
    whole = described(house)
    for operation, (method, path) in OPERATIONS.items():
        told = whole["paths"][path][method]
        assert told["description"], operation
        takes_body = method == "post" and operation not in ("claim_review", "next_review")
        assert ("requestBody" in told) == takes_body, operation
        for status in ("401", "403", "404", "409", "413", "422", "500", "503"):
            assert list(told["responses"][status]["content"]) == [PROBLEM_MEDIA_TYPE], operation
        (answer,) = (response for status, response in told["responses"].items() if status.startswith("2"))
        for media_type, content in answer["content"].items():
            assert content.get("schema") or media_type == "application/octet-stream", operation
        names = {parameter["name"] for parameter in told.get("parameters", ())}
        assert ("Idempotency-Key" in names) == (method == "post"), operation


def test_intake_takes_what_the_validator_and_the_ledger_say_about_claims(house: House) -> None:
    taker = consumer(house.platform)
    taken = (
        "claim.validated",
        "ledger.reserve_refused",
        "ledger.funds_reserved",
        "ledger.hold_released",
        "ledger.claim_settled",
    )
    assert all(takes(taker, f"coop.{name}.v1") for name in taken)
    assert not takes(taker, "coop.claim.submitted.v1")
    assert not takes(taker, "coop.ledger.earning_coop.v1")
