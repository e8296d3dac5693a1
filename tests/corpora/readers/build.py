"""Writes the reading corpus: `python -m tests.corpora.readers.build`. Each document is about one thing.

`documents()` names every file with what reading must answer: `accept/<name>` with the flags it raises (of those that
are the file's own, not its text's), `reject/<name>` with the reason.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdf
from PIL import Image, ImageDraw

from services.kit.limits import Limits
from tests.corpora.readers.pdf_writing import object_stream, objects, pdf, revise, stream, text_content, write

FOLDER = Path(__file__).parent
LIMITS = Limits(read_inflated_bytes_max=16 << 20, read_ocr_pages_max=0)
"""What is expected of the corpus is expected under these limits: its bombs are small ones."""
_FILE = b"MZ this program cannot be run"
_NOT_SEEN = (
    b"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 1 1]/FS<</Type/Filespec/F(a.exe)/EF<</F 7 0 R>>>>>>"
)


def documents() -> dict[str, tuple[str, bytes]]:
    """Path below this folder -> (flags in order of the alphabet, or the reason; the bytes)."""
    return {
        **{f"accept/{name}": (flags, content) for name, flags, content in _accepted_pdfs()},
        **{f"accept/{name}": (flags, content) for name, flags, content in _accepted_pictures()},
        **{f"accept/{name}": (flags, content) for name, flags, content in _accepted_others()},
        **{f"reject/{name}": (reason, content) for name, reason, content in _rejected_pdfs()},
        **{f"reject/{name}": (reason, content) for name, reason, content in _rejected_pictures()},
        **{f"reject/{name}": (reason, content) for name, reason, content in _rejected_others()},
    }


def _accepted_pdfs() -> Iterator[tuple[str, str, bytes]]:
    plain = pdf()
    yield "invoice.pdf", "", plain
    yield "compressed.pdf", "", pdf(more={4: stream(text_content(), deflate=True)})
    yield "junk_before_header.pdf", "", b"junk\r\n\r\n" + plain
    yield "open_at_page.pdf", "", pdf(catalog=b"/OpenAction[3 0 R/Fit]")
    yield "open_by_goto.pdf", "", pdf(catalog=b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>")
    link = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.com)>>>>]"
    yield "link.pdf", "", pdf(page=link)
    yield (
        "javascript.pdf",
        "active_content",
        pdf(catalog=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    )
    yield "javascript_escaped.pdf", "active_content", pdf(catalog=b"/OpenAction<</S/J#61vaScr#69pt/J#53(1)>>")
    packed = objects(catalog=b"/OpenAction 6 0 R", more={7: object_stream({6: b"<</S/Launch/F(cmd.exe)>>"})})
    yield "launch_in_object_stream.pdf", "active_content", write(packed)
    yield (
        "address_opened_by_itself.pdf",
        "active_content",
        pdf(catalog=b"/AA<</WC<</S/URI/URI(http://127.0.0.1)>>>>"),
    )
    yield "form_sent.pdf", "active_content", pdf(page=b"/AA<</O<</S/SubmitForm/F(http://127.0.0.1)>>>>")
    yield "xfa.pdf", "xfa", pdf(catalog=b"/AcroForm<</Fields[]/XFA 6 0 R>>", more={6: stream(b"<xdp/>")})
    names = b"/Names<</EmbeddedFiles<</Names[(a.exe) 6 0 R]>>>>"
    spec = b"<</Type/Filespec/F(a.exe)/UF(a.exe)/EF<</F 7 0 R>>>>"
    carried = {6: spec, 7: stream(_FILE, b"/Type/EmbeddedFile")}
    yield "program_attached.pdf", "embedded_files", pdf(catalog=names, more=carried)
    hung = {6: _NOT_SEEN, 7: stream(_FILE, b"/Type/EmbeddedFile", deflate=True)}
    yield "program_on_annotation.pdf", "embedded_files", pdf(page=b"/Annots[6 0 R]", more=hung)
    yield (
        "total_changed.pdf",
        "incremental_update",
        revise(plain, {4: stream(text_content(("Total EUR 8,000.00",)))}),
    )
    changed = revise(plain.replace(b"%%EOF\n", b""), {4: stream(text_content(("Total EUR 8,000.00",)))})
    yield "total_changed_mark_cut.pdf", "incremental_update", changed
    note = b"<</Type/Annot/Subtype/FreeText/Rect[50 700 200 720]/Contents(9,000.00)/DA(/Helv 12 Tf)>>"
    noted = objects(page=b"/Annots[6 0 R]")[3]
    yield "note_laid_over.pdf", "incremental_update", revise(plain, {3: noted, 6: note})
    dated = objects(catalog=b"/Metadata 6 0 R")[1]
    yield (
        "metadata_added.pdf",
        "",
        revise(plain, {1: dated, 6: stream(b"<x/>", b"/Type/Metadata/Subtype/XML")}),
    )
    yield "zip_behind.pdf", "polyglot", plain + _zip(("a.exe", _FILE))
    yield "zip_behind_with_eof.pdf", "polyglot", plain + _zip(("a.exe", _FILE)) + b"%%EOF\n"
    yield "page_in_front.pdf", "polyglot", b"<html></html>\n" + plain
    yield "page_behind.pdf", "polyglot", plain + b"<html><script>alert(1)</script></html>"
    yield "blank.pdf", "no_content", pdf(b"")
    image = stream(
        b"\x80" * 64, b"/Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8"
    )
    scan = pdf(b"500 0 0 700 40 40 cm /I Do", resources=b"/XObject<</I 6 0 R>>", more={6: image})
    yield "scan.pdf", "no_ocr", scan
    yield "owner_password_only.pdf", "encrypted", _encrypted(plain, "", "owner")
    yield "deep_array.pdf", "", pdf(more={6: b"[" * 5000 + b"]" * 5000})


def _rejected_pdfs() -> Iterator[tuple[str, str, bytes]]:
    yield "empty.pdf", "empty", b""
    yield "password.pdf", "encrypted", _encrypted(pdf(), "user", "owner")
    yield "header_only.pdf", "corrupt", b"%PDF-1.7\n"
    yield "no_pages.pdf", "corrupt", pdf(more={2: b"<</Type/Pages/Kids[]/Count 0>>"})
    yield (
        "pages_201.pdf",
        "resource_limit",
        pdf(more={2: b"<</Type/Pages/Kids[%s]/Count 201>>" % (b"3 0 R " * 201)}),
    )
    raster = b"/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray/BitsPerComponent 8"
    yield "raster.pdf", "resource_limit", pdf(more={6: stream(b"", raster)})
    packed = zlib.compress(zlib.compress(bytes(24 << 20), 9), 9)
    yield (
        "inflates_twice.pdf",
        "resource_limit",
        pdf(more={4: stream(packed, b"/Filter[/FlateDecode/FlateDecode]")}),
    )
    runs = zlib.compress(b"\x81 " * (3 << 16), 9)
    yield "runs.pdf", "resource_limit", pdf(more={4: stream(runs, b"/Filter[/FlateDecode/RunLengthDecode]")})
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
    itself = stream(b"/X Do /X Do", form + b"/Resources<</XObject<</X 6 0 R>>>>")
    yield (
        "form_draws_itself.pdf",
        "resource_limit",
        pdf(b"/X Do", resources=b"/XObject<</X 6 0 R>>", more={6: itself}),
    )
    laughs = {
        number: stream(
            b"/X Do " * 30, form + b"/Resources<</XObject<</X %d 0 R>>>>" % (number + 1), deflate=True
        )
        for number in range(6, 12)
    }
    laughs[12] = stream(b"0 0 1 1 re f", form)
    yield "form_laughs.pdf", "timeout", pdf(b"/X Do", resources=b"/XObject<</X 6 0 R>>", more=laughs)


def _picture(kind: str, size: tuple[int, int] = (320, 200), **how: object) -> bytes:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((20, 20), "Spring sale - example.com", fill="black", font_size=18)
    return _saved(picture, kind, **how)


def _saved(picture: Image.Image, kind: str, **how: object) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **how)
    return held.getvalue()


def _accepted_pictures() -> Iterator[tuple[str, str, bytes]]:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:01:15 10:30:00"
    seen = "no_ocr"
    yield "screenshot.png", seen, _picture("PNG")
    yield "photo.jpg", seen, _picture("JPEG", exif=exif)
    yield "screenshot.webp", seen, _picture("WEBP")
    yield "progressive.jpg", seen, _picture("JPEG", progressive=True)
    yield (
        "two_pages.tif",
        seen,
        _saved(
            Image.new("1", (64, 64)),
            "TIFF",
            save_all=True,
            append_images=[Image.linear_gradient("L").resize((64, 64))],
        ),
    )
    yield "png_called.jpg", "extension_mismatch,no_ocr", _picture("PNG")
    yield "white.png", "no_content", _saved(Image.new("RGB", (300, 200), "white"), "PNG")
    yield "black.jpg", "no_content", _saved(Image.new("RGB", (300, 200)), "JPEG")
    yield "clear.png", "no_content", _saved(Image.new("RGBA", (300, 200), (255, 0, 0, 0)), "PNG")
    yield "tiny.png", "no_ocr,too_small", _picture("PNG", (200, 40))
    for name, kind in (("behind.png", "PNG"), ("behind.jpg", "JPEG"), ("behind.webp", "WEBP")):
        yield name, "no_ocr,trailing_data", _picture(kind) + _zip(("a.exe", _FILE))
    thumbnail = b"Exif\0\0" + _picture("JPEG", (80, 60))
    photo = _picture("JPEG")
    yield (
        "thumbnail.jpg",
        seen,
        photo[:2] + b"\xff\xe2" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + photo[2:],
    )


def _shade(value: int) -> Image.Image:
    return Image.new("L", (8, 8), value)


def _shades(count: int) -> list[Image.Image]:
    return [_shade(value + 1) for value in range(count)]


def _rejected_pictures() -> Iterator[tuple[str, str, bytes]]:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    yield (
        "pixels.png",
        "too_many_pixels",
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
    )
    photo = _picture("JPEG")
    frame = photo.index(b"\xff\xc0") + 5
    yield (
        "pixels.jpg",
        "too_many_pixels",
        photo[:frame] + struct.pack(">HH", 65_000, 65_000) + photo[frame + 4 :],
    )
    wide = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\0" * 2
    yield "pixels.webp", "too_many_pixels", b"RIFF" + struct.pack("<I", 4 + len(wide)) + b"WEBP" + wide
    yield "pixels.tif", "too_many_pixels", _saved(Image.new("1", (9000, 9000)), "TIFF", compression="group4")
    yield "cut.png", "corrupt", _picture("PNG")[:400]
    yield "cut.jpg", "corrupt", photo[: len(photo) // 2]
    yield "header_only.png", "corrupt", b"\x89PNG\r\n\x1a\n"
    pages = [Image.new("1", (8, 8)) for _ in range(50)]
    yield (
        "frames_51.tif",
        "resource_limit",
        _saved(Image.new("1", (8, 8)), "TIFF", save_all=True, append_images=pages),
    )
    yield (
        "frames_51.png",
        "resource_limit",
        _saved(_shade(0), "PNG", save_all=True, append_images=_shades(50)),
    )
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2 << 20), 9))
    shot = _picture("PNG")
    yield "text_unpacks.png", "resource_limit", shot[:33] + text + shot[33:]
    yield "moving.gif", "unsupported_type", _saved(Image.new("P", (8, 8)), "GIF")
    yield "html.png", "wrong_type", b"<html><script>alert(1)</script></html>"
    yield (
        "svg.jpg",
        "wrong_type",
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    )
    yield "gif.png", "wrong_type", _saved(Image.new("P", (8, 8)), "GIF")
    yield "noise.png", "corrupt", bytes(range(255, -1, -1)) * 4


def _accepted_others() -> Iterator[tuple[str, str, bytes]]:
    yield "invoice.txt", "", b"INVOICE\nInvoice number: T-100\nDate: 2026-01-15\nTotal EUR 1,000.00\n"
    dated = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?q?Spring_s=C3=A5le?=\r\n"
    dated += b"Date: Thu, 15 Jan 2026 23:30:00 -0800\r\n"
    yield "dated.eml", "", dated + b"\r\nHello\r\n"
    part = (
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=%s\r\n\r\nx\r\n"
    )
    parts = b"".join(
        part % name for name in (b'"../../x.pdf"', b'"..\\\\..\\\\y.pdf"', b'"plain.pdf"', b'"con"')
    )
    mixed = (
        dated
        + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + parts
        + b"--b--\r\n"
    )
    yield "attachments.eml", "attachment_name_unsafe", mixed


def _rejected_others() -> Iterator[tuple[str, str, bytes]]:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "x">' + entities + b"]><a>&a9;</a>"
    yield "laughs.xml", "dtd_forbidden", laughs
    yield "outside.xml", "dtd_forbidden", b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'
    yield "laughs_utf16.xml", "dtd_forbidden", laughs.decode().encode("utf-16")
    yield "deep.xml", "too_deep", b"<a>" * 5000 + b"</a>" * 5000
    yield "cut.xml", "corrupt", b"<Invoice><a></Invoice>"
    yield "other.xml", "unsupported_type", b"<?xml version='1.0'?><rss><channel/></rss>"
    yield "page.html", "unsupported_type", b"<!DOCTYPE html><html></html>"
    yield (
        "office.docx",
        "unsupported_type",
        _zip(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")),
    )
    yield "zip.pdf", "wrong_type", _zip(("a.pdf", b"%PD"))
    yield "program.pdf", "wrong_type", _FILE
    yield "program_before_pdf.pdf", "wrong_type", _FILE + pdf()
    yield "program.exe", "unsupported_type", _FILE
    yield "noise.pdf", "corrupt", bytes(range(255, -1, -1)) * 4
    head = b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    yield "messages_40.eml", "too_deep", head * 40 + b"Subject: x\r\n\r\nx"
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    mixed = b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    yield "parts_150.eml", "resource_limit", mixed + part * 150 + b"--b--\r\n"


def _zip(*members: tuple[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return held.getvalue()


def _encrypted(content: bytes, user: str, owner: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(content)))
    writer.encrypt(user, owner, algorithm="AES-256")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def main() -> None:
    """Write every file and the table of what is expected of it."""
    rows = []
    for path, (expected, content) in documents().items():
        (FOLDER / path).parent.mkdir(exist_ok=True)
        (FOLDER / path).write_bytes(content)
        rows.append(f"{path}\t{expected}\n")
    (FOLDER / "expected.tsv").write_text("".join(sorted(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
