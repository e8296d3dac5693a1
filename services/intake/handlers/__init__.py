"""What intake does: each act is one transaction; bytes go to the object store before it."""

from services.intake.handlers.decisions import comment, decide, dispute, withdraw
from services.intake.handlers.once import Answer
from services.intake.handlers.partners import import_partners, put_partner, raise_limit, record_plan
from services.intake.handlers.receiving import Upload, UploadedFile, parts_sha256
from services.intake.handlers.reviews import claim_review, next_review, release_review
from services.intake.handlers.submissions import revise, submit
from services.intake.handlers.verdicts import note_ledger, note_refused, note_validated

__all__ = [
    "Answer",
    "Upload",
    "UploadedFile",
    "claim_review",
    "comment",
    "decide",
    "dispute",
    "import_partners",
    "next_review",
    "note_ledger",
    "note_refused",
    "note_validated",
    "parts_sha256",
    "put_partner",
    "raise_limit",
    "record_plan",
    "release_review",
    "revise",
    "submit",
    "withdraw",
]
