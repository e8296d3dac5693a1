"""What the README shows is what the commands print."""

import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.commands import coop

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(mark: str) -> list[str]:
    """The lines of the block behind `<!-- mark -->`."""
    found = re.search(rf"<!-- {mark} -->\n```\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found.group(1).splitlines()


def assert_in_order(lines: list[str], printed: str) -> None:
    """Every line stands in what was printed, in this order; `...` leaves lines out."""
    rest = iter(printed.replace("\u00a0", " ").splitlines())
    for line in lines:
        assert line == "..." or line in rest, f"not printed any more, or not here: {line}"


def test_the_demo_prints_what_the_readme_shows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ended = coop(capsys, "demo", "--report", str(tmp_path / "verdict.html"))
    assert_in_order(shown("demo"), ended.out)


@pytest.mark.parametrize("mark", ["partner", "payments"])
def test_a_pasted_command_answers_what_the_readme_shows(
    mark: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, *answer = shown(mark)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    words = shlex.split(command.removeprefix("$ coop "))
    assert_in_order(answer, coop(capsys, *words).out)
