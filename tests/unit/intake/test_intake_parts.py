"""Verdicts on lines are the approved amount, to the cent, and speak of what is there."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.bundle import ManifestLine
from schemas.claims import DocumentVerdict, LineVerdict, PartVerdict, ReceivedDocument, ReviewDecision
from schemas.money import Money
from services.intake.core import parts
from services.intake.core.life import ActRefused

SHA = "a" * 64
PAPER = ReceivedDocument(file="invoice.pdf", sha256=SHA, bytes=1, media_type="application/pdf", kind="csr")


def usd(minor: int) -> Money:
    return Money(amount_minor=minor, currency="USD")


def line(minor: int, document: str | None = None) -> ManifestLine:
    return ManifestLine(kind="media", amount=f"{minor // 100}.{minor % 100:02d}", document=document)


def approval(*lines: LineVerdict, amount: Money | None = None, **more: object) -> ReviewDecision:
    return ReviewDecision(verdict="approve", revision=1, amount=amount, lines=lines, **more)  # type: ignore[arg-type]


def weigh(decision: ReviewDecision, lines: Sequence[ManifestLine]) -> ReviewDecision:
    return parts.weighed(decision, lines, (PAPER,), "USD")


@given(
    st.lists(
        st.tuples(st.integers(2, 10**9), st.sampled_from(PartVerdict), st.data()), min_size=1, max_size=8
    )
)
def test_the_approved_amount_is_the_sum_of_what_the_lines_keep(
    drawn: list[tuple[int, PartVerdict, st.DataObject]],
) -> None:
    verdicts, kept_minor = [], 0
    for number, (claimed, verdict, data) in enumerate(drawn, start=1):
        left = data.draw(st.integers(1, claimed - 1)) if verdict is PartVerdict.CUT else None
        kept_minor += {PartVerdict.ACCEPT: claimed, PartVerdict.CUT: left or 0, PartVerdict.REFUSE: 0}[
            verdict
        ]
        reason = None if verdict is PartVerdict.ACCEPT else "NOT_ELIGIBLE"
        amount = None if left is None else usd(left)
        verdicts.append(LineVerdict(line=number, verdict=verdict, amount=amount, reason_code=reason))
    lines = [line(claimed) for claimed, _, _ in drawn]
    if kept_minor == 0:
        with pytest.raises(parts.ApprovalNotSumOfLines):
            weigh(approval(*verdicts), lines)
        return
    assert weigh(approval(*verdicts), lines).amount == usd(kept_minor)
    assert weigh(approval(*verdicts, amount=usd(kept_minor)), lines).amount == usd(kept_minor)
    with pytest.raises(parts.ApprovalNotSumOfLines):
        weigh(approval(*verdicts, amount=usd(kept_minor + 1)), lines)


ACCEPT_1 = LineVerdict(line=1, verdict=PartVerdict.ACCEPT)
CUT_TO_WHOLE = LineVerdict(line=1, verdict=PartVerdict.CUT, amount=usd(100_00), reason_code="NOT_ELIGIBLE")
CUT_IN_EUROS = LineVerdict(
    line=1, verdict=PartVerdict.CUT, amount=Money(amount_minor=1, currency="EUR"), reason_code="NOT_ELIGIBLE"
)
REFUSED_PAPER = DocumentVerdict(sha256=SHA, verdict=PartVerdict.REFUSE, reason_code="UNREADABLE")


@pytest.mark.parametrize(
    ("decision", "lines", "code"),
    [
        (approval(ACCEPT_1), [line(100_00), line(1_00)], "LINE_VERDICT_WRONG"),
        (approval(LineVerdict(line=2, verdict=PartVerdict.ACCEPT)), [line(100_00)], "LINE_VERDICT_WRONG"),
        (approval(CUT_TO_WHOLE), [line(100_00)], "LINE_VERDICT_WRONG"),
        (approval(CUT_IN_EUROS), [line(100_00)], "LINE_VERDICT_WRONG"),
        (
            approval(ACCEPT_1, documents=(REFUSED_PAPER,)),
            [line(100_00, "invoice.pdf")],
            "DOCUMENT_VERDICT_WRONG",
        ),
        (
            approval(documents=(DocumentVerdict(sha256="b" * 64, verdict=PartVerdict.ACCEPT),)),
            [line(100_00)],
            "DOCUMENT_VERDICT_WRONG",
        ),
    ],
)
def test_a_verdict_that_does_not_fit_the_revision_is_refused(
    decision: ReviewDecision, lines: list[ManifestLine], code: str
) -> None:
    with pytest.raises(ActRefused) as refused:
        weigh(decision, lines)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "said",
    [
        {"line": 1, "verdict": "cut", "reason_code": "NOT_ELIGIBLE"},
        {"line": 1, "verdict": "cut", "amount": {"amount": "1.00", "currency": "USD"}},
        {"line": 1, "verdict": "refuse"},
        {"line": 1, "verdict": "accept", "amount": {"amount": "1.00", "currency": "USD"}},
    ],
)
def test_a_cut_says_how_much_is_left_and_every_refusal_says_why(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LineVerdict.model_validate(said)


def test_nothing_is_judged_twice_in_one_decision() -> None:
    with pytest.raises(ValidationError, match="two verdicts"):
        approval(ACCEPT_1, ACCEPT_1)
    with pytest.raises(ValidationError, match="two verdicts"):
        approval(documents=(REFUSED_PAPER, REFUSED_PAPER))
