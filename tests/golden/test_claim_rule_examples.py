"""The examples of rules about claims and service reports, run by the functions that judge real claims."""

from functools import cache
from importlib.resources import files
from typing import Any

import pytest
import yaml

from services.kit.packs import PackLibrary
from services.rules.cases import read_cases
from services.rules.vector_given import Runner
from services.rules.vectors import run_vector
from services.validator.core.vectors import claim_runners
from tests.golden.packs import CLAIM_CHECK_RULES, shipped_packs


@cache
def runners() -> dict[str, Runner]:
    return dict(claim_runners(PackLibrary.load().vocabulary))


def _examples() -> list[tuple[str, dict[str, Any]]]:
    listed = yaml.safe_load((files("tests.golden") / "examples.yaml").read_text(encoding="utf-8"))["examples"]
    found = [("*", example) for example in listed]
    for pack_id in shipped_packs():
        for file in sorted((files("rulepacks") / pack_id / "cases").iterdir(), key=lambda entry: entry.name):
            text = file.read_text(encoding="utf-8")
            found += [(pack_id, case) for case in read_cases(f"{pack_id}/cases/{file.name}", text)]
    return [(pack_id, example) for pack_id, example in found if example["rule"] in CLAIM_CHECK_RULES]


EXAMPLES = _examples()
NAMES = [f"{pack_id}-{example['id']}" for pack_id, example in EXAMPLES]
CSP, MARCH = "csp-2019-11", "partner-center-2021-03"
BOUNDARIES: list[tuple[str, str, str, dict[str, Any], list[str]]] = [
    ("last day of the usage period counts", "R-33", CSP,
     {"usage_period": ["2019-07-01", "2019-12-31"], "activity": ["2019-12-31", "2019-12-31"]}, []),
    ("first day after it does not", "R-33", CSP,
     {"usage_period": ["2019-07-01", "2019-12-31"], "activity": ["2019-12-31", "2020-01-01"]},
     ["DATE_ACTIVITY_OUTSIDE_USAGE"]),
    ("a metric's report is a document of the list", "R-36", MARCH,
     {"documents": ["third_party_invoice", "ad_screenshot"], "activity_type": "digital_advertising"},
     ["DOC_MISSING:landing_page", "DOC_MISSING:results_report"]),
    ("a service report instead of the program owner's invoice", "R-35", CSP,
     {"documents": ["csr"], "activity_type": "network_participation"}, ["DOC_FINANCIAL_MISSING"]),
    ("what is claimed may be all that is shown", "R-37", MARCH,
     {"invoice_total_net": "4800.00", "lines": ["3000.00", "1800.00"], "claimed": "4800.00"}, []),
    ("a cent more may not", "R-37", MARCH,
     {"invoice_total_net": "4800.00", "lines": ["3000.00", "1800.00"], "claimed": "4800.01"},
     ["AMT_CLAIM_EXCEEDS_EVIDENCE"]),
    ("the last cent of the funds", "R-38", CSP, {"claimed": "5000.00", "remaining": "5000.00"}, []),
    ("an optional proof without a note", "R-46", CSP,
     {"document": {"kind": "event_photo", "optional": True, "note": " "}}, ["DOC_NOTE_MISSING"]),
    ("an optional proof with a note", "R-46", CSP,
     {"document": {"kind": "event_photo", "optional": True, "note": "The stand on the first day"}}, []),
    ("24 hours of one person", "R-55", CSP,
     {"rows": [{"person": "A", "date": "2019-09-02", "hours": "24.00"}]}, ["CSR_HOURS_HIGH"]),
    ("a quarter more", "R-55", CSP,
     {"rows": [{"person": "A", "date": "2019-09-02", "hours": "24.25"}]}, ["CSR_HOURS_IMPOSSIBLE"]),
    ("one file twice", "R-63", CSP,
     {"A": {"partner": "P1", "file_sha256": "aa"}, "B": {"partner": "P1", "file_sha256": "aa"}},
     ["DUP_INVOICE_SAME_PARTNER"]),
    ("vendor, day and amount", "R-63", CSP,
     {"A": {"partner": "P1", "vendor": "Acme, Inc.", "issue_date": "2019-09-02", "net": "80.00"},
      "B": {"partner": "P1", "vendor": "ACME", "issue_date": "2019-09-02", "net": "80.00"}},
     ["DUP_INVOICE_SAME_PARTNER"]),
    ("a rejected claim frees its invoice", "R-63", CSP,
     {"A": {"partner": "P1", "vendor": "Acme", "invoice_no": "7", "status": "Rejected"},
      "B": {"partner": "P1", "vendor": "Acme", "invoice_no": "7"}}, []),
    ("two claims of one vendor at one time over a cap", "R-64", MARCH,
     {"claims": [{"vendor": "V", "activity": ["2021-03-01", "2021-03-31"], "amount": "10000.00"},
                 {"vendor": "V", "activity": ["2021-03-31", "2021-04-15"], "amount": "8750.01"}],
      "cap": "18750.00"}, ["SPLIT_SUSPECTED"]),
    ("the same amounts one day apart", "R-64", MARCH,
     {"claims": [{"vendor": "V", "activity": ["2021-03-01", "2021-03-30"], "amount": "10000.00"},
                 {"vendor": "V", "activity": ["2021-03-31", "2021-04-15"], "amount": "8750.01"}],
      "cap": "18750.00"}, []),
]  # fmt: skip


@pytest.mark.parametrize("pack_id,example", EXAMPLES, ids=NAMES)
def test_example_of_a_claim_rule_gets_its_expected_answer(pack_id: str, example: dict[str, Any]) -> None:
    outcome = run_vector(example, shipped_packs(), runners=runners(), default_pack=pack_id)
    assert (outcome.result, outcome.actual) == ("pass", outcome.expected), outcome.reason


@pytest.mark.parametrize(
    "rule,pack_id,given,expected", [one[1:] for one in BOUNDARIES], ids=[one[0] for one in BOUNDARIES]
)
def test_boundary_of_a_claim_rule(
    rule: str, pack_id: str, given: dict[str, Any], expected: list[str]
) -> None:
    vector = {"rule": rule, "pack": pack_id, "given": given, "expect": {"findings": expected}}
    outcome = run_vector(vector, shipped_packs(), runners=runners())
    assert outcome.actual == {"findings": expected}


def test_every_claim_rule_has_an_example() -> None:
    assert {example["rule"] for _, example in EXAMPLES} >= CLAIM_CHECK_RULES - {"R-46", "R-64"}
