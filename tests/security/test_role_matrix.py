"""Every route of the whole application × every role × own and other partner, generated from the application.

A route without a case fails: whoever adds one says here who may use it, and what another partner gets from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from services.intake.worker import consumer as intake
from services.kit import keys
from services.kit.database import Database
from services.kit.keys import PARTNER_ROLES, PROGRAM_ROLES, ROLES, Scope
from services.kit.limits import Limits
from services.kit.relay import EmbeddedRelay
from services.kit.scheduler import Scheduler
from services.ledger.worker import consumer as ledger
from services.ledger.worker import jobs
from services.validator.readers.reading_room import ReadingRoom
from services.validator.worker import consumer as validator
from services.web.app import build_web
from tests.integration.intake.house import PROGRAM, House, build_house, bundle, manifest

OPEN = {("GET", "/v1/openapi.json"), ("GET", "/healthz"), ("GET", "/readyz")}
"""What tells nothing of anybody, and needs no key."""
EVERYBODY = frozenset(ROLES)
CLAIMANTS = frozenset({"global_admin"})
"""Who may claim by the pack that judges the claims here."""
OPERATORS = frozenset({"operator"})
FINANCE = frozenset({"operator", "payment_operations"})
PAYERS = frozenset({"payment_operations"})
REVIEWERS = frozenset({"reviewer"})
PLANNED = "plan-program"
NOTHING, EMPTY, BARRED = "404", "empty", "403"
ZIP = {"headers": {"Content-Type": "application/zip"}}
USD = {"amount": "100.00", "currency": "USD"}


@dataclass(frozen=True)
class Case:
    """How a route is called about partner A, by which roles of A it may be used, and what another partner gets.

    NOTHING: as if it did not exist. EMPTY: an answer in which A does not occur. BARRED: the role is missing, whoever
    it is about; who has the role gets NOTHING or EMPTY. Roles in `barred` are refused before the body is read.
    """

    granted: frozenset[str]
    other: str
    asked: dict[str, Any] = field(default_factory=dict)
    barred: frozenset[str] = frozenset()


def act(granted: frozenset[str], body: dict[str, Any] | None = None) -> Case:
    return Case(granted, NOTHING, {} if body is None else {"json": body})


def cases() -> dict[tuple[str, str], Case]:
    """One case for each method and path."""
    own = bundle(manifest())
    reject = {"verdict": "reject", "revision": 99, "reason_code": "NO_PROOF"}
    partner = {"partner_id": "P-A", "name": "Taken Over"}
    roll = (
        "partner_id,partner_name,location,location_name,program,onboarded_on,aliases\n"
        f"P-A,Taken Over,L-1,Office,{PROGRAM},2018-07-01,\n"
    )
    plan = {
        "plan": "PLAN-2",
        "partner_id": "P-A",
        "location": "L-1",
        "program": PLANNED,
        "fund": "base",
        "period": {"start": "2022-07-01", "end": "2022-12-31"},
        "limit": USD,
    }
    earning = {
        "id": "E-2",
        "partner_id": "P-A",
        "location": "L-1",
        "program": PROGRAM,
        "month": "2019-09",
        "amount": USD,
    }
    line = f"E-3,P-A,L-1,{PROGRAM},2019-09,1.00,USD\n"
    csv = {"headers": {"Content-Type": "text/csv"}}
    claim, paper = "/v1/claims/{claim_id}", "/v1/claims/{claim_id}/documents/{sha256}"
    intent = {
        "program": PROGRAM,
        "activity": "partner_website_seo",
        "amount": "100.00",
        "currency": "USD",
        "activity_start": "2019-09-01",
        "activity_end": "2019-09-30",
        "partner": "P-A",
        "location": "L-1",
    }
    listed = Case(EVERYBODY, EMPTY)
    return {
        ("POST", "/v1/claims"): Case(CLAIMANTS, NOTHING, {"content": own, **ZIP}, barred=PROGRAM_ROLES),
        ("POST", "/v1/claims:check"): Case(EVERYBODY, NOTHING, {"content": own, **ZIP}),
        ("GET", "/v1/can-i-claim"): Case(EVERYBODY, NOTHING, {"params": intent}),
        ("GET", "/v1/claims"): listed,
        ("GET", claim): act(EVERYBODY),
        ("GET", f"{claim}/decisions"): act(EVERYBODY),
        ("GET", paper): act(EVERYBODY),
        ("GET", f"{paper}/pages"): act(EVERYBODY),
        ("GET", f"{paper}/pages/{{page}}"): act(EVERYBODY),
        ("GET", "/v1/documents/{sha256}/facts"): act(EVERYBODY),
        ("POST", f"{claim}/revisions"): Case(CLAIMANTS, NOTHING, {"content": own, **ZIP}),
        ("POST", f"{claim}/withdraw"): act(CLAIMANTS, {}),
        ("POST", f"{claim}/dispute"): act(CLAIMANTS, {"comment": "No."}),
        ("POST", f"{claim}/comments"): act(EVERYBODY, {"comment": "Yes."}),
        ("POST", f"{claim}/decision"): act(REVIEWERS, reject),
        ("GET", "/v1/reviews"): Case(REVIEWERS, BARRED),
        ("POST", "/v1/reviews/next"): Case(REVIEWERS, BARRED),
        ("POST", "/v1/reviews/{claim_id}/claim"): act(REVIEWERS),
        ("POST", "/v1/reviews/{claim_id}/release"): act(REVIEWERS, {"checkout": 99}),
        ("GET", "/v1/partners"): listed,
        ("GET", "/v1/partners/{partner_id}"): act(EVERYBODY),
        ("POST", "/v1/partners"): Case(OPERATORS, BARRED, {"json": partner}),
        ("POST", "/v1/partners:import"): Case(OPERATORS, BARRED, {"content": roll.encode(), **csv}),
        ("GET", "/v1/plans"): listed,
        ("GET", "/v1/plans/{plan}"): act(EVERYBODY),
        ("POST", "/v1/plans"): Case(OPERATORS, BARRED, {"json": plan}),
        ("POST", "/v1/plans/{plan}/limit"): Case(OPERATORS, BARRED, {"json": {"limit": USD}}),
        ("POST", "/v1/earnings"): Case(FINANCE, BARRED, {"json": earning}),
        ("POST", "/v1/earnings:import"): Case(
            FINANCE,
            BARRED,
            {
                "content": ("id,partner_id,location,program,month,amount,currency\n" + line).encode(),
                **csv,
            },
        ),
        ("GET", "/v1/balances"): listed,
        ("GET", "/v1/funds"): listed,
        ("GET", "/v1/statements"): Case(EVERYBODY, EMPTY, {"params": {"partner_id": "P-A"}}),
        ("GET", "/v1/payouts"): listed,
        ("GET", "/v1/payouts/{payout_id}"): act(EVERYBODY),
        ("GET", "/v1/ledger/events"): listed,
        ("POST", "/v1/ledger/events:replay"): Case(
            FINANCE, BARRED, {"json": {"queue": "coop.payments", "rows": 1}}
        ),
        ("GET", "/v1/trial-balance"): Case(FINANCE, BARRED),
        ("GET", "/v1/statements/{partner_id}.{extension}"): listed,
        ("GET", "/v1/transactions.{extension}"): listed,
        ("GET", "/v1/payouts:preview"): Case(FINANCE, BARRED, {"params": {"on": "2019-12-31"}}),
        ("POST", "/v1/payouts/{payout_id}/payments"): Case(PAYERS, BARRED, {"json": {"state": "sent"}}),
        ("POST", "/v1/profiles"): Case(PAYERS, BARRED, {"json": {"partner_id": "P-A", "complete": True}}),
    }


CASES = cases()


@dataclass
class World:
    """Partner A with a claim, a document that was read, a plan, earnings and a payout; partner B with nothing."""

    house: House
    places: dict[str, str]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that would tell of partner A."""
        return ("P-A", "Alpine", self.places["claim_id"], self.places["sha256"], self.places["payout_id"])

    def key(self, role: str, partner: str) -> str:
        """The name of a key with this one role, scoped to one partner."""
        name = f"{role}@{partner}"
        if name not in self.house.keys:
            with self.house.platform.database.write() as tx:
                self.house.keys[name] = keys.issue(
                    tx, name="a key", roles=(role,), scopes=(Scope(partner),), now=self.house.clock.now()
                )
        return name

    def ask(self, who: str, route: tuple[str, str]) -> Any:
        """Call a route about partner A."""
        asked = {
            name: dict(value) if isinstance(value, dict) else value
            for name, value in CASES[route].asked.items()
        }
        return self.house.call(who, route[0], route[1].format(**self.places), **asked)


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    with ReadingRoom(Limits(read_children_count=1, read_ocr_pages_max=0)) as opened:
        yield opened


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path, room: ReadingRoom) -> World:
    """The whole application with its three services joined."""
    house = build_house(sqlite_database, tmp_path)
    platform = house.platform
    house.http = TestClient(build_web(platform, room), raise_server_exceptions=False)
    consumers = (intake(platform), validator(platform, room), ledger(platform))
    relay = EmbeddedRelay(platform.database, platform.clock, consumers, platform.limits)
    scheduler = Scheduler(platform.clock, jobs(platform), platform.limits)

    def settle() -> None:
        while scheduler.step() + relay.run_dry():
            pass

    def posted(path: str, body: dict[str, Any]) -> None:
        answer = house.call("operator", "POST", path, json=body)
        assert answer.status_code in (200, 201), answer.text

    for partner_id, name in (("P-A", "Alpine Cloud"), ("P-B", "Baltic Cloud")):
        place = {"location": "L-1", "location_name": "Head Office", "onboarded_on": "2018-07-01"}
        enrollments = [{**place, "program": program} for program in (PROGRAM, PLANNED)]
        posted("/v1/partners", {"partner_id": partner_id, "name": name, "enrollments": enrollments})
    of_a = {"partner_id": "P-A", "location": "L-1", "program": PROGRAM}
    posted("/v1/earnings", {"id": "E-1", "month": "2019-09", "amount": USD, **of_a})
    period = {"start": "2022-01-01", "end": "2022-06-30"}
    plan = {"plan": "PLAN-1", "fund": "base", "period": period, "limit": USD}
    posted("/v1/plans", {**of_a, **plan, "program": PLANNED})
    claim_id = house.submitted()
    settle()
    house.clock.move_to(datetime(2019, 11, 30, tzinfo=UTC))
    settle()
    [payout] = house.call("operator", "GET", "/v1/payouts").json()["items"]
    sha256 = house.view(claim_id)["documents"][0]["sha256"]
    places = {"claim_id": claim_id, "sha256": sha256, "page": "1", "partner_id": "P-A", "plan": "PLAN-1"}
    return World(house, {**places, "payout_id": payout["id"], "extension": "csv"})


