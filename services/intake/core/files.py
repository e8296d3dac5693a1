"""One file of a bundle: is it what it says it is? Type is decided by content; name and declaration must agree.

A file that fails is stored all the same and carries its problem; only reading it can say more.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 4096
"""How much of a file's beginning `Content.head` holds."""

_GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-unknown"})
_PLAIN = frozenset({"text/plain", "application/octet-stream"})


class FileProblem(StrEnum):
    """Why the bytes are no sound file of the declared type; each becomes a finding of the same code."""

    EMPTY = "FILE_EMPTY"
    TOO_LARGE = "FILE_TOO_LARGE"
    UNSUPPORTED_TYPE = "FILE_UNSUPPORTED_TYPE"
    WRONG_TYPE = "FILE_WRONG_TYPE"
    DECLARED_TYPE = "FILE_DECLARED_TYPE"
    CORRUPT = "FILE_CORRUPT"


@dataclass(frozen=True)
class Content:
    """What is known of a file without reading it: `sniffed` is libmagic's word, `declared` the sender's."""

    name: str
    size_bytes: int
    head: bytes
    sniffed: str
    declared: str | None = None


@dataclass(frozen=True)
class Checked:
    """The media type by content, and what is wrong."""

    media_type: str
    problem: FileProblem | None


@dataclass(frozen=True)
class _Type:
    media_type: str
    extensions: frozenset[str]
    sniffs: frozenset[str]
    is_type: Callable[[bytes], bool]
    is_sound: Callable[[Content], bool]


def check(content: Content, bytes_max: int) -> Checked:
    """Return the type of `content` and the first thing that is wrong with it."""
    found = next((kind for kind in _TYPES if _matches(kind, content)), None)
    media_type = found.media_type if found else content.sniffed or "application/octet-stream"
    return Checked(media_type, _problem(content, found, bytes_max))


def _problem(content: Content, found: _Type | None, bytes_max: int) -> FileProblem | None:
    if content.size_bytes == 0:
        return FileProblem.EMPTY
    if content.size_bytes > bytes_max:
        return FileProblem.TOO_LARGE
    extension = extension_of(content.name)
    named = next((kind for kind in _TYPES if extension in kind.extensions), None)
    if found is None:
        return FileProblem.UNSUPPORTED_TYPE if named is None else FileProblem.WRONG_TYPE
    if extension and named is not found:
        return FileProblem.WRONG_TYPE
    declared = (content.declared or "").partition(";")[0].strip().lower()
    if declared not in _GENERIC and declared not in found.sniffs:
        return FileProblem.DECLARED_TYPE
    return None if found.is_sound(content) else FileProblem.CORRUPT


def _matches(kind: _Type, content: Content) -> bool:
    """Our own signature decides; libmagic may know less, but must not name another type."""
    agreeing = content.sniffed in kind.sniffs or content.sniffed in _PLAIN or not content.sniffed
    return agreeing and kind.is_type(content.head)


def extension_of(name: str) -> str:
    """The lower-case extension with its dot; empty where the name has none."""
    stem, dot, extension = name.rpartition("/")[2].rpartition(".")
    return f".{extension.lower()}" if dot and stem else ""


def _always_sound(content: Content) -> bool:
    return True


def _is_pdf(head: bytes) -> bool:
    # ISO 32000-1 Annex H: readers accept the header anywhere in the first 1024 bytes.
    # A page that merely mentions the header is a page.
    return b"%PDF-" in head[:1024] and not head.lstrip().startswith(b"<")


def _png_is_sound(content: Content) -> bool:
    smallest_bytes = 57  # signature, IHDR, an empty IDAT and IEND
    return content.size_bytes >= smallest_bytes and content.head[8:16] == b"\0\0\0\rIHDR"


def _jpeg_is_sound(content: Content) -> bool:
    smallest_bytes = 125
    return content.size_bytes >= smallest_bytes and content.head[3:4] not in (b"\x00", b"\xff")


def _is_tiff(head: bytes) -> bool:
    return head[:4] in (b"II*\0", b"MM\0*")


def _tiff_is_sound(content: Content) -> bool:
    first_directory = int.from_bytes(content.head[4:8], "little" if content.head[:1] == b"I" else "big")
    return 8 <= first_directory <= content.size_bytes - 6


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _webp_is_sound(content: Content) -> bool:
    return int.from_bytes(content.head[4:8], "little") + 8 <= content.size_bytes


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.decode("utf-8-sig", "replace")


_MARKUP = re.compile(r"\s*(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*", re.DOTALL)
_ROOT = re.compile(r"<(?![!?/])(?:[\w.-]+:)?([\w.-]+)")
_PAGES = frozenset({"html", "svg", "body", "head", "script"})


def _is_xml(head: bytes) -> bool:
    text = _text(head)
    prolog = _MARKUP.match(text)
    start = prolog.end() if prolog else 0
    if not text[start:].startswith("<") or text[start : start + 14].lower() == "<!doctype html":
        return False
    root = _ROOT.search(text, start)
    # A root beyond the head (a long comment or DTD) is left to the reader.
    return root is None or root.group(1).lower() not in _PAGES


_MAIL_FIELD = re.compile(r"[!-9;-~]+:[ \t]?.*")
_MAIL_KNOWN = frozenset(
    {"from", "to", "date", "subject", "received", "message-id", "mime-version", "return-path"}
)


def _is_mail(head: bytes) -> bool:
    """RFC 5322: fields from the first line on, at least two of the usual ones among them."""
    known: set[str] = set()
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        if not line or (number == len(lines) - 1 and len(head) >= HEAD_BYTES):
            break
        if line[0] in " \t" and number:
            continue
        if not _MAIL_FIELD.fullmatch(line):
            return False
        known.add(line.partition(":")[0].lower())
    return len(known & _MAIL_KNOWN) >= 2


_TYPES: tuple[_Type, ...] = (
    _Type(
        "application/pdf",
        frozenset({".pdf"}),
        frozenset({"application/pdf", "application/x-pdf"}),
        _is_pdf,
        _always_sound,
    ),
    _Type(
        "image/png",
        frozenset({".png"}),
        frozenset({"image/png"}),
        lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
        _png_is_sound,
    ),
    _Type(
        "image/jpeg",
        frozenset({".jpg", ".jpeg", ".jpe", ".jfif"}),
        frozenset({"image/jpeg", "image/jpg", "image/pjpeg"}),
        lambda head: head.startswith(b"\xff\xd8\xff"),
        _jpeg_is_sound,
    ),
    _Type("image/tiff", frozenset({".tif", ".tiff"}), frozenset({"image/tiff"}), _is_tiff, _tiff_is_sound),
    _Type("image/webp", frozenset({".webp"}), frozenset({"image/webp"}), _is_webp, _webp_is_sound),
    _Type(
        "application/xml",
        frozenset({".xml"}),
        frozenset({"application/xml", "text/xml"}),
        _is_xml,
        _always_sound,
    ),
    _Type(
        "message/rfc822",
        frozenset({".eml"}),
        frozenset({"message/rfc822", "message/news", "text/x-mail", "application/mbox"}),
        _is_mail,
        _always_sound,
    ),
)
ALLOWED_MEDIA_TYPES = tuple(kind.media_type for kind in _TYPES)
ALLOWED_EXTENSIONS = tuple(sorted(extension for kind in _TYPES for extension in kind.extensions))
