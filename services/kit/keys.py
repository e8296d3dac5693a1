"""Hides how callers are known: bearer keys, of which only the SHA-256 is kept, with roles and scopes."""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.kit.tables import keys

PARTNER_ROLES = frozenset(
    {"global_admin", "account_admin", "billing_admin", "incentives_admin", "incentives_user"}
)
PROGRAM_ROLES = frozenset({"reviewer", "validation_team", "payment_operations", "operator"})
ROLES = PARTNER_ROLES | PROGRAM_ROLES
ANY = "*"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class KeyInvalid(ValueError):
    """The key is unknown, revoked or mistyped."""

    code = "KEY_INVALID"


class RoleUnknown(ValueError):
    """No role has this name."""

    code = "ROLE_UNKNOWN"


@dataclass(frozen=True)
class Scope:
    """What a key may touch: partner × location × program, `*` for any."""

    partner_id: str
    location: str = ANY
    program: str = ANY

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read `partner[/location[/program]]`."""
        parts = text.split("/")
        if not 1 <= len(parts) <= 3 or not all(parts):
            raise ValueError(
                f"{text!r} is no scope: write PARTNER, PARTNER/LOCATION or PARTNER/LOCATION/PROGRAM"
            )
        return cls(*parts)

    def covers(self, partner_id: str, location: str, program: str) -> bool:
        """Tell whether the triple lies in this scope."""
        asked = (partner_id, location, program)
        return all(
            own in (ANY, other)
            for own, other in zip((self.partner_id, self.location, self.program), asked, strict=True)
        )

    def __str__(self) -> str:
        return f"{self.partner_id}/{self.location}/{self.program}"


@dataclass(frozen=True)
class Principal:
    """Who calls: a key with its roles and scopes."""

    key_id: str
    name: str
    roles: frozenset[str]
    scopes: tuple[Scope, ...]

    def has(self, *roles: str) -> bool:
        """Tell whether the caller has one of the roles."""
        return not self.roles.isdisjoint(roles)

    def may_see(self, partner_id: str, location: str, program: str) -> bool:
        """Tell whether (partner, location, program) exists for this caller (R-5)."""
        return any(scope.covers(partner_id, location, program) for scope in self.scopes)

    @property
    def is_partner(self) -> bool:
        """True when the caller acts for a partner."""
        return not self.roles.isdisjoint(PARTNER_ROLES)


def issue(
    tx: Connection,
    *,
    name: str,
    roles: Iterable[str],
    scopes: Iterable[Scope],
    now: datetime,
    demo: bool = False,
) -> str:
    """Make a key and return its text, which is shown this once and never kept. Raises RoleUnknown."""
    granted = sorted(set(roles))
    unknown = [role for role in granted if role not in ROLES]
    if unknown or not granted:
        raise RoleUnknown(
            f"{unknown[0] if unknown else 'nothing'} is no role; the roles are {', '.join(sorted(ROLES))}"
        )
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(32))
    body = f"coop_{'demo' if demo else 'live'}_{key_id}_{secret}"
    text = f"{body}_{_checksum(body)}"
    tx.execute(
        sa.insert(keys).values(
            key_id=key_id,
            secret_sha256=_digest(text),
            name=name,
            roles=granted,
            scopes=[str(scope) for scope in scopes],
            created_at=now,
        )
    )
    return text


def authenticate(tx: Connection, text: str) -> Principal:
    """Return who holds the key. Raises KeyInvalid, without telling which part is wrong."""
    body, _, checksum = text.rpartition("_")
    parts = text.split("_")
    if len(parts) != 5 or parts[0] != "coop" or not hmac.compare_digest(checksum, _checksum(body)):
        raise KeyInvalid("the key is not valid")
    row = tx.execute(sa.select(keys).where(keys.c.key_id == parts[2])).first()
    if row is None or row.revoked_at is not None or not hmac.compare_digest(row.secret_sha256, _digest(text)):
        raise KeyInvalid("the key is not valid")
    return _principal(row)


def revoke(tx: Connection, key_id: str, now: datetime) -> bool:
    """End a key; False when there is none that is alive."""
    done = tx.execute(
        sa.update(keys).where(keys.c.key_id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount > 0


def listed(tx: Connection) -> list[tuple[Principal, datetime, datetime | None]]:
    """Return every key with the instants it was made and revoked."""
    rows = tx.execute(sa.select(keys).order_by(keys.c.created_at, keys.c.key_id))
    return [(_principal(row), row.created_at, row.revoked_at) for row in rows]


def _principal(row: sa.Row[tuple[object, ...]]) -> Principal:
    scopes = tuple(Scope.parse(text) for text in row.scopes)
    return Principal(row.key_id, row.name, frozenset(row.roles), scopes)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
