"""Hides how work that falls due at an instant is started: jobs know their own due instants, this only asks."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from services.kit import metrics
from services.kit.clock import Clock
from services.kit.limits import Limits

log = structlog.get_logger(__name__)


class Job(Protocol):
    """Work with due instants. Each is done once, in date order, however late it is asked for."""

    name: str

    def run_due(self, now: datetime) -> int:
        """Do everything that is due at or before `now`; returns how many instants were worked off."""
        ...


class Scheduler:
    """Asks every job again and again what is due."""

    def __init__(self, clock: Clock, jobs: Sequence[Job], limits: Limits) -> None:
        self._clock = clock
        self._jobs = tuple(jobs)
        self._limits = limits

    def step(self) -> int:
        """Run what is due now; returns how many instants were worked off."""
        now = self._clock.now()
        return sum(job.run_due(now) for job in self._jobs)

    def run(self, stop: threading.Event) -> None:
        """Run until told to stop."""
        while not stop.is_set():
            try:
                self.step()
                metrics.SCHEDULER_STEPS.inc()
            except Exception:  # a job that failed is asked again at the next turn
                log.exception("scheduler_step_failed")
            stop.wait(self._limits.scheduler_poll_seconds)
