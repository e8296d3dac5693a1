"""What the sample bundles are about: one sound claim each, and at most one fault in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from samples.drafts import INVOICE, LANDING_PAGE, Campaign, Draft, WorkRow
from samples.partners import BRIGHTBEAM, HARBOUR, KVIST, LONDON, MAREE, PARIS, STOCKHOLM
from samples.timing import working_day_after

CLEAN, ACTION, BLOCKED = "clean", "action", "blocked"


@dataclass(frozen=True)
class Story:
    """A campaign, its fault and what a check must say. `window_end_seconds` is the receipt from the window's end."""

    campaign: Campaign
    title: str
    shows: str
    verdict: str = CLEAN
    findings: tuple[str, ...] = ()
    fault: Callable[[Draft], Draft] | None = None
    after: tuple[str, ...] = ()
    window_end_seconds: int | None = None

    @property
    def name(self) -> str:
        return self.campaign.name


def _lines(media: str, agency: str, media_text: str, agency_text: str) -> tuple[tuple[str, str, str], ...]:
    return ((media_text, media, "media_placement"), (agency_text, agency, "agency_fee"))


def _english(media: str, agency: str) -> tuple[tuple[str, str, str], ...]:
    return _lines(media, agency, "Display advertising, media placement", "Campaign set-up and agency fee")


def _story(title: str, shows: str, *, campaign: dict[str, Any], **expected: Any) -> Story:
    return Story(Campaign(**campaign), title, shows, **expected)


def _without_landing_page(draft: Draft) -> Draft:
    kept = tuple(document for document in draft.documents if document.file != LANDING_PAGE)
    return replace(draft, documents=kept)


def _second_line_lower(draft: Draft) -> Draft:
    assert draft.invoice is not None
    first, second = draft.invoice.lines
    lower = replace(second, unit_price=second.unit_price - 50)
    return replace(draft, invoice=replace(draft.invoice, lines=(first, lower)))


def _claims_500_more(draft: Draft) -> Draft:
    first, second = draft.lines
    more = replace(second, amount=second.amount + 500)
    return replace(draft, lines=(first, more))


def _starts_a_week_before_the_usage_period(draft: Draft) -> Draft:
    return replace(draft, activity_start=draft.usage.start - timedelta(days=7))


def _invoiced_before_the_activity(draft: Draft) -> Draft:
    assert draft.invoice is not None
    early = working_day_after(draft.activity_start - timedelta(days=42), 0)
    return replace(
        draft, invoice=replace(draft.invoice, issue_date=early, due_date=early + timedelta(days=30))
    )


def _points_only(draft: Draft) -> Draft:
    """Every amount is 1,000 or more, so that no other amount on the page says how the points are meant."""
    assert draft.invoice is not None
    return replace(draft, invoice=replace(draft.invoice, points_only=True))


def _saved_error_page(draft: Draft) -> Draft:
    page = (
        "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
        "<body><h1>Your session has ended</h1><p>Sign in again to download the invoice.</p></body></html>\n"
    )
    return replace(draft, contents={**draft.contents, INVOICE: page.encode()})


def _unsigned(draft: Draft) -> Draft:
    assert draft.csr is not None
    return replace(draft, csr=draft.csr.model_copy(update={"signature": None}))


def _total_too_high(draft: Draft) -> Draft:
    assert draft.csr is not None
    total = str(Decimal(draft.csr.total) + 90)
    return replace(draft, csr=draft.csr.model_copy(update={"total": total}))


WEB_WORK = (
    WorkRow("Web developer (A.K.)", "Templates and forms of the solution pages", 0, 4, "22.50", "46.00"),
    WorkRow("Web developer (A.K.)", "Visit tracking and consent", 7, 9, "9.25", "46.00"),
    WorkRow("Content editor (R.M.)", "Texts and search descriptions", 3, 8, "14.00", "38.50"),
)
SMALL_WEB_WORK = (
    WorkRow("Web developer (T.B.)", "Trial request form and its mail", 0, 3, "11.75", "46.00"),
    WorkRow("Designer (E.S.)", "Page layout for phones", 1, 4, "8.50", "41.00"),
)
SHOP_WORK = (
    WorkRow("Web developer (J.O.)", "Price calculator on the product page", 0, 5, "17.25", "46.00"),
    WorkRow("Tester (L.H.)", "Browser and screen reader tests", 6, 8, "7.50", "33.00"),
)

