"""`coop rules`: rule packs as data, and examples run against the rules themselves."""

from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from cyclopts import App, Parameter

from schemas.decisions import Decision
from services.cli.instance import opened
from services.cli.output import Unusable, emit_json, finish, people
from services.kit.config import Settings
from services.kit.packs import PackLibrary
from services.rules.pack import RulePack, load_pack
from services.rules.pack_text import read_marked
from services.rules.vectors import run_vector
from services.validator import queries
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


@app.command
def replay(
    claim: str | None = None,
    /,
    *,
    all_: Annotated[bool, Parameter(name="--all", negative=())] = False,
    json_: Json = False,
) -> None:
    """Decide again from the kept inputs; exit 1 unless every decision comes out the same, byte for byte.

    Parameters
    ----------
    claim
        Id of the claim.
    all_
        Every claim instead of one.
    json_
        Print one JSON document.
    """
    if (claim is None) is not all_:
        raise Unusable("USAGE", "name one claim, or give --all")
    with opened() as platform:
        compared, differing = 0, []
        for one in queries.replayed(platform.database, platform.packs, claim):
            compared += 1
            if one.difference is not None:
                differing.append(one)
    if json_:
        emit_json({"decisions": compared, "differing": [asdict(one) for one in differing]})
    elif differing:
        first = differing[0]
        people.print(f"{len(differing)} of {compared} decisions come out otherwise", style="bold red")
        people.print(
            f"the first: {first.claim_id} revision {first.revision} ({first.decision_id}): {first.difference}",
            markup=False,
        )
    else:
        people.print(f"{compared} decisions come out the same, byte for byte", markup=False)
    finish(not differing)


@app.command(name="try")
def try_(
    draft: Path,
    /,
    *,
    for_: Annotated[str | None, Parameter(name="--for")] = None,
    json_: Json = False,
) -> None:
    """Judge past claims by a draft and list those whose findings or payable amount would change; always exit 0.

    Parameters
    ----------
    draft
        A pack.yaml, or the folder it lies in; it may extend the packs of `coop rules list`.
    for_
        The pack whose claims are judged; without it the one that the draft extends.
    json_
        Print one JSON document.
    """
    with opened() as platform:
        pack, extended = _draft(draft)
        instead_of = for_ or extended
        if instead_of is None:
            raise Unusable(
                "DRAFT_REPLACES_NONE", "the draft extends no pack: say which it replaces with --for"
            )
        platform.packs.get(instead_of)
        trials = list(queries.tried(platform.database, pack, instead_of, platform.packs.vocabulary))
    changed = [one for one in trials if one.changed]
    if json_:
        emit_json(
            {
                "draft": {"id": pack.id, "sha256": pack.sha256},
                "for": instead_of,
                "judged": len(trials),
                "changed": [
                    {
                        "claim_id": one.before.claim_id,
                        "before": _verdict(one.before),
                        "after": _verdict(one.after),
                    }
                    for one in changed
                ],
            }
        )
        return
    for one in changed:
        people.print(f"{one.before.claim_id}", style="bold", markup=False)
        for word, decision in (("before", one.before), ("after", one.after)):
            codes = ", ".join(finding.printed_code for finding in decision.findings) or "no findings"
            people.print(f"  {word:8}payable {decision.amount_payable}; {codes}", markup=False)
    people.print(f"{len(changed)} of {len(trials)} claims change", markup=False)


def _verdict(decision: Decision) -> dict[str, Any]:
    plain = decision.model_dump(mode="json")
    told = {name: plain[name] for name in ("outcome", "amount_requested", "amount_payable", "cuts")}
    return {**told, "findings": [finding.printed_code for finding in decision.findings]}


def _draft(path: Path) -> tuple[RulePack, str | None]:
    """The draft over the packs there are, and the id of the one it extends. Raises PackInvalid, Unusable."""
    file = path / "pack.yaml" if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable("DRAFT_UNREADABLE", f"{file} cannot be read: {error}") from None
    plain = read_marked(str(file), text).plain()
    named = plain.get("id") if isinstance(plain, dict) else None
    extended = plain.get("extends") if isinstance(plain, dict) else None
    if not isinstance(named, str):
        raise Unusable("DRAFT_INVALID", f"{file} names no id")
    return load_pack({**_texts(), named: text}, named), extended if isinstance(extended, str) else None


def _texts() -> dict[str, str]:
    root = Settings().rulepacks or files("rulepacks")
    return {
        entry.name: (entry / "pack.yaml").read_text(encoding="utf-8")
        for entry in root.iterdir()
        if entry.is_dir() and (entry / "pack.yaml").is_file()
    }


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
