"""The HTTP applications: the drop endpoint alone, everything else, or all in one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from services.kit.http import build_app
from services.kit.platform import Platform
from services.kit.working import readiness

if TYPE_CHECKING:
    from services.validator.readers.reading_room import ReadingRoom

START_SECONDS_MAX = 10


def build_intake(platform: Platform) -> FastAPI:
    """The drop endpoint and the claims' API; loads nothing of the other services."""
    from services.intake import app as intake

    app = build_app(platform, title="Co-op claims: intake")
    app.include_router(intake.router(platform))
    _add_health(app, platform)
    return app


def build_web(platform: Platform, room: "ReadingRoom") -> FastAPI:
    """Everything: claims, reviews, decisions, ledger, and the check before sending."""
    from services.intake import app as intake
    from services.ledger import app as ledger
    from services.validator import app as validator
    from services.web import pictures, prechecks

    app = build_app(platform, title="Co-op claims")
    app.include_router(intake.router(platform))
    app.include_router(validator.router(platform))
    app.include_router(ledger.router(platform))
    app.include_router(prechecks.router(platform, room))
    app.include_router(pictures.router(platform, room))
    _add_health(app, platform)
    return app


@contextmanager
def serving(app: FastAPI, host: str, port: int) -> Iterator[int]:
    """Serve `app` in a thread; yields the port. Requests at hand are finished before it ends.

    Raises OSError when the port is taken.
    """
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=10
    )
    server = uvicorn.Server(config)
    listener = socket.create_server((host, port))
    thread = threading.Thread(target=server.run, args=([listener],), name="http")
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(START_SECONDS_MAX + 10)
        listener.close()


def _add_health(app: FastAPI, platform: Platform) -> None:
    @app.get("/healthz", include_in_schema=False)
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", include_in_schema=False)
    def ready() -> JSONResponse:
        found = readiness({"database": platform.database.ping, "objects": platform.objects.ping})
        fine = set(found.values()) <= {"ok"}
        return JSONResponse({"ready": fine, **found}, 200 if fine else 503)
