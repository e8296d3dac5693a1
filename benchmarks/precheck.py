"""What a check before sending costs beside reading its documents: `python -m benchmarks.precheck`.

A six-document bundle of the samples is read document by document, then checked whole, in turns in one process; the
ratio of the medians is printed, with the machine. It should stay at or below 1.25. Pictures are not recognized: that
would only make the reading, and with it the bound, larger.
"""

import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from schemas.bundle import Manifest, ManifestDocument
from services.kit.limits import Limits
from services.kit.packs import PackLibrary
from services.validator.handlers import GivenDocument, check_bundle
from services.validator.readers.reading_room import ReadingRoom

RATIO_MAX = 1.25
TURNS = 7
DOCUMENTS = 6
BUNDLE = "clean"
AT = datetime(2020, 1, 20, 12, tzinfo=UTC)


def six_documents(folder: Path) -> tuple[Manifest, list[GivenDocument]]:
    """The sample's manifest over six documents: its own, and again under other names until there are six."""
    manifest = Manifest.model_validate_json((folder / "claim.json").read_bytes(), strict=False)
    listed, given = [], []
    for number in range(DOCUMENTS):
        one = manifest.documents[number % len(manifest.documents)]
        name = one.file if number < len(manifest.documents) else f"again-{one.file}"
        listed.append(ManifestDocument(file=name, kind=one.kind))
        given.append(GivenDocument(name, (folder / one.file).read_bytes()))
    return manifest.model_copy(update={"documents": tuple(listed)}), given


def main() -> int:
    """Print the ratio; 1 where it is over the bound."""
    packs = PackLibrary.load()
    reads, checks = [], []
    with ReadingRoom(Limits(read_ocr_pages_max=0)) as room, as_file(files("samples")) as root:
        manifest, given = six_documents(root / "bundles" / BUNDLE)
        for turn in range(TURNS + 1):
            begun = time.perf_counter()
            for one in given:
                room.read(one.read(), one.file)
            between = time.perf_counter()
            check_bundle(manifest, given, room=room, packs=packs, at=AT)
            if turn:
                reads.append(between - begun)
                checks.append(time.perf_counter() - between)
    ratio = statistics.median(checks) / statistics.median(reads)
    spread = f"{min(checks) / max(reads):.2f} to {max(checks) / min(reads):.2f}"
    print(f"{platform.platform()}, {platform.machine()}, Python {platform.python_version()}")
    print(f"check of {DOCUMENTS} documents / reading them: {ratio:.3f} ({spread}), bound {RATIO_MAX}")
    return 0 if ratio <= RATIO_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
