"""The shipped packs, loaded once."""

from functools import cache
from importlib.resources import files

from services.rules.pack import RulePack, load_pack

CLAIM_CHECK_RULES = frozenset(
    {"R-33", "R-35", "R-36", "R-37", "R-38", "R-39", "R-40", "R-45", "R-46", "R-55", "R-63", "R-64"}
)
"""Rules whose functions read documents; the validator runs their examples."""


@cache
def pack_texts() -> dict[str, str]:
    """The text of every shipped pack by id."""
    root = files("rulepacks")
    return {
        entry.name: (entry / "pack.yaml").read_text(encoding="utf-8")
        for entry in root.iterdir()
        if entry.is_dir() and (entry / "pack.yaml").is_file()
    }


@cache
def shipped_packs() -> dict[str, RulePack]:
    """Every shipped pack by id."""
    return {pack_id: load_pack(pack_texts(), pack_id) for pack_id in sorted(pack_texts())}
