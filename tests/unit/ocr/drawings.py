"""Pictures drawn for tests: an invoice on paper, and pages as a browser shows them."""

import io
import random
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

INVOICE = (
    ((60, 50), "Harbour Media Ltd", 30),
    ((620, 50), "INVOICE", 34),
    ((60, 180), "Invoice number", 22),
    ((330, 180), "HM-2026-0417", 22),
    ((60, 220), "Invoice date", 22),
    ((330, 220), "15 April 2026", 22),
    ((60, 330), "Description", 22),
    ((690, 330), "Amount", 22),
    ((60, 370), "Campaign management", 22),
    ((690, 370), "1,200.00", 22),
    ((480, 470), "Net total", 22),
    ((690, 470), "1,200.00", 22),
    ((480, 510), "VAT 20%", 22),
    ((690, 510), "240.00", 22),
    ((480, 550), "Total EUR", 22),
    ((690, 550), "1,440.00", 22),
)
"""Where the words stand (left, top), what they say, and their size in pixels."""
WORDS = [
    "cloud",
    "partner",
    "campaign",
    "license",
    "office",
    "summer",
    "guide",
    "report",
    "storage",
    "market",
    "trial",
    "secure",
]


def font(size: int) -> ImageFont.FreeTypeFont:
    face = (files("reportlab") / "fonts" / "Vera.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(face), size)


def invoice(width: int = 900, height: int = 700) -> Image.Image:
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    for place, text, size in INVOICE:
        pen.text(place, text, "black", font(size))
    return picture


def screen(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """A page with headings, text, blocks of color and a table, another one for each seed."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = chance.randrange(width - 120), chance.randrange(height - 80)
        color = tuple(chance.randrange(40, 240) for _ in range(3))
        pen.rectangle((x, y, x + chance.randrange(60, 200), y + chance.randrange(40, 120)), color)
    for _ in range(26):
        x, y = chance.randrange(width - 160), chance.randrange(height - 30)
        text = f"{chance.choice(WORDS)} {chance.choice(WORDS)} {chance.randrange(10_000)}"
        pen.text((x, y), text, "black", font(chance.choice((12, 14, 18, 24))))
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()
