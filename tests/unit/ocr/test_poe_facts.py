"""What a page shows of itself: address, day and counted results, and nothing where it can be read in two ways."""

import pytest

from services.validator.readers.pdf_words import PageWords, Word
from services.validator.readers.poe import proof_facts


def page(*lines: tuple[float, float, str]) -> PageWords:
    """Text at (left, top) in 10 point letters of 6 points each."""
    words = []
    for left, top, text in lines:
        at = left
        for word in text.split(" "):
            words.append(Word(word, (at, top, at + 6 * len(word), top + 10), 10))
            at += 6 * (len(word) + 0.5)
    return PageWords(1, 600, 800, tuple(words))


def facts(*lines: tuple[float, float, str]) -> dict[str, str | None]:
    return {name: fact.value for name, fact in proof_facts([page(*lines)], {}).items()}


FILLER = (40, 700, "Ask for a demo of our new suite")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://www.northlight.example/work", "https://www.northlight.example/work"),
        ("http://northlight.se", "http://northlight.se"),
        ("https:/ /northlight.com/a?b=1", "https://northlight.com/a?b=1"),
        ("www.northlight.de/angebot.", "www.northlight.de/angebot"),
        ("northlight-cloud.co.uk", "northlight-cloud.co.uk"),
        ("Northlight.com/shop", "northlight.com/shop"),
    ],
)
def test_an_address_is_read_as_it_stands(written: str, address: str) -> None:
    assert facts((40, 20, written), FILLER)["url"] == address


@pytest.mark.parametrize(
    "written",
    ["hello@northlight.com", "report.pdf", "3.14", "e.g.", "end.Next", "v1.2.3", "Node.js", "10.000"],
)
def test_what_only_looks_like_an_address_is_none(written: str) -> None:
    assert "url" not in facts((40, 20, written), FILLER)


def test_the_address_in_the_browser_s_frame_comes_before_one_in_the_text() -> None:
    found = facts((40, 500, "see https://other.example/x for more"), (40, 20, "northlight.com/shop"), FILLER)
    assert found["url"] == "northlight.com/shop"


def test_the_words_are_one_folded_line() -> None:
    assert facts((40, 100, "Größte Auswahl:"), (40, 130, "Jetzt kaufen"))["page_text"] == (
        "grosste auswahl jetzt kaufen"
    )


def test_the_only_day_of_a_page_is_the_day_it_shows() -> None:
    found = facts((40, 40, "The Courier"), (400, 40, "29 July 2026"), FILLER)
    assert (found["shown_date"], found["visible_date.1"]) == ("2026-07-29", "2026-07-29")


@pytest.mark.parametrize(
    "words", ["Offer expires 31 May 2026", "Valid until 31 May 2026", "gültig bis 31.05.2026"]
)
def test_a_day_on_which_something_ends_is_not_the_day_shown(words: str) -> None:
    found = facts((40, 40, words), FILLER)
    assert found["visible_date.1"] == "2026-05-31"
    assert "shown_date" not in found


def test_two_days_are_visible_and_neither_is_the_one_shown() -> None:
    found = facts((40, 40, "2026-05-01"), (300, 40, "2026-05-03"), FILLER)
    assert [found["visible_date.1"], found["visible_date.2"]] == ["2026-05-01", "2026-05-03"]
    assert "shown_date" not in found


def test_a_day_that_can_be_two_is_no_fact() -> None:
    found = facts((40, 40, "05/06/2026"), FILLER)
    assert not {name for name in found if "date" in name}


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        (((40, 100, "Impressions"), (200, 100, "48 120")), "impressions", "48120"),
        (((40, 100, "Clicks"), (200, 100, "1,962")), "clicks", "1962"),
        (((40, 100, "Visningar"), (40, 120, "12.345")), "impressions", "12345"),
        (((40, 100, "962"), (40, 120, "Klick")), "clicks", "962"),
        (((40, 100, "Attendees: 42"),), "attendees", "42"),
        (((40, 100, "1,250 impressions"),), "impressions", "1250"),
        (((40, 100, "Visites de la page de destination"), (300, 100, "871")), "visits", "871"),
    ],
)
def test_a_result_is_the_number_beside_its_label(
    lines: tuple[tuple[float, float, str], ...], name: str, value: str
) -> None:
    assert facts(*lines, FILLER)[f"metric_{name}"] == value


@pytest.mark.parametrize(
    "lines",
    [
        ((40, 100, "Clicks"), (200, 100, "962"), (40, 140, "Clicks"), (200, 140, "871")),
        ((40, 100, "Clicks"), (200, 100, "4.5%")),
        ((40, 100, "Clicks"), (200, 100, "12.5K")),
        ((40, 100, "Clicks per day"), (200, 100, "12")),
    ],
)
def test_a_result_with_two_numbers_or_none_that_is_whole_is_no_fact(
    lines: tuple[tuple[float, float, str], ...],
) -> None:
    assert not {name for name in facts(*lines, FILLER) if name.startswith("metric_")}


def test_a_page_without_words_says_nothing() -> None:
    assert proof_facts([PageWords(1, 600, 800, ())], {}) == {}
