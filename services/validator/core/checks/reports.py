"""Service reports: the checks of the form on what was read from it (R-55), as remarks with their places."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.csr import DESCRIPTION_CHARACTERS_MIN
from schemas.money import Money
from services.rules.invoice_keys import number_key
from services.validator.core.csr_checks import Issue, check_csr
from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.names import same_company
from services.validator.core.remarks import FieldName, Remark
from services.validator.core.values import (
    CSR,
    currency_of,
    exact_money,
    has_words,
    is_csr,
    place,
    sure,
    value_of,
)

AMOUNT_PARAMS = frozenset({"expected", "amount", "rate", "sum", "total", "median"})
DAY_PARAMS = frozenset({"start", "end", "a0", "a1", "date", "received"})
NUMBER_PARAMS = frozenset({"n", "hours"})
HEADER_REQUIRED = ("partner_name", "activity_type", "activity_start", "activity_end", "currency")


def check_reports(inputs: CheckInputs) -> tuple[Remark, ...]:
    """Every issue of every service report that was read."""
    remarks: list[Remark] = []
    for document in inputs.documents:
        # A report in a form that was not recognized is for a person to read; it is not held against its form.
        if not is_csr(document) or not has_words(document) or document.facts.kind != CSR:
            continue
        currency = currency_of(document) or inputs.manifest.currency
        issues = check_csr(
            document.facts.facts,
            document.facts.lines,
            document.facts.other_costs,
            currency=currency,
            activity=inputs.activity_period,
            submitted_on=inputs.received_on,
        )
        remarks += [issue_remark(issue, document, currency) for issue in issues]
        remarks += _header_remarks(inputs, document)
    return tuple(remarks)


def issue_remark(issue: Issue, document: CheckedDocument | None, currency: str) -> Remark:
    """The issue as a remark: values in their own types, places with the file they stand in."""
    params: dict[str, Any] = {name: _typed(name, text, currency) for name, text in issue.params.items()}
    if document is None:
        return Remark(issue.code, params, None, (), issue.expected, issue.actual)
    params["file"] = document.file
    places = tuple(place(document, fact) for fact in issue.places) or (place(document),)
    return Remark(issue.code, params, None, places, issue.expected, issue.actual)


def _typed(name: str, text: str, currency: str) -> Any:
    if name == "field":
        return FieldName(text)
    if name in DAY_PARAMS:
        from_iso = _day(text)
        return text if from_iso is None else from_iso
    if name in AMOUNT_PARAMS or name in NUMBER_PARAMS:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        if name in NUMBER_PARAMS:
            return int(number) if name == "n" else number
        amount: Money | None = exact_money(number, currency)
        return text if amount is None else amount
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _header_remarks(inputs: CheckInputs, document: CheckedDocument) -> list[Remark]:
    """CSR_FIELD_MISSING for an empty header field, CSR_PARTNER_MISMATCH for another partner's report."""
    remarks = []
    params: dict[str, Any]
    for field in HEADER_REQUIRED:
        read = document.facts.facts.get(field)
        if read is None or (read.value is None and not read.ambiguous):
            params = {"field": FieldName(field), "file": document.file}
            remarks.append(Remark("CSR_FIELD_MISSING", params, None, (place(document, read),), field))
    description = value_of(document, "description_of_work")
    written = description.value if description is not None and sure(description) else None
    if written is not None and len(written) < DESCRIPTION_CHARACTERS_MIN:
        params = {"chars": DESCRIPTION_CHARACTERS_MIN, "file": document.file}
        remarks.append(Remark("CSR_DESCRIPTION_SHORT", params, None, (place(document, description),)))
    stated = value_of(document, "partner_id")
    if stated is not None and stated.value and sure(stated):
        own = number_key(inputs.manifest.partner_id)
        name = value_of(document, "partner_name")
        same_name = name is not None and name.value is not None and _own_name(inputs, name.value)
        if number_key(stated.value) != own and not same_name:
            params = {"partner": stated.value, "file": document.file}
            where = (place(document, stated),)
            remarks.append(
                Remark("CSR_PARTNER_MISMATCH", params, None, where, inputs.manifest.partner_id, stated.value)
            )
    return remarks


def _own_name(inputs: CheckInputs, written: str) -> bool:
    return any(same_company(written, name) for name in (inputs.partner_name, *inputs.partner_aliases) if name)
