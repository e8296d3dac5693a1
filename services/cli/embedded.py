"""The whole product in one process: the same handlers, outbox and inbox, with relay and scheduler stepped or as threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from services.cli.instance import opened
from services.intake.worker import consumer as intake_consumer
from services.kit.clock import Clock, ManualClock
from services.kit.config import Settings
from services.kit.platform import Platform
from services.kit.relay import EmbeddedRelay
from services.kit.scheduler import Scheduler
from services.ledger.worker import consumer as ledger_consumer
from services.ledger.worker import jobs as ledger_jobs
from services.validator.readers.reading_room import ReadingRoom
from services.validator.worker import consumer as validator_consumer


class EmbeddedInstance:
    """Three services on one platform, joined by the embedded relay."""

    def __init__(self, platform: Platform, room: ReadingRoom) -> None:
        self.platform = platform
        self.room = room
        consumers = (intake_consumer(platform), validator_consumer(platform, room), ledger_consumer(platform))
        self.relay = EmbeddedRelay(platform.database, platform.clock, consumers, platform.limits)
        self.scheduler = Scheduler(platform.clock, ledger_jobs(platform), platform.limits)

    def settle(self) -> None:
        """Run what is due and hand on every event, until nothing is left to do now."""
        while self.scheduler.step() + self.relay.run_dry():
            pass

    def move_to(self, instant: datetime) -> None:
        """Move a manual clock and do all that falls due on the way."""
        assert isinstance(self.platform.clock, ManualClock)
        self.platform.clock.move_to(instant)
        self.settle()

    @contextmanager
    def running(self, stop: threading.Event) -> Iterator[None]:
        """Relay and scheduler as threads until `stop` is set; each finishes the step it is in."""
        loops = [
            threading.Thread(target=self.relay.run, args=(stop,), name="relay"),
            threading.Thread(target=self.scheduler.run, args=(stop,), name="scheduler"),
        ]
        for loop in loops:
            loop.start()
        try:
            yield
        finally:
            stop.set()
            for loop in loops:
                loop.join(self.platform.limits.shutdown_seconds_max)


@contextmanager
def embedded(settings: Settings, *, clock: Clock | None = None) -> Iterator[EmbeddedInstance]:
    """An embedded instance below the home folder of the settings; readers start before any thread does."""
    with ReadingRoom(settings.limits) as room, opened(settings, clock=clock) as platform:
        yield EmbeddedInstance(platform, room)


def embedded_settings(home: Path, **changes: object) -> Settings:
    """Settings of a trial instance below `home`, whatever the environment says."""
    given = {"home": home, "demo": True, "log_level": "ERROR", "log_json": False, **changes}
    return _TrialSettings(**given)  # type: ignore[arg-type]


class _TrialSettings(Settings):
    """Settings from nowhere but the call: a trial must never touch the database that the environment names."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given counts."""
        return (init_settings,)
