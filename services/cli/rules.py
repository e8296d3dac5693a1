"""`coop rules`: rule packs as data, and examples run against the rules themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from cyclopts import App, Parameter

from services.cli.output import Unusable, emit_json, finish, people
from services.kit.config import Settings
from services.kit.packs import PackLibrary
from services.rules.pack import RulePack
from services.rules.vectors import run_vector
from services.validator.handlers.vectors import claim_runners

app = App(name="rules", help="Rule packs: list, show, compare, run their cases.")
Json = Annotated[bool, Parameter(name="--json")]


@app.command(name="list")
def list_(*, json_: Json = False) -> None:
    """List the rule packs with the days they are in force and their hashes.

    Parameters
    ----------
    json_
        Print one JSON document.
    """
    packs = _packs()
    rows = [_row(packs.get(pack_id)) for pack_id in packs.ids()]
    if json_:
        emit_json({"packs": rows})
        return
    for row in rows:
        since = row["effective_from"] or "only when named"
        people.print(
            f"{row['id']:24}{since:18}{row['sha256'][:16]}…  {', '.join(row['programs'])}", markup=False
        )


@app.command
def show(pack_id: str, /, *, json_: Json = False) -> None:
    """Print a pack whole, as it is judged by: everything it inherits filled in.

    Parameters
    ----------
    pack_id
        Its id in `coop rules list`.
    json_
        Print one JSON document instead of YAML.
    """
    pack = _packs().get(pack_id)
    plain = pack.model_dump(mode="json", by_alias=True, exclude_none=True)
    if json_:
        emit_json({"sha256": pack.sha256, "pack": plain})
    else:
        people.print(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False), markup=False)


@app.command
def diff(one: str, other: str, /, *, json_: Json = False) -> None:
    """List what differs between two packs, place by place; exit 1 when anything does.

    Parameters
    ----------
    one
        Id of a pack.
    other
        Id of the pack to compare it with.
    json_
        Print one JSON document.
    """
    packs = _packs()
    before, after = (packs.get(pack_id).model_dump(mode="json", by_alias=True) for pack_id in (one, other))
    changes = list(_differences((), before, after))
    if json_:
        emit_json({"from": one, "to": other, "changes": changes})
    else:
        for change in changes:
            people.print(f"{change['at']}: {change['from']} -> {change['to']}", markup=False)
    finish(not changes)


@app.command
def cases(file: Path, /, *, json_: Json = False) -> None:
    """Run a file of examples against the functions of their rules; exit 1 when one fails.

    Parameters
    ----------
    file
        YAML with a list `examples` or `cases`, each with id, rule, pack, given, expect.
    json_
        Print one JSON document: result pass, fail or unsupported, with expected and actual.
    """
    packs = _packs()
    library = {pack_id: packs.get(pack_id) for pack_id in packs.ids()}
    runners = claim_runners(packs.vocabulary)
    default, vectors = _vectors(file)
    told = []
    for vector in vectors:
        result = run_vector(vector, library, runners=runners, default_pack=default)
        told.append(
            {
                "id": str(vector.get("id", "")),
                "result": result.result,
                "expected": result.expected,
                "actual": result.actual,
                **({"reason": result.reason} if result.reason else {}),
            }
        )
    failed = [one for one in told if one["result"] == "fail"]
    if json_:
        emit_json({"cases": told})
    else:
        for one in told:
            if one["result"] != "pass":
                people.print(
                    f"{one['result']:12}{one['id']}: expected {one['expected']}, got {one['actual']}",
                    markup=False,
                )
        people.print(f"{sum(one['result'] == 'pass' for one in told)} of {len(told)} pass", markup=False)
    finish(not failed)


def _vectors(file: Path) -> tuple[str, list[dict[str, Any]]]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unusable(
            "CASES_UNREADABLE", f"{file} cannot be read as YAML: {' '.join(str(error).split())}"
        ) from None
    named = document if isinstance(document, dict) else {"examples": document}
    found = named.get("examples", named.get("cases"))
    if not isinstance(found, list):
        raise Unusable("CASES_INVALID", f"{file} has no list named examples or cases")
    for number, vector in enumerate(found, 1):
        if not isinstance(vector, dict) or not {"rule", "given", "expect"} <= vector.keys():
            raise Unusable("CASES_INVALID", f"{file}: case {number} needs rule, given and expect")
    return str(named.get("pack", "*")), found


def _differences(at: tuple[str, ...], before: Any, after: Any) -> Iterator[dict[str, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys(), key=str):
            yield from _differences((*at, str(key)), before.get(key), after.get(key))
    elif before != after:
        yield {"at": ".".join(at), "from": before, "to": after}


def _row(pack: RulePack) -> dict[str, Any]:
    return {
        "id": pack.id,
        "sha256": pack.sha256,
        "effective_from": pack.effective_from.isoformat() if pack.effective_from else None,
        "programs": [program.id for program in pack.programs],
    }


def _packs() -> PackLibrary:
    return PackLibrary.load(Settings().rulepacks)
