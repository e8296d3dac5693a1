"""How many official unit tests of the EN 16931 rules are answered as they say.

Run `python -m benchmarks.en16931 DATA_DIR`, where DATA_DIR holds `en16931_rules/cases.jsonl` and, if wanted,
`einvoice_xml/ground_truth.csv` with its `xml` folder.
"""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

from services.validator.core import en16931
from services.validator.readers.einvoice import XmlReading, read_einvoice

COLUMNS = {
    "number": "invoice_number",
    "type_code": "document_type",
    "issue_date": "issue_date",
    "currency": "currency",
    "line_total": "total_lines",
    "tax_basis_total": "total_net",
    "grand_total": "total_gross",
    "prepaid": "total_paid",
    "due_payable": "total_due",
    "tax_total": "total_tax",
    "seller": "vendor_name",
    "buyer": "buyer_name",
    "delivery_date": "delivery_date",
    "period_start": "service_period_start",
    "period_end": "service_period_end",
    "due_date": "due_date",
}


def score_rules(cases: Path) -> tuple[Counter[str], Counter[str], list[str]]:
    """Count right and wrong answers by rule; a rule that is not supported counts as wrong. Names what is wrong."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    failures: list[str] = []
    for line in cases.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        broken = read_einvoice(case["xml"].encode()).rules_broken
        for outcome, rule in case["expect"]:
            if rule in en16931.RULES and (rule in broken) == (outcome != "success"):
                right[rule] += 1
            else:
                wrong[rule] += 1
                failures.append(f"{rule} {case['file']} {case['test']} expected {outcome}")
    return right, wrong, failures


def field_errors(reading: XmlReading, truth: dict[str, str]) -> list[str]:
    """Name the header fields that differ from the truth; an empty truth says nothing is stated."""
    errors = []
    for column, field_id in COLUMNS.items():
        fact = reading.facts.get(field_id)
        # A date outside the calendar has no value; what is written then counts.
        found = (fact.value or fact.raw) if fact else ""
        if found != truth[column]:
            errors.append(f"{field_id}: {found!r} is not {truth[column]!r}")
    if len(reading.lines) != int(truth["line_count"]):
        errors.append(f"lines: {len(reading.lines)} is not {truth['line_count']}")
    return errors


def score_headers(folder: Path) -> tuple[int, int]:
    """Return how many invoices have every header field right, and how many there are; print the others."""
    rows = list(csv.DictReader((folder / "ground_truth.csv").open(encoding="utf-8", newline="")))
    right = 0
    for row in rows:
        errors = field_errors(read_einvoice((folder / "xml" / f"{row['id']}.xml").read_bytes()), row)
        right += not errors
        for error in errors:
            print(f"{row['id']} {error}")
    return right, len(rows)


def main(arguments: list[str]) -> int:
    """Print the scores of both sets."""
    folder = Path(arguments[0])
    right, wrong, failures = score_rules(folder / "en16931_rules" / "cases.jsonl")
    for rule in sorted({*right, *wrong}):
        note = "" if rule in en16931.RULES else "  (not supported)"
        print(f"{rule:24} right {right[rule]:4}  wrong {wrong[rule]:4}{note}")
    for failure in failures:
        if failure.split()[0] in en16931.RULES:
            print("wrong:", failure)
    supported = {rule for rule in {*right, *wrong} if rule in en16931.RULES}
    print(
        f"answers right {right.total()} of {right.total() + wrong.total()};"
        f" rules in the set {len({*right, *wrong})}, of them supported {len(supported)};"
        f" supported in all {len(en16931.RULES)}"
    )
    if (folder / "einvoice_xml").is_dir():
        good, count = score_headers(folder / "einvoice_xml")
        print(f"invoices with every header field right {good} of {count}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
