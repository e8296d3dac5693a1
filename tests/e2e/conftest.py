"""A migrated deployment on the real services."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.e2e.deployment import Deployment, deployed
from tests.servers import Server

# Stories are about claims and money: pictures are recognized in the tests of recognition.
os.environ.setdefault("COOP_LIMITS__READ_OCR_PAGES_MAX", "0")


@contextmanager
def private_database(server: Server) -> Iterator[tuple[str, str]]:
    """An empty database that is dropped at the end: its name and address."""
    name = f"coop_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield name, sa.engine.make_url(server.url).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


@pytest.fixture
def deployment(
    postgresql_server: Server, rabbitmq_server: Server, s3_server: Server, tmp_path: Path
) -> Iterator[Deployment]:
    """A database, a bucket and a bare broker of the test's own; no worker runs yet."""
    with (
        private_database(postgresql_server) as (name, url),
        deployed(tmp_path, url, rabbitmq_server.url, s3_server.url, name.replace("_", "-")) as found,
    ):
        yield found
