"""Recognition of text in pictures: what an engine must do, and which one is there.

An engine takes the pixels of one picture and gives its lines as they stand in the picture. Everything else (which way
is up, skew, points of the page, what the words mean) is the same for every engine and decided elsewhere.
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy

_THREAD_COUNTS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
Corner = tuple[float, float]


class SeenWord(NamedTuple):
    """One run of characters without white space. `confidence` is that of its least certain character."""

    text: str
    corners: tuple[Corner, Corner, Corner, Corner]
    """Top left, top right, bottom right, bottom left in reading direction, in pixels."""
    confidence: float


class SeenLine(NamedTuple):
    """Words that were recognized together, from left to right."""

    words: tuple[SeenWord, ...]


class Seen(NamedTuple):
    """All lines of a picture, and the quarter turns clockwise that bring it upright when its lines say so."""

    lines: tuple[SeenLine, ...]
    turns_needed: int


class Engine(Protocol):
    """A recognizer of text. `name` is its name and version, as facts carry it."""

    name: str

    def see(self, pixels: numpy.ndarray, *, lines_max: int) -> Seen:
        """The text in an RGB picture (height, width, 3; uint8). A picture that is not upright is not read:
        its lines are empty and `turns_needed` tells what to do."""
        ...


def is_available() -> bool:
    """Whether an engine is installed, without loading it."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=1)
def engine() -> Engine | None:
    """The engine of this process, made once; None when none is installed or it cannot be used as it is."""
    module = loaded()
    if module is None:
        return None
    try:
        made: Engine = module.RapidEngine()
    except (module.EngineUnusable, OSError):
        return None
    return made


def loaded() -> Any:
    """The module of the engine, with its libraries and without its models: a process that did only this has one
    thread and can be forked. None when it cannot be loaded."""
    if not is_available():
        return None
    # Read by the libraries when they load.
    for threads in _THREAD_COUNTS:
        os.environ.setdefault(threads, "1")
    try:
        return import_module("services.validator.readers.ocr_rapid")
    except ImportError:
        return None
