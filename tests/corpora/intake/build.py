"""Writes accept/, reject/ and reasons.csv: `python -m tests.corpora.intake.build`. The same bytes every time."""

import csv
import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

from tests.corpora.intake.drafts import Draft, End, unicode_path, wide_extra, zipped

HERE = Path(__file__).parent
MANIFEST = Draft(b"claim.json", b"{}")
INVOICE = Draft(b"invoice.pdf")


def _named(name: str | bytes, **fields: object) -> bytes:
    raw = name.encode() if isinstance(name, str) else name
    return zipped([MANIFEST, replace(INVOICE, name=raw, **fields)])  # type: ignore[arg-type]


def _mode(kind: int) -> int:
    return (kind | 0o644) << 16


def _library(force_zip64: bool, streamed: bool) -> bytes:
    """What Python's own writer makes; streamed, it cannot go back and leaves data descriptors."""
    target: io.RawIOBase | io.BytesIO = io.BytesIO()

    class Forward(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, content: bytes) -> int:  # type: ignore[override]
            return kept.write(content)

    kept = io.BytesIO()
    target = Forward() if streamed else kept
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for name, content in (("claim.json", b"{}"), ("invoice.pdf", b"%PDF-1.4\n%%EOF\n")):
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=force_zip64) as member:
                member.write(content)
    return kept.getvalue()


ACCEPT: dict[str, bytes] = {
    "deflated": zipped([MANIFEST, INVOICE]),
    "stored": zipped([replace(MANIFEST, method=0), replace(INVOICE, method=0)]),
    "empty_file": zipped([MANIFEST, replace(INVOICE, content=b"", method=0)]),
    "folder_entry": zipped(
        [Draft(b"proof/", b"", method=0, external=0x10), MANIFEST, replace(INVOICE, name=b"proof/a.pdf")]
    ),
    "folder_deflated": zipped([Draft(b"proof/", b"", external=0x10), MANIFEST]),
    "descriptor_signed": zipped(
        [replace(MANIFEST, descriptor="signed"), replace(INVOICE, descriptor="signed")]
    ),
    "descriptor_bare": zipped([replace(MANIFEST, descriptor="bare"), INVOICE]),
    "descriptor_wide": zipped([replace(MANIFEST, descriptor="wide"), INVOICE]),
    "zip64_fields": zipped([MANIFEST, wide_extra(INVOICE)]),
    "zip64_end": zipped([MANIFEST, INVOICE], End(zip64=True)),
    "comment": zipped([MANIFEST, INVOICE], End(comment=b"sent from the office")),
    "library": _library(force_zip64=False, streamed=False),
    "library_zip64": _library(force_zip64=True, streamed=False),
    "library_streamed": _library(force_zip64=False, streamed=True),
    "name_utf8": _named("fakturå.pdf", flags=0x0800),
    "name_utf8_unmarked": _named("fakturå.pdf"),
    "name_decomposed": _named("faktura\u030a.pdf", flags=0x0800),
    "name_cp437": _named("faktur\xe5.pdf".encode("cp437")),
    "name_unicode_path": _named(
        b"faktur\x86.pdf",
        extra=unicode_path(b"faktur\x86.pdf", "fakturå.pdf"),
        local_extra=unicode_path(b"faktur\x86.pdf", "fakturå.pdf"),
    ),
    "name_with_spaces": _named("Screen Shot 2019-10-01 at 10.00.00.png"),
    "unix_mode": _named("invoice.pdf", external=_mode(0x8000), made_by=0x0314),
    "extra_padding": _named("invoice.pdf", extra=b"\0\0\0", local_extra=b"\0"),
    "office_words_in_a_folder": zipped([MANIFEST, replace(INVOICE, name=b"office/mimetype.pdf")]),
}

