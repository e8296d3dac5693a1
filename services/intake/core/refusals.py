"""Why a container is refused: one reason for each way in which it is unsafe, unsound or not a bundle."""

from enum import StrEnum


class ContainerReason(StrEnum):
    """Stable words; the HTTP code is the same word in capitals behind `BUNDLE_`."""

    EMPTY = "empty"
    NOT_A_ZIP = "not_a_zip"
    CORRUPT = "corrupt"
    AMBIGUOUS_END = "ambiguous_end"
    MULTI_DISK = "multi_disk"
    PREFIX_BYTES = "prefix_bytes"
    TRAILING_BYTES = "trailing_bytes"
    UNLISTED_BYTES = "unlisted_bytes"
    OVERLAPPING_ENTRIES = "overlapping_entries"
    HEADER_MISMATCH = "header_mismatch"
    TOO_MANY_MEMBERS = "too_many_members"
    DIRECTORY_TOO_LARGE = "directory_too_large"
    TOO_LARGE_UNCOMPRESSED = "too_large_uncompressed"
    COMPRESSION_RATIO = "compression_ratio"
    SIZE_MISMATCH = "size_mismatch"
    CRC_MISMATCH = "crc_mismatch"
    ENCRYPTED = "encrypted"
    UNSUPPORTED_METHOD = "unsupported_method"
    UNSUPPORTED_TYPE = "unsupported_type"
    SYMLINK = "symlink"
    SPECIAL_FILE = "special_file"
    FOLDER_WITH_CONTENT = "folder_with_content"
    PATH_TRAVERSAL = "path_traversal"
    ABSOLUTE_PATH = "absolute_path"
    BACKSLASH = "backslash"
    CONTROL_CHARACTER = "control_character"
    NAME_INVALID = "name_invalid"
    NAME_RESERVED = "name_reserved"
    NAME_TOO_LONG = "name_too_long"
    DUPLICATE_NAME = "duplicate_name"
    CASE_COLLISION = "case_collision"


_R = ContainerReason
_WHAT_TO_DO: dict[ContainerReason, str] = {
    _R.EMPTY: "The bundle has no files in it: add claim.json and the documents it lists.",
    _R.NOT_A_ZIP: "The upload is not a zip file: send a zip, or the files as multipart/form-data.",
    _R.CORRUPT: "The zip is cut off or damaged: make it again and send it again.",
    _R.AMBIGUOUS_END: "The zip ends in two ways at once: make it again without a comment.",
    _R.MULTI_DISK: "The zip is one part of several: make one zip that is not split.",
    _R.PREFIX_BYTES: "There are other bytes before the zip begins: send a plain zip.",
    _R.TRAILING_BYTES: "There are other bytes after the zip ends: send a plain zip.",
    _R.UNLISTED_BYTES: "The zip holds bytes that its own list does not name: make it again.",
    _R.OVERLAPPING_ENTRIES: "Two files of the zip share the same bytes: make it again with a usual tool.",
    _R.HEADER_MISMATCH: "The zip says two different things about one file: make it again.",
    _R.TOO_MANY_MEMBERS: "The zip holds more files than a claim may have: send fewer.",
    _R.DIRECTORY_TOO_LARGE: "The zip's list of files is too long: use shorter names and no comments.",
    _R.TOO_LARGE_UNCOMPRESSED: "The files are too large when unpacked: send smaller documents.",
    _R.COMPRESSION_RATIO: "A file unpacks to far more than a document would: send it in a usual format.",
    _R.SIZE_MISMATCH: "A file unpacks to another size than the zip declares: make the zip again.",
    _R.CRC_MISMATCH: "A file's checksum is wrong, so it was damaged on its way: make the zip again.",
    _R.ENCRYPTED: "The zip is encrypted: send it without a password.",
    _R.UNSUPPORTED_METHOD: "The zip uses a compression other than store and deflate: make it again with a usual tool.",
    _R.UNSUPPORTED_TYPE: "The upload is a document or program, not a bundle: put claim.json and the files in a zip.",
    _R.SYMLINK: "The zip holds a symbolic link: put the file itself in.",
    _R.SPECIAL_FILE: "The zip holds something that is neither a file nor a folder: leave it out.",
    _R.FOLDER_WITH_CONTENT: "A folder of the zip carries bytes: make the zip again.",
    _R.PATH_TRAVERSAL: "A name leads out of the bundle: use plain names without dots as folders.",
    _R.ABSOLUTE_PATH: "A name starts at a drive or at the root: use plain names.",
    _R.BACKSLASH: "A name has a backslash: use / between folders.",
    _R.CONTROL_CHARACTER: "A name has invisible characters: rename the file.",
    _R.NAME_INVALID: "A name cannot be read: rename the file.",
    _R.NAME_RESERVED: "A name means a device or stream on some computers: rename the file.",
    _R.NAME_TOO_LONG: "A name is too long: rename the file.",
    _R.DUPLICATE_NAME: "Two files have the same name: rename one.",
    _R.CASE_COLLISION: "Two names differ only in capital letters or in how accents are stored: rename one.",
}


class ContainerRefused(ValueError):
    """The container is refused as a whole and nothing of it is kept."""

    def __init__(self, reason: ContainerReason, member: str | None = None, **values: int | str) -> None:
        self.reason = reason
        self.member = member
        self.values = values
        self.code = f"BUNDLE_{reason.value.upper()}"
        self.what_to_do = _WHAT_TO_DO[reason]
        named = f" ({member})" if member else ""
        counted = "".join(f" [{key}: {value}]" for key, value in values.items())
        super().__init__(f"{self.what_to_do}{named}{counted}")
