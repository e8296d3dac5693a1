"""Hides nothing: the few objects that every service is built with, made once in `main()`."""

from dataclasses import dataclass

from services.kit.clock import Clock, clock_named
from services.kit.config import Settings
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.objects import FolderStore, ObjectStore
from services.kit.packs import PackLibrary


@dataclass(frozen=True)
class Platform:
    """Settings, limits and the ports; a service gets this and nothing else."""

    settings: Settings
    limits: Limits
    database: Database
    clock: Clock
    objects: ObjectStore
    packs: PackLibrary

    def close(self) -> None:
        """Give back what was opened."""
        self.database.close()


def build_platform(settings: Settings, *, clock: Clock | None = None) -> Platform:
    """Open the ports that the settings name. Raises SettingsInvalid, ClockInvalid, PackInvalid."""
    limits = settings.limits
    return Platform(
        settings=settings,
        limits=limits,
        database=Database(settings.database_address(), busy_seconds_max=limits.database_busy_seconds_max),
        clock=clock or clock_named(settings.clock),
        objects=_object_store(settings),
        packs=PackLibrary.load(settings.rulepacks),
    )


def _object_store(settings: Settings) -> ObjectStore:
    if settings.s3_endpoint is None:
        return FolderStore(settings.home / "objects")
    from services.kit.objects_s3 import S3Store  # here, so that embedded use never loads the client

    return S3Store.from_settings(settings)
