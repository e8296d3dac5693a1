"""The `coop` command: one JSON document on stdout, exit 0 fine, 1 the answer is no, 2 wrong use or unreadable."""

import json
from pathlib import Path

import pytest

from tests.e2e.commands import coop

BUNDLES = Path(__file__).resolve().parents[2] / "samples" / "bundles"


def receipt(name: str) -> str:
    return str(json.loads((BUNDLES / f"{name}.json").read_text())["received_at"])


def test_a_clean_bundle_checks_to_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    ended = coop(capsys, "check", str(BUNDLES / "clean"), "--at", receipt("clean"), "--json")
    assert ended.code == 0
    assert ended.document["outcome"] == "clean"
    assert {finding["severity"] for finding in ended.document["findings"]} <= {"info", "warn"}


@pytest.mark.parametrize(
    ("name", "printed", "file"),
    [
        ("poe_missing", "DOC_MISSING:landing_page", None),
        ("lines_total_mismatch", "AMT_LINES_TOTAL_MISMATCH", "invoice.pdf"),
        ("one_second_late", "DEADLINE_PASSED", None),
        ("ambiguous_amount", "AMOUNT_AMBIGUOUS", "invoice.pdf"),
    ],
)
def test_a_bad_bundle_checks_to_exit_1_with_its_finding_and_the_place_on_the_page(
    capsys: pytest.CaptureFixture[str], name: str, printed: str, file: str | None
) -> None:
    ended = coop(capsys, "check", str(BUNDLES / name), "--at", receipt(name), "--json")
    assert ended.code == 1
    found = [finding for finding in ended.document["findings"] if finding["printed"] == printed]
    assert len(found) == 1
    if file is not None:
        place = found[0]["evidence"][0]
        assert (place["file"], place["page"], len(place["box"])) == (file, 1, 4)


