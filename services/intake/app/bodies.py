"""Request bodies within bounds: small JSON is counted while it is read, uploads go to disk as they come."""

import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from schemas.bundle import MANIFEST_NAME
from services.intake.core.texts import holds_nul
from services.intake.handlers import Upload, UploadedFile, parts_sha256
from services.kit.http import ProblemError, Repeatable, body_sha256, platform_of
from services.kit.keys import Principal
from services.kit.platform import Platform

ZIP_TYPES = frozenset({"application/zip", "application/x-zip-compressed", "application/octet-stream"})
FORM_TYPE = "multipart/form-data"
_COPY_BYTES = 1024 * 1024


class BoundedRoute(APIRoute):
    """A route whose JSON body is refused with 413 as soon as it exceeds `request_json_bytes_max`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler so that the body is counted while it is read."""
        handle = super().get_route_handler()

        async def counted(request: Request) -> Response:
            bytes_max = platform_of(request).limits.request_json_bytes_max
            return await handle(Request(request.scope, _counting(request.receive, bytes_max)))

        return counted


def _counting(receive: Receive, bytes_max: int) -> Receive:
    seen_bytes = 0

    async def counted() -> Message:
        nonlocal seen_bytes
        message = await receive()
        seen_bytes += len(message.get("body", b""))
        if seen_bytes > bytes_max:
            raise HTTPException(413, f"a JSON body may have {bytes_max} bytes")
        return message

    return counted


def repeatable(caller: Principal, route: str, key: str | None, body: BaseModel | bytes) -> Repeatable:
    """Return what tells a repeat of this request from another one; equal JSON values are one body.

    Raises ProblemError 422 for a text that cannot be kept.
    """
    if isinstance(body, BaseModel) and holds_nul(body.model_dump()):
        raise ProblemError(422, "REQUEST_INVALID", "a text has a NUL character: take it out")
    content = body if isinstance(body, bytes) else body.model_dump_json().encode()
    return Repeatable(caller.key_id, route, key, body_sha256(content))


async def bounded_body(request: Request, bytes_max: int) -> bytes:
    """Read a whole small body. Raises ProblemError 413."""
    content = bytearray()
    async for chunk in _bounded(request, bytes_max):
        content += chunk
    return bytes(content)


@asynccontextmanager
async def spooled(request: Request, platform: Platform) -> AsyncIterator[Upload]:
    """Read an upload to disk and delete it afterwards. Raises ProblemError 400, 413 or 415."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ZIP_TYPES and media_type != FORM_TYPE:
        raise ProblemError(
            415, "MEDIA_TYPE_UNSUPPORTED", f"send the bundle as application/zip, or its files as {FORM_TYPE}"
        )
    with tempfile.TemporaryDirectory(prefix="coop-upload-") as folder:
        try:
            if media_type == FORM_TYPE:
                upload = await _form(request, platform, Path(folder))
            else:
                upload = await _container(request, platform, Path(folder))
        except ClientDisconnect:
            raise ProblemError(400, "UPLOAD_CUT_OFF", "the upload ended early: send it again") from None
        yield upload


async def _bounded(request: Request, bytes_max: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces; what is declared is believed only when it is too much."""
    declared = request.headers.get("content-length", "")
    too_large = ProblemError(
        413, "UPLOAD_TOO_LARGE", f"the body may have {bytes_max} bytes (upload_bytes_max)"
    )
    if declared.isdecimal() and int(declared) > bytes_max:
        raise too_large
    seen_bytes = 0
    async for chunk in request.stream():
        seen_bytes += len(chunk)
        if seen_bytes > bytes_max:
            raise too_large
        yield chunk
    if declared.isdecimal() and int(declared) != seen_bytes:
        raise ProblemError(
            400, "UPLOAD_CUT_OFF", "the body is not as long as its Content-Length: send it again"
        )


async def _container(request: Request, platform: Platform, folder: Path) -> Upload:
    digest = hashlib.sha256()
    path = folder / "container"
    with path.open("wb") as container:
        async for chunk in _bounded(request, platform.limits.upload_bytes_max):
            digest.update(chunk)
            await run_in_threadpool(container.write, chunk)
    return Upload(platform.clock.now(), digest.hexdigest(), container=path)


async def _form(request: Request, platform: Platform, folder: Path) -> Upload:
    limits = platform.limits
    parser = MultiPartParser(
        request.headers,
        _bounded(request, limits.upload_bytes_max),
        max_files=limits.upload_entries_max,
        max_fields=limits.upload_entries_max,
        max_part_size=limits.manifest_bytes_max,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise ProblemError(400, "MULTIPART_INVALID", f"the form cannot be read: {error.message}") from None
    received_at = platform.clock.now()
    try:
        parts = await run_in_threadpool(_parts, form, folder)
    finally:
        await form.close()
    return Upload(received_at, await run_in_threadpool(parts_sha256, parts), parts=parts)


def _parts(form: FormData, folder: Path) -> tuple[UploadedFile, ...]:
    """Write each file of the form to a numbered file; the manifest may also be a plain field."""
    parts: list[UploadedFile] = []
    for number, (field, value) in enumerate(form.multi_items()):
        path = folder / f"part-{number:04d}"
        if isinstance(value, UploadFile):
            with path.open("wb") as copy:
                shutil.copyfileobj(value.file, copy, _COPY_BYTES)
            parts.append(UploadedFile(value.filename or field, path, value.content_type))
        elif field == MANIFEST_NAME:
            path.write_text(value, encoding="utf-8")
            parts.append(UploadedFile(MANIFEST_NAME, path, None))
        else:
            raise ProblemError(
                400, "MULTIPART_INVALID", f"the form field {field!r} is neither a file nor {MANIFEST_NAME}"
            )
    return tuple(parts)
