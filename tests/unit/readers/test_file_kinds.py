"""Types by content, e-mails and pictures: what is said, and what is refused."""

import io

import pytest
from PIL import Image

from services.kit.limits import Limits
from services.validator.readers.mail import read_mail, safe_name
from services.validator.readers.picture import read_picture
from services.validator.readers.plain_text import read_text
from services.validator.readers.refusals import REASONS, Refused
from services.validator.readers.sniffing import (
    JPEG,
    MAIL,
    PDF,
    PNG,
    TEXT,
    TIFF,
    WEBP,
    XML,
    media_type_of,
    sniff,
)
from tests.corpora.readers.build import FOLDER

ACCEPTED = FOLDER / "accept"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("invoice.pdf", PDF),
        ("junk_before_header.pdf", PDF),
        ("screenshot.png", PNG),
        ("photo.jpg", JPEG),
        ("two_pages.tif", TIFF),
        ("screenshot.webp", WEBP),
        ("dated.eml", MAIL),
        ("invoice.txt", TEXT),
        ("../reject/other.xml", XML),
        ("../reject/laughs_utf16.xml", XML),
        ("../reject/page.html", "text/html"),
        ("../reject/svg.jpg", "image/svg+xml"),
        ("../reject/office.docx", "application/zip"),
        ("../reject/noise.pdf", "application/octet-stream"),
    ],
)
def test_content_decides_the_type(name: str, media_type: str) -> None:
    assert media_type_of((ACCEPTED / name).read_bytes()) == media_type


def test_a_name_without_an_extension_is_no_lie() -> None:
    sniffed = sniff((ACCEPTED / "invoice.pdf").read_bytes(), "invoice")
    assert (sniffed.media_type, sniffed.is_renamed) == (PDF, False)


def test_every_refusal_of_the_corpus_is_a_named_reason() -> None:
    rows = (FOLDER / "expected.tsv").read_text().splitlines()
    assert {row.split("\t")[1] for row in rows if row.startswith("reject/")} <= REASONS


@pytest.mark.parametrize(
    ("written", "safe"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../../tmp/x.pdf", "x.pdf"),
        ("..\\..\\y.pdf", "y.pdf"),
        ("C:\\temp\\z.pdf", "z.pdf"),
        ("a\0b.pdf", "a_b.pdf"),
        ("..", "attachment"),
        ("/", "attachment"),
        ("con.pdf", "_con.pdf"),
        ("Rechnung Nr. 5 (März).pdf", "Rechnung Nr. 5 (März).pdf"),
        ("x" * 300 + ".pdf", "x" * 120),
    ],
)
def test_a_name_loses_its_folders_and_its_tricks(written: str, safe: str) -> None:
    assert safe_name(written) == safe
    assert safe_name(safe) == safe


def test_the_day_of_an_e_mail_is_the_senders_own() -> None:
    mail = read_mail((ACCEPTED / "dated.eml").read_bytes(), Limits())
    values = {field: fact.value for field, fact in mail.facts.items()}
    assert values == {
        "sender": "a@example.com",
        "recipients": "b@example.com",
        "subject": "Spring såle",
        "sent_on": "2026-01-15",
    }
    assert mail.facts["sent_on"].raw == "Thu, 15 Jan 2026 23:30:00 -0800"


def test_a_date_that_is_none_is_kept_as_written_and_not_guessed() -> None:
    mail = read_mail(b"From: a@example.com\r\nDate: yesterday\r\n\r\nx", Limits())
    assert (mail.facts["sent_on"].value, mail.facts["sent_on"].raw) == (None, "yesterday")


def test_attachments_are_named_safely_and_numbered() -> None:
    mail = read_mail((ACCEPTED / "attachments.eml").read_bytes(), Limits())
    named = {field: fact.value for field, fact in mail.facts.items() if field.startswith("attachment_")}
    assert named == {
        "attachment_1": "x.pdf",
        "attachment_2": "y.pdf",
        "attachment_3": "plain.pdf",
        "attachment_4": "_con",
    }


def test_an_e_mail_header_cannot_add_lines() -> None:
    mail = read_mail(b"From: a@example.com\r\nSubject: =?utf-8?q?x=0D=0ABcc:_y?=\r\n\r\nx", Limits())
    assert mail.facts["subject"].value == "x Bcc: y"


def test_the_camera_s_day_is_a_fact_of_the_file() -> None:
    picture = read_picture((ACCEPTED / "photo.jpg").read_bytes(), JPEG, Limits())
    assert picture.facts["taken_on"].value == "2026-01-15"
    assert [(size.width, size.height) for size in picture.page_sizes] == [(320, 200)]


def test_a_turned_photo_has_the_size_it_is_shown_in() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    held = io.BytesIO()
    Image.radial_gradient("L").resize((300, 200)).save(held, "JPEG", exif=exif)
    sizes = read_picture(held.getvalue(), JPEG, Limits()).page_sizes
    assert [(size.width, size.height) for size in sizes] == [(200, 300)]


def test_the_bound_on_pixels_is_the_first_size_that_is_read() -> None:
    held = io.BytesIO()
    Image.radial_gradient("L").resize((200, 100)).save(held, "PNG")
    read_picture(held.getvalue(), PNG, Limits(read_picture_pixels_max=20_000))
    with pytest.raises(Refused, match="too_many_pixels"):
        read_picture(held.getvalue(), PNG, Limits(read_picture_pixels_max=19_999))


def test_every_named_page_of_a_scan_is_counted() -> None:
    assert len(read_picture((ACCEPTED / "two_pages.tif").read_bytes(), TIFF, Limits()).page_sizes) == 2


def test_a_text_file_keeps_its_columns_and_pages() -> None:
    pages = read_text("a   b\n\tc\fd".encode("utf-16"), Limits())
    assert [[word.text for word in page.words] for page in pages] == [["a", "b", "c"], ["d"]]
    a, b, c = pages[0].words
    assert (a.box, b.box, c.box) == ((0, 0, 6, 12), (24, 0, 30, 12), (48, 12, 54, 24))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"From: a@example.com\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\nx", "resource_limit"),
        (b"From: a@example.com\r\n\r\n" + b"--b\r\n" * 20_000, "resource_limit"),
        (b"X-Nothing: a\r\n\r\nx", "corrupt"),
    ],
)
def test_an_e_mail_that_only_costs_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_mail(content, Limits())
    assert refused.value.reason == reason


def test_the_bound_on_words_of_a_text_is_the_most_that_is_read() -> None:
    limits = Limits(read_words_per_page_max=3)
    assert len(read_text(b"a b c", limits)[0].words) == 3
    with pytest.raises(Refused, match="resource_limit"):
        read_text(b"a b c d", limits)


def test_the_bound_on_pages_of_a_text_is_the_most_that_is_read() -> None:
    limits = Limits(read_pages_max=2)
    assert len(read_text(b"a\fb", limits)) == 2
    with pytest.raises(Refused, match="resource_limit"):
        read_text(b"a\fb\fc", limits)
