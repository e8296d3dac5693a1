"""`coop demo`: the whole job on the bundled samples, in a temporary embedded instance."""

import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.progress import track

from schemas.claims import ClaimView
from schemas.decisions import Outcome
from schemas.findings import Severity
from services.cli import story
from services.cli.embedded import EmbeddedInstance, embedded, embedded_settings
from services.cli.findings import finding_lines
from services.cli.invariants import broken_invariants
from services.cli.output import aside, emit_json, finish, people
from services.cli.report import write_report
from services.cli.story import Sample, Told
from services.kit.clock import ManualClock, parse_instant
from services.kit.limits import Limits
from services.ledger.queries.balances import funds as funds_of
from services.ledger.queries.balances import trial_balance
from services.ledger.queries.statements import payout_list, statement

BEGINNING = parse_instant("2018-12-01T00:00:00+00:00")
# The story ends the same with and without a recognizer of pictures, and in seconds.
NO_RECOGNITION = Limits(read_ocr_pages_max=0)
REVIEW_DAYS = ("2020-01-21T09:00:00-08:00", "2020-02-20T09:00:00-08:00")
PAID_UNTIL = "2020-03-16T00:00:00-07:00"
FUND_COLUMNS = ("earned", "claimed", "reserved", "expired", "available")
SHOWN_PARTNER, SHOWN_LOCATION, SHOWN_PERIOD = "P-0123456", "GB-LON", "2019-01-01/2019-06-30"
SHOWN_IN_REPORT = "lines_total_mismatch"
WORDS = {
    Outcome.CLEAN: "clean",
    Outcome.REMARKS: "to mend",
    Outcome.BLOCKED: "blocked",
    Outcome.LATE: "late",
}


def demo(
    *, report: Path = Path("verdict.html"), json_: Annotated[bool, Parameter(name="--json")] = False
) -> None:
    """Settle the bundled samples: verdicts with page and place, funds, payouts, statement. Exit 0 when all balances.

    Parameters
    ----------
    report
        Where the verdict of one bad bundle is written as a page to look at.
    json_
        Print one JSON document.
    """
    with (
        tempfile.TemporaryDirectory(prefix="coop-demo-") as home,
        as_file(files("samples")) as root,
        embedded(
            embedded_settings(Path(home), limits=NO_RECOGNITION), clock=ManualClock(BEGINNING)
        ) as instance,
    ):
        samples = story.samples_in(root)
        tolds = _run(instance, root, samples)
        views = [(told.sample, story.view(instance, told)) for told in tolds]
        broken = broken_invariants(instance.platform)
        told = _document(instance, views, broken)
        shown = next(sample for sample in samples if sample.name == SHOWN_IN_REPORT)
        write_report(instance.platform, instance.room, shown.folder, shown.received_at, report)
    if json_:
        emit_json(told)
    else:
        _tell(told, views, report)
    finish(not broken)


def _run(instance: EmbeddedInstance, root: Path, samples: list[Sample]) -> list[Told]:
    story.enroll(instance, root)
    story.earn(instance, root)
    early = [sample for sample in samples if sample.received_at < parse_instant(REVIEW_DAYS[0])]
    late = samples[len(early) :]
    tolds = []
    for group, day in ((early, REVIEW_DAYS[0]), (late, REVIEW_DAYS[1])):
        received = track(
            story.send_all(instance, group), "reading bundles", len(group), console=aside, transient=True
        )
        arrived = list(received)
        instance.move_to(parse_instant(day))
        story.review(instance, arrived)
        tolds += arrived
    instance.move_to(parse_instant(PAID_UNTIL))
    story.plan_example(instance)
    return tolds


