"""A zip written field by field, so that each can be made wrong on its own."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from struct import pack

FULL32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Draft:
    """One entry. A field that is None says what the content says; `local_*` lets the local header differ."""

    name: bytes
    content: bytes = b"%PDF-1.4\n%%EOF\n"
    method: int = 8
    flags: int = 0
    external: int = 0
    made_by: int = 20
    packed: bytes | None = None
    declared_bytes: int | None = None
    declared_crc: int | None = None
    local_name: bytes | None = None
    local_method: int | None = None
    local_crc: int | None = None
    local_bytes: int | None = None
    local_flags: int | None = None
    extra: bytes = b""
    local_extra: bytes = b""
    comment: bytes = b""
    descriptor: str | None = None
    disk: int = 0
    header_offset: int | None = None
    before: bytes = b""

    @property
    def packed_bytes(self) -> bytes:
        """What lies between the headers."""
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        return stream.compress(self.content) + stream.flush()

    @property
    def crc(self) -> int:
        """The declared checksum."""
        return zlib.crc32(self.content) if self.declared_crc is None else self.declared_crc

    @property
    def unpacked(self) -> int:
        """The declared size."""
        return len(self.content) if self.declared_bytes is None else self.declared_bytes

    def local(self) -> bytes:
        """The local header, the content, and the descriptor where there is one."""
        deferred = self.descriptor is not None
        flags = (self.flags | (0x0008 if deferred else 0)) if self.local_flags is None else self.local_flags
        name = self.name if self.local_name is None else self.local_name
        method = self.method if self.local_method is None else self.local_method
        crc = self.local_crc if self.local_crc is not None else (0 if deferred else self.crc)
        size = self.local_bytes if self.local_bytes is not None else (0 if deferred else self.unpacked)
        packed = self.packed_bytes
        length = 0 if deferred else len(packed)
        if b"\x01\x00\x10\x00" in self.local_extra:
            size = length = FULL32
        header = pack(
            "<4s5H3L2H",
            b"PK\x03\x04",
            20,
            flags,
            method,
            0,
            0x21,
            crc,
            length,
            size,
            len(name),
            len(self.local_extra),
        )
        return self.before + header + name + self.local_extra + packed + self._descriptor(packed)

    def _descriptor(self, packed: bytes) -> bytes:
        plain = pack("<3L", self.crc, len(packed), self.unpacked)
        wide = pack("<LQQ", self.crc, len(packed), self.unpacked)
        forms = {
            "signed": b"PK\x07\x08" + plain,
            "bare": plain,
            "wide": b"PK\x07\x08" + wide,
            "wrong": b"PK\x07\x08" + pack("<3L", self.crc ^ 1, len(packed), self.unpacked),
        }
        return b"" if self.descriptor is None else forms[self.descriptor]

    def central(self, offset: int) -> bytes:
        """The line of the central directory."""
        flags = self.flags | (0x0008 if self.descriptor is not None else 0)
        size, length, shown = self.unpacked, len(self.packed_bytes), offset
        if b"\x01\x00\x10\x00" in self.extra:
            size = length = FULL32
        header = pack(
            "<4s6H3L5H2L",
            b"PK\x01\x02",
            self.made_by,
            20,
            flags,
            self.method,
            0,
            0x21,
            self.crc,
            length,
            size,
            len(self.name),
            len(self.extra),
            len(self.comment),
            self.disk,
            0,
            self.external,
            shown if self.header_offset is None else self.header_offset,
        )
        return header + self.name + self.extra + self.comment


@dataclass(frozen=True)
class End:
    """The end record; a field that is None says what is true."""

    comment: bytes = b""
    comment_bytes: int | None = None
    entries: int | None = None
    entries_here: int | None = None
    disk: int = 0
    directory_bytes: int | None = None
    shift: int = 0
    zip64: bool = False
    zip64_gap: bytes = b""
    zip64_disks: int = 1


def zipped(drafts: Sequence[Draft], end: End = End(), *, gap: bytes = b"", tail: bytes = b"") -> bytes:
    """Write the entries, the directory and the end."""
    body = b""
    directory = b""
    for draft in drafts:
        directory += draft.central(len(body) + len(draft.before))
        body += draft.local()
    body += gap
    entries = len(drafts) if end.entries is None else end.entries
    here = entries if end.entries_here is None else end.entries_here
    size = len(directory) if end.directory_bytes is None else end.directory_bytes
    offset = len(body) + end.shift
    comment_bytes = len(end.comment) if end.comment_bytes is None else end.comment_bytes
    wide = b""
    if end.zip64:
        at = len(body) + len(directory)
        wide = pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, offset)
        wide += end.zip64_gap + pack("<4sLQL", b"PK\x06\x07", 0, at, end.zip64_disks)
        entries = here = 0xFFFF
        size = offset = FULL32
    record = pack("<4s4H2LH", b"PK\x05\x06", end.disk, end.disk, here, entries, size, offset, comment_bytes)
    return body + directory + wide + record + end.comment + tail


def wide_extra(draft: Draft) -> Draft:
    """The same entry with its sizes in a zip64 field, as streaming writers leave it."""
    field = b"\x01\x00\x10\x00" + pack("<QQ", len(draft.content), len(draft.packed_bytes))
    return replace(draft, extra=field, local_extra=field)


def unicode_path(name: bytes, path: str) -> bytes:
    """An Info-ZIP Unicode path field for a header name."""
    value = pack("<BL", 1, zlib.crc32(name)) + path.encode()
    return pack("<2H", 0x7075, len(value)) + value
