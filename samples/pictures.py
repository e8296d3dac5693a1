"""Screenshots as proof of execution: an advert on a publisher's page and a landing page, both in a browser window.

Drawn with few flat colors, so that the files are small and the words can be recognized.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 900, 620
CHROME_HEIGHT = 64
COLORS = 24
INK, PAPER, CHROME, FIELD, MUTED = "#1b1f24", "#ffffff", "#d9dee4", "#f5f7f9", "#c3cad2"


@dataclass(frozen=True)
class Advert:
    """What advert and landing page show; `motif` decides the artwork and is different for each campaign."""

    motif: str
    partner: str
    headline: str
    product: str
    call_to_action: str
    contact: str
    landing_page: str
    publisher: str
    publisher_page: str
    seen_on: date
    color: str


@cache
def _font(points: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "VeraBd.ttf" if bold else "Vera.ttf"
    # The other layout engine needs a library that not every machine has, and would set the letters differently.
    plain = ImageFont.Layout.BASIC
    font = io.BytesIO((files("reportlab") / "fonts" / name).read_bytes())
    return ImageFont.truetype(font, points, layout_engine=plain)


def draw_ad_screenshot(advert: Advert) -> bytes:
    """Return a PNG of the publisher's page with the advert on it and the day it was seen."""
    picture, pen = _window(advert.publisher_page)
    pen.text((40, 84), advert.publisher, INK, _font(28, bold=True))
    pen.text((860, 92), advert.seen_on.isoformat(), INK, _font(17), anchor="ra")
    pen.line((40, 126, 860, 126), MUTED, 2)
    _artwork(pen, advert, (40, 150, 560, 430))
    pen.rectangle((40, 340, 560, 430), advert.color)
    pen.text((58, 352), advert.headline, PAPER, _font(21, bold=True))
    pen.text((58, 384), f"{advert.product} – {advert.partner}", PAPER, _font(16))
    pen.text((40, 438), "Advertisement", INK, _font(13))
    _column_of_text(pen, advert, (590, 150, 860, 590))
    _column_of_text(pen, advert, (40, 470, 560, 590))
    return _png(picture)


def draw_landing_page(advert: Advert) -> bytes:
    """Return a PNG of the partner's own page with its address, product, call to action and contact."""
    picture, pen = _window(advert.landing_page)
    pen.rectangle((0, CHROME_HEIGHT, WIDTH, 120), advert.color)
    pen.text((40, 78), advert.partner, PAPER, _font(25, bold=True))
    pen.text((40, 146), advert.headline, INK, _font(30, bold=True))
    pen.text((40, 196), advert.product, INK, _font(20))
    _artwork(pen, advert, (470, 240, 860, 520))
    _column_of_text(pen, advert, (40, 245, 440, 440))
    pen.rounded_rectangle((40, 460, 300, 508), 8, advert.color)
    pen.text((170, 484), advert.call_to_action, PAPER, _font(19, bold=True), anchor="mm")
    pen.line((40, 560, 860, 560), MUTED, 1)
    pen.text((40, 576), advert.contact, INK, _font(16))
    pen.text((860, 576), str(advert.seen_on.year), INK, _font(16), anchor="ra")
    return _png(picture)


def _window(address: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A browser window with its address field filled."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, CHROME_HEIGHT), CHROME)
    for number, color in enumerate(("#d1605e", "#d9a441", "#5f9e6e")):
        pen.ellipse((18 + number * 24, 24, 34 + number * 24, 40), color)
    pen.rounded_rectangle((110, 14, 872, 50), 16, FIELD)
    pen.text((128, 32), address, INK, _font(18), anchor="lm")
    return picture, pen


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _artwork(pen: ImageDraw.ImageDraw, advert: Advert, box: tuple[int, int, int, int]) -> None:
    """A mosaic that only this motif has: two pictures of different campaigns are never nearly the same."""
    left, top, right, bottom = box
    columns, rows = 8, 4
    digest = _digest(advert.motif)
    shades = (advert.color, "#f0f2f4", "#9fb4c7", "#e4d5b7", "#5b6b7a")
    for row in range(rows):
        for column in range(columns):
            x0 = left + (right - left) * column // columns
            x1 = left + (right - left) * (column + 1) // columns
            y0 = top + (bottom - top) * row // rows
            y1 = top + (bottom - top) * (row + 1) // rows
            pen.rectangle((x0, y0, x1, y1), shades[digest[(row * columns + column) % 32] % len(shades)])


def _column_of_text(pen: ImageDraw.ImageDraw, advert: Advert, box: tuple[int, int, int, int]) -> None:
    """Gray bars that stand for running text."""
    left, top, right, bottom = box
    lengths = _digest(f"{advert.motif} {box}")
    for number, y in enumerate(range(top, bottom - 10, 22)):
        share = 60 + lengths[number % 32] % 40
        pen.rectangle((left, y, left + (right - left) * share // 100, y + 9), MUTED)


def _png(picture: Image.Image) -> bytes:
    """A palette PNG without any time or text chunk."""
    buffer = io.BytesIO()
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
