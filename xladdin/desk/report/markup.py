"""Elements of a page, built as a tree, so that text from cells is data wherever it stands and never markup."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

__all__ = ["Element", "as_page", "element", "plain"]

Element = etree._Element
"""One element of the page, or of a drawing in it."""

Child = Element | str | None


def element(tag: str, *children: Child | Iterable[Child], **attributes: object) -> Element:
    """An element with its children in order; strings are text, None is nothing.

    An attribute's name may end in `_` where Python keeps the word (`class_`), and has `-` for `_` inside.
    """
    named = {name.rstrip("_").replace("_", "-"): plain(str(value)) for name, value in attributes.items()}
    made = etree.Element(tag, named)
    for child in children:
        for each in [child] if child is None or isinstance(child, str | Element) else child:
            _append(made, each)
    return made


def plain(text: object) -> str:
    """A text as one line that any page can hold: control characters and what has no form become blanks."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))


def as_page(root: Element) -> bytes:
    """The tree as a file of HTML 5."""
    return bytes(etree.tostring(root, method="html", encoding="utf-8", doctype="<!DOCTYPE html>"))


def _append(made: Element, child: Child) -> None:
    if child is None:
        return
    if not isinstance(child, str):
        made.append(child)
    elif len(made):
        made[-1].tail = (made[-1].tail or "") + plain(child)
    else:
        made.text = (made.text or "") + plain(child)
