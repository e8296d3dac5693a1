"""Running the `coop` command in this process, as a shell would see it."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from services.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, what it printed, and aside."""

    code: int
    out: str
    aside: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def coop(capsys: pytest.CaptureFixture[str], *tokens: str) -> Ended:
    """Run `coop TOKENS`."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(tokens))
    printed = capsys.readouterr()
    return Ended(int(ended.value.code or 0), printed.out, printed.err)
