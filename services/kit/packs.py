"""Hides where rule packs are read from; judging by them is `services.rules`."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

from services.rules.pack import RulePack, load_pack
from services.rules.vocabulary import Vocabulary, load_vocabulary

VOCABULARY_FILE = "findings.yaml"


class PackUnknown(LookupError):
    """No rule pack has this id, or none is in force."""

    code = "PACK_UNKNOWN"


class PackLibrary:
    """Every rule pack by id, and which is in force for a program on a day."""

    def __init__(self, packs: Mapping[str, RulePack], vocabulary: Vocabulary) -> None:
        self._packs = dict(sorted(packs.items()))
        self.vocabulary = vocabulary

    @classmethod
    def load(cls, folder: Path | None = None) -> "PackLibrary":
        """Read `<folder>/<id>/pack.yaml`, or the packs that ship with the product. Raises PackInvalid."""
        root = folder or files("rulepacks")
        texts = {
            entry.name: (entry / "pack.yaml").read_text(encoding="utf-8")
            for entry in root.iterdir()
            if entry.is_dir() and (entry / "pack.yaml").is_file()
        }
        # A folder of one's own need not repeat the words of the findings.
        own = root / VOCABULARY_FILE
        words = own if own.is_file() else files("rulepacks") / VOCABULARY_FILE
        packs = {pack_id: load_pack(texts, pack_id) for pack_id in texts}
        return cls(packs, load_vocabulary(words.read_text(encoding="utf-8")))

    def ids(self) -> tuple[str, ...]:
        """The ids of all packs, sorted."""
        return tuple(self._packs)

    def get(self, pack_id: str) -> RulePack:
        """Return the pack. Raises PackUnknown."""
        try:
            return self._packs[pack_id]
        except KeyError:
            raise PackUnknown(f"no rule pack {pack_id!r}; there are {', '.join(self._packs)}") from None

    def in_force(self, program: str, on: date) -> RulePack:
        """Return the newest pack that lists `program` (id, name or alias) and is in force on the day.

        Raises PackUnknown when there is none.
        """
        found = [pack for pack in self._packs.values() if pack.in_force_on(on) and pack.lists(program)]
        if not found:
            raise PackUnknown(f"no rule pack for program {program!r} is in force on {on.isoformat()}")
        return max(found, key=lambda pack: (pack.effective_from, pack.id))