STORIES: tuple[Story, ...] = (
    _story(
        "A complete claim",
        "Invoice, advert, landing page and click report agree with what is claimed.",
        campaign={
            "name": "clean", "place": LONDON, "vendor": HARBOUR, "sequence": 873,
            "share": (8, 24), "lines": _english("3640.00", "1175.40"), "headline": "Work from anywhere, safely",
            "product": "Halden Stratus Suite", "color": "#1d5b8f", "counts": (48120, 962, 871),
        },
    ),
    _story(
        "A complete claim on a service report",
        "Own staff did the work: a signed service report stands in the place of an invoice.",
        campaign={
            "name": "clean_csr", "place": LONDON, "share": (30, 46), "work": WEB_WORK, "sequence": 11,
            "headline": "Your desk in the cloud", "product": "Halden Stratus Desktop", "color": "#286a4a",
            "counts": (15310, 702, 655),
        },
    ),
    _story(
        "A complete claim with a Swedish invoice",
        "Numbers with decimal comma and spaces, dates year first; another partner.",
        campaign={
            "name": "clean_sv", "place": STOCKHOLM, "vendor": KVIST, "sequence": 20417,
            "share": (12, 30), "headline": "Flytta servern i höst",
            "product": "Halden Stratus Server", "color": "#7a3b12", "counts": (22940, 517, 480),
            "lines": _lines("2150.00", "1104.40", "Annonsutrymme, digitala medier", "Byråarvode, kampanjplanering"),
        },
    ),
    _story(
        "A complete claim with a French invoice",
        "Numbers with decimal comma, dates day first; the Paris location of the first partner.",
        campaign={
            "name": "clean_fr", "place": PARIS, "vendor": MAREE, "sequence": 318,
            "share": (15, 34), "headline": "Vos données, bien gardées",
            "product": "Halden Stratus Backup", "color": "#5b2a6e", "counts": (30455, 688, 623),
            "lines": _lines("2480.00", "860.60", "Achat d’espace publicitaire en ligne", "Honoraires d’agence"),
        },
    ),
    _story(
        "In the last second of the window",
        "Received one second before the window closes: in time.",
        campaign={
            "name": "last_second", "place": LONDON, "vendor": BRIGHTBEAM, "sequence": 1502,
            "share": (60, 78), "lines": _english("1390.00", "344.10"), "headline": "Year-end upgrade, done right",
            "product": "Halden Stratus Suite", "color": "#8a2f3c", "counts": (19015, 402, 377),
        },
        window_end_seconds=-1,
    ),
    _story(
        "One second too late",
        "Received when the last day has just ended in the time zone of the program.",
        campaign={
            "name": "one_second_late", "place": LONDON, "vendor": HARBOUR, "sequence": 941,
            "share": (64, 82), "lines": _english("1450.00", "366.90"), "headline": "Backups that really restore",
            "product": "Halden Stratus Backup", "color": "#2f5d50", "counts": (20244, 431, 398),
        },
        verdict=BLOCKED,
        findings=("DEADLINE_PASSED",),
        window_end_seconds=0,
    ),
    _story(
        "A proof is missing",
        "There is no picture of the landing page.",
        campaign={
            "name": "poe_missing", "place": LONDON, "vendor": BRIGHTBEAM, "sequence": 1377,
            "share": (20, 38), "lines": _english("1260.00", "415.20"), "headline": "Phones that follow you",
            "product": "Halden Stratus Voice", "color": "#31517a", "counts": (17480, 365, 340),
        },
        verdict=BLOCKED,
        findings=("DOC_MISSING:landing_page",),
        fault=_without_landing_page,
    ),
    _story(
        "Lines do not add up to the total",
        "The second line of the invoice is 50.00 lower than its total needs.",
        campaign={
            "name": "lines_total_mismatch", "place": LONDON, "vendor": HARBOUR, "sequence": 902,
            "share": (34, 50), "lines": _english("1980.00", "760.50"), "headline": "Meetings without the mess",
            "product": "Halden Stratus Meet", "color": "#6b4f1d", "counts": (26890, 611, 574),
        },
        verdict=ACTION,
        findings=("AMT_LINES_TOTAL_MISMATCH",),
        fault=_second_line_lower,
    ),
    _story(
        "More is claimed than shown",
        "500.00 more than the invoice shows.",
        campaign={
            "name": "claim_exceeds_evidence", "place": LONDON, "vendor": BRIGHTBEAM,
            "sequence": 1419, "share": (40, 56), "lines": _english("1120.00", "310.80"),
            "headline": "One place for every file", "product": "Halden Stratus Files", "color": "#17616b",
            "counts": (15022, 318, 296),
        },
        verdict=BLOCKED,
        findings=("AMT_CLAIM_EXCEEDS_EVIDENCE",),
        fault=_claims_500_more,
    ),
    _story(
        "The activity starts before the usage period",
        "The claim says that the activity began a week before the usage period.",
        campaign={
            "name": "activity_outside_usage", "place": LONDON, "vendor": HARBOUR,
            "sequence": 858, "share": (2, 20), "lines": _english("1540.00", "402.30"),
            "headline": "Summer of secure sign-in", "product": "Halden Stratus Identity", "color": "#4a3a86",
            "counts": (18770, 390, 362),
        },
        verdict=BLOCKED,
        findings=("DATE_ACTIVITY_OUTSIDE_USAGE",),
        fault=_starts_a_week_before_the_usage_period,
    ),
    _story(
        "Invoiced before the activity",
        "The invoice is dated about six weeks before the activity began.",
        campaign={
            "name": "invoice_date_outside", "place": LONDON, "vendor": BRIGHTBEAM,
            "sequence": 1288, "share": (44, 60), "lines": _english("1310.00", "377.70"),
            "headline": "Your shop, always open", "product": "Halden Stratus Commerce", "color": "#7b2d5e",
            "counts": (16403, 344, 319),
        },
        verdict=ACTION,
        findings=("INV_DATE_OUTSIDE",),
        fault=_invoiced_before_the_activity,
    ),
    _story(
        "An amount that can be read in two ways",
        "The amounts are printed with points only, as in 9.999.95.",
        campaign={
            "name": "ambiguous_amount", "place": LONDON, "vendor": HARBOUR, "sequence": 917,
            "share": (48, 64), "lines": _english("6200.50", "3799.45"), "headline": "Less mail, more answers",
            "product": "Halden Stratus Desk", "color": "#3d5a27", "counts": (21177, 455, 428),
        },
        verdict=ACTION,
        findings=("AMOUNT_AMBIGUOUS",),
        fault=_points_only,
    ),
    _story(
        "Not a PDF",
        "The invoice is a web page that was saved under the name of a PDF.",
        campaign={
            "name": "not_a_pdf", "place": LONDON, "vendor": BRIGHTBEAM, "sequence": 1455,
            "share": (52, 68), "lines": _english("1180.00", "296.40"), "headline": "Reports before breakfast",
            "product": "Halden Stratus Insight", "color": "#93471b", "counts": (14066, 288, 270),
        },
        verdict=BLOCKED,
        findings=("FILE_WRONG_TYPE",),
        fault=_saved_error_page,
    ),
    _story(
        "The same invoice again",
        "Another claim with the invoice of the first one.",
        campaign={
            "name": "same_invoice_twice", "place": LONDON, "vendor": HARBOUR, "sequence": 873,
            "share": (8, 24), "lines": _english("3640.00", "1175.40"), "headline": "Safe work on every device",
            "product": "Halden Stratus Mobile", "color": "#8c6a12", "counts": (39950, 804, 755),
        },
        verdict=BLOCKED,
        findings=("DUP_INVOICE_SAME_PARTNER",),
        after=("clean",),
    ),
    _story(
        "A service report without a signature",
        "Everything is filled in and dated, but nobody signed.",
        campaign={
            "name": "csr_unsigned", "place": LONDON, "share": (36, 52), "work": SMALL_WEB_WORK, "sequence": 12,
            "headline": "Try it for thirty days", "product": "Halden Stratus Trial", "color": "#234a87",
            "counts": (9120, 377, 351),
        },
        verdict=BLOCKED,
        findings=("CSR_SIGNATURE_MISSING",),
        fault=_unsigned,
    ),
    _story(
        "A service report whose total is wrong",
        "The total is 90.00 more than labor and other costs.",
        campaign={
            "name": "csr_total_mismatch", "place": LONDON, "share": (56, 72), "work": SHOP_WORK, "sequence": 13,
            "headline": "Know the price at once", "product": "Halden Stratus Quote", "color": "#6e2323",
            "counts": (8433, 295, 281),
        },
        verdict=ACTION,
        findings=("CSR_TOTAL_MISMATCH",),
        fault=_total_too_high,
    ),
)  # fmt: skip
