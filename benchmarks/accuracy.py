"""Reading accuracy on a folder of documents with ground truth: `python -m benchmarks.accuracy DATA_DIR`.

For each corpus and field it prints right, wrong, missing and ambiguous; wrong values stand apart, because a wrong
value costs a claim more than none. Scored is what the corpus's notes say: for hybrid invoices only values that are
printed on the page (`vis_*` = 1), and for vendor invoices and samples every value the truth gives.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from schemas.facts import DocumentFacts, Fact
from services.validator.readers.ocr import engine
from services.validator.readers.reading import read_document

FOUR = ("invoice_number", "issue_date", "total_gross", "currency")
_XML_FIELDS = {
    "invoice_number": "number",
    "issue_date": "issue_date",
    "total_gross": "grand_total",
    "currency": "currency",
    "total_net": "tax_basis_total",
    "total_tax": "tax_total",
}
_VISIBLE = {
    "invoice_number": "vis_number",
    "issue_date": "vis_issue_date",
    "total_gross": "vis_grand_total",
    "total_tax": "vis_tax_total",
    "currency": "vis_currency",
}


class Case(NamedTuple):
    """One document: its file and the values it is known to hold, by field."""

    name: str
    path: Path
    truth: dict[str, str]


class Outcome(NamedTuple):
    """One field of one document."""

    case: str
    field: str
    result: str
    expected: str
    actual: str


def hybrid(data: Path, folder: str) -> Iterator[Case]:
    """PDF invoices with or without their XML; only what the page shows is scored."""
    for row in _rows(data / "hybrid_invoices" / "ground_truth.csv"):
        truth = {
            f: row[c] for f, c in _XML_FIELDS.items() if f in _VISIBLE and row[_VISIBLE[f]] == "1" and row[c]
        }
        yield Case(row["id"], data / "hybrid_invoices" / folder / f"{row['id']}.pdf", truth)


def vendor_invoices(data: Path) -> Iterator[Case]:
    """Invoices of real vendors; the PDF, or the text where there is no PDF."""
    return _vendor_cases(data, None)


def vendor_pictures(data: Path) -> Iterator[Case]:
    """The vendor invoices that also came as pictures."""
    return _vendor_cases(data, ".png")


def _vendor_cases(data: Path, suffix: str | None) -> Iterator[Case]:
    for row in _rows(data / "vendor_invoices" / "ground_truth.csv"):
        path = (
            data
            / "vendor_invoices"
            / "files"
            / (row["name"] + (suffix or (".pdf" if ".pdf" in row["sources"] else ".txt")))
        )
        truth = {
            "invoice_number": row["number"],
            "issue_date": row["issue_date"],
            "total_gross": row["grand_total"],
            "currency": row["currency"],
            "total_tax": row["tax"],
        }
        yield Case(row["name"], path, {field: value for field, value in truth.items() if value})


def sample_invoices(data: Path) -> Iterator[Case]:
    """Demonstration invoices and receipts: text, scans, photos; what has no text layer needs recognition."""
    for row in _rows(data / "sample_invoices" / "ground_truth.csv"):
        truth = {
            "invoice_number": row["number"],
            "issue_date": row["issue_date"],
            "total_gross": row["grand_total"],
            "currency": row["currency"],
            "total_tax": row["tax_total"],
        }
        path = data / "sample_invoices" / "files" / row["file"]
        yield Case(row["file"], path, {field: value for field, value in truth.items() if value})


def einvoice_xml(data: Path) -> Iterator[Case]:
    """E-invoices as XML."""
    for row in _rows(data / "einvoice_xml" / "ground_truth.csv"):
        truth = {field: row[column] for field, column in _XML_FIELDS.items() if row[column]}
        path = data / "einvoice_xml" / "xml" / f"{row['id']}.xml"
        yield Case(row["id"], path, truth)


CORPORA: dict[str, Callable[[Path], Iterator[Case]]] = {
    "hybrid_invoices/pdf_without_xml": lambda data: hybrid(data, "pdf_without_xml"),
    "hybrid_invoices/pdf": lambda data: hybrid(data, "pdf"),
    "vendor_invoices": vendor_invoices,
    "vendor_invoices/pictures": vendor_pictures,
    "sample_invoices": sample_invoices,
    "einvoice_xml": einvoice_xml,
}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(field: str, expected: str, actual: str) -> bool:
    """Whether a value read is the known one: amounts by value, numbers without spaces and number signs."""
    if field.startswith("total_"):
        try:
            return Decimal(expected) == Decimal(actual)
        except InvalidOperation:
            return False
    if field == "invoice_number":
        return _plain(expected) == _plain(actual)
    return expected == actual


def _plain(number: str) -> str:
    return re.sub(r"[\s#]", "", number).casefold()


def score(case: Case, facts: DocumentFacts) -> list[Outcome]:
    """The outcome of each known field of a document."""
    return [_outcome(case, field, expected, facts.facts.get(field)) for field, expected in case.truth.items()]


def _outcome(case: Case, field: str, expected: str, fact: Fact | None) -> Outcome:
    if fact is None or (fact.value is None and not fact.ambiguous):
        return Outcome(case.name, field, "missing", expected, "")
    if fact.value is None:
        return Outcome(case.name, field, "ambiguous", expected, " | ".join(fact.alternatives))
    result = "right" if same(field, expected, fact.value) else "wrong"
    return Outcome(case.name, field, result, expected, fact.value)


def run(
    data: Path, corpora: list[str], verbose: bool, half: int | None
) -> dict[str, dict[str, Counter[str]]]:
    """Read every case and print the table; returns the counts by corpus and field."""
    tables: dict[str, dict[str, Counter[str]]] = {}
    for corpus in corpora:
        outcomes: list[Outcome] = []
        for index, case in enumerate(CORPORA[corpus](data)):
            if not case.path.exists() or (half is not None and index % 2 != half):
                continue
            facts = read_document(case.path.read_bytes(), file_name=case.path.name, engine=engine())
            outcomes.extend(score(case, facts))
        tables[corpus] = _print(corpus, outcomes, verbose)
    return tables


def _print(corpus: str, outcomes: list[Outcome], verbose: bool) -> dict[str, Counter[str]]:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    whole: dict[str, bool] = defaultdict(lambda: True)
    for outcome in outcomes:
        table[outcome.field][outcome.result] += 1
        if outcome.field in FOUR:
            whole[outcome.case] = whole[outcome.case] and outcome.result == "right"
    print(f"\n{corpus}")
    print(f"  {'field':<16}{'right':>7}{'missing':>9}{'ambiguous':>11}{'WRONG':>8}")
    for field, counts in table.items():
        print(
            f"  {field:<16}{counts['right']:>7}{counts['missing']:>9}{counts['ambiguous']:>11}{counts['wrong']:>8}"
        )
    four = [outcome for outcome in outcomes if outcome.field in FOUR]
    wrong = sum(outcome.result == "wrong" for outcome in four)
    print(
        f"  all of the four right: {sum(whole.values())} of {len(whole)}; wrong: {wrong} of {len(four)} fields"
    )
    for outcome in outcomes:
        if outcome.result == "wrong" or (verbose and outcome.result != "right"):
            print(
                f"    {outcome.result}: {outcome.case} {outcome.field}: {outcome.actual!r}, truth {outcome.expected!r}"
            )
    return dict(table)


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit 2 on a folder without corpora."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.accuracy", description="Reading accuracy on a folder with ground truth."
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--corpus", choices=sorted(CORPORA), action="append")
    parser.add_argument(
        "--half", type=int, choices=(0, 1), help="only every second document, starting with this one"
    )
    parser.add_argument("--json", action="store_true", help="the counts as one JSON document on stdout")
    parser.add_argument("-v", "--verbose", action="store_true", help="name every field that is not right")
    given = parser.parse_args(arguments)
    chosen = [name for name in CORPORA if not given.corpus or name in given.corpus]
    present = [name for name in chosen if (given.data / name.split("/")[0]).is_dir()]
    if not present:
        print(f"no corpus in {given.data}", file=sys.stderr)
        return 2
    tables = run(given.data, present, given.verbose, given.half)
    if given.json:
        print(json.dumps(tables, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
