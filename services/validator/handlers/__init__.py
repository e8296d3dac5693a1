"""Acts of the validator: read a claim's documents, decide its revisions, take what events tell."""

from services.validator.handlers.checking import CheckContext, Checked, GivenDocument, check_bundle
from services.validator.handlers.deciding import Prepared, decide_submitted, prepare_submitted
from services.validator.handlers.following import follow_ledger, note_decided, note_enrolled, note_withdrawn
from services.validator.handlers.foreseeing import Forecast, ForeseenWindow, Intent, foresee, judging_pack
from services.validator.handlers.needs import NeededDocument, needed_documents
from services.validator.handlers.recalling import recall_from

__all__ = [
    "CheckContext",
    "Checked",
    "Forecast",
    "ForeseenWindow",
    "GivenDocument",
    "Intent",
    "NeededDocument",
    "Prepared",
    "check_bundle",
    "decide_submitted",
    "follow_ledger",
    "foresee",
    "judging_pack",
    "needed_documents",
    "note_decided",
    "note_enrolled",
    "note_withdrawn",
    "prepare_submitted",
    "recall_from",
]
