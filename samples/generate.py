"""Draws the sample bundles: `python -m samples.generate` writes the committed ones anew."""

import argparse
import csv
import io
import json
import shutil
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from samples.bundles import card_bytes, draw_for_window
from samples.partners import LONDON, STOCKHOLM, earnings_table, partners_table
from samples.timing import Timing
from schemas.base import Period

COMMITTED = Path(__file__).parent
_PACIFIC_STANDARD = timezone(timedelta(hours=-8))
# The period of the worked example in the program's quick-start: the window ends with 14 February, US Pacific.
EXAMPLE = Timing(
    usage=Period(start=date(2019, 7, 1), end=date(2019, 12, 31)),
    received_at=datetime(2020, 1, 15, 9, 0, tzinfo=_PACIFIC_STANDARD),
    closes_at=datetime(2020, 2, 15, 0, 0, tzinfo=_PACIFIC_STANDARD),
)


def generate(
    usage_period: Period,
    received_at: datetime,
    out_dir: Path,
    only: Iterable[str] | None = None,
    closes_at: datetime | None = None,
) -> tuple[Path, ...]:
    """Write bundles, cards, partners and earnings below `out_dir`; return the bundle folders in order of receipt.

    A folder of the same name is replaced. Raises UsagePeriodTooYoung.
    """
    timing = Timing(usage_period, received_at, closes_at)
    bundles = out_dir / "bundles"
    bundles.mkdir(parents=True, exist_ok=True)
    written = []
    for bundle in draw_for_window(timing, only):
        folder = bundles / bundle.card.name
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        for name, content in bundle.files().items():
            (folder / name).write_bytes(content)
        (bundles / f"{bundle.card.name}.json").write_bytes(card_bytes(bundle.card))
        written.append(folder)
    (out_dir / "partners.csv").write_bytes(csv_bytes(partners_table(usage_period.start)))
    (out_dir / "earnings.csv").write_bytes(csv_bytes(earnings_table(usage_period.start)))
    return tuple(written)


def csv_bytes(rows: list[list[str]]) -> bytes:
    """Return rows as CSV (RFC 4180, but one line feed at the end of a line)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def plan_timeline() -> bytes:
    """A month under and a month over the limit of a plan: 5,000 pays 5,000; 15,000 pays 10,000 (R-27, PAY-1, PAY-2)."""
    common = {"program": "plan-program", "pack": "plans-2022-08"}
    lines: list[dict[str, str]] = []
    for plan, place in (("PLAN-NLC-FY22", LONDON), ("PLAN-FJM-FY22", STOCKHOLM)):
        lines.append(
            {
                "at": "2022-03-14T09:00:00Z", "do": "plan", "plan": plan, "partner": place.partner_id,
                "location": place.location, **common, "fund": "go-to-market", "period": "2021-07-01/2022-06-30",
                "limit": "10000.00", "currency": "USD",
            }
        )  # fmt: skip
    for number, (place, amount) in enumerate(((LONDON, "5000.00"), (STOCKHOLM, "15000.00")), start=1):
        lines.append(
            {
                "at": "2022-05-02T09:00:00Z", "do": "earn", "id": f"E-PLAN-202204-{number}",
                "partner": place.partner_id, "location": place.location, **common, "month": "2022-04",
                "amount": amount, "currency": "USD",
            }
        )  # fmt: skip
    lines.append({"at": "2022-05-16T09:00:00Z", "do": "until"})
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def write_committed(out_dir: Path = COMMITTED) -> tuple[Path, ...]:
    """Write what is committed below `samples/`."""
    folders = generate(EXAMPLE.usage, EXAMPLE.received_at, out_dir, closes_at=EXAMPLE.closes_at)
    (out_dir / "plan_timeline.jsonl").write_bytes(plan_timeline())
    return folders


def main(arguments: list[str]) -> None:
    """Draw into a folder (by default the committed samples)."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.generate", description="Draw the sample bundles."
    )
    parser.add_argument("--into", type=Path, default=COMMITTED, help="folder to write to")
    for folder in write_committed(parser.parse_args(arguments).into):
        sys.stdout.write(f"{folder}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
