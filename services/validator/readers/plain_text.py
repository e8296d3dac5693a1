"""A text file as pages of words, so that it is read by the same rules as a PDF's text layer.

Each character takes a cell of 6 by 12 points, so columns made with spaces stay columns.
"""

import re

from services.kit.limits import Limits
from services.validator.readers.pdf_words import PageWords, Word
from services.validator.readers.refusals import Refused

ENGINE = "plain text 1"
_CELL_WIDTH, _CELL_HEIGHT = 6.0, 12.0
_CHARACTERS_MAX = 200_000
_TAB_CELLS = 8
_WORD = re.compile(r"\S+")


def read_text(content: bytes, limits: Limits) -> tuple[PageWords, ...]:
    """Pages split at form feeds. Raises Refused (resource_limit)."""
    text = _decoded(content)
    if len(text) > _CHARACTERS_MAX:
        raise Refused("resource_limit", f"{len(text)} characters")
    pages = text.split("\f")
    if len(pages) > limits.read_pages_max:
        raise Refused("resource_limit", f"{len(pages)} pages, at most {limits.read_pages_max} are read")
    read = tuple(_page(number, page) for number, page in enumerate(pages, start=1))
    words = sum(len(page.words) for page in read)
    if words > limits.read_words_per_page_max:
        raise Refused("resource_limit", f"{words} words, at most {limits.read_words_per_page_max} are read")
    return read


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _page(number: int, text: str) -> PageWords:
    lines = [line.expandtabs(_TAB_CELLS) for line in text.splitlines()]
    words = tuple(
        Word(
            match.group(),
            (
                match.start() * _CELL_WIDTH,
                row * _CELL_HEIGHT,
                match.end() * _CELL_WIDTH,
                (row + 1) * _CELL_HEIGHT,
            ),
            _CELL_HEIGHT,
        )
        for row, line in enumerate(lines)
        for match in _WORD.finditer(line)
    )
    width = max((len(line) for line in lines), default=0) * _CELL_WIDTH
    return PageWords(
        number=number,
        width=max(width, _CELL_WIDTH),
        height=max(len(lines), 1) * _CELL_HEIGHT,
        words=words,
        engine=ENGINE,
        objects=len(words),
    )
