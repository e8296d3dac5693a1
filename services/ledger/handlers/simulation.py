"""What-if: a timeline of commands run by the real handlers, in a fresh ledger, on a clock of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.engine import Connection

from services.kit import tables as kit_tables
from services.kit.clock import ManualClock
from services.kit.database import Database
from services.ledger.core.refusals import PayoutAmbiguous, PayoutUnknown, Refused
from services.ledger.handlers import claims, earnings, plans
from services.ledger.handlers.clawbacks import claw_back
from services.ledger.handlers.feed import sequence
from services.ledger.handlers.jobs import next_due, run_due
from services.ledger.handlers.payments import PaymentReport, report_payment, set_profile
from services.ledger.handlers.simulation_answer import SimulationAnswer, answer, payout_told
from services.ledger.handlers.terms import Packs, pack_named, program_id
from services.ledger.handlers.timeline import BadLine, Line, TimeBackwards, read_lines
from services.ledger.store import runs
from services.ledger.store.tables import metadata
from services.rules.pack_model import RulePack
from services.rules.periods import Month
from services.rules.windows import midnight

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class CommandUnknown(Refused):
    """`do` names no command of a timeline."""

    code = "COMMAND_UNKNOWN"


@dataclass
class _State:
    """What the lines so far have named: the packs of programs, plans and claims, and how a program was written."""

    packs: Packs
    default_pack: RulePack | None
    pack_of: dict[tuple[str, str], RulePack] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)

    def pack(self, line: Line) -> RulePack:
        """The pack a line names, or that of what it is about. Raises PackUnknown."""
        if line.values.get("pack") is not None:
            found = pack_named(self.packs, line.text("pack"))
        else:
            about = [("claim", "claim"), ("plan", "plan"), ("earning", "corrects"), ("program", "program")]
            known = [self.pack_of.get((kind, str(line.values.get(key)))) for kind, key in about]
            found = next((pack for pack in known if pack is not None), None) or self._any_pack()
        for kind, key in (("claim", "claim"), ("plan", "plan"), ("earning", "id"), ("program", "program")):
            if line.values.get(key) is not None:
                self.pack_of[kind, str(line.values[key])] = found
        return found

    def _any_pack(self) -> RulePack:
        if self.default_pack is None:
            raise BadLine("no line names a pack: say which one decides, such as csp-2019-11")
        return self.default_pack

    def program(self, line: Line, pack: RulePack) -> str:
        """The id of the program of a line. Raises ProgramUnknown."""
        text = line.text("program")
        found = program_id(pack, text)
        self.written.setdefault(found, text)
        self.pack_of["program", found] = pack
        return found


def simulate(lines: Iterable[str], packs: Packs) -> SimulationAnswer:
    """Run a timeline and return payouts, balances, refusals and ledger events.

    Jobs that are due at or before a line's `at` run first, in date order, at their own instants. A refused line
    changes nothing but the clock; the lines after it go on.
    """
    read = list(read_lines(lines))
    state = _State(packs, _first_pack(packs, [line for _, line in read if isinstance(line, Line)]))
    database = Database("sqlite:///:memory:")
    clock = ManualClock(BEGINNING)
    refused: list[dict[str, Any]] = []
    try:
        with database.write() as tx:
            kit_tables.metadata.create_all(tx)
            metadata.create_all(tx)
        for number, line in read:
            try:
                _step(database, clock, state, line)
            except Refused as refusal:
                refused.append({"line": number, "code": refusal.code, "detail": str(refusal)})
        sequence(database)
        with database.read() as tx:
            return answer(tx, state.written, refused)
    finally:
        database.close()


def _first_pack(packs: Packs, lines: Iterable[Line]) -> RulePack | None:
    for line in lines:
        if isinstance(line.values.get("pack"), str):
            try:
                return packs.get(line.values["pack"])
            except LookupError:
                continue
    return None


def _step(database: Database, clock: ManualClock, state: _State, line: Line | BadLine) -> None:
    if isinstance(line, BadLine):
        raise line
    _move(database, clock, state, _instant(state, line))
    act = _ACTS.get(str(line.values.get("do")))
    if act is None:
        raise CommandUnknown(f"do must be one of {', '.join(_ACTS)}; it is {line.values.get('do')!r}")
    refusal = None
    with database.write() as tx:
        # A refusal is part of what happened: what the ledger keeps of it is committed.
        try:
            act(tx, state, line, clock.now())
        except Refused as error:
            refusal = error
    if refusal is not None:
        raise refusal


def _instant(state: _State, line: Line, key: str = "at") -> datetime:
    moment = line.moment(key)
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    assert isinstance(moment, date)
    try:
        zone = state.pack(line).zone
    except Refused:
        zone = state._any_pack().zone if state.default_pack else UTC  # type: ignore[assignment]
    return midnight(moment, zone)


def _move(database: Database, clock: ManualClock, state: _State, at: datetime) -> None:
    if at < clock.now():
        raise TimeBackwards(f"{at.isoformat()} is before {clock.now().isoformat()}, where the clock stands")
    while (due := next_due(database)) is not None and due <= at:
        clock.move_to(max(due, clock.now()))
        run_due(database, state.packs, clock.now())
    clock.move_to(at)


def _earn(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    pack = state.pack(line)
    program = state.program(line, pack)
    earning = earnings.Earning(
        id=line.text("id"),
        partner=line.text("partner"),
        location=line.text("location"),
        program=program,
        month=line.month(),
        amount=line.money(currency=pack.program(program).currency),
        fund=line.text("fund", ""),
        pack=pack.id,
    )
    _book(tx, state, earning, now)


def _book(tx: Connection, state: _State, earning: earnings.Earning, now: datetime) -> None:
    result = earnings.record_earning(tx, state.packs, earning, now=now)
    if result.status == "refused":
        refusal = Refused(result.detail)
        refusal.code = result.code
        raise refusal


def _correct(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    original = earnings.recorded(tx, line.text("corrects"))
    earning = earnings.Earning(
        id=line.text("id"),
        partner=original.lot.partner,
        location=original.lot.location,
        program=original.lot.program,
        month=Month.parse(original.month),
        amount=line.money(currency=original.lot.currency),
        fund=original.fund,
        pack=original.pack,
        corrects=original.id,
        reason=line.text("reason", ""),
    )
    _book(tx, state, earning, now)


def _plan(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    pack = state.pack(line)
    program = state.program(line, pack)
    first, last = line.months("period")
    plan = plans.Plan(
        plan=line.text("plan"),
        partner=line.text("partner"),
        location=line.text("location"),
        program=program,
        fund=line.text("fund", ""),
        first_month=first,
        last_month=last,
        limit=line.money("limit", currency=pack.program(program).currency),
        pack=pack.id,
    )
    plans.approve_plan(tx, state.packs, plan, now=now)


def _limit(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    plan = line.text("plan")
    limit = line.money("limit", currency=plans.currency_of(tx, plan))
    plans.set_limit(tx, state.packs, plan, limit, recorded_at=now, now=now)


def _reserve(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    pack = state.pack(line)
    program = state.program(line, pack)
    claim = line.text("claim")
    asked = claims.Reservation(
        claim=claim,
        revision=state.revisions.get(claim, 1),
        partner=line.text("partner"),
        location=line.text("location"),
        program=program,
        usage_period=line.period("usage_period"),
        activity=line.text("activity", ""),
        amount=line.money(currency=pack.program(program).currency),
        effective_on=_instant(state, line, "received_at") if "received_at" in line.values else now,
        pack=pack.id,
    )
    claims.reserve(tx, state.packs, asked, now=now)


def _approve(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    claim = line.text("claim")
    amount = None
    if line.values.get("amount") is not None:
        amount = line.money(currency=claims.currency_of(tx, claim))
    claims.approve(tx, state.packs, claim, amount, at=now, now=now)


def _release(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    claim = line.text("claim")
    claims.release(tx, state.packs, claim, at=now, now=now)
    state.revisions[claim] = state.revisions.get(claim, 1) + 1


def _clawback(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    claim = line.text("claim")
    claw_back(tx, state.packs, claim, line.money(currency=claims.currency_of(tx, claim)), now=now)


def _profile(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    set_profile(tx, state.packs, line.text("partner"), complete=line.flag("complete"), now=now)


def _payment(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    report = PaymentReport(
        payout=_payout_meant(tx, state, line), state=line.payment_state(), reason=line.text("reason", "")
    )
    report_payment(tx, state.packs, report, now=now)


def _payout_meant(tx: Connection, state: _State, line: Line) -> str:
    """The payout that a line names by its id, or by what the answer tells of it. Raises PayoutUnknown."""
    said = line.about_payout()
    if said.values.get("id") is not None:
        return said.text("id")
    wanted = {name: said.values[name] for name in _TOLD if said.values.get(name) is not None}
    found = []
    for row in runs.payouts_of(tx):
        told: dict[str, Any] = payout_told(row, state.written)
        names = {row.program, told["program"]}
        fits = [
            value in names
            if name == "program"
            else value in row.of
            if name == "claim"
            else told[name] == value
            for name, value in wanted.items()
        ]
        if wanted and all(fits):
            found.append(row.id)
    if not found:
        raise PayoutUnknown(
            "no payout was made that fits; say partner and on, or claim, as the answer tells them"
        )
    if len(found) > 1:
        raise PayoutAmbiguous(f"{len(found)} payouts fit; say kind, location or program as well")
    return found[0]


_TOLD = ("on", "partner", "location", "program", "kind", "amount", "currency", "of", "claim")


def _until(tx: Connection, state: _State, line: Line, now: datetime) -> None:
    """Only the clock moves."""


_ACTS: dict[str, Callable[[Connection, _State, Line, datetime], None]] = {
    "earn": _earn,
    "correct": _correct,
    "plan": _plan,
    "limit": _limit,
    "reserve": _reserve,
    "approve": _approve,
    "release": _release,
    "clawback": _clawback,
    "profile": _profile,
    "payment": _payment,
    "until": _until,
}
