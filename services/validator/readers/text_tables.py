"""The invoice's lines: rows of cells under a header that names their columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from schemas.facts import Fact
from schemas.facts import Row as FactRow
from services.validator.readers.text_amounts import Amount
from services.validator.readers.text_candidates import Document, Place
from services.validator.readers.text_layout import Cell, PageLayout
from services.validator.readers.text_roles import Role, amount_label, is_carried

MakeFact = Callable[..., Fact]


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(r"(?<![^\W_])(?:" + "|".join(words) + r")(?![^\W_])")


# Asked in this order: "unit price" is a price before it is a unit, "line total" a net before a count.
_COLUMNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("unit_price", _any(r"unit (?:price|cost|rate)", r"rate(?: price)?", r"price(?: each| unit| per unit| w o)?", r"einzel ?preis", r"e preis", r"ep", r"stuckpreis", r"netto ?preis", r"vk preis", r"preis(?: einh\w*| einheit)?", r"prix(?: unitaire)?(?: ht)?", r"p u(?: ht)?", r"pu",
                        r"prijs(?: per stuk)?", r"a pris", r"pris(?: st| enhet)?", r"apris", r"enhetspris", r"enhedspris", r"precio(?: unitario)?", r"prezzo(?: unitario)?", r"preco(?: unitario)?", r"cena(?: netto| jedn\w*)?", r"a hinta", r"yksikkohinta", r"hinta", r"cost")),
    ("discount", _any(r"disc(?:ount)?", r"rabatt", r"remise", r"korting", r"sconto", r"descuento", r"adjust", r"alennus", r"rabat", r"rem")),
    ("tax_rate", _any(r"(?:tax|vat|gst|mwst|ust|tva|btw|moms|mva|iva|alv)(?: rate| satz| sats| tarief)?", r"steuersatz", r"taxes")),
    ("net", _any(r"(?:line |sub )?total(?: price| amount| net| excl\w*)?", r"(?:net |line )?amount", r"\w*betrag(?: eur)?", r"gesamt(?:preis|betrag)?", r"nettowert", r"montant(?: ht)?", r"total ht", r"bedrag", r"belopp", r"summa", r"belob", r"belop", r"importe", r"importo", r"totale", r"valor", r"wartosc(?: netto)?", r"summe", r"yhteensa", r"totaal", r"sum", r"prix total", r"extended price", r"netto(?:betrag)?", r"prijs incl")),
    ("quantity", _any(r"qty", r"qty hr", r"quantity", r"hrs qty", r"hours", r"units", r"menge", r"anzahl", r"qte", r"quantite", r"nombre", r"aantal", r"hoeveelheid", r"antal", r"antall", r"cantidad", r"quantita", r"quantidade", r"ilosc", r"maara", r"kpl", r"stunden", r"std", r"heures")),
    ("description", _any(r"description", r"item(?: description)?", r"service", r"product(?: title)?", r"details", r"particulars", r"bezeichnung", r"beschreibung", r"artikel\w*", r"leistung", r"produkt", r"designation", r"libelle", r"omschrijving", r"beskrivning", r"benamning", r"beskrivelse", r"descripcion", r"concepto", r"descrizione", r"descricao", r"nazwa", r"kuvaus", r"tuote", r"activity", r"task")),
)  # fmt: skip
_COLUMNS_MIN = 3
_LINES_MAX = 2000
_NUMBER_COLUMNS = ("quantity", "unit_price", "tax_rate", "discount")
_BAND_EMS = 1.6
_GAP_SHARE_MAX = 0.15
_UNTIL_AMOUNT = re.compile(r"^[\d.,\s-]+")


class _Column(NamedTuple):
    name: str
    left: float
    right: float


def line_rows(document: Document, amounts: dict[int, list[Amount]], fact: MakeFact) -> tuple[FactRow, ...]:
    """One row for each line with an amount: description, quantity, unit_price, discount, tax_rate, net where given.

    A line may spread over neighboring rows. A cell with two readings is kept as ambiguous. Tables without a header
    naming an amount column give no lines.
    """
    rows: list[FactRow] = []
    columns: list[_Column] = []
    for page in document.pages:
        header = _header(page)
        if header is not None:
            columns, start = header
        elif columns:
            start = 0
        else:
            continue
        found, ended = _page_rows(page, start, columns, amounts, fact)
        rows.extend(found)
        if ended:
            columns = []
        if len(rows) >= _LINES_MAX:
            break
    return tuple(rows[:_LINES_MAX])


def _header(page: PageLayout) -> tuple[list[_Column], int] | None:
    """The first row that names at least three columns with an amount among them, and the row below it."""
    for index, row in enumerate(page.rows):
        columns = _columns_of(row)
        names = {column.name for column in columns}
        if (
            len(names) >= _COLUMNS_MIN
            and "net" in names
            and names & {"description", "quantity", "unit_price"}
        ):
            return columns, index + 1
    return None


def _columns_of(row: list[Cell]) -> list[_Column]:
    columns: list[_Column] = []
    for cell in row:
        if len(cell.norm.split()) > 5:
            return []
        taken: list[tuple[int, int]] = []
        for name, pattern in _COLUMNS:
            for match in pattern.finditer(cell.norm):
                if any(match.start() < end and start < match.end() for start, end in taken):
                    continue
                taken.append(match.span())
                box = cell.box_of(cell.text_offset(match.start()), cell.text_end(match.end()))
                columns.append(_Column(name, box[0], box[2]))
    columns.sort(key=lambda column: column.left)
    # Of several amount columns the last is the line's total.
    nets = [column for column in columns if column.name == "net"]
    return [column for column in columns if column.name != "net" or column is nets[-1]]


def _page_rows(
    page: PageLayout, start: int, columns: list[_Column], amounts: dict[int, list[Amount]], fact: MakeFact
) -> tuple[list[FactRow], bool]:
    """The lines of a page, and whether the table ended on it with its totals."""
    net = next(column for column in columns if column.name == "net")
    anchors: list[tuple[int, Amount]] = []
    ended = False
    for index in range(start, len(page.rows)):
        row = page.rows[index]
        if _is_summary(row, amounts):
            ended = True
            break
        if anchors and row[0].box[1] - page.rows[anchors[-1][0]][0].box[3] > _GAP_SHARE_MAX * page.height:
            break
        amount = _in_net_column(row, net, amounts)
        if amount is not None and (amount.looks_like_money or start) and not is_carried(row[0].norm):
            anchors.append((index, amount))
    stop = anchors[-1][0] + 3 if anchors else start
    found: list[FactRow] = []
    for position, (index, amount) in enumerate(anchors):
        before = anchors[position - 1][0] if position else start - 1
        behind = anchors[position + 1][0] if position + 1 < len(anchors) else min(stop, len(page.rows))
        band = [
            row
            for at, row in enumerate(page.rows[before + 1 : behind], before + 1)
            if abs(row[0].middle - amount.cell.middle) < _BAND_EMS * amount.cell.size or at == index
        ]
        line = _line(band, amount, columns, amounts, fact)
        if line is not None:
            found.append(line)
    return found, ended


def _is_summary(row: list[Cell], amounts: dict[int, list[Amount]]) -> bool:
    """Whether a row belongs to the totals: its first words are those of a total and an amount follows."""
    first = row[0]
    if not any(amounts.get(id(cell)) for cell in row) or len(first.norm.split()) > 6:
        return False
    if is_carried(first.norm):
        return False
    label = amount_label(_UNTIL_AMOUNT.sub("", first.norm))
    return (
        label is not None
        and label.role is not Role.OTHER
        and label.strength >= 0.7
        and first.norm[:1].isalpha()
    )


def _in_net_column(row: list[Cell], net: _Column, amounts: dict[int, list[Amount]]) -> Amount | None:
    """The last amount of a row, if it stands under the amount column's title."""
    numbers = [a for cell in row for a in amounts.get(id(cell), ()) if not a.percent]
    last = max(numbers, key=lambda a: a.right, default=None)
    if last is None or not (last.looks_like_money or last.digits.isdigit()):
        return None
    return last if last.right > net.left - 6 and last.left < net.right + 30 else None


