"""The partners of the samples, who they buy from, and what they earned. All of them are invented."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from samples.invoices import Party

PROGRAM = "csp-indirect-reseller"
CURRENCY = "USD"


@dataclass(frozen=True)
class Location:
    """A place of a partner that is enrolled by itself, as it is written on invoices."""

    partner_id: str
    location: str
    location_name: str
    billed_as: Party
    monthly_earning: Decimal
    website: str
    contact: str


LONDON = Location(
    "P-0123456",
    "GB-LON",
    "London",
    Party("Northlight Cloud Ltd", ("14 Calder Wharf", "London E14 8QP", "United Kingdom"), "GB999960131"),
    Decimal("12500.00"),
    "www.northlight-cloud.example",
    "hello@northlight-cloud.example  |  +44 20 7946 0131",
)
PARIS = Location(
    "P-0123456",
    "FR-PAR",
    "Paris",
    Party(
        "Northlight Cloud Ltd",
        ("Succursale de Paris", "27 rue des Tanneurs", "75013 Paris", "France"),
        "FR78999001373",
    ),
    Decimal("5000.00"),
    "www.northlight-cloud.example/fr",
    "bonjour@northlight-cloud.example  |  +33 1 99 00 31 40",
)
STOCKHOLM = Location(
    "P-0777001",
    "SE-STO",
    "Stockholm",
    Party("Fjordmoln AB", ("Lotsgatan 8", "116 42 Stockholm", "Sverige"), "SE559999120401"),
    Decimal("5000.00"),
    "www.fjordmoln.example",
    "hej@fjordmoln.example  |  +46 8 465 004 12",
)
LOCATIONS = (LONDON, PARIS, STOCKHOLM)


@dataclass(frozen=True)
class Vendor:
    """Who the partners buy from, with the look and the numbering of its invoices and its language."""

    party: Party
    look: str
    language: str
    tax_rate: Decimal
    numbering: str


HARBOUR = Vendor(
    Party(
        "Harbour & Finch Media Ltd",
        ("3 Ropewalk Court", "Bristol BS1 6ZU", "United Kingdom"),
        "GB999970225",
        ("Account 31926819", "Sort code 60-16-13"),
    ),
    "letter",
    "en",
    Decimal(20),
    "HF-{year}-{n:04}",
)
BRIGHTBEAM = Vendor(
    Party(
        "Brightbeam Advertising Ltd",
        ("Unit 5, Aire Street Works", "Leeds LS1 4HT", "United Kingdom"),
        "GB999980319",
        ("Account 55779911", "Sort code 20-00-00"),
    ),
    "band",
    "en",
    Decimal(20),
    "BB{n:06}",
)
KVIST = Vendor(
    Party(
        "Reklambyrån Kvist & Ljung AB",
        ("Magasinsgatan 31", "411 18 Göteborg", "Sverige"),
        "SE559999010701",
        ("Org.nr 559999-0107", "Bankgiro 5050-1055"),
    ),
    "classic",
    "sv",
    Decimal(25),
    "{n}",
)
MAREE = Vendor(
    Party(
        "Agence Marée Haute SARL",
        ("12 quai du Wault", "59000 Lille", "France"),
        "FR47999000425",
        ("SIREN 999 000 425", "RCS Lille", "Capital 20 000 euros"),
    ),
    "window",
    "fr",
    Decimal(20),
    "F{year}-{n:04}",
)


def earning_months(usage_start: date) -> tuple[date, ...]:
    """The first days of the six months before the usage period: its earning period (R-10)."""
    months = [usage_start.year * 12 + usage_start.month - 1 - back for back in range(6, 0, -1)]
    return tuple(date(month // 12, month % 12 + 1, 1) for month in months)


def partners_table(usage_start: date) -> list[list[str]]:
    """Rows of partners.csv: each location was onboarded before the earning period began."""
    first = earning_months(usage_start)[0]
    onboarded = date(first.year - 1, 11, 4).isoformat()
    head = ["partner_id", "partner_name", "location", "location_name", "program", "onboarded_on"]
    rows = [
        [place.partner_id, place.billed_as.name, place.location, place.location_name, PROGRAM, onboarded]
        for place in LOCATIONS
    ]
    return [head, *rows]


def earnings_table(usage_start: date) -> list[list[str]]:
    """Rows of earnings.csv: what each location earned in each month of the earning period."""
    head = ["id", "partner_id", "location", "program", "month", "amount", "currency"]
    rows = [
        [
            f"E-{place.location}-{month:%Y%m}",
            place.partner_id,
            place.location,
            PROGRAM,
            f"{month:%Y-%m}",
            str(place.monthly_earning),
            CURRENCY,
        ]
        for place in LOCATIONS
        for month in earning_months(usage_start)
    ]
    return [head, *rows]
