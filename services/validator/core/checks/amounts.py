"""Amount totals: lines, documents and the claimed amount agree, in one currency (R-37, R-39, R-40, R-42)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from schemas.bundle import ManifestLine
from schemas.facts import Evidence
from schemas.money import Money, minor_units
from services.validator.core.assessment import assess
from services.validator.core.checks.presence import activity_term, expense_term
from services.validator.core.evidence import ALCOHOL_KIND, alcohol_rows, ineligible_kind, lines_of, shown
from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.remarks import FieldName, Remark
from services.validator.core.tables import is_whole_table
from services.validator.core.values import (
    as_money,
    currency_of,
    doubtful,
    is_csr,
    is_invoice,
    place,
    sure,
    value_of,
)

AMOUNT_FIELDS = frozenset(
    {
        "total_net",
        "total_tax",
        "total_gross",
        "total_lines",
        "total_due",
        "total",
        "total_labour",
        "total_other",
        "amount",
    }
)


def total_of(amounts: Iterable[Money], currency: str) -> Money:
    """The amounts added up."""
    return sum(amounts, Money(amount_minor=0, currency=currency))


def line_total(lines: Sequence[ManifestLine], currency: str) -> Money:
    """The claim's lines added up."""
    return total_of(
        (Money(amount_minor=minor_units(line.amount, currency), currency=currency) for line in lines),
        currency,
    )


def lines_total_mismatch(lines: Sequence[Money], total: Money, tolerance_minor: int = 0) -> Remark | None:
    """AMT_LINES_TOTAL_MISMATCH unless the lines add up to the total within the tolerance (R-37)."""
    added = total_of(lines, total.currency)
    difference = abs(added.amount_minor - total.amount_minor)
    if difference <= tolerance_minor:
        return None
    params = {
        "sum": added,
        "total": total,
        "difference": Money(amount_minor=difference, currency=total.currency),
    }
    return Remark("AMT_LINES_TOTAL_MISMATCH", params, expected=total.amount, actual=added.amount)


def claim_exceeds(asked: Money, evidence: Money) -> Remark | None:
    """AMT_CLAIM_EXCEEDS_EVIDENCE when more is asked for than the documents show (R-37)."""
    if asked <= evidence:
        return None
    params = {"claimed": asked, "shown": evidence}
    return Remark("AMT_CLAIM_EXCEEDS_EVIDENCE", params, expected=f"<= {evidence.amount}", actual=asked.amount)


def check_claim_lines(inputs: CheckInputs) -> tuple[Remark, ...]:
    """The claim's own lines add up to the claimed amount, or to the full cost of which a share is claimed (R-37)."""
    manifest = inputs.manifest
    if not manifest.lines:
        return ()
    claimed = Money(amount_minor=manifest.claimed_minor, currency=manifest.currency)
    lines = [line_total([line], manifest.currency) for line in manifest.lines]
    added = total_of(lines, manifest.currency)
    share = Decimal(added.amount_minor) * inputs.pack.reimbursement
    if abs(share - claimed.amount_minor) < 1:
        return ()
    found = lines_total_mismatch(lines, claimed)
    return (found,) if found else ()


def check_positive(inputs: CheckInputs) -> tuple[Remark, ...]:
    """AMOUNT_NOT_POSITIVE for a claim that asks for nothing (R-37)."""
    if inputs.manifest.claimed_minor > 0:
        return ()
    return (Remark("AMOUNT_NOT_POSITIVE", {}, None, (), "> 0", inputs.manifest.claimed_amount),)


def check_invoice_lines(inputs: CheckInputs) -> tuple[Remark, ...]:
    """An invoice's lines add up to the net total it states, within one minor unit a line (R-37)."""
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document):
            continue
        found = _document_lines_mismatch(document, currency_of(document) or inputs.manifest.currency)
        if found is not None:
            remarks.append(found)
    return tuple(remarks)


