"""Following the others: the ledger's accounts, how claims ended, and what partners are called."""

from sqlalchemy.engine import Connection

from schemas.claims import ClaimState
from schemas.events import ClaimDecided, ClaimVerdict, ClaimWithdrawn, LedgerEvent, PartnerEnrolled
from services.validator.store import claims, funds

HOLD_KINDS = {"funds_reserved": 1, "hold_released": -1, "claim_settled": -1}
"""By which sign a transfer changes what its claim holds."""


def follow_ledger(tx: Connection, told: LedgerEvent) -> None:
    """Take each account of a transfer to its newer balance, and note what the claim holds."""
    for entry in told.entries:
        currency, bucket = entry.account.rsplit("/", 2)[1:]
        funds.apply(
            tx,
            funds.Balance(
                account=entry.account,
                partner_id=told.partner_id,
                location=told.location,
                program=told.program,
                period=told.period,
                currency=currency,
                bucket=bucket,
                sequence=entry.sequence,
                balance_minor=entry.balance_after.amount_minor,
            ),
        )
    sign, claim_id = HOLD_KINDS.get(told.kind), told.references.get("claim")
    if sign is not None and claim_id is not None:
        funds.change_hold(tx, claim_id, told.amount.currency, sign * told.amount.amount_minor)


def note_decided(tx: Connection, decided: ClaimDecided) -> None:
    """Note that a claim was approved (with its amount) or rejected."""
    approved = decided.verdict is ClaimVerdict.APPROVED
    claims.put_outcome(
        tx,
        decided.claim_id,
        ClaimState.APPROVED if approved else ClaimState.REJECTED,
        decided.approved.amount_minor if approved and decided.approved else None,
        decided.decided_at,
    )


def note_withdrawn(tx: Connection, withdrawn: ClaimWithdrawn) -> None:
    """Note that a claim was taken back."""
    claims.put_outcome(tx, withdrawn.claim_id, ClaimState.WITHDRAWN, None, withdrawn.withdrawn_at)


def note_enrolled(tx: Connection, enrolled: PartnerEnrolled) -> None:
    """Note the names of a partner: those that invoices may be made out to."""
    funds.put_names(tx, enrolled.partner_id, (enrolled.partner_name, *enrolled.aliases))
