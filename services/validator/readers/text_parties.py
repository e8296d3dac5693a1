"""Who issued the invoice and who is billed: names behind labels, by legal form, and tax identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from schemas.facts import Fact
from services.validator.readers import text_labels
from services.validator.readers.text_candidates import Document, Finder, Place, text_finder, values_of
from services.validator.readers.text_labels import Label
from services.validator.readers.text_layout import Cell, normalized

MakeFact = Callable[..., Fact]
_LEGAL_FORM = re.compile(
    r"(?<![^\W_])(?:gmbh(?: co(?: kg)?)?|ag|kg|kgaa|ug|e k|ek|ohg|gbr|e v|ev|ltd|limited|llc|inc|corp|corporation|plc|llp|lp|co|company|sarl|sas|sasu|sa|eurl|snc|sprl|"
    r"b v|bv|n v|nv|ab|aktiebolag|hb|oy|oyj|as|asa|a s|aps|s p a|spa|s r l|srl|s l|sl|s l u|lda|sp z o o|sp z oo|s a|s r o|sro|a s|kft|zrt|d o o|doo|pty ltd|pvt ltd|private limited|gesellschaft|verein|a g)$"
)
_VAT = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:AT)\s?U\d{8}|BE\s?[01]\d{3}[.\s]?\d{3}[.\s]?\d{3}|(?:DE|EE|EL|GR|PT)\s?(?:\d[\s.]?){8}\d|(?:DK|FI|HU|LU|MT|SI)\s?(?:\d\s?){7}\d|"
    r"ES\s?[A-Z0-9]\d{7}[A-Z0-9]|FR\s?[A-Z0-9]{2}\s?(?:\d\s?){8}\d|GB\s?(?:\d\s?){8}\d|IE\s?\d[A-Z0-9]\d{5}[A-Z]{1,2}|(?:IT|HR|LV)\s?(?:\d\s?){10}\d|NL\s?\d{9}\s?B\d{2}|"
    r"PL\s?(?:\d[\s-]?){9}\d|RO\s?\d{2,10}|SE\s?(?:\d\s?){11}\d|(?:SK|CZ)\s?\d{8,10}|CHE[- ]?\d{3}\.?\d{3}\.?\d{3}(?:\s?(?:MWST|TVA|IVA))?|NO\s?\d{9}\s?MVA)(?![A-Za-z0-9])"
)
_TAX_LABEL = re.compile(
    r"(?<![^\W_])(?:vat|ust|ustid\w*|umsatzsteuer|tva|btw|moms\w*|iva|p iva|partita iva|nif|cif|nip|gstin|abn|tax id|tin|ein|alv|y tunnus|cvr|mva|uid)(?![^\W_])"
)
_BUYERS = re.compile(
    r"(?<![^\W_])(?:customer|client|your|buyer|uw|ihre|kunden?|votre|klant|cliente|kundens|kopare|er|su|vos|deres)(?![^\W_])"
)
_NOT_A_NAME = re.compile(
    r"(?<![^\W_])(?:invoice|rechnung|facture|factuur|faktura|date|datum|page|seite|tel|fax|phone|email|e mail|www|http|iban|bic|total|number|nr|no|address|bank|gln|vat|tax|original|copy|kopie)(?![^\W_])"
)
_SPLIT = re.compile(r"\s(?:[-–|·•●]|//)\s|\s{2,}|,\s(?=\d)|\s[•·●]")
_NAME_LABEL = re.compile(r"^(?:name|company|firma|namn|nom|naam)(?![^\W_])")
_BLOCK_LINES = 7


class _Name(NamedTuple):
    place: Place
    text: str
    score: float
    why: str


def party_facts(document: Document, fact: MakeFact) -> dict[str, Fact]:
    """vendor_name, buyer_name, vendor_tax_id and buyer_tax_id, those that the pages show plainly."""
    facts: dict[str, Fact] = {}
    buyers = _labeled_names(document, "buyer")
    buyer = buyers[0] if buyers else None
    vendors = _labeled_names(document, "seller") + _named_by_form(document, buyer)
    vendors = [name for name in vendors if buyer is None or _key(name.text) != _key(buyer.text)]
    vendor = max(vendors, key=lambda name: name.score, default=None)
    for field, name in (("vendor_name", vendor), ("buyer_name", buyer)):
        if name is not None and name.score >= 0.4:
            facts[field] = fact(name.place, name.text, name.score, (name.why,))
    facts.update(_tax_ids(document, fact))
    return facts


def _key(text: str) -> str:
    return normalized(text).replace(" ", "")


def _labeled_names(document: Document, field: str) -> list[_Name]:
    """The first name-like text right of, behind or below each label of the party."""
    found: list[_Name] = []
    find = text_finder(document)
    for label in document.all_labels(field):
        behind = label.cell.norm[label.end :].strip()
        before = label.cell.norm[: label.start].strip()
        if len(before.split()) > 1 or len(label.cell.norm.split()) > 9:
            continue
        if not behind and (named := _name_row_below(document, label.cell)):
            found.append(_Name(named, named.raw, 0.9, f"label:{field}"))
            continue
        for trust, place in _name_places(document, label, behind, find):
            addressed = _ATTENTION.match(place.raw)
            if addressed:
                place = place._replace(start=place.start + addressed.end())
            text = _first_part(place.raw)
            if _is_name(text) and text_labels.title_end(place.cell) is None:
                found.append(
                    _Name(
                        Place(place.cell, place.start, place.start + len(text)), text, trust, f"label:{field}"
                    )
                )
                break
    return sorted(found, key=lambda name: -name.score)


def _name_places(
    document: Document, label: Label, behind: str, find: Finder
) -> Iterator[tuple[float, Place]]:
    """Where the name may stand: behind the label, in the block under it, right of it when it ends in a colon."""
    cell = label.cell
    if behind:
        place = find(cell, cell.text_end(label.end), len(cell.text))
        if place is not None:
            yield 0.85, place
        return
    right = [found for found in values_of(document, label, find) if found.relation == "right"]
    ends_in_colon = cell.text.rstrip().endswith(":")
    if (
        ends_in_colon
        and right
        and right[0].place.cell.box[0] - cell.box[2] < 0.3 * document.widths[cell.page]
    ):
        yield 0.8, right[0].place
    last = cell
    for count, row in enumerate(document.rows_below(cell)):
        if count >= 3 * _BLOCK_LINES or row[0].box[1] - last.box[3] > 3.5 * cell.size:
            break
        under = next(
            (other for other in row if abs(other.box[0] - cell.box[0]) < 20 or _overlaps(cell, other)), None
        )
        if under is None:
            continue
        if any(_is_heading(other) for other in document.labels[id(under)]):
            break
        last = under
        place = find(under, 0, len(under.text))
        if place is not None:
            yield 0.8, place
    if right and not ends_in_colon:
        yield 0.6, right[0].place


def _is_heading(label: Label) -> bool:
    """Whether a label is all that its cell says before a colon or its end: "Kunde:" is one, "Kunde Handel AG" is not."""
    behind = label.cell.text[label.cell.text_end(label.end) :].strip()
    return label.strength == 1.0 and label.start == 0 and (not behind or behind.startswith((":", "#")))


def _overlaps(one: Cell, other: Cell) -> bool:
    shared = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    return shared > 0.5 * min(one.box[2] - one.box[0], other.box[2] - other.box[0])


def _name_row_below(document: Document, heading: Cell) -> Place | None:
    """In a block with rows of its own ("Name: | Kunden AG"), the value of the row called name."""
    for count, row in enumerate(document.rows_below(heading)):
        if count >= _BLOCK_LINES:
            return None
        for index, cell in enumerate(row):
            if _NAME_LABEL.match(cell.norm) and abs(cell.box[0] - heading.box[0]) < 40:
                rest = cell.text.partition(":")[2].strip()
                if rest:
                    start = cell.text.index(rest)
                    return Place(cell, start, start + len(rest))
                if index + 1 < len(row):
                    value = row[index + 1]
                    return Place(value, 0, len(value.text))
    return None


def _first_part(text: str) -> str:
    return _SPLIT.split(text, maxsplit=1)[0].strip(" ,;:")


_ATTENTION = re.compile(
    r"^(?:attn|attention|att|z\.? ?hd\.?|hd\.?|c/o|t\.?a\.?v\.?|à l'attention de|m/s|messrs)\b[.:]?\s*", re.I
)


def _is_name(text: str) -> bool:
    norm = normalized(text)
    letters = sum(c.isalpha() for c in norm)
    digits = sum(c.isdigit() for c in norm)
    return (
        not text.startswith("(")
        and not norm[:1].isdigit()
        and letters >= 2
        and digits <= letters / 3
        and len(norm.split()) <= 8
        and not _NOT_A_NAME.search(norm)
        and "@" not in text
    )


def _named_by_form(document: Document, buyer: _Name | None) -> list[_Name]:
    """Companies by legal form; the issuer's name stands in the head or foot, and mostly more than once."""
    counts: dict[str, list[_Name]] = {}
    for page in document.pages[:1]:
        for cell in page.cells:
            if len(cell.norm.split()) > 20:
                continue
            for part in _SPLIT.split(cell.text):
                text = part.strip(" ,;:")
                norm = normalized(text)
                if not _LEGAL_FORM.search(norm) or len(norm.split()) < 2 or not _is_name(text):
                    continue
                edge = min(cell.box[1], page.height - cell.box[3]) / page.height
                start = cell.text.index(text)
                score = 0.55 if edge < 0.12 else 0.5 if edge < 0.2 else 0.4
                counts.setdefault(_key(text), []).append(
                    _Name(Place(cell, start, start + len(text)), text, score, "legal form")
                )
    found: list[_Name] = []
    for names in counts.values():
        best = max(names, key=lambda name: name.score)
        found.append(best._replace(score=min(best.score + 0.12 * (len(names) - 1), 0.8)))
    return found if len(found) == 1 or buyer is not None else [name for name in found if name.score >= 0.5]


def _tax_ids(document: Document, fact: MakeFact) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    seen: dict[str, dict[str, Place]] = {"vendor_tax_id": {}, "buyer_tax_id": {}}
    for cell in document.cells:
        for match in _VAT.finditer(cell.text):
            context = normalized(cell.text[: match.start()])
            if cell.column and not _TAX_LABEL.search(context):
                context = f"{document.row_of(cell)[cell.column - 1].norm} {context}"
            if not _TAX_LABEL.search(context):
                continue
            value = re.sub(r"[^A-Z0-9]", "", match.group().upper())
            field = "buyer_tax_id" if _BUYERS.search(context) else "vendor_tax_id"
            seen[field].setdefault(value, Place(cell, match.start(), match.end()))
    for field, values in seen.items():
        if len(values) == 1:
            ((value, place),) = values.items()
            facts[field] = fact(place, value, 0.85, ("label:tax id",))
        elif len(values) > 1:
            place = next(iter(values.values()))
            facts[field] = fact(place, None, 0.3, ("label:tax id",), tuple(values))
    return facts
