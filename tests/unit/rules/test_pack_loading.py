"""A pack is refused with its file, its line and a reason a person can act on."""

from datetime import date

import pytest

from services.rules.pack import NoPackInForce, PackInvalid, ProgramUnknown, RulePack, load_pack, pack_in_force
from services.rules.pack_text import NODES_MAX, TEXT_CHARS_MAX, read_marked
from tests.golden.packs import pack_texts, shipped_packs

BASE = """schema: coop.rulepack/1
id: base
effective: {from: 2020-01-01, until: 2020-12-31}
source: [a test]
timezone: Europe/Stockholm
timezone_label: {en: Swedish time, sv: svensk tid, fr: heure de Suède}
fiscal_year_start: "01-01"
programs:
- {id: alpha, name: Program Alpha, aliases: [A], family: f, currency: EUR, claimable: true}
periods: {length_months: 6}
split: {rebate: "0.60", coop: "0.40"}
threshold: {scope: organization, currency: EUR, comparison: must_exceed, default: 100.00}
claim_window: {closes: {usage_end_plus_days: 45}}
payday: {day: 15, of: next_month}
poe: {timing: with_claim}
roles: {claim: [global_admin]}
categories:
  c: {en: C, sv: C, fr: C}
expense_kinds:
  fee: {label: {en: Fee, sv: Avgift, fr: Frais}}
document_kinds:
  third_party_invoice: {family: financial, label: {en: Invoice, sv: Faktura, fr: Facture}}
  csr: {family: financial, label: {en: Report, sv: Rapport, fr: Rapport}}
activities:
  ad:
    category: c
    label: {en: Ad, sv: Annons, fr: Annonce}
    evidence: {all_of: [third_party_invoice]}
    eligible: [fee]
"""
CHILD = "schema: coop.rulepack/1\nid: child\nextends: base\n"


def refusal(texts: dict[str, str], pack_id: str) -> PackInvalid:
    with pytest.raises(PackInvalid) as refused:
        load_pack(texts, pack_id)
    return refused.value


def changed(old: str, new: str) -> PackInvalid:
    assert old in BASE
    return refusal({"base": BASE.replace(old, new)}, "base")


def child(addition: str) -> RulePack:
    return load_pack({"base": BASE, "child": CHILD + addition}, "child")


@pytest.mark.parametrize("pack_id", sorted(pack_texts()))
def test_shipped_pack_loads_and_keeps_its_hash(pack_id: str) -> None:
    again = load_pack(dict(reversed(pack_texts().items())), pack_id)
    assert again.sha256 == shipped_packs()[pack_id].sha256
    assert again.id == pack_id


def test_unknown_key_is_refused_with_its_line() -> None:
    refused = refusal(
        {"base": BASE, "child": CHILD + "effective: {from: 2020-02-01}\nthreshhold: {}\n"}, "child"
    )
    assert (refused.file, refused.line, refused.reason) == ("child/pack.yaml", 5, "unknown key 'threshhold'")


def test_unknown_key_deep_inside_is_refused_with_its_line() -> None:
    refused = changed("{rebate: ", '{rounding_up: "yes", rebate: ')
    assert (refused.line, refused.reason) == (11, "unknown key 'rounding_up' (at split.rounding_up)")


def test_circle_of_extends_is_refused() -> None:
    texts = {"a": "id: a\nextends: b\n", "b": "id: b\nextends: a\n"}
    refused = refusal(texts, "a")
    assert (refused.file, refused.line) == ("b/pack.yaml", 2)
    assert refused.reason == "extends goes in a circle: a > b > a"


def test_missing_parent_is_refused_where_it_is_named() -> None:
    refused = refusal({"a": "id: a\n\nextends: nowhere\n"}, "a")
    assert (refused.file, refused.line, refused.reason) == ("a/pack.yaml", 3, "there is no pack 'nowhere'")


@pytest.mark.parametrize(
    "cap,reason",
    [
        (
            "{id: CAP_X, rule: R-48, label: {en: x, sv: x, fr: x}, per: usage_period, amount: 5.00}",
            "an amount needs",
        ),
        (
            "{id: CAP_X, rule: R-48, label: {en: x, sv: x, fr: x}, per: usage_period, percent: 25}",
            "a percent needs its base",
        ),
        (
            "{id: CAP_X, rule: R-48, label: {en: x, sv: x, fr: x}, per: conference, count: 3}",
            "a count needs its unit",
        ),
        (
            "{id: CAP_X, rule: R-48, label: {en: x, sv: x, fr: x}, per: usage_period}",
            "a cap says exactly one of",
        ),
    ],
)
def test_number_without_its_unit_is_refused(cap: str, reason: str) -> None:
    refused = refusal({"base": f"{BASE}    caps:\n    - {cap}\n"}, "base")
    assert refused.line == 31
    assert reason in refused.reason


