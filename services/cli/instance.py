"""The composition root: builds the platform from the settings and wires the three services together by events."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.kit import telemetry
from services.kit.broker import OUTSIDER_QUEUES, Topology, queue_of
from services.kit.clock import Clock
from services.kit.config import Settings, SettingsInvalid
from services.kit.migrating import migrate
from services.kit.platform import Platform, build_platform


def settings_from_environment() -> Settings:
    """Read the settings once. Raises SettingsInvalid."""
    return Settings()


@contextmanager
def opened(settings: Settings | None = None, *, clock: Clock | None = None) -> Iterator[Platform]:
    """The platform of the settings; the embedded database is brought up to date, PostgreSQL by `coop migrate`."""
    chosen = settings or settings_from_environment()
    telemetry.configure(level=chosen.log_level, as_json=chosen.log_json)
    platform = build_platform(chosen, clock=clock)
    try:
        if platform.database.dialect == "sqlite":
            migrate(platform.database)
        yield platform
    finally:
        platform.close()


def topology(settings: Settings) -> Topology:
    """Every queue with the event types it takes: one for each service, and those that outsiders opted into."""
    from services.intake.worker import IntakeConsumer
    from services.ledger.worker import LedgerConsumer
    from services.validator.worker import ValidatorConsumer

    wanted = [name.strip() for name in settings.outsider_queues.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in OUTSIDER_QUEUES]
    if unknown:
        raise SettingsInvalid(
            f"COOP_OUTSIDER_QUEUES names {unknown[0]!r}; there are {', '.join(OUTSIDER_QUEUES)}"
        )
    return Topology(
        queues={
            queue_of(taker.name): taker.subscriptions
            for taker in (IntakeConsumer, ValidatorConsumer, LedgerConsumer)
        },
        outsiders={name: OUTSIDER_QUEUES[name] for name in wanted},
    )
