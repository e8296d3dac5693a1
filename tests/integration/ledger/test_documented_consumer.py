"""The documented consumer books every payment once, from whatever position it goes on."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn

from tests.integration.ledger.test_ledger_http import Office, office, paid_office

__all__ = ["office"]
CONSUMER = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "consumer.py"


@pytest.fixture
def consumer() -> ModuleType:
    """The file as it is documented."""
    spec = importlib.util.spec_from_file_location("consumer", CONSUMER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def served(office: Office) -> Iterator[str]:
    """The office on a real port."""
    server = uvicorn.Server(uvicorn.Config(office.http.app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_documented_consumer_has_40_lines_and_books_each_payment_once(
    office: Office, served: str, consumer: ModuleType, tmp_path: Path
) -> None:
    assert len(CONSUMER.read_text().splitlines()) <= 40
    book = tmp_path / "book.json"
    payout = paid_office(office)
    consumer.follow(served, office.keys["finance"], book)
    first = json.loads(book.read_text())
    assert list(first["payments"].values()) == [
        {"payout": payout, "amount": {"amount": "3000.00", "currency": "USD"}}
    ]
    office.until("2019-07-16T00:00:00-07:00")
    consumer.follow(served, office.keys["finance"], book)
    kept = json.loads(book.read_text())
    assert [one["amount"]["amount"] for one in kept["payments"].values()] == ["3000.00", "2000.00"]
    book.write_text(json.dumps({**kept, "position": 0}))
    consumer.follow(served, office.keys["finance"], book)
    assert json.loads(book.read_text()) == kept
