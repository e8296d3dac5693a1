"""`coop work`: one worker of the distributed system, against RabbitMQ, the object store and PostgreSQL."""

import threading
from collections.abc import Callable, Sequence
from typing import Literal

import structlog

from services.cli.instance import opened, settings_from_environment, topology
from services.kit import metrics
from services.kit.config import Settings, SettingsInvalid
from services.kit.consumer import Consumer
from services.kit.migrating import require_current
from services.kit.platform import Platform
from services.kit.rabbitmq_publisher import RabbitPublisher
from services.kit.relay import BrokerRelay
from services.kit.scheduler import Scheduler
from services.kit.working import OpsServer, Ping, consume, stop_on_signals

log = structlog.get_logger(__name__)
Part = Literal["intake", "validator", "ledger", "web", "relay", "scheduler"]


def work(part: Part, /) -> None:
    """Run one PART until SIGTERM: it then finishes what it holds and ends.

    Parameters
    ----------
    part
        intake (drop endpoint and its events), validator, ledger, web (pages, reviews, ledger API), relay, scheduler.
    """
    settings = settings_from_environment()
    if settings.broker_url is None:
        raise SettingsInvalid("coop work needs COOP_BROKER_URL; everything in one process is coop serve")
    stop = stop_on_signals()
    with opened(settings) as platform:
        platform.database.ping()
        require_current(platform.database)
        platform.objects.ping()
        _PARTS[part](settings, platform, stop)


def _intake(settings: Settings, platform: Platform, stop: threading.Event) -> None:
    from services.intake.worker import consumer
    from services.web.app import build_intake, serving

    with serving(build_intake(platform), settings.host, settings.port):
        consume(platform, consumer(platform), topology(settings), stop)


def _validator(settings: Settings, platform: Platform, stop: threading.Event) -> None:
    from services.validator.readers.reading_room import ReadingRoom
    from services.validator.worker import consumer

    with ReadingRoom(platform.limits) as room:
        _consume(settings, platform, stop, consumer(platform, room))


def _ledger(settings: Settings, platform: Platform, stop: threading.Event) -> None:
    from services.ledger.worker import consumer

    _consume(settings, platform, stop, consumer(platform))


def _consume(settings: Settings, platform: Platform, stop: threading.Event, consumer: Consumer) -> None:
    consume(platform, consumer, topology(settings), stop)


def _web(settings: Settings, platform: Platform, stop: threading.Event) -> None:
    from services.validator.readers.reading_room import ReadingRoom
    from services.web.app import build_web, serving

    with (
        ReadingRoom(platform.limits) as room,
        serving(build_web(platform, room), settings.host, settings.port),
    ):
        _wait(settings, platform, stop, {})


def _relay(settings: Settings, platform: Platform, stop: threading.Event) -> None:
    assert settings.broker_url is not None
    wanted = topology(settings)
    publisher = RabbitPublisher(settings.broker_url.get_secret_value(), "relay", platform.limits, wanted)
    publisher.start()
    try:
        publisher.wait_up(platform.limits.start_seconds_max)
        relay = BrokerRelay(platform.database, platform.clock, publisher, wanted, platform.limits)

        def connected() -> None:
            publisher.wait_up(0)

        figures = (publisher.ask_depths, lambda: metrics.observe_outbox(platform.database, platform.clock))
        _run(
            settings,
            platform,
            stop,
            "relay",
            relay.run,
            {"broker": connected},
            lives=(publisher.ping_loop,),
            samplers=figures,
        )
    finally:
        publisher.stop()


def _scheduler(settings: Settings, platform: Platform, stop: threading.Event) -> None:
    from services.ledger.worker import jobs

    scheduler = Scheduler(platform.clock, jobs(platform), platform.limits)
    _run(settings, platform, stop, "scheduler", scheduler.run, {})


def _run(
    settings: Settings,
    platform: Platform,
    stop: threading.Event,
    name: str,
    loop: Callable[[threading.Event], None],
    pings: dict[str, Ping],
    *,
    lives: Sequence[Ping] = (),
    samplers: Sequence[Ping] = (),
) -> None:
    thread = threading.Thread(target=loop, args=(stop,), name=name)
    thread.start()
    log.info("worker_started", worker=name)
    _wait(settings, platform, stop, pings, lives=(*lives, _running(thread)), samplers=samplers)
    thread.join(platform.limits.shutdown_seconds_max)


def _wait(
    settings: Settings,
    platform: Platform,
    stop: threading.Event,
    pings: dict[str, Ping],
    *,
    lives: Sequence[Ping] = (),
    samplers: Sequence[Ping] = (),
) -> None:
    every = {"database": platform.database.ping, "objects": platform.objects.ping, **pings}
    with OpsServer(settings.host, settings.ops_port, every, stop, lives=lives, samplers=samplers):
        stop.wait()


def _running(thread: threading.Thread) -> Ping:
    def ping() -> None:
        if not thread.is_alive():
            raise RuntimeError(f"the loop {thread.name} has ended")

    return ping


_PARTS: dict[str, Callable[[Settings, Platform, threading.Event], None]] = {
    "intake": _intake,
    "validator": _validator,
    "ledger": _ledger,
    "web": _web,
    "relay": _relay,
    "scheduler": _scheduler,
}
