"""Files as files and proofs as proofs: what cannot be read, what shows nothing, what was not read at all (R-36)."""

from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.remarks import Remark
from services.validator.core.values import is_invoice, place, sure, value_of, was_read

NO_CONTENT, TOO_SMALL, NO_OCR = "no_content", "too_small", "no_ocr"
DATE_VISIBLE = "date_visible"
UNREADABLE_FLAGS = frozenset({NO_CONTENT, TOO_SMALL})

REFUSALS = {
    "empty": "FILE_EMPTY",
    "corrupt": "FILE_CORRUPT",
    "crashed": "READ_FAILED",
    "encrypted": "FILE_ENCRYPTED",
    "wrong_type": "FILE_WRONG_TYPE",
    "unsupported_type": "FILE_UNSUPPORTED_TYPE",
    "dtd_forbidden": "FILE_DTD_FORBIDDEN",
    "resource_limit": "READ_LIMIT",
    "too_deep": "FILE_TOO_DEEP",
    "too_many_pixels": "FILE_TOO_MANY_PIXELS",
    "timeout": "READ_TIMEOUT",
}
"""What a finding calls the reason for which a reader refused a file."""

SIGNS = {
    "invisible_text": "READ_HIDDEN_TEXT",
    "ambiguous_total": "READ_HIDDEN_TEXT",
    "active_content": "READ_ACTIVE_CONTENT",
    "embedded_files": "READ_EMBEDDED_FILES",
    "incremental_update": "READ_CHANGED_LATER",
    "polyglot": "READ_POLYGLOT",
}
"""What a finding calls what a reviewer should know about a file that was read."""


def file_code(document: CheckedDocument) -> str | None:
    """The code of what is wrong with the file itself: found on receipt, or by the reader."""
    if document.received.problem is not None:
        return document.received.problem
    if was_read(document):
        return None
    return REFUSALS.get(document.facts.reason or "", "FILE_CORRUPT")


def check_files(inputs: CheckInputs) -> tuple[Remark, ...]:
    """One FILE_ finding for each file that is no sound document; POE_UNREADABLE for one that shows nothing."""
    remarks = []
    for document in inputs.documents:
        params = {"file": document.file, "reason": document.facts.reason or ""}
        code = file_code(document)
        if code is not None:
            remarks.append(Remark(code, params, None, (place(document),), None, document.facts.reason))
        elif not UNREADABLE_FLAGS.isdisjoint(document.facts.flags):
            flag = ", ".join(sorted(UNREADABLE_FLAGS & set(document.facts.flags)))
            remarks.append(Remark("POE_UNREADABLE", params, None, (place(document),), None, flag))
    return tuple(remarks)


def check_unread_pictures(inputs: CheckInputs) -> tuple[Remark, ...]:
    """READ_NO_OCR where a picture's words were not read: a person must look, and nothing is held against it."""
    return tuple(
        Remark("READ_NO_OCR", {"file": document.file}, None, (place(document),))
        for document in inputs.documents
        if was_read(document)
        and NO_OCR in document.facts.flags
        and UNREADABLE_FLAGS.isdisjoint(document.facts.flags)
        and not _typed_in_full(document)
    )


def _typed_in_full(document: CheckedDocument) -> bool:
    """Whether the partner typed the values that an invoice would have shown."""
    needed = ("invoice_number", "issue_date", "total_net")
    return is_invoice(document) and all(value_of(document, field) is not None for field in needed)


def check_proof_address(inputs: CheckInputs) -> tuple[Remark, ...]:
    """POE_URL_MISSING for a page whose words were read and show no address (R-36)."""
    remarks = []
    for document in inputs.documents:
        if document.received.kind not in {"landing_page", "site_page"} or not was_read(document):
            continue
        read_words = document.facts.facts.get("page_text")
        if read_words is None or not sure(read_words) or value_of(document, "url") is not None:
            continue
        remarks.append(Remark("POE_URL_MISSING", {"file": document.file}, None, (place(document),)))
    return tuple(remarks)


def check_proof_date(inputs: CheckInputs) -> tuple[Remark, ...]:
    """POE_DATE_MISSING where the activity asks for a visible date and the words that were read hold none (R-36)."""
    activity = inputs.pack.activities.get(inputs.manifest.activity)
    if activity is None:
        return ()
    dated: set[str] = set()
    for kind, tests in activity.content_on.items():
        if DATE_VISIBLE in tests:
            described = inputs.pack.document_kinds.get(kind)
            dated |= {kind, *(described.accepts if described else ())}
    return tuple(
        Remark("POE_DATE_MISSING", {"file": document.file}, None, (place(document),))
        for document in inputs.documents
        if document.received.kind in dated
        and sure(document.facts.facts.get("page_text"))
        and not _has_day(document)
    )


def _has_day(document: CheckedDocument) -> bool:
    names = document.facts.facts
    return any(
        name in {"sent_on", "taken_on", "shown_date"} or name.startswith("visible_date") for name in names
    )


def check_signs(inputs: CheckInputs) -> tuple[Remark, ...]:
    """What a reviewer should know about a file: hidden text, scripts, later changes, things inside it."""
    return tuple(
        Remark(code, {"file": document.file}, None, (place(document),))
        for document in inputs.documents
        for code in sorted({SIGNS[flag] for flag in document.facts.flags if flag in SIGNS})
    )
