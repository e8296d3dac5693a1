"""`coop read`: what documents say, with the place of every value."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.progress import track

from schemas.facts import DocumentFacts, Fact, ReadStatus
from services.cli.documents import answers_for_itself, contents_of
from services.cli.output import Unusable, aside, emit_json, finish, people
from services.kit.config import Settings
from services.kit.packs import PackLibrary
from services.validator.handlers.documents import document_findings
from services.validator.readers.reading_room import ReadingRoom
from services.validator.readers.refusals import Refused


def read(
    files: Annotated[list[Path], Parameter(negative=())],
    /,
    *,
    show: Path | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Read documents and print their kind, their values with page and place, and what is wrong with them.

    Parameters
    ----------
    files
        PDF, PNG, JPEG, TIFF, WebP, XML e-invoices, e-mails, or a zip, which answers for itself.
    show
        Write every page as PNG into this folder, with the places that were read outlined.
    json_
        Print one JSON document: an object for one file, an array for several, in the same order.
    """
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise Unusable("FILE_MISSING", f"there is no file {missing[0]}")
    settings = Settings()
    packs = PackLibrary.load(settings.rulepacks)
    answers = []
    with ReadingRoom(settings.limits) as room:
        for path in track(files, "reading", console=aside, transient=True, disable=len(files) < 2):
            content = contents_of(path)
            own = answers_for_itself(path, content, settings.limits)
            facts = own or room.read(content, path.name)
            answers.append(answer(path.name, facts, packs))
            if show is not None and own is None:
                _draw(room, content, facts, path.name, show)
    if json_:
        emit_json(answers[0] if len(answers) == 1 else answers)
    else:
        for one in answers:
            _tell(one)
    grave = {"error", "action"}
    finish(
        all(
            one["status"] == "read" and not any(f["severity"] in grave for f in one["findings"])
            for one in answers
        )
    )


def answer(file: str, facts: DocumentFacts, packs: PackLibrary) -> dict[str, Any]:
    """One document as the JSON answer tells it; a value that was not found is absent."""
    return {
        "file": file,
        "sha256": facts.sha256,
        "type": facts.media_type,
        "status": str(facts.status),
        "reason": facts.reason,
        "kind": facts.kind,
        "pages": facts.pages,
        "facts": {name: _fact(fact) for name, fact in facts.facts.items()},
        "lines": [{name: _fact(fact) for name, fact in row.items()} for row in facts.lines],
        "other_costs": [{name: _fact(fact) for name, fact in row.items()} for row in facts.other_costs],
        "flags": list(facts.flags),
        "rules_checked": list(facts.rules_checked),
        "findings": [
            {"printed": finding.printed_code, **finding.model_dump(mode="json")}
            for finding in document_findings(file, facts, packs.vocabulary)
        ],
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return fact.model_dump(mode="json")


def _draw(room: ReadingRoom, content: bytes, facts: DocumentFacts, file: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    every = [
        *facts.facts.values(),
        *(fact for row in (*facts.lines, *facts.other_costs) for fact in row.values()),
    ]
    for page in range(1, facts.pages + 1):
        boxes = [fact.box for fact in every if fact.page == page and fact.box is not None]
        try:
            picture = room.render(content, page, 2.0, boxes)
        except Refused as refused:
            aside.print(f"{file} page {page}: not drawn ({refused.reason})", markup=False)
            continue
        (folder / f"{file}.{page}.png").write_bytes(picture)


def _tell(one: dict[str, Any]) -> None:
    if one["status"] == str(ReadStatus.REJECTED):
        people.print(f"{one['file']}: not read: {one['reason']}", style="bold", markup=False)
    else:
        people.print(
            f"{one['file']}: {one['kind'] or 'unknown kind'}, {one['pages']} page(s)",
            style="bold",
            markup=False,
        )
    for name, fact in one["facts"].items():
        place = f"page {fact['page']}" if fact["page"] else fact["method"]
        value = " or ".join(fact["alternatives"]) if fact["ambiguous"] else fact["value"]
        people.print(f"  {name:24}{value}  ({place}, {fact['confidence']:.2f})", markup=False)
    if one["flags"]:
        people.print(f"  flags: {', '.join(one['flags'])}", markup=False)
    for finding in one["findings"]:
        people.print(f"  {finding['severity']:7}{finding['printed']}: {finding['text']['en']}", markup=False)
