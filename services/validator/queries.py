"""Reading the validator's side of a claim: its decisions, and what its documents say."""

from sqlalchemy.engine import Connection

from schemas.decisions import Decision, outcome_of
from schemas.facts import DocumentFacts
from schemas.findings import Audience
from services.kit.database import Database
from services.kit.http import not_found
from services.kit.keys import Principal
from services.validator.store import decisions, facts


def decision_history(tx: Connection, caller: Principal, claim_id: str) -> tuple[Decision, ...]:
    """Every decision about a claim, oldest first, as the caller may see it. Raises ProblemError 404 (R-5)."""
    kept = decisions.of_claim(tx, claim_id)
    if not kept or not caller.may_see(*kept[0].triple):
        raise not_found("this claim")
    return tuple(shown_to(caller, one.decision) for one in kept)


def shown_to(caller: Principal, decision: Decision) -> Decision:
    """The decision without what is meant for reviewers, where the caller acts for a partner."""
    return for_partner(decision) if caller.is_partner else decision


def for_partner(decision: Decision) -> Decision:
    """The decision as its partner may see it: even its outcome does not tell of what is for reviewers."""
    visible = tuple(finding for finding in decision.findings if finding.audience is not Audience.REVIEWER)
    return decision.model_copy(update={"findings": visible, "outcome": outcome_of(visible)})


def document_facts(tx: Connection, caller: Principal, sha256: str) -> DocumentFacts:
    """What was read from a document of a claim that the caller may see. Raises ProblemError 404 (R-5)."""
    for claim_id in facts.owners(tx, sha256):
        kept = decisions.of_claim(tx, claim_id)
        if kept and caller.may_see(*kept[0].triple):
            found = facts.latest(tx, sha256)
            if found is not None:
                return found
    raise not_found("this document")


def first_broken_decision(database: Database) -> str | None:
    """Name the first decision whose row or chain was changed after it was recorded; None when all hold."""
    chain: dict[str, str] = {}
    with database.read() as tx:
        for kept, text in decisions.all_in_order(tx):
            claim_id = kept.decision.claim_id
            expected = chain.get(claim_id, decisions.CHAIN_START)
            if kept.previous_sha256 != expected or kept.row_sha256 != decisions.row_hash(text, expected):
                return kept.decision.decision_id
            chain[claim_id] = kept.row_sha256
    return None
