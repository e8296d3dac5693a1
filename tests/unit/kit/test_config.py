"""Settings: safe outside the demo, redacted when shown."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.kit.clock import ClockInvalid, FileClock, ManualClock, clock_named, parse_instant
from services.kit.config import Settings, SettingsInvalid, redact_url
from services.kit.limits import Limits


@pytest.mark.parametrize(
    "given_settings",
    [
        {"broker_url": "amqp://guest:guest@mq/"},
        {"database_url": "postgresql+psycopg://coop:postgres@db/coop"},
        {"s3_access_key": "minioadmin", "s3_secret_key": "x" * 20},
        {"s3_access_key": "x" * 20, "s3_secret_key": "minioadmin"},
    ],
)
def test_a_well_known_secret_is_refused_outside_the_demo(given_settings: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid, match="well-known"):
        Settings(_env_file=None, **given_settings)
    assert Settings(_env_file=None, demo=True, **given_settings).demo


def test_a_movable_clock_is_refused_outside_the_demo() -> None:
    with pytest.raises(SettingsInvalid, match="COOP_CLOCK"):
        Settings(_env_file=None, clock="file:now.txt")


def test_no_secret_is_shown() -> None:
    settings = Settings(
        _env_file=None,
        broker_url="amqp://coop:s3cr3t-one@mq:5672/%2F",
        database_url="postgresql+psycopg://coop:s3cr3t-two@db/coop",
        s3_access_key="s3cr3t-three",
        s3_secret_key="s3cr3t-four",
    )
    assert "s3cr3t" not in json.dumps(settings.redacted())
    assert "s3cr3t" not in repr(settings)
    assert settings.redacted()["broker_url"] == "amqp://coop:***@mq:5672/%2F"


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    assert redact_url("postgresql://db/coop") == "postgresql://db/coop"


def test_a_limit_can_be_overridden_and_must_be_positive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOP_LIMITS__UPLOAD_BYTES_MAX", "123")
    assert Settings(_env_file=None).limits.upload_bytes_max == 123
    with pytest.raises(ValidationError):
        Limits(upload_bytes_max=0)


@pytest.mark.parametrize("name", sorted(Limits.model_fields))
def test_every_limit_ends_with_its_unit(name: str) -> None:
    units = {"bytes", "seconds", "count", "max", "first", "default", "child"}
    assert name.rsplit("_", 1)[-1] in units
    measures = (
        "bytes",
        "seconds",
        "count",
        "entries",
        "ratio",
        "pages",
        "words",
        "pixels",
        "frames",
        "documents",
    )
    others = ("attachments", "depth", "elements", "parts", "chars", "attempts", "messages", "rows", "lines")
    assert any(word in name.split("_") for word in (*measures, *others))


@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_a_file_clock_tells_the_instant_that_was_set(
    tmp_path_factory: pytest.TempPathFactory, moment: datetime
) -> None:
    clock = FileClock(tmp_path_factory.mktemp("clock") / "now")
    clock.move_to(moment)
    assert clock.now() == moment


def test_a_manual_clock_does_not_go_back() -> None:
    clock = ManualClock(parse_instant("2020-02-14T23:59:59-08:00"))
    with pytest.raises(ClockInvalid):
        clock.move_to(parse_instant("2020-02-14T23:59:58-08:00"))


@pytest.mark.parametrize("setting", ["", "sundial", "file:", "file"])
def test_a_setting_that_names_no_clock_is_refused(setting: str) -> None:
    with pytest.raises(ClockInvalid):
        clock_named(setting)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        parse_instant("2020-02-14T23:59:59")
