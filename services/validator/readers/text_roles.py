"""What the words beside an amount call it: gross, net, tax, due, paid, or none of the invoice's totals.

A total's label is a phrase of its own ("Rechnungssumme ohne USt."), so words are sorted into classes and the classes
decide. Patterns match normalized text (`text_layout.normalized`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Role(StrEnum):
    """What an amount's label says it is."""

    GROSS = "gross"
    DUE = "due"
    NET = "net"
    SUBTOTAL = "subtotal"
    TAX = "tax"
    PAID = "paid"
    OTHER = "other"


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(r"(?<![^\W_])(?:" + "|".join(alternatives) + r")(?![^\W_])")


_TAX_WORD = (
    r"(?:tax|taxes|vat|gst|hst|pst|qst|tva|iva|igv|icms|btw|moms|momsen|mva|alv|dph|pdv|kdv|afa|ddv|pvn|pvm|ust|mwst|cgst|sgst|igst|sales tax|"
    r"\w*steuern?|\w*steuerbetrag|ust betrag|mwst betrag|mehrwertst|ums st|arvonlisavero\w*|momsbelopp|mervardesskatt|btwbedrag|podatek|kwota vat|"
    r"imposta|impuesto|imposto|merverdiavgift|cuota)"
)
_TAX = _words(_TAX_WORD)
_NOT_AMOUNT = _words(
    r"number",
    r"no",
    r"nr",
    r"nummer",
    r"numero",
    r"id",
    r"ident\w*",
    r"reg",
    r"idnr",
    r"tel",
    r"phone",
    r"fax",
    r"kto",
    r"blz",
    r"iban",
    r"seite",
    r"page",
    r"hrb",
)
_OTHER = _words(
    r"previous\w*", r"prior", r"opening", r"(?:brought|carried|carry) (?:forward|over)", r"balance (?:forward|b f|c f)", r"forward", r"(?:statement|account|credit|customer) balance",
    r"u?e?bertrag", r"ubertrag", r"vortrag", r"saldovortrag", r"report", r"a reporter", r"reporte", r"transport", r"overfort", r"overbrengen", r"riporto", r"(?:page|sheet) (?:sub ?)?total", r"seiten\w*summe",
    r"zwischensumme seite", r"discount\w*", r"\w*rabatt\w*", r"rabais", r"remise\w*", r"korting", r"sconto", r"skonto\w*", r"descuento", r"desconto", r"alennus", r"zuschlage?", r"abschlage?", r"zu abschlag",
    r"shipping", r"postage", r"versand\w*", r"fracht\w*", r"freight", r"delivery", r"frais de port", r"verzendkosten", r"frakt", r"porto", r"handling", r"credit limit", r"savings?", r"saved", r"rounding",
    r"rundung", r"avrundning", r"oresavrundning", r"tips?", r"gratuity", r"interest", r"late fees?", r"mahn\w*", r"unit price", r"einzelpreis", r"prix unitaire", r"price each", r"ytd", r"year to date",
    r"outstanding balance",
    r"ausstehend\w*",
    r"offene forderung\w*",
    r"ruckstand\w*", r"overdue", r"past due", r"last (?:bill|invoice|month|statement|period)", r"vorherig\w*", r"letzte\w*", r"ancien solde", r"solde (?:precedent|anterieur)",
    r"capital(?: social)?", r"kapital", r"stammkapital", r"monthly", r"per month", r"pro monat", r"installments?", r"teilzahlung", r"minimum", r"kosten", r"\w+kosten", r"fees?", r"gebuhr\w*", r"charges",
    r"insurance", r"cash", r"change", r"wechselgeld", r"tendered", r"points", r"statement", r"new balance", r"neuer saldo", r"total balance", r"indemnite\w*", r"verwaltungsgeb\w*", r"year", r"quantity", r"menge gesamt", r"gesamtmenge",
    r"total (?:hours|units|weight|qty|quantity|items|nights)", r"weight", r"gewicht", r"hours", r"stunden", r"km", r"item total", r"basis",
)  # fmt: skip
_PAID = _words(
    r"paid", r"payments?(?: received| made)?", r"prepaid", r"prepayment", r"deposits?", r"\w*anzahlung(?:en)?", r"bezahlt", r"gezahlt", r"geleistete\w*", r"vorauszahlung\w*", r"acomptes?", r"deja (?:paye|regle|verse)\w*",
    r"avance", r"paiements?", r"vooruitbetaald", r"betaald", r"aanbetaling", r"inbetalt", r"betalt", r"forskott", r"forskudd", r"anticipo", r"acconto", r"sinal", r"zaliczk\w*", r"zaplacono", r"maksettu", r"credits?", r"less amount", r"voorschot",
)  # fmt: skip
_DUE = _words(
    r"(?:balance|amount|total|payment|sum|net)s? (?:now |amount )?(?:due|owing|outstanding|payable|to pay|to be paid|remaining)", r"(?:due|payable|owed|balance)", r"pay this amount", r"please pay", r"zahlbetrag", r"zu zahlen\w*", r"zahllast",
    r"zahlender", r"(?:offener|falliger|uberweisungs|zu uberweisender)\w* ?betrag", r"restbetrag", r"uberweisungsbetrag", r"abbuchungsbetrag", r"forderungsbetrag", r"reste (?:a payer|du)", r"(?:net|montant|somme|total|solde)? ?a (?:payer|regler)", r"solde(?: du)?", r"residual",
    r"te betalen", r"te voldoen", r"openstaand\w*", r"att betala", r"at betale", r"a betale", r"til betaling", r"betales", r"skyldig\w*", r"maksettava\w*", r"(?:total )?a pagar", r"da pagare", r"a pagare", r"saldo", r"do zaplaty", r"pozostalo",
    r"k uhrade", r"fizetendo", r"de plata", r"remaining", r"prelevement", r"montant du", r"belopp att betala", r"tasuda",
)  # fmt: skip
_WITHOUT_TAX = _words(
    r"netto\w*", r"net", r"\w+netto", r"untaxed", r"taxable(?: amount| value)?", r"ht", r"htva", r"h t", r"imponibile\w*", r"base imponible", r"warenwert", r"veroton", r"pre tax", r"taxfree", r"grondslag", r"\w*grundlag\w*", r"basisbetrag", r"bemessungsgrundlage",
    r"wartosc netto", r"base tributavel", r"valor liquido", r"basis\w*betrag", r"merchandise total", r"goods total", r"belopp exkl", r"beskattningsunderlag", r"momsunderlag", r"afgiftsgrundlag",
    rf"(?:excl\w*|exkl\w*|ekskl\w*|eks|exc|ex|without|before|ohne|exclusief|exclusive of|zonder|utan|uten|uden|sin|senza|sem|bez|hors|hors d)(?: \w+)? ?{_TAX_WORD}", r"excl(?:uding)?", r"exkl", r"hors taxes?", r"total ohne",
)  # fmt: skip
_WITH_TAX = _words(
    r"brutto\w*", r"gross", r"\w+brutto", r"ttc", r"t t c", r"tvac", r"ivato", r"toutes taxes comprises", r"valor bruto", r"bruto",
    rf"(?:incl\w*|inkl\w*|inc|including|inclusive of|mit|einschl\w*|inclusief|med|avec|con|com|z|sis|sisaltaen|met)(?: \d+){{0,2}}(?: ?%)?(?: \w+)? ?{_TAX_WORD}", rf"{_TAX_WORD} (?:incl\w*|incluid[ao]s?|inclus\w*|inbegrepen|compris\w*|inkl\w*)",
    r"all taxes",
)  # fmt: skip
_SUBTOTAL = _words(
    r"sub ?totals?",
    r"subtotaal",
    r"delsumma",
    r"delsum",
    r"zwischensumme\w*",
    r"sous total",
    r"subtotale",
    r"valisumma",
    r"positionssumme",
    r"positionen",
    r"summe positionen",
    r"suma czesciowa",
    r"items total",
    r"lines total",
    r"artikelsumme",
    r"totale parziale",
    r"net total",
    r"varer i alt",
)
_TOTAL_STRONG = _words(
    r"grand total", r"total (?:for (?:this|the) )?invoice(?: amount| value| total)?", r"invoice (?:total|amount|value|sum)", r"total amount", r"total (?:usd|eur|gbp|sek|chf|dkk|nok|pln|cad|aud|inr|jpy)", r"(?:usd|eur|gbp|sek|chf|dkk|nok|cad|aud) total", r"total price",
    r"gesamt ?(?:betrag|summe|preis|total|rechnungsbetrag|rechnungssumme)", r"rechnungs ?(?:betrag|summe|beitrag|total|endbetrag|gesamtbetrag)", r"gesamt rechnungsbetrag", r"end ?(?:betrag|summe|preis)", r"summe gesamt", r"summe total", r"gesamtsumme\w*", r"faktura ?(?:belopp|total|summa)", r"beitragssumme",
    r"total (?:general|facture|de la facture|a facturer)", r"montant (?:total|de la facture|facture)", r"totaal ?bedrag", r"factuur ?(?:bedrag|totaal)", r"totaalbedrag", r"totalsumma", r"summa totalt", r"total ?belopp", r"fakturatotal", r"i alt", r"ialt", r"total ?belop", r"fakturabelop",
    r"yhteensa", r"loppusumma", r"laskun (?:loppu)?summa", r"importe total", r"total factura", r"total importe", r"totale (?:fattura|documento|complessivo|generale)", r"importo totale", r"total (?:geral|da fatura|fatura|documento)", r"valor total", r"wartosc brutto", r"razem brutto", r"ogolem", r"celkem",
    r"vegosszeg", r"osszesen", r"total de plata", r"kokku", r"credit total", r"total credit", r"gutschriftsbetrag",
)  # fmt: skip
_TOTAL = _words(
    r"total",
    r"totals",
    r"summe",
    r"gesamt",
    r"gesamt\w+",
    r"totaal",
    r"totale",
    r"totalt",
    r"summa",
    r"suma",
    r"razem",
    r"totaux",
    r"sum",
    r"betragssumme",
    r"endsumme",
)
_AMOUNT = _words(
    r"amount",
    r"\w*betrag",
    r"montant",
    r"bedrag",
    r"belopp",
    r"belob",
    r"belop",
    r"importe",
    r"importo",
    r"valor",
    r"kwota",
    r"price",
    r"rechnung",
)


