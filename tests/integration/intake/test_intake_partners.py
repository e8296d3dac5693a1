"""Partners, enrollments and plans: recorded by operators, told once for every change."""

from typing import Any

from schemas.events import PARTNER_ENROLLED, PLAN_APPROVED, PLAN_LIMIT_RAISED
from tests.integration.intake.house import PROGRAM, House

HEADING = "partner_id,partner_name,location,location_name,program,onboarded_on,aliases\n"
PLAN = {
    "plan": "PL-1",
    "partner_id": "P-A",
    "location": "L-1",
    "program": "plan-program",
    "fund": "growth",
    "period": {"start": "2022-09-01", "end": "2023-06-30"},
    "limit": {"amount": "10000.00", "currency": "USD"},
}


def imported(house: House, text: str | bytes, key: str | None = None, who: str = "operator") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return house.call(
        who, "POST", "/v1/partners:import", key=key, content=content, headers={"Content-Type": "text/csv"}
    )


def enrolled_in_plans(house: House) -> None:
    line = "P-A,Alpine Cloud,L-1,Alpine Cloud Head Office,plan-program,2022-08-01,\n"
    assert imported(house, HEADING + line).json()["created"] == 1


def test_each_line_of_a_list_is_reported_and_the_good_ones_are_kept(house_on_each: House) -> None:
    house = house_on_each
    lines = (
        f"P-C,Ceder Moln AB,L-9,Stockholm,{PROGRAM},2019-07-01,Ceder; Ceder Moln\n"
        f"P-C,Ceder Moln AB,L-9,Stockholm,CSP Indirect Reseller,2019-07-01,Ceder; Ceder Moln\n"
        f"bad id!,X,L-9,X,{PROGRAM},2019-07-01,\n"
        "P-D,Delta,L-1,Delta,no-such-program,2019-07-01,\n"
        f"P-D,Delta,L-1,Delta,{PROGRAM},01/07/2019,\n"
        f"P-D,Delta,L-1\n"
    )
    report = imported(house, HEADING + lines).json()
    assert [(line["line"], line["status"], line["code"]) for line in report["lines"]] == [
        (2, "created", None),
        (3, "unchanged", None),
        (4, "refused", "LINE_INVALID"),
        (5, "refused", "PROGRAM_UNKNOWN"),
        (6, "refused", "LINE_INVALID"),
        (7, "refused", "LINE_INVALID"),
    ]
    assert (report["created"], report["unchanged"], report["refused"]) == (1, 1, 4)
    (event,) = house.events()
    assert (event.type, event.data.partner_id, event.data.aliases) == (
        PARTNER_ENROLLED,
        "P-C",
        ("Ceder", "Ceder Moln"),
    )


def test_a_list_sent_again_changes_nothing_and_tells_nothing(house: House) -> None:
    text = HEADING + f"P-C,Ceder,L-9,Stockholm,{PROGRAM},2019-07-01,\n"
    imported(house, text)
    told = len(house.events())
    report = imported(house, "\ufeff" + text).json()
    assert (report["unchanged"], len(house.events())) == (1, told)


def test_a_changed_name_is_told_for_every_enrollment_it_touches(house: House) -> None:
    imported(
        house,
        HEADING
        + f"P-C,Ceder,L-8,Malmö,{PROGRAM},2019-07-01,\n"
        + f"P-C,Ceder,L-9,Stockholm,{PROGRAM},2019-07-01,\n",
    )
    before = len(house.events())
    report = imported(house, HEADING + f"P-C,Ceder AB,L-9,Stockholm,{PROGRAM},2019-07-01,\n").json()
    told = house.events()[before:]
    assert report["updated"] == 1
    assert [(event.data.location, event.data.partner_name) for event in told] == [
        ("L-8", "Ceder AB"),
        ("L-9", "Ceder AB"),
    ]


def test_a_name_changed_and_changed_back_is_told_each_time(house: House) -> None:
    order = {
        "partner_id": "P-C",
        "name": "Ceder",
        "enrollments": [
            {
                "location": "L-9",
                "location_name": "Stockholm",
                "program": PROGRAM,
                "onboarded_on": "2019-07-01",
            }
        ],
    }
    for hour, name in enumerate(("Ceder", "Ceder AB", "Ceder")):
        house.clock.move_to(house.clock.now().replace(hour=10 + hour))
        assert house.call("operator", "POST", "/v1/partners", json={**order, "name": name}).status_code == 200
    assert len({event.id for event in house.events()}) == 3


def test_a_list_without_its_heading_or_in_another_encoding_is_refused(house: House) -> None:
    assert imported(house, "a,b\n1,2\n").json()["code"] == "CSV_INVALID"
    assert imported(house, b"\xff\xfe").json()["code"] == "CSV_INVALID"
    unquoted = HEADING + '"P-C,Ceder\n'
    assert imported(house, unquoted).json()["code"] == "CSV_INVALID"
    assert house.call("operator", "POST", "/v1/partners:import", content=b"x").status_code == 415


