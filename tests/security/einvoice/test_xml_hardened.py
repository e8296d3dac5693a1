"""XML from strangers is refused before it can cost anything."""

import time

import pytest

from services.validator.readers.einvoice import is_einvoice
from services.validator.readers.xml_hardened import FEED_BYTES, XmlLimits, XmlRefused, parse, parse_root

LIMITS = XmlLimits(
    xml_bytes_max=200_000,
    xml_depth_max=10,
    xml_elements_max=100,
    xml_attributes_max=5,
    xml_text_chars_max=50_000,
)
ENTITIES = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
REFUSED_SECONDS_MAX = 0.1


def _reason(xml: bytes, limits: XmlLimits = LIMITS) -> str:
    with pytest.raises(XmlRefused) as refused:
        parse(xml, limits)
    assert refused.value.code == refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1:9/a.dtd">',
        f'<!DOCTYPE a [<!ENTITY e0 "lol">{ENTITIES}]>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>',
    ],
)
def test_a_document_type_is_refused_in_every_encoding(doctype: str, encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?>{doctype}<a>&e9;</a>'

    assert _reason(text.encode(encoding)) == "dtd_forbidden"


def test_a_document_type_far_behind_a_comment_is_refused() -> None:
    xml = b"<!--" + b"x" * (2 * FEED_BYTES) + b"--><!DOCTYPE a><a/>"

    assert _reason(xml) == "dtd_forbidden"


@pytest.mark.parametrize(
    "xml, reason",
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<a>", "corrupt"),
        (b"<a></b>", "corrupt"),
        (b"<a/><a/>", "corrupt"),
        (b"<a>&nbsp;</a>", "corrupt"),
        (b"%PDF-1.7", "corrupt"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "corrupt"),
        (b"<a>\xff\xfe</a>", "corrupt"),
        (b"<a>" * 11 + b"</a>" * 11, "too_deep"),
        (b"<a>" * 100_000, "too_large"),
        (b"<a>" + b"<b/>" * 100 + b"</a>", "too_large"),
        (b"<a " + b" ".join(b'k%d="v"' % i for i in range(6)) + b"/>", "too_large"),
        (b"<a>" + b"x" * 50_001 + b"</a>", "too_large"),
    ],
)
def test_each_bound_has_its_reason(xml: bytes, reason: str) -> None:
    assert _reason(xml) == reason


def test_what_lies_exactly_on_the_bounds_is_read() -> None:
    nested = b"<a>" * 10 + b"</a>" * 10
    wide = b"<a>" + b"<b/>" * 99 + b"</a>"
    attributes = b"<a " + b" ".join(b'k%d="v"' % i for i in range(5)) + b"/>"
    long = b"<a>" + b"x" * 50_000 + b"</a>"

    for xml in (nested, wide, attributes, long):
        assert parse(xml, LIMITS).tag == "a"


def test_hostile_files_are_refused_within_a_tenth_of_a_second() -> None:
    laughs = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "lol">{ENTITIES}]><a>&e9;</a>'.encode()
    deep = b"<a>" * 100_000 + b"</a>" * 100_000

    for xml in (laughs, deep):
        started = time.process_time()
        with pytest.raises(XmlRefused):
            parse(xml)
        assert time.process_time() - started < REFUSED_SECONDS_MAX


def test_the_root_is_told_without_reading_the_rest() -> None:
    xml = b'<a xmlns="urn:x"><b>' + b"x" * FEED_BYTES + b"</wrong>"

    assert parse_root(xml).tag == "{urn:x}a"
    with pytest.raises(XmlRefused):
        parse(xml)


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<!DOCTYPE Invoice><Invoice/>", b"<Invoice/>", b"\x89PNG\r\n"])
def test_what_is_no_einvoice_is_told_without_an_error(xml: bytes) -> None:
    assert is_einvoice(xml) is False


def test_comments_and_instructions_do_not_reach_the_tree() -> None:
    root = parse(b"<a><!-- <b>1</b> --><?run x?>t<c/></a>")

    assert [child.tag for child in root] == ["c"]
    assert root.text == "t"
