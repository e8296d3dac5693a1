"""Logs: one line an event, without keys, passwords or account numbers (S21)."""

import json

import pytest
import structlog

from services.kit import telemetry

HOSTILE = {
    "key": (
        "coop_live_ab12cd34_0123456789abcdefghjkmnpqrstvwxyz_deadbeef",
        "0123456789abcdefghjkmnpqrstvwxyz",
    ),
    "iban": ("pay to SE45 5000 0000 0583 9825 7466 now", "5839"),
    "url": ("amqp://coop:hunter2@mq/", "hunter2"),
    "forged line": ('x\n{"event": "payout_released"}', "\n"),
    "unicode line": ("x\u2028payout", "\u2028"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_value_reaches_the_log_without_its_sting(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    value, sting = HOSTILE[name]
    telemetry.configure(level="INFO", as_json=True)
    structlog.get_logger().info("file_received", file_name=value)
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert sting not in json.loads(line)["file_name"]


def test_a_value_named_like_a_secret_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure(level="INFO", as_json=True)
    structlog.get_logger().info("called", authorization="Bearer abc", password="abc")
    told = json.loads(capsys.readouterr().err)
    assert (told["authorization"], told["password"]) == ("***", "***")


def test_a_long_value_is_cut() -> None:
    assert len(telemetry.redact("x" * 10_000)) == telemetry.VALUE_CHARS_MAX
