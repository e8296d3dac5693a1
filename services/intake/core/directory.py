"""The zip's own list of files (PKWARE APPNOTE 6.3.10), read strictly: one end, one disk, no bytes left over."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct

from services.intake.core.refusals import ContainerReason, ContainerRefused

ReadAt = Callable[[int, int], bytes]
"""`(offset, count)` to the bytes there; fewer only where the container ends."""

ZIP64_FIELD = 0x0001
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF

_END = Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_COMMENT_BYTES_MAX = 0xFFFF
_LOCATOR = Struct("<4sLQL")
_LOCATOR_SIGNATURE = b"PK\x06\x07"
_END64 = Struct("<4sQ2H2L4Q")
_END64_SIGNATURE = b"PK\x06\x06"
_CENTRAL = Struct("<4s6H3L5H2L")
_CENTRAL_SIGNATURE = b"PK\x01\x02"


@dataclass(frozen=True)
class End:
    """Where the central directory lies and how many entries it says it has."""

    entries: int
    offset: int
    bytes: int


@dataclass(frozen=True)
class Entry:
    """One line of the central directory, as written."""

    raw_name: bytes
    flags: int
    method: int
    crc32: int
    packed_bytes: int
    unpacked_bytes: int
    header_offset: int
    external_attributes: int
    extra: dict[int, bytes]


def find_end(read_at: ReadAt, size: int) -> End:
    """Return the one end record. Raises ContainerRefused (empty, not a zip, corrupt, trailing bytes, ...)."""
    if size == 0:
        raise ContainerRefused(ContainerReason.EMPTY)
    tail_offset = max(0, size - _END.size - _COMMENT_BYTES_MAX)
    tail = read_at(tail_offset, size - tail_offset)
    position = _end_position(tail, starts_like_zip=read_at(0, 4)[:2] == b"PK")
    fields = _END.unpack_from(tail, position)
    end_offset = tail_offset + position
    _, disk, directory_disk, entries_here, entries, directory_bytes, offset, _ = fields
    locator = read_at(end_offset - _LOCATOR.size, _LOCATOR.size) if end_offset >= _LOCATOR.size else b""
    if locator[:4] == _LOCATOR_SIGNATURE:
        return _end64(read_at, end_offset - _LOCATOR.size, locator, fields)
    if disk or directory_disk or entries_here != entries:
        raise ContainerRefused(ContainerReason.MULTI_DISK)
    return _placed(End(entries, offset, directory_bytes), end_offset)


def _end_position(tail: bytes, starts_like_zip: bool) -> int:
    positions = []
    position = tail.find(_END_SIGNATURE)
    while position >= 0:
        if position + _END.size <= len(tail):
            positions.append(position)
        position = tail.find(_END_SIGNATURE, position + 1)
    if not positions:
        raise ContainerRefused(ContainerReason.CORRUPT if starts_like_zip else ContainerReason.NOT_A_ZIP)
    stops = {position: position + _END.size + _END.unpack_from(tail, position)[7] for position in positions}
    exact = [position for position in positions if stops[position] == len(tail)]
    if not exact:
        last = positions[-1]
        short = stops[last] < len(tail)
        raise ContainerRefused(ContainerReason.TRAILING_BYTES if short else ContainerReason.CORRUPT)
    if len(exact) > 1 or positions[-1] > exact[0]:
        raise ContainerRefused(ContainerReason.AMBIGUOUS_END)
    return exact[0]


def _end64(read_at: ReadAt, locator_offset: int, locator: bytes, end: tuple[int, ...]) -> End:
    """The zip64 form of the end. What the plain record also says must agree."""
    _, disk, offset64, disks = _LOCATOR.unpack(locator)
    record = read_at(offset64, _END64.size)
    if disk or disks != 1:
        raise ContainerRefused(ContainerReason.MULTI_DISK)
    if len(record) < _END64.size or record[:4] != _END64_SIGNATURE:
        raise ContainerRefused(ContainerReason.CORRUPT)
    _, record_bytes, _, _, here, there, entries_here, entries, directory_bytes, offset = _END64.unpack(record)
    if here or there or entries_here != entries:
        raise ContainerRefused(ContainerReason.MULTI_DISK)
    if offset64 + 12 + record_bytes != locator_offset:
        raise ContainerRefused(ContainerReason.UNLISTED_BYTES)
    said = ((end[3], entries, FULL16), (end[4], entries, FULL16), (end[5], directory_bytes, FULL32))
    for plain, wide, full in (*said, (end[6], offset, FULL32)):
        if plain not in (wide, full):
            raise ContainerRefused(ContainerReason.HEADER_MISMATCH)
    return _placed(End(entries, offset, directory_bytes), offset64)


def _placed(end: End, directory_stop: int) -> End:
    gap = directory_stop - end.offset - end.bytes
    if gap > 0:
        raise ContainerRefused(ContainerReason.PREFIX_BYTES)
    if gap < 0:
        raise ContainerRefused(ContainerReason.CORRUPT)
    return end


def entries_of(read_at: ReadAt, end: End) -> tuple[Entry, ...]:
    """Return the entries of the central directory, which must be exactly as many and as long as declared."""
    listed = read_at(end.offset, end.bytes)
    entries: list[Entry] = []
    position = 0
    try:
        while position < len(listed):
            entry, position = _entry(listed, position)
            entries.append(entry)
    except struct.error:
        raise ContainerRefused(ContainerReason.CORRUPT) from None
    if position != end.bytes or len(entries) != end.entries:
        raise ContainerRefused(ContainerReason.CORRUPT)
    return tuple(entries)


def _entry(listed: bytes, position: int) -> tuple[Entry, int]:
    fields = _CENTRAL.unpack_from(listed, position)
    (signature, _, _, flags, method, _, _, crc32, packed, unpacked) = fields[:10]
    (name_bytes, extra_bytes, comment_bytes, disk, _, external, offset) = fields[10:]
    if signature != _CENTRAL_SIGNATURE:
        raise ContainerRefused(ContainerReason.CORRUPT)
    name_at = position + _CENTRAL.size
    extra_at = name_at + name_bytes
    stop = extra_at + extra_bytes + comment_bytes
    if stop > len(listed):
        raise ContainerRefused(ContainerReason.CORRUPT)
    raw_name = listed[name_at:extra_at]
    extra = extra_fields(listed[extra_at : extra_at + extra_bytes], raw_name)
    unpacked, packed, offset, disk = widened(
        extra, ((unpacked, FULL32, 8), (packed, FULL32, 8), (offset, FULL32, 8), (disk, FULL16, 4))
    )
    if disk:
        raise ContainerRefused(ContainerReason.MULTI_DISK, shown(raw_name))
    return Entry(raw_name, flags, method, crc32, packed, unpacked, offset, external, extra), stop


def extra_fields(extra: bytes, raw_name: bytes) -> dict[int, bytes]:
    """Return the extra fields by id. Each id once, each wholly inside; otherwise CORRUPT."""
    fields: dict[int, bytes] = {}
    position = 0
    # Some writers pad the end with up to three zero bytes, too few for a field.
    while len(extra) - position >= 4:
        field = int.from_bytes(extra[position : position + 2], "little")
        count = int.from_bytes(extra[position + 2 : position + 4], "little")
        position += 4
        if position + count > len(extra) or field in fields:
            raise ContainerRefused(ContainerReason.CORRUPT, shown(raw_name))
        fields[field] = extra[position : position + count]
        position += count
    if extra[position:].strip(b"\0"):
        raise ContainerRefused(ContainerReason.CORRUPT, shown(raw_name))
    return fields


def widened(extra: dict[int, bytes], said: tuple[tuple[int, int, int], ...]) -> tuple[int, ...]:
    """Replace each `(value, full, width)` that is full by the next value of the zip64 field, in order."""
    wide = extra.get(ZIP64_FIELD, b"")
    values: list[int] = []
    for value, full, width in said:
        if value == full and wide:
            if len(wide) < width:
                raise ContainerRefused(ContainerReason.CORRUPT)
            values.append(int.from_bytes(wide[:width], "little"))
            wide = wide[width:]
        else:
            values.append(value)
    return tuple(values)


def shown(raw_name: bytes) -> str:
    """A name that may be shown before it is known to be sound."""
    return raw_name[:80].decode("ascii", "backslashreplace")
