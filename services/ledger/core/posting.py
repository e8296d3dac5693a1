"""Posting: transfers between accounts become entries with running balances. Pure double entry."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from services.ledger.core.accounts import Account, AccountKey
from services.ledger.core.refusals import DeadlinePassed, FundsInsufficient, Refused, WindowNotOpen


class PostingInvalid(Refused):
    """A transfer that no rule of double entry allows: a fault of the caller."""

    code = "POSTING_INVALID"


@dataclass(frozen=True)
class Transfer:
    """A positive amount moved from `source` to `target`.

    `key` is the business key the id is derived from. `hold` adds the amount to what `target` holds back, `unhold`
    frees it from what `source` holds back. `spends` marks a use of funds that must lie in the window of `source`.
    `corrects` names the transfer that this one gives back, in whole or in part.
    """

    key: str
    kind: str
    source: AccountKey
    target: AccountKey
    amount: int
    effective_on: datetime
    references: Mapping[str, str] = field(default_factory=dict)
    corrects: str | None = None
    hold: bool = False
    unhold: bool = False
    spends: bool = False

    @cached_property
    def id(self) -> str:
        """The id of the transfer: the same business key gives the same id for ever."""
        return transfer_id(self.key)

    @cached_property
    def inputs_sha256(self) -> str:
        """The hash that tells a repeat from another content under the same key."""
        return digest(
            {
                "kind": self.kind,
                "source": self.source.id,
                "target": self.target.id,
                "amount": self.amount,
                "effective_on": instant_text(self.effective_on),
                "references": dict(self.references),
                "corrects": self.corrects,
            }
        )


@dataclass(frozen=True)
class Entry:
    """One side of a transfer on an account, with the balance and what is held after it."""

    account: AccountKey
    sequence: int
    transfer_id: str
    amount: int
    balance_after: int
    held_change: int
    held_after: int


@dataclass(frozen=True)
class Posting:
    """What a batch of transfers comes to: two entries each, and the accounts as they stand afterwards."""

    entries: tuple[tuple[Entry, Entry], ...]
    accounts: Mapping[AccountKey, Account]


def apply(accounts: Mapping[AccountKey, Account], transfers: Iterable[Transfer]) -> Posting:
    """Post `transfers` in order. Every account they touch must be in `accounts`.

    Raises FundsInsufficient, WindowNotOpen, DeadlinePassed, PostingInvalid; then nothing holds of the batch.
    """
    standing = dict(accounts)
    pairs = []
    for transfer in transfers:
        _check(transfer, standing[transfer.source])
        out = _move(
            standing, transfer.source, transfer, -transfer.amount, -transfer.amount if transfer.unhold else 0
        )
        into = _move(
            standing, transfer.target, transfer, transfer.amount, transfer.amount if transfer.hold else 0
        )
        pairs.append((out, into))
    return Posting(tuple(pairs), standing)


def _check(transfer: Transfer, source: Account) -> None:
    if transfer.amount <= 0:
        raise PostingInvalid(f"{transfer.key} moves {transfer.amount}; a transfer moves a positive amount")
    if transfer.source == transfer.target:
        raise PostingInvalid(f"{transfer.key} moves from an account to itself")
    if transfer.source.lot.currency != transfer.target.lot.currency:
        raise PostingInvalid(f"{transfer.key} moves between currencies")
    if transfer.source.lot.partner != transfer.target.lot.partner:
        raise PostingInvalid(f"{transfer.key} moves between partners")
    if transfer.spends and source.window is not None:
        check_window(transfer.effective_on, source.window.opens_on, source.window.closes_on)


def check_window(effective_on: datetime, opens_on: datetime, closes_on: datetime) -> None:
    """Refuse a use of funds outside their window (half-open). Raises WindowNotOpen, DeadlinePassed."""
    if effective_on < opens_on:
        raise WindowNotOpen(effective_on, opens_on)
    if effective_on >= closes_on:
        raise DeadlinePassed(effective_on, closes_on)


def _move(
    standing: dict[AccountKey, Account], key: AccountKey, transfer: Transfer, amount: int, held: int
) -> Entry:
    before = standing[key]
    after = before.moved(amount, held)
    if after.held < 0 or after.posted - after.held < -after.floor:
        usable = before.held if transfer.unhold else before.available + before.floor
        raise FundsInsufficient(key.id, transfer.amount, usable)
    standing[key] = after
    return Entry(key, after.sequence, transfer.id, amount, after.posted, held, after.held)


def transfer_id(key: str) -> str:
    """Derive a transfer's id from its business key."""
    return f"trf_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def row_sha256(transfer: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> str:
    """The hash that a transfer and its two entries carry from their insert on."""
    return digest({"transfer": dict(transfer), "entries": [dict(entry) for entry in entries]})


def chain_sha256(previous: str, row: str) -> str:
    """The next link of a partner's chain: it covers every row before it."""
    return hashlib.sha256(f"{previous}\n{row}".encode()).hexdigest()


CHAIN_START = "0" * 64
"""What the first link of every chain builds on."""


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    """The one JSON text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def instant_text(instant: datetime) -> str:
    """An instant as UTC text, to the microsecond."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
