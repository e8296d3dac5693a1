"""The samples are what they say: sound claims, each with at most one fault."""

import io
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader

from samples.bundles import Bundle, card_bytes, committed_samples, draw_for_window, drawn
from samples.drafts import drafted
from samples.generate import EXAMPLE, csv_bytes, generate, plan_timeline
from samples.partners import BRIGHTBEAM, HARBOUR, KVIST, LOCATIONS, MAREE, earnings_table, partners_table
from samples.stories import CLEAN, STORIES, Story
from samples.timing import Timing, UsagePeriodTooYoung
from schemas.base import Period
from schemas.bundle import Manifest
from services.kit.packs import PackLibrary
from services.ledger.handlers.simulation import simulate
from services.validator.core.csr_checks import check_csr
from services.validator.readers.csr.reading import read_csr
from services.validator.readers.pdf_words import read_pages
from tests.unit.csr.reports import attachments
from tests.unit.samples.drawn_samples import BUNDLES

BYTES_MAX = 60_000
BY_NAME = {story.name: story for story in STORIES}
ROOT = files("samples")


def _words(pdf: bytes) -> list[tuple[int, str, tuple[int, ...]]]:
    return [
        (page.number, word.text, tuple(round(edge) for edge in word.box))
        for page in read_pages(pdf)
        for word in page.words
    ]


def _assert_same_document(name: str, committed: bytes, fresh: bytes) -> None:
    """Equal bytes, or, where another version of a drawing library packed them, the same content."""
    if committed == fresh:
        return
    if fresh.startswith(b"%PDF-"):
        assert _words(committed) == _words(fresh), name
        assert attachments(committed) == attachments(fresh), name
        assert PdfReader(io.BytesIO(committed)).metadata == PdfReader(io.BytesIO(fresh)).metadata, name
        return
    assert fresh.startswith(b"\x89PNG"), name
    before, after = (Image.open(io.BytesIO(content)).convert("RGB") for content in (committed, fresh))
    assert before.size == after.size, name
    assert max(ImageStat.Stat(ImageChops.difference(before, after)).mean) < 2, name


def test_the_committed_samples_are_what_the_generator_draws() -> None:
    committed = {sample.card.name: sample for sample in committed_samples()}
    assert list(committed) == list(BUNDLES)
    for name, bundle in BUNDLES.items():
        assert (ROOT / "bundles" / f"{name}.json").read_bytes() == card_bytes(bundle.card)
        folder = {entry.name: entry.read_bytes() for entry in committed[name].folder.iterdir()}
        fresh = bundle.files()
        assert sorted(folder) == sorted(fresh)
        assert folder.pop("claim.json") == fresh["claim.json"]
        for file, content in folder.items():
            _assert_same_document(f"{name}/{file}", content, fresh[file])
    assert (ROOT / "partners.csv").read_bytes() == csv_bytes(partners_table(EXAMPLE.usage.start))
    assert (ROOT / "earnings.csv").read_bytes() == csv_bytes(earnings_table(EXAMPLE.usage.start))
    assert (ROOT / "plan_timeline.jsonl").read_bytes() == plan_timeline()


def test_drawing_twice_gives_the_same_bytes() -> None:
    again = draw_for_window(EXAMPLE, only=["clean", "clean_csr", "clean_fr"])
    assert [bundle.files() for bundle in again] == [BUNDLES[bundle.card.name].files() for bundle in again]


def test_every_file_is_small() -> None:
    sizes = {
        (name, file): len(content)
        for name, bundle in BUNDLES.items()
        for file, content in bundle.files().items()
    }
    assert {place: size for place, size in sizes.items() if size >= BYTES_MAX} == {}


def test_manifests_list_exactly_the_files_of_their_bundle_and_are_read_strictly() -> None:
    for bundle in BUNDLES.values():
        manifest = Manifest.model_validate_json(bundle.files()["claim.json"])
        assert manifest == bundle.manifest
        assert [document.file for document in manifest.documents] == list(bundle.documents)


def _differences(story: Story) -> set[str]:
    faulty, sound = BUNDLES[story.name], drawn(story, EXAMPLE, STORIES.index(story), healed=True)
    before, after = sound.manifest.model_dump(), faulty.manifest.model_dump()
    keys = {key for key in before if before[key] != after[key]}
    names = set(sound.documents) | set(faulty.documents)
    return keys | {name for name in names if sound.documents.get(name) != faulty.documents.get(name)}


FAULTS = {
    "poe_missing": {"documents", "landing-page.png"},
    "lines_total_mismatch": {"invoice.pdf"},
    "claim_exceeds_evidence": {"claimed_amount", "lines"},
    "activity_outside_usage": {"activity_start"},
    "invoice_date_outside": {"invoice.pdf"},
    "ambiguous_amount": {"invoice.pdf"},
    "not_a_pdf": {"invoice.pdf"},
    "csr_unsigned": {"csr.pdf"},
    "csr_total_mismatch": {"csr.pdf"},
}


