"""A reviewer's verdicts on lines and documents (R-31): each names what is there, and together they are the amount."""

from collections.abc import Sequence

from schemas.bundle import ManifestLine
from schemas.claims import LineVerdict, PartVerdict, ReceivedDocument, ReviewDecision, ReviewVerdict
from schemas.money import Money, minor_units
from services.intake.core.life import ActRefused


class LineVerdictWrong(ActRefused):
    """A verdict on a line does not fit the lines of the revision."""

    code = "LINE_VERDICT_WRONG"


class DocumentVerdictWrong(ActRefused):
    """A verdict names a document that the revision does not have, or a line rests on a refused one."""

    code = "DOCUMENT_VERDICT_WRONG"


class ApprovalNotSumOfLines(ActRefused):
    """The approved amount and the accepted amounts of the lines differ."""

    code = "APPROVAL_NOT_SUM_OF_LINES"


def weighed(
    decision: ReviewDecision,
    lines: Sequence[ManifestLine],
    documents: Sequence[ReceivedDocument],
    currency: str,
) -> ReviewDecision:
    """The decision with the amount that its lines come to. Raises a subclass of ActRefused."""
    _documents_known(decision, documents)
    if not decision.lines:
        return decision
    unknown = sorted(verdict.line for verdict in decision.lines if verdict.line > len(lines))
    if unknown:
        raise LineVerdictWrong(f"there is no line {unknown[0]}: the revision has {len(lines)}")
    sum_minor = sum(_accepted_minor(verdict, lines[verdict.line - 1], currency) for verdict in decision.lines)
    if decision.verdict is not ReviewVerdict.APPROVE:
        return decision
    missing = sorted(set(range(1, len(lines) + 1)) - {verdict.line for verdict in decision.lines})
    if missing:
        raise LineVerdictWrong(f"line {missing[0]} has no verdict: an approval by lines speaks of every line")
    _rest_on_accepted(decision, lines, documents)
    total = Money(amount_minor=sum_minor, currency=currency)
    if sum_minor <= 0:
        raise ApprovalNotSumOfLines("no line is accepted: reject the claim instead")
    if decision.amount is not None and decision.amount != total:
        raise ApprovalNotSumOfLines(f"the lines come to {total}, and {decision.amount} is to be approved")
    return decision.model_copy(update={"amount": total})


def _accepted_minor(verdict: LineVerdict, line: ManifestLine, currency: str) -> int:
    claimed_minor = minor_units(line.amount, currency)
    if verdict.verdict is PartVerdict.ACCEPT:
        return claimed_minor
    if verdict.amount is None:
        return 0
    if verdict.amount.currency != currency or verdict.amount.amount_minor >= claimed_minor:
        claimed = Money(amount_minor=claimed_minor, currency=currency)
        raise LineVerdictWrong(
            f"line {verdict.line} is {claimed}: a cut leaves less than that, not {verdict.amount}"
        )
    return verdict.amount.amount_minor


def _documents_known(decision: ReviewDecision, documents: Sequence[ReceivedDocument]) -> None:
    known = {document.sha256 for document in documents}
    for verdict in decision.documents:
        if verdict.sha256 not in known:
            raise DocumentVerdictWrong(
                f"no document of revision {decision.revision} has the hash {verdict.sha256}"
            )


def _rest_on_accepted(
    decision: ReviewDecision, lines: Sequence[ManifestLine], documents: Sequence[ReceivedDocument]
) -> None:
    refused = {found.sha256 for found in decision.documents if found.verdict is PartVerdict.REFUSE}
    files = {document.file for document in documents if document.sha256 in refused}
    for verdict in decision.lines:
        if verdict.verdict is not PartVerdict.REFUSE and lines[verdict.line - 1].document in files:
            raise DocumentVerdictWrong(
                f"line {verdict.line} rests on a document you refuse: refuse the line too, or accept the document"
            )
