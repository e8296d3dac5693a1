"""Third-party invoices as their vendors would print them: English, Swedish and French, each with its own look.

The parties are invented; their tax numbers have right check digits. Same invoice, same bytes.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.pdfgen.canvas import Canvas

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Party:
    """Who sells or buys, with the address as printed, line by line."""

    name: str
    address: tuple[str, ...]
    tax_id: str
    payment: tuple[str, ...] = ()


@dataclass(frozen=True)
class InvoiceLine:
    """One line; `kind` is the expense kind that the claim gives it."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    kind: str

    @property
    def net(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Invoice:
    """What an invoice says. Totals are stated, not derived: an invoice can be wrong.

    `points_only` prints amounts with a point for thousands and for decimals, as a broken template does.
    """

    number: str
    language: str
    look: str
    vendor: Party
    buyer: Party
    issue_date: date
    due_date: date
    service_start: date
    service_end: date
    lines: tuple[InvoiceLine, ...]
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    currency: str = "USD"
    points_only: bool = False


def totaled(invoice: Invoice) -> Invoice:
    """Return the invoice with the totals of its lines; tax is rounded half up on the total."""
    net = sum((line.net for line in invoice.lines), Decimal(0))
    tax = (net * invoice.tax_rate / 100).quantize(CENT, ROUND_HALF_UP)
    return replace(invoice, net=net, tax=tax, gross=net + tax)


@dataclass(frozen=True)
class _Wording:
    title: str
    number: str
    issue_date: str
    due_date: str
    service_period: str
    currency: str
    bill_to: str
    seller_tax_id: str
    buyer_tax_id: str
    columns: tuple[str, str, str, str, str]
    net: str
    tax: str
    gross: str
    terms: tuple[str, ...]
    months: tuple[str, ...] = ()

    def day(self, day: date) -> str:
        if self.months:
            return f"{day.day} {self.months[day.month - 1]} {day.year}"
        return f"{day:%d/%m/%Y}" if self.title == "FACTURE" else day.isoformat()


_WORDING = {
    "en": _Wording(
        title="INVOICE",
        number="Invoice number",
        issue_date="Invoice date",
        due_date="Due date",
        service_period="Service period",
        currency="Currency",
        bill_to="Bill to",
        seller_tax_id="VAT registration number",
        buyer_tax_id="Customer VAT number",
        columns=("Description", "Quantity", "Unit price", "VAT %", "Amount"),
        net="Net total",
        tax="VAT",
        gross="Total due",
        terms=("Payment within 30 days of the invoice date.", "Please quote the invoice number with your payment."),
        months=(
            "January", "February", "March", "April", "May", "June", "July",
            "August", "September", "October", "November", "December",
        ),
    ),
    "sv": _Wording(
        title="FAKTURA",
        number="Fakturanummer",
        issue_date="Fakturadatum",
        due_date="Förfallodatum",
        service_period="Leveransperiod",
        currency="Valuta",
        bill_to="Kund",
        seller_tax_id="Momsregistreringsnummer",
        buyer_tax_id="Kundens momsreg.nr",
        columns=("Beskrivning", "Antal", "À-pris", "Moms %", "Belopp"),
        net="Summa exkl. moms",
        tax="Moms",
        gross="Att betala",
        terms=("Betalningsvillkor: 30 dagar netto. Godkänd för F-skatt.", "Ange fakturanumret vid betalning."),
    ),
    "fr": _Wording(
        title="FACTURE",
        number="Numéro de facture",
        issue_date="Date de facture",
        due_date="Date d’échéance",
        service_period="Période de prestation",
        currency="Devise",
        bill_to="Facturé à",
        seller_tax_id="N° TVA intracommunautaire",
        buyer_tax_id="N° TVA du client",
        columns=("Désignation", "Quantité", "Prix unitaire", "TVA %", "Montant HT"),
        net="Total HT",
        tax="TVA",
        gross="Total TTC",
        terms=("Paiement à 30 jours, date de facture. Pas d’escompte pour paiement anticipé.",
               "Retard de paiement : pénalités au taux légal et indemnité forfaitaire de recouvrement."),
    ),
}  # fmt: skip


def amount_text(amount: Decimal, language: str, points_only: bool = False) -> str:
    """Return an amount as the language prints it; with points for everything where a template is broken."""
    text = f"{amount:,.2f}"
    if points_only:
        return text.replace(",", ".")
    if language == "en":
        return text
    return text.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})