def test_a_faulty_sample_differs_from_its_sound_self_in_one_place() -> None:
    assert {
        story.name: found for story in STORIES if story.fault and (found := _differences(story))
    } == FAULTS


def test_every_sample_with_a_verdict_other_than_clean_names_its_finding() -> None:
    assert {story.name for story in STORIES if not story.findings} == {
        s.name for s in STORIES if s.verdict == CLEAN
    }
    by_receipt_or_history = {"one_second_late", "same_invoice_twice"}
    assert {story.name for story in STORIES if story.findings} == set(FAULTS) | by_receipt_or_history


@pytest.mark.parametrize("name", [story.name for story in STORIES if story.campaign.vendor])
def test_a_sound_claim_asks_for_the_net_of_its_invoice_and_the_invoice_adds_up(name: str) -> None:
    draft = drafted(BY_NAME[name].campaign, EXAMPLE)
    invoice = draft.invoice
    assert invoice is not None
    assert sum(line.net for line in invoice.lines) == invoice.net
    assert invoice.net + invoice.tax == invoice.gross
    assert Decimal(draft.manifest().claimed_amount) == invoice.net
    assert sum(Decimal(line.amount) for line in draft.manifest().lines) == invoice.net


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("clean_csr", []),
        ("csr_unsigned", ["CSR_SIGNATURE_MISSING"]),
        ("csr_total_mismatch", ["CSR_TOTAL_MISMATCH"]),
    ],
)
def test_the_service_reports_read_back_with_just_their_own_fault(name: str, codes: list[str]) -> None:
    bundle = BUNDLES[name]
    content = bundle.documents["csr.pdf"]
    reading = read_csr(read_pages(content), attachments(content))
    assert reading is not None
    assert reading.flags == ()
    issues = check_csr(
        reading.facts,
        reading.rows,
        reading.other_costs,
        currency=bundle.manifest.currency,
        activity=Period(start=bundle.manifest.activity_start, end=bundle.manifest.activity_end),
        submitted_on=bundle.card.received_at.date(),
    )
    assert [issue.code for issue in issues] == codes
    assert reading.facts["total_labour"].value == bundle.manifest.claimed_amount


def test_the_deadline_samples_stand_one_second_apart_around_the_end_of_the_window() -> None:
    last, late = BUNDLES["last_second"].card.received_at, BUNDLES["one_second_late"].card.received_at
    assert last == datetime.fromisoformat("2020-02-14T23:59:59-08:00")
    assert late - last == timedelta(seconds=1)


def test_the_same_invoice_lies_in_two_claims_and_nothing_else_is_shared() -> None:
    assert BUNDLES["clean"].documents["invoice.pdf"] == BUNDLES["same_invoice_twice"].documents["invoice.pdf"]
    seen: dict[bytes, set[str]] = {}
    for name, bundle in BUNDLES.items():
        for content in bundle.documents.values():
            seen.setdefault(content, set()).add(name)
    assert [names for names in seen.values() if len(names) > 1] == [{"clean", "same_invoice_twice"}]
    assert BUNDLES["clean"].card.received_at < BUNDLES["same_invoice_twice"].card.received_at


def test_a_sample_comes_after_those_it_builds_on() -> None:
    names = list(BUNDLES)
    for name, bundle in BUNDLES.items():
        assert all(names.index(earlier) < names.index(name) for earlier in bundle.card.after)


def _difference_hash(png: bytes) -> int:
    small = Image.open(io.BytesIO(png)).convert("L").resize((17, 16), Image.Resampling.BILINEAR)
    cells = list(small.tobytes())
    return sum(
        (cells[row * 17 + column] < cells[row * 17 + column + 1]) << (row * 16 + column)
        for row in range(16)
        for column in range(16)
    )


def test_pictures_of_different_campaigns_are_not_nearly_the_same() -> None:
    hashes = {
        (name, file): _difference_hash(content)
        for name, bundle in BUNDLES.items()
        for file, content in bundle.documents.items()
        if file.endswith(".png")
    }
    places = sorted(hashes)
    distances = [
        (hashes[one] ^ hashes[other]).bit_count()
        for at, one in enumerate(places)
        for other in places[at + 1 :]
    ]
    assert min(distances) > 16


def test_pictures_carry_no_time_and_few_colors() -> None:
    for bundle in BUNDLES.values():
        for file, content in bundle.documents.items():
            if file.endswith(".png"):
                assert b"tIME" not in content
                assert b"tEXt" not in content
                assert len(Image.open(io.BytesIO(content)).convert("RGB").getcolors() or []) <= 24


