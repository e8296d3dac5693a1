"""The verdict of one bundle as a page to look at."""

from datetime import datetime
from pathlib import Path

from services.cli.check import checked_bundle
from services.kit.platform import Platform
from services.validator.handlers.report import render_report
from services.validator.readers.reading_room import ReadingRoom


def write_report(platform: Platform, room: ReadingRoom, bundle: Path, at: datetime, target: Path) -> None:
    """Check the bundle as of `at` and write its page to `target`."""
    checked = checked_bundle(bundle, at, room, platform.packs)
    target.write_text(render_report(checked, platform.packs.vocabulary, room), encoding="utf-8")
