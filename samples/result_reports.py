"""The result report of an advertising platform: impressions, clicks and visits of a campaign, as a PDF."""

import io
from dataclasses import dataclass
from datetime import date

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89

_WORDING = {
    "en": ("Campaign results", "Advertiser", "Campaign", "Landing page", "Period",
           "Impressions", "Clicks", "Visits to the landing page"),
    "sv": ("Kampanjresultat", "Annonsör", "Kampanj", "Landningssida", "Period",
           "Visningar", "Klick", "Besök på landningssidan"),
    "fr": ("Résultats de la campagne", "Annonceur", "Campagne", "Page de destination", "Période",
           "Impressions", "Clics", "Visites de la page de destination"),
}  # fmt: skip


@dataclass(frozen=True)
class ResultReport:
    """What the platform counted between two days, both included."""

    language: str
    advertiser: str
    campaign: str
    landing_page: str
    first_day: date
    last_day: date
    impressions: int
    clicks: int
    visits: int


def draw_result_report(report: ResultReport) -> bytes:
    """Return the report as PDF bytes, the same for the same report."""
    title, *labels = _WORDING[report.language]
    buffer = io.BytesIO()
    canvas = Canvas(
        buffer, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, pageCompression=1, lang=report.language
    )
    canvas.setTitle(f"{title} – {report.campaign}")
    canvas.setAuthor("Adlark")
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(50, 770, title)
    canvas.setFont("Helvetica", 9)
    canvas.drawRightString(545, 770, "Adlark")
    values = (
        report.advertiser,
        report.campaign,
        report.landing_page,
        f"{report.first_day.isoformat()} – {report.last_day.isoformat()}",
        str(report.impressions),
        str(report.clicks),
        str(report.visits),
    )
    y = 730.0
    for label, value in zip(labels, values, strict=True):
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(50, y, label)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(220, y, value)
        y -= 20
    _bars(canvas, report, y - 20)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _bars(canvas: Canvas, report: ResultReport, top: float) -> None:
    """A bar for each of the counts, by its share of the impressions on a square-root scale."""
    canvas.setFillColor(HexColor(0x33658A))
    for number, count in enumerate((report.impressions, report.clicks, report.visits)):
        width = 480 * (count / report.impressions) ** 0.5
        canvas.rect(50, top - number * 26, width, 16, stroke=0, fill=1)
