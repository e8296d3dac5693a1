"""Create the tables of the plumbing: outbox, inbox, parked events, keys, answers to repeated requests."""

import sqlalchemy as sa
from alembic import op

from services.kit.database import BigId, InstantColumn

revision = "kit0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "kit_outbox",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("target", sa.String(40)),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("not_before", InstantColumn, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("recorded_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kit_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kit_outbox_not_before_id", "kit_outbox", ["not_before", "id"])
    op.create_table(
        "kit_inbox",
        sa.Column("consumer", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("handled_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_kit_inbox"),
    )
    op.create_table(
        "kit_parked",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("consumer", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.Column("cause", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("parked_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kit_parked"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kit_parked_consumer_cause", "kit_parked", ["consumer", "cause"])
    op.create_table(
        "kit_keys",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", InstantColumn, nullable=False),
        sa.Column("revoked_at", InstantColumn),
        sa.PrimaryKeyConstraint("key_id", name="pk_kit_keys"),
        sa.UniqueConstraint("secret_sha256", name="uq_kit_keys_secret_sha256"),
    )
    op.create_table(
        "kit_answers",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("route", sa.String(200), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", InstantColumn, nullable=False),
        sa.PrimaryKeyConstraint("key_id", "route", "idempotency_key", name="pk_kit_answers"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("kit_answers", "kit_keys", "kit_parked", "kit_inbox", "kit_outbox"):
        op.drop_table(table)
