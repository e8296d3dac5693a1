"""docker-compose.yml and Dockerfile as a parser sees them: no secret of their own, nothing floating, all watched."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from services.cli.work import Part
from services.kit.config import Settings
from services.kit.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
WORDS = ("PASSWORD", "PASS", "SECRET_KEY")
SETTINGS = {f"COOP_{name.upper()}" for name in Settings.model_fields} | {
    f"COOP_LIMITS__{name.upper()}" for name in Limits.model_fields
}
GIVEN = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")
"""A variable without a default: compose stops and says what to do."""


def environment(service: dict[str, Any]) -> dict[str, str]:
    return service.get("environment") or {}


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_is_a_setting(name: str) -> None:
    given = {variable for variable in environment(SERVICES[name]) if variable.startswith("COOP_")}
    assert given <= SETTINGS


def test_every_variable_of_the_image_is_a_setting() -> None:
    found = set(re.findall(r"\b(COOP_[A-Z_]+)=", DOCKERFILE))
    assert found
    assert found <= SETTINGS


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_has_a_default(name: str) -> None:
    for variable, value in environment(SERVICES[name]).items():
        if variable.endswith(WORDS):
            assert GIVEN.fullmatch(str(value)), f"{variable} of {name}"
        if variable.endswith("_URL"):
            assert GIVEN.fullmatch(str(value).partition("://")[2].partition(":")[2].rpartition("@")[0])


@pytest.mark.parametrize("name", SERVICES)
def test_only_the_demo_allows_well_known_secrets(name: str) -> None:
    assert ("COOP_DEMO" in environment(SERVICES[name])) == (name == "demo")
    assert SERVICES[name].get("profiles", []) == (["demo"] if name == "demo" else [])


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_to_a_version(name: str) -> None:
    image = SERVICES[name].get("image")
    assert (image is None) == ("build" in SERVICES[name])
    if image is not None:
        _, _, tag = image.rpartition(":")
        assert re.search(r"\d", tag), image


def test_the_image_is_built_on_a_pinned_one_and_runs_as_nobody_special() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert all(re.search(r":\d+\.\d+", base) for base in bases)
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_runs_on_is_watched(name: str) -> None:
    check = SERVICES[name].get("healthcheck")
    if name == "migrate":
        assert check == {"disable": True}
    elif "build" in SERVICES[name] and check is None:
        assert "HEALTHCHECK" in DOCKERFILE  # a worker's own, on its ops port
        assert "COOP_OPS_PORT=" in DOCKERFILE
    else:
        assert check["test"]


def test_every_part_of_the_system_has_its_worker_and_no_other() -> None:
    commands = [str(service.get("command", "")) for service in SERVICES.values()]
    parts = sorted(command.removeprefix("work ") for command in commands if command.startswith("work "))
    assert parts == sorted(get_args(Part))


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_to_this_machine_only(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "build" in service])
def test_a_worker_is_given_the_time_to_finish(name: str) -> None:
    seconds = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert seconds > Limits().shutdown_seconds_max


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_or_uses_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    named = {str(volume).partition(":")[0] for volume in service.get("volumes", [])}
    assert named <= set(COMPOSE["volumes"])


def test_tables_are_migrated_before_any_worker_starts() -> None:
    for service in SERVICES.values():
        if str(service.get("command", "")).startswith("work "):
            assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
