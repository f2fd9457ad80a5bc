"""Elements of spreadsheet XML: their full names, and how foreign text is parsed with care."""

from __future__ import annotations

from functools import cache

from lxml import etree

from core.errors import BookError

__all__ = ["MAIN", "MOST_TAGS", "discard", "local", "parsed", "refuse_dtd", "remove", "tag"]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

MOST_TAGS = 2_000_000
"""Tags, opening and closing, in XML that becomes a tree: one takes about 150 bytes of memory."""


def tag(name: str) -> str:
    """The full name of an element of the spreadsheet namespace."""
    return f"{{{MAIN}}}{name}"


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for comments and processing instructions."""
    name: object = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def remove(*elements: etree._Element) -> None:
    """Take elements out of their parents."""
    for element in elements:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def discard(element: etree._Element, *attributes: str) -> None:
    """Take attributes off an element, those it has."""
    for name in attributes:
        if name in element.attrib:
            del element.attrib[name]


def parsed(data: bytes, *, bare: bool = False) -> etree._Element:
    """The root element of an XML text; `bare` leaves out comments and processing instructions.

    Raises BookError for a document type definition and for a text of too many tags, XMLSyntaxError for damage.
    """
    if data.count(b"<") > MOST_TAGS:
        raise BookError(f"has more than {MOST_TAGS:,} tags; tidy it in Excel or Calc and save the book again")
    root = etree.fromstring(data, _parser(bare))
    refuse_dtd(root)
    return root


@cache
def _parser(bare: bool) -> etree.XMLParser:
    """One for all texts: a sheet is read in thousands of them, and to make a parser takes longer than a row does."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=bare,
        remove_pis=bare,
    )


def refuse_dtd(root: etree._Element) -> None:
    """Nothing for XML without a document type definition. Raises BookError for any other."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise BookError("has a DTD, as no spreadsheet program writes; it is not opened")
