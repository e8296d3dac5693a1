"""Work on strangers' bytes in long-lived child processes with limits; whatever they do, the caller lives.

Children are forked by a separate single-threaded process that has loaded the target's modules once, so a child costs
milliseconds and one spare always waits. Only length-prefixed bytes come back: nothing a child sends is executed or
unpickled. A child that hangs, crashes, or outgrows its memory, processor time or answer is killed and replaced.
"""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from services.kit.sandbox_child import ANSWER, ENDED, ERROR_BYTES_MAX, FORKED, JOB, ORDER, receive_exactly

Reason = Literal["timeout", "resource_limit", "crashed"]

# Nothing of the worker's secrets reaches the children.
_ENVIRONMENT_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "OMP_NUM_THREADS")
_START_SECONDS_MAX = 60.0
_CHUNK_BYTES = 1 << 20


class SandboxFailed(Exception):
    """The job gave no answer. `reason` is timeout, resource_limit or crashed; `detail` is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.code = "sandbox_failed"
        self.reason: Reason = reason
        self.detail = detail


class SandboxUnavailable(Exception):
    """There is no process to work in, which says nothing about the document: do the job again elsewhere, or later."""

    code = "sandbox_unavailable"


class SandboxClosed(SandboxUnavailable):
    """The sandbox was closed before or under the job."""

    code = "sandbox_closed"


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Bounds of each child. `memory_bytes_max` is what a child may add to what it has loaded."""

    children_count: int = 2
    memory_bytes_max: int = 1536 * 1024 * 1024
    cpu_seconds_max: int = 15
    seconds_max: float = 20.0
    result_bytes_max: int = 16 * 1024 * 1024
    documents_per_child_max: int = 500
    files_max: int = 64


class _Child:
    """One child as its user sees it: a process id, a channel, and how many jobs it has done."""

    def __init__(self, process: int, channel: socket.socket, network_isolated: bool) -> None:
        self.process = process
        self.channel = channel
        self.network_isolated = network_isolated
        self.jobs = 0


