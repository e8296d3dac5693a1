"""Near-duplicate pictures on a folder with ground truth: `python -m benchmarks.likeness DATA_DIR`.

Every variant is compared with the picture it was made of (recompressed, cropped and framed ones are the same picture,
edited ones are the same with a changed region), and every two unrelated pictures with each other. The print proposes,
pixels decide, as in the product; what the print would not have proposed is counted as missed. Variants that the folder
lacks (resized, recompressed and resized) are made here.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from time import perf_counter

from PIL import Image

from services.kit.limits import Limits
from services.validator.readers.likeness_answer import Likeness
from services.validator.readers.likeness_pictures import compare_pictures
from services.validator.readers.likeness_print import is_proposed
from services.validator.readers.picture import read_picture
from services.validator.readers.sniffing import media_type_of

_MADE = {"resized_50pct": (0.5, "PNG"), "resized_75pct_jpeg": (0.75, "JPEG"), "resized_130pct": (1.3, "PNG")}


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit 2 on a folder without screenshots, 1 when unrelated pictures were matched."""
    parser = argparse.ArgumentParser(prog="benchmarks.likeness", description="Near-duplicate pictures.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-pairs", action="store_true", help="leave out the pairs of unrelated pictures")
    given = parser.parse_args(arguments)
    folder = given.data / "screenshots"
    if not folder.is_dir():
        print(f"no screenshots in {given.data}", file=sys.stderr)
        return 2
    with (folder / "ground_truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    contents = {row["file"]: (folder / row["file"]).read_bytes() for row in rows}
    bases = {row["base"]: contents[row["file"]] for row in rows if row["variant"] == "base"}
    table: dict[str, Counter[str]] = defaultdict(Counter)
    started = perf_counter()
    count = 0
    for base, variant, content in _variants(rows, contents, bases):
        expected = "same_edited" if variant == "edited" else "same"
        found = compare_pictures(bases[base], content)
        count += 1
        result = "right" if found.verdict == expected else f"WRONG:{found.verdict}"
        if not is_proposed(_print(bases[base]), _print(content)):
            result = "not proposed"
        table[variant][result] += 1
        if result != "right":
            print(f"  {result}: {base} {variant} {_told(found)}")
    matched = 0
    if not given.no_pairs:
        for (first, one), (second, other) in combinations(bases.items(), 2):
            found = compare_pictures(one, other)
            count += 1
            proposed = is_proposed(_print(one), _print(other))
            table["unrelated"]["right" if found.verdict == "different" else f"WRONG:{found.verdict}"] += 1
            table["unrelated"]["proposed"] += proposed
            if found.verdict != "different":
                matched += 1
                print(f"  {found.verdict}: {first} {second} {_told(found)}")
    for variant, counts in table.items():
        print(f"  {variant:<20}" + "  ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    print(f"  {count} comparisons, {(perf_counter() - started) / max(count, 1):.2f} s each")
    return 1 if matched else 0


def _variants(
    rows: list[dict[str, str]], contents: dict[str, bytes], bases: dict[str, bytes]
) -> Iterator[tuple[str, str, bytes]]:
    for row in rows:
        if row["variant"] != "base":
            yield row["base"], row["variant"], contents[row["file"]]
    for base, content in bases.items():
        for variant, (scale, kind) in _MADE.items():
            with Image.open(io.BytesIO(content)) as picture:
                size = (round(picture.width * scale), round(picture.height * scale))
                made = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
            written = io.BytesIO()
            made.save(written, kind)
            yield base, variant, written.getvalue()


def _print(content: bytes) -> str | None:
    fact = read_picture(content, media_type_of(content), Limits()).facts.get("picture_print")
    return fact.value if fact else None


def _told(found: Likeness) -> str:
    return f"overlap {found.overlap:.2f} agreement {found.agreement:.2f} regions {len(found.regions)}"


if __name__ == "__main__":
    raise SystemExit(main())
