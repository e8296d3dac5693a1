"""`coop demo` does the whole job, from the tree and from a wheel."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the demo answers, run from a wheel outside the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(folder),
            str(ROOT),
        ],
        check=True,
        capture_output=True,
    )
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    # Without site's .pth files the tree itself is out of reach.
    start = (
        f"import sys; sys.path[:0] = [{str(folder / 'site')!r}, {sysconfig.get_path('purelib')!r}];"
        "from services.cli.main import main; main(['demo', '--json', '--report', 'verdict.html'])"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "AMT_LINES_TOTAL_MISMATCH" in (folder / "verdict.html").read_text()
    document: dict[str, object] = json.loads(ended.stdout)
    return document


def test_every_bundle_gets_the_verdict_on_its_card(told: dict[str, list[dict[str, object]]]) -> None:
    graves = {"error", "action"}
    for bundle in told["bundles"]:
        card = json.loads((ROOT / "samples" / "bundles" / f"{bundle['bundle']}.json").read_text())
        findings = bundle["decision"]["findings"]  # type: ignore[index]
        found = [
            f"{f['code']}:{f['subject']}" if f["subject"] else f["code"]
            for f in findings
            if f["severity"] in graves
        ]
        # An amount that can be read in two ways is not there to be compared either.
        expected = card["expect"].get("findings", [])
        assert [code for code in found if not code.startswith("INV_FIELD_MISSING")] == expected, bundle[
            "bundle"
        ]


def test_clean_claims_are_paid_and_blocked_ones_are_not(told: dict[str, list[dict[str, object]]]) -> None:
    state = {bundle["bundle"]: bundle["state"] for bundle in told["bundles"]}
    assert state["clean"] == state["last_second"] == "approved"
    assert state["poe_missing"] == "action_required"
    assert state["one_second_late"] == "rejected"
    paid = [payout for payout in told["payouts"] if payout["kind"] == "coop_claim"]
    assert sum(len(payout["of"]) for payout in paid) == list(state.values()).count("approved")  # type: ignore[arg-type]


def test_a_month_over_the_plan_limit_is_paid_up_to_the_limit(
    told: dict[str, list[dict[str, object]]],
) -> None:
    plans = [
        (payout["on"], payout["amount"], payout["of"])
        for payout in told["payouts"]
        if payout["kind"] == "plan"
    ]
    assert sorted(plans, key=str) == [
        ("2023-05-15", "10000.00", ["2023-04"]),
        ("2023-05-15", "5000.00", ["2023-04"]),
        ("2023-06-15", "5000.00", ["2023-05"]),
        ("2023-06-15", "7000.00", ["2023-04", "2023-05"]),
    ]


def test_every_currency_of_the_trial_balance_adds_up_to_zero(
    told: dict[str, dict[str, dict[str, str]]],
) -> None:
    assert told["balanced"] is True
    for buckets in told["trial_balance"].values():
        assert sum(Decimal(amount) for amount in buckets.values()) == 0
