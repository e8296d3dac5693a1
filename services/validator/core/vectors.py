"""Running examples of claim rules: each runs the function of its rule, the same one that judges real claims.

A vector gives as much as its rule needs, in a short form: kinds of documents, amounts, days. The answer lists the
printed codes of the findings and whatever else the rule works out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from schemas.base import Period
from schemas.facts import Fact, Method, Row
from schemas.findings import Audience, Severity
from schemas.money import Money
from services.rules.invoice_keys import number_key, tax_id_key, vendor_name_key
from services.rules.vector_given import Answer, Given, Runner, UnsupportedGiven
from services.rules.vocabulary import Vocabulary
from services.validator.core import csr_checks
from services.validator.core.checks.amounts import (
    claim_exceeds,
    currencies_mixed,
    lines_total_mismatch,
    total_of,
)
from services.validator.core.checks.dates import activity_outside, execution_outside
from services.validator.core.checks.duplicates import Part, is_same, split_suspected
from services.validator.core.checks.funds import funds_insufficient
from services.validator.core.checks.presence import (
    Claimed,
    activity_term,
    expense_term,
    missing_evidence,
    missing_financial,
    note_missing,
)
from services.validator.core.checks.reports import issue_remark
from services.validator.core.evidence import ineligible_kind
from services.validator.core.inputs import DocumentKeys
from services.validator.core.remarks import Remark

DEAD_STATES = frozenset({"rejected", "withdrawn"})
Remarks = Callable[[Given], tuple[Iterable[Remark | None], Answer]]


def claim_runners(vocabulary: Vocabulary) -> Mapping[str, Runner]:
    """The function of each rule about claims and service reports, by rule id."""

    def worded(remarks: Remarks) -> Runner:
        def run(given: Given) -> Answer:
            found, further = remarks(given)
            findings = [remark.worded(vocabulary) for remark in found if remark is not None]
            return {
                "findings": list(dict.fromkeys(finding.printed_code for finding in findings)),
                "can_submit": not any(finding.severity is Severity.ERROR for finding in findings),
                "visible_to_partner": any(finding.audience is not Audience.REVIEWER for finding in findings),
                **further,
            }

        return run

    return {rule: worded(remarks) for rule, remarks in _REMARKS.items()}


def _activity(given: Given, *names: str) -> str | None:
    for name in ("activity_type", *names):
        if name in given and isinstance(given.raw(name), str):
            return given.text(name)
    return None


def _dates(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    stated = given.raw("activity")
    if not isinstance(stated, list | tuple) or len(stated) != 2:
        raise UnsupportedGiven("activity")
    start, end = (date.fromisoformat(str(day)) for day in stated)
    usage = given.period("usage_period") if "usage_period" in given else Period(start=date.min, end=date.max)
    return [activity_outside(start, end, usage)], {}


def _claimed(given: Given) -> Claimed:
    line_kinds = given.values.get("line_kinds")
    if line_kinds is None and "lines" in given:
        line_kinds = [
            line["kind"] for line in given.raw("lines") if isinstance(line, Mapping) and "kind" in line
        ]
    return Claimed(
        documents=frozenset(_kinds(given.raw("documents"))),
        line_kinds=None if line_kinds is None else frozenset(map(str, line_kinds)),
        sub_type=given.text("sub_type") if "sub_type" in given else None,
        components=tuple(map(str, given.values.get("components") or ())),
        unit_origin=given.text("unit_origin") if "unit_origin" in given else None,
        content_missing=frozenset(map(str, given.values.get("content_missing_on") or ())),
    )


def _kinds(documents: Sequence[Any]) -> list[str]:
    return [str(one.get("kind", "")) if isinstance(one, Mapping) else str(one) for one in documents]


def _financial(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    claim, activity = _claimed(given), _activity(given, "activity")
    found = missing_financial(given.pack, activity, claim.documents)
    return (*found, *(missing_evidence(given.pack, activity, claim) if activity else ())), {}


def _evidence(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    activity = _activity(given, "activity")
    if activity is None:
        raise UnsupportedGiven("activity_type")
    return missing_evidence(given.pack, activity, _claimed(given)), {}


def _amounts(given: Given, name: str) -> list[Money]:
    listed = given.raw(name)
    return [
        Money.of(str(one["amount"] if isinstance(one, Mapping) else one), given.currency) for one in listed
    ]


def _ineligible(given: Given) -> dict[str, Money]:
    """Lines of kinds that are not payable, added up by kind; lines without a kind are payable."""
    activity = _activity(given, "activity") or ""
    found: dict[str, Money] = {}
    for line, amount in zip(given.raw("lines"), _amounts(given, "lines"), strict=True):
        kind = str(line.get("kind", "")) if isinstance(line, Mapping) else ""
        if kind and ineligible_kind(given.pack, activity, kind):
            found[kind] = found.get(kind, amount - amount) + amount
    return found


def _totals(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    total = next(
        (given.money(name) for name in ("invoice_total_net", "document_total", "total") if name in given),
        None,
    )
    remarks: list[Remark | None] = []
    further: Answer = {}
    lines = _amounts(given, "lines") if "lines" in given else None
    refused = total_of(_ineligible(given).values(), given.currency) if lines is not None else None
    if lines is not None and total is not None:
        remarks.append(lines_total_mismatch(lines, total))
        further["difference"] = _absolute(total_of(lines, given.currency) - total).amount
    evidence = total if total is not None else total_of(lines, given.currency) if lines is not None else None
    if evidence is None:
        raise UnsupportedGiven("invoice_total_net")
    shown = evidence - refused if refused is not None else evidence
    if "claimed" in given:
        remarks.append(claim_exceeds(given.money("claimed"), shown))
    return remarks, {**further, "shown": shown.amount, "evidence": shown.amount}


def _absolute(amount: Money) -> Money:
    return Money(amount_minor=abs(amount.amount_minor), currency=amount.currency)


def _funds(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    claimed, remaining = given.money("claimed"), given.money("remaining")
    most = claimed if claimed <= remaining else remaining
    return [funds_insufficient(claimed, remaining)], {"payable_at_most": most.amount}


def _eligibility(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    activity = _activity(given, "activity") or ""
    refused = _ineligible(given)
    eligible = total_of(_amounts(given, "lines"), given.currency) - total_of(refused.values(), given.currency)
    label = activity_term(given.pack, activity)
    remarks = [
        Remark(
            "LINE_INELIGIBLE", {"kind": expense_term(given.pack, kind), "activity": label, "amount": amount}
        )
        for kind, amount in sorted(refused.items())
    ]
    return remarks, {"eligible": eligible.amount}


def _currency(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    found = [str(one["currency"]) for one in given.raw("documents") if one.get("currency")]
    return [currencies_mixed(given.text("claim_currency"), found)], {}


def _campaign(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    day, campaign = given.first_day("execution_date", "poe_date", "date"), given.period("campaign")
    params = {"date": day, "start": campaign.start, "end": campaign.end}
    return [Remark("DATE_POE_OUTSIDE_CAMPAIGN", params)] if execution_outside(day, campaign) else [], {}


def _notes(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    """One document, or a list of them; what is not said to be optional is, since only such a document needs a note."""
    listed = given.values.get("documents") or [given.values.get("document") or given.values]
    remarks: list[Remark | None] = []
    for one in listed:
        stated = one if isinstance(one, Mapping) else {**given.values, "kind": one}
        optional = bool(stated.get("optional", not stated.get("required", False)))
        if note_missing(optional, str(stated.get("note") or stated.get("explanation") or "")):
            remarks.append(Remark("DOC_NOTE_MISSING", {"file": str(stated.get("file", ""))}))
    return remarks, {}


def _keys(given: Given, stated: Mapping[str, Any]) -> DocumentKeys:
    def said(*names: str) -> str | None:
        return next((str(stated[name]) for name in names if stated.get(name) is not None), None)

    tax_id, vendor = said("vendor_tax_id", "tax_id"), said("vendor_name", "vendor")
    number, day = said("invoice_no", "invoice_number", "number"), said("issue_date", "date", "invoice_date")
    net = said("net", "amount", "total_net")
    return DocumentKeys(
        sha256=said("file_sha256", "sha256"),
        vendor_tax_key=tax_id_key(tax_id) if tax_id else None,
        vendor_name_key=vendor_name_key(vendor) if vendor else None,
        number_key=number_key(number) if number else None,
        issued_on=date.fromisoformat(day) if day else None,
        net=Money.of(net, said("currency") or given.currency) if net else None,
    )


def _duplicates(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    earlier, later = given.raw("A"), given.raw("B")
    state = str(earlier.get("status") or "").casefold()
    one, other = _keys(given, earlier), _keys(given, later)
    if state in DEAD_STATES or not is_same(one, other):
        return [], {}
    if earlier.get("partner") == later.get("partner"):
        number = str(later.get("invoice_no") or later.get("invoice_number") or "")
        return [
            Remark("DUP_INVOICE_SAME_PARTNER", {"number": number, "claim": str(earlier.get("claim", "A"))})
        ], {}
    code = (
        "DUP_FILE_OTHER_PARTNER"
        if one.sha256 is not None and one.sha256 == other.sha256
        else "DUP_INVOICE_OTHER_PARTNER"
    )
    return [Remark(code, {"file": ""})], {}


def _split(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    parts = []
    for one in given.raw("claims"):
        days = Given(one, given.pack).period("activity" if "activity" in one else "dates")
        amount = Money.of(str(one.get("amount") or one.get("claimed")), given.currency)
        parts.append(Part(frozenset([vendor_name_key(str(one["vendor"]))]), days, amount))
    found = split_suspected(parts[-1], parts[:-1], given.money("cap"))
    return [Remark("SPLIT_SUSPECTED", {"n": len(found) + 1, "claims": ""})] if found else [], {}


def _declarations(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    made = set(map(str, given.raw("declarations") or ()))
    missing = [one for one in given.pack.declarations if one not in made]
    return [Remark("DECLARATION_MISSING", {"declaration": one}) for one in missing], {}


_ROW_NAMES = {
    "person_or_role": ("person_or_role", "person", "role"),
    "work_date_from": ("work_date_from", "from", "date", "day", "work_date"),
    "work_date_to": ("work_date_to", "to", "date", "day", "work_date"),
    "hours": ("hours", "hours_per_day"),
    "hourly_rate": ("hourly_rate", "rate"),
    "amount": ("amount",),
    "task": ("task",),
}
_ANY_DAY = "2000-01-01"


def _fact(value: object) -> Fact:
    return Fact(value=str(value), raw=str(value), method=Method.MANUAL, engine="vector", confidence=1.0)


def _row(stated: Mapping[str, Any]) -> Row:
    row = {
        column: _fact(next(stated[name] for name in names if stated.get(name) is not None))
        for column, names in _ROW_NAMES.items()
        if any(stated.get(name) is not None for name in names)
    }
    # Hours of a person without a day are the hours of one day.
    if "person_or_role" in row and "work_date_from" not in row:
        row["work_date_from"] = row["work_date_to"] = _fact(_ANY_DAY)
    return row


def _report(given: Given) -> tuple[Iterable[Remark | None], Answer]:
    """Only what is given is checked: rows, totals, signature, day of signing."""
    stated = given.values.get("rows") or (
        [given.values] if "hours" in given or "hours_per_day" in given else []
    )
    rows = [_row(one) for one in stated]
    names = ("total", "total_labour", "total_other", "signature", "signed_on", "signer_name")
    facts = {name: _fact(given.raw(name)) for name in names if name in given}
    activity = given.period("activity") if "activity" in given else None
    submitted = given.day("submitted_on") if "submitted_on" in given else None
    issues = [
        *csr_checks.row_arithmetic(rows, given.currency),
        *csr_checks.hours_per_day(rows),
        *csr_checks.work_dates(rows, activity),
        *csr_checks.rate_outliers(rows),
    ]
    if rows:
        issues += csr_checks.totals(facts, rows)
    if "signature" in given.values:
        issues += csr_checks.signature(facts, rows)
    if "signed_on" in given.values:
        issues += csr_checks.signing_date(facts, activity, submitted)
    if not rows and not facts and "signature" not in given.values and "signed_on" not in given.values:
        raise UnsupportedGiven("rows")
    wrong_row = next((issue.expected for issue in issues if issue.code == "CSR_ROW_ARITHMETIC"), None)
    return [issue_remark(issue, None, given.currency) for issue in issues], {"expected_amount": wrong_row}


_REMARKS: Mapping[str, Remarks] = {
    "R-33": _dates,
    "R-35": _financial,
    "R-36": _evidence,
    "R-37": _totals,
    "R-38": _funds,
    "R-39": _eligibility,
    "R-40": _currency,
    "R-45": _campaign,
    "R-46": _notes,
    "R-55": _report,
    "R-63": _duplicates,
    "R-64": _split,
    "R-65": _declarations,
}
