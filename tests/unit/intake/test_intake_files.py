"""Content decides the type; name and declaration must agree, and each disagreement has its own reason."""

import pytest

from services.intake.core.files import Content, FileProblem, check, extension_of
from services.intake.handlers.sniffing import sniffed

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"
    b"\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"\xff\xdb\0C\0" + bytes(150) + b"\xff\xd9"
TIFF = b"II*\0\x08\0\0\0\x01\0\x00\x01\x04\0\x01\0\0\0\x01\0\0\0\0\0\0\0"
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0"
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Invoice\r\nDate: Tue, 1 Oct 2019 10:00:00 +0000\r\n\r\nHello\r\n"
HTML = b"<!DOCTYPE html><html><body>hi</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
ZIP = b"PK\x03\x04\x14\0\0\0\0\0" + bytes(40)
LIMIT = 1_000_000


def problem(name: str, content: bytes, declared: str | None = None, limit: int = LIMIT) -> FileProblem | None:
    return check(Content(name, len(content), content[:4096], sniffed(content), declared), limit).problem


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("invoice.pdf", PDF, "application/pdf"),
        ("INVOICE.PDF", PDF, "application/pdf"),
        ("scan", PDF, "application/pdf"),
        ("late.pdf", b"garbage of a mail gateway\n" * 4 + PDF, "application/pdf"),
        ("page.png", PNG, "image/png"),
        ("photo.jpg", JPEG, "image/jpeg"),
        ("photo.jpeg", JPEG, "image/jpeg"),
        ("scan.tif", TIFF, "image/tiff"),
        ("page.webp", WEBP, "image/webp"),
        ("invoice.xml", XML, "application/xml"),
        ("invoice.xml", "\ufeff<Invoice/>".encode(), "application/xml"),
        (
            "invoice.xml",
            "<?xml version='1.0' encoding='utf-16'?><Invoice/>".encode("utf-16"),
            "application/xml",
        ),
        ("proof/mail.eml", MAIL, "message/rfc822"),
    ],
)
def test_a_file_that_is_what_it_says_has_no_problem(name: str, content: bytes, media_type: str) -> None:
    found = check(Content(name, len(content), content[:4096], sniffed(content)), LIMIT)
    assert (found.media_type, found.problem) == (media_type, None)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("invoice.pdf", b"", FileProblem.EMPTY),
        ("invoice.pdf", PDF + bytes(LIMIT), FileProblem.TOO_LARGE),
        ("page.png", HTML, FileProblem.WRONG_TYPE),
        ("page.png", SVG, FileProblem.WRONG_TYPE),
        ("page.png", PDF, FileProblem.WRONG_TYPE),
        ("invoice.pdf", JPEG, FileProblem.WRONG_TYPE),
        ("invoice.pdf", b"random bytes that are no document at all", FileProblem.WRONG_TYPE),
        ("invoice.docx", PDF, FileProblem.WRONG_TYPE),
        ("invoice.xml", HTML, FileProblem.WRONG_TYPE),
        ("invoice.pdf", ZIP, FileProblem.WRONG_TYPE),
        ("more.zip", ZIP, FileProblem.UNSUPPORTED_TYPE),
        ("banner.gif", GIF, FileProblem.UNSUPPORTED_TYPE),
        ("page.svg", SVG, FileProblem.UNSUPPORTED_TYPE),
        ("page.html", HTML, FileProblem.UNSUPPORTED_TYPE),
        ("notes.txt", b"call at noon\n", FileProblem.UNSUPPORTED_TYPE),
        ("run.exe", b"MZ" + bytes(100), FileProblem.UNSUPPORTED_TYPE),
        ("page.png", PNG[:20], FileProblem.CORRUPT),
        ("page.png", PNG[:8] + bytes(80), FileProblem.CORRUPT),
        ("photo.jpg", JPEG[:20], FileProblem.CORRUPT),
        ("scan.tif", TIFF[:4] + b"\xff\xff\0\0" + TIFF[8:], FileProblem.CORRUPT),
        ("page.webp", WEBP[:20], FileProblem.CORRUPT),
    ],
)
def test_a_file_that_is_not_what_it_says_has_its_own_problem(
    name: str, content: bytes, expected: FileProblem
) -> None:
    assert problem(name, content) is expected


def test_a_declared_type_that_the_content_contradicts_is_a_problem_of_its_own() -> None:
    assert problem("invoice.pdf", PDF, "image/png") is FileProblem.DECLARED_TYPE
    assert problem("invoice.pdf", PDF, "application/pdf; charset=binary") is None
    assert problem("invoice.pdf", PDF, "application/octet-stream") is None
    assert problem("invoice.xml", XML, "text/xml") is None


def test_a_page_that_hides_a_pdf_header_is_no_pdf() -> None:
    assert (
        problem("invoice.pdf", b"<!DOCTYPE html><html><body>%PDF-1.4</body></html>") is FileProblem.WRONG_TYPE
    )


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.PDF", ".pdf"), ("a.tar.gz", ".gz"), ("a", ""), (".pdf", ""), ("x.y/a", ""), ("a.", ".")],
)
def test_the_extension_is_what_follows_the_last_dot_of_the_file_name(name: str, extension: str) -> None:
    assert extension_of(name) == extension
