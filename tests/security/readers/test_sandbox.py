"""Whatever happens in a child, the caller gets a named reason and the next job works."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.kit.sandbox import Sandbox, SandboxClosed, SandboxFailed, SandboxLimits, SandboxUnavailable
from tests.security.readers.sandbox_targets import behave

LIMITS = SandboxLimits(
    children_count=2,
    memory_bytes_max=128 << 20,
    cpu_seconds_max=1,
    seconds_max=10,
    result_bytes_max=1 << 20,
    documents_per_child_max=1000,
)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the calls are taken away on Linux")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(behave, LIMITS) as started:
        yield started


def answer(sandbox: Sandbox, content: bytes = b"", **options: Any) -> Any:
    return json.loads(sandbox.run(content, options))


def test_content_and_options_arrive_whole(sandbox: Sandbox) -> None:
    content = os.urandom(5 << 20)
    told = answer(sandbox, content, name="å")
    assert (told["bytes"], told["options"]) == (5 << 20, {"name": "å"})


@pytest.mark.parametrize(
    ("act", "options", "reason"),
    [
        ("hang", {}, "timeout"),
        ("spin", {}, "resource_limit"),
        ("eat_memory", {}, "resource_limit"),
        ("abort_starved", {"bytes": 100 << 20}, "resource_limit"),
        ("recurse", {}, "resource_limit"),
        ("answer_much", {"bytes": (1 << 20) + 1}, "resource_limit"),
        ("leave", {}, "crashed"),
        ("segfault", {}, "crashed"),
        ("close_and_linger", {}, "crashed"),
        ("talk_nonsense", {}, "resource_limit"),
        ("raise", {}, "crashed"),
    ],
)
def test_each_misdeed_has_its_reason_and_the_next_job_works(
    sandbox: Sandbox, act: str, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SandboxFailed) as failed:
        sandbox.run(b"x", {"do": act, **options}, seconds=0.3 if act == "hang" else 60)
    assert failed.value.reason == reason
    assert answer(sandbox, b"next")["bytes"] == 4


def test_a_message_from_a_child_is_bounded(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFailed) as failed:
        sandbox.run(b"", {"do": "raise"})
    assert failed.value.detail.startswith("ValueError: a document made this")
    assert len(failed.value.detail) <= 500


def test_a_hanging_job_ends_at_its_limit_and_the_spare_answers_at_once(sandbox: Sandbox) -> None:
    begun = time.monotonic()
    with pytest.raises(SandboxFailed):
        sandbox.run(b"", {"do": "hang"}, seconds=0.2)
    answer(sandbox)
    assert 0.2 <= time.monotonic() - begun < LIMITS.seconds_max


def test_output_of_a_child_goes_nowhere(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    assert answer(sandbox, do="print")["bytes"] == 0
    assert capfd.readouterr() == ("", "")


@linux_only
@pytest.mark.parametrize("act", ["fork", "execute"])
def test_a_child_starts_no_process(sandbox: Sandbox, act: str) -> None:
    with pytest.raises(SandboxFailed) as failed:
        sandbox.run(b"", {"do": act})
    assert failed.value.reason == "crashed"
    assert "PermissionError" in failed.value.detail


@linux_only
def test_a_child_reaches_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(SandboxFailed, match=r"PermissionError|Network is unreachable"):
            sandbox.run(b"", {"do": "connect", "port": server.getsockname()[1]})
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert sandbox.network_isolated


def test_a_child_writes_no_file(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(SandboxFailed):
        sandbox.run(b"", {"do": "write", "path": str(tmp_path / "out")})
    assert [path.read_bytes() for path in tmp_path.iterdir()] in ([], [b""])


@linux_only
def test_a_child_removes_no_file_and_signals_nobody(sandbox: Sandbox, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("x")
    for options in ({"do": "remove", "path": str(kept)}, {"do": "strike", "process": os.getpid()}):
        with pytest.raises(SandboxFailed, match="PermissionError"):
            sandbox.run(b"", options)
    assert kept.exists()


def test_a_child_does_not_inherit_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOP_DATABASE_URL", "postgresql://user:secret@host/db")
    with Sandbox(behave, LIMITS) as fresh:
        assert not [name for name in answer(fresh, do="environment") if name.startswith("COOP")]


def test_processor_time_is_counted_for_each_document_anew() -> None:
    with Sandbox(behave, replace(LIMITS, children_count=1)) as fresh:
        served = {answer(fresh, do="burn", seconds=0.6)["process"] for _ in range(4)}
    assert len(served) == 1


def test_a_child_serves_its_number_of_documents_and_is_replaced() -> None:
    limits = SandboxLimits(children_count=1, documents_per_child_max=3, memory_bytes_max=128 << 20)
    with Sandbox(behave, limits) as fresh:
        served = [answer(fresh)["process"] for _ in range(9)]
    assert len(set(served)) == 3
    assert all(served.count(process) == 3 for process in served)


def test_threads_share_the_children_and_neighbors_of_a_bad_document_are_unaffected(sandbox: Sandbox) -> None:
    def job(number: int) -> str:
        act = {0: "hang", 1: "leave"}.get(number % 6, "")
        try:
            told = json.loads(
                sandbox.run(b"x" * number, {"do": act, "n": number}, seconds=0.3 if act else 10)
            )
        except SandboxFailed as failed:
            return failed.reason
        assert (told["bytes"], told["options"]["n"]) == (number, number)
        return "answered"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(job, range(36)))
    expected = [{0: "timeout", 1: "crashed"}.get(number % 6, "answered") for number in range(36)]
    assert outcomes == expected


def test_a_lost_nursery_is_replaced_without_blaming_the_document() -> None:
    with Sandbox(behave, LIMITS) as fresh:
        first = answer(fresh)["process"]
        nursery = int(Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(nursery, signal.SIGKILL)
        assert answer(fresh, b"innocent")["bytes"] == 8


def test_an_idle_child_killed_from_outside_blames_no_document() -> None:
    with Sandbox(behave, LIMITS) as fresh:
        os.kill(answer(fresh)["process"], signal.SIGKILL)
        assert answer(fresh, b"innocent")["bytes"] == 8


def test_closing_leaves_no_process_and_says_so_to_the_job_under_way() -> None:
    fresh = Sandbox(behave, LIMITS)
    fresh.start()
    process = answer(fresh)["process"]
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(fresh.run, b"", {"do": "hang"})
        fresh.close()
        with pytest.raises(SandboxClosed):
            under_way.result(timeout=10)
    with pytest.raises(SandboxClosed):
        fresh.run(b"")
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_sandbox_that_nobody_closes_ends_with_its_process_and_without_a_word() -> None:
    forgetful = (
        "from services.kit.sandbox import Sandbox\n"
        "from tests.security.readers.sandbox_targets import behave\n"
        "kept = Sandbox(behave)\n"
        "dropped = Sandbox(behave)\n"
        "print(kept.run(b'1').decode(), dropped.run(b'2').decode())\n"
        "del dropped\n"
    )
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", forgetful],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stderr == ""
    processes = [int(number) for number in re.findall(r'"process": (\d+)', ended.stdout)]
    assert len(processes) == 2
    assert not [process for process in processes if Path(f"/proc/{process}").exists()]


def test_readers_that_cannot_be_loaded_are_no_fault_of_a_document(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SandboxUnavailable) as unavailable:
        Sandbox(behave, LIMITS, preload=("a_module_that_is_not_there",)).run(b"")
    assert not isinstance(unavailable.value, SandboxFailed)
    assert "a_module_that_is_not_there" in capfd.readouterr().err


def test_a_sandbox_that_is_never_used_starts_nothing() -> None:
    before = threading.active_count()
    Sandbox(behave, LIMITS).close()
    assert threading.active_count() == before


def test_500_documents_leave_the_memory_of_the_caller_flat(sandbox: Sandbox) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    content = b"x" * (1 << 20)
    for _ in range(50):
        sandbox.run(content)
    before = resident()
    for _ in range(500):
        sandbox.run(content)
    assert resident() - before < 16 << 20
