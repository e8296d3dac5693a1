"""Small steps through an XML tree by local names, whatever the namespace prefix or version.

A step may name alternatives (`"A|B"`): versions of a syntax often differ in a name only.
"""

from typing import TypeAlias

from lxml import etree

from services.validator.core.en16931_model import Amount, Identifier

Element: TypeAlias = etree._Element


def local_name(element: Element) -> str:
    """The name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """The namespace of the element's name, or an empty text."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: Element | None, name: str) -> list[Element]:
    """The direct children of that name, in document order."""
    names = name.split("|")
    return [] if element is None else [found for found in element if local_name(found) in names]


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at the end of the path of direct children, trying every branch."""
    return next(iter(descend(element, *path)), None)


def descend(element: Element | None, *path: str) -> list[Element]:
    """All elements at the end of the path of direct children."""
    found = [] if element is None else [element]
    for name in path:
        found = [step for parent in found for step in children(parent, name)]
    return found


def content(element: Element | None) -> str | None:
    """The text of the element without the space around it; None when there is no element."""
    return None if element is None else (element.text or "").strip()


def text(element: Element | None, *path: str) -> str | None:
    """The text at the end of the path; None when nothing is there."""
    return content(child(element, *path))


def filled(element: Element | None, *path: str) -> str | None:
    """The first text along the path that is not empty."""
    return next((found for step in descend(element, *path) if (found := content(step))), None)


def amount(element: Element | None, *path: str) -> Amount | None:
    """The amount or quantity at the end of the path, with its currency or unit."""
    found = child(element, *path)
    if found is None:
        return None
    return Amount(content(found) or "", found.get("currencyID") or found.get("unitCode"))


def identifier(element: Element | None, scheme: str = "schemeID") -> Identifier | None:
    """The identifier in an element with the scheme in the named attribute."""
    return None if element is None else Identifier(content(element) or "", element.get(scheme))


def has_empty_element(root: Element) -> bool:
    """Whether some element below the root has neither children nor text."""
    return any(len(found) == 0 and not (found.text or "").strip() for found in root.iterdescendants())
