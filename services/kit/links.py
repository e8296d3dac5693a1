"""Hides how a link is signed: HMAC-SHA256 over path, fields and expiry, with the instance's own secret."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.kit.platform import Platform
from services.kit.tables import secrets as kept_secrets

_ROW = "links"
_SECRET_BYTES = 32


class LinkInvalid(ValueError):
    """The link was changed, was signed with another secret, or its time is over."""

    code = "LINK_INVALID"


class LinkSigner:
    """Signs links and tests them. Every process of an instance has the same secret: a setting, or a row drawn once."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @cached_property
    def _secret(self) -> bytes:
        given = self._platform.settings.link_secret
        if given is not None:
            return given.get_secret_value().encode()
        return (self._kept() or self._drawn()).encode()

    def _kept(self) -> str | None:
        with self._platform.database.read() as tx:
            row = tx.execute(sa.select(kept_secrets.c.secret).where(kept_secrets.c.name == _ROW)).first()
        return None if row is None else str(row.secret)

    def _drawn(self) -> str:
        row = {
            "name": _ROW,
            "secret": secrets.token_urlsafe(_SECRET_BYTES),
            "drawn_at": self._platform.clock.now(),
        }
        try:
            with self._platform.database.write() as tx:
                tx.execute(sa.insert(kept_secrets).values(**row))
        except IntegrityError:  # another process drew it at this moment
            pass
        kept = self._kept()
        assert kept is not None
        return kept

    def token(self, path: str, fields: Mapping[str, str], expires_at: datetime) -> str:
        """The token of a link to `path` with `fields`, good before `expires_at` (whole seconds)."""
        return self._digest(path, fields, int(expires_at.timestamp()))

    def check(self, path: str, fields: Mapping[str, str], expires: int, token: str) -> None:
        """Test a link that came back; `expires` is in seconds since 1970. Raises LinkInvalid."""
        if not hmac.compare_digest(self._digest(path, fields, expires).encode(), token.encode()):
            raise LinkInvalid("this link is not one of ours: fetch a new one")
        if self._platform.clock.now() >= datetime.fromtimestamp(expires, UTC):
            raise LinkInvalid("the time of this link is over: fetch a new one")

    def _digest(self, path: str, fields: Mapping[str, str], expires: int) -> str:
        # JSON keeps the parts apart, whatever characters they have.
        signed = json.dumps([path, sorted(fields.items()), expires]).encode()
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