def _line(
    band: list[list[Cell]],
    net: Amount,
    columns: list[_Column],
    amounts: dict[int, list[Amount]],
    fact: MakeFact,
) -> FactRow | None:
    numbers = [
        a for row in band for cell in row for a in amounts.get(id(cell), ()) if a is not net and _at_an_end(a)
    ]
    picked = _by_column(numbers, columns)
    plain = len(band) == 1 and "discount" not in {column.name for column in columns}
    if not plain and not _multiplies(picked.get("quantity"), picked.get("unit_price"), net):
        picked.pop("quantity", None)
        picked.pop("unit_price", None)
    values = {name: _amount_fact(amount, fact) for name, amount in picked.items()}
    values["net"] = _amount_fact(net, fact)
    own = [row for row in band if net.cell in row]
    described = _description(own, columns, under_only=True) or _description(band, columns)
    if described is not None:
        values["description"] = fact(described, described.raw, 0.8, ("column",))
    return values if "description" in values or {"quantity", "unit_price"} <= values.keys() else None


def _at_an_end(amount: Amount) -> bool:
    """Whether a number opens or closes its cell; inside words it is part of a description."""
    return amount.start == 0 or not amount.cell.text[amount.end :].strip(" %")


def _by_column(numbers: list[Amount], columns: list[_Column]) -> dict[str, Amount]:
    """Numbers under their columns: one for one in order where the counts agree, else each under the nearest title."""
    titled = [column for column in columns if column.name in _NUMBER_COLUMNS]
    first = min((column.left for column in titled), default=0.0)
    numbers = [a for a in numbers if a.right > first - 10]
    ordered = sorted(numbers, key=lambda a: a.left)
    if len(ordered) == len(titled) and len({a.cell.row for a in ordered}) == 1:
        return {column.name: amount for column, amount in zip(titled, ordered, strict=True)}
    picked: dict[str, Amount] = {}
    for amount in numbers:
        column = _nearest(columns, amount)
        if column in _NUMBER_COLUMNS and column not in picked:
            picked[column] = amount
    return picked