def test_cross_check_that_is_no_comparison_is_refused() -> None:
    refused = refusal({"base": BASE + "    cross_checks:\n    - __import__('os').system('id')\n"}, "base")
    assert refused.line == 31
    assert "is not a comparison" in refused.reason


def test_cross_check_of_an_unknown_value_is_refused() -> None:
    refused = refusal({"base": BASE + "    cross_checks: [shoe_size == claimed]\n"}, "base")
    assert (refused.line, "'shoe_size' is neither" in refused.reason) == (30, True)


def test_error_in_an_inherited_value_names_the_file_that_holds_it() -> None:
    texts = {"base": BASE.replace("day: 15", "day: 31"), "child": CHILD}
    assert (refusal(texts, "child").file, refusal(texts, "child").line) == ("base/pack.yaml", 14)


@pytest.mark.parametrize(
    "old,new,reason",
    [
        ("Europe/Stockholm", "Europe/Atlantis", "is no time zone"),
        ('"01-01"', '"01-31"', "day 28 at most"),
        ('"0.40"', '"0.41"', "do not add up to 1"),
        ("until: 2020-12-31", "until: 2019-12-31", "is before from"),
        ("default: 100.00", "default: 100.001", "more decimals than EUR knows"),
        ("currency: EUR, comparison", "currency: EUX, comparison", "not an ISO 4217 currency code"),
        ("evidence: {all_of: [third_party_invoice]}", "evidence: {}", "evidence asks for nothing"),
        ("all_of: [third_party_invoice]", "all_of: [shoe]", "'shoe' is no document kind"),
        ("eligible: [fee]", "eligible: [fine]", "'fine' is no expense kind"),
        ("category: c", "category: d", "'d' is no category"),
        ("[global_admin]", "[king]", "Input should be"),
        ("id: base", "id: other", "the pack is called 'base'"),
        ("default: 100.00", 'by_program: {beta: "5.00"}', "'beta' is no program"),
        ("claimable: true", "claimable: true, requires_plan: true", "has no plan block"),
        ("poe:", "holiday_calendar: XX-MOON\npoe:", "is no holiday calendar"),
    ],
)
def test_contradiction_is_refused(old: str, new: str, reason: str) -> None:
    assert reason in changed(old, new).reason


def test_two_programs_cannot_share_a_name() -> None:
    second = "- {id: beta, name: program alpha, family: f, currency: EUR, claimable: true}\nperiods:"
    assert "already names the program alpha" in changed("periods:", second).reason


@pytest.mark.parametrize(
    "text,line,reason",
    [
        ("id: a\nid: b\n", 2, "stands here twice"),
        ("a: &x {b: 1}\n", 1, "anchors and tags are not allowed"),
        ("b: 1\na: *x\n", 2, "aliases are not allowed"),
        ("a: !!python/object/apply:os.system [id]\n", 1, "anchors and tags are not allowed"),
        ("a: 1\n---\nb: 2\n", 2, "one file holds one document"),
        ("- a\n", 1, "not a map"),
        ("a: 2019-02-31\n", 1, "is no day"),
        ("a: [1\n", 2, "expected"),
        ("a: " + "[" * 40 + "]" * 40, 1, "deep"),
        ("{" * 100_000, 1, "deep"),
        ("a: [" + "1," * NODES_MAX + "1]", 1, "values"),
        ("#" * (TEXT_CHARS_MAX + 1), 1, "characters"),
    ],
)
def test_text_that_is_no_plain_map_is_refused(text: str, line: int, reason: str) -> None:
    with pytest.raises(PackInvalid) as refused:
        read_marked("x.yaml", text)
    assert (refused.value.file, refused.value.line) == ("x.yaml", line)
    assert reason in refused.value.reason


