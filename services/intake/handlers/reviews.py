"""The reviewers' desk: taking a waiting claim, giving it back, and taking the one that matters most."""

from sqlalchemy.engine import Connection

from services.intake.core import checkouts, life
from services.intake.core.orders import CheckoutAnswer, ReleaseOrder
from services.intake.handlers import once
from services.intake.handlers.once import Answer
from services.intake.queries import checkout_view
from services.intake.queries.access import REVIEWER, require_reviewer, scopes_of, visible_claim
from services.intake.queries.views import claim_view
from services.intake.store import claims, reviews
from services.intake.store.claims import Claim
from services.kit.http import Repeatable, forbidden, require
from services.kit.keys import Principal
from services.kit.platform import Platform


def claim_review(platform: Platform, caller: Principal, claim_id: str, request: Repeatable) -> Answer:
    """Check a waiting claim out, or prolong one's own check-out. Raises ProblemError 404, 403 or 409."""

    def act(tx: Connection) -> CheckoutAnswer:
        found = visible_claim(tx, caller, claim_id, lock=True)
        require_reviewer(tx, caller, found)
        life.refuse_same_reviewer(found.standing, caller.key_id, reviews.deciders_of(tx, claim_id))
        if not reviews.is_ready(found):
            raise life.NotReady(f"a claim that is {found.state} waits for no reviewer: take another one")
        return _taken(platform, tx, caller, found)

    return once.once(platform, request, 200, act)


def release_review(
    platform: Platform, caller: Principal, claim_id: str, order: ReleaseOrder, request: Repeatable
) -> Answer:
    """Give a check-out back. Raises ProblemError 404, 403 or 409."""

    def act(tx: Connection) -> CheckoutAnswer:
        found = visible_claim(tx, caller, claim_id, lock=True)
        require(caller, REVIEWER)
        desk = reviews.checkout_of(tx, claim_id)
        now = platform.clock.now()
        ended = checkouts.released(desk, order.checkout, caller.key_id, found.revision, now)
        reviews.put_checkout(tx, claim_id, ended)
        return CheckoutAnswer(checkout=checkout_view(caller, ended), claim=claim_view(tx, caller, claim_id))

    return once.once(platform, request, 200, act)


def next_review(platform: Platform, caller: Principal, request: Repeatable) -> Answer:
    """Check out the best claim nobody has: overdue ones first, then clean ones, then by receipt. Raises ProblemError 403."""
    require(caller, REVIEWER)
    if caller.is_partner:
        raise forbidden("this key acts for a partner too: use one that only reviews")

    def act(tx: Connection) -> CheckoutAnswer:
        now = platform.clock.now()
        rows = platform.limits.review_next_rows_max
        for claim_id in reviews.candidates(tx, scopes_of(caller), now=now, rows=rows):
            found = reviews.free_claim(tx, claim_id)
            if found is not None and _can_take(platform, tx, caller, found):
                return _taken(platform, tx, caller, found)
        return CheckoutAnswer(checkout=None, claim=None)

    return once.once(platform, request, 200, act)


def _can_take(platform: Platform, tx: Connection, caller: Principal, found: Claim) -> bool:
    """Whether the caller may decide the claim, as it stands now that it is locked."""
    desk = reviews.checkout_of(tx, found.claim_id)
    if not reviews.is_ready(found) or (desk is not None and desk.holds(found.revision, platform.clock.now())):
        return False
    if found.first_approval is not None and found.first_approval.reviewer == caller.key_id:
        return False
    if found.disputes and caller.key_id in reviews.deciders_of(tx, found.claim_id):
        return False
    return caller.key_id not in claims.submitters_of(tx, found.claim_id)


def _taken(platform: Platform, tx: Connection, caller: Principal, found: Claim) -> CheckoutAnswer:
    fresh = checkouts.taken(
        reviews.checkout_of(tx, found.claim_id),
        caller.key_id,
        caller.name,
        found.revision,
        platform.clock.now(),
        platform.limits.checkout_seconds_max,
    )
    reviews.put_checkout(tx, found.claim_id, fresh)
    return CheckoutAnswer(checkout=checkout_view(caller, fresh), claim=claim_view(tx, caller, found.claim_id))
