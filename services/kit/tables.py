"""The tables that belong to the plumbing: outbox, inbox, parked messages, keys, secrets, answers to repeated requests."""

import sqlalchemy as sa

from services.kit.database import NAMING, BigId, InstantColumn, JsonColumn

metadata = sa.MetaData(naming_convention=NAMING)

# AUTOINCREMENT: SQLite would hand a deleted row's id to a later one, and a reader would take it for old.
outbox = sa.Table(
    "kit_outbox",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.String(40), nullable=False),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("target", sa.String(40)),
    sa.Column("envelope", sa.Text, nullable=False),
    sa.Column("not_before", InstantColumn, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("recorded_at", InstantColumn, nullable=False),
    sa.Index("ix_kit_outbox_not_before_id", "not_before", "id"),
    sqlite_autoincrement=True,
)

inbox = sa.Table(
    "kit_inbox",
    metadata,
    sa.Column("consumer", sa.String(40), primary_key=True),
    sa.Column("event_id", sa.String(40), primary_key=True),
    sa.Column("handled_at", InstantColumn, nullable=False),
)

parked = sa.Table(
    "kit_parked",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("consumer", sa.String(40), nullable=False),
    sa.Column("event_id", sa.String(40), nullable=False),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("envelope", sa.Text, nullable=False),
    sa.Column("cause", sa.String(100), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("parked_at", InstantColumn, nullable=False),
    sa.Index("ix_kit_parked_consumer_cause", "consumer", "cause"),
    sqlite_autoincrement=True,
)

keys = sa.Table(
    "kit_keys",
    metadata,
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("roles", JsonColumn, nullable=False),
    sa.Column("scopes", JsonColumn, nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("revoked_at", InstantColumn),
)

secrets = sa.Table(
    "kit_secrets",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("secret", sa.String(200), nullable=False),
    sa.Column("drawn_at", InstantColumn, nullable=False),
)

answers = sa.Table(
    "kit_answers",
    metadata,
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("route", sa.String(200), primary_key=True),
    sa.Column("idempotency_key", sa.String(200), primary_key=True),
    sa.Column("body_sha256", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_at", InstantColumn, nullable=False),
)