def _multiplies(quantity: Amount | None, price: Amount | None, net: Amount) -> bool:
    if quantity is None or price is None:
        return False
    return any(
        abs(q * p - n) <= Decimal("0.01")
        for q in quantity.readings
        for p in price.readings
        for n in net.readings
    )


def _nearest(columns: list[_Column], amount: Amount) -> str | None:
    left, right = amount.left, amount.right
    best = min(
        columns,
        key=lambda c: (
            max(c.left - right, left - c.right, 0.0) + 0.01 * abs((c.left + c.right) - (left + right))
        ),
    )
    gap = max(best.left - right, left - best.right, 0.0)
    return best.name if gap < 25 else None


def _description(band: list[list[Cell]], columns: list[_Column], *, under_only: bool = False) -> Place | None:
    column = next((c for c in columns if c.name == "description"), None)
    worded = [cell for row in band for cell in row if sum(c.isalpha() for c in cell.norm) >= 3]
    if not worded:
        return None
    if column is None:
        if under_only:
            return None
        cell = max(worded, key=lambda each: len(each.norm))
    else:
        left, right = column.left - 3, column.right
        under = [each for each in worded if each.box[0] < right and each.box[2] > left]
        if under_only and not under:
            return None
        cell = min(
            under or worded, key=lambda each: abs(each.box[0] - column.left) if not under else each.row
        )
    return Place(cell, 0, len(cell.text))


def _amount_fact(amount: Amount, fact: MakeFact) -> Fact:
    place = Place(amount.cell, amount.start, amount.end)
    if len(amount.readings) == 1:
        return fact(place, _text(amount.readings[0]), 0.85, ("column",))
    return fact(place, None, 0.3, ("column",), tuple(_text(value) for value in amount.readings))


def _text(value: Decimal) -> str:
    return format(value, "f")
