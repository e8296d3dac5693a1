"""Unpacking one member as a stream: real bytes are counted, and every promise of the headers is kept or refused."""

import zlib
from collections.abc import Iterator

from services.intake.core.container import DEFLATED, Member
from services.intake.core.directory import ReadAt
from services.intake.core.refusals import ContainerReason, ContainerRefused

CHUNK_BYTES = 256 * 1024


def inflate(read_at: ReadAt, member: Member) -> Iterator[bytes]:
    """Yield the member's content in chunks of at most CHUNK_BYTES; memory stays flat whatever it holds.

    Raises ContainerRefused: SIZE_MISMATCH at the first byte beyond the declared size (so that the sum over all
    members stays within what `members` allowed), CORRUPT for a broken stream, CRC_MISMATCH at the end.
    """
    unpacked_bytes = 0
    checksum = 0
    for chunk in _plain_chunks(read_at, member):
        unpacked_bytes += len(chunk)
        if unpacked_bytes > member.unpacked_bytes:
            raise ContainerRefused(
                ContainerReason.SIZE_MISMATCH, member.name, declared_bytes=member.unpacked_bytes
            )
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    if unpacked_bytes != member.unpacked_bytes:
        raise ContainerRefused(
            ContainerReason.SIZE_MISMATCH, member.name, declared_bytes=member.unpacked_bytes
        )
    if checksum != member.crc32:
        raise ContainerRefused(ContainerReason.CRC_MISMATCH, member.name)


def _plain_chunks(read_at: ReadAt, member: Member) -> Iterator[bytes]:
    if member.method != DEFLATED:
        yield from _packed_chunks(read_at, member)
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _packed_chunks(read_at, member):
            if stream.eof:
                raise ContainerRefused(ContainerReason.CORRUPT, member.name)
            while packed and not stream.eof:
                chunk = stream.decompress(packed, CHUNK_BYTES)
                packed = stream.unconsumed_tail
                if chunk:
                    yield chunk
        while not stream.eof and (chunk := stream.decompress(b"", CHUNK_BYTES)):
            yield chunk
    except zlib.error:
        raise ContainerRefused(ContainerReason.CORRUPT, member.name) from None
    if not stream.eof or stream.unused_data:
        raise ContainerRefused(ContainerReason.CORRUPT, member.name)


def _packed_chunks(read_at: ReadAt, member: Member) -> Iterator[bytes]:
    position = 0
    while position < member.packed_bytes:
        packed = read_at(member.content_offset + position, min(CHUNK_BYTES, member.packed_bytes - position))
        if not packed:
            raise ContainerRefused(ContainerReason.CORRUPT, member.name)
        position += len(packed)
        yield packed
