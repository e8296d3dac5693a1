"""The safety of a claim bundle that is one zip: decided from its headers, before a byte is unpacked.

Central directory and local headers must agree, the entries must tile the file without overlap or gap, and names,
kinds, counts and declared sizes must be within bounds. `inflate` then holds every member to what was declared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

from services.intake.core import directory, names
from services.intake.core.directory import FULL32, Entry, ReadAt, shown
from services.intake.core.refusals import ContainerReason, ContainerRefused

STORED, DEFLATED = 0, 8

_LOCAL = Struct("<4s5H3L2H")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_FLAG_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_FLAG_DESCRIPTOR = 0x0008
_FLAG_PATCH = 0x0020
_FLAGS_COMPARED = _FLAG_ENCRYPTED | _FLAG_DESCRIPTOR | _FLAG_PATCH | names.FLAG_UTF8
_AES_METHOD, _AES_FIELD = 99, 0x9901
_DOS_FOLDER = 0x10
_MODE_KIND, _MODE_LINK, _MODE_FILE, _MODE_FOLDER = 0xF000, 0xA000, 0x8000, 0x4000
_PACKAGE_MARKS = frozenset({"[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype", "AndroidManifest.xml"})


@dataclass(frozen=True)
class ContainerLimits:
    """Bounds of one container. `ratio_max` is unpacked to packed, tested from `ratio_from_bytes` on."""

    members_max: int
    directory_bytes_max: int
    member_bytes_max: int
    unpacked_bytes_max: int
    ratio_max: int
    ratio_from_bytes: int


@dataclass(frozen=True)
class Member:
    """One sound file of a container: where its packed bytes lie and what they must come to."""

    name: str
    method: int
    crc32: int
    packed_bytes: int
    unpacked_bytes: int
    content_offset: int


def members(read_at: ReadAt, size: int, limits: ContainerLimits) -> tuple[Member, ...]:
    """Return the files of the zip of `size` bytes, in the order of its directory. Raises ContainerRefused."""
    end = directory.find_end(read_at, size)
    if end.bytes > limits.directory_bytes_max:
        raise ContainerRefused(ContainerReason.DIRECTORY_TOO_LARGE, directory_bytes=end.bytes)
    entries = directory.entries_of(read_at, end)
    if not entries:
        raise ContainerRefused(ContainerReason.EMPTY)
    _refuse_shared_bytes(entries, end.offset)
    if len(entries) > limits.members_max:
        raise ContainerRefused(
            ContainerReason.TOO_MANY_MEMBERS, members=len(entries), members_max=limits.members_max
        )
    named = [(entry, _sound_name(entry)) for entry in entries]
    names.refuse_collisions([name for _, name in named])
    if not _PACKAGE_MARKS.isdisjoint(name for _, name in named):
        raise ContainerRefused(ContainerReason.UNSUPPORTED_TYPE)
    _refuse_sizes(entries, limits)
    spans = [_local_span(read_at, entry, end.offset) for entry in entries]
    _refuse_gaps(spans, end.offset)
    files = tuple(
        Member(name, entry.method, entry.crc32, entry.packed_bytes, entry.unpacked_bytes, span.content)
        for (entry, name), span in zip(named, spans, strict=True)
        if not name.endswith("/")
    )
    if not files:
        raise ContainerRefused(ContainerReason.EMPTY)
    return files


def _refuse_shared_bytes(entries: Iterable[Entry], directory_offset: int) -> None:
    """The cheap half of the overlap test: before any local header is read, each entry takes at least this much."""
    reached = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < reached:
            raise ContainerRefused(ContainerReason.OVERLAPPING_ENTRIES, shown(entry.raw_name))
        reached = entry.header_offset + _LOCAL.size + len(entry.raw_name) + entry.packed_bytes
    if reached > directory_offset:
        raise ContainerRefused(ContainerReason.CORRUPT)


def _sound_name(entry: Entry) -> str:
    """Return the name of a plain file or folder. Raises for links, devices, encryption and unsafe names."""
    label = shown(entry.raw_name)
    if entry.flags & _FLAG_ENCRYPTED or entry.method == _AES_METHOD or _AES_FIELD in entry.extra:
        raise ContainerRefused(ContainerReason.ENCRYPTED, label)
    if entry.method not in (STORED, DEFLATED) or entry.flags & _FLAG_PATCH:
        raise ContainerRefused(ContainerReason.UNSUPPORTED_METHOD, label, method=entry.method)
    kind = (entry.external_attributes >> 16) & _MODE_KIND
    if kind == _MODE_LINK:
        raise ContainerRefused(ContainerReason.SYMLINK, label)
    is_folder = entry.raw_name.endswith(b"/")
    marked_folder = kind == _MODE_FOLDER or bool(entry.external_attributes & _DOS_FOLDER)
    if kind not in (0, _MODE_FILE, _MODE_FOLDER) or (marked_folder and not is_folder):
        raise ContainerRefused(ContainerReason.SPECIAL_FILE, label)
    name = names.decoded(entry.raw_name, entry.flags, entry.extra)
    if name.endswith("/") != is_folder:
        raise ContainerRefused(ContainerReason.NAME_INVALID, label)
    # The header's own bytes are what another reader may go by, so both names must be safe.
    for candidate in (name, names.written(entry.raw_name)):
        if (unsafe := names.refusal(candidate)) is not None:
            raise ContainerRefused(unsafe, label)
    if is_folder and (entry.packed_bytes > 2 or entry.unpacked_bytes):
        raise ContainerRefused(ContainerReason.FOLDER_WITH_CONTENT, label)
    return name


def _refuse_sizes(entries: Iterable[Entry], limits: ContainerLimits) -> None:
    total = 0
    for entry in entries:
        total += entry.unpacked_bytes
        if entry.unpacked_bytes > limits.member_bytes_max or total > limits.unpacked_bytes_max:
            raise ContainerRefused(
                ContainerReason.TOO_LARGE_UNCOMPRESSED,
                shown(entry.raw_name),
                bytes=max(entry.unpacked_bytes, total),
                bytes_max=min(limits.member_bytes_max, limits.unpacked_bytes_max),
            )
        if entry.method == STORED and entry.unpacked_bytes != entry.packed_bytes:
            raise ContainerRefused(ContainerReason.SIZE_MISMATCH, shown(entry.raw_name))
        large = entry.unpacked_bytes >= limits.ratio_from_bytes
        if large and entry.unpacked_bytes > limits.ratio_max * max(entry.packed_bytes, 1):
            raise ContainerRefused(ContainerReason.COMPRESSION_RATIO, shown(entry.raw_name))


@dataclass(frozen=True)
class _Span:
    start: int
    content: int
    stop: int


def _local_span(read_at: ReadAt, entry: Entry, directory_offset: int) -> _Span:
    """Return where the entry's local header, content and descriptor lie. Raises HEADER_MISMATCH or CORRUPT."""
    label = shown(entry.raw_name)
    header = read_at(entry.header_offset, _LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != _LOCAL_SIGNATURE:
        raise ContainerRefused(ContainerReason.CORRUPT, label)
    _, _, flags, method, _, _, crc32, packed, unpacked, name_bytes, extra_bytes = _LOCAL.unpack(header)
    variable = read_at(entry.header_offset + _LOCAL.size, name_bytes + extra_bytes)
    if len(variable) < name_bytes + extra_bytes:
        raise ContainerRefused(ContainerReason.CORRUPT, label)
    extra = directory.extra_fields(variable[name_bytes:], entry.raw_name)
    unpacked, packed = directory.widened(extra, ((unpacked, FULL32, 8), (packed, FULL32, 8)))
    same_name = variable[:name_bytes] == entry.raw_name
    same_path = extra.get(names.UNICODE_PATH_FIELD) == entry.extra.get(names.UNICODE_PATH_FIELD)
    same_flags = flags & _FLAGS_COMPARED == entry.flags & _FLAGS_COMPARED
    if not (same_name and same_path and same_flags and method == entry.method):
        raise ContainerRefused(ContainerReason.HEADER_MISMATCH, label)
    said = (crc32, packed, unpacked)
    listed = (entry.crc32, entry.packed_bytes, entry.unpacked_bytes)
    deferred = bool(flags & _FLAG_DESCRIPTOR)
    if any(
        here not in ((0, there) if deferred else (there,)) for here, there in zip(said, listed, strict=True)
    ):
        raise ContainerRefused(ContainerReason.HEADER_MISMATCH, label)
    content = entry.header_offset + _LOCAL.size + name_bytes + extra_bytes
    stop = content + entry.packed_bytes
    if stop > directory_offset:
        raise ContainerRefused(ContainerReason.OVERLAPPING_ENTRIES, label)
    if deferred:
        stop += _descriptor_bytes(read_at(stop, 24), listed, label)
    return _Span(entry.header_offset, content, stop)


def _descriptor_bytes(found: bytes, listed: tuple[int, int, int], label: str) -> int:
    """The length of the data descriptor, with or without its signature, in its 32 or 64 bit form."""
    for width in (4, 8):
        plain = listed[0].to_bytes(4, "little") + b"".join(
            value.to_bytes(8, "little")[:width] for value in listed[1:]
        )
        for form in (_DESCRIPTOR_SIGNATURE + plain, plain):
            if found.startswith(form):
                return len(form)
    raise ContainerRefused(ContainerReason.HEADER_MISMATCH, label)


def _refuse_gaps(spans: Iterable[_Span], directory_offset: int) -> None:
    """Every byte before the directory belongs to exactly one entry."""
    reached = 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start < reached:
            raise ContainerRefused(ContainerReason.OVERLAPPING_ENTRIES)
        if span.start > reached:
            raise ContainerRefused(
                ContainerReason.UNLISTED_BYTES if reached else ContainerReason.PREFIX_BYTES
            )
        reached = span.stop
    if reached != directory_offset:
        overlaps = reached > directory_offset
        raise ContainerRefused(
            ContainerReason.OVERLAPPING_ENTRIES if overlaps else ContainerReason.UNLISTED_BYTES
        )
