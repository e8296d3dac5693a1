"""From a campaign to the parts of its claim: invoice or service report, adverts, report, manifest."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from samples.invoices import Invoice, InvoiceLine, draw_invoice, totaled
from samples.partners import CURRENCY, PROGRAM, Location, Vendor
from samples.pictures import Advert, draw_ad_screenshot, draw_landing_page
from samples.result_reports import ResultReport, draw_result_report
from samples.timing import Timing, working_day_after
from schemas.base import Period
from schemas.bundle import Manifest, ManifestDocument, ManifestLine
from schemas.csr import CsrForm, CsrRow, CsrSignature
from services.validator.readers.csr.form import draw_csr, with_totals

PartT = TypeVar("PartT")

INVOICE, CSR, AD, LANDING_PAGE, SITE_PAGE, RESULTS = (
    "invoice.pdf", "csr.pdf", "ad.png", "landing-page.png", "site-page.png", "results.pdf",
)  # fmt: skip
CALLS = {"en": "Ask for a demo", "sv": "Boka en visning", "fr": "Demander une démo"}
PUBLISHERS = {"en": "The Channel Courier", "sv": "Kanalbladet", "fr": "Le Courrier du Canal"}


@dataclass(frozen=True)
class WorkRow:
    """Own work: days are counted from the start of the activity, and end with it."""

    person: str
    task: str
    first_day: int
    last_day: int
    hours: str
    rate: str


@dataclass(frozen=True)
class Campaign:
    """What was done. `share` is the part of the usage period (percent) in which it ran.

    Either a vendor did it (`lines`: text, amount, expense kind) or own staff (`work`).
    """

    name: str
    place: Location
    sequence: int
    share: tuple[int, int]
    headline: str
    product: str
    color: str
    counts: tuple[int, int, int]
    vendor: Vendor | None = None
    lines: tuple[tuple[str, str, str], ...] = ()
    work: tuple[WorkRow, ...] = ()

    @property
    def language(self) -> str:
        return self.vendor.language if self.vendor else "en"

    @property
    def landing_page(self) -> str:
        plain = unicodedata.normalize("NFKD", self.headline.casefold()).encode("ascii", "ignore").decode()
        return f"https://{self.place.website}/{'-'.join(re.findall('[a-z0-9]+', plain))}"


@dataclass(frozen=True)
class ClaimLine:
    """An amount claimed, of which kind, on which document."""

    kind: str
    amount: Decimal
    document: str


@dataclass(frozen=True)
class Draft:
    """The parts of a claim before they are drawn; a fault changes one of them."""

    campaign: Campaign
    usage: Period
    activity_start: date
    activity_end: date
    documents: tuple[ManifestDocument, ...]
    lines: tuple[ClaimLine, ...]
    advert: Advert
    results: ResultReport
    invoice: Invoice | None = None
    csr: CsrForm | None = None
    contents: dict[str, bytes] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """The bytes of every listed document."""
        draw: dict[str, Callable[[], bytes]] = {
            INVOICE: lambda: draw_invoice(_present(self.invoice)),
            CSR: lambda: draw_csr(_present(self.csr)),
            AD: lambda: draw_ad_screenshot(self.advert),
            LANDING_PAGE: lambda: draw_landing_page(self.advert),
            SITE_PAGE: lambda: draw_landing_page(self.advert),
            RESULTS: lambda: draw_result_report(self.results),
        }
        return {d.file: self.contents.get(d.file) or draw[d.file]() for d in self.documents}

    def manifest(self) -> Manifest:
        """The claim as its partner states it; the claimed amount is the sum of the claim's lines."""
        impressions, clicks, visits = self.campaign.counts
        return Manifest(
            claim_name=self.campaign.headline,
            partner_id=self.campaign.place.partner_id,
            location=self.campaign.place.location,
            program=PROGRAM,
            usage_period=self.usage,
            category="demand_generation",
            activity="digital_advertising" if self.invoice else "partner_website_seo",
            activity_start=self.activity_start,
            activity_end=self.activity_end,
            currency=CURRENCY,
            claimed_amount=str(sum((line.amount for line in self.lines), Decimal(0))),
            lines=tuple(
                ManifestLine(kind=line.kind, amount=str(line.amount), document=line.document)
                for line in self.lines
            ),
            metrics={
                "results_summary": f"{impressions} impressions, {clicks} clicks, {visits} visits",
                "impressions": str(impressions),
                "clicks": str(clicks),
                "visits": str(visits),
            },
            documents=self.documents,
        )


