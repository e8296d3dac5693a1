"""Keys by which the same invoice is known again, however it was typed (R-63)."""

import unicodedata

_FORMS = (
    "ab aktiebolag ag as asa aps bv bvba co company corp corporation gmbh inc incorporated kg limited llc llp ltd mbh "
    "nv oy oyj plc pty sa sarl sas se sl slu spa spzoo srl sro ug"
)
_LEGAL_FORMS = frozenset(_FORMS.split())
_NAME_WORDS_MAX = 40


def _characters(text: str) -> str:
    """Letters and digits only, without marks, folded."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if char.isalnum()).casefold()


def number_key(invoice_number: str) -> str:
    """`INV-1001`, `inv 1001` and `Inv.1001` are one number. Zeros count: 0012 is not 12."""
    return _characters(invoice_number)


def tax_id_key(tax_id: str) -> str:
    """A tax number without blanks and points."""
    return _characters(tax_id)


def vendor_name_key(name: str) -> str:
    """A company's name without punctuation and legal form: `Acme, Inc.` and `ACME` are one vendor."""
    dotless = name.replace(".", "").replace("/", "")
    words = [_characters(word) for word in dotless.split()[:_NAME_WORDS_MAX]]
    kept = [word for word in words if word and word not in _LEGAL_FORMS]
    return "".join(kept or words)


def invoice_key(
    invoice_number: str, *, vendor_tax_id: str | None = None, vendor_name: str | None = None
) -> str | None:
    """Vendor and number in one key; the tax number names the vendor where there is one. None without a vendor."""
    number = number_key(invoice_number)
    vendor = tax_id_key(vendor_tax_id) if vendor_tax_id else ""
    vendor = vendor or (vendor_name_key(vendor_name) if vendor_name else "")
    return f"{vendor}/{number}" if vendor and number else None
