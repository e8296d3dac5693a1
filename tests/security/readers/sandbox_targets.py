"""What a reader may be talked into doing. Each function is a target of the sandbox under test."""

import ctypes
import json
import os
import signal
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def behave(content: bytes, options: Mapping[str, Any]) -> bytes:
    """Do what `options["do"]` names; without it, tell what was received and by which process."""
    act = _ACTS.get(options.get("do", ""), _answer)
    return act(content, options)


def _answer(content: bytes, options: Mapping[str, Any]) -> bytes:
    return json.dumps({"bytes": len(content), "options": dict(options), "process": os.getpid()}).encode()


def _hang(content: bytes, options: Mapping[str, Any]) -> bytes:
    time.sleep(3600)
    return b""


def _spin(content: bytes, options: Mapping[str, Any]) -> bytes:
    while True:
        pass


def _burn(content: bytes, options: Mapping[str, Any]) -> bytes:
    until = time.process_time() + options["seconds"]
    while time.process_time() < until:
        pass
    return _answer(content, options)


def _leave(content: bytes, options: Mapping[str, Any]) -> bytes:
    os._exit(7)


def _close_and_linger(content: bytes, options: Mapping[str, Any]) -> bytes:
    os.close(3)
    time.sleep(3600)
    return b""


def _segfault(content: bytes, options: Mapping[str, Any]) -> bytes:
    ctypes.string_at(0)
    return b""


def _abort_starved(content: bytes, options: Mapping[str, Any]) -> bytes:
    held = bytearray(options["bytes"])
    held[:: os.sysconf("SC_PAGE_SIZE")] = b"x" * len(range(0, len(held), os.sysconf("SC_PAGE_SIZE")))
    os.abort()


def _eat_memory(content: bytes, options: Mapping[str, Any]) -> bytes:
    held = []
    while True:
        held.append(bytearray(8 << 20))


def _recurse(content: bytes, options: Mapping[str, Any]) -> bytes:
    return _recurse(content, options)


def _fork(content: bytes, options: Mapping[str, Any]) -> bytes:
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    return _answer(content, options)


def _execute(content: bytes, options: Mapping[str, Any]) -> bytes:
    os.execv("/bin/true", ["/bin/true"])


def _print(content: bytes, options: Mapping[str, Any]) -> bytes:
    os.write(1, b"garbage" * 1000)
    os.write(2, b"garbage" * 1000)
    return _answer(content, options)


def _talk_nonsense(content: bytes, options: Mapping[str, Any]) -> bytes:
    os.write(3, b"\xff" * 64)
    return b""


def _answer_much(content: bytes, options: Mapping[str, Any]) -> bytes:
    return b"x" * options["bytes"]


def _connect(content: bytes, options: Mapping[str, Any]) -> bytes:
    with socket.create_connection(("127.0.0.1", options["port"]), timeout=2):
        return b"connected"


def _write(content: bytes, options: Mapping[str, Any]) -> bytes:
    Path(options["path"]).write_bytes(b"x" * 100)
    return b"written"


def _remove(content: bytes, options: Mapping[str, Any]) -> bytes:
    Path(options["path"]).unlink()
    return b"removed"


def _strike(content: bytes, options: Mapping[str, Any]) -> bytes:
    os.kill(options["process"], signal.SIGTERM)
    return b"struck"


def _environment(content: bytes, options: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(os.environ)).encode()


def _raise(content: bytes, options: Mapping[str, Any]) -> bytes:
    raise ValueError("a document made this\n" + "x" * 10_000)


_ACTS = {
    "hang": _hang,
    "spin": _spin,
    "burn": _burn,
    "leave": _leave,
    "close_and_linger": _close_and_linger,
    "segfault": _segfault,
    "abort_starved": _abort_starved,
    "eat_memory": _eat_memory,
    "recurse": _recurse,
    "fork": _fork,
    "execute": _execute,
    "print": _print,
    "talk_nonsense": _talk_nonsense,
    "answer_much": _answer_much,
    "connect": _connect,
    "write": _write,
    "remove": _remove,
    "strike": _strike,
    "environment": _environment,
    "raise": _raise,
}
