"""`coop config | migrate | verify | events`: looking after an instance."""

import json
from typing import Annotated, Any

from cyclopts import Parameter

from services.cli.instance import opened, settings_from_environment
from services.cli.invariants import broken_invariants
from services.cli.output import emit_json, finish, people
from services.kit.migrating import migrate
from services.kit.objects_s3 import S3Store
from services.kit.roles import grant_roles
from services.ledger.queries.feed import events_after

Json = Annotated[bool, Parameter(name="--json")]


def config(*, json_: Json = False) -> None:
    """Print every setting as it is in force, with secrets left out.

    Parameters
    ----------
    json_
        Print one JSON document.
    """
    shown = settings_from_environment().redacted()
    if json_:
        emit_json(shown)
        return
    limits: dict[str, Any] = shown.pop("limits")
    for name, value in shown.items():
        people.print(f"COOP_{name.upper():20} {'' if value is None else value}", markup=False)
    for name, value in limits.items():
        people.print(f"COOP_LIMITS__{name.upper():34} {value}", markup=False)


def migrate_tables(*, roles: Annotated[bool, Parameter(negative=())] = False, json_: Json = False) -> None:
    """Bring the tables up to date, and make the bucket of the object store when it is not there.

    Parameters
    ----------
    roles
        Also make a PostgreSQL role for each worker (coop_intake, coop_ledger, …) that may do no more than it needs;
        give them to the users that the workers log in as.
    json_
        Print one JSON document.
    """
    with opened() as platform:
        revision = migrate(platform.database)
        if isinstance(platform.objects, S3Store):
            platform.objects.make_bucket()
        made = grant_roles(platform.database) if roles else []
    if json_:
        emit_json({"revision": revision, "roles": made})
        return
    people.print(f"tables are at {revision}", markup=False)
    if made:
        people.print(f"roles: {', '.join(made)}", markup=False)


def verify(*, json_: Json = False) -> None:
    """Check every invariant: ledger, decisions, stored objects; exit 1 and name the first thing that is wrong.

    Parameters
    ----------
    json_
        Print one JSON document.
    """
    with opened() as platform:
        broken = broken_invariants(platform)
    if json_:
        emit_json({"fine": not broken, "broken": broken})
    elif broken:
        people.print(f"{len(broken)} broken, the first: {broken[0]}", style="bold red", markup=False)
        for line in broken[1:]:
            people.print(f"  {line}", markup=False)
    else:
        people.print("every invariant holds: the ledger is balanced", markup=False)
    finish(not broken)


def events(*, after: int = 0, limit: int = 1000, json_: Json = False) -> None:
    """Print the ledger's events in the order of their positions.

    Parameters
    ----------
    after
        Begin behind this position; 0 begins at the start.
    limit
        At most this many.
    json_
        Print one JSON document; otherwise one event a line.
    """
    with opened() as platform:
        found = events_after(platform.database, after, limit)
    plain = [one.event for one in found]
    if json_:
        emit_json({"events": plain, "next_after": found[-1].position if found else after})
        return
    for event in plain:
        people.print(json.dumps(event, ensure_ascii=False), markup=False)
