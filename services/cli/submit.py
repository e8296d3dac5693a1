"""`coop submit`: upload a bundle to a running service."""

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx2
from cyclopts import Parameter
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from services.cli.output import EXIT_NO, Unusable, aside, emit_json, people
from services.kit.objects import CHUNK_BYTES, file_sha256

ANSWER_SECONDS_MAX = 120


def submit(
    bundle: Path,
    /,
    *,
    to: str,
    key: Annotated[str | None, Parameter(env_var="COOP_KEY")] = None,
    idempotency_key: str | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Upload BUNDLE and print the receipt: claim, instant of receipt, deadline, hash of every file.

    Parameters
    ----------
    bundle
        A zip, or a folder with claim.json.
    to
        Address of the service, such as http://127.0.0.1:8080.
    key
        Your API key; better given as COOP_KEY.
    idempotency_key
        Your own name for this upload; without it one is made from the content, so that a repeat makes no second claim.
    json_
        Print one JSON document.
    """
    if key is None:
        raise Unusable("KEY_MISSING", "give your key with COOP_KEY or --key")
    if not bundle.exists():
        raise Unusable("BUNDLE_MISSING", f"there is no file or folder {bundle}")
    with tempfile.TemporaryDirectory(prefix="coop-") as folder:
        container = bundle if bundle.is_file() else zipped(bundle, Path(folder) / "bundle.zip")
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/zip",
            "Content-Length": str(container.stat().st_size),
            "Idempotency-Key": idempotency_key or f"coop-{file_sha256(container)}",
        }
        try:
            with _progress() as progress:
                answer = httpx2.post(
                    f"{to.rstrip('/')}/v1/claims",
                    content=_pieces(container, progress),
                    headers=headers,
                    timeout=ANSWER_SECONDS_MAX,
                )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unusable("SERVICE_UNREACHABLE", f"{to} does not answer: {error}") from None
    _tell(answer.status_code, _body(answer.text), json_)


def zipped(folder: Path, target: Path) -> Path:
    """Write the files of a folder into a zip whose bytes depend on nothing but names and contents."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        raise Unusable(
            "BUNDLE_EMPTY", f"the folder {folder} is empty: put claim.json and the documents in it"
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            container.writestr(entry, path.read_bytes())
    return target


def _progress() -> Progress:
    columns = (TextColumn("uploading"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=aside, transient=True, disable=not os.isatty(2))


def _pieces(path: Path, progress: Progress) -> Iterator[bytes]:
    task = progress.add_task("upload", total=path.stat().st_size)
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            yield piece
            progress.advance(task, len(piece))


def _body(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return (
        found
        if isinstance(found, dict)
        else {"detail": "the answer is no JSON document; is this a co-op service?"}
    )


def _tell(status: int, body: dict[str, Any], as_json: bool) -> None:
    accepted = status == 202
    if as_json:
        emit_json(body)
    elif accepted:
        people.print(
            f"accepted: claim {body['claim_name']} ({body['claim_number']}), {body['claim_id']}", markup=False
        )
        people.print(f"received: {body['received_at']}, deadline: {body['deadline_text']}", markup=False)
        for document in body["documents"]:
            problem = f"  ({document['problem']})" if document["problem"] else ""
            people.print(f"  {document['sha256'][:16]}…  {document['file']}{problem}", markup=False)
    else:
        people.print(f"refused ({status} {body.get('code', '')}): {body.get('detail', '')}", markup=False)
        for item in body.get("items", ()):
            people.print(f"  {item['where']}: {item['detail']}", markup=False)
    if not accepted:
        raise SystemExit(EXIT_NO)
