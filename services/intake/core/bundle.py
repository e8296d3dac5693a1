"""A bundle as a whole: which received file is which document of the manifest, and what is missing or too much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.bundle import MANIFEST_NAME, Manifest, ManifestDocument
from services.intake.core import names

_LITTER_FOLDERS = frozenset({"__MACOSX"})
_LITTER_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the bundle: where, a stable code, and what to do."""

    where: str
    code: str
    detail: str


class BundleRefused(ValueError):
    """The manifest and the files do not fit; nothing is kept. `faults` names every one."""

    code = "BUNDLE_INCOMPLETE"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("the bundle does not fit its manifest; see items")


@dataclass(frozen=True)
class Stored:
    """The bytes of one file, known by hash."""

    sha256: str
    size_bytes: int
    media_type: str
    problem: str | None = None


@dataclass(frozen=True)
class Matched:
    """A document of the manifest with its bytes."""

    document: ManifestDocument
    stored: Stored


def unwrapped(member_names: Iterable[str]) -> dict[str, str]:
    """Return `{name in the bundle: name of the member}`.

    What operating systems add by themselves is left out. A bundle that was packed as one folder is read as if that
    folder were its root.
    """
    kept = [name for name in member_names if not _is_litter(name)]
    if MANIFEST_NAME not in kept:
        tops = {name.partition("/")[0] for name in kept}
        if len(tops) == 1 and f"{next(iter(tops))}/{MANIFEST_NAME}" in kept:
            prefix = f"{next(iter(tops))}/"
            return {name.removeprefix(prefix): name for name in kept}
    return {name: name for name in kept}


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    last = parts[-1].lower()
    return not _LITTER_FOLDERS.isdisjoint(parts) or last in _LITTER_FILES or last.startswith("._")


def name_faults(received: Iterable[str]) -> tuple[Fault, ...]:
    """Faults in the names of files that did not come in a zip (where the container's own check holds)."""
    faults: list[Fault] = []
    keys: dict[str, str] = {}
    for name in received:
        unsafe = names.refusal(name)
        key = names.collision_key(name)
        if unsafe is not None:
            faults.append(
                Fault(name, f"BUNDLE_{unsafe.value.upper()}", "rename the file: its name is not safe")
            )
        elif key in keys:
            code = "BUNDLE_DUPLICATE_NAME" if keys[key] == name else "BUNDLE_CASE_COLLISION"
            faults.append(Fault(name, code, f"rename one: it cannot be told from {keys[key]}"))
        keys[key] = name
    return tuple(faults)


def matched(
    manifest: Manifest, received: Mapping[str, Stored], earlier: Mapping[str, Stored]
) -> tuple[Matched, ...]:
    """Pair every document of the manifest with its bytes, in the manifest's order. Raises BundleRefused.

    `received` is by file name, without the manifest; `earlier` is by SHA-256 and holds what the same claim already
    has, the only place where a hash without bytes is looked up.
    """
    faults = [*_listing_faults(manifest, received)]
    found: list[Matched] = []
    for number, document in enumerate(manifest.documents):
        where = f"documents.{number}.file"
        stored = received.get(document.file)
        if stored is not None and document.sha256 not in (None, stored.sha256):
            detail = f"{document.file} has the hash {stored.sha256}, not the one stated: send the right file"
            faults.append(Fault(f"documents.{number}.sha256", "FILE_HASH_MISMATCH", detail))
        elif stored is None and document.sha256 is not None:
            stored = earlier.get(document.sha256)
            if stored is None:
                detail = (
                    f"{document.file} was not sent, and this claim has no file with that hash: send the file"
                )
                faults.append(Fault(where, "FILE_MISSING", detail))
        elif stored is None:
            detail = f"{document.file} is listed but not in the bundle: add the file or take it off the list"
            faults.append(Fault(where, "FILE_MISSING", detail))
        if stored is not None:
            found.append(Matched(document, stored))
    if faults:
        raise BundleRefused(tuple(faults))
    return tuple(found)


def _listing_faults(manifest: Manifest, received: Mapping[str, Stored]) -> list[Fault]:
    faults: list[Fault] = []
    listed = {document.file for document in manifest.documents}
    for name in sorted(set(received) - listed):
        hint = _nearby(name, listed)
        detail = (
            f"{name} is in the bundle but {MANIFEST_NAME} does not list it: list it or leave it out{hint}"
        )
        faults.append(Fault(name, "FILE_NOT_LISTED", detail))
    seen: dict[str, str] = {}
    for number, document in enumerate(manifest.documents):
        where = f"documents.{number}.file"
        if document.file == MANIFEST_NAME or names.refusal(document.file) is not None:
            faults.append(
                Fault(where, "FILE_NAME_INVALID", f"{document.file!r} cannot name a document: rename it")
            )
        key = names.collision_key(document.file)
        if key in seen:
            faults.append(
                Fault(where, "FILE_NAME_INVALID", f"{document.file} cannot be told from {seen[key]}")
            )
        seen[key] = document.file
    return faults


def _nearby(name: str, listed: Iterable[str]) -> str:
    """A listed name that differs only in folder or capital letters, as a hint."""
    plain = names.collision_key(name.rpartition("/")[2])
    for other in sorted(listed):
        if names.collision_key(other.rpartition("/")[2]) == plain:
            return f" (the list has {other})"
    return ""