REJECT: dict[str, tuple[str, bytes]] = {
    "no_bytes": ("empty", b""),
    "no_members": ("empty", zipped([])),
    "only_folders": ("empty", zipped([Draft(b"a/", b"", method=0, external=0x10)])),
    "text": ("not_a_zip", b"this is a letter, not a zip\n"),
    "pdf": ("not_a_zip", b"%PDF-1.4\n%%EOF\n"),
    "gzip": ("not_a_zip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
    "cut_off": ("corrupt", zipped([MANIFEST, INVOICE])[:60]),
    "end_cut_off": ("corrupt", zipped([MANIFEST, INVOICE])[:-4]),
    "comment_longer_than_file": ("corrupt", zipped([MANIFEST], End(comment_bytes=50))),
    "directory_count_too_high": ("corrupt", zipped([MANIFEST], End(entries=3))),
    "directory_count_too_low": ("corrupt", zipped([MANIFEST, INVOICE], End(entries=1))),
    "directory_behind_end": ("corrupt", zipped([MANIFEST], End(shift=500))),
    "directory_too_long": ("corrupt", zipped([MANIFEST], End(directory_bytes=4000))),
    "directory_not_there": ("corrupt", zipped([MANIFEST], End(directory_bytes=0, shift=57))),
    "local_header_not_there": ("corrupt", zipped([replace(MANIFEST, before=b"not here", header_offset=0)])),
    "extra_field_cut_off": ("corrupt", _named("a.pdf", extra=b"\x55\x54\x09\x00\x01")),
    "extra_field_twice": ("corrupt", _named("a.pdf", extra=b"\x55\x54\x00\x00" * 2)),
    "deflate_broken": ("corrupt", _named("a.pdf", packed=b"\xff\xff\xff\xff")),
    "deflate_unfinished": ("corrupt", _named("a.pdf", packed=Draft(b"x").packed_bytes[:-2])),
    "deflate_followed_by_bytes": ("corrupt", _named("a.pdf", packed=Draft(b"x").packed_bytes + b"hidden")),
    "two_ends": ("ambiguous_end", zipped([MANIFEST], End(comment=zipped([])))),
    "end_in_comment": ("ambiguous_end", zipped([MANIFEST], End(comment=b"PK\x05\x06" + bytes(30)))),
    "second_disk": ("multi_disk", zipped([MANIFEST], End(disk=1))),
    "entries_on_other_disk": ("multi_disk", zipped([MANIFEST], End(entries_here=0))),
    "member_on_other_disk": ("multi_disk", _named("a.pdf", disk=2)),
    "zip64_disks": ("multi_disk", zipped([MANIFEST], End(zip64=True, zip64_disks=2))),
    "program_before": ("prefix_bytes", b"MZ" + bytes(62) + zipped([MANIFEST, INVOICE])),
    "pdf_before": ("prefix_bytes", b"%PDF-1.4\n%%EOF\n" + zipped([MANIFEST])),
    "program_before_with_fixed_offsets": ("prefix_bytes", zipped([replace(MANIFEST, before=b"MZ" + bytes(62)), INVOICE])),
    "bytes_after": ("trailing_bytes", zipped([MANIFEST], tail=b"more")),
    "bytes_between": ("unlisted_bytes", zipped([MANIFEST, replace(INVOICE, before=b"hidden bytes")])),
    "bytes_before_directory": ("unlisted_bytes", zipped([MANIFEST], gap=b"signing block")),
    "zip64_end_with_gap": ("unlisted_bytes", zipped([MANIFEST], End(zip64=True, zip64_gap=b"hidden"))),
    "same_bytes_twice": ("overlapping_entries", zipped([MANIFEST, replace(INVOICE, header_offset=0, name=b"b.pdf")])),
    "quoted_overlap": ("overlapping_entries", zipped([replace(MANIFEST, content=bytes(200), method=0), replace(INVOICE, header_offset=40)])),
    "name_differs": ("header_mismatch", _named("invoice.pdf", local_name=b"invoice.exe")),
    "method_differs": ("header_mismatch", _named("a.pdf", local_method=0)),
    "checksum_differs": ("header_mismatch", _named("a.pdf", local_crc=1)),
    "size_differs": ("header_mismatch", _named("a.pdf", local_bytes=9)),
    "encryption_differs": ("header_mismatch", _named("a.pdf", local_flags=1)),
    "descriptor_wrong": ("header_mismatch", _named("a.pdf", descriptor="wrong")),
    "zip64_path_differs": ("header_mismatch", _named("a.pdf", extra=unicode_path(b"a.pdf", "b.pdf"))),
    "too_many": ("too_many_members", zipped([Draft(b"%03d.pdf" % n) for n in range(41)])),
    "directory_of_comments": ("directory_too_large", zipped([replace(MANIFEST, comment=bytes(60_000))])),
    "one_too_large": ("too_large_uncompressed", _named("a.pdf", content=bytes(300_000))),
    "sum_too_large": ("too_large_uncompressed", zipped([Draft(b"%d.pdf" % n, bytes(90_000)) for n in range(5)])),
    "declared_gigabytes": ("too_large_uncompressed", _named("a.pdf", declared_bytes=0xFFFFFFF0)),
    "bomb": ("compression_ratio", _named("a.pdf", content=bytes(120_000))),
    "more_than_declared": ("size_mismatch", _named("a.pdf", content=bytes(50_000), declared_bytes=10)),
    "less_than_declared": ("size_mismatch", _named("a.pdf", declared_bytes=5000)),
    "stored_sizes_differ": ("size_mismatch", _named("a.pdf", method=0, declared_bytes=3)),
    "checksum_wrong": ("crc_mismatch", _named("a.pdf", declared_crc=7)),
    "encrypted": ("encrypted", _named("a.pdf", flags=0x0001)),
    "strongly_encrypted": ("encrypted", _named("a.pdf", flags=0x0040)),
    "masked_headers": ("encrypted", _named("a.pdf", flags=0x2000)),
    "aes": ("encrypted", _named("a.pdf", method=99)),
    "aes_field": ("encrypted", _named("a.pdf", extra=b"\x01\x99\x00\x00", local_extra=b"\x01\x99\x00\x00")),
    "bzip2": ("unsupported_method", _named("a.pdf", method=12)),
    "lzma": ("unsupported_method", _named("a.pdf", method=14)),
    "patch": ("unsupported_method", _named("a.pdf", flags=0x0020)),
    "office_document": ("unsupported_type", zipped([Draft(b"[Content_Types].xml", b"<x/>"), Draft(b"word/document.xml", b"<x/>")])),
    "program_package": ("unsupported_type", zipped([Draft(b"META-INF/MANIFEST.MF", b""), Draft(b"Main.class", b"")])),
    "open_document": ("unsupported_type", zipped([Draft(b"mimetype", b"application/vnd.oasis.opendocument.text", method=0)])),
    "symlink": ("symlink", _named("link", external=_mode(0xA000), content=b"/etc/passwd")),
    "symlink_made_on_windows": ("symlink", _named("link", external=_mode(0xA000), made_by=20)),
    "device": ("special_file", _named("null", external=_mode(0x2000))),
    "pipe": ("special_file", _named("pipe", external=_mode(0x1000))),
    "folder_without_slash": ("special_file", _named("folder", external=_mode(0x4000))),
    "folder_with_bytes": ("folder_with_content", zipped([Draft(b"a/", b"hidden bytes", method=0)])),
    "dot_dot": ("path_traversal", _named("../claim.json")),
    "dot_dot_within": ("path_traversal", _named("a/../../b.pdf")),
    "dot_dot_backslash": ("path_traversal", _named("..\\b.pdf")),
    "dot_dot_in_unicode_path": (
        "path_traversal",
        _named("a.pdf", extra=unicode_path(b"a.pdf", "../a.pdf"), local_extra=unicode_path(b"a.pdf", "../a.pdf")),
    ),
    "root": ("absolute_path", _named("/etc/passwd")),
    "drive": ("absolute_path", _named("C:/invoice.pdf")),
    "drive_relative": ("absolute_path", _named("C:invoice.pdf")),
    "network_share": ("absolute_path", _named("\\\\host\\share\\a.pdf")),
    "backslash": ("backslash", _named("proof\\a.pdf")),
    "nul": ("control_character", _named(b"invoice.pdf\0.exe")),
    "newline": ("control_character", _named("invoice\n.pdf")),
    "right_to_left": ("control_character", _named("invoice\u202efdp.exe")),
    "name_not_utf8": ("name_invalid", _named(b"faktur\xe5.pdf", flags=0x0800)),
    "no_name": ("name_invalid", _named("")),
    "single_dot": ("name_invalid", _named("./a.pdf")),
    "double_slash": ("name_invalid", _named("a//b.pdf")),
    "device_name": ("name_reserved", _named("con.pdf")),
    "device_name_in_folder": ("name_reserved", _named("COM1/a.pdf")),
    "stream": ("name_reserved", _named("a.pdf:hidden")),
    "trailing_dot": ("name_reserved", _named("invoice.pdf.")),
    "trailing_space": ("name_reserved", _named("invoice.pdf ")),
    "long_name": ("name_too_long", _named("a" * 197 + ".pdf")),
    "long_part": ("name_too_long", _named("å" * 128)),
    "same_name_twice": ("duplicate_name", zipped([INVOICE, INVOICE])),
    "same_name_in_two_forms": ("duplicate_name", zipped([Draft("å.pdf".encode()), Draft("a\u030a.pdf".encode())])),
    "file_and_folder": ("duplicate_name", zipped([Draft(b"proof"), Draft(b"proof/a.pdf")])),
    "capitals": ("case_collision", zipped([Draft(b"Invoice.pdf"), Draft(b"invoice.PDF")])),
    "sharp_s": ("case_collision", zipped([Draft("straße.pdf".encode()), Draft(b"STRASSE.pdf")])),
}  # fmt: skip


def main() -> None:
    """Write the corpus anew."""
    for folder in ("accept", "reject"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
        (HERE / folder).mkdir()
    for name, content in ACCEPT.items():
        (HERE / "accept" / f"{name}.zip").write_bytes(content)
    for name, (_, content) in REJECT.items():
        (HERE / "reject" / f"{name}.zip").write_bytes(content)
    with (HERE / "reasons.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(("file", "reason"))
        table.writerows((f"{name}.zip", reason) for name, (reason, _) in REJECT.items())


if __name__ == "__main__":
    main()
