"""EN 16931 rules about dates and periods."""

from services.validator.core.en16931_model import Invoice, Period, day, written_as_day
from services.validator.core.en16931_rule import Check, every


def in_order(period: Period) -> bool:
    """An end without a start, or a start without an end, is in order; a day outside the calendar is not.

    What is not written as a day (a week, say) cannot be judged and is let pass.
    """
    if period.start is None or period.end is None:
        return True
    if not (written_as_day(period.start) and written_as_day(period.end)):
        return True
    start, end = day(period.start), day(period.end)
    return start is not None and end is not None and start <= end


def _has_date(period: Period) -> bool:
    return period.start is not None or period.end is not None


def _has_date_or_tax_point(period: Period) -> bool:
    # UBL keeps the VAT point code (BT-8) in the same element, which may hold nothing else.
    return _has_date(period) or period.tax_point_code is not None


def _one_tax_point(invoice: Invoice) -> bool:
    return invoice.tax_point_date is None or all(period.tax_point_code is None for period in invoice.periods)


def _payment_is_dated(invoice: Invoice) -> bool | None:
    """BR-CO-25: what is to be paid says when. Credit notes are not paid by the buyer."""
    due = invoice.totals.due if invoice.totals else None
    if due is None or invoice.is_credit_note:
        return None
    owed = due.number
    if owed is None:
        return False
    return owed <= 0 or invoice.due_date is not None or bool(invoice.payment_terms)


def _line_periods(invoice: Invoice) -> list[Period]:
    return [period for line in invoice.lines for period in line.periods]


def _starts_inside(invoice: Invoice) -> bool | None:
    bounds = [period.start for period in invoice.periods if period.start is not None]
    starts = [period.start for period in _line_periods(invoice) if period.start is not None]
    if not bounds:
        return None
    bound = day(bounds[0])
    return every(
        starts, lambda start: (found := day(start)) is not None and bound is not None and found >= bound
    )


def _ends_inside(invoice: Invoice) -> bool | None:
    bounds = [period.end for period in invoice.periods if period.end is not None]
    ends = [period.end for period in _line_periods(invoice) if period.end is not None]
    if not bounds:
        return None
    bound = day(bounds[0])
    return every(ends, lambda end: (found := day(end)) is not None and bound is not None and found <= bound)


RULES: dict[str, Check] = {
    "BR-29": lambda invoice: every(invoice.periods, in_order),
    "BR-30": lambda invoice: every(_line_periods(invoice), in_order),
    "BR-CO-03": _one_tax_point,
    "BR-CO-19": lambda invoice: every(invoice.periods, _has_date_or_tax_point),
    "BR-CO-20": lambda invoice: every(_line_periods(invoice), _has_date),
    "BR-CO-25": _payment_is_dated,
}

PEPPOL_RULES: dict[str, Check] = {
    "PEPPOL-EN16931-R110": _starts_inside,
    "PEPPOL-EN16931-R111": _ends_inside,
}
