"""`coop dead`: events that could not be handled, grouped by cause."""

import json
from itertools import groupby
from typing import Annotated, Any

from cyclopts import App, Parameter

from services.cli.instance import opened
from services.cli.output import EXIT_NO, emit_json, people
from services.kit import events, outbox, parking
from services.kit.parking import Parked
from services.kit.platform import Platform
from services.kit.rabbitmq_parked import RabbitParking
from services.kit.relay import RELAY

app = App(name="dead", help="Events that could not be handled: list, show, retry, discard.")
Json = Annotated[bool, Parameter(name="--json")]
CONSUMERS = ("intake", "ledger", "validator", RELAY)


@app.command(name="list")
def list_(*, json_: Json = False) -> None:
    """List parked events, grouped by the consumer and the cause.

    Parameters
    ----------
    json_
        Print one JSON document.
    """
    with opened() as platform:
        found = _listed(platform)
    if json_:
        emit_json({"parked": [_row(parked) for parked in found]})
        return
    if not found:
        people.print("nothing is parked")
    for (consumer, cause), rows in groupby(found, key=lambda parked: (parked.consumer, parked.cause)):
        members = list(rows)
        people.print(f"{consumer}: {cause} ({len(members)})", style="bold", markup=False)
        for parked in members:
            people.print(
                f"  {parked.row_id:>5}  {parked.type}  {parked.event_id}  {parked.reason}", markup=False
            )


@app.command
def show(number: int, *, json_: Json = False) -> None:
    """Print one parked event whole.

    Parameters
    ----------
    number
        Its number in `coop dead list`.
    json_
        Print one JSON document (the same).
    """
    with opened() as platform:
        found = [parked for parked in _listed(platform) if parked.row_id == number]
    if not found:
        _none(number, json_)
    emit_json({**_row(found[0]), "event": json.loads(found[0].envelope)})


@app.command
def retry(number: int, *, json_: Json = False) -> None:
    """Hand a parked event to its consumer again; it keeps its id, so a repeat does nothing.

    Parameters
    ----------
    number
        Its number in `coop dead list`.
    json_
        Print one JSON document.
    """
    with opened() as platform:
        rabbit = _rabbit(platform)
        if rabbit is not None:
            done = rabbit.retry(number)
        else:
            with platform.database.write() as tx:
                done = parking.take(tx, number)
                if done is not None:
                    event = events.from_json(done.envelope)
                    outbox.append(tx, event, now=platform.clock.now(), target=done.consumer)
    _told(number, done, "retried", json_)


@app.command
def discard(number: int, *, json_: Json = False) -> None:
    """Forget a parked event.

    Parameters
    ----------
    number
        Its number in `coop dead list`.
    json_
        Print one JSON document.
    """
    with opened() as platform:
        rabbit = _rabbit(platform)
        if rabbit is not None:
            done = rabbit.discard(number)
        else:
            with platform.database.write() as tx:
                done = parking.take(tx, number)
    _told(number, done, "discarded", json_)


def _rabbit(platform: Platform) -> RabbitParking | None:
    url = platform.settings.broker_url
    return None if url is None else RabbitParking(url.get_secret_value(), CONSUMERS, platform.limits)


def _listed(platform: Platform) -> list[Parked]:
    rabbit = _rabbit(platform)
    if rabbit is not None:
        return rabbit.listed()
    with platform.database.read() as tx:
        return parking.listed(tx, platform.limits.parked_show_count_max)


def _row(parked: Parked) -> dict[str, Any]:
    return {
        "number": parked.row_id,
        "consumer": parked.consumer,
        "cause": parked.cause,
        "reason": parked.reason,
        "event_id": parked.event_id,
        "type": parked.type,
        "parked_at": parked.parked_at.isoformat() if parked.parked_at else None,
    }


def _told(number: int, done: Parked | None, act: str, as_json: bool) -> None:
    if done is None:
        _none(number, as_json)
        return
    if as_json:
        emit_json({act: _row(done)})
    else:
        people.print(f"{act} {done.event_id}", markup=False)


def _none(number: int, as_json: bool) -> None:
    if as_json:
        emit_json({"number": number, "found": False})
    else:
        people.print(f"nothing is parked under {number}; see coop dead list", markup=False)
    raise SystemExit(EXIT_NO)