class _Nursery:
    """The forking process. One order at a time."""

    def __init__(self, setup: bytes) -> None:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _ENVIRONMENT_KEPT if name in os.environ}
        # -P: a module lying in the current folder must not be imported in place of ours.
        start = (
            "import sys,json,socket;sys.path[:]=json.loads(sys.argv[2]);"
            "from services.kit.sandbox_child import run_nursery;"
            "run_nursery(socket.socket(fileno=int(sys.argv[1])))"
        )
        path = json.dumps([entry for entry in sys.path if entry])
        with theirs:
            self._program = subprocess.Popen(  # noqa: S603 (this interpreter, our own module)
                [sys.executable, "-P", "-c", start, str(theirs.fileno()), path],
                pass_fds=(theirs.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours
        self._lock = threading.Lock()
        self._stop = weakref.finalize(self, _stop_nursery, self._program, ours)
        try:
            ours.settimeout(_START_SECONDS_MAX)
            ours.sendall(struct.pack("<I", len(setup)) + setup)
            receive_exactly(ours, 1)
        except (OSError, EOFError) as error:
            self.close()
            raise SandboxUnavailable("the reading process did not start; its error is on stderr") from error

    def fork(self) -> _Child:
        """A new confined child, ready for jobs."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._control, [ORDER.pack(b"F", 0)], [theirs.fileno()])
                (process,) = FORKED.unpack(receive_exactly(self._control, FORKED.size))
            ours.settimeout(_START_SECONDS_MAX)
            isolated = receive_exactly(ours, 1) == b"\1"
        except BaseException:
            ours.close()
            raise
        return _Child(process, ours, isolated)

    def end(self, child: _Child) -> tuple[int, int]:
        """Kill a child; its wait status and peak memory in bytes."""
        child.channel.close()
        with self._lock:
            self._control.sendall(ORDER.pack(b"K", child.process))
            status, peak = ENDED.unpack(receive_exactly(self._control, ENDED.size))
        return status, peak

    def close(self) -> None:
        """End the nursery and, through it, every child."""
        self._stop()


def _stop_nursery(program: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    try:
        program.wait(timeout=5)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


class Sandbox:
    """Runs `target(content, options) -> bytes` in confined children. Several threads may call `run` at once.

    `target` is a function of a module (the children import it by name); `preload` names modules to load once, before
    any child exists. A job waits for a free child when all `children_count` are busy.
    """

    def __init__(
        self,
        target: Callable[[bytes, Mapping[str, Any]], bytes],
        limits: SandboxLimits | None = None,
        preload: tuple[str, ...] = (),
    ) -> None:
        self.limits = limits or SandboxLimits()
        self._setup = json.dumps(
            {
                "path": [entry for entry in sys.path if entry],
                "preload": list(preload),
                "module": target.__module__,
                "name": target.__qualname__,
                "memory_bytes": self.limits.memory_bytes_max,
                "files": self.limits.files_max,
            }
        ).encode()
        self._free = threading.BoundedSemaphore(self.limits.children_count)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._nursery: _Nursery | None = None
        self._closed = False
        self._network_isolated = False
        # Who forgets to close leaves nothing open either.
        weakref.finalize(self, _close_channels, self._idle)

    @property
    def network_isolated(self) -> bool:
        """Whether the children started so far cannot reach a network."""
        return self._network_isolated

    def start(self) -> None:
        """Load the readers and fork the children and the spare, so that the first job does not wait for it.

        Raises SandboxUnavailable.
        """
        nursery = self._living_nursery()
        try:
            for _ in range(self.limits.children_count + 1):
                self._fill(nursery)
        except (OSError, EOFError) as error:
            self._abandon(nursery)
            raise SandboxUnavailable("the reading process ended while it made children") from error

    def close(self) -> None:
        """End every child for good; jobs under way and later ones raise SandboxClosed."""
        with self._lock:
            self._closed = True
            nursery, self._nursery = self._nursery, None
            _close_channels(self._idle)
        if nursery is not None:
            nursery.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self, content: bytes, options: Mapping[str, Any] | None = None, *, seconds: float | None = None
    ) -> bytes:
        """The target's answer. `options` must be JSON. Raises SandboxFailed or SandboxUnavailable,
        never anything of the document's making."""
        request = json.dumps(options or {}).encode()
        within = seconds or self.limits.seconds_max
        with self._free:
            try:
                return self._attempt(request, content, within)
            except _Lost:
                # Something outside took the process away (memory pressure on the machine, an operator).
                try:
                    return self._attempt(request, content, within)
                except _Lost:
                    raise SandboxFailed("crashed", "the reading process was taken away twice") from None

    def _attempt(self, request: bytes, content: bytes, seconds: float) -> bytes:
        nursery = self._living_nursery()
        child = self._take(nursery)
        try:
            answer = self._converse(child, request, content, seconds)
        except _Broken as broken:
            raise self._failure(nursery, child, broken) from None
        except BaseException:
            self._discard(nursery, child)
            raise
        self._give_back(nursery, child)
        return answer

    def _converse(self, child: _Child, request: bytes, content: bytes, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        channel = child.channel
        child.jobs += 1
        try:
            head = JOB.pack(self.limits.cpu_seconds_max, len(request), len(content)) + request
            _send(channel, head, deadline)
            _send(channel, content, deadline)
            kind, size = ANSWER.unpack(_receive(channel, ANSWER.size, deadline))
            most = self.limits.result_bytes_max if kind == b"R" else ERROR_BYTES_MAX
            if size > most:
                raise _Broken("resource_limit", f"an answer of {size} bytes, at most {most} are taken")
            answer = _receive(channel, size, deadline)
        except TimeoutError:
            raise _Broken("timeout", f"no answer within {seconds:g} s") from None
        except (EOFError, OSError):
            raise _Broken(None, "the child ended without an answer") from None
        if kind == b"R":
            return answer
        reason: Reason = "resource_limit" if kind == b"L" else "crashed"
        raise _Broken(reason, answer.decode("utf-8", "replace"))

    def _failure(self, nursery: _Nursery, child: _Child, broken: "_Broken") -> Exception:
        """Replace the child and say why it failed; a silent end is explained by how the process ended."""
        ended = self._discard(nursery, child)
        if broken.reason is not None:
            return SandboxFailed(broken.reason, broken.detail)
        if ended is None:
            return _Lost()
        status, peak = ended
        if not os.WIFSIGNALED(status):
            return SandboxFailed("crashed", f"the child left with status {os.waitstatus_to_exitcode(status)}")
        number = os.WTERMSIG(status)
        if number == signal.SIGKILL:
            return _Lost()
        detail = f"ended by {signal.Signals(number).name}, {peak // 1024} KiB at most"
        # Native code answers a refused allocation by aborting; half of the bound in use tells it from other aborts.
        starved = number == signal.SIGXCPU or peak > self.limits.memory_bytes_max // 2
        return SandboxFailed("resource_limit" if starved else "crashed", detail)

    def _living_nursery(self) -> _Nursery:
        with self._lock:
            if self._closed:
                raise SandboxClosed
            if self._nursery is None:
                self._nursery = _Nursery(self._setup)
            return self._nursery

    def _take(self, nursery: _Nursery) -> _Child:
        with self._lock:
            if self._nursery is nursery and self._idle:
                return self._idle.pop()
        try:
            return nursery.fork()
        except (OSError, EOFError) as error:
            self._abandon(nursery)
            raise _Lost from error

    def _give_back(self, nursery: _Nursery, child: _Child) -> None:
        if child.jobs >= self.limits.documents_per_child_max:
            self._discard(nursery, child)
            return
        with self._lock:
            if self._nursery is nursery:
                self._idle.append(child)
                return
        child.channel.close()

    def _discard(self, nursery: _Nursery, child: _Child) -> tuple[int, int] | None:
        """End a child and fork its replacement; None when the nursery itself is gone."""
        try:
            ended = nursery.end(child)
            self._fill(nursery)
        except (OSError, EOFError):
            self._abandon(nursery)
            return None
        return ended

    def _fill(self, nursery: _Nursery) -> None:
        child = nursery.fork()
        self._network_isolated = child.network_isolated
        with self._lock:
            # Newest last: the oldest waiting child is taken only when it is needed.
            if self._nursery is nursery and len(self._idle) <= self.limits.children_count:
                self._idle.insert(0, child)
                return
        nursery.end(child)

    def _abandon(self, nursery: _Nursery) -> None:
        with self._lock:
            if self._nursery is not nursery:
                return
            self._nursery = None
            _close_channels(self._idle)
        nursery.close()


def _close_channels(idle: list[_Child]) -> None:
    while idle:
        idle.pop().channel.close()


class _Lost(Exception):
    """The process is gone, and not by the document's doing as far as can be told."""


class _Broken(Exception):
    """A conversation that gave no answer; a reason of None is found out from how the process ended."""

    def __init__(self, reason: Reason | None, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason | None = reason
        self.detail = detail


def _send(channel: socket.socket, content: bytes, deadline: float) -> None:
    view = memoryview(content)
    for at in range(0, len(view), _CHUNK_BYTES):
        _arm(channel, deadline)
        channel.sendall(view[at : at + _CHUNK_BYTES])


def _receive(channel: socket.socket, count: int, deadline: float) -> bytes:
    held = bytearray()
    while len(held) < count:
        _arm(channel, deadline)
        piece = channel.recv(min(count - len(held), _CHUNK_BYTES))
        if not piece:
            raise EOFError
        held += piece
    return bytes(held)


def _arm(channel: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)
