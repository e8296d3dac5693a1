"""What a document calls itself: its type by title, its kind for the claim, and how many pages it says it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from schemas.facts import Fact
from services.validator.readers.text_candidates import Document, Place
from services.validator.readers.text_layout import Cell

MakeFact = Callable[..., Fact]


class _Type(NamedTuple):
    name: str
    kind: str
    pattern: re.Pattern[str]


def _type(name: str, kind: str, *titles: str) -> _Type:
    return _Type(name, kind, re.compile(r"(?<![^\W_])(?:" + "|".join(titles) + r")(?![^\W_])"))


# What is no invoice is asked first: "proforma invoice" holds "invoice".
_TYPES = (
    _type("proforma", "proforma", r"pro ?forma\w*"),
    _type("draft", "draft", r"draft(?: invoice)?", r"utkast", r"brouillon", r"entwurf", r"rechnungsentwurf"),
    _type("quote", "quote", r"quote", r"quotation", r"estimate", r"offerte?", r"devis", r"angebot", r"kostenvoranschlag", r"preventivo", r"presupuesto", r"tarjous", r"tilbud", r"oferta", r"orcamento"),
    _type("order_confirmation", "order_confirmation", r"(?:order|sales order) (?:confirmation|acknowledge?ment)", r"auftragsbestatigung", r"orderbekraftelse", r"ordrebekreftelse", r"ordrebekraeftelse", r"confirmation de commande",
          r"orderbevestiging", r"conferma d ordine", r"confirmacion de pedido", r"tilausvahvistus", r"potwierdzenie zamowienia"),
    _type("delivery_note", "delivery_note", r"delivery note", r"packing (?:slip|list)", r"lieferschein", r"foljesedel", r"bon de livraison", r"pakbon", r"albaran", r"documento di trasporto"),
    _type("reminder", "reminder", r"(?:payment )?reminder", r"mahnung", r"zahlungserinnerung", r"paminnelse", r"betalningspaminnelse", r"rappel(?: de paiement)?", r"betalingsherinnering", r"sollecito"),
    _type("statement", "statement", r"statement of accounts?", r"account statement", r"kontoauszug", r"kontoutdrag", r"releve de compte", r"rekeningoverzicht"),
    _type("corrected_invoice", "third_party_invoice", r"rechnungs ?korrektur", r"korrekturrechnung", r"corrected invoice", r"facture rectificative", r"correctiefactuur", r"korrigeret faktura"),
    _type("credit_note", "credit_note", r"credit (?:note|memo|invoice)", r"gutschrift", r"stornorechnung", r"kreditfaktura", r"kreditnota", r"creditnota", r"creditfactuur", r"avoir", r"facture d avoir",
          r"factura rectificativa", r"nota di credito", r"nota de credito", r"hyvityslasku", r"faktura korygujaca"),
    _type("invoice", "third_party_invoice", r"(?:tax |sales |commercial |retail |vat )?invoice", r"\w*rechnung", r"facture", r"factuur", r"(?:slut ?|samlings)?faktura", r"factura", r"fattura", r"fatura", r"lasku", r"regning", r"szamla", r"arve", r"saskaita", r"rekins", r"fakturan"),
    _type("receipt", "receipt", r"receipt", r"payment receipt", r"quittung", r"kassenbon", r"kvitto", r"kvittering", r"recu", r"kassabon", r"ricevuta", r"recibo", r"scontrino", r"kuitti", r"paragon"),
    _type("bill", "third_party_invoice", r"bill"),
)  # fmt: skip
_ANY_TITLE = re.compile("|".join(each.pattern.pattern for each in _TYPES))
_TITLE_WORDS_MAX = 9
_WEIGHT_MIN = 0.15
_PAGES = re.compile(
    r"(?<![^\W_])(?:page|seite|sida|pag|pagina|side|sivu|strona|str|blatt|s)? ?(\d{1,3}) (?:of|von|av|de|di|van|af|sur|z|sida av|out of|from|su) (\d{1,3})(?![^\W_])"
)
_PAGE_WORD = re.compile(r"(?<![^\W_])(?:page|seite|sida|pag|pagina|side|sivu|strona|blatt)(?![^\W_])")
_PAGES_SLASH = re.compile(r"(?<![\d/.,-])(\d{1,3})\s?[/|]\s?(\d{1,3})(?![\d/.,-])")


class _Title(NamedTuple):
    type: _Type
    place: Place
    weight: float


class Kind(NamedTuple):
    """What a document is: facts from its title and page numbers, and its kind for the claim."""

    facts: dict[str, Fact]
    kind: str | None


def kind_of(document: Document, fact: MakeFact) -> Kind:
    """document_type (named by a title) and page_count_printed where the page says them; kind None without a title."""
    facts: dict[str, Fact] = {}
    title = _best_title(document)
    if title is not None:
        name = title.type.name.replace("_", " ")
        facts["document_type"] = fact(title.place, name, min(0.5 + title.weight / 2, 0.95), ("title",))
    pages = _page_count(document)
    if pages is not None:
        place, count = pages
        facts["page_count_printed"] = fact(place, str(count), 0.9, ("label:page",))
    return Kind(facts, title.type.kind if title is not None else None)


def _best_title(document: Document) -> _Title | None:
    """The most prominent title: large, short, near the top of the first page."""
    if not document.pages:
        return None
    page = document.pages[0]
    sizes = sorted(cell.size for cell in page.cells)
    body = sizes[len(sizes) // 2] if sizes else 10.0
    titles = [
        title for cell in page.cells if (title := _title(document, cell, body, page.height)) is not None
    ]
    best = max(titles, key=lambda title: title.weight, default=None)
    return best if best is not None and best.weight >= _WEIGHT_MIN else None


def _title(document: Document, cell: Cell, body: float, height: float) -> _Title | None:
    """The type that a cell names, weighed by size, height on the page, and how much of the cell the name is."""
    if not _ANY_TITLE.search(cell.norm):
        return None
    for kind in _TYPES:
        match = kind.pattern.search(cell.norm)
        if match is None or cell.norm[match.end() : match.end() + 3] in (" to", " fo"):
            continue
        words, before = len(cell.norm.split()), len(cell.norm[: match.start()].split())
        if before and words > _TITLE_WORDS_MAX:
            return None
        weight = min(cell.size / body, 2.0) / 2 * (1.0 - 0.6 * cell.box[1] / height)
        named = len(match.group().split())
        weight *= 1.0 if words <= named + 1 else 0.8 if before == 0 else 0.45
        if words > 1 and any(label.start <= match.start() < label.end for label in document.labels[id(cell)]):
            weight *= 0.6
        row = document.row_of(cell)
        if len(row) > 2 and cell.column == 0 and not any(c.isdigit() for other in row for c in other.norm):
            weight *= 0.4  # the title of a column, not of the document
        return _Title(kind, Place(cell, cell.text_offset(match.start()), cell.text_end(match.end())), weight)
    return None


def _page_count(document: Document) -> tuple[Place, int] | None:
    """ "Page 1 of 3" on a page, in words or as 1/3 beside the word page; it must fit the page it stands on."""
    for cell in document.cells:
        words = len(cell.norm.split())
        if words > 14 or not any(c.isdigit() for c in cell.norm):
            continue
        near = cell.norm if cell.column == 0 else f"{document.row_of(cell)[cell.column - 1].norm} {cell.norm}"
        if not _PAGE_WORD.search(near):
            continue
        match = _PAGES.search(cell.norm)
        if match and 1 <= int(match[1]) <= int(match[2]):
            return Place(cell, cell.text_offset(match.start()), cell.text_end(match.end())), int(match[2])
        slashed = _PAGES_SLASH.search(cell.text)
        if slashed and 1 <= int(slashed[1]) <= int(slashed[2]):
            return Place(cell, slashed.start(), slashed.end()), int(slashed[2])
    return None
