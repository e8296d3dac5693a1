"""Rules that Peppol adds between German parties and for sellers of Greece."""

import re
from collections.abc import Callable

from services.validator.core.en16931_identifiers import is_greek_tax_number
from services.validator.core.en16931_model import Address, Contact, Invoice, Party, PaymentMeans
from services.validator.core.en16931_national import country, sold_from
from services.validator.core.en16931_rule import Check, every

_GERMAN_TYPES = frozenset({"326", "380", "381", "384", "389", "875", "876", "877"})
_CORRECTED = "384"
_TRANSFER, _CARD, _DEBIT = frozenset({"30", "58"}), frozenset({"48", "54", "55"}), frozenset({"59"})
_SEPA_TRANSFER = "58"
_TAXED = ("S", "Z", "E", "AE", "K", "G", "L", "M")
_DISCOUNT = re.compile(
    r"#(SKONTO|VERZUG)#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#"
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_EMAIL = re.compile(r"[^@\s]*[^@\s.]@[^@\s.][^@\s]*")
_MARK = re.compile(r"[1-9][0-9]*")
_GREEK_TYPES = frozenset({"1.1", "1.6", "2.1", "2.4", "5.1", "5.2"})
_GREEK = frozenset({"EL", "GR"})
_GREEK_SEGMENTS = 6
_MARK_DOCUMENT, _ADDRESS_DOCUMENT = "##M.AR.K##", "##INVOICE|URL##"

# Germany -----------------------------------------------------------------------------------------------------------


def is_iban(text: str) -> bool:
    """ISO 13616: letters count from 10, the whole is 1 modulo 97 with the head moved to the end."""
    plain = "".join(text.split()).upper()
    if not _IBAN.fullmatch(plain):
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _at_home(check: Check) -> Check:
    return sold_from("DE", check, to="DE")


def _address(pick: Callable[[Invoice], Party | None], part: Callable[[Address], str | None]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        party = pick(invoice)
        return None if party is None or party.address is None else bool(part(party.address))

    return _at_home(check)


def _contact(holds: Callable[[Contact], bool]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        found = invoice.seller.contact if invoice.seller else None
        return None if found is None else holds(found)

    return _at_home(check)


def _deliver_to(part: Callable[[Address], str | None]) -> Check:
    return _at_home(lambda invoice: every(invoice.delivery_addresses, lambda address: bool(part(address))))


def _discount_terms(invoice: Invoice) -> bool | None:
    """DE-R-018: each line that starts with # has the form of a discount, and the terms end with a line break."""
    coded = [terms for terms in invoice.payment_terms if terms.lstrip().startswith("#")]
    return every(coded, _is_coded)


def _is_coded(terms: str) -> bool:
    lines = [line.strip() for line in terms.split("\n")]
    return lines[-1] == "" and all(_DISCOUNT.fullmatch(line) for line in lines if line.startswith("#"))


def _means(codes: frozenset[str], holds: Callable[[PaymentMeans], bool]) -> Check:
    return _at_home(
        lambda invoice: every((m for m in invoice.payment_means if (m.code or "").strip() in codes), holds)
    )


def _debited(holds: Callable[[Invoice, PaymentMeans], bool]) -> Check:
    return _at_home(
        lambda invoice: every(
            (m for m in invoice.payment_means if m.has_mandate), lambda m: holds(invoice, m)
        )
    )


def _creditor_is_named(invoice: Invoice, means: PaymentMeans) -> bool:
    parties = [party for party in (invoice.seller, invoice.payee) if party]
    return invoice.syntax == "CII" or any(
        i.scheme == "SEPA" and i.text for party in parties for i in party.ids
    )


def _seller_is_taxed(invoice: Invoice) -> bool | None:
    categories = [
        *(category for line in invoice.lines for category in line.categories),
        *(category for item in invoice.allowances_charges for category in item.categories),
    ]
    if not any(category.has_code(code) for category in categories for code in _TAXED):
        return None
    return bool(invoice.seller and invoice.seller.tax_ids) or invoice.tax_representative is not None


def _enough_digits(contact: Contact) -> bool:
    return sum(character.isdigit() for character in contact.phone or "") >= 3


GERMANY: dict[str, Check] = {
    "DE-R-001": _at_home(lambda invoice: bool(invoice.payment_means)),
    "DE-R-002": _at_home(lambda invoice: invoice.seller is not None and invoice.seller.contact is not None),
    "DE-R-003": _address(lambda invoice: invoice.seller, lambda address: address.city),
    "DE-R-004": _address(lambda invoice: invoice.seller, lambda address: address.post_code),
    "DE-R-005": _contact(lambda contact: bool(contact.name)),
    "DE-R-006": _contact(lambda contact: bool(contact.phone)),
    "DE-R-007": _contact(lambda contact: bool(contact.email)),
    "DE-R-008": _address(lambda invoice: invoice.buyer, lambda address: address.city),
    "DE-R-009": _address(lambda invoice: invoice.buyer, lambda address: address.post_code),
    "DE-R-010": _deliver_to(lambda address: address.city),
    "DE-R-011": _deliver_to(lambda address: address.post_code),
    "DE-R-014": _at_home(
        lambda invoice: every(
            invoice.subtotals, lambda subtotal: any(c.percent is not None for c in subtotal.categories)
        )
    ),
    "DE-R-015": _at_home(lambda invoice: bool(invoice.buyer_reference)),
    "DE-R-016": _at_home(_seller_is_taxed),
    "DE-R-017": _at_home(lambda invoice: (invoice.type_code or "") in _GERMAN_TYPES),
    "DE-R-018": _at_home(_discount_terms),
    "DE-R-019": _means(
        frozenset({_SEPA_TRANSFER}), lambda m: all(is_iban(account or "") for account in m.accounts)
    ),
    "DE-R-020": _means(_DEBIT, lambda means: is_iban(means.debited_account or "")),
    "DE-R-023-1": _means(_TRANSFER, lambda means: bool(means.accounts)),
    "DE-R-023-2": _means(_TRANSFER, lambda means: means.card is None and not means.has_mandate),
    "DE-R-024-1": _means(_CARD, lambda means: means.card is not None),
    "DE-R-024-2": _means(_CARD, lambda means: not means.accounts and not means.has_mandate),
    "DE-R-025-1": _means(_DEBIT, lambda means: means.has_mandate),
    "DE-R-025-2": _means(_DEBIT, lambda means: not means.accounts and means.card is None),
    "DE-R-026": _at_home(
        lambda invoice: (
            None if invoice.type_code != _CORRECTED else any(p is not None for p in invoice.preceding)
        )
    ),
    "DE-R-027": _contact(_enough_digits),
    "DE-R-028": _contact(lambda contact: _EMAIL.fullmatch((contact.email or "").strip()) is not None),
    "DE-R-030": _debited(_creditor_is_named),
    "DE-R-031": _debited(lambda invoice, means: bool(means.debited_account)),
}

# Greece ------------------------------------------------------------------------------------------------------------


def _vat_country(party: Party | None) -> str:
    vat_ids = party.vat_ids if party else ()
    return vat_ids[0][:2].upper() if vat_ids and vat_ids[0] else country(party)


def _greek_seller(check: Check) -> Check:
    return lambda invoice: check(invoice) if _vat_country(invoice.seller) in _GREEK else None


def _greek_parties(check: Check) -> Check:
    return _greek_seller(lambda invoice: check(invoice) if _vat_country(invoice.buyer) in _GREEK else None)


def _segment(place: int, holds: Callable[[Invoice, str], bool]) -> Check:
    """The invoice number is six parts with bars between; `place` counts from 1."""

    def check(invoice: Invoice) -> bool | None:
        if invoice.number is None:
            return None
        parts = invoice.number.split("|")
        return holds(invoice, parts[place - 1] if place <= len(parts) else "")

    return _greek_seller(check)


def _own_tax_number(invoice: Invoice, part: str) -> bool:
    parties = [party for party in (invoice.seller, invoice.tax_representative) if party]
    own = {vat_id[2:11] for party in parties for vat_id in party.vat_ids}
    return is_greek_tax_number(part) and part in own


def _issue_day(invoice: Invoice, part: str) -> bool:
    return part.split("/")[::-1] == (invoice.issue_date or "").split("-")


def _documents(invoice: Invoice, description: str) -> int:
    return sum(document.description == description for document in invoice.documents)


def _in_greece(check: Check) -> Check:
    return sold_from("GR", _greek_seller(check))


def _mark_numbers(invoice: Invoice) -> bool | None:
    marks = [d.id for d in invoice.documents if d.description == _MARK_DOCUMENT and d.id is not None]
    return every(marks, lambda mark: _MARK.match(mark) is not None)


def _greek_vat(party: Party | None) -> bool | None:
    vat_ids = party.vat_ids if party else ()
    return every(vat_ids, lambda vat_id: vat_id[:2] == "EL" and is_greek_tax_number(vat_id[2:]))


def _greek_endpoint(party: Party | None) -> bool | None:
    if party is None or party.endpoint is None:
        return None
    return party.endpoint.scheme == "9933" and is_greek_tax_number(party.endpoint.text)


def _named(party: Party | None, syntax: str) -> bool | None:
    if party is None:
        return None
    return bool(party.trading_name if syntax == "UBL" else party.name)


GREECE: dict[str, Check] = {
    "GR-R-001-1": _greek_seller(
        lambda i: None if i.number is None else len(i.number.split("|")) == _GREEK_SEGMENTS
    ),
    "GR-R-001-2": _segment(1, _own_tax_number),
    "GR-R-001-3": _segment(2, _issue_day),
    "GR-R-001-4": _segment(3, lambda invoice, part: part.isascii() and part.isdigit()),
    "GR-R-001-5": _segment(4, lambda invoice, part: part in _GREEK_TYPES),
    "GR-R-001-6": _segment(5, lambda invoice, part: bool(part)),
    "GR-R-001-7": _segment(6, lambda invoice, part: bool(part)),
    "GR-R-002": _greek_seller(lambda invoice: _named(invoice.seller, invoice.syntax)),
    "GR-R-003": _greek_seller(lambda invoice: _greek_vat(invoice.seller)),
    "GR-R-004-1": _in_greece(lambda invoice: _documents(invoice, _MARK_DOCUMENT) == 1),
    "GR-R-004-2": _in_greece(_mark_numbers),
    "GR-R-005": _greek_seller(lambda invoice: _named(invoice.buyer, invoice.syntax)),
    "GR-R-006": _greek_parties(lambda invoice: _greek_vat(invoice.buyer) is True),
    "GR-S-008-1": _in_greece(lambda invoice: _documents(invoice, _ADDRESS_DOCUMENT) == 1),
    "GR-R-008-2": _in_greece(lambda invoice: _documents(invoice, _ADDRESS_DOCUMENT) <= 1),
    "GR-R-008-3": _greek_seller(
        lambda invoice: every(
            (d for d in invoice.documents if d.description == _ADDRESS_DOCUMENT), lambda d: bool(d.address)
        )
    ),
    "GR-R-009": _greek_seller(lambda invoice: _greek_endpoint(invoice.seller)),
    "GR-R-010": _greek_parties(lambda invoice: _greek_endpoint(invoice.buyer)),
    "GR-S-011": _greek_seller(
        lambda invoice: None if invoice.seller is None else _greek_vat(invoice.seller) is True
    ),
}

RULES: dict[str, Check] = {**GERMANY, **GREECE}
