"""An engine that sees what it was told: for the rules about what recognized words may say."""

from typing import Any

from services.validator.readers.ocr import Seen, SeenLine, SeenWord


class Scripted:
    """Sees the same words in every picture: text, box in pixels, confidence."""

    name = "scripted 1"

    def __init__(self, *words: tuple[str, tuple[float, float, float, float], float]) -> None:
        self.words = words

    def see(self, pixels: Any, *, lines_max: int) -> Seen:
        lines = tuple(
            SeenLine((SeenWord(text, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), confidence),))
            for text, (x0, y0, x1, y1), confidence in self.words
        )
        return Seen(lines[:lines_max], 0)
