"""A PDF seen as bytes: where its streams lie, what is written between them, and what decoding them would cost.

Nothing is rendered and no object graph is built, so a survey costs a few milliseconds and its cost is bounded by the
file's size. Stream dictionaries are never compressed (ISO 32000-2, 7.5.7); the other objects are seen after object
streams are inflated. What a file hides from this view is still met by the limits of the process that reads it.
"""

import re
import zlib
from bisect import bisect_right
from dataclasses import dataclass

from services.kit.limits import Limits
from services.validator.readers.refusals import Refused

_STREAMS_MAX = 200_000
_HEAD_BYTES_MAX = 64 * 1024
_DRAWS_MAX = 1_000_000
_PIECE_BYTES = 1 << 20

_OBJECT_NUMBER = re.compile(rb"(\d{1,10})\s{1,8}\d{1,5}\s{1,8}$")
_LENGTH = re.compile(rb"/Length\s{0,8}(\d{1,10})(?!\s{1,8}\d{1,5}\s{1,8}R)")
_FILTER = re.compile(rb"/(?:Filter|F)\s{0,8}(\[[^\]]{0,400}\]|/[A-Za-z0-9]{1,40})")
_NAME = re.compile(rb"/([A-Za-z0-9]{1,40})")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_IMAGE = re.compile(rb"/Subtype\s{0,8}/Image\b")
_FORM = re.compile(rb"/Subtype\s{0,8}/Form\b")
_OBJECT_STREAM = re.compile(rb"/Type\s{0,8}/ObjStm\b")
_WIDTH = re.compile(rb"/(?:Width|W)\s{0,8}(\d{1,10})")
_HEIGHT = re.compile(rb"/(?:Height|H)\s{0,8}(\d{1,10})")
_RESOURCES_ELSEWHERE = re.compile(rb"/Resources\s{0,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R")
_XOBJECTS = re.compile(rb"/XObject\s{0,8}(?:<<([^>]{0,20000})>>|(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R)")
_NAMED_REFERENCE = re.compile(rb"/([^\s/<>\[\]()]{1,127})\s{1,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R")
_DRAW = re.compile(rb"/([^\s/<>\[\]()]{1,127})\s{1,8}Do\b")

# The most bytes that one byte can become (deflate 1032, LZW 12-bit codes, run length 64 for each byte of a pair).
_GROWTH = {
    b"FlateDecode": 1032,
    b"Fl": 1032,
    b"LZWDecode": 2731,
    b"LZW": 2731,
    b"RunLengthDecode": 64,
    b"RL": 64,
}
_DEFLATE, _RUN_LENGTH = (b"FlateDecode", b"Fl"), (b"RunLengthDecode", b"RL")


@dataclass(frozen=True, slots=True)
class PdfStream:
    """One stream: its object number where it has one, its dictionary as written, its bytes as an interval."""

    number: int | None
    head: bytes
    start: int
    end: int

    @property
    def filters(self) -> tuple[bytes, ...]:
        """The names of its decoders, in the order of decoding."""
        found = _FILTER.search(self.head)
        return tuple(_NAME.findall(found.group(1))) if found else ()

    @property
    def is_image(self) -> bool:
        """Whether it is an image XObject."""
        return _IMAGE.search(self.head) is not None

    @property
    def is_form(self) -> bool:
        """Whether it is a form XObject."""
        return _FORM.search(self.head) is not None


@dataclass(frozen=True, slots=True)
class PdfSurvey:
    """What the bytes show. `objects` is all text outside streams and inside object streams, names unescaped."""

    content: bytes
    streams: tuple[PdfStream, ...]
    objects: bytes

    def is_inside_stream(self, at: int) -> bool:
        """Whether the byte at `at` belongs to a stream's data."""
        index = bisect_right(self.streams, at, key=lambda stream: stream.start) - 1
        return index >= 0 and at < self.streams[index].end

    def positions(self, mark: bytes, most: int) -> list[int]:
        """Where `mark` stands outside streams, at most `most` places."""
        found: list[int] = []
        at = self.content.find(mark)
        while at >= 0 and len(found) < most:
            if not self.is_inside_stream(at):
                found.append(at)
            at = self.content.find(mark, at + len(mark))
        return found


