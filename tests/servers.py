"""Private instances of the real services, on free loopback ports, started from installed binaries."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS_MAX = 90
S3_KEY, S3_SECRET = "coop-test-key", "coop-test-secret"


class ServiceMissing(RuntimeError):
    """The machine offers no such server; the message says what would."""


@dataclass(frozen=True)
class Server:
    """A running server: how to reach it, which version it is, and its process."""

    url: str
    version: str
    pid: int | None = None


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(
    port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = START_SECONDS_MAX
) -> None:
    """Wait until something listens. Raises RuntimeError with the log's end when the process dies or time runs out."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    ended = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise RuntimeError(f"the server on port {port} did not start:\n{ended}")


@contextmanager
def postgresql(folder: Path) -> Iterator[Server]:
    """A PostgreSQL cluster below `folder`."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        raise ServiceMissing("no PostgreSQL: install Debian's postgresql, or set COOP_TEST_DATABASE_URL")
    bin_dir = binaries[-1].parent
    port = free_port()
    home = folder / "pg"
    prefix: list[str] = []
    if os.geteuid() == 0:
        prefix = ["runuser", "-u", "postgres", "--"]
        folder.chmod(0o755)
        subprocess.run(["install", "-d", "-o", "postgres", str(home)], check=True)
    else:
        home.mkdir()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(
        [
            *prefix,
            str(bin_dir / "initdb"),
            "-D",
            str(home),
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
        ],
        check=True,
        **quiet,
    )
    options = (
        f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -c max_connections=200 -c log_min_messages=fatal"
    )
    control = [*prefix, str(bin_dir / "pg_ctl"), "-D", str(home)]
    subprocess.run([*control, "-w", "-l", str(home / "log"), "-o", options, "start"], check=True, **quiet)
    try:
        pid = int((home / "postmaster.pid").read_text().splitlines()[0]) if os.geteuid() == 0 else None
        version = subprocess.run(
            [str(bin_dir / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        yield Server(f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", version.split()[2], pid)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)


def rabbitmq_environment(folder: Path, port: int) -> dict[str, str]:
    """The environment of a private broker below `folder`."""
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\ndisk_free_limit.absolute = 50MB\nlog.console.level = error\n"
    )
    (folder / "plugins").write_text("[].")
    return {
        **os.environ,
        "RABBITMQ_NODENAME": f"coop-test-{port}@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


@contextmanager
def rabbitmq(folder: Path) -> Iterator[Server]:
    """A RabbitMQ node below `folder`."""
    if not RABBITMQ_SERVER.exists():
        raise ServiceMissing("no RabbitMQ: install Debian's rabbitmq-server, or set COOP_TEST_BROKER_URL")
    port = free_port()
    environment = rabbitmq_environment(folder, port)
    log = folder / "console.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [str(RABBITMQ_SERVER)],
            env=environment,
            stdout=sink,
            stderr=sink,
            cwd=folder,
            start_new_session=True,
        )
    epmd = environment["ERL_EPMD_PORT"]
    try:
        wait_for_port(port, process, log)
        yield Server(f"amqp://guest:guest@127.0.0.1:{port}/%2F", _rabbitmq_version(), process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        _end_epmd(epmd)


def _rabbitmq_version() -> str:
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"))
    return found[-1].name.removeprefix("rabbitmq_server-") if found else "unknown"


def _end_epmd(port: str) -> None:
    # The node started its own epmd on this port; it outlives the node and is ended by its own id.
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if words[0].endswith(b"epmd") and f"ERL_EPMD_PORT={port}".encode() in environment.split(b"\0"):
            os.kill(int(entry.name), signal.SIGTERM)


@contextmanager
def s3(folder: Path) -> Iterator[Server]:
    """An S3 endpoint over `folder`, by rclone."""
    program = Path(sys.executable).with_name("rclone")
    if not program.exists():
        raise ServiceMissing("no S3 server: install the development dependencies, or set COOP_TEST_S3_URL")
    port = free_port()
    root = folder / "s3"
    root.mkdir()
    log = folder / "s3.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [
                str(program),
                "serve",
                "s3",
                "--addr",
                f"127.0.0.1:{port}",
                "--auth-key",
                f"{S3_KEY},{S3_SECRET}",
                str(root),
            ],
            stdout=sink,
            stderr=sink,
            env={**os.environ, "RCLONE_CONFIG": str(folder / "rclone.conf")},
        )
    try:
        wait_for_port(port, process, log, 20)
        told = subprocess.run([str(program), "version"], capture_output=True, text=True, check=True).stdout
        yield Server(f"http://127.0.0.1:{port}", told.splitlines()[0].replace("rclone ", ""), process.pid)
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A short-named folder of a server's own, removed at the end (socket paths have a length limit)."""
    folder = Path(tempfile.mkdtemp(prefix=f"coop-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
