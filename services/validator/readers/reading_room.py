"""Where documents of strangers are read and drawn: always in confined children, always with an answer."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from schemas.facts import Box, DocumentFacts, ReadStatus
from services.kit.limits import Limits
from services.kit.sandbox import Sandbox, SandboxFailed, SandboxLimits
from services.validator.readers import ocr
from services.validator.readers.likeness_answer import Likeness, as_json, from_json
from services.validator.readers.ocr_reading import is_wanted
from services.validator.readers.reading import read_document, rejected
from services.validator.readers.refusals import REASONS, Refused
from services.validator.readers.rendering import PNG_SIGNATURE, render_with_boxes

_PRELOADED = ("services.validator.readers.reading_room", "PIL.PngImagePlugin", "PIL.JpegImagePlugin")
_READ, _RENDER, _COMPARED = b"F", b"P", b"L"
_REFUSED = b"R"


def perform(content: bytes, options: Mapping[str, Any]) -> bytes:
    """One job inside a child: facts or a likeness as JSON, or a page as PNG, or the reason why not; the first byte tells which."""
    limits = Limits.model_validate(options["limits"])
    if options["job"] in {"read", "recognize"}:
        looking = ocr.engine() if options["job"] == "recognize" else None
        facts = read_document(content, file_name=options["file_name"], limits=limits, engine=looking)
        return _READ + facts.model_dump_json().encode()
    try:
        if options["job"] == "compare":
            # Loads numpy, which only comparing needs.
            from services.validator.readers.likeness_pictures import compare_pictures

            size = options["first_bytes"]
            found = compare_pictures(content[:size], content[size:], limits)
            return _COMPARED + json.dumps(as_json(found)).encode()
        boxes = [tuple(box) for box in options["boxes"]]
        return _RENDER + render_with_boxes(content, options["page"], options["scale"], boxes, limits)
    except Refused as refused:
        return _REFUSED + refused.reason.encode()


class ReadingRoom:
    """Reads and draws documents. Several threads may use one room; each waits for a free child.

    Whatever a document does, `read` answers with its facts or a named reason, and its neighbors are unaffected.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._bounds = self.limits.model_dump(mode="json")
        self._sandbox = Sandbox(
            perform,
            SandboxLimits(
                children_count=self.limits.read_children_count,
                memory_bytes_max=self.limits.read_memory_bytes_max,
                cpu_seconds_max=self.limits.read_cpu_seconds_max,
                seconds_max=self.limits.read_seconds_max,
                result_bytes_max=self.limits.read_result_bytes_max,
                documents_per_child_max=self.limits.read_documents_per_child_max,
            ),
            preload=_PRELOADED,
        )
        # Recognition takes longer and loads models: it has children of its own, made when the first picture comes.
        self._recognition: Sandbox | None = None
        if self.limits.read_ocr_pages_max > 0 and ocr.is_available():
            self._recognition = Sandbox(
                perform,
                SandboxLimits(
                    children_count=1,
                    memory_bytes_max=self.limits.read_ocr_memory_bytes_max,
                    cpu_seconds_max=self.limits.read_ocr_cpu_seconds_max,
                    seconds_max=self.limits.read_ocr_seconds_max,
                    result_bytes_max=self.limits.read_result_bytes_max,
                    documents_per_child_max=self.limits.read_documents_per_child_max,
                ),
                preload=(*_PRELOADED, "services.validator.readers.ocr_loaded"),
            )

    @property
    def network_isolated(self) -> bool:
        """Whether the children cannot reach a network on this platform."""
        return self._sandbox.network_isolated

    def start(self) -> None:
        """Start the children now, so that the first document does not wait."""
        self._sandbox.start()

    def close(self) -> None:
        """End the children."""
        self._sandbox.close()
        if self._recognition is not None:
            self._recognition.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, content: bytes, file_name: str) -> DocumentFacts:
        """What the document says, or why it is not read. Raises SandboxUnavailable when there is no process to
        read in (also after `close`): the document is to be read again later."""
        if len(content) > self.limits.document_bytes_max:
            return rejected(content, "resource_limit")
        facts = self._read_in(self._sandbox, "read", content, file_name)
        if self._recognition is None or facts.status is ReadStatus.REJECTED or not is_wanted(facts.flags):
            return facts
        seen = self._read_in(self._recognition, "recognize", content, file_name)
        # What recognition cannot do in its bounds is not done; the document was read all the same.
        return facts if seen.status is ReadStatus.REJECTED else seen

    def _read_in(self, sandbox: Sandbox, job: str, content: bytes, file_name: str) -> DocumentFacts:
        try:
            answer = sandbox.run(content, {"job": job, "file_name": file_name, "limits": self._bounds})
            facts = DocumentFacts.model_validate_json(answer.removeprefix(_READ))
        except SandboxFailed as failed:
            return rejected(content, failed.reason)
        except ValidationError:
            return rejected(content, "crashed")
        if facts.sha256 != hashlib.sha256(content).hexdigest():
            return rejected(content, "crashed")
        return facts

    def render(self, content: bytes, page: int = 1, scale: float = 2.0, boxes: Sequence[Box] = ()) -> bytes:
        """A PNG of one page with places outlined. Raises Refused (a reason of REASONS, or crashed)."""
        options = {"job": "render", "page": page, "scale": scale, "boxes": boxes, "limits": self._bounds}
        try:
            answer = self._sandbox.run(content, options)
        except SandboxFailed as failed:
            raise Refused(failed.reason, failed.detail) from None
        if answer.startswith(_RENDER + PNG_SIGNATURE):
            return answer[1:]
        reason = answer[1:].decode("ascii", "replace")
        raise Refused(reason if reason in REASONS else "crashed")

    def compare(self, one: bytes, other: bytes) -> Likeness:
        """Whether two pictures are the same, and what was changed. Raises Refused (a reason of REASONS, or crashed)
        and SandboxUnavailable."""
        if max(len(one), len(other)) > self.limits.document_bytes_max:
            raise Refused("resource_limit")
        options = {"job": "compare", "first_bytes": len(one), "limits": self._bounds}
        try:
            answer = self._sandbox.run(one + other, options)
        except SandboxFailed as failed:
            raise Refused(failed.reason, failed.detail) from None
        if answer.startswith(_COMPARED):
            try:
                return from_json(json.loads(answer[1:]))
            except (KeyError, TypeError, ValueError):
                raise Refused("crashed") from None
        reason = answer[1:].decode("ascii", "replace")
        raise Refused(reason if reason in REASONS else "crashed")
