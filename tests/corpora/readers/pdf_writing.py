"""PDFs written by hand, so that each test document holds exactly what it is about."""

import zlib
from collections.abc import Mapping, Sequence

LINES = ("INVOICE", "Invoice number: T-100", "Date: 2026-01-15", "Total EUR 1,000.00")


def stream(content: bytes, head: bytes = b"", *, deflate: bool = False) -> bytes:
    """A stream object's text."""
    if deflate:
        content, head = zlib.compress(content, 9), head + b"/Filter/FlateDecode"
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (head, len(content), content)


def text_content(lines: Sequence[str] = LINES) -> bytes:
    """A page's content that shows lines of text."""
    shown = b" ".join(
        b"1 0 0 1 50 %d Tm (%s) Tj" % (780 - 20 * n, line.encode()) for n, line in enumerate(lines)
    )
    return b"BT /F1 12 Tf %s ET" % shown


def objects(
    content: bytes | None = None,
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    resources: bytes = b"/Font<</F1 5 0 R>>",
    more: Mapping[int, bytes] | None = None,
) -> dict[int, bytes]:
    """A document of one page by object number; `more` adds or replaces objects."""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>%s>>"
        % (resources, page),
        4: stream(text_content() if content is None else content),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        **(more or {}),
    }


def write(numbered: Mapping[int, bytes], *, before: bytes = b"", previous: int | None = None) -> bytes:
    """The file, or with `before` and `previous` one more revision of it."""
    out = bytearray(before or b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = {}
    for number, text in sorted(numbered.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    start = len(out)
    out += b"xref\n"
    if previous is None:
        out += b"0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    link = b"" if previous is None else b"/Prev %d" % previous
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (max(numbered) + 1, link, start)
    return bytes(out)


def pdf(content: bytes | None = None, **parts: object) -> bytes:
    """A file of one page; `parts` as for `objects`."""
    return write(objects(content, **parts))  # type: ignore[arg-type]


def revise(content: bytes, changed: Mapping[int, bytes]) -> bytes:
    """Append a revision that redefines or adds objects."""
    previous = int(content[content.rindex(b"startxref") + 9 :].split()[0])
    return write(changed, before=content, previous=previous)


def object_stream(numbered: Mapping[int, bytes]) -> bytes:
    """Objects packed into one compressed object stream."""
    places, body = [], b""
    for number, text in numbered.items():
        places.append(b"%d %d" % (number, len(body)))
        body += text + b" "
    head = b" ".join(places) + b" "
    return stream(head + body, b"/Type/ObjStm/N %d/First %d" % (len(numbered), len(head)), deflate=True)
