"""The posting: one sorted lock, one set-based write for a batch of transfers, and an event for each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.engine import Connection

from schemas.events import LedgerEntry, LedgerEvent
from schemas.money import Money
from services.kit import outbox
from services.kit.database import InstantColumn, JsonColumn
from services.kit.events import new_event
from services.ledger.core.accounts import Account, AccountKey, Bucket, Lot, Window, opened
from services.ledger.core.posting import (
    Entry,
    Posting,
    Transfer,
    apply,
    instant_text,
    row_sha256,
    transfer_id,
)
from services.ledger.core.refusals import ContentDiffers, CorrectionExceeds
from services.ledger.store.tables import accounts, entries, events, transfers, unplaced

SOURCE = "ledger"
IDS_PER_STATEMENT = 500


@dataclass
class Posted:
    """What a batch came to: ids of the transfers that are new, and of those that were there already."""

    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)


def post(
    tx: Connection,
    batch: Sequence[Transfer],
    *,
    now: datetime,
    windows: Mapping[AccountKey, Window] | None = None,
) -> Posted:
    """Post `batch` in order, in one go; a repeated transfer does nothing. `windows` bounds accounts made here.

    Raises ContentDiffers, CorrectionExceeds, FundsInsufficient, WindowNotOpen, DeadlinePassed: then roll back.
    """
    if not batch:
        return Posted()
    # Locked first: a repeat that is posted at the same moment waits here, and is then seen as one.
    keys = {key for transfer in batch for key in (transfer.source, transfer.target)}
    standing = lock(tx, keys, windows or {})
    fresh, existing = _without_repeats(tx, batch)
    if not fresh:
        return Posted(existing=existing)
    _check_corrections(tx, fresh)
    posting = apply(standing, fresh)
    _write(tx, fresh, posting, now)
    return Posted([transfer.id for transfer in fresh], existing)


def lock(
    tx: Connection, keys: Iterable[AccountKey], windows: Mapping[AccountKey, Window]
) -> dict[AccountKey, Account]:
    """Make what is missing, lock all in the order of their ids, and return them as they stand."""
    by_id = {key.id: key for key in keys}
    found = _locked(tx, sorted(by_id))
    missing = sorted(by_id.keys() - found.keys())
    if missing:
        rows = [_account_row(opened(by_id[name], windows.get(by_id[name]))) for name in missing]
        tx.execute(_insert_ignoring(tx, accounts), rows)
        found = _locked(tx, sorted(by_id))
    return {by_id[name]: found[name] for name in by_id}


def _locked(tx: Connection, ids: Sequence[str]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for start in range(0, len(ids), IDS_PER_STATEMENT):
        chosen = sa.select(accounts).where(accounts.c.id.in_(ids[start : start + IDS_PER_STATEMENT]))
        for row in tx.execute(chosen.order_by(accounts.c.id).with_for_update()):
            found[row.id] = account_of(row)
    return found


def account_of(row: Any) -> Account:
    """Read an account from its row."""
    key = AccountKey(
        Lot(row.partner, row.location, row.program, row.period, row.currency), Bucket(row.bucket), row.fund
    )
    window = Window(row.opens_on, row.closes_on) if row.opens_on is not None else None
    return Account(key, row.posted, row.held, row.floor, row.sequence, window)


def _account_row(account: Account) -> dict[str, Any]:
    lot = account.key.lot
    return {
        "id": account.key.id,
        "partner": lot.partner,
        "location": lot.location,
        "program": lot.program,
        "period": lot.period,
        "currency": lot.currency,
        "bucket": str(account.key.bucket),
        "fund": account.key.fund,
        "posted": account.posted,
        "held": account.held,
        "floor": account.floor,
        "sequence": account.sequence,
        "opens_on": account.window.opens_on if account.window else None,
        "closes_on": account.window.closes_on if account.window else None,
    }


def _insert_ignoring(tx: Connection, table: sa.Table) -> Any:
    if tx.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(table).on_conflict_do_nothing()


insert_ignoring = _insert_ignoring


def _without_repeats(tx: Connection, batch: Sequence[Transfer]) -> tuple[list[Transfer], list[str]]:
    known: dict[str, str] = {}
    ids = [transfer.id for transfer in batch]
    for start in range(0, len(ids), IDS_PER_STATEMENT):
        chosen = sa.select(transfers.c.id, transfers.c.inputs_sha256)
        rows = tx.execute(chosen.where(transfers.c.id.in_(ids[start : start + IDS_PER_STATEMENT])))
        known |= {row.id: row.inputs_sha256 for row in rows}
    fresh, existing = [], []
    for transfer in batch:
        seen = known.get(transfer.id)
        if seen is None:
            fresh.append(transfer)
            known[transfer.id] = transfer.inputs_sha256
        elif seen == transfer.inputs_sha256:
            existing.append(transfer.id)
        else:
            raise ContentDiffers(f"transfer {transfer.key}")
    return fresh, existing


def _check_corrections(tx: Connection, fresh: Sequence[Transfer]) -> None:
    asked: dict[str, int] = {}
    for transfer in fresh:
        if transfer.corrects is not None:
            asked[transfer.corrects] = asked.get(transfer.corrects, 0) + transfer.amount
    for corrected, amount in sorted(asked.items()):
        whole = tx.execute(
            sa.select(transfers.c.amount).where(transfers.c.id == corrected)
        ).scalar_one_or_none()
        if whole is None:
            whole = next((transfer.amount for transfer in fresh if transfer.id == corrected), 0)
        total = amount + corrected_so_far(tx, corrected)
        if total > whole:
            raise CorrectionExceeds(corrected, whole, total)


def corrected_so_far(tx: Connection, transfer: str) -> int:
    """Return how much of a transfer was corrected already."""
    chosen = sa.select(sa.func.coalesce(sa.func.sum(transfers.c.amount), 0)).where(
        transfers.c.corrects == transfer
    )
    return int(tx.execute(chosen).scalar_one())


def _write(tx: Connection, fresh: Sequence[Transfer], posting: Posting, now: datetime) -> None:
    transfer_rows, entry_rows, event_rows, envelopes = [], [], [], []
    for transfer, pair in zip(fresh, posting.entries, strict=True):
        pair_rows = [_entry_row(entry) for entry in pair]
        row = transfer_row(transfer, now)
        row["row_sha256"] = row_sha256(hashed(row), pair_rows)
        transfer_rows.append(row)
        entry_rows += pair_rows
        envelope = _event(transfer, pair, now)
        envelopes.append(envelope)
        lot = owner_lot(transfer)
        event_rows.append(
            {
                "transfer_id": transfer.id,
                "partner": lot.partner,
                "location": lot.location,
                "program": lot.program,
                "event": envelope.model_dump(mode="json"),
            }
        )
    insert_rows(tx, transfers, transfer_rows)
    insert_rows(tx, entries, entry_rows)
    insert_rows(tx, events, event_rows)
    insert_rows(tx, unplaced, [{"transfer_id": transfer.id} for transfer in fresh])
    touched = {entry.account for pair in posting.entries for entry in pair}
    _change_accounts(tx, [posting.accounts[key] for key in sorted(touched)])
    outbox.append_many(tx, envelopes, now=now)


ROWS_AS_ONE_TEXT_MIN = 20
"""From so many rows on PostgreSQL takes them as one JSON text: one value to send and one statement to plan."""


def insert_rows(tx: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with one statement, the way that is fastest on the database."""
    if tx.dialect.name != "postgresql" or len(rows) < ROWS_AS_ONE_TEXT_MIN:
        tx.execute(sa.insert(table), rows)
        return
    kinds = {name: table.c[name].type for name in rows[0]}
    fresh = _recordset(kinds)
    chosen = sa.select(*[fresh.c[name] for name in kinds])
    tx.execute(sa.insert(table).from_select(list(kinds), chosen), {"rows": _as_text(tx, kinds, rows)})