def _document_lines_mismatch(document: CheckedDocument, currency: str) -> Remark | None:
    stated = value_of(document, "total_lines") or value_of(document, "total_net")
    total = as_money(stated, currency)
    rows = document.facts.lines
    if total is None or stated is None or not sure(stated) or not is_whole_table(rows, stated, currency):
        return None
    amounts = [amount for row in rows if (amount := as_money(row.get("net"), currency)) is not None]
    if len(amounts) != len(rows):
        return None
    tolerance = len(rows)
    # Prices with tax inside add up to the gross total; document level allowances stand between lines and net total.
    others = [as_money(value_of(document, field), currency) for field in ("total_net", "total_gross")]
    added = total_of(amounts, currency)
    if any(other is not None and abs((added - other).amount_minor) <= tolerance for other in others):
        return None
    found = lines_total_mismatch(amounts, total, tolerance)
    if found is None:
        return None
    places = [fact for row in rows if (fact := row.get("net")) is not None]
    return Remark(
        found.code,
        {**found.params, "file": document.file},
        evidence=tuple(place(document, fact) for fact in [stated, *places] if fact is not None),
        expected=found.expected,
        actual=found.actual,
    )


def check_evidence(inputs: CheckInputs) -> tuple[Remark, ...]:
    """What is claimed is shown by the documents: for each document that lines name, and in all (R-37).

    Where one document has a total that could not be read, the sum is not known and nobody is accused.
    """
    remarks = []
    evidence = shown(inputs)
    currency = inputs.manifest.currency
    for worth in evidence.worths:
        lines = lines_of(worth.document, inputs.manifest.lines)
        asked = line_total(lines, currency)
        if not lines or asked <= worth.net or asked <= worth.gross:
            continue
        found = claim_exceeds(asked, worth.net)
        if found is not None:
            params = {**found.params, "file": worth.document.file}
            shows = (place(worth.document, worth.place),)
            remarks.append(Remark(found.code, params, None, shows, found.expected, found.actual))
    claimed = Money(amount_minor=inputs.manifest.claimed_minor, currency=currency)
    if not remarks and evidence.complete and not claimed <= evidence.gross:
        found = claim_exceeds(claimed, evidence.net)
        if found is not None:
            where = tuple(place(worth.document, worth.place) for worth in evidence.worths)
            remarks.append(Remark(found.code, found.params, None, where, found.expected, found.actual))
    return tuple(remarks)


