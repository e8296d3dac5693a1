"""However an invoice is damaged, it is read, or refused with a reason: nothing else."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.validator.readers.einvoice import NotAnEinvoice, is_einvoice, read_einvoice
from services.validator.readers.xml_hardened import XmlRefused

FOLDER = Path(__file__).parents[2] / "corpora" / "einvoice" / "accept"
SOUND = [path.read_bytes() for path in sorted(FOLDER.glob("*.xml"))]
texts = st.sampled_from(
    ["", " ", "-", "1e9", "NaN", "9" * 70, "0x1", "2020-13-01", "IT", "EL", "||||||", "٣", "true", "\u0085"]
)


@given(st.data())
def test_a_damaged_tree_is_still_read(data: st.DataObject) -> None:
    root = etree.fromstring(data.draw(st.sampled_from(SOUND)))
    for _ in range(data.draw(st.integers(1, 5))):
        elements = list(root.iterdescendants())
        if not elements:
            break
        element = elements[data.draw(st.integers(0, len(elements) - 1))]
        act = data.draw(st.sampled_from(["text", "drop", "clear", "double"]))
        parent = element.getparent()
        if act == "text":
            element.text = data.draw(texts).replace("\u0085", " ")
        elif act == "clear":
            element.clear()
        elif act == "drop":
            parent.remove(element)
        elif act == "double":
            parent.append(etree.fromstring(etree.tostring(element)))

    reading = read_einvoice(etree.tostring(root))

    assert set(reading.rules_broken) <= set(reading.rules_checked)
    assert all(fact.value is None or fact.value == fact.value.strip() for fact in reading.facts.values())


@given(st.sampled_from(SOUND), st.integers(0, 10_000), st.binary(max_size=20))
def test_damaged_bytes_are_read_or_refused(xml: bytes, place: int, noise: bytes) -> None:
    at = place % len(xml)
    damaged = xml[:at] + noise + xml[at + len(noise) :]

    refusal: XmlRefused | NotAnEinvoice | None = None
    try:
        read_einvoice(damaged)
    except (XmlRefused, NotAnEinvoice) as error:
        refusal = error

    assert (refusal is None) <= is_einvoice(damaged)


@given(st.binary(max_size=200))
def test_any_bytes_are_told_from_an_einvoice(noise: bytes) -> None:
    assert is_einvoice(noise) is False
