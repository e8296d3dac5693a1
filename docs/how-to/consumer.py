"""Follows the ledger: books each payment once, whatever is told twice, and never skips an event."""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any


def pages(url: str, key: str, position: int) -> Any:
    """Yield (position after it, transfers to be paid) of each page of the feed behind a position."""
    while True:
        asked = f"{url}/v1/ledger/events?after={position}&rows=200"
        request = urllib.request.Request(asked, headers={"Authorization": f"Bearer {key}"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            page = json.load(answer)
        if page["next_after"] == position:
            return
        position = page["next_after"]
        yield position, [event["data"] for event in page["items"] if event["data"]["kind"] == "payout_paid"]


def follow(url: str, key: str, book: Path) -> None:
    """Take what is new into `book`, a JSON file with the last position and every payment by its transfer."""
    kept = json.loads(book.read_text()) if book.exists() else {"position": 0, "payments": {}}
    for position, transfers in pages(url, key, kept["position"]):
        for told in transfers:
            # The transfer's id is the same for ever: told twice, it is booked once.
            kept["payments"].setdefault(
                told["transfer_id"], {"payout": told["references"]["payout"], "amount": told["amount"]}
            )
        kept["position"] = position
        # Payments and position are kept in one step: after a crash it goes on where it was.
        fresh = book.with_suffix(".new")
        fresh.write_text(json.dumps(kept))
        fresh.replace(book)


if __name__ == "__main__":
    follow(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
