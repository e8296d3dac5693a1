"""What is known beside a bundle, from what events told: names, funds, earlier claims, documents seen before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.bundle import Manifest
from schemas.money import Money
from services.kit.platform import Platform
from services.rules.pack import RulePack
from services.rules.periods import earning_period_of_usage
from services.validator.core.checks.duplicates import keys_of
from services.validator.core.inputs import CheckedDocument, FundsSnapshot
from services.validator.handlers.checking import PRECHECK_CLAIM_ID, CheckContext, Recall
from services.validator.store import claims, funds

ACCRUING, AVAILABLE, RESERVED, CLAIMED, EXPIRED = (
    "coop_accruing",
    "coop_available",
    "coop_reserved",
    "coop_claimed",
    "expired",
)
"""The buckets of a lot in the ledger's account ids."""

Owner = tuple[str, str, str]
"""Partner, location and program id."""


def recall_from(platform: Platform) -> Recall:
    """Return what `check_bundle` asks for the context of a bundle that is not submitted yet.

    It looks only at what belongs to the manifest's own partner; whether the caller acts for that partner is for the
    caller's side to make sure.
    """

    def recall(
        manifest: Manifest, documents: Sequence[CheckedDocument], pack: RulePack, at: datetime
    ) -> CheckContext:
        if not pack.lists(manifest.program):
            return CheckContext()
        owner = (manifest.partner_id, manifest.location, pack.program(manifest.program).id)
        with platform.database.read() as tx:
            return recalled(tx, PRECHECK_CLAIM_ID, owner, manifest, documents, pack, first_received_at=at)

    return recall


def recalled(
    tx: Connection,
    claim_id: str,
    owner: Owner,
    manifest: Manifest,
    documents: Sequence[CheckedDocument],
    pack: RulePack,
    *,
    first_received_at: datetime,
) -> CheckContext:
    """Everything the checks may know about the partner's other claims, funds and names."""
    keys = [keys_of(document, manifest.currency) for document in documents]
    names = funds.names_of(tx, owner[0])
    return CheckContext(
        partner_name=names[0] if names else None,
        partner_aliases=names[1:],
        funds=funds_of(tx, claim_id, owner, manifest, pack),
        earlier_claims=claims.earlier(tx, claim_id, owner, str(manifest.usage_period), first_received_at),
        known_documents=claims.look_alikes(tx, claim_id, owner[0], keys),
    )


def funds_of(
    tx: Connection, claim_id: str, owner: Owner, manifest: Manifest, pack: RulePack
) -> FundsSnapshot | None:
    """The lot that the usage period spends, as the ledger last told; None while it told nothing.

    What the claim itself holds counts as free: a new revision replaces its own reservation. So does what expired:
    the ledger posts it back for a claim received in time (R-44), however late that one is looked at, and a late claim
    is refused for being late.
    """
    lot, currency = earning_period_of_usage(pack, manifest.usage_period), manifest.currency
    balances, as_of = funds.balances(tx, owner, str(lot), currency)
    if not balances:
        return None

    def money(*buckets: str) -> Money:
        return Money(amount_minor=sum(balances.get(bucket, 0) for bucket in buckets), currency=currency)

    own = Money(amount_minor=max(funds.held(tx, claim_id, currency), 0), currency=currency)
    accrued = money(ACCRUING, AVAILABLE, RESERVED, CLAIMED, EXPIRED)
    return FundsSnapshot(
        earned=accrued,
        claimed=money(CLAIMED),
        reserved=money(RESERVED) - own,
        available=money(AVAILABLE, EXPIRED) + own,
        accrued=accrued,
        as_of=as_of,
    )
