"""A worker that is configured wrongly ends at once, with 2 and one sentence that says what to mend."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.e2e.deployment import Deployment
from tests.servers import Server, free_port

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.s3]


@pytest.fixture(scope="module")
def configured(
    postgresql_server: Server,
    postgresql_template: str,
    rabbitmq_server: Server,
    s3_server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployment]:
    """Sound settings, to be spoiled one at a time: a migrated database, and a bucket."""
    url = sa.engine.make_url(postgresql_server.url).set(database=postgresql_template)
    deployment = Deployment(
        tmp_path_factory.mktemp("configured"),
        url.render_as_string(hide_password=False),
        rabbitmq_server.url,
        s3_server.url,
        f"made-{uuid.uuid4().hex[:8]}",
        environment={"COOP_LIMITS__START_SECONDS_MAX": "1"},
    )
    assert deployment.coop("migrate").returncode == 0
    yield deployment
    deployment.end()


def closed_port() -> str:
    return f"127.0.0.1:{free_port()}"


def spoiled(url: str, **changes: str) -> str:
    return sa.engine.make_url(url).set(**changes).render_as_string(hide_password=False)


@pytest.mark.parametrize(
    ("part", "setting", "value", "sentence"),
    [
        pytest.param(
            "relay",
            "COOP_BROKER_URL",
            lambda good: good.replace("guest:guest", "guest:wrong"),
            "RabbitMQ refuses the user or the password: mend COOP_BROKER_URL",
            id="the password of the broker",
        ),
        pytest.param(
            "ledger",
            "COOP_BROKER_URL",
            lambda _good: f"amqp://guest:guest@{closed_port()}/%2F",
            "RabbitMQ does not answer",
            id="the address of the broker",
        ),
        pytest.param(
            "scheduler",
            "COOP_BROKER_URL",
            lambda _good: "",
            "coop work needs COOP_BROKER_URL",
            id="no broker",
        ),
        pytest.param(
            "ledger",
            "COOP_DATABASE_URL",
            lambda good: spoiled(good, port=str(free_port())),
            "the database does not answer",
            id="the address of the database",
        ),
        pytest.param(
            "ledger",
            "COOP_DATABASE_URL",
            lambda good: spoiled(good, username="nobody-here"),
            'the database does not answer: role "nobody-here" does not exist',
            id="the user of the database",
        ),
        pytest.param(
            "ledger",
            "COOP_DATABASE_URL",
            lambda good: spoiled(good, database="postgres"),
            "the tables are not there or not up to date: run coop migrate",
            id="a database that was not migrated",
        ),
        pytest.param(
            "intake",
            "COOP_S3_BUCKET",
            lambda _good: "nowhere-at-all",
            "the object store has no bucket 'nowhere-at-all'",
            id="the bucket",
        ),
        pytest.param(
            "intake",
            "COOP_S3_SECRET_KEY",
            lambda _good: "wrong-secret",
            "the object store refuses the keys: mend COOP_S3_ACCESS_KEY and COOP_S3_SECRET_KEY",
            id="the secret of the object store",
        ),
        pytest.param(
            "validator",
            "COOP_S3_ENDPOINT",
            lambda _good: f"http://{closed_port()}",
            "the object store does not answer",
            id="the address of the object store",
        ),
        pytest.param(
            "web",
            "COOP_DEMO",
            lambda _good: "0",
            "COOP_CLOCK may name a file only with COOP_DEMO=1",
            id="a movable clock outside a demo",
        ),
    ],
)
def test_a_wrong_setting_ends_a_worker_with_one_clear_sentence(
    configured: Deployment, part: str, setting: str, value: object, sentence: str
) -> None:
    assert callable(value)
    told = configured.coop("work", part, **{setting: value(configured.environment[setting])})
    assert told.returncode == 2, told.stderr
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"coop: {sentence}"), line


def test_a_well_known_password_is_refused_outside_a_demo(configured: Deployment) -> None:
    told = configured.coop("work", "relay", COOP_DEMO="0", COOP_CLOCK="system")
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        "coop: COOP_BROKER_URL holds a well-known default; set your own secret (or COOP_DEMO=1 for a trial)"
    ]


def test_every_secret_stays_out_of_the_sentence(configured: Deployment, tmp_path: Path) -> None:
    secret = "geheim-4711"
    url = f"postgresql+psycopg://coop:{secret}@{closed_port()}/coop"
    told = configured.coop("work", "ledger", COOP_DATABASE_URL=url)
    assert told.returncode == 2
    assert secret not in told.stdout + told.stderr