def test_the_file_that_is_no_pdf_does_not_begin_like_one() -> None:
    assert BUNDLES["not_a_pdf"].documents["invoice.pdf"].startswith(b"<!DOCTYPE html>")


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def _tax_number_is_valid(number: str) -> bool:
    country, digits = number[:2], number[2:]
    if country == "GB":
        weighted = sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True))
        return (weighted + int(digits[7:])) % 97 == 0
    if country == "SE":
        return digits.endswith("01") and _luhn(digits[:10])
    return _luhn(digits[2:]) and int(digits[:2]) == (12 + 3 * (int(digits[2:]) % 97)) % 97


def test_tax_numbers_have_right_check_digits() -> None:
    numbers = [vendor.party.tax_id for vendor in (HARBOUR, BRIGHTBEAM, KVIST, MAREE)]
    numbers += [place.billed_as.tax_id for place in LOCATIONS]
    assert [number for number in numbers if not _tax_number_is_valid(number)] == []
    assert len(set(numbers)) == len(numbers)


def test_what_is_earned_covers_all_that_is_claimed_at_each_location() -> None:
    for place in LOCATIONS:
        earned = sum(
            Decimal(amount)
            for _, _, location, _, _, amount, _ in earnings_table(EXAMPLE.usage.start)[1:]
            if location == place.location
        )
        claimed = sum(
            Decimal(bundle.manifest.claimed_amount)
            for bundle in BUNDLES.values()
            if bundle.manifest.location == place.location and bundle.card.expect.verdict != "blocked"
        )
        assert Decimal(4000) < claimed or place.location != "GB-LON"
        assert claimed <= earned * Decimal("0.40")


def test_earnings_fall_in_the_half_year_before_the_usage_period() -> None:
    months = sorted({row[4] for row in earnings_table(EXAMPLE.usage.start)[1:]})
    assert months == ["2019-01", "2019-02", "2019-03", "2019-04", "2019-05", "2019-06"]


def test_the_plan_timeline_pays_a_month_under_its_limit_whole_and_a_month_over_it_up_to_the_limit() -> None:
    answer = simulate(plan_timeline().decode().splitlines(), PackLibrary.load()).to_json()
    assert answer["refused"] == []
    assert [(paid["partner"], paid["amount"], str(paid["on"])[:10]) for paid in answer["payouts"]] == [
        ("P-0123456", "5000.00", "2022-05-15"),
        ("P-0777001", "10000.00", "2022-05-15"),
    ]


NOW = datetime.fromisoformat("2026-11-20T13:00:00+00:00")
THIS_HALF_YEAR = Period.parse("2026-07-01/2026-12-31")


def test_samples_for_an_open_window_leave_out_the_deadline_when_it_is_not_known(tmp_path: Path) -> None:
    folders = generate(THIS_HALF_YEAR, NOW, tmp_path, only=["clean", "last_second", "clean_sv"])
    assert [folder.name for folder in folders] == ["clean", "clean_sv"]
    assert sorted(path.name for path in (tmp_path / "bundles").iterdir()) == [
        "clean",
        "clean.json",
        "clean_sv",
        "clean_sv.json",
    ]
    assert (tmp_path / "earnings.csv").read_text().splitlines()[1].split(",")[4] == "2026-01"


def test_drawing_again_replaces_what_lies_there(tmp_path: Path) -> None:
    generate(THIS_HALF_YEAR, NOW, tmp_path, only=["clean"])
    (tmp_path / "bundles" / "clean" / "left-over.pdf").write_bytes(b"x")
    (folder,) = generate(THIS_HALF_YEAR, NOW, tmp_path, only=["clean"])
    assert "left-over.pdf" not in {path.name for path in folder.iterdir()}


def test_a_usage_period_that_has_only_begun_is_refused() -> None:
    begun = THIS_HALF_YEAR.start + timedelta(days=36)
    with pytest.raises(UsagePeriodTooYoung):
        Timing(THIS_HALF_YEAR, datetime.fromisoformat(f"{begun}T12:00:00+00:00"))
    Timing(THIS_HALF_YEAR, datetime.fromisoformat(f"{begun + timedelta(days=1)}T12:00:00+00:00"))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        Timing(THIS_HALF_YEAR, datetime(2026, 11, 20))


def test_an_unknown_sample_name_is_refused() -> None:
    with pytest.raises(KeyError):
        draw_for_window(EXAMPLE, only=["nothing_of_the_kind"])


def _bundle_dates(bundle: Bundle) -> Period:
    return Period(start=bundle.manifest.activity_start, end=bundle.manifest.activity_end)


def test_only_the_sample_about_it_leaves_the_usage_period() -> None:
    outside = [
        name
        for name, bundle in BUNDLES.items()
        if not (_bundle_dates(bundle).start in EXAMPLE.usage and _bundle_dates(bundle).end in EXAMPLE.usage)
    ]
    assert outside == ["activity_outside_usage"]
