"""The vocabulary: every code of the domain with its gravity, words in three languages, one canonical form of values."""

import ast
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from schemas.findings import Audience, Severity, Texts
from schemas.money import Money
from services.rules.pack_text import PackInvalid
from services.rules.vocabulary import CodeUnknown, ParamMissing, TermUnknown, Vocabulary, load_vocabulary
from services.rules.wording import Term, canonical, in_all_languages, written

VOCABULARY = load_vocabulary((files("rulepacks") / "findings.yaml").read_text(encoding="utf-8"))

DOMAIN_CODES = {
    "error partner": "DOC_FINANCIAL_MISSING DOC_MISSING DATE_ACTIVITY_OUTSIDE_USAGE DATE_RANGE_REVERSED "
    "DATE_POE_OUTSIDE_CAMPAIGN DEADLINE_PASSED WINDOW_NOT_OPEN AMT_CLAIM_EXCEEDS_EVIDENCE FUNDS_INSUFFICIENT "
    "CUR_MIXED INV_NOT_FINAL CSR_HOURS_IMPOSSIBLE CSR_SIGNATURE_MISSING POE_UNREADABLE DUP_INVOICE_SAME_PARTNER",
    "action partner": "DOC_NOTE_MISSING AMT_LINES_TOTAL_MISMATCH AMOUNT_AMBIGUOUS LINE_INELIGIBLE INV_FIELD_MISSING "
    "INV_BUYER_MISMATCH INV_NOT_ITEMISED INV_TAX_CLAIMED CSR_ROW_ARITHMETIC POE_URL_MISSING POE_DATE_OUTSIDE "
    "POE_METRIC_MISMATCH",
    "warn partner": "DEADLINE_NEAR CAP_HIT PROFILE_INCOMPLETE",
    "warn reviewer": "DUP_FILE_OTHER_PARTNER SPLIT_SUSPECTED",
    "info reviewer": "PERIOD_LABEL_MISMATCH INV_ROUND_AMOUNT POE_EDITED_HINT",
    "info both": "READ_LOW_CONFIDENCE",
}


DOCUMENT_CODES = (
    "INV_ARITHMETIC INV_DATE_OUTSIDE INV_SERVICE_OUTSIDE_ACTIVITY INV_VENDOR_IS_PARTNER INV_NUMBER_MISMATCH "
    "INV_LANGUAGE INV_PAGE_MISSING INV_HYBRID_MISMATCH INV_RULE CSR_TOTAL_MISMATCH CSR_DATES_OUTSIDE_ACTIVITY "
    "CSR_UNDATED CSR_RATE_OUTLIER CSR_OVERLAP_OTHER_CLAIM POE_DATE_MISSING POE_BRAND_MISSING "
    "POE_VENDOR_CONTENT_MISSING POE_SAME_AS_OTHER METRIC_MISSING DECLARATION_MISSING"
)


@pytest.mark.parametrize(
    "code,gravity", [(code, gravity) for gravity, codes in DOMAIN_CODES.items() for code in codes.split()]
)
def test_code_of_the_domain_keeps_its_gravity_and_audience(code: str, gravity: str) -> None:
    entry = VOCABULARY.entry(code)
    assert f"{entry.severity} {entry.audience}" == gravity


@pytest.mark.parametrize(
    "code",
    DOCUMENT_CODES.split(),
)
def test_check_of_a_document_has_its_code(code: str) -> None:
    assert VOCABULARY.entry(code).rule.startswith("R-")


def _codes_named_by_checks() -> dict[str, str]:
    """Code -> module, for every text in the validator's core that is built like the code of a finding."""
    families = {code.partition("_")[0] for code in VOCABULARY.codes}
    found: dict[str, str] = {}
    for module in Path(str(files("services.validator.core"))).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                family, _, rest = node.value.partition("_")
                if rest and family in families and re.fullmatch(r"[A-Z][A-Z0-9_]+", node.value):
                    found[node.value] = module.name
    return found


def test_every_code_that_a_check_names_is_in_the_vocabulary() -> None:
    named = _codes_named_by_checks()
    assert len(named) > 60
    assert {code: module for code, module in named.items() if code not in VOCABULARY.codes} == {}


def test_text_and_fix_are_filled_in_every_language() -> None:
    found = VOCABULARY.finding(
        "AMT_LINES_TOTAL_MISMATCH",
        {"total": Decimal("4800.00"), "sum": Decimal("4750.00"), "difference": Decimal("50.00")},
    )
    assert found.text.en == "Total 4,800.00, lines 4,750.00. Difference 50.00."
    assert found.text.sv == "Totalen är 4\u00a0800,00, raderna 4\u00a0750,00. Skillnad 50,00."
    assert found.text.fr == "Total 4\u202f800,00, lignes 4\u202f750,00. Écart 50,00."
    assert found.params == {"difference": "50.00", "sum": "4750.00", "total": "4800.00"}
    assert (found.severity, found.audience, found.rule) == (Severity.ACTION, Audience.PARTNER, "R-37")


