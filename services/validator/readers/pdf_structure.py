"""What a PDF carries besides its pages: scripts and actions, forms, files, earlier revisions, foreign data.

These are flags for people, not refusals: an invoice with a script is still read (as text, never run), and the claim
says so. Only what cannot or must not be read is refused.
"""

import ctypes
import io
import re
import zlib
from dataclasses import dataclass

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium

from services.kit.limits import Limits
from services.validator.readers.pdf_survey import PdfSurvey, survey
from services.validator.readers.refusals import Refused

ACTIVE_CONTENT = "active_content"
EMBEDDED_FILES = "embedded_files"
ENCRYPTED = "encrypted"
INCREMENTAL_UPDATE = "incremental_update"
POLYGLOT = "polyglot"
XFA = "xfa"

HEADER_WITHIN_BYTES = 1024
_MARKS_MAX = 1000
_REVISIONS_COMPARED_MAX = 10
_REVISION_PAGES_MAX = 20
_TRAILING_BYTES_MAX = 64
_ZIP_END_WITHIN_BYTES = 66_000

_XREF_PLACE = re.compile(rb"startxref\s{1,8}\d{1,12}(?:\s{1,8}%%EOF)?")
_ENCRYPT = re.compile(rb"/Encrypt\s{0,8}(?:\d{1,10}\s{1,8}\d{1,5}\s{1,8}R|<<)")
_XFA = re.compile(rb"/XFA\b")
# Scripts, programs, sending of forms and other files are never part of an invoice; a link that a person may click is.
_ACTIVE = re.compile(
    rb"/S\s{0,8}/(?:JavaScript|Launch|SubmitForm|ImportData|GoToE|GoToR|Rendition|RichMediaExecute)\b"
    rb"|/JavaScript\b|/JS\s{0,8}(?:[(<]|\d{1,10}\s)|/RichMedia\b"
)
_AUTOMATIC = re.compile(
    rb"/(?:OpenAction|AA)\s{0,8}(?:(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R|<<\s{0,8}([^\s>][^\0]{0,400}))", re.DOTALL
)
_TARGET_OUTSIDE = re.compile(rb"/S\s{0,8}/(?:URI|Launch|JavaScript|SubmitForm)\b")
_EMBEDDED_STREAM = re.compile(rb"/Type\s{0,8}/EmbeddedFile\b")
_FOREIGN = (b"PK\x03\x04", b"PK\x05\x06", b"MZ", b"\x7fELF", b"<html", b"<HTML", b"<script", b"Rar!\x1a", b"7z\xbc\xaf",
            b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"#!/", b"%PDF-")  # fmt: skip
_PADDING = b"\0\t\n\f\r \x1a"
_OVERLAYS = (
    pdfium.FPDF_ANNOT_FREETEXT,
    pdfium.FPDF_ANNOT_STAMP,
    pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE,
    pdfium.FPDF_ANNOT_POLYGON,
    pdfium.FPDF_ANNOT_INK,
    pdfium.FPDF_ANNOT_REDACT,
)


@dataclass(frozen=True, slots=True)
class PdfStructure:
    """Flags of the file as a whole, its attachments by name as written, and how many it has."""

    flags: tuple[str, ...]
    attachments: dict[str, bytes]
    attachments_count: int


def read_structure(content: bytes, limits: Limits) -> PdfStructure:
    """Look at everything but the pages. Raises Refused (corrupt, encrypted, resource_limit, timeout)."""
    found = survey(content, limits)
    is_encrypted = _ENCRYPT.search(found.objects) is not None
    document = open_document(content)
    try:
        pages = len(document)
        if pages == 0:
            raise Refused("corrupt", "no page")
        if pages > limits.read_pages_max:
            raise Refused("resource_limit", f"{pages} pages, at most {limits.read_pages_max} are read")
        count = document.count_attachments()
        attachments = _attachments(document, count, limits)
        flags = []
        objects = found.objects
        if is_encrypted:
            flags.append(ENCRYPTED)
            objects += _decrypted_objects(content, limits)
        if has_active_content(objects):
            flags.append(ACTIVE_CONTENT)
        if _XFA.search(objects) or pdfium.FPDF_GetFormType(document.raw) in (
            pdfium.FORMTYPE_XFA_FULL,
            pdfium.FORMTYPE_XFA_FOREGROUND,
        ):
            flags.append(XFA)
        if count == 0:
            attachments = _loose_files(found, limits)
            count = len(attachments)
        if is_polyglot(found):
            flags.append(POLYGLOT)
        if _was_changed(found, document):
            flags.append(INCREMENTAL_UPDATE)
    finally:
        document.close()
    return PdfStructure(tuple(flags), attachments, count)


def open_document(content: bytes) -> pypdfium2.PdfDocument:
    """Open a PDF, trying the empty password. Raises Refused (encrypted, corrupt)."""
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Refused("encrypted", "a password is needed") from None
        raise Refused("corrupt", "no PDF reader can open it") from None


def has_active_content(objects: bytes) -> bool:
    """Whether something would run, be started or be sent, or an address be opened without a click."""
    if _ACTIVE.search(objects):
        return True
    for match in _AUTOMATIC.finditer(objects):
        number, direct = match.groups()
        text = direct or _referenced(objects, int(number))
        if _TARGET_OUTSIDE.search(text):
            return True
    return False


