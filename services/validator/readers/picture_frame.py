"""A picture file as bytes: its size in pixels before anything is decoded, and what lies behind its end."""

import struct

from services.validator.readers.sniffing import JPEG, PNG, WEBP

_SEGMENTS_MAX = 10_000
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset(range(0xD0, 0xD8)) | {0x01}
_END, _SCAN = 0xD9, 0xDA
_PADDING = b"\0\t\n\r \xff"


def declared_size(content: bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height as the header says, or None when it has to be opened to know."""
    if media_type == PNG and len(content) >= 24 and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if media_type == JPEG:
        return _jpeg_size(content)
    if media_type == WEBP and content[12:16] == b"VP8X" and len(content) >= 30:
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    return None


def has_trailing_bytes(content: bytes, media_type: str) -> bool:
    """Whether more than padding follows the end of the picture."""
    end = {PNG: _png_end, JPEG: _jpeg_end, WEBP: _webp_end}.get(media_type, lambda _: None)(content)
    return end is not None and bool(content[end:].strip(_PADDING))


def _png_end(content: bytes) -> int | None:
    at = 8
    while at + 12 <= len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        kind = content[at + 4 : at + 8]
        at += 12 + size
        if kind == b"IEND":
            return at
    return None


def _webp_end(content: bytes) -> int | None:
    size = int.from_bytes(content[4:8], "little")
    return 8 + size + size % 2


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_SEGMENTS_MAX):
        marker, at = _next_marker(content, at)
        if marker is None or marker in {_SCAN, _END} or at + 7 > len(content):
            return None
        if marker in _SOF:
            height, width = struct.unpack(">HH", content[at + 3 : at + 7])
            return width, height
        at += _segment_size(content, at)
    return None


def _jpeg_end(content: bytes) -> int | None:
    """After the end marker of the outermost picture; thumbnails live inside segments, which are skipped whole."""
    at = 2
    for _ in range(_SEGMENTS_MAX):
        marker, at = _next_marker(content, at)
        if marker is None:
            return None
        if marker == _END:
            return at
        if marker in _WITHOUT_LENGTH:
            continue
        at += _segment_size(content, at)
        if marker == _SCAN:
            at = _scan_end(content, at)
    return None


def _scan_end(content: bytes, at: int) -> int:
    """Where entropy-coded data ends: at the first marker that is neither a stuffed byte nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        following = content[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at


def _next_marker(content: bytes, at: int) -> tuple[int | None, int]:
    if content[at : at + 1] != b"\xff":
        return None, at
    while content[at : at + 1] == b"\xff":
        at += 1
    return (content[at], at + 1) if at < len(content) else (None, at)


def _segment_size(content: bytes, at: int) -> int:
    return max(int.from_bytes(content[at : at + 2], "big"), 2)