def _document(
    instance: EmbeddedInstance, views: list[tuple[Sample, ClaimView]], broken: list[str]
) -> dict[str, Any]:
    with instance.platform.database.read() as tx:
        funds = funds_of(tx)
        payouts = payout_list(tx, rows_max=1000)
        trial = trial_balance(tx)
        lines = statement(tx, SHOWN_PARTNER, period=SHOWN_PERIOD, location=SHOWN_LOCATION)
    names = {view.claim_id: sample.name for sample, view in views}
    payouts.sort(key=lambda row: (row.on, row.partner, row.location, row.kind))
    return {
        "bundles": [
            {
                "bundle": sample.name,
                "title": sample.title,
                "received_at": view.received_at.isoformat(),
                "deadline": view.deadline_text,
                "state": str(view.state),
                "decision": view.decision.model_dump(mode="json") if view.decision else None,
                "reserved": view.reserved.model_dump() if view.reserved else None,
                "approved": view.approved.model_dump() if view.approved else None,
            }
            for sample, view in views
        ],
        "funds": [
            {
                "partner": row.partner,
                "location": row.location,
                "program": row.program,
                "usage_period": row.usage_period,
                **{name: str(getattr(row, name)) for name in FUND_COLUMNS},
            }
            for row in funds
        ],
        "payouts": [
            {
                "on": row.on.isoformat(),
                "partner": row.partner,
                "location": row.location,
                "program": row.program,
                "kind": row.kind,
                "amount": row.amount.amount,
                "currency": row.amount.currency,
                "of": [names.get(one, one) for one in row.of],
            }
            for row in payouts
        ],
        "statement": [
            {
                "recorded_at": line.recorded_at.isoformat(),
                "what": line.kind,
                "of": names.get(line.references.get("claim", ""), line.references.get("claim", "")),
                "amount": line.amount.amount,
                "balance_after": line.balance_after.amount,
            }
            for line in lines
            if line.bucket == "coop_available" and line.amount.amount_minor
        ],
        "trial_balance": {
            currency: {bucket: money.amount for bucket, money in buckets.items()}
            for currency, buckets in trial.items()
        },
        "balanced": not broken,
        "broken": broken,
    }


def _tell(told: dict[str, Any], views: list[tuple[Sample, ClaimView]], report: Path) -> None:
    for sample, view in views:
        decision = view.decision
        assert decision is not None
        mark = {"clean": "green", "to mend": "yellow"}.get(WORDS[decision.outcome], "red")
        people.print(
            f"[{mark}]{WORDS[decision.outcome]:8}[/] [bold]{sample.name}[/]: {sample.title}  "
            f"(payable {decision.amount_payable} of {decision.amount_requested}; {view.state})"
        )
        for finding in decision.findings:
            if finding.severity in (Severity.ERROR, Severity.ACTION, Severity.WARN):
                for line in finding_lines(finding):
                    people.print(f"         {line}", markup=False)
    _tell_funds(told)
    _tell_payouts(told)
    _tell_statement(told)
    people.print(f"The verdict of {SHOWN_IN_REPORT} as a page: {report}", markup=False)
    if told["broken"]:
        people.print(f"not balanced: {told['broken'][0]}", style="bold red", markup=False)
    else:
        people.print("The ledger is balanced.", style="bold green")


def _tell_funds(told: dict[str, Any]) -> None:
    people.print("\nCo-op funds of the usage period 2019-07-01/2019-12-31, in USD", style="bold")
    people.print(f"  {'':18}" + "".join(f"{name:>12}" for name in FUND_COLUMNS))
    for row in told["funds"]:
        amounts = "".join(f"{row[name].split()[0]:>12}" for name in FUND_COLUMNS)
        people.print(f"  {row['partner']:10}{row['location']:8}{amounts}", markup=False)


def _tell_payouts(told: dict[str, Any]) -> None:
    people.print("\nPayouts (rebates of 2019 left out)", style="bold")
    for row in told["payouts"]:
        if row["kind"] == "rebate":
            continue
        of = ", ".join(row["of"])
        amount = f"{row['amount']} {row['currency']}"
        people.print(
            f"  {row['on']}  {row['partner']:10}{row['location']:8}{row['kind']:11}{amount:>13}  of {of}",
            markup=False,
        )


def _tell_statement(told: dict[str, Any]) -> None:
    people.print(
        f"\nStatement: co-op available, {SHOWN_PARTNER} {SHOWN_LOCATION}, {SHOWN_PERIOD}", style="bold"
    )
    for line in told["statement"]:
        day, what = line["recorded_at"][:10], f"{line['what']} {line['of']}".strip()
        people.print(f"  {day}  {what:44}{line['amount']:>12}{line['balance_after']:>12}", markup=False)
    people.print("\nTrial balance, in USD", style="bold")
    for bucket, amount in told["trial_balance"]["USD"].items():
        if amount.strip("-0."):
            people.print(f"  {bucket:20}{amount:>14}", markup=False)
