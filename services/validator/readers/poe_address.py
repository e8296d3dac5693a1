"""Addresses of web pages as they stand in a browser's frame or in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from services.validator.readers.text_candidates import Place
from services.validator.readers.text_layout import Cell, PageLayout

_FRAME_SHARE = 0.15
_ADDRESS_CHARACTERS_MAX = 300
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Recognition leaves gaps around the marks of a scheme; a colon is easily lost.
_ADDRESS = re.compile(
    rf"(?<![\w@.-])(?P<scheme>https?\s?[:;]?\s?/\s?/\s?)?(?P<host>(?:{_LABEL}\.)+(?P<top>[a-z]{{2,24}}))(?::\d{{2,5}})?"
    r"(?P<path>/[^\s<>\"']*)?(?![\w@])",
    re.I,
)
# Top-level names that are not also endings of files or of sentences; two letters are a country.
_GENERIC = frozenset(
    {
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "int",
        "info",
        "biz",
        "name",
        "pro",
        "mobi",
        "museum",
        "travel",
        "jobs",
        "app",
        "dev",
        "shop",
        "store",
        "online",
        "site",
        "cloud",
        "tech",
        "blog",
        "agency",
        "marketing",
        "media",
        "events",
        "example",
        "test",
        "eu",
        "tv",
        "io",
        "ai",
        "co",
        "me",
    }
)
_FILE_ENDINGS = frozenset(
    {
        "py",
        "js",
        "ts",
        "md",
        "sh",
        "pl",
        "rs",
        "go",
        "cs",
        "vb",
        "so",
        "ps",
        "doc",
        "pdf",
        "xls",
        "csv",
        "png",
        "jpg",
        "zip",
        "exe",
        "txt",
        "htm",
    }
)


class Address(NamedTuple):
    """An address, where it stands, and how surely it is one."""

    text: str
    place: Place
    trust: float


def addresses_in(page: PageLayout) -> Iterator[Address]:
    """Every address on a page, from the top."""
    for cell in page.cells:
        in_frame = cell.box[1] < page.height * _FRAME_SHARE
        for match in _ADDRESS.finditer(cell.text):
            address = _address(cell, match, in_frame)
            if address is not None:
                yield address


def _address(cell: Cell, match: re.Match[str], in_frame: bool) -> Address | None:
    host, top, path = match["host"].lower(), match["top"].lower(), (match["path"] or "").rstrip(".,;)")
    written_out = bool(match["scheme"]) or host.startswith("www.")
    if not written_out and not _is_top_level(top, match["host"]):
        return None
    if not any(character.isalpha() for character in host.rpartition(".")[0]):
        return None
    # The first address in a browser's frame is the page's own; one in a text may lead anywhere.
    trust = 0.6 + (0.2 if in_frame else 0.0) + (0.15 if written_out else 0.0)
    scheme = "http://" if (match["scheme"] or "").lower().startswith("http:") else "https://"
    text = (scheme if match["scheme"] else "") + host + path
    return Address(text[:_ADDRESS_CHARACTERS_MAX], Place(cell, match.start(), match.end()), trust)


def _is_top_level(top: str, host: str) -> bool:
    # "Ms.Smith", "end.In": a capital behind the point starts a name or a sentence.
    if any(part[:1].isupper() for part in host.split(".")[1:]) and not host.isupper():
        return False
    return top in _GENERIC or (len(top) == 2 and top not in _FILE_ENDINGS)