class AmountLabel(NamedTuple):
    """The role that a label gives an amount, and how plainly (0 to 1)."""

    role: Role
    strength: float


@lru_cache(maxsize=8192)
def amount_label(norm: str) -> AmountLabel | None:
    """What normalized words beside an amount call it; None when they say nothing about totals."""
    net, gross = bool(_WITHOUT_TAX.search(norm)), bool(_WITH_TAX.search(norm))
    if _DUE.search(norm) and not _words_of_past(norm):
        return AmountLabel(Role.DUE, 0.75 if not net else 0.7)
    if _OTHER.search(norm):
        return AmountLabel(Role.OTHER, 1.0)
    if _PAID.search(norm) and not _PAYMENT_MATTERS.search(norm):
        return AmountLabel(Role.PAID, 0.8)
    if gross and not net:
        return AmountLabel(Role.GROSS, 1.0)
    if net and not gross:
        return AmountLabel(Role.NET, 0.8 if _SUBTOTAL.search(norm) else 1.0)
    if _SUBTOTAL.search(norm):
        return AmountLabel(Role.SUBTOTAL, 0.7)
    if _TAX.search(norm) and not _NOT_AMOUNT.search(norm):
        return AmountLabel(Role.TAX, 1.0)
    if _TOTAL_STRONG.search(norm):
        return AmountLabel(Role.GROSS, 0.95)
    if _TOTAL.search(norm) and not _NOT_AMOUNT.search(norm):
        return AmountLabel(Role.GROSS, 0.8)
    if _AMOUNT.fullmatch(norm):
        return AmountLabel(Role.GROSS, 0.3)
    return None


_PAYMENT_MATTERS = _words(
    r"date",
    r"terms?",
    r"conditions?",
    r"limite",
    r"method",
    r"mode",
    r"reference",
    r"deadline",
    r"card",
    r"info\w*",
    r"details",
)


def _words_of_past(norm: str) -> bool:
    return _PAST.search(norm) is not None


_PAST = _words(
    r"previous\w*",
    r"prior",
    r"past due",
    r"overdue",
    r"opening",
    r"forward",
    r"statement",
    r"account balance",
    r"precedent",
    r"anterieur",
    r"ancien",
    r"last",
    r"saldovortrag",
    r"vorherig\w*",
    r"foregaende",
    r"minimum",
    r"credit limit",
    r"customer balance",
)

_CARRIED = _words(
    r"(?:brought|carried|carry) (?:forward|over)", r"balance (?:forward|b f|c f)", r"u?e?bertrag", r"zwischensumme\w*", r"seiten\w*summe", r"page (?:sub ?)?total", r"a reporter", r"report", r"reporte", r"riporto", r"transport", r"overfort", r"overbrengen",
)  # fmt: skip


def is_carried(norm: str) -> bool:
    """Whether words name a sum carried between pages: neither a line nor a total."""
    return _CARRIED.search(norm) is not None
