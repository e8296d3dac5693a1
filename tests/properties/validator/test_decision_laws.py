"""Laws of a decision: the same bytes for the same inputs in any order, and money that adds up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decisions import outcome_of
from schemas.findings import Severity
from services.validator.core.decision import decide, findings_of
from services.validator.core.inputs import CheckInputs
from services.validator.core.names import same_company
from tests.unit.validator.claims import RECEIVED, claim, document, invoice, library, proofs, row

CLAIM_ID = "clm_" + "2" * 26
amounts = st.decimals(min_value="0.01", max_value="20000.00", places=2).map(str)
days = st.dates(min_value=datetime(2019, 5, 1).date(), max_value=datetime(2020, 3, 1).date())
kinds = st.sampled_from(
    ["third_party_invoice", "csr", "ad_screenshot", "landing_page", "results_report", "event_photo", "credit"]
)
expenses = st.sampled_from(["media_placement", "agency_fee", "alcohol", "giveaways", "travel_hotel"])


@st.composite
def documents(draw: st.DrawFn, number: int) -> Any:
    kind = draw(kinds)
    if kind in {"third_party_invoice", "credit"}:
        net = draw(amounts)
        return invoice(
            f"file{number}.pdf",
            invoice_number=draw(st.sampled_from(["INV-1", "INV-2", None])),
            total_net=net,
            total_gross=draw(st.sampled_from([net, None])),
            total_tax=None,
            issue_date=draw(days).isoformat(),
            read_kind="credit_note" if kind == "credit" else "third_party_invoice",
            lines=(row(description=draw(st.sampled_from(["Banners", "Red wine", "Lunch"])), net=net),),
        )
    return document(f"file{number}.pdf", kind, {"taken_on": draw(days).isoformat(), "total": draw(amounts)})


@st.composite
def claims(draw: st.DrawFn) -> CheckInputs:
    held = tuple(draw(documents(number)) for number in range(draw(st.integers(1, 5))))
    lines = [
        {"kind": draw(expenses), "amount": draw(amounts), "document": draw(st.sampled_from(held)).file}
        for _ in range(draw(st.integers(0, 3)))
    ]
    return claim(
        *held,
        claimed_amount=draw(amounts),
        lines=lines,
        activity=draw(st.sampled_from(["digital_advertising", "syndicated_content", "multi_touch_digital"])),
        activity_start=draw(days),
        activity_end=draw(days),
        remaining=draw(st.one_of(st.none(), amounts)),
        received=RECEIVED + timedelta(days=draw(st.integers(-120, 200))),
    )


def decided(inputs: CheckInputs) -> str:
    return decide(
        inputs,
        library().vocabulary,
        claim_id=CLAIM_ID,
        revision=1,
        decided_at=datetime(2020, 1, 1, tzinfo=UTC),
    ).model_dump_json()


@given(claims(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_no_order_of_arrival_shows_in_a_decision(inputs: CheckInputs, chance: Any) -> None:
    def shuffled(values: Any) -> Any:
        mixed = list(values)
        chance.shuffle(mixed)
        return tuple(mixed)

    again = CheckInputs(
        manifest=inputs.manifest.model_copy(
            update={
                "documents": shuffled(inputs.manifest.documents),
                "lines": shuffled(inputs.manifest.lines),
            }
        ),
        documents=shuffled(inputs.documents),
        partner_name=inputs.partner_name,
        received_at=inputs.received_at,
        first_received_at=inputs.first_received_at,
        pack=inputs.pack,
        funds=inputs.funds,
    )
    assert decided(again) == decided(inputs)


@given(claims())
@settings(max_examples=60)
def test_payable_and_cuts_add_up_to_what_was_asked_and_never_exceed_the_funds(inputs: CheckInputs) -> None:
    decision = decide(
        inputs, library().vocabulary, claim_id=CLAIM_ID, revision=1, decided_at=inputs.received_at
    )
    cut = sum(one.amount.amount_minor for one in decision.cuts)
    assert decision.amount_payable.amount_minor + cut == decision.amount_requested.amount_minor
    assert all(one.amount.amount_minor > 0 for one in decision.cuts)
    assert 0 <= decision.amount_payable.amount_minor <= decision.amount_requested.amount_minor
    if inputs.funds is not None:
        assert decision.amount_payable <= inputs.funds.available
    assert decision.outcome is outcome_of(decision.findings)


@given(claims())
@settings(max_examples=40)
def test_every_finding_about_a_document_points_to_one_of_the_claim(inputs: CheckInputs) -> None:
    sent = {(one.file, one.received.sha256) for one in inputs.documents}
    for finding in findings_of(inputs, library().vocabulary):
        assert finding.rule
        assert {(place.file, place.document_sha256) for place in finding.evidence} <= sent
        assert finding.text.en
        assert finding.fix.sv


@given(claims(), st.sampled_from(["claimed_amount", "activity", "comment"]))
@settings(max_examples=20)
def test_other_inputs_are_another_decision(inputs: CheckInputs, changed: str) -> None:
    value = {"claimed_amount": "1.23", "activity": "print_advertising", "comment": "x"}[changed]
    other = CheckInputs(
        manifest=inputs.manifest.model_copy(update={changed: value}),
        documents=inputs.documents,
        partner_name=inputs.partner_name,
        received_at=inputs.received_at,
        first_received_at=inputs.first_received_at,
        pack=inputs.pack,
        funds=inputs.funds,
    )
    same = getattr(inputs.manifest, changed) == value
    assert (other.inputs_sha256() == inputs.inputs_sha256()) is same


@given(amounts)
def test_what_the_documents_show_can_be_claimed_and_a_cent_more_cannot(net: str) -> None:
    held = (invoice(total_net=net, total_gross=net, total_tax="0.00"), *proofs())
    more = format(Decimal(net) + Decimal("0.01"), "f")

    def errors(amount: str) -> list[str]:
        found = findings_of(claim(*held, claimed_amount=amount), library().vocabulary)
        return [one.code for one in found if one.severity is Severity.ERROR]

    assert errors(net) == []
    assert errors(more) == ["AMT_CLAIM_EXCEEDS_EVIDENCE"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_comparing_names_is_symmetric_and_never_raises(one: str, other: str) -> None:
    assert same_company(one, other) is same_company(other, one)
