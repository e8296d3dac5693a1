"""`coop serve`: the whole product live in one process, with sample bundles for the window that is open now."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from samples.generate import generate
from schemas.base import Period
from services.cli import story
from services.cli.embedded import EmbeddedInstance, embedded
from services.cli.instance import settings_from_environment
from services.cli.output import Unusable, aside, people
from services.cli.submit import zipped
from services.kit import keys
from services.kit.config import Settings
from services.kit.keys import ANY, Scope
from services.kit.working import stop_on_signals
from services.rules.periods import earning_period, preceding_period
from services.rules.windows import claim_window
from services.web.app import build_web, serving

PROGRAM = "csp-indirect-reseller"
PARTNER = "P-0123456"
SHOWN = "clean"
SENT_AT_START = ("clean_csr", "clean_fr", "clean_sv", "poe_missing", "lines_total_mismatch")


def serve(
    *,
    port: Annotated[int | None, Parameter(help="Listen here; 0 takes a free port.")] = None,
    samples: bool = True,
) -> None:
    """Serve intake, validator, ledger and web on 127.0.0.1 until Ctrl-C; everything is kept below COOP_HOME.

    Parameters
    ----------
    port
        Listen here; 0 takes a free port. Default is COOP_PORT.
    samples
        Make sample partners, funds and claims at the first start.
    """
    settings = settings_from_environment()
    if not settings.embedded:
        raise Unusable("SETTINGS_INVALID", "coop serve runs embedded; with COOP_BROKER_URL use coop work")
    chosen = settings.model_copy(
        update={"log_json": settings.log_json, "port": settings.port if port is None else port}
    )
    stop = stop_on_signals()
    with embedded(chosen) as instance:
        prepared = _prepare(instance, chosen) if samples else None
        app = build_web(instance.platform, instance.room)
        with instance.running(stop), serving(app, chosen.host, chosen.port) as listening:
            _welcome(instance, f"http://{chosen.host}:{listening}", prepared)
            stop.wait()
            aside.print("stopping: finishing what is at hand")


def _prepare(instance: EmbeddedInstance, settings: Settings) -> Path | None:
    """Draw the samples for the usage period that can be claimed now, and book their earnings, each once."""
    now = instance.platform.clock.now()
    usage, closes_at = _claimable_now(instance, now)
    root = settings.home / "samples" / str(usage).replace("/", "_")
    fresh = not root.exists()
    if fresh:
        drawing = root.with_suffix(".new")
        shutil.rmtree(drawing, ignore_errors=True)
        generate(usage, now, drawing, closes_at=closes_at)
        drawing.rename(root)
    story.enroll(instance, root)
    story.earn(instance, root, reported=False)
    if fresh:
        for sample in story.samples_in(root):
            if sample.name in SENT_AT_START:
                story.send(instance, sample)
    instance.settle()
    return zipped(root / "bundles" / SHOWN, root / f"{SHOWN}.zip")


def _claimable_now(instance: EmbeddedInstance, now: datetime) -> tuple[Period, datetime]:
    packs = instance.platform.packs
    pack = packs.in_force(PROGRAM, now.date())
    this_half = earning_period(pack, now.date())
    for usage in (this_half, preceding_period(pack, this_half)):
        judged_by = packs.in_force(PROGRAM, usage.start)
        window = claim_window(judged_by, usage)
        if window.opens_at <= now < window.closes_at:
            return usage, window.closes_at
    raise Unusable(
        "WINDOW_NOT_OPEN", f"no usage period of {PROGRAM} can be claimed now; start with --no-samples"
    )


def _welcome(instance: EmbeddedInstance, address: str, sample: Path | None) -> None:
    platform = instance.platform
    people.print(
        f"serving on {address}  (Ctrl-C ends it; all is kept in {platform.settings.home})", markup=False
    )
    people.print(f"API description: {address}/v1/openapi.json", markup=False)
    if sample is None:
        people.print(
            "make a key with: coop keys issue NAME --role incentives_admin --scope PARTNER", markup=False
        )
        return
    with platform.database.write() as tx:
        now = platform.clock.now()
        partner = keys.issue(
            tx,
            name=f"{PARTNER} admin",
            roles=["incentives_admin", "global_admin"],
            scopes=[Scope(PARTNER)],
            now=now,
            demo=platform.settings.demo,
        )
        reviewer = keys.issue(
            tx, name="reviewer", roles=["reviewer"], scopes=[Scope(ANY)], now=now, demo=platform.settings.demo
        )
    people.print(f"partner key:  {partner}", markup=False)
    people.print(f"reviewer key: {reviewer}", markup=False)
    people.print("\nupload a sample as the partner:", markup=False)
    people.print(
        f"  curl -sS -H 'Authorization: Bearer {partner}' -H 'Content-Type: application/zip' "
        f"--data-binary @{sample} {address}/v1/claims",
        markup=False,
    )
    people.print("\nsee what waits for a reviewer:", markup=False)
    people.print(f"  curl -sS -H 'Authorization: Bearer {reviewer}' {address}/v1/reviews", markup=False)
