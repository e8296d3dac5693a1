"""A complete report to start from; each test changes the one thing it is about."""

import io
from datetime import UTC, date, datetime
from typing import Any

from pypdf import PdfReader

from schemas.csr import CsrForm, CsrOtherCost, CsrRow, CsrSignature
from services.validator.readers.csr.form import with_totals

SIGNED_AT = datetime(2019, 10, 14, 9, 0, tzinfo=UTC)


def row(**changes: Any) -> CsrRow:
    fields: dict[str, Any] = {
        "person_or_role": "Web developer (A.K.)",
        "task": "Landing page build and tracking set-up",
        "work_date_from": date(2019, 9, 2),
        "work_date_to": date(2019, 9, 6),
        "hours": "12.50",
        "hourly_rate": "80.00",
        "amount": "1000.00",
    }
    return CsrRow(**{**fields, **changes})


def report(**changes: Any) -> CsrForm:
    fields: dict[str, Any] = {
        "partner_name": "Northlight Cloud Ltd",
        "partner_id": "P-0123456",
        "location": "GB-LON",
        "claim_number": "1007",
        "activity_type": "partner_website_seo",
        "activity_start": date(2019, 9, 2),
        "activity_end": date(2019, 10, 11),
        "description_of_work": "Built and published the new solution pages, with forms and tracking, in two languages.",
        "currency": "USD",
        "rows": (
            row(),
            row(person_or_role="Copywriter", task="Page texts", hours="7.25", hourly_rate="64.00"),
        ),
        "other_costs": (
            CsrOtherCost(cost_kind="licence", receipt="Form builder receipt 77", amount="49.00"),
        ),
        "total_labour": "0",
        "total_other": "0",
        "total": "0",
        "signer_name": "Priya Raman",
        "signer_title": "Finance Director",
        "signature": CsrSignature(name="Priya Raman", login_event="evt_8f2c", signed_at=SIGNED_AT),
        "signed_on": date(2019, 10, 14),
    }
    return with_totals(CsrForm(**{**fields, **changes}))


def attachments(pdf: bytes) -> dict[str, bytes]:
    return {name: contents[0] for name, contents in PdfReader(io.BytesIO(pdf)).attachments.items()}
