"""Draws small PDFs for tests: text at places from the top left, in the ways that documents hide or show it."""

from __future__ import annotations

import io
from collections.abc import Callable

from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595.0, 842.0
Draw = Callable[[Canvas], None]


def pdf(*pages: Draw, size: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    """A PDF with one page for each drawing."""
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=size, invariant=1)
    for draw in pages:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def text(canvas: Canvas, x: float, y: float, words: str, size: float = 10.0, *, right: bool = False) -> None:
    """Words with their baseline `y` points below the top; `right` aligns their end at `x`."""
    canvas.setFont("Helvetica", size)
    (canvas.drawRightString if right else canvas.drawString)(x, HEIGHT - y, words)


def rows(canvas: Canvas, top: float, *lines: tuple[tuple[float, str], ...], step: float = 16.0) -> None:
    """Lines of (x, words), from `top` down."""
    for index, line in enumerate(lines):
        for x, words in line:
            text(canvas, x, top + index * step, words)
