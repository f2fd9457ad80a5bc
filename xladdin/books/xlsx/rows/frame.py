"""A sheet part cut into its frame, which is a small tree, and its rows, which stay bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from core.errors import BookError

from ..markup import parsed, tag
from .rows import ATTRIBUTES, OddlyWrittenError, Rows

__all__ = ["Frame", "cut"]

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(rb"<((?:[\w.\-]+:)?)worksheet" + ATTRIBUTES + rb">")
_ENCODING = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_ODD = (re.compile(rb"!(?<=<!)"), re.compile(rb"\?(?<=<\?)"))
"""How comments and the like begin; each is looked for by what is rarer in a sheet than `<`."""
_PLAIN_CODINGS = (b"utf-8", b"us-ascii")
_WORDS = 200
"""Bytes at the beginning of a part within which its coding is told."""


class Frame:
    """`root` is the sheet without its rows: what stands before and after them, with `sheetData` empty.

    Raises OddlyWrittenError when the part cannot be cut, BookError when its rows are in disorder.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        coding = _ENCODING.match(data[:_WORDS])
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (coding and coding[1].lower() not in _PLAIN_CODINGS):
            raise OddlyWrittenError("it is not UTF-8")
        root = _opening_tag(data)
        if root is None:
            raise OddlyWrittenError("it does not begin as a worksheet")
        prefix = root[1]
        sheet_data = rb"<" + re.escape(prefix) + rb"sheetData" + ATTRIBUTES
        opened = re.compile(sheet_data + rb"(/?)>").search(data, root.end())
        if opened is None:
            raise OddlyWrittenError("it has no rows")
        self._close = b"</" + prefix + b"sheetData>"
        start = end = after = opened.end()
        if not opened[2]:
            end = data.find(self._close, start)
            after = end + len(self._close)
        if end < 0 or any(odd.search(data, root.end(), after) for odd in _ODD):
            raise OddlyWrittenError("comments or the like stand among the rows")
        self._place = re.compile(sheet_data + rb"/>")
        self._open = b"<" + prefix + b"sheetData" + opened[1] + b">"
        self._head, self._tail = data[: opened.start()], data[after:]
        self.root = parsed(self._head + self._open[:-1] + b"/>" + self._tail)
        self._before = etree.tostring(self.root.getroottree())
        self.rows = Rows(data, start, end, prefix, root[0])

    def chunks(self) -> Iterator[bytes | memoryview]:
        """The part as it now is, in pieces."""
        head, tail = self._head, self._tail
        if etree.tostring(self.root.getroottree()) != self._before:
            text = etree.tostring(self.root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
            root = _opening_tag(text)
            place = self._place.search(text, root.end() if root is not None else 0)
            assert place is not None, "the frame holds the place of its rows"
            head, tail = text[: place.start()], text[place.end() :]
        yield head + self._open
        yield from self.rows.chunks()
        yield self._close + tail


def _opening_tag(data: bytes) -> re.Match[bytes] | None:
    """The tag that opens a sheet, after what may stand before it."""
    prolog = _PROLOG.match(data)
    return _ROOT.match(data, prolog.end() if prolog is not None else 0)


def cut(data: bytes) -> Frame:
    """The part as frame and rows; one that cannot be cut is first written plainly, without comments.

    Raises BookError for what is no worksheet and for rows in disorder, XMLSyntaxError for damage.
    """
    try:
        return Frame(data)
    except OddlyWrittenError:
        root = parsed(data, bare=True)
        if root.tag != tag("worksheet") or root.find(tag("sheetData")) is None:
            raise BookError("is not a worksheet with cells; move its content to an ordinary sheet") from None
        return Frame(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