def survey(content: bytes, limits: Limits) -> PdfSurvey:
    """Look over a PDF. Raises Refused (resource_limit, timeout) for what would cost too much to read."""
    streams, pieces = _streams(content)
    budget = _Budget(limits.read_inflated_bytes_max)
    for stream in streams:
        if stream.is_image:
            _check_raster(stream, limits)
        elif _OBJECT_STREAM.search(stream.head):
            pieces.append(budget.inflated(content, stream))
        else:
            budget.check(content, stream)
    objects = b"\n".join(pieces)
    if b"#" in objects:
        objects = _ESCAPE.sub(lambda match: bytes((int(match.group(1), 16),)), objects)
    found = PdfSurvey(content, tuple(streams), objects)
    _check_forms(found, limits)
    return found


def _streams(content: bytes) -> tuple[list[PdfStream], list[bytes]]:
    """The streams in order, and the bytes between them (each with the dictionary of the stream that follows)."""
    streams: list[PdfStream] = []
    pieces: list[bytes] = []
    after = search = 0
    while (at := content.find(b"stream", search)) >= 0:
        search = at + 6
        if content[at - 3 : at] == b"end" or not content[max(after, at - 16) : at].rstrip().endswith(b">>"):
            continue
        if len(streams) == _STREAMS_MAX:
            raise Refused("resource_limit", f"more than {_STREAMS_MAX} streams")
        start = (
            at
            + 6
            + (2 if content[at + 6 : at + 8] == b"\r\n" else content[at + 6 : at + 7] in (b"\n", b"\r"))
        )
        floor = max(after, at - _HEAD_BYTES_MAX)
        opened = content.rfind(b"obj", floor, at)
        head = content[max(opened + 3, floor) : at]
        number = _OBJECT_NUMBER.search(content[max(opened - 24, 0) : opened]) if opened >= 0 else None
        end = _stream_end(content, head, start)
        streams.append(PdfStream(int(number.group(1)) if number else None, head, start, end))
        pieces.append(content[after:start])
        after = search = end
    pieces.append(content[after:])
    return streams, pieces


def _stream_end(content: bytes, head: bytes, start: int) -> int:
    written = _LENGTH.search(head)
    if written:
        end = start + int(written.group(1))
        if content[end : end + 16].lstrip().startswith(b"endstream"):
            return end
    end = content.find(b"endstream", start)
    return end if end >= 0 else len(content)


def _check_raster(stream: PdfStream, limits: Limits) -> None:
    width, height = _WIDTH.search(stream.head), _HEIGHT.search(stream.head)
    if width and height and int(width.group(1)) * int(height.group(1)) > limits.read_picture_pixels_max:
        size = f"{int(width.group(1))} x {int(height.group(1))}"
        raise Refused("resource_limit", f"a picture of {size} pixels")


class _Budget:
    """Bytes that all streams together may become; only those that could exceed it are really decoded."""

    def __init__(self, bytes_max: int) -> None:
        self._left = bytes_max
        self._most = bytes_max

    def check(self, content: bytes, stream: PdfStream) -> None:
        """Count what the stream becomes. Raises Refused when the budget is spent."""
        growing = [name for name in stream.filters if name in _GROWTH]
        possible = stream.end - stream.start
        for name in growing:
            possible *= _GROWTH[name]
        if not growing or possible <= self._most // 16:
            return
        held = memoryview(content)[stream.start : stream.end]
        for position, name in enumerate(growing):
            is_last = position == len(growing) - 1
            if name in _DEFLATE:
                held = memoryview(self._deflated(held, keep=not is_last))
            elif name in _RUN_LENGTH and is_last:
                self._spend(_run_length(held, self._left))
            elif len(growing) > 1:
                raise Refused("resource_limit", "stacked compression")

    def inflated(self, content: bytes, stream: PdfStream) -> bytes:
        """What an object stream says; nothing when it is encrypted or damaged."""
        if not set(stream.filters) <= set(_DEFLATE):
            return b""
        return self._deflated(memoryview(content)[stream.start : stream.end], keep=True)

    def _deflated(self, held: memoryview, *, keep: bool) -> bytes:
        pieces: list[bytes] = []
        unpacker = zlib.decompressobj()
        pending: bytes | memoryview = held
        while pending and not unpacker.eof:
            try:
                piece = unpacker.decompress(pending, _PIECE_BYTES)
            except zlib.error:
                break
            self._spend(len(piece))
            if keep:
                pieces.append(piece)
            pending = unpacker.unconsumed_tail
        return b"".join(pieces)

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Refused("resource_limit", f"unpacks to more than {self._most} bytes")