def test_numbers_with_a_point_stay_text_and_words_stay_words() -> None:
    plain = read_marked(
        "x.yaml", "a: 18750.00\non: yes\nlanguage: no\nday: 2020-02-29\nn: 3\nb: true\nt: 12:30\n"
    ).plain()
    assert isinstance(plain, dict)
    assert plain.pop("day").isoformat() == "2020-02-29"
    assert plain == {"a": "18750.00", "on": "yes", "language": "no", "n": 3, "b": True, "t": "12:30"}


def test_maps_merge_lists_and_scalars_replace_and_null_deletes() -> None:
    pack = child(
        "effective: {until: null}\n"
        "threshold: {comparison: must_reach}\n"
        "source: [another]\n"
        "claim_window: {opens: {usage_start_plus_days: 46}}\n"
    )
    assert pack.effective.until is None
    assert pack.effective_from.isoformat() == "2020-01-01"
    assert pack.threshold is not None
    assert (pack.threshold.default, pack.threshold.comparison.value) == ("100.00", "must_reach")
    assert pack.source == ("another",)
    assert pack.claim_window.closes.usage_end_plus_days == 45


def test_activity_of_the_parent_can_be_changed_in_one_place() -> None:
    pack = child("activities:\n  ad:\n    note: changed\n")
    assert pack.activity("ad").note == "changed"
    assert pack.activity("ad").eligible == ("fee",)


def test_order_of_keys_does_not_change_the_hash_and_content_does() -> None:
    lines = BASE.splitlines(keepends=True)
    reordered = lines[1] + lines[0] + "".join(lines[2:])
    assert load_pack({"base": reordered}, "base").sha256 == load_pack({"base": BASE}, "base").sha256
    longer = BASE.replace("usage_end_plus_days: 45", "usage_end_plus_days: 46")
    assert load_pack({"base": longer}, "base").sha256 != load_pack({"base": BASE}, "base").sha256


@pytest.mark.parametrize("name", ["alpha", "Program Alpha", "program  ALPHA", "A", "a"])
def test_id_name_and_alias_all_name_a_program(name: str) -> None:
    assert load_pack({"base": BASE}, "base").program(name).id == "alpha"


def test_unknown_program_is_refused() -> None:
    with pytest.raises(ProgramUnknown):
        load_pack({"base": BASE}, "base").program("beta")


@pytest.mark.parametrize(
    "day,program,pack_id",
    [
        ("2019-07-01", "csp-indirect-reseller", "csp-2019-11"),
        ("2021-03-09", "CSP Indirect Reseller", "csp-2019-11"),
        ("2021-03-10", "csp-indirect-reseller", "partner-center-2021-03"),
        ("2021-09-29", "csp-indirect-reseller", "partner-center-2021-09"),
        ("2023-10-01", "hosting", "current-edition"),
        ("2022-04-01", "Plan program", "plans-2022-08"),
        ("2022-04-01", "brand-promotion", "brand-cost-share-50"),
    ],
)
def test_newest_edition_in_force_carries_the_program(day: str, program: str, pack_id: str) -> None:
    assert pack_in_force(shipped_packs(), program, date.fromisoformat(day)).id == pack_id


def test_no_edition_carries_hosting_before_it_was_listed() -> None:
    with pytest.raises(NoPackInForce):
        pack_in_force(shipped_packs(), "hosting", date(2021, 9, 28))


def test_activity_is_closed_to_an_excluded_program() -> None:
    pack = shipped_packs()["partner-center-2021-09"]
    assert not pack.offers("employee_purchase_web", "surface-pc-hub-add")
    assert pack.offers("employee_purchase_web", "hosting")


def test_program_of_plans_takes_no_claims() -> None:
    pack = shipped_packs()["plans-2022-08"]
    assert not pack.offers("digital_advertising", "plan-program")
    assert (pack.split, pack.threshold, pack.pays) == (None, None, "whole_earning_up_to_plan_limit")


def test_catalog_has_nineteen_activities_in_three_categories() -> None:
    pack = shipped_packs()["csp-2019-11"]
    assert len(pack.activities) == 19
    assert {activity.category for activity in pack.activities.values()} == set(pack.categories)


def test_comparison_at_the_threshold_belongs_to_the_edition() -> None:
    packs = shipped_packs()
    found = {pack_id: pack.threshold.comparison.value for pack_id, pack in packs.items() if pack.threshold}
    assert found["csp-2019-11"] == "must_exceed"
    assert found["partner-center-2021-03"] == found["partner-center-2021-09"] == "must_reach"
