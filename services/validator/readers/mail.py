"""An e-mail as proof: when it was sent, by whom, about what, and the names of what hung on it.

Attachments are named, not opened: a document that counts is sent as a file of its own.
"""

import email
import email.errors
import email.policy
import email.utils
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC
from email.header import decode_header, make_header
from email.message import Message
from pathlib import PurePosixPath

from schemas.facts import Fact, Method
from services.kit.limits import Limits
from services.validator.readers.refusals import Refused

ENGINE = "mail 1"
KIND = "email"
ATTACHMENT_NAME_UNSAFE = "attachment_name_unsafe"

_HEADER_CHARS_MAX = 1000
_HEADER_BYTES_MAX = 256 * 1024
_DIVIDERS_MAX = 10_000
_NAME_CHARS_MAX = 120
_UNSAFE = re.compile(r"[^\w .,()&+@=-]")
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailReading:
    """Facts `sent_on`, `sender`, `recipients`, `subject`, `attachment_<n>`; flags."""

    facts: dict[str, Fact]
    flags: tuple[str, ...]


def read_mail(content: bytes, limits: Limits) -> MailReading:
    """Read the header and the names of attachments. Raises Refused (too_deep, resource_limit, corrupt)."""
    if _header_bytes(content) > _HEADER_BYTES_MAX:
        raise Refused("resource_limit", "a header longer than any mail server passes on")
    if content.count(b"\n--") > _DIVIDERS_MAX:
        raise Refused("resource_limit", f"more than {_DIVIDERS_MAX} lines that may divide parts")
    try:
        message = email.message_from_bytes(content, policy=email.policy.compat32)
    except RecursionError:
        raise Refused("too_deep", "messages inside messages") from None
    parts = _parts(message, limits)
    facts: dict[str, Fact] = {}
    for field, header in (("sender", "From"), ("recipients", "To"), ("subject", "Subject")):
        raw = _decoded(message.get(header))
        if raw:
            facts[field] = _fact(raw, raw)
    date = _decoded(message.get("Date"))
    if date:
        facts["sent_on"] = _fact(_day(date), date)
    if not facts:
        raise Refused("corrupt", "no sender, no subject, no date")
    flags: set[str] = set()
    number = 0
    for part in parts:
        written = _written_name(part)
        if written is None:
            continue
        number += 1
        name = safe_name(written)
        if name != written:
            flags.add(ATTACHMENT_NAME_UNSAFE)
        facts[f"attachment_{number}"] = _fact(name, written[:_HEADER_CHARS_MAX])
    return MailReading(facts, tuple(sorted(flags)))


def _header_bytes(content: bytes) -> int:
    ends = [at for at in (content.find(b"\n\n"), content.find(b"\n\r\n")) if at >= 0]
    return min(ends, default=len(content))


def safe_name(written: str) -> str:
    """A file name without folders, control characters or names that a system reserves."""
    last = PurePosixPath(unicodedata.normalize("NFC", written).replace("\\", "/")).name
    name = _UNSAFE.sub("_", last).strip(" .")[:_NAME_CHARS_MAX]
    if not name or _RESERVED.match(name):
        return f"_{name}" if name else "attachment"
    return name


def _parts(message: Message, limits: Limits) -> list[Message]:
    """Every part, breadth first; depth counts messages and multiparts around a part."""
    level, seen = [message], [message]
    for depth in range(limits.read_mail_depth_max + 1):
        following: list[Message] = []
        for part in level:
            payload = part.get_payload() if part.is_multipart() else ()
            following.extend(inner for inner in payload if isinstance(inner, Message))
        if not following:
            return seen
        if depth == limits.read_mail_depth_max:
            break
        seen.extend(following)
        if len(seen) > limits.read_mail_parts_max:
            raise Refused("resource_limit", f"more than {limits.read_mail_parts_max} parts")
        level = following
    raise Refused("too_deep", f"more than {limits.read_mail_depth_max} messages inside one another")


def _written_name(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError, email.errors.MessageError):
        return "attachment"
    return _decoded(name) if name else None


def _decoded(value: object) -> str:
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value)[: _HEADER_CHARS_MAX * 4])))
    except (ValueError, LookupError, AssertionError, email.errors.MessageError):
        text = str(value)
    text = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char for char in text)
    return " ".join(text.split())[:_HEADER_CHARS_MAX]


def _day(written: str) -> str | None:
    """The day of sending in the sender's own zone, as the header says it."""
    try:
        moment = email.utils.parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).date().isoformat()


def _fact(value: str | None, raw: str) -> Fact:
    return Fact(value=value, raw=raw, method=Method.METADATA, engine=ENGINE, confidence=1.0)
