"""Rules that Peppol adds for sellers of one country: Denmark, Italy, the Netherlands, Sweden, Norway."""

from collections.abc import Callable

from services.validator.core.en16931_identifiers import is_norwegian_organization, is_swedish_organization
from services.validator.core.en16931_model import (
    Address,
    Identifier,
    Invoice,
    Party,
    PaymentMeans,
    TaxCategory,
)
from services.validator.core.en16931_rule import Check, every

_CREDIT_NOTE = "381"
_DANISH_MEANS = frozenset({"1", "10", "31", "42", "48", "49", "50", "58", "59", "93", "97"})
_DANISH_VERSIONS = frozenset({"19.05.01", "19.0501", "26.08.01", "26.0801"})
_DUTCH_MEANS = frozenset({"30", "48", "49", "57", "58", "59"})
_DUTCH_REGISTERS = frozenset({"0106", "0190"})
_SWEDISH_RATES = (6, 12, 25)
_SWEDISH_APPROVAL = "GODKÄND FÖR F-SKATT"
_PLUSGIRO, _BANKGIRO = "SE:PLUSGIRO", "SE:BANKGIRO"


def country(party: Party | None) -> str:
    """The country of the address, in capitals; an empty text when none is given."""
    return ((party.country if party else None) or "").strip().upper()


def seller_country(invoice: Invoice) -> str:
    """The country of the seller's address, else of the VAT number."""
    vat_ids = invoice.seller.vat_ids if invoice.seller else ()
    return country(invoice.seller) or (vat_ids[0][:2].upper() if vat_ids else "")


def sold_from(code: str, check: Check, to: str | None = None) -> Check:
    """The rule for sellers with an address in a country, where `to` is given only for its own buyers."""

    def limited(invoice: Invoice) -> bool | None:
        if country(invoice.seller) != code or (to is not None and country(invoice.buyer) != to):
            return None
        return check(invoice)

    return limited


def _is_credit_note(invoice: Invoice) -> bool:
    return invoice.is_credit_note or (invoice.syntax == "CII" and invoice.type_code == _CREDIT_NOTE)


def _each_means(holds: Callable[[PaymentMeans], bool]) -> Check:
    return lambda invoice: every(invoice.payment_means, holds)


def _code(means: PaymentMeans) -> str:
    return (means.code or "").strip()


def _account(means: PaymentMeans) -> str:
    return next((account for account in means.accounts if account is not None), "")


def _legal_id(party: Party | None) -> Identifier | None:
    return party.legal_id if party else None


def _starts(text: str | None, *prefixes: str) -> bool:
    return (text or "").startswith(prefixes)


# Denmark -----------------------------------------------------------------------------------------------------------


def _danish_register(invoice: Invoice) -> bool | None:
    legal_id = _legal_id(invoice.seller)
    return None if legal_id is None else (legal_id.scheme or "").strip() == "0184"


def _danish_credit(invoice: Invoice) -> bool | None:
    """DK-R-016: a credit note between Danes is not negative."""
    due = invoice.totals.due if invoice.totals else None
    if not _is_credit_note(invoice) or country(invoice.buyer) != "DK" or due is None:
        return None
    return due.number is None or due.number >= 0


def _danish_classification(invoice: Invoice) -> bool | None:
    return every(
        invoice.lines,
        lambda line: (
            not any(found.scheme == "TST" for found in line.classifications)
            or any(found.version in _DANISH_VERSIONS for found in line.classifications)
        ),
    )


def _danish_identification(invoice: Invoice) -> bool | None:
    ids = [found for party in (invoice.seller, invoice.buyer) if party for found in party.ids]
    if invoice.syntax == "CII":
        return None
    return every(ids, lambda found: bool((found.scheme or "").strip()))


def _danish_account(means: PaymentMeans) -> bool:
    return _code(means) not in {"31", "42"} or bool(_account(means) and means.branch)


def _danish_mandate(means: PaymentMeans) -> bool:
    return _code(means) != "49" or bool(means.mandate_id and means.debited_account)


def _danish_giro(means: PaymentMeans) -> bool:
    if _code(means) != "50":
        return True
    return _starts(means.payment_id, "01#", "04#", "15#") and len(_account(means)) in {7, 8}


def _danish_giro_id(means: PaymentMeans) -> bool:
    return (
        not (_code(means) == "50" and _starts(means.payment_id, "04#", "15#"))
        or len(means.payment_id or "") == 19
    )


