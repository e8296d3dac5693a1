"""Damage of any kind ends in facts or in a named refusal, never in anything else."""

import zlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.facts import ReadStatus
from services.kit.limits import Limits
from services.validator.readers.hybrid import merge
from services.validator.readers.mail import safe_name
from services.validator.readers.pdf_survey import survey
from services.validator.readers.picture_frame import declared_size, has_trailing_bytes
from services.validator.readers.reading import read_document
from services.validator.readers.refusals import REASONS, Refused
from services.validator.readers.sniffing import JPEG, PNG, WEBP, media_type_of, sniff
from tests.corpora.readers.build import FOLDER
from tests.corpora.readers.pdf_writing import pdf, stream, text_content

LIMITS = Limits(read_inflated_bytes_max=8 << 20, read_picture_pixels_max=200_000)
bounded = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
INVOICE = (
    b'<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
    b' xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
    b"<c:ID>T-100</c:ID><c:IssueDate>2026-01-15</c:IssueDate><c:InvoiceTypeCode>380</c:InvoiceTypeCode>"
    b"<c:DocumentCurrencyCode>EUR</c:DocumentCurrencyCode></Invoice>"
)
SOUND = {
    "a.pdf": pdf(),
    "b.pdf": pdf(more={4: stream(text_content(), deflate=True)}),
    "a.png": (FOLDER / "accept/screenshot.png").read_bytes(),
    "a.jpg": (FOLDER / "accept/photo.jpg").read_bytes(),
    "a.webp": (FOLDER / "accept/screenshot.webp").read_bytes(),
    "a.tif": (FOLDER / "accept/two_pages.tif").read_bytes(),
    "a.eml": (FOLDER / "accept/attachments.eml").read_bytes(),
    "a.xml": INVOICE,
    "a.txt": (FOLDER / "accept/invoice.txt").read_bytes(),
}


def damage(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    held = bytearray(content)
    for place, removed, added in changes:
        at = place % (len(held) + 1)
        held[at : at + removed] = added
    return bytes(held)


def reason_of(act: Callable[..., object], *given: object) -> str | None:
    try:
        act(*given)
    except Refused as refused:
        return refused.reason
    return None


changes = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), st.binary(max_size=20)), min_size=1, max_size=4
)


@pytest.mark.parametrize("name", sorted(SOUND))
def test_a_sound_document_is_read(name: str) -> None:
    assert read_document(SOUND[name], file_name=name, limits=LIMITS).status is ReadStatus.READ


@pytest.mark.parametrize("name", sorted(SOUND))
@bounded
@given(changes=changes)
def test_a_damaged_document_is_read_or_refused_by_name(
    name: str, changes: list[tuple[int, int, bytes]]
) -> None:
    facts = read_document(damage(SOUND[name], changes), file_name=name, limits=LIMITS)
    assert (facts.status is ReadStatus.READ) == (facts.reason is None)
    assert facts.reason is None or facts.reason in REASONS


@bounded
@given(
    content=st.binary(max_size=300),
    name=st.sampled_from(["a.pdf", "a.png", "a.xml", "a.eml", "a.txt", "a", ""]),
)
def test_any_bytes_have_an_answer(content: bytes, name: str) -> None:
    facts = read_document(content, file_name=name, limits=LIMITS)
    assert facts.reason is None or facts.reason in REASONS


@bounded
@given(content=st.binary(max_size=300), name=st.text(max_size=20))
def test_sniffing_answers_or_refuses(content: bytes, name: str) -> None:
    assert media_type_of(content)
    assert reason_of(sniff, content, name) in {None, *REASONS}


@bounded
@given(pieces=st.lists(st.sampled_from([b"1 0 obj", b"<<", b">>", b"stream\n", b"endstream", b"/Length 3", b"/Subtype/Form",
    b"/Filter/FlateDecode", b"/Filter[/Fl/RL]", b"/XObject<</X 1 0 R>>", b"/Type/ObjStm", b"/X Do", b"%%EOF", b"PK\x03\x04",
    b" ", b"\n", zlib.compress(b"/X Do")]), max_size=40))  # fmt: skip
def test_a_survey_of_any_pieces_ends(pieces: list[bytes]) -> None:
    content = b"%PDF-1.7\n" + b"".join(pieces)
    reason = reason_of(survey, content, LIMITS)
    assert reason in {None, "resource_limit", "timeout"}
    if reason is not None:
        return
    found = survey(content, LIMITS)
    for one, following in zip(found.streams, found.streams[1:], strict=False):
        assert one.start <= one.end <= following.start
    assert all(found.is_inside_stream(s.start) == (s.end > s.start) for s in found.streams)


@bounded
@given(content=st.binary(max_size=200), media_type=st.sampled_from([JPEG, PNG, WEBP]))
def test_a_frame_of_any_bytes_is_walked_to_an_end(content: bytes, media_type: str) -> None:
    heads = {JPEG: b"\xff\xd8", PNG: b"\x89PNG\r\n\x1a\n", WEBP: b"RIFF"}
    declared_size(heads[media_type] + content, media_type)
    has_trailing_bytes(heads[media_type] + content, media_type)


@bounded
@given(name=st.text(max_size=300))
def test_a_safe_name_names_a_file_and_nothing_else(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 121
    assert not set(safe) & set('/\\\0\r\n:*?"<>|')
    assert safe not in {".", ".."}
    assert safe_name(safe) == safe


def test_nothing_said_and_nothing_shown_is_nothing() -> None:
    assert merge({}, {}, ()) == ({}, ())
