"""From the bytes of one document to what it says: the type decides the reader, a refusal is an answer too."""

import hashlib
from collections.abc import Iterable
from itertools import chain

from schemas.csr import CSR_ATTACHMENT
from schemas.facts import DocumentFacts, PageSize, ReadStatus
from services.kit.limits import Limits
from services.validator.readers import hybrid
from services.validator.readers.csr.reading import read_csr
from services.validator.readers.einvoice import NotAnEinvoice, XmlReading, is_einvoice, read_einvoice
from services.validator.readers.invoice_text import TextReading, read_invoice
from services.validator.readers.mail import KIND as MAIL_KIND
from services.validator.readers.mail import read_mail
from services.validator.readers.ocr import Engine
from services.validator.readers.ocr_frame import displayed_facts, displayed_rows
from services.validator.readers.ocr_reading import (
    NO_OCR,
    Recognized,
    as_displayed,
    confirm_total,
    recognize,
    with_only_date,
)
from services.validator.readers.pdf_structure import EMBEDDED_FILES, PdfStructure, read_structure
from services.validator.readers.pdf_words import PageWords, PdfTextError, read_pages
from services.validator.readers.picture import NO_CONTENT, read_picture
from services.validator.readers.plain_text import read_text
from services.validator.readers.poe import proof_facts
from services.validator.readers.refusals import Refused
from services.validator.readers.sniffing import (
    EXTENSION_MISMATCH,
    MAIL,
    PDF,
    PICTURES,
    UNKNOWN,
    XML,
    media_type_of,
    sniff,
)
from services.validator.readers.text_trust import flags_of
from services.validator.readers.version import ENGINE_VERSION
from services.validator.readers.xml_hardened import XmlLimits, XmlRefused

CSR_KIND = "csr"
NO_TEXT = "no_text"
_HEADER = frozenset({"invoice_number", "issue_date", "total_gross", "total_net", "total_tax"})
_XML_REASONS = {"too_large": "resource_limit"}
_PDF_REASONS = {"pdf_password": "encrypted", "pdf_unopenable": "corrupt"}


def read_document(
    content: bytes, *, file_name: str, limits: Limits | None = None, engine: Engine | None = None
) -> DocumentFacts:
    """What one document says; with an `engine` also what its pictures say. For any bytes the answer is facts or a
    named refusal; time and memory are not bounded here."""
    bounds = limits or Limits()
    try:
        if len(content) > bounds.document_bytes_max:
            raise Refused(
                "resource_limit", f"{len(content)} bytes, at most {bounds.document_bytes_max} are read"
            )
        sniffed = sniff(content, file_name)
        facts = _read(content, sniffed.media_type, bounds, engine)
    except Refused as refused:
        return rejected(content, refused.reason)
    except XmlRefused as refused:
        return rejected(content, _XML_REASONS.get(refused.reason, refused.reason))
    except NotAnEinvoice:
        return rejected(content, "unsupported_type")
    except PdfTextError as error:
        return rejected(content, _PDF_REASONS.get(error.code, "resource_limit"))
    if sniffed.is_renamed:
        return facts.model_copy(update={"flags": (*facts.flags, EXTENSION_MISMATCH)})
    return facts


def rejected(content: bytes, reason: str) -> DocumentFacts:
    """The answer for a document that is not read."""
    return DocumentFacts(
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=media_type_of(content) if content else UNKNOWN,
        status=ReadStatus.REJECTED,
        reason=reason,
        engine=ENGINE_VERSION,
    )


def _read(content: bytes, media_type: str, limits: Limits, engine: Engine | None) -> DocumentFacts:
    answer = DocumentFacts(
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=media_type,
        status=ReadStatus.READ,
        engine=ENGINE_VERSION,
    )
    if media_type == PDF:
        return answer.model_copy(update=_pdf(content, limits, engine))
    if media_type == XML:
        return answer.model_copy(update=_xml_invoice(read_einvoice(content, _xml_limits(limits))))
    if media_type == MAIL:
        mail = read_mail(content, limits)
        return answer.model_copy(
            update={"kind": MAIL_KIND, "facts": mail.facts, "flags": mail.flags, "pages": 1}
        )
    if media_type in PICTURES:
        return answer.model_copy(update=_picture(content, media_type, limits, engine))
    pages = read_text(content, limits)
    return answer.model_copy(update={**_pages(pages), **_text_invoice(read_invoice(pages))})


