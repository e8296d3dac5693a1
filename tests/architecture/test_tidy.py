"""House rules that types and linters cannot say, held by reading the code."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 420
FUNCTION_LINES_MAX = 75
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "data", "info", "common", "misc"}
TRACKED = ("schemas", "services", "rulepacks", "migrations", "samples", "tests", "benchmarks")
# Messages the project must never carry: unfinished work, a machine's paths, a package index.
FORBIDDEN_TEXT = re.compile(
    r"\b(TODO|FIXME|HACK)\b|#.*\bXXX\b|NotImplemented\b(?!Error)|/work/|/root/|/home/\w|pypi\.org|pythonhosted|/simple/"
)


def tracked_files() -> list[Path]:
    """What git tracks or would track; without git, what lies in the tree."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for top in TRACKED for path in (ROOT / top).rglob("*")]
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def modules(*tops: str) -> list[Path]:
    return [p for p in tracked_files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in tops]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules("schemas", "services", "samples", "migrations"), ids=name_of)
def test_a_module_is_short_and_so_are_its_functions(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LINES_MAX, f"{lines} lines: find the missing concept"
    if path.is_relative_to(ROOT / "migrations"):
        return  # a migration is a list of statements
    for function in functions(tree(path)):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= FUNCTION_LINES_MAX, f"{function.name} has {length} lines"


@pytest.mark.parametrize("path", modules("schemas", "services", "samples"), ids=name_of)
def test_a_module_and_everything_public_in_it_says_what_holds(path: Path) -> None:
    module = tree(path)
    if not module.body:
        return
    assert ast.get_docstring(module), "the module has no docstring"
    for node in module.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", modules("schemas", "services", "samples", "benchmarks"), ids=name_of)
def test_no_file_is_named_by_an_empty_word(path: Path) -> None:
    assert path.stem not in BANNED_NAMES
    assert not (set(path.relative_to(ROOT).parts[:-1]) & BANNED_NAMES)


PURE = [
    path
    for path in modules("services", "schemas")
    if "core" in path.relative_to(ROOT).parts[:3] or path.relative_to(ROOT).parts[:2] == ("services", "rules")
]


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_a_core_neither_opens_prints_nor_asks_for_the_time(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                assert called.id not in {"open", "print", "input", "eval", "exec"}, (
                    f"line {node.lineno}: {called.id}()"
                )
            if isinstance(called, ast.Attribute):
                assert called.attr not in {"now", "today", "utcnow"}, f"line {node.lineno}: .{called.attr}()"


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in modules("services", "schemas")
        if ("ledger" in p.parts and "exports" not in p.parts)
        or p.stem in {"money", "splits", "caps", "plans"}
    ],
    ids=name_of,
)
def test_no_float_comes_near_money(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float), f"line {node.lineno}: the float {node.value}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "float", f"line {node.lineno}: float()"


@pytest.mark.parametrize("path", modules("tests"), ids=name_of)
def test_no_test_replaces_our_own_code_by_a_mock(path: Path) -> None:
    if path == Path(__file__):
        return
    text = path.read_text(encoding="utf-8")
    assert "unittest.mock" not in text
    assert "monkeypatch.setattr" not in text


def test_the_tree_carries_no_unfinished_work_no_machine_path_and_no_package_index() -> None:
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.suffix in {".png", ".pdf", ".jpg", ".zip", ".lock"}:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {match.group()}" for match in FORBIDDEN_TEXT.finditer(text)]
    assert found == []


def test_the_locks_name_no_index_and_pin_every_file_by_hash() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        pins = re.findall(r"^[A-Za-z0-9_.\[\]-]+==\S+", text, re.MULTILINE)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)


@pytest.mark.parametrize(("lock", "extras"), [("run.lock", {"web", "samples"}), ("dev.lock", {"dev"})])
def test_every_direct_dependency_is_locked(lock: str, extras: set[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    options = project["optional-dependencies"]
    wanted, open_extras = list(project["dependencies"]), set(extras)
    while open_extras:
        for requirement in options[open_extras.pop()]:
            inner = re.fullmatch(r"coop-claims\[(.*)\]", requirement)
            if inner:
                open_extras |= set(inner.group(1).split(","))
            else:
                wanted.append(requirement)
    names = {re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    locked = set(
        re.findall(
            r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==", (ROOT / "requirements" / lock).read_text(), re.MULTILINE
        )
    )
    assert names <= locked, f"run: make lock ({sorted(names - locked)})"