def _danish_card(means: PaymentMeans) -> bool:
    if _code(means) != "93":
        return True
    return _starts(means.payment_id, "71#", "73#", "75#") and len(_account(means)) == 8


def _danish_card_id(means: PaymentMeans) -> bool:
    return not (_code(means) == "93" and _starts(means.payment_id, "71#", "75#")) or (
        len(means.payment_id or "") in {18, 19}
    )


DENMARK: dict[str, Check] = {
    "DK-R-002": sold_from("DK", lambda i: bool((found := _legal_id(i.seller)) and found.text)),
    "DK-R-003": sold_from("DK", _danish_classification, to="DK"),
    "DK-R-005": sold_from("DK", _each_means(lambda means: _code(means) in _DANISH_MEANS), to="DK"),
    "DK-R-006": sold_from("DK", _each_means(_danish_account), to="DK"),
    "DK-R-007": sold_from("DK", _each_means(_danish_mandate), to="DK"),
    "DK-R-008": sold_from("DK", _each_means(_danish_giro), to="DK"),
    "DK-R-009": sold_from("DK", _each_means(_danish_giro_id), to="DK"),
    "DK-R-010": sold_from("DK", _each_means(_danish_card), to="DK"),
    "DK-R-011": sold_from("DK", _each_means(_danish_card_id), to="DK"),
    "DK-R-013": sold_from("DK", _danish_identification, to="DK"),
    "DK-R-014": sold_from("DK", _danish_register),
    "DK-R-016": sold_from("DK", _danish_credit),
}

# Italy -------------------------------------------------------------------------------------------------------------


def _italian(check: Check) -> Check:
    return lambda invoice: check(invoice) if invoice.seller and seller_country(invoice) == "IT" else None


def _italian_tax_ids(invoice: Invoice) -> bool | None:
    others = (
        [i.text for i in invoice.seller.tax_ids if (i.scheme or "").strip().upper() != "VAT"]
        if invoice.seller
        else []
    )
    return every(
        others,
        lambda text: 11 <= len(text) <= 16 and text.isascii() and text.isalnum() and text == text.upper(),
    )


def _seller_address(holds: Callable[[Address], bool]) -> Check:
    return lambda invoice: holds(
        invoice.seller.address if invoice.seller and invoice.seller.address else Address()
    )


ITALY: dict[str, Check] = {
    "IT-R-001": _italian(_italian_tax_ids),
    "IT-R-002": _italian(_seller_address(lambda address: address.street is not None)),
    "IT-R-003": _italian(_seller_address(lambda address: address.city is not None)),
    "IT-R-004": _italian(_seller_address(lambda address: address.post_code is not None)),
}

# The Netherlands ---------------------------------------------------------------------------------------------------


def _is_full(address: Address) -> bool:
    return None not in (address.street, address.city, address.post_code)