def check_tax(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_TAX_CLAIMED where what is claimed lies between the net and the gross total (R-56).

    Lines that name a document are held against it; without lines the whole claim is held against all documents.
    """
    evidence = shown(inputs)
    currency = inputs.manifest.currency
    remarks = []
    for worth in evidence.worths:
        lines = lines_of(worth.document, inputs.manifest.lines)
        asked = line_total(lines, currency)
        if lines and worth.net < asked and asked <= worth.gross:
            fact = value_of(worth.document, "total_tax")
            params = {"tax": asked - worth.net, "file": worth.document.file}
            remarks.append(
                Remark(
                    "INV_TAX_CLAIMED",
                    params,
                    evidence=(place(worth.document, fact or worth.place),),
                    expected=f"<= {worth.net.amount}",
                    actual=asked.amount,
                )
            )
    claimed = Money(amount_minor=inputs.manifest.claimed_minor, currency=currency)
    if not remarks and evidence.complete and evidence.net < claimed and claimed <= evidence.gross:
        where = tuple(
            place(worth.document, value_of(worth.document, "total_tax") or worth.place)
            for worth in evidence.worths
            if worth.tax.amount_minor
        )
        params = {"tax": claimed - evidence.net}
        expected = f"<= {evidence.net.amount}"
        remarks.append(Remark("INV_TAX_CLAIMED", params, None, where, expected, claimed.amount))
    return tuple(remarks)


def currencies_mixed(claim_currency: str, found: Iterable[str]) -> Remark | None:
    """CUR_MIXED unless every currency is the claim's (R-40)."""
    listed = sorted({claim_currency, *found})
    if len(listed) == 1:
        return None
    return Remark("CUR_MIXED", {"list": ", ".join(listed)}, expected=claim_currency, actual=", ".join(listed))


def check_currency(inputs: CheckInputs) -> tuple[Remark, ...]:
    """One claim, one currency: the claim's and that of every invoice and report (R-40)."""
    named = []
    for document in inputs.documents:
        fact = value_of(document, "currency")
        if (is_invoice(document) or is_csr(document)) and fact is not None and fact.value and sure(fact):
            named.append((document, fact))
    found = currencies_mixed(inputs.manifest.currency, (str(fact.value) for _, fact in named))
    if found is None:
        return ()
    where = tuple(place(document, fact) for document, fact in named if fact.value != inputs.manifest.currency)
    return (Remark(found.code, found.params, None, where, found.expected, found.actual),)


def check_eligibility(inputs: CheckInputs) -> tuple[Remark, ...]:
    """LINE_INELIGIBLE for each kind of expense that is not payable, as claimed or as an invoice says it (R-39)."""
    manifest, pack = inputs.manifest, inputs.pack
    activity = activity_term(pack, manifest.activity)
    remarks = []
    refused = sorted(
        {line.kind for line in manifest.lines if ineligible_kind(pack, manifest.activity, line.kind)}
    )
    for kind in refused:
        amount = line_total([line for line in manifest.lines if line.kind == kind], manifest.currency)
        params = {"kind": expense_term(pack, kind), "activity": activity, "amount": amount}
        where = _alcohol_places(inputs) if kind == ALCOHOL_KIND else ()
        remarks.append(Remark("LINE_INELIGIBLE", params, kind, where, actual=amount.amount))
    hidden = assess(inputs).hidden_alcohol
    if ALCOHOL_KIND not in refused and hidden is not None:
        params = {"kind": expense_term(pack, ALCOHOL_KIND), "activity": activity, "amount": hidden}
        remarks.append(
            Remark("LINE_INELIGIBLE", params, ALCOHOL_KIND, _alcohol_places(inputs), actual=hidden.amount)
        )
    return tuple(remarks)


def _alcohol_places(inputs: CheckInputs) -> tuple[Evidence, ...]:
    return tuple(
        place(document, row["description"])
        for document in inputs.documents
        if is_invoice(document)
        for row, _ in alcohol_rows(document, inputs.manifest.currency)
    )


def ambiguous_amount(text: str, candidates: Sequence[str]) -> Remark:
    """AMOUNT_AMBIGUOUS with the candidates; a person picks one (R-42)."""
    first, second = candidates[0], candidates[1] if len(candidates) > 1 else "?"
    return Remark(
        "AMOUNT_AMBIGUOUS",
        {"text": text, "a": first, "b": second},
        expected=" | ".join(candidates),
        actual=text,
    )


def check_ambiguous(inputs: CheckInputs) -> tuple[Remark, ...]:
    """AMOUNT_AMBIGUOUS for each doubtful amount that nobody has settled, DATE_AMBIGUOUS for each doubtful day (R-42)."""
    remarks = []
    for document in inputs.documents:
        for field, fact in doubtful(document.facts):
            if value_of(document, field) is not None or not fact.alternatives:
                continue
            if field in AMOUNT_FIELDS:
                found = ambiguous_amount(fact.raw, fact.alternatives)
            elif all(_is_day(candidate) for candidate in fact.alternatives):
                options = {"text": fact.raw, "a": fact.alternatives[0], "b": fact.alternatives[-1]}
                found = Remark(
                    "DATE_AMBIGUOUS", options, expected=" | ".join(fact.alternatives), actual=fact.raw
                )
            else:
                continue
            params = {**found.params, "field": FieldName(field), "file": document.file}
            where = (place(document, fact),)
            remarks.append(Remark(found.code, params, None, where, found.expected, found.actual))
    return tuple(remarks)


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-"
