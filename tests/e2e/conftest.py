"""A migrated deployment on the real services."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.e2e.deployment import Deployment, deployed
from tests.servers import Server


@pytest.fixture
def deployment(
    postgresql_server: Server, rabbitmq_server: Server, s3_server: Server, tmp_path: Path
) -> Iterator[Deployment]:
    """A database, a bucket and a bare broker of the test's own; no worker runs yet."""
    name = f"coop_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(postgresql_server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = sa.engine.make_url(postgresql_server.url).set(database=name)
    with deployed(
        tmp_path,
        url.render_as_string(hide_password=False),
        rabbitmq_server.url,
        s3_server.url,
        name.replace("_", "-"),
    ) as found:
        yield found
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()
