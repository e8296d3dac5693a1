"""The words that invoices put beside their values, in the languages partners' vendors write.

Patterns match normalized text (`text_layout.normalized`): no case, no accents, no punctuation. These are the phrases
of numbers, dates, parties and currency; what stands beside amounts is in `text_roles`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from services.validator.readers.text_layout import Cell


class Label(NamedTuple):
    """One label on the page: which field, how sure the words are (0 to 1), where in the cell."""

    field: str
    strength: float
    cell: Cell
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrases:
    field: str
    strength: float
    pattern: re.Pattern[str]


def _phrases(field: str, strength: float, *alternatives: str) -> _Phrases:
    return _Phrases(field, strength, re.compile(r"(?<![^\W_])(?:" + "|".join(alternatives) + r")(?![^\W_])"))


_NR = r"(?:number|numbers|num|no|nr|nbr|nro|id|#|code|nummer|numero|numer|numeris|cislo|c|szam|sz|n)"
_INVOICE = (
    r"(?:invoice|inv|bill|tax invoice|credit note|credit memo|creditnote|receipt|rechnung|rechnungs|rg|gutschrift|gutschrifts|"
    r"faktura|fakturan|fakturans|kreditfaktura|facture|avoir|factuur|creditnota|lasku|laskun|factura|fattura|fatura|"
    r"nota de credito|nota di credito|regning|faktury|szamla|arve|saskaita|rekins)"
)
NUMBER = "invoice_number"
ISSUED = "issue_date"
DUE_ON = "due_date"

# Order matters: a place that an earlier entry took is not given to a later one.
_TABLE: tuple[_Phrases, ...] = (
    _phrases(
        "other_number", 1.0,
        rf"(?:customer|client|account|acct|order|purchase order|po|p o|quote|job|project|delivery|ship\w*|vat|tax|reg\w*|company|"
        rf"contract|reference|ref|your|member|booking|case|ticket|item|article|part|serial|phone|tel|fax|original invoice|"
        rf"related invoice|payment|transaction|confirmation|check|cheque|routing|sales order|so|subscription|license|patient|"
        rf"tracking|policy|folio|vendor|supplier|bank|iban|kvk|abn|gst|ein|siret|siren|eori|gln|employee) {_NR}",
        r"(?:kunden|debitoren|debitor|lieferschein|lieferanten|lief|bestell|auftrags?|vertrags?|konto|kto|steuer|ust id|ust ident|ustid|"
        r"artikel|art|kassen|projekt|mandats?|referenz|ursprungsbeleg|ursprungs|objekt|versicherungs|policen|personal|zahler|leasing|"
        r"mitglieds|vorgangs|angebots?|handelsregister|telefon|fax|mandanten|liefer|serien|fahrgestell|fg|glaubiger\w*) ?(?:nr|nummer|no|identnr|identnummer)",
        r"\w+(?:schein|vertrag|auftrag|bestell|kunden|lieferanten|steuer|konto|artikel|vertrags|auftrags|versicherungs|zaehler|zahler|leasing|debitoren|serien)s?(?:nr|nummer)",
        r"(?:numero|no|n|num|nr|ref|reference)(?: de| du| d| del| de la| di)? (?:client|commande|bon|compte|dossier|contrat|tva|siret|ligne|serie|cliente|pedido|ordine|ordem|contrato|"
        r"albaran|bl|livraison|devis|telephone|abonne|adherent|police|article|produit)",
        r"(?:code|id|ref) ?(?:client|cliente|kunde)",
        r"(?:klant|order|bestel|debiteur|relatie|pakbon|contract|dossier|artikel|serie|btw|kvk|ordre|kunde|kund|konto|customer|bestallnings|order|leverans|offert|"
        r"referens|plusgiro|bankgiro|organisations|org|best|rekvisitions|tilbuds|leverings|cvr|asiakas|tilaus|viite|y tunnus|sopimus) ?(?:nr|nummer|numero|nro|no|id|tunnus)",
        r"ocr(?: nummer| nr)?", r"(?:nr|numer) (?:klienta|zamowienia|konta|nip|umowy)", r"nip", r"your (?:ref\w*|order)", r"ihre? (?:auftrags?\w*|bestell\w*|zeichen)",
        r"(?:lieferschein|bestellung|auftrag|vertrag|kunde|angebot|lieferung)(?: nr| nummer)?", r"order(?: reference)?", r"po", r"vsnr",
        r"(?:cost centre|cost center|kostenstelle)", r"iban(?: nr)?", r"bic", r"swift", r"blz", r"payment reference", r"zahlungsreferenz",
    ),
    _phrases(
        "other_date", 1.0,
        r"(?:order|ship\w*|delivery|deliver\w*|print\w*|statement|birth|booking|purchase|sale|service|supply|start|end|expiry|expiration|"
        r"contract|payment|paid|report|revision|version|valid|effective|renewal|check in|check out|arrival|departure|transaction|posting|"
        r"quote|quotation|po|p o|tax point|period|dispatch|completion|event|visit|return|usage|activity|previous|last|next) ?(?:date|on|dated)",
        r"dates? of (?:order|delivery|supply|service|birth|shipment|purchase|arrival|departure|payment)",
        r"(?:liefer|leistungs|bestell|auftrags?|vertrags?|lieferschein|druck|buchungs|zahlungs|versand|valuta|geburts|mandats|angebots|abfahrts|anreise|"
        r"abreise|ausgangs|eingangs|erstell\w*druck|gueltigkeits|skonto|liefer und leistungs|leistungs und liefer)(?: ?datum| ?termin| ?zeitpunkt|tag)(?: lief)?",
        r"auftrag datum(?: lief)?", r"date (?:de )?(?:la )?(?:commande|livraison|reglement|paiement|prestation|expedition|naissance|debut|fin|prelevement|vente|effet|valeur|impression)",
        r"(?:order|lever|leverings|bestel|betaal|verzend|boekings|geboorte|druk|afdruk|contract|leverans|bestallnings|orderns|tilaus|toimitus|ordre|utskrifts|sendings|afsendelses)(?:datum|dato|dag|pvm|paiva|paivamaara)",
        r"fecha (?:de )?(?:pedido|entrega|envio|operacion|pago|nacimiento|impresion|valor)", r"data (?:di |del |de |do )?(?:ordine|consegna|spedizione|pagamento|pedido|entrega|envio|"
        r"pagamento|sprzedazy|dostawy|zamowienia|wykonania|trasporto|ddt)", r"(?:checkin|checkout|check in|check out|anreise|abreise|arrivo|partenza)",
        r"prelevement(?: a partir)?(?: du)?", r"(?:stand|version|rev|gedruckt am|printed on|printed|print)",
    ),
    _phrases(
        DUE_ON, 1.0,
        r"(?:payment |invoice )?due(?: date| by| on)?", r"date due", r"pay(?:ment|able)? (?:by|before|no later than|deadline)", r"(?:please )?pay by",
        r"total amount due on", r"payable on", r"(?:netto |zahlung )?fallig(?:keit|keitsdatum|keitstermin)?(?: am| bis| zum| per)?", r"zahlbar (?:bis|am|spatestens)(?: zum| am)?",
        r"zahlungsziel", r"zu zahlen bis", r"zahlungstermin", r"(?:zahlbar|zahlen|uberweisen|begleichen|zahlung)(?: \w+){0,6} bis(?: zum| spatestens| spatestens zum| am)?",         r"(?:date )?(?:d )?echeance(?: le| du)?", r"date limite (?:de |du )?(?:paiement|reglement)(?: le)?", r"a (?:payer|regler) (?:avant|au plus tard)(?: le)?", r"payable (?:le|avant le|au)",
        r"vervaldatum", r"vervaldag", r"(?:uiterste )?betaaldatum", r"(?:te )?betalen (?:voor|uiterlijk)", r"forfallo ?(?:datum|dag)?", r"forfallodatum", r"forfaller", r"forfall(?:sdato|sdag)?",
        r"forfald(?:sdato|sdag)?", r"sista (?:betalningsdag|betaldag|inbetalningsdag)", r"betalningsdag", r"betalas senast", r"(?:oss tillhanda|tillhanda) senast", r"betalingsfrist", r"sidste (?:rettidige )?betalingsdag",
        r"erapaiva", r"erapvm", r"maksupaiva", r"(?:fecha (?:de )?)?vencimiento", r"(?:data (?:di |de )?)?scadenza", r"(?:data (?:de )?)?vencimento", r"termin (?:platnosci|zaplaty)",
        r"(?:datum )?splatnost\w*", r"fizetesi hatarido", r"scadent\w*",
    ),
    _phrases(
        ISSUED, 1.0,
        r"(?:invoice|inv|bill|billing|document|receipt|credit note|credit memo|tax invoice) ?(?:issue )?dated?", r"dates? of (?:issue|invoice|invoicing|bill)", r"issue dates?",
        r"(?:date )?issued(?: on)?(?: date)?", r"dated", r"(?:liefer und |leistungs und )?(?:rechnungs|rechnung|rechn|rg|beleg|ausstellungs|gutschrifts?|faktura|dokument\w*) ?datum",
        r"datum der rechnung", r"ausgestellt am", r"rechnung vom", r"date (?:de |d )?(?:la )?(?:facture|facturation|emission|document|avoir|piece|etablissement)", r"(?:date )?facture du",
        r"emise? le", r"etablie? le", r"factuur ?datum", r"datum factuur", r"fakt(?:ura)? ?(?:datum|dato|dag)", r"fakturadag", r"fakturans datum", r"datum for faktura", r"laskun (?:paivays|paivamaara|pvm)",
        r"laskupaiva", r"paivays", r"fecha (?:de )?(?:la )?(?:factura|emision|expedicion|facturacion|documento)", r"data (?:della |da |do |di )?(?:fattura|fatura|documento|emissione|emissao|doc)",
        r"data wystawienia(?: faktury)?", r"data faktury", r"datum vystaveni\w*", r"datum fakture", r"(?:szamla )?kelte", r"data facturii", r"arve kuupaev", r"fakturadato",
    ),
    _phrases(
        NUMBER, 1.0,
        rf"{_INVOICE} ?{_NR}(?: {_NR})?", rf"{_NR} (?:de |d |della |da |do |de la )?(?:la )?{_INVOICE}", rf"{_INVOICE} (?:ref|reference|referenznummer|referens)",
         r"(?:rechnungs|gutschrifts?|beleg|fakturen|faktura|rechn|rechungs)(?: ?nr| ?nummer| ?no| ?id)", r"factuur(?:nummer|nr)", r"faktura(?:nummer|nr)",
        r"fakturanr", r"lasku(?:numero|nro)", r"beleg ?(?:nr|nummer)", r"(?:document|dokument|dokumenten|doc) ?(?:number|no|nr|nummer)", r"belegnummer",
        r"(?:kvittering|kvitto|bon|bonnetje|kassabon) ?(?:nr|nummer|no)", r"nota fiscal", rf"faktura (?:vat )?{_NR}", r"(?:numer|nr) faktury", r"cislo faktury", r"ref facture",
        r"estimate number",
    ),
    _phrases("buyer", 1.0,
        r"(?:bill|billed|invoice|invoiced|sold|charge) to(?: address)?", r"billing (?:address|information|details)", r"(?:customer|client|buyer|purchaser)(?: name)?", r"guest name", r"customer details",
        r"rechnungs ?(?:empfanger|adresse|anschrift)", r"(?:kaufer|kunde|auftraggeber|leistungsempfanger|kaufer leistungsempfanger|debitor)", r"factuuradres", r"(?:klant|afnemer|debiteur)",
        r"(?:faktura ?adress|fakturamottagare|kund|kopare|faktureras till|kunde|kober|kjoper|fakturaadresse|faktureres til)", r"(?:client|acheteur|facture a|adresse de facturation|destinataire|factur[e]? a|nom de l abonne)",
        r"(?:cliente|comprador|facturar a|destinatario|cessionario|spett le|intestatario|adquirente)", r"nabywca", r"(?:ostaja|asiakas|laskutusosoite)", r"(?:odberatel|vevo|client name)"),
    _phrases("seller", 1.0,
        r"(?:seller|vendor|supplier|sold by|service provider|issued by|from|biller|issuer)(?: name)?", r"(?:verkaufer|lieferant|rechnungs ?(?:steller|ersteller|aussteller)|leistungserbringer|absender)",
        r"(?:vendeur|fournisseur|emetteur|prestataire)", r"(?:verkoper|leverancier|saljare|leverantor|saelger|leverandor|selger|myyja|toimittaja)", r"(?:vendedor|proveedor|emisor|cedente|fornitore|prestatore|fornecedor|sprzedawca|wystawca|dodavatel)"),
    _phrases("ship_to", 1.0,
        r"ship(?:ped)? to", r"(?:shipping|delivery|service|remittance) address", r"(?:liefer|waren|leistungs) ?(?:adresse|anschrift|empfanger)", r"afleveradres", r"adresse de (?:livraison|l installation)", r"leverans ?adress", r"direccion de envio",
        r"destinazione(?: merce)?", r"deliver to", r"toimitusosoite", r"leveringsadresse"),
    _phrases(ISSUED, 0.6, r"date", r"datum", r"dato", r"fecha", r"data", r"pvm", r"paivamaara", r"kelt", r"kuupaev"),
    _phrases("currency", 1.0, r"currency(?: code)?", r"(?:beleg|rechnungs)?wahrung", r"devise", r"valuta", r"moneda", r"moeda", r"divisa", r"waluta", r"mena", r"valuutta",
        r"(?:betrage?|preise|amounts?|prices?|all prices|montants?|bedragen|belopp)(?: are)?(?: expressed| shown| stated)? (?:in|en|i)"),
)  # fmt: skip

_TITLES = re.compile(
    r"(?<![^\W_])(?:\w*rechnung|invoice|facture|factuur|faktura|fakturan|factura|fattura|fatura|lasku|regning|gutschrift|credit note|credit memo|avoir|"
    r"kreditfaktura|kreditnota|creditnota|nota de credito|nota di credito|rechnungs ?korrektur|rechnungs|receipt|bill|szamla|hyvityslasku)(?![^\W_])"
)
_NUMBER_SIGN = re.compile(
    r"(?P<between>(?: [^\W_]+){0,5}?) (?:no|nr|nummer|number|num|numero|n|c|nro|#)(?![^\W_])"
)
_OF_ANOTHER_INVOICE = frozenset(
    [
        "original",
        "related",
        "previous",
        "prior",
        "ref",
        "reference",
        "zu",
        "zur",
        "for",
        "to",
        "against",
        "re",
        "corrects",
        "last",
    ]
)
_OF_ANOTHER_THING = frozenset(
    [
        "zur",
        "zu",
        "zum",
        "fur",
        "for",
        "to",
        "pour",
        "till",
        "voor",
        "auf",
        "on",
        "per",
        "customer",
        "order",
        "kunden",
        "auftrag",
    ]
)
_NAKED_NUMBER = re.compile(r"^(?:no|nr|nummer|number|num|numero|n|#)(?![^\W_])")


def find_labels(cell: Cell) -> list[Label]:
    """All labels of numbers, dates, parties and currency in a cell, from the left, none overlapping."""
    taken: list[tuple[int, int]] = []
    found: list[Label] = []
    if not any(character.isalpha() for character in cell.norm):
        return found
    for phrases in _TABLE:
        for match in phrases.pattern.finditer(cell.norm):
            start, end = match.span()
            if _inside_identifier(cell, start, end):
                continue
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                if not _extends(taken, start, end):
                    continue
                found = [each for each in found if not (start <= each.start and each.end <= end)]
                taken = [each for each in taken if not (start <= each[0] and each[1] <= end)]
            taken.append((start, end))
            found.append(Label(phrases.field, phrases.strength, cell, start, end))
    return sorted(found, key=lambda label: label.start)


def _inside_identifier(cell: Cell, start: int, end: int) -> bool:
    """Whether the words are parts of one value such as `invoice_number_1`."""
    return "_" in cell.text[cell.text_offset(start) : cell.text_end(end) + 1]


def _extends(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether the place holds all that overlap it and is longer: the longer phrase says more."""
    overlapping = [each for each in taken if start < each[1] and each[0] < end]
    return all(start <= each[0] and each[1] <= end and each != (start, end) for each in overlapping)


def title_end(cell: Cell) -> int | None:
    """Where a document title ("Invoice", "Mietrechnung") at the start of a cell ends, in `norm`."""
    match = _TITLES.search(cell.norm)
    if match is None or match.start() > 12 or _inside_identifier(cell, match.start(), match.end()):
        return None
    if _OF_ANOTHER_INVOICE.intersection(cell.norm[: match.start()].split()):
        return None
    return match.end()


def number_sign_end(cell: Cell, start: int) -> int | None:
    """Where a number sign soon behind `start` ("Mietrechnung (387) Nr. 17") ends, in `norm`."""
    match = _NUMBER_SIGN.match(cell.norm, start)
    if match is None or _OF_ANOTHER_THING.intersection(match["between"].split()):
        return None
    return match.end()


def naked_number_end(cell: Cell) -> int | None:
    """Where a bare number sign ("Nr.", "#") at the start of a cell ends, in `norm`."""
    match = _NAKED_NUMBER.match(cell.norm)
    return match.end() if match else None
