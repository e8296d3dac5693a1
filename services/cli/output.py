"""How every command answers: text for people, or one JSON document on stdout; and what its exit code means."""

import json
import sys
from typing import Any, NoReturn

from rich.console import Console

EXIT_FINE = 0
EXIT_NO = 1
EXIT_UNUSABLE = 2

people = Console(highlight=False, soft_wrap=True)
"""Where text for people goes when it is the answer itself."""
aside = Console(stderr=True, highlight=False, soft_wrap=True)
"""Where progress and remarks go."""


class Unusable(Exception):
    """Wrong use or unreadable input: exit 2 with one sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def emit_json(document: Any) -> None:
    """Write the one JSON document of a `--json` answer."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def finish(fine: bool) -> NoReturn:
    """End with 0 when all is fine, 1 when the answer is no."""
    raise SystemExit(EXIT_FINE if fine else EXIT_NO)


def end_unusable(code: str, detail: str, *, as_json: bool) -> NoReturn:
    """End with 2: one sentence on stderr, and with `--json` one document that says the same."""
    if as_json:
        emit_json({"error": {"code": code, "detail": detail}})
    aside.print(f"coop: {detail}", style="red", markup=False)
    raise SystemExit(EXIT_UNUSABLE)