@dataclass(frozen=True)
class _Look:
    regular: str
    bold: str
    ink: Color
    shade: Color
    head: Callable[["_Paper"], float]


class _Paper:
    """One A4 page on which positions are counted from the top left."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.wording = _WORDING[invoice.language]
        self.look = _LOOKS[invoice.look]
        self.buffer = io.BytesIO()
        self.canvas = Canvas(
            self.buffer,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            invariant=1,
            pageCompression=1,
            lang=invoice.language,
        )
        self.canvas.setTitle(f"{self.wording.title.capitalize()} {invoice.number}")
        self.canvas.setAuthor(invoice.vendor.name)

    def text(
        self, x: float, y: float, text: str, points: float = 9.5, bold: bool = False, right: bool = False
    ) -> None:
        self.canvas.setFont(self.look.bold if bold else self.look.regular, points)
        draw = self.canvas.drawRightString if right else self.canvas.drawString
        draw(x, PAGE_HEIGHT - y, text)

    def block(
        self, x: float, y: float, lines: tuple[str, ...], points: float = 9.5, right: bool = False
    ) -> float:
        for line in lines:
            self.text(x, y, line, points, right=right)
            y += points * 1.35
        return y

    def pairs(
        self, x: float, value_x: float, y: float, pairs: tuple[tuple[str, str], ...], right: bool = False
    ) -> float:
        for label, value in pairs:
            self.text(x, y, label, bold=True)
            self.text(value_x, y, value, right=right)
            y += 15
        return y

    def fill(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        self.canvas.setFillColor(color)
        self.canvas.rect(x, PAGE_HEIGHT - y - height, width, height, stroke=0, fill=1)
        self.canvas.setFillColor(black)

    def rule(self, y: float, left: float = 50, right: float = 545, thickness: float = 0.6) -> None:
        self.canvas.setLineWidth(thickness)
        self.canvas.setStrokeColor(self.look.ink)
        self.canvas.line(left, PAGE_HEIGHT - y, right, PAGE_HEIGHT - y)

    @property
    def reference_pairs(self) -> tuple[tuple[str, str], ...]:
        words, invoice = self.wording, self.invoice
        return (
            (words.number, invoice.number),
            (words.issue_date, words.day(invoice.issue_date)),
            (words.due_date, words.day(invoice.due_date)),
            (words.service_period, f"{words.day(invoice.service_start)} – {words.day(invoice.service_end)}"),
            (words.currency, invoice.currency),
        )


def draw_invoice(invoice: Invoice) -> bytes:
    """Return the invoice as PDF bytes."""
    paper = _Paper(invoice)
    y = paper.look.head(paper)
    y = _table(paper, y + 14)
    y = _totals(paper, y + 8)
    _foot(paper)
    paper.canvas.showPage()
    paper.canvas.save()
    return paper.buffer.getvalue()


def _head_letter(paper: _Paper) -> float:
    """Vendor top left, title and references top right."""
    vendor, buyer = paper.invoice.vendor, paper.invoice.buyer
    paper.text(50, 70, vendor.name, 15, bold=True)
    paper.block(50, 88, (*vendor.address, f"{paper.wording.seller_tax_id}: {vendor.tax_id}"))
    paper.text(545, 70, paper.wording.title, 20, bold=True, right=True)
    paper.pairs(272, 376, 172, paper.reference_pairs)
    paper.text(50, 172, paper.wording.bill_to, bold=True)
    y = paper.block(50, 187, (buyer.name, *buyer.address))
    paper.text(50, y + 6, f"{paper.wording.buyer_tax_id}: {buyer.tax_id}", 9)
    return 275


def _head_band(paper: _Paper) -> float:
    """A colored band with vendor and title; references left, buyer right."""
    vendor, buyer = paper.invoice.vendor, paper.invoice.buyer
    paper.fill(0, 0, PAGE_WIDTH, 84, paper.look.ink)
    paper.canvas.setFillColor(white)
    paper.text(50, 52, vendor.name, 18, bold=True)
    paper.text(545, 52, paper.wording.title, 14, right=True)
    paper.canvas.setFillColor(black)
    paper.block(50, 104, (" · ".join(vendor.address), f"{paper.wording.seller_tax_id}: {vendor.tax_id}"), 8.5)
    paper.pairs(50, 150, 150, paper.reference_pairs)
    paper.text(360, 150, paper.wording.bill_to, bold=True)
    y = paper.block(360, 165, (buyer.name, *buyer.address))
    paper.text(360, y + 4, f"{paper.wording.buyer_tax_id}: {buyer.tax_id}", 8.5)
    return 250


def _head_window(paper: _Paper) -> float:
    """Title first, the buyer in the place of an envelope window, the seller beside it."""
    vendor, buyer = paper.invoice.vendor, paper.invoice.buyer
    paper.text(50, 66, f"{paper.wording.title} {paper.invoice.number}", 17, bold=True)
    paper.rule(76, thickness=1.4)
    paper.text(50, 100, vendor.name, 11, bold=True)
    paper.block(50, 116, (*vendor.address, f"{paper.wording.seller_tax_id} : {vendor.tax_id}"))
    paper.text(330, 100, paper.wording.bill_to, bold=True)
    y = paper.block(330, 116, (buyer.name, *buyer.address))
    paper.text(330, y, f"{paper.wording.buyer_tax_id} : {buyer.tax_id}", 9)
    return paper.pairs(50, 190, 200, paper.reference_pairs)


def _table(paper: _Paper, y: float) -> float:
    invoice, words = paper.invoice, paper.wording
    right_edges = (345.0, 420.0, 470.0, 545.0)
    paper.fill(46, y - 12, 503, 18, paper.look.shade)
    paper.text(50, y, words.columns[0], bold=True)
    for edge, label in zip(right_edges, words.columns[1:], strict=True):
        paper.text(edge, y, label, bold=True, right=True)
    y += 22
    for line in invoice.lines:
        paper.text(50, y, line.description)
        cells = (
            amount_text(line.quantity, invoice.language),
            amount_text(line.unit_price, invoice.language, invoice.points_only),
            _percent(invoice.tax_rate, invoice.language),
            amount_text(line.net, invoice.language, invoice.points_only),
        )
        for edge, cell in zip(right_edges, cells, strict=True):
            paper.text(edge, y, cell, right=True)
        paper.rule(y + 6, thickness=0.25)
        y += 20
    return y


def _totals(paper: _Paper, y: float) -> float:
    invoice, words = paper.invoice, paper.wording
    tax_label = f"{words.tax} {_percent(invoice.tax_rate, invoice.language)} %"
    for label, amount in ((words.net, invoice.net), (tax_label, invoice.tax), (words.gross, invoice.gross)):
        last = label == words.gross
        if last:
            paper.rule(y - 12, left=330)
        paper.text(330, y, label, 10.5 if last else 9.5, bold=last)
        text = amount_text(amount, invoice.language, invoice.points_only)
        paper.text(545, y, f"{text} {invoice.currency}", 10.5 if last else 9.5, bold=last, right=True)
        y += 18
    return y


def _foot(paper: _Paper) -> None:
    y = paper.block(50, 730, paper.wording.terms, 8.5)
    paper.rule(y - 2, thickness=0.4)
    paper.text(50, y + 12, "  ·  ".join((paper.invoice.vendor.name, *paper.invoice.vendor.payment)), 8)


def _percent(rate: Decimal, language: str) -> str:
    text = format(rate.normalize(), "f")
    return text if language == "en" else text.replace(".", ",")


_LOOKS = {
    "letter": _Look("Helvetica", "Helvetica-Bold", HexColor(0x2B3A4A), HexColor(0xE7ECF1), _head_letter),
    "band": _Look("Helvetica", "Helvetica-Bold", HexColor(0x0F5C63), HexColor(0xDCEEEF), _head_band),
    "classic": _Look("Times-Roman", "Times-Bold", HexColor(0x5A2A27), HexColor(0xF3E9E4), _head_letter),
    "window": _Look("Helvetica", "Helvetica-Bold", HexColor(0x3A2F6B), HexColor(0xE9E6F5), _head_window),
}