def _recordset(kinds: Mapping[str, Any]) -> Any:
    columns = [sa.column(name, _plain(kind)) for name, kind in kinds.items()]
    given = sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", type_=sa.Text()), JSON))
    return given.table_valued(*columns, name="fresh").render_derived(with_types=True)


def _plain(kind: Any) -> Any:
    # As VARCHAR(n) a text that is too long would be cut; as TEXT it is refused by the column.
    if isinstance(kind, InstantColumn):
        return sa.DateTime(timezone=True)
    return sa.Text() if isinstance(kind, sa.String | JsonColumn) else kind


def _as_text(tx: Connection, kinds: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as JSON, each value as its column binds it."""
    bound = {name: kind for name, kind in kinds.items() if isinstance(kind, InstantColumn | JsonColumn)}
    plain = [
        {**row, **{name: kind.process_bind_param(row[name], tx.dialect) for name, kind in bound.items()}}
        for row in rows
    ]
    return json.dumps(plain, default=datetime.isoformat)


def _change_accounts(tx: Connection, changed: Sequence[Account]) -> None:
    rows = [
        {
            "account_id": account.key.id,
            "posted_now": account.posted,
            "held_now": account.held,
            "sequence_now": account.sequence,
        }
        for account in changed
    ]
    if tx.dialect.name == "postgresql" and len(rows) >= ROWS_AS_ONE_TEXT_MIN:
        kinds = {"account_id": sa.Text(), **dict.fromkeys(_CHANGES.values(), sa.BigInteger())}
        fresh = _recordset(kinds)
        changing = sa.update(accounts).where(accounts.c.id == fresh.c.account_id)
        after = {name: fresh.c[given] for name, given in _CHANGES.items()}
        tx.execute(changing.values(after), {"rows": _as_text(tx, kinds, rows)})
        return
    changing = sa.update(accounts).where(accounts.c.id == sa.bindparam("account_id"))
    tx.execute(changing.values({name: sa.bindparam(given) for name, given in _CHANGES.items()}), rows)


_CHANGES = {"posted": "posted_now", "held": "held_now", "sequence": "sequence_now"}


def owner_lot(transfer: Transfer) -> Lot:
    """The lot a transfer is reported under: that of its source."""
    return transfer.source.lot


def transfer_row(transfer: Transfer, now: datetime) -> dict[str, Any]:
    """The row of a transfer, without its hash."""
    return {
        "id": transfer.id,
        "kind": transfer.kind,
        "source": transfer.source.id,
        "target": transfer.target.id,
        "amount": transfer.amount,
        "currency": transfer.source.lot.currency,
        "partner": transfer.source.lot.partner,
        "effective_on": transfer.effective_on,
        "recorded_at": now,
        "corrects": transfer.corrects,
        "references": dict(transfer.references),
        "inputs_sha256": transfer.inputs_sha256,
    }


def hashed(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a transfer's row its hash covers: everything but the hash."""
    return {
        name: instant_text(value) if isinstance(value, datetime) else value
        for name, value in row.items()
        if name != "row_sha256"
    }


def _entry_row(entry: Entry) -> dict[str, Any]:
    return {
        "account": entry.account.id,
        "sequence": entry.sequence,
        "transfer_id": entry.transfer_id,
        "amount": entry.amount,
        "balance_after": entry.balance_after,
        "held_change": entry.held_change,
        "held_after": entry.held_after,
    }


def _event(transfer: Transfer, pair: tuple[Entry, Entry], now: datetime) -> Any:
    lot = owner_lot(transfer)
    references = dict(transfer.references)
    if transfer.corrects is not None:
        references["corrects"] = transfer.corrects
    told = LedgerEvent(
        transfer_id=transfer.id,
        kind=transfer.kind,
        partner_id=lot.partner,
        location=lot.location,
        program=lot.program,
        period=lot.period,
        amount=Money(amount_minor=transfer.amount, currency=lot.currency),
        effective_on=transfer.effective_on,
        recorded_at=now,
        references=references,
        entries=tuple(
            LedgerEntry(
                account=entry.account.id,
                sequence=entry.sequence,
                amount=Money(amount_minor=entry.amount, currency=lot.currency),
                balance_after=Money(amount_minor=entry.balance_after, currency=lot.currency),
            )
            for entry in pair
        ),
    )
    return new_event(
        f"coop.ledger.{transfer.kind}.v1",
        told,
        source=SOURCE,
        subject=references.get("claim", transfer.id),
        partner_id=lot.partner,
        key=transfer.id,
        at=now,
    )


def known_transfer(tx: Connection, key: str) -> bool:
    """Tell whether a business key was posted already."""
    return tx.execute(sa.select(transfers.c.id).where(transfers.c.id == transfer_id(key))).first() is not None
