"""The sample bundles: drawn for a usage period, or the committed ones with their cards.

A bundle is a folder with `claim.json` and its documents. What a check must say about it, and when it is received,
stands on a card beside the folder, never inside it: the engine does not see what is expected of it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable

from samples.drafts import drafted
from samples.stories import CLEAN, STORIES, Story
from samples.timing import Timing
from schemas.base import Contract, Instant
from schemas.bundle import MANIFEST_NAME, Manifest
from schemas.money import Money


class Expectation(Contract):
    """What a check must find: `clean`, `action` or `blocked`, the printed codes, and what is payable when clean."""

    verdict: str
    findings: tuple[str, ...] = ()
    payable: Money | None = None


class SampleCard(Contract):
    """What a sample shows and how to use it. `after` names samples that were accepted before it."""

    name: str
    title: str
    shows: str
    partner: str
    received_at: Instant
    after: tuple[str, ...] = ()
    expect: Expectation


@dataclass(frozen=True)
class Bundle:
    """A drawn sample: its card, its manifest and the bytes of its documents by file name."""

    card: SampleCard
    manifest: Manifest
    documents: dict[str, bytes]

    def files(self) -> dict[str, bytes]:
        """All files of the bundle, the manifest first."""
        return {MANIFEST_NAME: manifest_bytes(self.manifest), **self.documents}


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return `claim.json` as people would write it: what has no value is left out."""
    content = {
        "schema": manifest.schema_version,
        **manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def card_bytes(card: SampleCard) -> bytes:
    """Return a card as JSON."""
    return (card.model_dump_json(indent=2, exclude_defaults=True) + "\n").encode()


def drawn(story: Story, timing: Timing, order: int, healed: bool = False) -> Bundle:
    """Return the bundle of a story; `healed` leaves its fault out."""
    draft = drafted(story.campaign, timing)
    if story.fault is not None and not healed:
        draft = story.fault(draft)
    manifest = draft.manifest()
    received_at = timing.receipt(order)
    if story.window_end_seconds is not None and timing.closes_at is not None:
        received_at = timing.closes_at + timedelta(seconds=story.window_end_seconds)
    payable = Money.of(manifest.claimed_amount, manifest.currency) if story.verdict == CLEAN else None
    card = SampleCard(
        name=story.name,
        title=story.title,
        shows=story.shows,
        partner=manifest.partner_id,
        received_at=received_at,
        after=story.after,
        expect=Expectation(verdict=story.verdict, findings=story.findings, payable=payable),
    )
    return Bundle(card, manifest, draft.files())


def draw_for_window(timing: Timing, only: Iterable[str] | None = None) -> tuple[Bundle, ...]:
    """Return every sample with its days moved into a usage period, in order of receipt.

    Samples about the last second of the window are drawn only when the timing says when it closes. Raises KeyError
    for a name that no sample has.
    """
    stories = {story.name: (order, story) for order, story in enumerate(STORIES)}
    chosen = [stories[name] for name in only] if only is not None else list(stories.values())
    bundles = [
        drawn(story, timing, order)
        for order, story in chosen
        if story.window_end_seconds is None or timing.closes_at is not None
    ]
    return tuple(sorted(bundles, key=lambda bundle: bundle.card.received_at))


@dataclass(frozen=True)
class CommittedSample:
    """A sample of the distribution: its card and the folder that is its bundle."""

    card: SampleCard
    folder: Traversable


def committed_samples() -> tuple[CommittedSample, ...]:
    """Return the samples of the distribution, in order of receipt."""
    bundles = files("samples") / "bundles"
    found = [
        CommittedSample(
            SampleCard.model_validate_json(entry.read_bytes(), strict=False),
            bundles / entry.name.removesuffix(".json"),
        )
        for entry in bundles.iterdir()
        if entry.name.endswith(".json")
    ]
    return tuple(sorted(found, key=lambda sample: sample.card.received_at))
