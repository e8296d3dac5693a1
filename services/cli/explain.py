"""`coop explain PAYOUT|CLAIM|ENTRY`: from a payment down to claims, lines, places on pages, rules and earnings."""

from typing import Annotated, Any

from cyclopts import Parameter

from services.cli.instance import opened
from services.cli.output import Unusable, emit_json, people
from services.intake import queries as intake
from services.kit.http import ProblemError
from services.kit.keys import ANY, Principal, Scope
from services.kit.platform import Platform
from services.ledger.queries import explanation
from services.validator import queries as validator

READER = Principal("explain", "explain", frozenset({"operator", "reviewer"}), (Scope(ANY),))
SHOWN_FACTS = (
    "total",
    "total_amount",
    "grand_total",
    "amount",
    "invoice_number",
    "issue_date",
    "invoice_date",
    "vendor",
)


class NothingToExplain(LookupError):
    """No payout, claim, transfer or entry has this id."""

    code = "UNKNOWN_ID"


def explain(what: str, /, *, json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Say why: a payout (pay_…), a claim (clm_…), a transfer (trf_…), or an entry (ACCOUNT#SEQUENCE).

    Parameters
    ----------
    what
        The id, as payouts, claims, statements and events give it.
    json_
        Print one JSON document.
    """
    with opened() as platform:
        try:
            told = explained(platform, what)
        except NothingToExplain as error:
            raise Unusable(error.code, str(error)) from None
    if json_:
        emit_json(told)
        return
    for line in _lines(told, 0):
        people.print(line, markup=False)


def explained(platform: Platform, what: str) -> dict[str, Any]:
    """Everything that is known about why an amount was paid, held or moved. Raises NothingToExplain."""
    with platform.database.read() as tx:
        told = explanation.explain_payout(tx, what) or explanation.explain_claim(tx, what)
        if told is None:
            account, _, sequence = what.rpartition("#")
            number = int(sequence) if sequence.isdecimal() else 0
            transfer = explanation.transfer_of_entry(tx, account, number) if account else what
            told = explanation.explain_transfer(tx, transfer or what)
        if told is None:
            raise NothingToExplain(f"no payout, claim, transfer or entry is called {what}")
        referred = told.get("references", {}).get("claim")
        if referred is not None:
            told["claims"] = [explanation.explain_claim(tx, referred)]
    for claim in told.get("claims", [told] if "claim" in told else []):
        claim["evidence"] = _evidence(platform, claim["claim"])
    return told


def _evidence(platform: Platform, claim_id: str) -> dict[str, Any] | None:
    """A claim's lines, its documents with the places of what was read, and the decision. None when it came otherwise."""
    try:
        view = intake.view(platform, READER, claim_id)
    except ProblemError:
        return None
    decision = view.decision
    return {
        "claim_name": f"{view.claim_name} ({view.claim_number})",
        "activity": view.activity,
        "lines": [line.model_dump(mode="json", exclude_none=True) for line in view.lines],
        "documents": [
            {"file": paper.file, "kind": paper.kind, "read": _read(platform, paper.sha256)}
            for paper in view.documents
        ],
        "decision": None
        if decision is None
        else {
            "decision": decision.decision_id,
            "pack": decision.pack_id,
            "outcome": str(decision.outcome),
            "requested": decision.amount_requested.amount,
            "payable": decision.amount_payable.amount,
            "cuts": [
                {"rule": cut.rule, "cap": cut.cap, "amount": cut.amount.amount} for cut in decision.cuts
            ],
            "findings": [
                {
                    "code": finding.code,
                    "rule": finding.rule,
                    "severity": str(finding.severity),
                    "text": finding.text.en,
                }
                for finding in decision.findings
            ],
        },
    }


def _read(platform: Platform, sha256: str) -> list[dict[str, Any]]:
    try:
        with platform.database.read() as tx:
            found = validator.document_facts(tx, READER, sha256)
    except ProblemError:
        return []
    return [
        {"name": name, "value": fact.value, "page": fact.page, "box": list(fact.box) if fact.box else None}
        for name, fact in sorted(found.facts.items())
        if fact.value is not None and fact.page is not None
    ]


def _lines(told: dict[str, Any], depth: int) -> list[str]:
    head = next(
        name
        for name in ("payout", "claim", "transfer")
        if (name in told and name != "payout") or "on" in told
    )
    space = "  " * depth
    found = []
    if head == "payout":
        found.append(
            f"{space}{told['payout']}: {told['amount']} {told['currency']} on {told['on']}, {told['kind']}"
        )
        found += [
            f"{space}  {one['state']} {one['recorded_at'][:10]} {one['reason']}" for one in told["payments"]
        ]
    elif head == "claim":
        found.append(
            f"{space}{told['claim']}: {told['status']}, {told['approved']} {told['currency']} approved"
        )
        found += _evidence_lines(told.get("evidence"), space)
    else:
        found.append(f"{space}{told['transfer']}: {told['kind']} {told['amount']} {told['currency']}")
        found += [
            f"{space}  {one['account']} #{one['sequence']}: {one['amount']} comes to {one['balance_after']}"
            for one in told["entries"]
        ]
    for claim in told.get("claims", []):
        found += _lines(claim, depth + 1)
    used = told.get("used", told.get("earnings", []) if head == "claim" else [])
    months = {one["earning"]: one["month"] for one in told.get("earnings", []) if "month" in one}
    if not told.get("claims"):
        found += [
            f"{space}  from earning {one['earning']} {months.get(one['earning'], '')}: {one['amount']}"
            for one in used
        ]
    if told.get("set_off", "0").strip("0."):
        found.append(f"{space}  {told['set_off']} of it filled up what was owed")
    if "adds_up" in told:
        found.append(f"{space}  {'adds up' if told['adds_up'] else 'DOES NOT ADD UP'}")
    return found


def _evidence_lines(evidence: dict[str, Any] | None, space: str) -> list[str]:
    if evidence is None:
        return []
    found = [f"{space}  {evidence['claim_name']}, {evidence['activity']}"]
    found += [
        f"{space}  line {line['kind']} {line['amount']} by {line.get('document', 'no document')}"
        for line in evidence["lines"]
    ]
    found += [
        f"{space}    {paper['file']} page {fact['page']}: {fact['name']} {fact['value']}"
        for paper in evidence["documents"]
        for fact in paper["read"]
        if fact["name"] in SHOWN_FACTS
    ]
    decision = evidence["decision"]
    if decision is not None:
        found.append(
            f"{space}  judged by {decision['pack']}: {decision['outcome']}, {decision['payable']} payable"
        )
        found += [
            f"{space}    cut {cut['amount']} by {cut['cap']} ({cut['rule']})" for cut in decision["cuts"]
        ]
        found += [f"{space}    {one['code']} ({one['rule']}): {one['text']}" for one in decision["findings"]]
    return found
