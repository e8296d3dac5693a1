"""Rules that ask for a code of a list: currencies, countries, VAT categories, reasons, media types."""

import re
from collections.abc import Callable, Iterable

from schemas.money import EXPONENTS
from services.validator.core.en16931_model import AllowanceCharge, Invoice, Party, TaxCategory
from services.validator.core.en16931_rule import Check, every


def _codes(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# ISO 4217 codes that are no money of a country (funds, metals, testing), and some that have been replaced since.
_OTHER_CURRENCIES = _codes(
    "ANG BOV CHE CHW COU CUC HRK MRO MXV SLL STD USN UYI VEF XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS "
    "XUA XXX ZWL"
)
CURRENCIES = frozenset(EXPONENTS) | _OTHER_CURRENCIES
COUNTRIES = _codes(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT "
    "BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH "
    "ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT "
    "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI "
    "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
    "SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG "
    "UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW 1A XI"
)
VAT_PREFIXES = COUNTRIES | {"EL"}
VAT_CATEGORIES = _codes("AE E S Z G O K L M B")
TAX_POINT_CODES = frozenset({"3", "35", "432"} | {"5", "29", "72"})  # UNTDID 2005 in UBL, 2475 in CII
ALLOWANCE_REASONS = _codes("41 42 60 62 63 64 65 66 67 68 70 71 88 95 100 102 103 104 105")
CHARGE_REASONS = _codes(
    "AA AAA AAC AAD AAE AAF AAH AAI AAS AAT AAV AAY AAZ ABA ABB ABC ABD ABF ABK ABL ABN ABR ABS ABT ABU "
    "ACF ACG ACH ACI ACJ ACK ACL ACM ACS ADC ADE ADJ ADK ADL ADM ADN ADO ADP ADQ ADR ADT ADW ADY ADZ AEA "
    "AEB AEC AED AEF AEH AEI AEJ AEK AEL AEM AEN AEO AEP AES AET AEU AEV AEW AEX AEY AEZ AJ AU CA CAB CAD "
    "CAE CAF CAI CAJ CAK CAL CAM CAN CAO CAP CAQ CAR CAS CAT CAU CAV CAW CAX CAY CAZ CD CG CS CT DAB DAC "
    "DAD DAF DAG DAH DAI DAJ DAK DAL DAM DAN DAO DAP DAQ DL EG EP ER FAA FAB FAC FC FH FI GAA HAA HD HH "
    "IAA IAB ID IF IR IS KO L1 LA LAA LAB LF MAE MI ML NAA OA PA PAA PC PL PRV RAB RAC RAD RAF RE RF RH "
    "RV SA SAA SAD SAE SAI SG SH SM SU TAB TAC TT TV V1 V2 WH XAA YY ZZZ"
)
MEDIA_TYPES = frozenset(
    {
        "application/pdf",
        "image/png",
        "image/jpeg",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
ADDRESS_SCHEMES = _codes(
    "0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0151 0183 0184 0188 0190 0191 0192 0193 "
    "0195 0196 0198 0199 0200 0201 0202 0204 0208 0209 0210 0211 0212 0213 0215 0216 0218 0221 0230 9901 "
    "9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 "
    "9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 "
    "9959"
)
DOCUMENT_TYPES = _codes(
    "71 80 81 82 83 84 102 130 202 203 204 211 218 219 261 262 295 296 308 325 326 331 380 381 382 383 384 385 386 "
    "387 388 389 390 393 394 395 396 420 456 457 458 471 472 473 500 501 502 503 527 532 553 575 623 633 751 780 817 "
    "870 875 876 877 935"
)
PAYMENT_MEANS = frozenset(str(code) for code in [*range(1, 69), 70, *range(74, 79), *range(91, 99)]) | {"ZZZ"}
# UNTDID 7143.
ITEM_LISTS = _codes(
    "AA AB AC AD AE AF AG AH AI AJ AK AL AM AN AO AP AQ AR AS AT AU AV AW AX AY AZ BA BB BC BD BE BF BG BH BI BJ BK BL "
    "BM BN BO BP BQ BR BS BT BU BV BW BX BY BZ CC CG CL CR CV DR DW EC EF EMD EN FS GB GMN GN GS HS IB IN IS IT IZ MA "
    "MF MN MP NB ON PD PL PO PPI PV QS RC RN RU RY SA SG SK SN SRS SRT SRU SRV SRW SRX SRY SRZ SS SSA SSB SSC SSD SSE "
    "SSF SSG SSH SSI SSJ SSK SSL SSM SSN SSO SSP SSQ SSR SSS SST SSU SSV SSW SSX SSY SSZ ST STA STB STC STD STE STF "
    "STG STH STI STJ STK STL STM STN STO STP STQ STR STS STT STU STV STW STX STY STZ SUA SUB SUC SUD SUE SUF SUG SUH "
    "SUI SUJ SUK SUL SUM TG TSN TSO TSP TSQ TSR TSS TST TSU UA UP VN VP VS VX ZZZ"
)
# UNTDID 1153: nearly all of AAA to AXR, and the older short codes.
_REFERENCE_GAPS = _codes("ACM ACS ADH ADR ADS AHW AJM ANZ AOB AOC")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OLD_REFERENCES = _codes(
    "AC AE AF AP AU AV BA BC BD BE BH BM BN BO BR BT BTP BTS BW CAS CAT CAU CAV CAW CAX CAY CAZ CBA CBB CD CEC CED CFE "
    "CFF CFO CG CH CK CKN CM CMR CN CNO COF CP CR CRN CS CST CT CU CV CW CZ DA DAN DB DI DL DM DQ DR EA EB ED EE EI "
    "EN EQ ER ERN ET EX FC FF FI FLW FN FO FS FT FV FX GA GC GD GDN GN HS HWB IA IB ICA ICE ICO II IL INB INN INO IP "
    "IS IT IV JB JE LA LAN LAR LB LC LI LO LRC LS MA MB MF MG MH MR MRN MS MSS MWB NA NF OH OI ON OP OR PB PC PD PE "
    "PF PI PK PL POR PP PQ PR PS PW PY RA RC RCN RE REN RF RR RT SA SB SD SE SEA SF SH SI SM SN SP SQ SRN SS STA SW "
    "SZ TB TCR TE TF TI TIN TL TN TP UAR UC UCN UN UO URI VA VC VGR VM VN VON VOR VP VR VS VT VV WE WM WN WR WS WY "
    "XA XC XP ZZZ"
)
REFERENCES = _OLD_REFERENCES | {
    code
    for code in (f"A{second}{third}" for second in _LETTERS for third in _LETTERS)
    if code <= "AXR" and code not in _REFERENCE_GAPS
}
_INVOICED_OBJECT = "130"
_ORGANIZATION_SCHEME = re.compile(r"0[0-9]{3}")
_ORGANIZATION_SCHEMES = range(2, 241)
_CREDITOR_SCHEME = "SEPA"
_EXEMPTIONS = {"G": "G", "O": "O", "IC": "K", "AE": "AE", "D": "E", "F": "E", "I": "E", "J": "E"}
_EXEMPTION_RULES = {"G": "P0104", "O": "P0105", "IC": "P0106", "AE": "P0107", "D": "P0108", "F": "P0109"}
_EXEMPTION_RULES |= {"I": "P0110", "J": "P0111"}


def _listed(pick: Callable[[Invoice], Iterable[str | None]], codes: frozenset[str]) -> Check:
    """Every code that is stated is one of the list; where none is stated the rule does not apply."""
    return lambda invoice: every(
        (code for code in pick(invoice) if code is not None), lambda code: code.strip() in codes
    )


def is_organization_scheme(scheme: str) -> bool:
    """Whether ISO 6523 has issued the code (0002 to 0240 at the time of writing)."""
    return _ORGANIZATION_SCHEME.fullmatch(scheme) is not None and int(scheme) in _ORGANIZATION_SCHEMES


def _parties(invoice: Invoice) -> list[Party]:
    return [p for p in (invoice.seller, invoice.buyer, invoice.payee, invoice.tax_representative) if p]


def _categories(invoice: Invoice) -> list[TaxCategory]:
    return [
        *(category for line in invoice.lines for category in line.categories),
        *(category for item in invoice.allowances_charges for category in item.categories),
        *(category for subtotal in invoice.subtotals for category in subtotal.categories),
    ]


def _items(invoice: Invoice) -> list[AllowanceCharge]:
    return [
        *invoice.allowances_charges,
        *(item for line in invoice.lines for item in line.allowances_charges),
    ]


def _countries(invoice: Invoice) -> list[str | None]:
    addresses = [party.address for party in _parties(invoice)] + list(invoice.delivery_addresses)
    return [address.country for address in addresses if address]


def _party_schemes(invoice: Invoice) -> bool | None:
    schemes = [found.scheme for party in _parties(invoice) for found in party.ids if found.scheme is not None]
    return every(schemes, lambda scheme: scheme == _CREDITOR_SCHEME or is_organization_scheme(scheme))


def _legal_schemes(invoice: Invoice) -> bool | None:
    found = [party.legal_id.scheme for party in _parties(invoice) if party.legal_id]
    return every((scheme for scheme in found if scheme is not None), is_organization_scheme)


def _item_schemes(invoice: Invoice) -> bool | None:
    found = [item.scheme for line in invoice.lines for item in line.standard_ids]
    return every((scheme for scheme in found if scheme is not None), is_organization_scheme)


def _object_schemes(invoice: Invoice) -> list[str | None]:
    documents = [*invoice.documents, *(found for line in invoice.lines for found in line.objects)]
    return [document.scheme for document in documents if document.type_code == _INVOICED_OBJECT]


def _vat_prefixes(invoice: Invoice) -> bool | None:
    """BR-CO-09. Greece writes EL."""
    return every(
        (vat_id for party in _parties(invoice) for vat_id in party.vat_ids),
        lambda vat_id: vat_id[:2] in VAT_PREFIXES,
    )


def _exemption(reason: str) -> Check:
    """A reason code of the directive goes with one VAT category."""

    def check(invoice: Invoice) -> bool | None:
        stated = f"VATEX-EU-{reason}"
        found = [c for c in _categories(invoice) if (c.exemption_reason_code or "").strip().upper() == stated]
        return every(found, lambda category: category.has_code(_EXEMPTIONS[reason]))

    return check


def _reasons(invoice: Invoice, charges: bool) -> list[str | None]:
    return [
        item.reason_code for item in _items(invoice) if (item.is_charge if charges else item.is_allowance)
    ]


RULES: dict[str, Check] = {
    "BR-CL-01": _listed(lambda invoice: [invoice.type_code], DOCUMENT_TYPES),
    "BR-CL-04": _listed(lambda invoice: [invoice.currency], CURRENCIES),
    "BR-CL-05": _listed(lambda invoice: [invoice.tax_currency], CURRENCIES),
    "BR-CL-06": _listed(
        lambda invoice: [period.tax_point_code for period in invoice.periods], TAX_POINT_CODES
    ),
    "BR-CL-07": _listed(_object_schemes, REFERENCES),
    "BR-CL-10": _party_schemes,
    "BR-CL-11": _legal_schemes,
    "BR-CL-13": _listed(
        lambda invoice: [found.scheme for line in invoice.lines for found in line.classifications], ITEM_LISTS
    ),
    "BR-CL-14": _listed(_countries, COUNTRIES),
    "BR-CL-16": _listed(lambda invoice: [means.code for means in invoice.payment_means], PAYMENT_MEANS),
    "BR-CL-17": _listed(
        lambda invoice: [category.code for subtotal in invoice.subtotals for category in subtotal.categories],
        VAT_CATEGORIES,
    ),
    "BR-CL-18": _listed(
        lambda invoice: [category.code for line in invoice.lines for category in line.categories],
        VAT_CATEGORIES,
    ),
    "BR-CL-19": _listed(lambda invoice: _reasons(invoice, charges=False), ALLOWANCE_REASONS),
    "BR-CL-20": _listed(lambda invoice: _reasons(invoice, charges=True), CHARGE_REASONS),
    "BR-CL-21": _item_schemes,
    "BR-CL-24": _listed(lambda invoice: invoice.media_types, MEDIA_TYPES),
    "BR-CO-09": _vat_prefixes,
}

PEPPOL_RULES: dict[str, Check] = {
    "PEPPOL-EN16931-CL001": _listed(lambda invoice: invoice.media_types, MEDIA_TYPES),
    "PEPPOL-EN16931-CL002": _listed(lambda invoice: _reasons(invoice, charges=False), ALLOWANCE_REASONS),
    "PEPPOL-EN16931-CL003": _listed(
        lambda invoice: _reasons(invoice, charges=True), CHARGE_REASONS - {"PRV"}
    ),
    "PEPPOL-EN16931-CL006": _listed(
        lambda invoice: [period.tax_point_code for period in invoice.periods], TAX_POINT_CODES
    ),
    "PEPPOL-EN16931-CL008": _listed(
        lambda invoice: [endpoint.scheme for endpoint in invoice.endpoints], ADDRESS_SCHEMES
    ),
    **{f"PEPPOL-EN16931-{rule}": _exemption(reason) for reason, rule in _EXEMPTION_RULES.items()},
}
