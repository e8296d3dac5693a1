"""Whatever crashes, what was accepted is never lost and never done twice."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.e2e.conftest import private_database
from tests.e2e.deployment import deployed
from tests.e2e.storm import RESUMED_SECONDS_MAX, Broker, Storm
from tests.servers import Server, ServiceMissing

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.s3]
SEED = int(os.environ.get("COOP_CHAOS_SEED") or 20200115)
FAULTS = int(os.environ.get("COOP_CHAOS_FAULTS") or 100)


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A broker of the test's own, since it will be killed."""
    if not servers.RABBITMQ_SERVER.exists():
        pytest.skip(str(ServiceMissing("no RabbitMQ to kill: install Debian's rabbitmq-server")))
    with servers.scratch("storm") as folder:
        found = Broker(folder)
        try:
            found.start()
            yield found
        finally:
            found.end()


def test_after_a_storm_of_faults_nothing_is_lost_nothing_done_twice_and_no_innocent_parked(
    postgresql_server: Server, s3_server: Server, broker: Broker, tmp_path: Path
) -> None:
    with (
        private_database(postgresql_server) as (name, url),
        deployed(tmp_path, url, broker.url, s3_server.url, name.replace("_", "-")) as deployment,
    ):
        storm = Storm(deployment, broker, SEED, FAULTS)
        try:
            storm.begin()
            storm.rage()
            assert storm.end() == []
        finally:
            print(storm.report())
        assert storm.figures["faults"] >= FAULTS
        assert max(storm.resumed_seconds) <= RESUMED_SECONDS_MAX