def _full_address(pick: Callable[[Invoice], Party | None]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        party = pick(invoice)
        return None if party is None or party.address is None else _is_full(party.address)

    return check


def _dutch_register(pick: Callable[[Invoice], Party | None]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        found = _legal_id(pick(invoice))
        return None if found is None else found.scheme in _DUTCH_REGISTERS and bool(found.text)

    return check


def _dutch_representative(invoice: Invoice) -> bool | None:
    if country(invoice.tax_representative) != "NL":
        return None
    return _full_address(lambda i: i.tax_representative)(invoice)


def _dutch_payment(invoice: Invoice) -> bool | None:
    """NL-R-007: who is owed money says how to pay it."""
    due = invoice.totals.due if invoice.totals else None
    if invoice.totals is None:
        return None
    value = due.number if due else None
    nothing_owed = value is not None and (value >= 0 if _is_credit_note(invoice) else value <= 0)
    return nothing_owed or bool(invoice.payment_means)


NETHERLANDS: dict[str, Check] = {
    "NL-R-001": sold_from(
        "NL", lambda i: any(p is not None for p in i.preceding) if _is_credit_note(i) else None
    ),
    "NL-R-002": sold_from("NL", _full_address(lambda invoice: invoice.seller)),
    "NL-R-003": sold_from("NL", _dutch_register(lambda invoice: invoice.seller)),
    "NL-R-004": sold_from("NL", _full_address(lambda invoice: invoice.buyer), to="NL"),
    "NL-R-005": sold_from("NL", _dutch_register(lambda invoice: invoice.buyer), to="NL"),
    "NL-R-006": sold_from("NL", _dutch_representative),
    "NL-R-007": sold_from("NL", _dutch_payment),
    "NL-R-008": sold_from("NL", _each_means(lambda means: _code(means) in _DUTCH_MEANS), to="NL"),
    "NL-R-009": sold_from(
        "NL",
        lambda invoice: every(
            (line for line in invoice.lines if line.order_line is not None),
            lambda line: invoice.order_reference is not None,
        ),
    ),
}

# Sweden ------------------------------------------------------------------------------------------------------------


def _swedish_vat_ids(invoice: Invoice) -> list[str]:
    return [vat_id for vat_id in (invoice.seller.vat_ids if invoice.seller else ()) if vat_id[:2] == "SE"]


def _swedish_legal_id(holds: Callable[[str], bool]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        found = _legal_id(invoice.seller)
        return None if found is None else holds(found.text)

    return sold_from("SE", check)


def _swedish_tax_approval(invoice: Invoice) -> bool | None:
    if invoice.seller is None or invoice.seller.legal_id is None:
        return None
    others = [i.text for i in invoice.seller.tax_ids if (i.scheme or "").strip().upper() != "VAT"]
    return every(others, lambda text: " ".join(text.split()).upper() == _SWEDISH_APPROVAL)


def _standard_rated(invoice: Invoice) -> list[TaxCategory]:
    categories = [
        *(category for line in invoice.lines for category in line.categories),
        *(category for item in invoice.allowances_charges for category in item.categories),
        *(category for subtotal in invoice.subtotals for category in subtotal.categories),
    ]
    return [category for category in categories if category.has_code("S")]


def _swedish_rates(invoice: Invoice) -> bool | None:
    if not _swedish_vat_ids(invoice):
        return None
    return every(_standard_rated(invoice), lambda category: category.rate in _SWEDISH_RATES)


def _giro(branch: str, holds: Callable[[str], bool]) -> Check:
    return sold_from(
        "SE",
        lambda invoice: every(
            (m for m in invoice.payment_means if _code(m) == "30" and (m.branch or "").strip() == branch),
            lambda means: holds(_account(means).strip()),
        ),
    )


def _is_numeric(text: str) -> bool:
    return text.isascii() and text.isdigit()


SWEDEN: dict[str, Check] = {
    "SE-R-001": sold_from(
        "SE", lambda invoice: every(_swedish_vat_ids(invoice), lambda text: len(text) == 14)
    ),
    "SE-R-002": sold_from(
        "SE", lambda invoice: every(_swedish_vat_ids(invoice), lambda text: _is_numeric(text[2:14]))
    ),
    "SE-R-003": _swedish_legal_id(_is_numeric),
    "SE-R-004": _swedish_legal_id(lambda text: len(text) == 10),
    "SE-R-005": sold_from("SE", _swedish_tax_approval),
    "SE-R-006": sold_from("SE", _swedish_rates),
    "SE-R-007": _giro(_PLUSGIRO, _is_numeric),
    "SE-R-008": _giro(_BANKGIRO, _is_numeric),
    "SE-R-009": _giro(_BANKGIRO, lambda text: len(text) in {7, 8}),
    "SE-R-010": _giro(_PLUSGIRO, lambda text: 2 <= len(text) <= 8),
    "SE-R-011": sold_from("SE", _each_means(lambda means: _code(means) not in {"50", "56"})),
    "SE-R-012": sold_from("SE", _each_means(lambda means: _code(means) != "31"), to="SE"),
    "SE-R-013": _swedish_legal_id(is_swedish_organization),
}

# Norway ------------------------------------------------------------------------------------------------------------


def _norwegian(check: Check) -> Check:
    return lambda invoice: check(invoice) if invoice.seller and seller_country(invoice) == "NO" else None


def _norwegian_vat(invoice: Invoice) -> bool | None:
    own = [vat_id for vat_id in (invoice.seller.vat_ids if invoice.seller else ()) if vat_id[:2] == "NO"]
    return every(
        own,
        lambda vat_id: (
            vat_id.endswith("MVA") and len(vat_id) == 14 and is_norwegian_organization(vat_id[2:11])
        ),
    )


def _norwegian_register(invoice: Invoice) -> bool:
    taxes = invoice.seller.tax_ids if invoice.seller else ()
    return any(found.text == "Foretaksregisteret" for found in taxes if (found.scheme or "").strip() == "TAX")


NORWAY: dict[str, Check] = {
    "NO-R-001": _norwegian(_norwegian_vat),
    "NO-R-002": _norwegian(_norwegian_register),
}

RULES: dict[str, Check] = {**DENMARK, **ITALY, **NETHERLANDS, **SWEDEN, **NORWAY}
