"""API keys: shown once, kept as a hash, scoped to partner × location × program."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.kit import keys, tables
from services.kit.database import Database
from services.kit.keys import KeyInvalid, Principal, RoleUnknown, Scope

NOW = datetime(2020, 1, 1, tzinfo=UTC)


def issue(database: Database, role: str = "reviewer", scope: str = "*") -> str:
    with database.write() as tx:
        return keys.issue(tx, name="somebody", roles=[role], scopes=[Scope.parse(scope)], now=NOW)


def test_a_key_names_its_holder_roles_and_scopes(sqlite_database: Database) -> None:
    text = issue(sqlite_database, "incentives_admin", "P-1/L-1")
    with sqlite_database.read() as tx:
        who = keys.authenticate(tx, text)
    assert (who.name, who.roles, who.scopes) == (
        "somebody",
        {"incentives_admin"},
        (Scope("P-1", "L-1", "*"),),
    )


def test_the_text_of_a_key_is_not_kept(sqlite_database: Database) -> None:
    text = issue(sqlite_database)
    with sqlite_database.read() as tx:
        row = tx.execute(sa.select(tables.keys)).one()
    secret = text.split("_")[3]
    assert not any(secret in str(value) for value in row)


@given(position=st.integers(0, 200), letter=st.sampled_from("0aZ_-"))
def test_a_key_changed_in_any_place_is_not_valid(
    sqlite_database: Database, position: int, letter: str
) -> None:
    text = issue(sqlite_database)
    at = position % len(text)
    changed = text[:at] + letter + text[at + 1 :]
    with sqlite_database.read() as tx:
        if changed == text:
            keys.authenticate(tx, changed)
        else:
            with pytest.raises(KeyInvalid):
                keys.authenticate(tx, changed)


def test_a_revoked_key_is_not_valid_and_is_revoked_once(sqlite_database: Database) -> None:
    text = issue(sqlite_database)
    with sqlite_database.write() as tx:
        assert keys.revoke(tx, text.split("_")[2], NOW)
        assert not keys.revoke(tx, text.split("_")[2], NOW)
    with sqlite_database.read() as tx, pytest.raises(KeyInvalid):
        keys.authenticate(tx, text)


def test_an_unknown_role_is_refused_and_named(sqlite_database: Database) -> None:
    with sqlite_database.write() as tx, pytest.raises(RoleUnknown, match="emperor"):
        keys.issue(tx, name="x", roles=["emperor"], scopes=[Scope("*")], now=NOW)


@pytest.mark.parametrize(
    ("scope", "asked", "seen"),
    [
        ("P-1", ("P-1", "L-1", "csp"), True),
        ("P-1", ("P-2", "L-1", "csp"), False),
        ("P-1/L-1", ("P-1", "L-2", "csp"), False),
        ("P-1/L-1/csp", ("P-1", "L-1", "csp"), True),
        ("P-1/L-1/csp", ("P-1", "L-1", "hosting"), False),
        ("*", ("P-9", "L-9", "hosting"), True),
    ],
)
def test_a_scope_covers_just_its_triples(scope: str, asked: tuple[str, str, str], seen: bool) -> None:
    who = Principal("k", "n", frozenset({"incentives_user"}), (Scope.parse(scope),))
    assert who.may_see(*asked) is seen


@pytest.mark.parametrize("text", ["", "a//b", "a/b/c/d", "/a"])
def test_a_text_that_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Scope.parse(text)
