"""The type of a file by its content. The name only tells whether somebody calls it something else."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.validator.readers.refusals import Refused

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
WEBP = "image/webp"
XML = "application/xml"
MAIL = "message/rfc822"
TEXT = "text/plain"
HTML = "text/html"
SVG = "image/svg+xml"
UNKNOWN = "application/octet-stream"

PICTURES = frozenset({PNG, JPEG, TIFF, WEBP})
READ_TYPES = PICTURES | {PDF, XML, MAIL, TEXT}

EXTENSION_MISMATCH = "extension_mismatch"

_EXTENSIONS = {
    "pdf": PDF, "png": PNG, "jpg": JPEG, "jpeg": JPEG, "jpe": JPEG, "tif": TIFF, "tiff": TIFF, "webp": WEBP,
    "xml": XML, "eml": MAIL, "txt": TEXT, "text": TEXT,
}  # fmt: skip
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-msdownload"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
)
_HEADER_WITHIN_BYTES = 1024
_LOOK_BYTES = 64 * 1024
_MAIL_HEADER = re.compile(
    rb"^(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|MIME-Version|Message-ID|X-[\w-]{1,40}):[ \t]",
    re.IGNORECASE,
)
_HTML = re.compile(rb"<(?:!doctype\s{1,8}html|html|head|body|script|iframe|table|div)\b", re.IGNORECASE)
_SVG = re.compile(rb"<(?:[\w.-]{1,40}:)?svg[\s>]", re.IGNORECASE)
_MARKS_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the content is, and whether the extension says something else that is also read."""

    media_type: str
    is_renamed: bool


def sniff(content: bytes, file_name: str) -> Sniffed:
    """The type of a file that is read. Raises Refused (empty, wrong_type, corrupt, unsupported_type)."""
    if not content:
        raise Refused("empty", "the file has no bytes")
    found = media_type_of(content)
    called = _EXTENSIONS.get(PurePosixPath(file_name.replace("\\", "/")).suffix.lower().removeprefix("."))
    if called == XML and found in {SVG, HTML, TEXT}:
        # An .xml that is none is answered by the XML reader, which knows why.
        return Sniffed(XML, is_renamed=False)
    if called in {MAIL, TEXT} and found in {MAIL, TEXT, HTML}:
        return Sniffed(called, is_renamed=False)
    if found in READ_TYPES and (found != TEXT or called is None):
        if found in {XML, MAIL} and called in PICTURES | {PDF}:
            raise Refused("wrong_type", f"called {called}, but it is {found}")
        return Sniffed(found, is_renamed=called is not None and called != found)
    if called is None:
        raise Refused("unsupported_type", f"{found} is not read")
    if found == UNKNOWN:
        raise Refused("corrupt", f"called {called}, but its first bytes are of no known type")
    raise Refused("wrong_type", f"called {called}, but it is {found}")


def media_type_of(content: bytes) -> str:
    """The media type that the first bytes show."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp":
        return "image/heic" if content[8:12] in {b"heic", b"heix", b"mif1", b"hevc"} else "video/mp4"
    if b"%PDF-" in content[:_HEADER_WITHIN_BYTES]:
        return PDF
    return _media_type_of_text(content[:_LOOK_BYTES])


def _media_type_of_text(head: bytes) -> str:
    if head.startswith(_MARKS_UTF16) or head[:4] in {b"<\0?\0", b"\0<\0?"}:
        head = head.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        if _SVG.search(text[:4096]):
            return SVG
        if text.startswith(b"<?xml") or not _HTML.search(text[:1024]):
            return XML
        return HTML
    if _MAIL_HEADER.match(text):
        return MAIL
    if text and b"\0" not in text and _share_of_controls(text) < 0.01:
        return TEXT
    return UNKNOWN


def _share_of_controls(text: bytes) -> float:
    printable = text.translate(None, bytes(range(9)) + bytes(range(14, 32)) + b"\x7f\x0b")
    return 1 - len(printable) / len(text)
