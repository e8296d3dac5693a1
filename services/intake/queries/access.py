"""Who may do what. What lies outside a key's scopes does not exist for it (R-5); roles come from the rule pack."""

from sqlalchemy.engine import Connection

from services.intake.store import claims
from services.intake.store.claims import Claim
from services.intake.store.scope import Triples
from services.kit.http import ProblemError, not_found, require
from services.kit.keys import PARTNER_ROLES, Principal
from services.kit.packs import PackLibrary, PackUnknown
from services.rules.pack import RulePack

REVIEWER = "reviewer"
OPERATOR = "operator"
STAFF = ("reviewer", "validation_team", "payment_operations", "operator")
"""Roles on the side of the program; they see what was found for reviewers."""


def scopes_of(caller: Principal) -> Triples:
    """The caller's scopes as the store takes them."""
    return tuple((scope.partner_id, scope.location, scope.program) for scope in caller.scopes)


def sees_all(caller: Principal) -> bool:
    """True for staff; a key that also acts for a partner sees what a partner sees."""
    return caller.has(*STAFF) and not caller.is_partner


def visible_claim(tx: Connection, caller: Principal, claim_id: str, *, lock: bool = False) -> Claim:
    """Return the claim. Raises ProblemError 404 when there is none, or none for this caller."""
    found = claims.claim(tx, claim_id, lock=lock)
    if found is None or not caller.may_see(*found.triple):
        raise not_found("this claim")
    return found


def partners_claim(
    tx: Connection, caller: Principal, claim_id: str, packs: PackLibrary, *, act: str = "claim"
) -> Claim:
    """Return the claim, locked, for an act of its partner. Raises ProblemError 404 or 403."""
    found = visible_claim(tx, caller, claim_id, lock=True)
    require_partner_role(caller, packs.get(found.pack_id), act)
    return found


def require_partner_role(caller: Principal, pack: RulePack, act: str = "claim") -> None:
    """Refuse a caller without a partner role that the pack gives the act to (R-3, C12)."""
    roles = pack.roles.get("dispute") if act == "dispute" else None
    granted = PARTNER_ROLES & frozenset(roles or pack.roles.get("claim", ()))
    require(caller, *sorted(granted))


def require_reviewer(tx: Connection, caller: Principal, found: Claim) -> None:
    """Refuse a caller who is no reviewer, or who acts for the partner or sent the claim (no self-approval)."""
    require(caller, REVIEWER)
    if caller.is_partner or caller.key_id in claims.submitters_of(tx, found.claim_id):
        raise ProblemError(
            403, "SELF_APPROVAL", "you act for the partner of this claim: another reviewer must decide it"
        )


def program_id(packs: PackLibrary, name: str) -> str:
    """Return the id of the program that `name` names in the newest pack listing it. Raises PackUnknown."""
    listing = [pack for pack in map(packs.get, packs.ids()) if pack.lists(name)]
    if not listing:
        raise PackUnknown(f"no rule pack lists a program {name!r}: use the id or name of one that does")
    return max(listing, key=lambda pack: (pack.effective_from, pack.id)).program(name).id