def _run_length(held: memoryview, most: int) -> int:
    """How many bytes run-length data becomes; stops counting soon after `most` (ISO 32000-2, 7.4.5)."""
    total = at = 0
    while at < len(held) and total <= most:
        length = held[at]
        if length == 128:
            break
        total += length + 1 if length < 128 else 257 - length
        at += length + 2 if length < 128 else 2
    return total


def _check_forms(found: PdfSurvey, limits: Limits) -> None:
    """Refuse forms that draw themselves, and forms that draw forms beyond any page's need."""
    forms = {
        stream.number: stream for stream in found.streams if stream.number is not None and stream.is_form
    }
    if not forms:
        return
    named = {number: _drawn_by(found, stream, forms) for number, stream in forms.items()}
    nested = {number: targets for number, targets in named.items() if targets}
    if not nested:
        return
    budget = _Budget(limits.read_inflated_bytes_max)
    draws: dict[int, list[int]] = {}
    for number, targets in nested.items():
        stream = forms[number]
        held = found.content[stream.start : stream.end]
        if stream.filters:
            held = budget.inflated(found.content, stream)
        draws[number] = [targets[name] for name in _DRAW.findall(held) if name in targets]
    for number in draws:
        if _cost(number, draws) > _DRAWS_MAX:
            raise Refused("timeout", f"drawing its nested forms takes more than {_DRAWS_MAX} steps")


def _drawn_by(found: PdfSurvey, stream: PdfStream, forms: dict[int, PdfStream]) -> dict[bytes, int]:
    """Forms that a form may draw, by the name it has for each."""
    text = stream.head
    elsewhere = _RESOURCES_ELSEWHERE.search(text)
    if elsewhere:
        text = _object_text(found, int(elsewhere.group(1)))
    named: dict[bytes, int] = {}
    for direct, number in _XOBJECTS.findall(text):
        listed = _object_text(found, int(number)) if number else direct
        for name, target in _NAMED_REFERENCE.findall(listed):
            if int(target) in forms:
                named[name] = int(target)
    return named


def _object_text(found: PdfSurvey, number: int) -> bytes:
    """The text of an object outside object streams, its last definition."""
    at = max(found.objects.rfind(b"%s%d 0 obj" % (before, number)) for before in (b"\n", b"\r", b" "))
    if at < 0:
        return b""
    end = found.objects.find(b"endobj", at)
    return found.objects[at : end if end >= 0 else at + _HEAD_BYTES_MAX]


def _cost(start: int, draws: dict[int, list[int]]) -> int:
    """Draws that one draw of form `start` leads to. Raises Refused when it leads back to itself."""
    known: dict[int, int] = {}
    under_way: set[int] = set()
    stack: list[tuple[int, bool]] = [(start, False)]
    while stack:
        number, is_done = stack.pop()
        if is_done:
            known[number] = min(
                1 + sum(known[target] for target in draws[number] if target in draws), 1 << 62
            )
            known[number] += sum(1 for target in draws[number] if target not in draws)
            under_way.discard(number)
        elif number not in known:
            if number in under_way:
                raise Refused("resource_limit", "a form that draws itself")
            under_way.add(number)
            stack.append((number, True))
            for target in set(draws[number]):
                if target in under_way:
                    raise Refused("resource_limit", "a form that draws itself")
                if target in draws:
                    stack.append((target, False))
    return known[start]
