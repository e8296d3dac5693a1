"""Fixtures that all tests share: a migrated database on every dialect, and the real services where there are any."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from services.kit.database import Database
from services.kit.migrating import migrate
from tests import servers
from tests.servers import Server, ServiceMissing

settings.register_profile("coop", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("coop")

REQUIRED = os.environ.get("COOP_REQUIRE_SERVICES") == "1"
_ran: dict[str, str] = {}
_skipped: dict[str, str] = {}


def _service(
    name: str, variable: str, start: Callable[[Path], AbstractContextManager[Server]], stack: ExitStack
) -> Server:
    given = os.environ.get(variable)
    try:
        if given:
            server = Server(given, "given by " + variable)
        else:
            folder = stack.enter_context(servers.scratch(name))
            server = stack.enter_context(start(folder))
    except ServiceMissing as error:
        _skipped[name] = str(error)
        if REQUIRED:
            pytest.fail(str(error))
        pytest.skip(str(error))
    _ran[name] = server.version
    return server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A private PostgreSQL."""
    with ExitStack() as stack:
        yield _service("postgresql", "COOP_TEST_DATABASE_URL", servers.postgresql, stack)


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[Server]:
    """A private RabbitMQ."""
    with ExitStack() as stack:
        yield _service("rabbitmq", "COOP_TEST_BROKER_URL", servers.rabbitmq, stack)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Server]:
    """A private S3 endpoint."""
    with ExitStack() as stack:
        yield _service("s3", "COOP_TEST_S3_URL", servers.s3, stack)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "coop.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Server) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    name = f"coop_template_{uuid.uuid4().hex[:8]}"
    _run_outside_transaction(postgresql_server.url, f"CREATE DATABASE {name}")
    database = Database(_database_url(postgresql_server.url, name))
    migrate(database)
    database.close()
    return name


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database of the test's own."""
    path = tmp_path / "coop.sqlite3"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql_server: Server, postgresql_template: str) -> Iterator[Database]:
    """A migrated PostgreSQL database of the test's own."""
    name = f"coop_{uuid.uuid4().hex[:12]}"
    _run_outside_transaction(postgresql_server.url, f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    database = Database(_database_url(postgresql_server.url, name))
    yield database
    database.close()
    _run_outside_transaction(postgresql_server.url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database, once on each dialect."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    _ran.setdefault(request.param, "embedded") if request.param == "sqlite" else None
    return found


def _database_url(url: str, name: str) -> str:
    return sa.engine.make_url(url).set(database=name).render_as_string(hide_password=False)


def _run_outside_transaction(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which adapters ran, and which did not and why."""
    terminalreporter.section("adapters")
    for name, version in sorted(_ran.items()):
        terminalreporter.write_line(f"ran      {name} {version}")
    for name, reason in sorted(_skipped.items()):
        terminalreporter.write_line(f"skipped  {name}: {reason}")