def _referenced(objects: bytes, number: int) -> bytes:
    at = objects.rfind(b"\n%d 0 obj" % number)
    return objects[at : at + 400] if at >= 0 else b""


def is_polyglot(found: PdfSurvey) -> bool:
    """Whether the file is, or carries in front of or behind the PDF, something that is no PDF."""
    content = found.content
    header = content.find(b"%PDF-", 0, HEADER_WITHIN_BYTES)
    if header > 0 and content[:header].lstrip(_PADDING).startswith(_FOREIGN):
        return True
    ends = found.positions(b"%%EOF", _MARKS_MAX)
    if ends:
        trailing = content[ends[-1] + 5 :].strip(_PADDING)
        if len(trailing) > _TRAILING_BYTES_MAX or trailing.startswith(_FOREIGN):
            return True
    if found.positions(b"PK\x03\x04", 1):
        return True
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - _ZIP_END_WITHIN_BYTES))
    return end >= 0 and end + 22 + int.from_bytes(content[end + 20 : end + 22], "little") == len(content)


def _attachments(document: pypdfium2.PdfDocument, count: int, limits: Limits) -> dict[str, bytes]:
    attachments: dict[str, bytes] = {}
    for index in range(min(count, limits.read_attachments_max)):
        attachment = document.get_attachment(index)
        try:
            name = attachment.get_name()
            held = bytes(attachment.get_data())
        except (pypdfium2.PdfiumError, UnicodeDecodeError, ValueError):
            continue
        if len(held) <= limits.read_attachment_bytes_max:
            attachments.setdefault(name, held)
    return attachments


def _loose_files(found: PdfSurvey, limits: Limits) -> dict[str, bytes]:
    """Embedded files that no name tree lists (they hang on an annotation or on nothing)."""
    files: dict[str, bytes] = {}
    for stream in found.streams:
        if len(files) == limits.read_attachments_max:
            break
        if not _EMBEDDED_STREAM.search(stream.head):
            continue
        held = found.content[stream.start : stream.end]
        if stream.filters:
            unpacker = zlib.decompressobj()
            try:
                held = unpacker.decompress(held, limits.read_attachment_bytes_max)
            except zlib.error:
                held = b""
        files[f"attachment {len(files) + 1}"] = held[: limits.read_attachment_bytes_max]
    return files


def _decrypted_objects(content: bytes, limits: Limits) -> bytes:
    """The text of the objects of a file that opens with the empty password; nothing when pypdf gives up on it."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), password="")
        plain = io.BytesIO()
        pypdf.PdfWriter(clone_from=reader).write(plain)
    except MemoryError:
        raise
    except Exception:
        # pypdf answers damage with exceptions of every kind; the pages are read by pdfium all the same.
        return b""
    return survey(plain.getvalue(), limits).objects


def _was_changed(found: PdfSurvey, document: pypdfium2.PdfDocument) -> bool:
    """Whether an earlier revision shows other pages. Signatures, added files and metadata leave the pages alone."""
    content = found.content
    revisions = _revision_ends(found)
    if revisions and b"/Linearized" in content[: HEADER_WITHIN_BYTES * 2]:
        revisions = revisions[1:]
    if not revisions:
        return False
    shown = _appearance(document)
    for end in revisions[-_REVISIONS_COMPARED_MAX:]:
        try:
            earlier = pypdfium2.PdfDocument(content[:end])
        except pypdfium2.PdfiumError:
            continue
        try:
            before = _appearance(earlier)
        finally:
            earlier.close()
        if before and before != shown:
            return True
    return False


def _revision_ends(found: PdfSurvey) -> list[int]:
    """Where each revision but the last one ends. The cross-reference's own mark counts: %%EOF may have been cut out."""
    ends = []
    for at in found.positions(b"startxref", _MARKS_MAX):
        written = _XREF_PLACE.match(found.content, at)
        if written:
            ends.append(written.end())
    return ends[:-1]


def _appearance(document: pypdfium2.PdfDocument) -> list[tuple[str, int, int]]:
    """Of each page: its text, how many objects are painted, how many notes lie over it."""
    pages: list[tuple[str, int, int]] = []
    for index in range(min(len(document), _REVISION_PAGES_MAX)):
        page = pdfium.FPDF_LoadPage(document.raw, index)
        if not page:
            continue
        try:
            overlays = sum(
                _annotation_kind(page, number) in _OVERLAYS
                for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MARKS_MAX))
            )
            pages.append((_plain_text(page), pdfium.FPDFPage_CountObjects(page), overlays))
        finally:
            pdfium.FPDF_ClosePage(page)
    return pages


def _plain_text(page: pdfium.FPDF_PAGE) -> str:
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return ""
    try:
        count = pdfium.FPDFText_CountChars(text_page)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
        return bytes(buffer)[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _annotation_kind(page: pdfium.FPDF_PAGE, number: int) -> int:
    annotation = pdfium.FPDFPage_GetAnnot(page, number)
    if not annotation:
        return -1
    kind: int = pdfium.FPDFAnnot_GetSubtype(annotation)
    pdfium.FPDFPage_CloseAnnot(annotation)
    return kind