def routes_of(world: World) -> set[tuple[str, str]]:
    """Every method and path of the application, documented or not."""
    app = world.house.http.app
    assert isinstance(app, FastAPI)
    return {
        (method, str(context.path))
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
        if method != "HEAD"
    }


def test_every_route_has_a_case_and_every_case_a_route(world: World) -> None:
    assert routes_of(world) == set(CASES) | OPEN


def test_without_a_key_every_route_refuses(world: World) -> None:
    for method, path in sorted(routes_of(world) - OPEN):
        asked = CASES[method, path].asked
        answer = world.house.http.request(method, path.format(**world.places), **asked)
        assert (method, path, answer.status_code) == (method, path, 401)
        assert answer.json()["code"] == "KEY_MISSING"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_key_of_another_partner_gets_nothing_of_partner_a(world: World, role: str) -> None:
    who = world.key(role, "P-B")
    before = world.house.call("operator", "GET", "/v1/ledger/events").json()
    for route, case in CASES.items():
        answer = world.ask(who, route)
        told = (route, answer.status_code, answer.text)
        if role in case.barred or (case.other == BARRED and role not in case.granted):
            assert answer.status_code == 403, told
        elif case.other == NOTHING:
            assert answer.status_code == 404, told
        else:
            assert answer.status_code in (200, 404), told
            shown = answer.text.replace(route[1].format(**world.places), "")
            if route[0] == "GET":
                assert not [secret for secret in world.secrets if secret in shown], told
    assert world.house.call("operator", "GET", "/v1/ledger/events").json() == before
    assert world.house.call("operator", "GET", "/v1/plans/PLAN-2").status_code == 404
    assert world.house.call("operator", "GET", "/v1/partners/P-A").json()["name"] == "Alpine Cloud"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_opens_the_routes_that_are_granted_to_it_and_no_other(world: World, role: str) -> None:
    who = world.key(role, "P-A")
    for route, case in CASES.items():
        answer = world.ask(who, route)
        told = (route, answer.status_code, answer.text)
        if role in case.granted:
            assert answer.status_code not in (401, 403), told
            assert answer.status_code < 500, told
        else:
            assert answer.status_code == 403, told


def test_the_roles_of_the_matrix_are_all_there_are() -> None:
    assert PARTNER_ROLES | PROGRAM_ROLES == EVERYBODY
