"""`coop serve` as a process: what was accepted survives its death, and nothing is booked twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

SECONDS_MAX = 60


class Serving:
    """One `coop serve` process."""

    def __init__(self, home: Path) -> None:
        self.output = home.parent / f"serve-{time.monotonic_ns()}.txt"
        environment = {
            **os.environ,
            "COOP_HOME": str(home),
            "COOP_LOG_LEVEL": "ERROR",
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "services.cli", "serve", "--port", "0"]
        with self.output.open("wb") as sink:
            self.process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)
        until(lambda: "/v1/reviews" in self.told() or self.process.poll() is not None, self.told)
        assert self.process.poll() is None, self.told()
        words = self.told().split()
        self.address = next(word for word in words if word.startswith("http://"))
        self.partner_key, self.reviewer_key = [word for word in words if word.startswith("coop_")][:2]

    def told(self) -> str:
        return self.output.read_text(errors="replace")

    def get(self, path: str, key: str) -> Any:
        return httpx2.get(self.address + path, headers={"Authorization": f"Bearer {key}"}, timeout=30).json()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(40)


def until(holds: Callable[[], object], told: Callable[[], str]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


def test_a_claim_accepted_before_a_kill_is_decided_and_booked_once_after_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Serving(home)
    try:
        [container] = (home / "samples").glob("*/clean.zip")
        answer = httpx2.post(
            first.address + "/v1/claims",
            content=container.read_bytes(),
            headers={
                "Authorization": f"Bearer {first.partner_key}",
                "Content-Type": "application/zip",
                "Idempotency-Key": "once",
            },
            timeout=30,
        )
        assert answer.status_code == 202
    finally:
        first.kill()
    claim = answer.json()["claim_id"]
    second = Serving(home)
    try:
        again = httpx2.post(
            second.address + "/v1/claims",
            content=container.read_bytes(),
            headers={
                "Authorization": f"Bearer {first.partner_key}",
                "Content-Type": "application/zip",
                "Idempotency-Key": "once",
            },
            timeout=30,
        )
        assert (again.status_code, again.json()) == (202, answer.json())
        until(lambda: second.get(f"/v1/claims/{claim}", second.partner_key).get("reserved"), second.told)
        seen = second.get(f"/v1/claims/{claim}", second.partner_key)
        assert (seen["state"], seen["reserved"]) == ("under_review", seen["claimed"])
        claims = second.get("/v1/claims?limit=200", second.partner_key)["items"]
        assert [one["claim_id"] for one in claims].count(claim) == 1
    finally:
        code = second.stop()
    assert code == 0, second.told()
    verified = subprocess.run(
        [sys.executable, "-m", "services.cli", "verify", "--json"],
        env={**os.environ, "COOP_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert json.loads(verified.stdout) == {"fine": True, "broken": []}
    reserved = subprocess.run(
        [sys.executable, "-m", "services.cli", "events", "--json", "--limit", "1000"],
        env={**os.environ, "COOP_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    holds = [
        event
        for event in json.loads(reserved.stdout)["events"]
        if "funds_reserved" in json.dumps(event) and claim in json.dumps(event)
    ]
    assert len(holds) == 1


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_is_none_is_refused(port: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "services.cli", "serve", "--no-samples"],
        env={**os.environ, "COOP_HOME": str(tmp_path), "COOP_PORT": port},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "port" in ended.stderr
