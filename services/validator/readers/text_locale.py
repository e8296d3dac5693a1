"""Which language and country an invoice comes from, as far as its words tell."""

from __future__ import annotations

import re
from collections import Counter

from services.validator.readers.text_candidates import Document

_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(["the", "and", "of", "for", "invoice", "date", "number", "total", "amount", "due", "to", "bill", "payment", "tax", "price", "description", "quantity", "from", "your"]),
    "de": frozenset(["und", "der", "die", "das", "den", "rechnung", "datum", "nr", "betrag", "summe", "menge", "preis", "mwst", "ust", "netto", "brutto", "bitte", "kunden", "ihre", "fur", "seite", "zahlbar", "gesamtbetrag"]),
    "fr": frozenset(["le", "la", "les", "des", "du", "facture", "montant", "ht", "ttc", "tva", "quantite", "prix", "et", "pour", "votre", "numero", "paiement", "reglement", "total", "designation", "client", "sur"]),
    "sv": frozenset(["och", "att", "faktura", "fakturadatum", "belopp", "summa", "moms", "kund", "antal", "pris", "betala", "exkl", "forfallodatum", "bankgiro", "organisationsnr", "av", "for", "momsreg"]),
    "es": frozenset(["el", "los", "de", "factura", "fecha", "importe", "cantidad", "precio", "iva", "total", "cliente", "numero", "por", "del", "y", "para", "base", "imponible"]),
    "it": frozenset(["il", "di", "fattura", "data", "importo", "quantita", "prezzo", "iva", "totale", "cliente", "numero", "per", "del", "e", "imponibile", "descrizione", "scadenza"]),
    "nl": frozenset(["de", "het", "een", "factuur", "factuurdatum", "bedrag", "aantal", "prijs", "btw", "totaal", "klant", "van", "voor", "op", "incl", "excl", "betaling", "omschrijving"]),
    "da": frozenset(["og", "faktura", "fakturadato", "belob", "antal", "pris", "moms", "kunde", "i", "alt", "at", "betale", "ordre", "til", "momsfri", "cvr", "forfaldsdato"]),
    "nb": frozenset(["og", "faktura", "fakturadato", "belop", "antall", "pris", "mva", "kunde", "til", "betaling", "forfallsdato", "kid", "org", "foretaksregisteret"]),
    "fi": frozenset(["lasku", "laskun", "paivays", "erapaiva", "yhteensa", "maara", "hinta", "alv", "veroton", "asiakas", "viitenumero", "maksettava"]),
    "pl": frozenset(["faktura", "vat", "data", "wystawienia", "sprzedawca", "nabywca", "ilosc", "cena", "netto", "brutto", "razem", "kwota", "zaplaty", "nr", "termin", "platnosci"]),
    "pt": frozenset(["fatura", "data", "valor", "quantidade", "preco", "iva", "total", "cliente", "numero", "do", "da", "em", "vencimento", "descricao"]),
}  # fmt: skip
# Words that one language alone writes on invoices weigh more than small words that many share.
_TELLING: dict[str, frozenset[str]] = {
    "en": frozenset({"invoice", "bill", "due", "amount"}),
    "de": frozenset({"rechnung", "mwst", "rechnungsnummer", "rechnungsdatum", "gesamtbetrag", "zahlbar"}),
    "fr": frozenset({"facture", "tva", "ttc", "echeance", "montant", "designation"}),
    "sv": frozenset({"fakturadatum", "forfallodatum", "belopp", "bankgiro", "exkl", "betala"}),
    "es": frozenset({"importe", "fecha", "cantidad", "vencimiento", "imponible"}),
    "it": frozenset({"fattura", "importo", "imponibile", "quantita", "scadenza", "totale"}),
    "nl": frozenset({"factuur", "factuurdatum", "btw", "bedrag", "totaal", "vervaldatum"}),
    "da": frozenset({"forfaldsdato", "belob", "cvr"}),
    "nb": frozenset({"forfallsdato", "mva", "foretaksregisteret"}),
    "fi": frozenset({"lasku", "laskun", "erapaiva", "alv", "yhteensa"}),
    "pl": frozenset({"sprzedawca", "nabywca", "zaplaty", "wystawienia", "razem"}),
    "pt": frozenset({"fatura", "vencimento", "quantidade", "descricao", "emissao"}),
}
_TELLING_WEIGHT = 3
_US_ADDRESS = re.compile(r"(?<![A-Z])[A-Z]{2}\.?,?\s+\d{5}(?:-\d{4})?(?!\d)")
_TERRITORY_WORDS: dict[str, re.Pattern[str]] = {
    territory: re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")
    for territory, words in {
        "US": r"united states(?: of america)?|usa",
        "GB": r"united kingdom|england|scotland|wales|vat reg",
        "AU": r"australia|abn",
        "CA": r"canada",
        "IN": r"india|gstin",
        "IE": r"ireland",
        "NZ": r"new zealand",
        "ZA": r"south africa",
    }.items()
}


def _votes() -> dict[str, list[tuple[str, int]]]:
    votes: dict[str, list[tuple[str, int]]] = {}
    for language, known in _WORDS.items():
        for word in known | _TELLING[language]:
            weight = _TELLING_WEIGHT if word in _TELLING[language] else 1
            votes.setdefault(word, []).append((language, weight))
    return votes


_VOTES = _votes()
_VOTES_MIN = 4


def language_of(document: Document) -> str | None:
    """The language most of the known words are in; None when too few are known."""
    counts: Counter[str] = Counter()
    for cell in document.cells:
        for word in cell.norm.split():
            for language, weight in _VOTES.get(word, ()):
                counts[language] += weight
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < _VOTES_MIN or (len(ranked) == 2 and ranked[1][1] == ranked[0][1]):
        return None
    return ranked[0][0]


def territory_of(document: Document) -> str | None:
    """The one country that English-speaking documents name by address or tax words; None when none or several."""
    words = "\n".join(cell.norm for cell in document.cells)
    found = {territory for territory, pattern in _TERRITORY_WORDS.items() if pattern.search(words)}
    if any(_US_ADDRESS.search(cell.text) for cell in document.cells):
        found.add("US")
    return found.pop() if len(found) == 1 else None