def _present(part: PartT | None) -> PartT:
    if part is None:
        raise ValueError("a document is listed that the draft has no part for")
    return part


def drafted(campaign: Campaign, timing: Timing) -> Draft:
    """Return the sound claim of a campaign."""
    days = timing.activity(*campaign.share)
    finished = working_day_after(days.end, 2)
    advert = Advert(
        motif=campaign.name,
        partner=campaign.place.billed_as.name,
        headline=campaign.headline,
        product=campaign.product,
        call_to_action=CALLS[campaign.language],
        contact=campaign.place.contact,
        landing_page=campaign.landing_page,
        publisher=PUBLISHERS[campaign.language],
        publisher_page="https://courier.example/news/partners",
        seen_on=days.start + (days.end - days.start) / 2,
        color=campaign.color,
    )
    results = ResultReport(
        language=campaign.language,
        advertiser=campaign.place.billed_as.name,
        campaign=campaign.headline,
        landing_page=campaign.landing_page,
        first_day=days.start,
        last_day=days.end,
        impressions=campaign.counts[0],
        clicks=campaign.counts[1],
        visits=campaign.counts[2],
    )
    common = Draft(campaign, timing.usage, days.start, days.end, (), (), advert, results)
    return _invoiced(common, finished) if campaign.vendor else _reported(common, finished)


def _invoiced(draft: Draft, issued: date) -> Draft:
    campaign = draft.campaign
    vendor = _present(campaign.vendor)
    number = vendor.numbering.format(year=issued.year, n=campaign.sequence)
    lines = tuple(
        InvoiceLine(text, Decimal(1), Decimal(amount), kind) for text, amount, kind in campaign.lines
    )
    invoice = Invoice(
        number=number,
        language=vendor.language,
        look=vendor.look,
        vendor=vendor.party,
        buyer=campaign.place.billed_as,
        issue_date=issued,
        due_date=issued + timedelta(days=30),
        service_start=draft.activity_start,
        service_end=draft.activity_end,
        lines=lines,
        tax_rate=vendor.tax_rate,
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
        currency=CURRENCY,
    )
    documents = (
        ManifestDocument(file=INVOICE, kind="third_party_invoice", typed={"invoice_number": number}),
        ManifestDocument(file=AD, kind="ad_screenshot"),
        ManifestDocument(file=LANDING_PAGE, kind="landing_page"),
        ManifestDocument(file=RESULTS, kind="results_report"),
    )
    claimed = tuple(ClaimLine(line.kind, line.net, INVOICE) for line in lines)
    return replace(draft, invoice=totaled(invoice), documents=documents, lines=claimed)


def _reported(draft: Draft, signed_on: date) -> Draft:
    campaign = draft.campaign
    rows = tuple(
        CsrRow(
            person_or_role=work.person,
            task=work.task,
            work_date_from=min(draft.activity_start + timedelta(days=work.first_day), draft.activity_end),
            work_date_to=min(draft.activity_start + timedelta(days=work.last_day), draft.activity_end),
            hours=work.hours,
            hourly_rate=work.rate,
            amount="0",
        )
        for work in campaign.work
    )
    csr = with_totals(
        CsrForm(
            partner_name=campaign.place.billed_as.name,
            partner_id=campaign.place.partner_id,
            location=campaign.place.location,
            claim_number=f"NLC-{campaign.sequence:03}",
            activity_type="partner_website_seo",
            activity_start=draft.activity_start,
            activity_end=draft.activity_end,
            description_of_work=f"Pages for {campaign.product} on our own site: built, written, tested and published.",
            currency=CURRENCY,
            rows=rows,
            total_labour="0",
            total_other="0",
            total="0",
            signer_name="Priya Raman",
            signer_title="Finance Director",
            signature=CsrSignature(
                name="Priya Raman",
                login_event=f"login-{campaign.sequence:06}",
                signed_at=datetime.combine(signed_on, time(10, 15), UTC),
            ),
            signed_on=signed_on,
        )
    )
    documents = (
        ManifestDocument(file=CSR, kind="csr"),
        ManifestDocument(file=SITE_PAGE, kind="site_page"),
        ManifestDocument(file=RESULTS, kind="results_report"),
    )
    lines = (ClaimLine("programming_development", Decimal(csr.total_labour), CSR),)
    return replace(draft, csr=csr, documents=documents, lines=lines)
