"""`coop keys`: who may call the service, as what, and for whom."""

from typing import Annotated

from cyclopts import App, Parameter

from services.cli.instance import opened
from services.cli.output import EXIT_NO, emit_json, people
from services.kit import keys
from services.kit.keys import Scope

app = App(name="keys", help="Issue, list and revoke API keys.")
Json = Annotated[bool, Parameter(name="--json")]


@app.command
def issue(
    name: str,
    *,
    role: Annotated[list[str], Parameter(negative=())],
    scope: Annotated[list[str] | None, Parameter(negative=())] = None,
    json_: Json = False,
) -> None:
    """Make a key for NAME and print it, this once.

    Parameters
    ----------
    name
        Whom the key is for.
    role
        What it may do; may be given several times.
    scope
        PARTNER, PARTNER/LOCATION or PARTNER/LOCATION/PROGRAM, `*` for any; may be given several times.
    json_
        Print one JSON document.
    """
    with opened() as platform, platform.database.write() as tx:
        text = keys.issue(
            tx,
            name=name,
            roles=role,
            scopes=[Scope.parse(given) for given in scope or ["*"]],
            now=platform.clock.now(),
            demo=platform.settings.demo,
        )
    if json_:
        emit_json({"name": name, "key": text, "roles": sorted(set(role)), "scopes": scope or ["*"]})
    else:
        people.print(text, markup=False)


@app.command(name="list")
def list_(*, json_: Json = False) -> None:
    """List every key with its roles and scopes; the secret part is not known any more."""
    with opened() as platform, platform.database.read() as tx:
        found = keys.listed(tx)
    rows = [
        {
            "key_id": who.key_id,
            "name": who.name,
            "roles": sorted(who.roles),
            "scopes": [str(scope) for scope in who.scopes],
            "created_at": made.isoformat(),
            "revoked_at": ended.isoformat() if ended else None,
        }
        for who, made, ended in found
    ]
    if json_:
        emit_json({"keys": rows})
        return
    for row in rows:
        state = "revoked" if row["revoked_at"] else "alive"
        people.print(
            f"{row['key_id']}  {state:8}{row['name']}  {', '.join(row['roles'])}  {', '.join(row['scopes'])}",
            markup=False,
        )


@app.command
def revoke(key_id: str, *, json_: Json = False) -> None:
    """End the key with this id; it is refused from now on.

    Parameters
    ----------
    key_id
        The eight characters after `coop_live_`.
    json_
        Print one JSON document.
    """
    with opened() as platform, platform.database.write() as tx:
        done = keys.revoke(tx, key_id, platform.clock.now())
    if json_:
        emit_json({"key_id": key_id, "revoked": done})
    else:
        people.print(f"{key_id} is revoked" if done else f"no living key {key_id}", markup=False)
    if not done:
        raise SystemExit(EXIT_NO)
