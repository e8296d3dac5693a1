"""Hides libmagic. A bare machine has none, so the one that pylibmagic brings must be found before `magic` loads."""

import pylibmagic  # noqa: F401

# isort: split
import magic


def sniffed(head: bytes) -> str:
    """Return the media type that libmagic sees in the beginning of a file; empty for no bytes."""
    return str(magic.from_buffer(head, mime=True)) if head else ""