def test_the_last_second_of_the_window_is_in_time_and_the_next_is_late(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle = str(BUNDLES / "last_second")
    in_time = coop(capsys, "check", bundle, "--at", "2020-02-14T23:59:59-08:00", "--json")
    late = coop(capsys, "check", bundle, "--at", "2020-02-15T00:00:00-08:00", "--json")
    assert (in_time.code, late.code) == (0, 1)
    assert "DEADLINE_PASSED" in [finding["code"] for finding in late.document["findings"]]


def test_the_report_is_one_page_that_needs_nothing_else(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "verdict.html"
    coop(
        capsys,
        "check",
        str(BUNDLES / "lines_total_mismatch"),
        "--at",
        receipt("clean"),
        "--report",
        str(page),
    )
    text = page.read_text()
    assert "AMT_LINES_TOTAL_MISMATCH" in text
    assert "data:image/png;base64," in text
    assert not any(mark in text for mark in ("<script", 'http-equiv="refresh"', 'src="http', 'href="http'))


@pytest.mark.parametrize(
    ("what", "code"),
    [("missing", "BUNDLE_MISSING"), ("empty folder", "BUNDLE_EMPTY"), ("damaged zip", "BUNDLE_CORRUPT")],
)
def test_what_is_no_bundle_ends_with_exit_2_and_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, what: str, code: str
) -> None:
    path = tmp_path / "bundle.zip"
    if what == "empty folder":
        path.mkdir()
    elif what == "damaged zip":
        path.write_bytes(b"PK\x03\x04 cut off")
    plain = coop(capsys, "check", str(path))
    assert (plain.code, plain.out) == (2, "")
    assert plain.aside.strip().count("\n") == 0
    as_json = coop(capsys, "check", str(path), "--json")
    assert (as_json.code, as_json.document["error"]["code"]) == (2, code)


def test_reading_one_file_answers_an_object_and_several_an_array_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    invoice, picture = str(BUNDLES / "clean" / "invoice.pdf"), str(BUNDLES / "clean" / "ad.png")
    one = coop(capsys, "read", invoice, "--json")
    assert (one.document["kind"], one.document["facts"]["total_net"]["value"]) == (
        "third_party_invoice",
        "4815.40",
    )
    assert one.document["facts"]["total_net"]["page"] == 1
    two = coop(capsys, "read", picture, invoice, "--json")
    assert [answer["file"] for answer in two.document] == ["ad.png", "invoice.pdf"]


def test_read_pages_are_drawn_with_their_places(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    coop(capsys, "read", str(BUNDLES / "clean" / "invoice.pdf"), "--show", str(tmp_path))
    assert (tmp_path / "invoice.pdf.1.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "tokens", [["nonsense"], ["check"], ["read", "/nowhere.pdf"], ["check", "x", "--at", "noon"]]
)
def test_wrong_use_ends_with_exit_2(capsys: pytest.CaptureFixture[str], tokens: list[str]) -> None:
    ended = coop(capsys, *tokens, "--json")
    assert ended.code == 2
    assert ended.document["error"]["detail"]


SEED_EXAMPLES = [
    ("3,000 rebate and 2,000 co-op of 5,000", "5000.00", [("2019-02-15", "rebate", "3000.00")], "2000.00"),
    (
        "exactly 4,000.00 of co-op is paid as rebate",
        "10000.00",
        [("2019-02-15", "rebate", "6000.00"), ("2019-07-15", "rebate", "4000.00")],
        None,
    ),
    ("4,000.01 of co-op must be claimed", "10000.03", [("2019-02-15", "rebate", "6000.02")], "4000.01"),
]


@pytest.mark.parametrize(
    ("law", "earned", "paid", "coop_left"), SEED_EXAMPLES, ids=[law for law, *_ in SEED_EXAMPLES]
)
def test_the_worked_examples_of_the_program_hold(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    law: str,
    earned: str,
    paid: list[tuple[str, str, str]],
    coop_left: str | None,
) -> None:
    line = {"do": "earn", "id": "E1", "partner": "P", "location": "L", "program": "csp-indirect-reseller"}
    timeline = [
        {
            "at": "2019-01-31",
            **line,
            "pack": "csp-2019-11",
            "month": "2019-01",
            "amount": earned,
            "currency": "USD",
        },
        {"at": "2019-06-30" if law.startswith("3,000") else "2019-08-01", "do": "until"},
    ]
    path = tmp_path / "timeline.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in timeline))
    told = coop(capsys, "simulate", str(path), "--json").document
    assert [(payout["on"], payout["kind"], payout["amount"]) for payout in told["payouts"]] == paid
    funds = [balance["amount"] for balance in told["balances"] if balance["bucket"].startswith("coop_")]
    assert funds == ([coop_left] if coop_left else [])


def test_keys_are_issued_listed_and_revoked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOP_HOME", str(tmp_path))
    text = coop(capsys, "keys", "issue", "Ada", "--role", "reviewer", "--json").document["key"]
    listed = coop(capsys, "keys", "list", "--json").document["keys"]
    assert [(key["name"], key["roles"], key["revoked_at"]) for key in listed] == [("Ada", ["reviewer"], None)]
    assert text.split("_")[3] not in json.dumps(listed)
    assert coop(capsys, "keys", "revoke", text.split("_")[2]).code == 0
    assert coop(capsys, "keys", "revoke", text.split("_")[2]).code == 1


def test_a_fresh_instance_verifies_and_has_no_events_and_nothing_parked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOP_HOME", str(tmp_path))
    assert coop(capsys, "migrate", "--json").code == 0
    assert coop(capsys, "verify", "--json").document == {"fine": True, "broken": []}
    assert coop(capsys, "events", "--json").document["events"] == []
    assert coop(capsys, "dead", "list", "--json").document == {"parked": []}


def test_the_settings_are_printed_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOP_BROKER_URL", "amqp://coop:s3cr3t@mq/")
    assert "s3cr3t" not in coop(capsys, "config", "--json").out
