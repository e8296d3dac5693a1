"""Names of members: read as text without guessing, and safe on every system before they are used for anything."""

import re
import unicodedata
import zlib
from collections.abc import Iterable
from struct import Struct

from services.intake.core.refusals import ContainerReason, ContainerRefused

NAME_CHARS_MAX = 200
PART_BYTES_MAX = 255
FLAG_UTF8 = 0x0800
UNICODE_PATH_FIELD = 0x7075

_UNICODE_PATH = Struct("<BL")
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)


def decoded(raw: bytes, flags: int, extra: dict[int, bytes]) -> str:
    """Return the member's name in NFC. UTF-8 where it is UTF-8, otherwise code page 437 (APPNOTE D.1).

    An Info-ZIP Unicode path counts when its checksum fits. Raises ContainerRefused(NAME_INVALID).
    """
    if flags & FLAG_UTF8 and not is_utf8(raw):
        raise ContainerRefused(ContainerReason.NAME_INVALID, repr(raw[:80]))
    name = written(raw)
    field = extra.get(UNICODE_PATH_FIELD, b"")
    if len(field) > _UNICODE_PATH.size:
        version, checksum = _UNICODE_PATH.unpack_from(field)
        if version == 1 and checksum == zlib.crc32(raw):
            path = field[_UNICODE_PATH.size :]
            if not is_utf8(path):
                raise ContainerRefused(ContainerReason.NAME_INVALID, repr(raw[:80]))
            name = path.decode("utf-8")
    return unicodedata.normalize("NFC", name)


def written(raw: bytes) -> str:
    """The header's bytes as text: UTF-8 where they are UTF-8, otherwise code page 437."""
    return raw.decode("utf-8" if is_utf8(raw) else "cp437")


def is_utf8(raw: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def refusal(name: str) -> ContainerReason | None:
    """Return why `name` is unsafe, or None. A trailing slash marks a folder and is allowed."""
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for character in name):
        return ContainerReason.CONTROL_CHARACTER
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return ContainerReason.ABSOLUTE_PATH
    parts = name.removesuffix("/").replace("\\", "/").split("/")
    if ".." in parts:
        return ContainerReason.PATH_TRAVERSAL
    if "\\" in name:
        return ContainerReason.BACKSLASH
    if "" in parts or "." in parts:
        return ContainerReason.NAME_INVALID
    if len(name) > NAME_CHARS_MAX or any(len(part.encode()) > PART_BYTES_MAX for part in parts):
        return ContainerReason.NAME_TOO_LONG
    if any(_is_reserved(part) for part in parts):
        return ContainerReason.NAME_RESERVED
    return None


def _is_reserved(part: str) -> bool:
    stem = part.split(".", 1)[0].rstrip(" ")
    return _DEVICES.fullmatch(stem) is not None or ":" in part or part != part.rstrip(" .")


def collision_key(name: str) -> str:
    """Return what two names share when a store that folds case or normalizes would mix them up."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def refuse_collisions(names: Iterable[str]) -> None:
    """Raise DUPLICATE_NAME or CASE_COLLISION; a file that is also a folder of another counts as a duplicate."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for name in names:
        plain = name.removesuffix("/")
        key = collision_key(plain)
        if key in seen:
            same = seen[key] == plain
            reason = ContainerReason.DUPLICATE_NAME if same else ContainerReason.CASE_COLLISION
            raise ContainerRefused(reason, name)
        seen[key] = plain
        parents = key.split("/")[:-1]
        folders.update("/".join(parents[: depth + 1]) for depth in range(len(parents)))
        if name.endswith("/"):
            folders.add(key)
    for name in names:
        if not name.endswith("/") and collision_key(name) in folders:
            raise ContainerRefused(ContainerReason.DUPLICATE_NAME, name)
