"""Reading the validator's side of a claim: its decisions, and what its documents say."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy.engine import Connection

from schemas.decisions import Decision, outcome_of
from schemas.facts import DocumentFacts
from schemas.findings import Audience
from services.kit.database import Database
from services.kit.http import not_found
from services.kit.keys import Principal
from services.kit.packs import PackLibrary, PackUnknown
from services.rules.pack import RulePack
from services.rules.vocabulary import Vocabulary
from services.validator.core.decision import decide
from services.validator.core.inputs import RecordedInputs
from services.validator.store import decisions, facts
from services.validator.store import inputs as kept_inputs


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


class ClaimUndecided(LookupError):
    """No decision about this claim was recorded."""

    code = "CLAIM_UNDECIDED"


@dataclass(frozen=True)
class Replay:
    """A recorded decision beside the one that its inputs give now; `difference` is None when their bytes are equal."""

    claim_id: str
    revision: int
    decision_id: str
    difference: str | None


@dataclass(frozen=True)
class Trial:
    """What a draft would change about a claim: the recorded decision, and the one by the draft."""

    before: Decision
    after: Decision

    @property
    def changed(self) -> bool:
        """Whether what the partner is told, or what is payable and why, differs."""
        return (self.before.findings, self.before.amount_payable, self.before.cuts) != (
            self.after.findings,
            self.after.amount_payable,
            self.after.cuts,
        )


def replayed(database: Database, packs: PackLibrary, claim_id: str | None = None) -> Iterator[Replay]:
    """Decide again from the kept inputs, and compare byte for byte: every decision, or those about one claim.

    Raises ClaimUndecided for a claim without a decision.
    """
    with database.read() as tx:
        for kept, text in _recorded(tx, claim_id):
            one = kept.decision
            yield Replay(one.claim_id, one.claim_revision, one.decision_id, _difference(tx, packs, one, text))


def _recorded(tx: Connection, claim_id: str | None) -> Iterator[tuple[decisions.Kept, str]]:
    found = False
    for kept, text in decisions.all_in_order(tx, claim_id):
        found = True
        yield kept, text
    if claim_id is not None and not found:
        raise ClaimUndecided(f"there is no decision about a claim {claim_id!r}; see GET /v1/claims")


def _difference(tx: Connection, packs: PackLibrary, decision: Decision, text: str) -> str | None:
    recorded = kept_inputs.of_decision(tx, decision.decision_id)
    if recorded is None:
        return "its inputs are not kept"
    try:
        pack = packs.get(decision.pack_id)
    except PackUnknown:
        return f"the pack {decision.pack_id} is no longer there"
    if pack.sha256 != decision.pack_sha256:
        return f"the pack {pack.id} is another: {decision.pack_sha256} then, {pack.sha256} now"
    again = _decided_again(recorded, pack, packs.vocabulary, decision).model_dump_json()
    return None if again == text else _first_difference("", json.loads(text), json.loads(again))


def _decided_again(
    recorded: RecordedInputs, pack: RulePack, vocabulary: Vocabulary, decision: Decision
) -> Decision:
    return decide(
        recorded.judged_by(pack),
        vocabulary,
        claim_id=decision.claim_id,
        revision=decision.claim_revision,
        decided_at=decision.decided_at,
        previous_decision_id=decision.previous_decision_id,
    )


def _first_difference(at: str, then: Any, now: Any) -> str | None:
    if then == now:
        return None
    if isinstance(then, dict) and isinstance(now, dict):
        steps = [(f"{at}.{key}".lstrip("."), then.get(key), now.get(key)) for key in {**then, **now}]
    elif isinstance(then, list) and isinstance(now, list):
        steps = [(f"{at}[{number}]", *pair) for number, pair in enumerate(zip_longest(then, now))]
    else:
        return f"{at}: {json.dumps(then, ensure_ascii=False)} then, {json.dumps(now, ensure_ascii=False)} now"
    found = (_first_difference(*step) for step in steps)
    return next((one for one in found if one is not None), None)


def tried(database: Database, draft: RulePack, instead_of: str, vocabulary: Vocabulary) -> Iterator[Trial]:
    """Judge the newest decided revision of each claim that the pack `instead_of` judged by `draft`.

    Everything but the pack is as it was recorded: funds, and what earlier claims took of limits.
    """
    with database.read() as tx:
        newest = {kept.decision.claim_id: kept.number for kept, _ in decisions.all_in_order(tx)}
        for kept, _ in decisions.all_in_order(tx):
            before = kept.decision
            if before.pack_id != instead_of or newest[before.claim_id] != kept.number:
                continue
            recorded = kept_inputs.of_decision(tx, before.decision_id)
            if recorded is not None:
                yield Trial(before, _decided_again(recorded, draft, vocabulary, before))
