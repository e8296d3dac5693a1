"""The checks: one small pure function for each rule, in one fixed order."""

from collections.abc import Callable

from services.validator.core.checks.amounts import (
    check_ambiguous,
    check_claim_lines,
    check_currency,
    check_eligibility,
    check_evidence,
    check_invoice_lines,
    check_positive,
    check_tax,
)
from services.validator.core.checks.dates import (
    check_activity,
    check_campaign,
    check_documented_activity,
    check_invoice_dates,
    check_period_label,
    check_proof_dates,
    check_usage_period,
)
from services.validator.core.checks.deadline import check_deadline, check_evidence_close
from services.validator.core.checks.duplicates import (
    check_duplicates,
    check_other_partners,
    check_proof_reuse,
    check_repeats,
    check_split,
)
from services.validator.core.checks.files import (
    check_files,
    check_proof_address,
    check_proof_date,
    check_signs,
    check_unread_pictures,
)
from services.validator.core.checks.funds import check_caps, check_funds, check_share
from services.validator.core.checks.invoices import (
    check_arithmetic,
    check_confidence,
    check_declared_kind,
    check_einvoice_rules,
    check_fields,
    check_final,
    check_hybrid,
    check_itemized,
    check_kind_of_invoice,
    check_language,
    check_number,
    check_pages,
    check_parties,
    check_typed,
    check_warning_signs,
)
from services.validator.core.checks.metrics import (
    check_cross,
    check_declarations,
    check_metrics,
    check_report_metrics,
)
from services.validator.core.checks.presence import check_documents, check_notes
from services.validator.core.checks.programs import check_catalog
from services.validator.core.checks.reports import check_reports
from services.validator.core.checks.travel import check_people
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark

Check = Callable[[CheckInputs], tuple[Remark, ...]]

CHECKS: tuple[Check, ...] = (
    check_deadline,
    check_evidence_close,
    check_usage_period,
    check_catalog,
    check_documents,
    check_notes,
    check_files,
    check_metrics,
    check_report_metrics,
    check_declarations,
    check_cross,
    check_activity,
    check_documented_activity,
    check_campaign,
    check_invoice_dates,
    check_proof_dates,
    check_period_label,
    check_positive,
    check_claim_lines,
    check_invoice_lines,
    check_evidence,
    check_tax,
    check_currency,
    check_eligibility,
    check_ambiguous,
    check_people,
    check_share,
    check_caps,
    check_funds,
    check_declared_kind,
    check_final,
    check_fields,
    check_arithmetic,
    check_einvoice_rules,
    check_hybrid,
    check_kind_of_invoice,
    check_parties,
    check_number,
    check_typed,
    check_itemized,
    check_pages,
    check_language,
    check_reports,
    check_proof_address,
    check_proof_date,
    check_duplicates,
    check_proof_reuse,
    check_repeats,
    check_other_partners,
    check_split,
    check_confidence,
    check_unread_pictures,
    check_signs,
    check_warning_signs,
)
"""Every check, in the order in which people would ask: in time, of this program, complete, in period, added up."""


def run(inputs: CheckInputs) -> tuple[Remark, ...]:
    """All remarks of all checks, in order."""
    return tuple(remark for check in CHECKS for remark in check(inputs))
