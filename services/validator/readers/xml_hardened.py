"""XML from strangers: no document type, no entities, no network, and a bound on everything that can grow."""

from dataclasses import dataclass

from lxml import etree

FEED_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """Bounds of one XML document. An e-invoice with attachments of some megabytes stays far below them."""

    xml_bytes_max: int = 20 * 1024 * 1024
    xml_depth_max: int = 64
    xml_elements_max: int = 100_000
    xml_attributes_max: int = 64
    xml_text_chars_max: int = 9_500_000


DEFAULT_LIMITS = XmlLimits()

MESSAGES = {
    "empty": "The file is empty: send the invoice again.",
    "too_large": "The XML is larger than what is read: send the invoice without its attachments.",
    "too_deep": "The XML is nested deeper than any invoice: export the invoice again.",
    "dtd_forbidden": "The XML declares a document type, which invoices never need: export it without.",
    "corrupt": "The XML is not well-formed: export the invoice again.",
}


class XmlRefused(Exception):
    """The bytes were not taken in. `reason` is one of the keys of `MESSAGES`; it is also the stable code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(MESSAGES[reason])
        self.reason = reason
        self.code = reason
        self.detail = detail


class _BoundedBuilder:
    """A parser target that builds the tree and stops at the first bound that is crossed."""

    def __init__(self, limits: XmlLimits) -> None:
        self._limits = limits
        self._builder = etree.TreeBuilder()
        self._depth = 0
        self._elements = 0
        self._text_chars = 0
        self.refusal: XmlRefused | None = None

    def _refuse(self, reason: str, detail: str = "") -> None:
        # The parser's feed interface swallows what a target raises, so the first refusal is also kept.
        self.refusal = self.refusal or XmlRefused(reason, detail)
        raise self.refusal

    def doctype(self, name: str, public_id: str | None, system_url: str | None) -> None:
        self._refuse("dtd_forbidden", name)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > self._limits.xml_depth_max:
            self._refuse("too_deep", tag)
        if (
            self._elements > self._limits.xml_elements_max
            or len(attributes) > self._limits.xml_attributes_max
        ):
            self._refuse("too_large", tag)
        self._builder.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(tag)

    def data(self, text: str) -> None:
        self._text_chars += len(text)
        if self._text_chars > self._limits.xml_text_chars_max:
            self._refuse("too_large")
        self._builder.data(text)

    def close(self) -> etree._Element:
        return self._builder.close()


class _RootOnly(_BoundedBuilder):
    """Stops reading as soon as the root element is known."""

    def __init__(self, limits: XmlLimits) -> None:
        super().__init__(limits)
        self.root: etree._Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.root is None:
            self.root = etree.Element(tag)


def _parser(builder: _BoundedBuilder) -> etree.XMLParser:
    return etree.XMLParser(
        target=builder,
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
    )


def _refuse_by_size(xml: bytes, limits: XmlLimits) -> None:
    if len(xml) > limits.xml_bytes_max:
        raise XmlRefused("too_large")
    if not xml.strip(b"\x00\t\n\r \xef\xbb\xbf\xfe\xff"):
        raise XmlRefused("empty")


def parse_root(xml: bytes, limits: XmlLimits = DEFAULT_LIMITS) -> etree._Element:
    """Return the root element without its content, having read no further than it. Raises XmlRefused."""
    _refuse_by_size(xml, limits)
    builder = _RootOnly(limits)
    parser = _parser(builder)
    try:
        for offset in range(0, len(xml), FEED_BYTES):
            parser.feed(xml[offset : offset + FEED_BYTES])
            if builder.root is not None or builder.refusal:
                break
    except (XmlRefused, etree.LxmlError, ValueError, LookupError) as error:
        if builder.root is None:
            raise (builder.refusal or XmlRefused("corrupt", str(error)[:200])) from None
    if builder.refusal:
        raise builder.refusal
    if builder.root is None:
        raise XmlRefused("corrupt")
    return builder.root


def parse(xml: bytes, limits: XmlLimits = DEFAULT_LIMITS) -> etree._Element:
    """Return the root element; comments and processing instructions are left out. Raises XmlRefused.

    The document type is refused where the parser itself meets it, so the encoding cannot hide it. The bounds
    are tested while parsing: what crosses one is never built.
    """
    _refuse_by_size(xml, limits)
    builder = _BoundedBuilder(limits)
    parser = _parser(builder)
    try:
        for offset in range(0, len(xml), FEED_BYTES):
            parser.feed(xml[offset : offset + FEED_BYTES])
            if builder.refusal:
                break
        root = parser.close()
    except (XmlRefused, etree.LxmlError, ValueError, LookupError, AssertionError) as error:
        # TreeBuilder answers an unfinished tree with AssertionError.
        raise (builder.refusal or XmlRefused("corrupt", str(error)[:200])) from None
    if builder.refusal:
        raise builder.refusal
    return root