def _picture(content: bytes, media_type: str, limits: Limits, engine: Engine | None) -> dict[str, object]:
    picture = read_picture(content, media_type, limits)
    sizes = picture.page_sizes
    said: dict[str, object] = {
        "facts": picture.facts,
        "flags": picture.flags,
        "pages": len(sizes),
        "page_sizes": sizes,
    }
    if NO_CONTENT in picture.flags:
        return said
    blank = tuple(
        PageWords(number, size.width, size.height, (), image_share=1.0, objects=1)
        for number, size in enumerate(sizes, 1)
    )
    recognized = recognize(content, media_type, blank, engine, limits)
    flags = (*picture.flags, NO_OCR) if recognized.unread else picture.flags
    if not recognized.frames:
        return {**said, "flags": flags}
    text = as_displayed(read_invoice(recognized.pages), recognized)
    shown = proof_facts(recognized.pages, recognized.frames)
    if not _is_paper(text):
        return {**said, "facts": {**picture.facts, **shown}, "flags": flags}
    facts = {**with_only_date(text.facts, shown), **picture.facts, **shown}
    return {**said, **_text_invoice(text), "facts": facts, "flags": flags}


def _is_paper(text: TextReading) -> bool:
    """Whether a picture shows an invoice or the like: any page of a shop shows an amount somewhere."""
    return text.kind is not None or len(text.facts.keys() & _HEADER) > 1


def _pages(pages: tuple[PageWords, ...]) -> dict[str, object]:
    return {
        "pages": len(pages),
        "page_sizes": tuple(PageSize(width=page.width, height=page.height) for page in pages),
    }


def _text_invoice(text: TextReading) -> dict[str, object]:
    return {"kind": text.kind, "facts": text.facts, "lines": text.lines, "flags": text.flags}


def _xml_invoice(xml: XmlReading) -> dict[str, object]:
    return {
        "kind": xml.kind,
        "facts": xml.facts,
        "lines": xml.lines,
        "flags": xml.flags,
        "rules_checked": xml.rules_checked,
        "rules_broken": xml.rules_broken,
    }


def _xml_limits(limits: Limits) -> XmlLimits:
    return XmlLimits(
        xml_bytes_max=limits.read_xml_bytes_max,
        xml_depth_max=limits.read_xml_depth_max,
        xml_elements_max=limits.read_xml_elements_max,
    )


def _pdf(content: bytes, limits: Limits, engine: Engine | None) -> dict[str, object]:
    structure = read_structure(content, limits)
    layer = read_pages(content, limits)
    recognized = recognize(content, PDF, layer, engine, limits)
    flags = [*structure.flags, *_page_flags(layer, recognized)]
    csr = read_csr(recognized.pages, structure.attachments)
    if csr is not None:
        said: dict[str, object] = {
            "kind": CSR_KIND,
            "facts": displayed_facts(csr.facts, recognized.frames),
            "lines": displayed_rows(csr.rows, recognized.frames),
            "other_costs": displayed_rows(csr.other_costs, recognized.frames),
        }
        if structure.attachments_count > (1 if CSR_ATTACHMENT in structure.attachments else 0):
            flags.append(EMBEDDED_FILES)
        return {**_pages(layer), **said, "flags": _unique(flags, csr.flags)}
    text = as_displayed(read_invoice(recognized.pages), recognized)
    # What the text layer hides or garbles stays worth knowing after its page was recognized.
    flags += (flag for flag in flags_of(layer) if not recognized.frames or flag != NO_TEXT)
    facts, seen_flags = confirm_total(content, PDF, text.facts, flags, engine, limits)
    flags += seen_flags
    if text.kind is None:
        facts |= proof_facts(recognized.pages, recognized.frames)
    xml, xml_flags = _attached_invoice(structure, limits)
    flags += xml_flags
    if structure.attachments_count > (1 if xml else 0):
        flags.append(EMBEDDED_FILES)
    if xml is None:
        said = {**_text_invoice(text), "facts": facts}
        return {**_pages(layer), **said, "flags": _unique(flags)}
    facts, mismatches = hybrid.merge(xml.facts, facts, recognized.pages)
    said = {**_xml_invoice(xml), "facts": facts, "lines": xml.lines or text.lines}
    return {**_pages(layer), **said, "flags": _unique(flags, xml.flags, mismatches)}


def _page_flags(pages: tuple[PageWords, ...], recognized: Recognized) -> list[str]:
    if all(page.objects == 0 and not page.words for page in pages):
        return [NO_CONTENT]
    return [NO_OCR] if recognized.unread else []


def _attached_invoice(structure: PdfStructure, limits: Limits) -> tuple[XmlReading | None, list[str]]:
    """The first attachment whose root is an invoice, whatever its name. Several are flagged, as is one not taken in."""
    bounds = _xml_limits(limits)
    invoices = [
        held for held in structure.attachments.values() if _may_be_xml(held) and is_einvoice(held, bounds)
    ]
    flags = ["several_invoices"] if len(invoices) > 1 else []
    for held in invoices:
        try:
            return read_einvoice(held, bounds), flags
        except (XmlRefused, NotAnEinvoice):
            flags.append("attachment_unreadable")
    return None, flags


def _may_be_xml(held: bytes) -> bool:
    return b"<" in held[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))