def test_same_values_give_the_same_bytes_in_whatever_order() -> None:
    one = VOCABULARY.finding("AMT_CLAIM_EXCEEDS_EVIDENCE", {"claimed": Decimal(5), "shown": Decimal(4)})
    two = VOCABULARY.finding("AMT_CLAIM_EXCEEDS_EVIDENCE", {"shown": Decimal(4), "claimed": Decimal(5)})
    assert one.model_dump_json() == two.model_dump_json()


def test_subject_is_the_id_and_the_text_has_the_words() -> None:
    kind = Term("site_page", Texts(en="Page of the site", sv="Sida på webbplatsen", fr="Page du site"))
    found = VOCABULARY.finding("DOC_MISSING", {"kind": kind, "activity": "Ads"})
    assert found.printed_code == "DOC_MISSING:site_page"
    assert found.text.sv == "Sida på webbplatsen saknas för Ads."


def test_stated_subject_goes_before_the_words() -> None:
    words = Texts(en="Alcohol", sv="Alkohol", fr="Alcool")
    found = VOCABULARY.finding("LINE_INELIGIBLE", {"kind": words, "activity": words}, subject="alcohol")
    assert found.printed_code == "LINE_INELIGIBLE:alcohol"


def test_severity_can_be_given_by_a_switch_of_the_pack() -> None:
    found = VOCABULARY.finding("PLAN_SECOND_FOR_FUND", {"fund": "F"}, severity=Severity.ERROR)
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    "value,en,sv,fr,kept",
    [
        (
            Money.of("9999.99", "EUR"),
            "EUR\u00a09,999.99",
            "9\u00a0999,99\u00a0EUR",
            "9\u202f999,99\u00a0€",
            "9999.99 EUR",
        ),
        (Money.of("1234", "JPY"), "JPY\u00a01,234", "1\u00a0234\u00a0JPY", "1\u202f234\u00a0JPY", "1234 JPY"),
        (Money.of("1.5", "KWD"), "KWD\u00a01.500", "1,500\u00a0KWD", "1,500\u00a0KWD", "1.500 KWD"),
        (date(2020, 2, 14), "14 Feb 2020", "2020-02-14", "14/02/2020", "2020-02-14"),
        (
            datetime(2020, 2, 15, 8, 0, tzinfo=UTC),
            "15 Feb 2020, 08:00 UTC",
            "2020-02-15 08:00 UTC",
            "15/02/2020 08:00 UTC",
            "2020-02-15T08:00:00Z",
        ),
        (12000, "12,000", "12\u00a0000", "12\u202f000", "12000"),
        ("a\x00b\n c", "a b c", "a b c", "a b c", "a b c"),
    ],
)
def test_value_is_written_as_each_language_writes_it(
    value: object, en: str, sv: str, fr: str, kept: str
) -> None:
    assert in_all_languages(value) == Texts(en=en, sv=sv, fr=fr)  # type: ignore[arg-type]
    assert canonical(value) == kept  # type: ignore[arg-type]


def test_text_of_a_document_cannot_grow_a_finding_without_bound() -> None:
    assert len(written("x" * 10_000, "en")) == 200


def test_braces_in_a_value_are_not_filled_again() -> None:
    found = VOCABULARY.finding("INV_BUYER_MISMATCH", {"buyer": "{buyer} & {code}"})
    assert found.text.en == "The invoice is made out to {buyer} & {code}."


def test_unknown_code_missing_value_and_unknown_word_are_refused() -> None:
    with pytest.raises(CodeUnknown):
        VOCABULARY.finding("NO_SUCH_CODE")
    with pytest.raises(ParamMissing):
        VOCABULARY.finding("INV_BUYER_MISMATCH")
    with pytest.raises(TermUnknown):
        VOCABULARY.field("no_such_field")


@pytest.mark.parametrize("code", VOCABULARY.codes)
def test_every_finding_can_be_worded_and_says_what_to_do(code: str) -> None:
    entry = VOCABULARY.entry(code)
    found = VOCABULARY.finding(code, dict.fromkeys(entry.placeholders, "value"))
    for texts in (found.text, found.fix):
        for language in ("en", "sv", "fr"):
            words = getattr(texts, language)
            assert "{" not in words
            assert words[0].isupper() or not words[0].isalpha() or words.startswith("value")
            assert words.endswith((".", "value"))
    assert len({found.fix.en, found.fix.sv, found.fix.fr}) == 3


def _with(text: str) -> str:
    return (
        "schema: coop.findings/1\nfields: {}\ndocument_types: {}\nfindings:\n  SOME_CODE:\n    severity: error\n"
        f"    audience: partner\n    rule: R-1\n    text: {{en: '{text}', sv: 'b {{x}}', fr: 'c {{x}}'}}\n"
        "    fix: {en: a, sv: b, fr: c}\n"
    )


def test_languages_that_name_other_values_are_refused() -> None:
    assert isinstance(load_vocabulary(_with("a {x}")), Vocabulary)
    with pytest.raises(PackInvalid) as refused:
        load_vocabulary(_with("a {y}"))
    assert (refused.value.file, refused.value.line) == ("findings.yaml", 5)
    assert "names other values" in refused.value.reason
