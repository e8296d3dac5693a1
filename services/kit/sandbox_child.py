"""The processes behind `services.kit.sandbox`: a nursery that has loaded the readers, and the children it forks.

The nursery is a fresh interpreter with one thread, so that forking is sound whatever threads the worker has. It knows
three orders: fork a child for the channel that comes with the order, end a child and say how it ended, and (by the
closed connection) end everything. It never sees a document; a child never sees the nursery's connection.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any

from services.kit.confinement import confine, die_with_parent, renew_cpu

Target = Callable[[bytes, Mapping[str, Any]], bytes]

ORDER = struct.Struct("<cI")
"""One order to the nursery: `F` fork (with a descriptor), `K` end the child with this process id."""
ENDED = struct.Struct("<iQ")
"""How a child ended: its wait status and the most memory it held, in bytes."""
FORKED = struct.Struct("<i")
JOB = struct.Struct("<III")
"""Before a job: processor seconds, bytes of the options (JSON), bytes of the content."""
ANSWER = struct.Struct("<cQ")
"""Before an answer: `R` result, `L` a limit was reached, `C` the target raised; bytes that follow."""
ERROR_BYTES_MAX = 500


def receive_exactly(channel: socket.socket, count: int) -> bytes:
    """Read `count` bytes. Raises EOFError when the other side is gone."""
    held = bytearray(count)
    view = memoryview(held)
    at = 0
    while at < count:
        received = channel.recv_into(view[at:])
        if received == 0:
            raise EOFError("the other side closed the channel")
        at += received
    return bytes(held)


def run_nursery(control: socket.socket) -> None:
    """Load what the first message names, then obey orders until the connection closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    (size,) = struct.unpack("<I", receive_exactly(control, 4))
    setup = json.loads(receive_exactly(control, size))
    sys.path[:] = setup["path"]
    for module in setup["preload"]:
        importlib.import_module(module)
    target = importlib.import_module(setup["module"])
    for name in setup["name"].split("."):
        target = getattr(target, name)
    # Frozen objects are not visited by the collector, so their pages stay shared with the children.
    gc.collect()
    gc.freeze()
    control.sendall(b"+")
    children: set[int] = set()
    try:
        while True:
            _obey(control, children, setup, target)  # type: ignore[arg-type]
    except (EOFError, ConnectionError):
        pass
    finally:
        for child in children:
            _end(child)


def _obey(control: socket.socket, children: set[int], setup: Mapping[str, Any], target: Target) -> None:
    message, descriptors, _, _ = socket.recv_fds(control, ORDER.size, 1)
    if len(message) != ORDER.size:
        raise EOFError
    order, process = ORDER.unpack(message)
    if order == b"F":
        child = os.fork()
        if child == 0:
            _become_child(descriptors[0], setup, target)
        os.close(descriptors[0])
        children.add(child)
        control.sendall(FORKED.pack(child))
    else:
        children.discard(process)
        control.sendall(ENDED.pack(*_end(process)))


def _end(child: int) -> tuple[int, int]:
    """Kill a child with all it started; its number stays its own until the wait."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return status, usage.ru_maxrss * unit


def _become_child(descriptor: int, setup: Mapping[str, Any], target: Target) -> None:
    """Confine this process and work until the channel closes. Never returns."""
    status = 1
    try:
        die_with_parent()
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.dup2(descriptor, 3)
        os.closerange(4, 4096)
        with socket.socket(fileno=3) as channel:
            achieved = confine(setup["memory_bytes"], setup["files"])
            channel.sendall(b"\1" if achieved.network_isolated else b"\0")
            serve_jobs(channel, target)
        status = 0
    except (EOFError, ConnectionError):
        status = 0
    finally:
        os._exit(status)


def serve_jobs(channel: socket.socket, target: Target) -> None:
    """Do one job after the other until the channel closes (EOFError). Stops after a failure."""
    while True:
        cpu_seconds, options_size, content_size = JOB.unpack(receive_exactly(channel, JOB.size))
        try:
            options = json.loads(receive_exactly(channel, options_size))
            content = receive_exactly(channel, content_size)
            renew_cpu(cpu_seconds)
            result = target(content, options)
        except (MemoryError, RecursionError) as error:
            _fail(channel, b"L", error)
            return
        except Exception as error:
            _fail(channel, b"C", error)
            return
        channel.sendall(ANSWER.pack(b"R", len(result)))
        channel.sendall(result)
        # Held until now only to be sent; the next document starts with the memory back.
        del result, content, options


def _fail(channel: socket.socket, kind: bytes, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:ERROR_BYTES_MAX]
    channel.sendall(ANSWER.pack(kind, len(text)) + text)
