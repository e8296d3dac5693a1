"""The one condition that keeps tenants apart; every list over tenant rows goes through it."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

ANY = "*"
Triples = tuple[tuple[str, str, str], ...]
"""What a caller may see: (partner, location, program), `*` for any."""


def within(table: sa.Table, scopes: Iterable[tuple[str, str, str]]) -> sa.ColumnElement[bool]:
    """The rows of `table` that lie in one of the scopes; none at all for no scope."""
    columns = (table.c.partner_id, table.c.location, table.c.program)
    alternatives: list[Any] = []
    for scope in scopes:
        wanted = [column == value for column, value in zip(columns, scope, strict=True) if value != ANY]
        alternatives.append(sa.and_(sa.true(), *wanted))
    return sa.or_(sa.false(), *alternatives)