def test_only_an_operator_records_partners_and_plans(house: House) -> None:
    order = {"partner_id": "P-C", "name": "Ceder"}
    for who in ("a", "reviewer", "payments"):
        assert imported(house, HEADING, who=who).status_code == 403
        assert house.call(who, "POST", "/v1/partners", json=order).status_code == 403
        assert house.call(who, "POST", "/v1/plans", json=PLAN).status_code == 403
        assert (
            house.call(who, "POST", "/v1/plans/PL-1/limit", json={"limit": PLAN["limit"]}).status_code == 403
        )


def test_a_partner_reads_its_own_enrollments(house: House) -> None:
    mine = house.call("a", "GET", "/v1/partners").json()
    assert [partner["partner_id"] for partner in mine["items"]] == ["P-A"]
    assert mine["items"][0]["enrollments"][0]["program"] == PROGRAM
    assert house.call("a", "GET", "/v1/partners/P-A").json() == mine["items"][0]
    assert house.call("a", "GET", "/v1/partners/P-B").status_code == 404
    pages = house.call("operator", "GET", "/v1/partners", params={"limit": 1}).json()
    after = house.call("operator", "GET", "/v1/partners", params={"limit": 1, "cursor": pages["next"]}).json()
    assert [page["items"][0]["partner_id"] for page in (pages, after)] == ["P-A", "P-B"]
    assert after["next"] is None


def test_an_approved_plan_and_its_raise_are_told(house_on_each: House) -> None:
    house = house_on_each
    enrolled_in_plans(house)
    first = house.call("operator", "POST", "/v1/plans", key="p", json=PLAN)
    assert first.status_code == 201, first.text
    assert house.call("operator", "POST", "/v1/plans", key="p", json=PLAN).json() == first.json()
    raised = house.call(
        "operator", "POST", "/v1/plans/PL-1/limit", json={"limit": {"amount": "12000.00", "currency": "USD"}}
    )
    assert raised.json()["limit"]["amount"] == "12000.00"
    told = [event for event in house.events() if event.type in (PLAN_APPROVED, PLAN_LIMIT_RAISED)]
    assert [(event.type, event.data.limit.amount) for event in told] == [
        (PLAN_APPROVED, "10000.00"),
        (PLAN_LIMIT_RAISED, "12000.00"),
    ]
    assert house.call("a", "GET", "/v1/plans").json()["items"][0]["limit"]["amount"] == "12000.00"
    assert house.call("b", "GET", "/v1/plans").json()["items"] == []
    assert house.call("b", "GET", "/v1/plans/PL-1").status_code == 404


def test_a_plan_that_does_not_fit_is_refused_by_its_reason(house: House) -> None:
    enrolled_in_plans(house)
    assert house.call("operator", "POST", "/v1/plans", json=PLAN).status_code == 201

    def code(**changes: Any) -> str:
        return str(
            house.call("operator", "POST", "/v1/plans", json={**PLAN, "plan": "PL-2", **changes}).json()[
                "code"
            ]
        )

    assert code() == "PLAN_EXISTS"
    assert code(plan="PL-1", fund="other") == "PLAN_EXISTS"
    assert code(partner_id="P-B") == "NOT_ENROLLED"
    assert code(program="no-such") == "PROGRAM_UNKNOWN"
    assert code(program=PROGRAM) == "PROGRAM_WITHOUT_PLANS"
    assert code(fund="other", limit={"amount": "1.00", "currency": "EUR"}) == "CURRENCY_MISMATCH"
    assert code(fund="other", approved_at="2030-01-01T00:00:00Z") == "APPROVAL_IN_FUTURE"
    assert code(fund="other", limit={"amount": "0.00", "currency": "USD"}) == "REQUEST_INVALID"


def test_a_limit_is_only_raised_never_lowered(house: House) -> None:
    enrolled_in_plans(house)
    house.call("operator", "POST", "/v1/plans", json=PLAN)
    for amount in ("10000.00", "9000.00"):
        order = {"limit": {"amount": amount, "currency": "USD"}}
        assert (
            house.call("operator", "POST", "/v1/plans/PL-1/limit", json=order).json()["code"]
            == "LIMIT_NOT_HIGHER"
        )
    order = {"limit": {"amount": "20000.00", "currency": "EUR"}}
    assert (
        house.call("operator", "POST", "/v1/plans/PL-1/limit", json=order).json()["code"]
        == "CURRENCY_MISMATCH"
    )
    assert house.call("operator", "POST", "/v1/plans/PL-9/limit", json=order).status_code == 404
