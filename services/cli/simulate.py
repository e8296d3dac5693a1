"""`coop simulate`: what-if, with commands on a simulated clock in a fresh ledger."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from services.cli.output import Unusable, emit_json, people
from services.kit.config import Settings
from services.kit.packs import PackLibrary
from services.ledger.handlers.simulation import simulate as run_timeline


def simulate(timeline: Path, /, *, json_: Annotated[bool, Parameter(name="--json")] = False) -> None:
    """Run TIMELINE, one JSON command a line, and print payouts, balances, refusals and ledger events.

    Parameters
    ----------
    timeline
        A file of lines such as {"at": "2022-05-02", "do": "earn", …}; the commands are in the ledger's README.
    json_
        Print one JSON document.
    """
    try:
        lines = timeline.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable("TIMELINE_UNREADABLE", f"{timeline} cannot be read: {error}") from None
    told = run_timeline(lines, PackLibrary.load(Settings().rulepacks)).to_json()
    if json_:
        emit_json(told)
        return
    for payout in told["payouts"]:
        people.print(
            f"{payout['on']}  {payout['kind']:10} {payout['amount']:>14} {payout['currency']}  "
            f"{payout['partner']} {payout['location']} {payout['program']}  of {', '.join(payout['of'])}",
            markup=False,
        )
    for balance in told["balances"]:
        people.print(
            f"{balance['bucket']:16} {balance['amount']:>14} {balance['currency']}  "
            f"{balance['partner']} {balance['location']} {balance['program']}  {balance['period']}",
            markup=False,
        )
    for refusal in told["refused"]:
        people.print(f"line {refusal['line']}: {refusal['code']}: {refusal['detail']}", markup=False)
