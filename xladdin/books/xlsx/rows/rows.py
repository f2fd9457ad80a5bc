"""Where the rows of a sheet stand in its bytes, those that were opened, and the bytes they become.

Nothing but three integers a row is kept. A row is parsed inside the root tag with its name spaces when one of its cells
is wanted: to be read together with some that follow, to be written alone. One that nobody writes keeps its very bytes.
"""

from __future__ import annotations

import bisect
import re
from array import array
from collections.abc import Iterator, Sequence

from lxml import etree

from core.errors import BookError

from ..areas import LAST_ROW, parse_cell
from ..markup import parsed
from .block import NumberBlock

__all__ = ["ATTRIBUTES", "CellSpot", "OddlyWrittenError", "Rows", "without_number"]

ATTRIBUTES = rb"""((?:\s+[\w:.\-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*"""
"""The attributes of a tag, as one group."""

_USUAL_NUMBER = rb"""(?: r="(\d{1,7})")?"""
"""Where the number of a row nearly always stands in its tag."""

_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d{1,7})["']""")
_SAVE_AGAIN = "open the book in Excel and save it again"

TOGETHER = 16 << 10
"""Bytes of rows that are parsed together: a tree takes as long to begin as two short rows take to read."""

CellSpot = tuple[int, int, int]
"""A cell in the bytes: its column, where it begins and where it ends."""


def without_number(row: bytes, number: int) -> bytes:
    """The bytes of a row without its number, in its tag and in the addresses of its cells; styles keep theirs."""
    mark = b'%d"' % number
    if row.count(mark) == row.count(b' r="'):
        return row.replace(mark, b'"')
    return re.sub(rb'( r="[A-Z]{0,3})' + mark, rb'\1"', row)  # another attribute ends so too: s="107" in row 7


class OddlyWrittenError(BookError):
    """The XML is sound but not written the way that can be cut into rows: comments among them, another coding."""


class Rows:
    """The rows of one sheet, whose bytes from `start` to `end` of `data` are nothing but rows.

    `prefix` is what stands before each name (`x:` or nothing), `root_tag` the opening tag of the sheet. Raises
    OddlyWrittenError; BookError for rows without numbers, twice, or out of order.
    """

    def __init__(self, data: bytes, start: int, end: int, prefix: bytes, root_tag: bytes) -> None:
        self.data, self.prefix = data, prefix
        self.start, self.end = start, end
        self.numbers, self.starts, self.ends = array("q"), array("q"), array("q")
        self.edited: set[int] = set()
        self.blocks: list[NumberBlock] = []
        self._root_tag, self._root_end = root_tag, b"</" + prefix + b"worksheet>"
        self._opened: dict[int, etree._Element] = {}
        self._spliced: dict[int, list[tuple[int, int, bytes]]] = {}
        p = re.escape(prefix)
        self._cell = re.compile(b"<" + p + b"c" + ATTRIBUTES + rb"(?:/>|>.*?</" + p + b"c>)", re.DOTALL)
        self._address = re.compile(rb"""\sr\s*=\s*["']([A-Za-z0-9]+)["']""")
        self._find_all()

    def _find_all(self) -> None:
        tag = rb"\s*(<" + re.escape(self.prefix) + rb"row" + _USUAL_NUMBER + ATTRIBUTES + rb"(/?)>)"
        row = re.compile(tag).match
        close = b"</" + self.prefix + b"row>"
        data, place, end, last = self.data, self.start, self.end, 0
        while (found := row(data, place, end)) is not None:
            said = found[2] or self._number_among(found[3])
            if int(said) <= last:
                raise BookError("has rows twice or out of order; open and save in Excel")
            last = int(said)
            place = found.end()
            if not found[4]:
                place = data.find(close, place, end) + len(close)
                if place < len(close):
                    raise OddlyWrittenError("a row does not end")
            self.numbers.append(last)
            self.starts.append(found.start(1))
            self.ends.append(place)
        if last > LAST_ROW:
            raise BookError(f"has a row {last:,} where a sheet ends at {LAST_ROW:,}; {_SAVE_AGAIN}")
        if data[place:end].strip():
            raise OddlyWrittenError("something else stands among the rows")

    @staticmethod
    def _number_among(attributes: bytes) -> bytes:
        """The number of a row, wherever it stands in its tag. Raises BookError."""
        number = _NUMBER.search(attributes)
        if number is None:
            raise BookError(f"has rows without numbers; {_SAVE_AGAIN}")
        return number[1]

    def raw(self, number: int) -> bytes | None:
        """The bytes of a row as they were read; None when there is no such row."""
        place = self._place(number)
        return None if place is None else self.data[self.starts[place] : self.ends[place]]

    def unchanged(self, number: int) -> bytes | None:
        """The bytes of a row that is as it was read; None for any other."""
        some_changed = self.edited or self._spliced or self.blocks
        return None if some_changed and self.is_changed(number) else self.raw(number)

    def row(self, number: int) -> etree._Element | None:
        """The element of a row as it now is; only what is changed in an `edited` one counts."""
        if number not in self._opened:
            self._open(number)
        return self._opened.get(number)

    def edit(self, number: int) -> etree._Element:
        """The element of a row that is about to change, made where there is none. No block may cover the row."""
        assert self.block_at(number) is None, "the numbers of a block change as a whole"
        if number not in self.edited:
            self._opened[number] = self.parse(self._now(number) or b'<%srow r="%d"/>' % (self.prefix, number))
            self.edited.add(number)
            self._spliced.pop(number, None)
        return self._opened[number]

    def existing(self, top: int, bottom: int) -> list[int]:
        """The numbers of the rows that there now are between top and bottom."""
        beneath = self.beneath_blocks(top, bottom)
        if not self.blocks:
            return beneath
        found = set(beneath)
        for block in self.blocks:
            found -= {number for number in found if block.covers(number)}
            found.update(range(max(top, block.area.top), min(bottom, block.area.bottom) + 1))
            found.update(
                n for n, kept in block.attributes.items() if kept and block.area.bottom < n and top <= n <= bottom
            )
        return sorted(found)

    def beneath_blocks(self, top: int, bottom: int) -> list[int]:
        """The numbers of the rows between top and bottom that were read or made one by one."""
        first, beyond = bisect.bisect_left(self.numbers, top), bisect.bisect_right(self.numbers, bottom)
        read = self.numbers[first:beyond].tolist()
        made = {n for n in self.edited if top <= n <= bottom}.difference(read) if self.edited else ()
        return sorted([*read, *made]) if made else read

    def block_at(self, number: int) -> NumberBlock | None:
        """The block that a row belongs to, by what it was or is."""
        return next((block for block in self.blocks if block.covers(number)), None)

    def is_changed(self, number: int) -> bool:
        """Whether a row is no more as it was read."""
        return number in self.edited or number in self._spliced or self.block_at(number) is not None

    def lay(self, block: NumberBlock) -> None:
        """Put a block in place of the rows that it covers, and of earlier blocks there."""
        self._forget(block)
        self.blocks = [other for other in self.blocks if not other.reach.overlaps(block.reach)]
        self.blocks.append(block)

    def lift(self, block: NumberBlock) -> None:
        """Take a block away again: its rows are those that were read."""
        self.blocks.remove(block)
        self._forget(block)

    def parse(self, raw: bytes) -> etree._Element:
        """One element of the sheet, a row or a cell, in a tree of its own."""
        return self._root_of(raw)[0]

    def _root_of(self, raw: bytes) -> etree._Element:
        return parsed(self._root_tag + raw + self._root_end)

    def written(self, element: etree._Element) -> bytes:
        """The bytes of an element that `parse` gave, without the name spaces of its root."""
        root = element.getparent()
        assert root is not None, "parse gives an element inside its root"
        text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
        name = etree.QName(element).localname.encode()
        return text[text.index(b"<" + self.prefix + name, 1) : text.rindex(self._root_end)]

    def cells(self, number: int) -> Iterator[CellSpot]:
        """The cells of a row in the bytes that were read. Raises OddlyWrittenError for a cell without an address."""
        place = self._place(number)
        if place is None:
            return
        for found in self._cell.finditer(self.data, self.starts[place], self.ends[place]):
            yield self.column(found[1], number), *found.span()

    def column(self, attributes: bytes, number: int) -> int:
        """The column of a cell of a row by the attributes of its tag. Raises OddlyWrittenError where it has none."""
        address = self._address.search(attributes)
        if address is None:
            raise OddlyWrittenError(f"row {number} has cells without addresses")
        return parse_cell(address[1].decode())[1]

    def number_at(self, place: int) -> tuple[int, int, int]:
        """The row in whose bytes a place lies: number, start and end."""
        row = bisect.bisect_right(self.starts, place) - 1
        if row < 0 or place >= self.ends[row]:
            raise OddlyWrittenError("a cell outside the rows")
        return self.numbers[row], self.starts[row], self.ends[row]

    def splice(self, number: int, pieces: Sequence[tuple[int, int, bytes]]) -> None:
        """Put other bytes in place of some of a row's that was not edited, by their places in `data`."""
        self._spliced.setdefault(number, []).extend(pieces)
        self._opened.pop(number, None)

    def chunks(self) -> Iterator[bytes | memoryview]:
        """The rows as they now are, in pieces."""
        data, place = memoryview(self.data), self.start
        single = ((number, number, None) for number in self.edited | self._spliced.keys())
        blocks = ((block.area.top, block.until, block) for block in self.blocks)
        for top, bottom, block in sorted((*single, *blocks), key=lambda change: change[0]):
            first, beyond = bisect.bisect_left(self.numbers, top), bisect.bisect_right(self.numbers, bottom)
            before = self.starts[first] if first < len(self.numbers) else self.end
            yield data[place:before]
            if block is not None:
                yield from block.chunks(self.prefix.decode())
            else:
                now = self._now(top)
                assert now is not None, "a row that was changed is there"
                yield now
            place = self.ends[beyond - 1] if beyond > first else before
        yield data[place : self.end]

    def _open(self, number: int) -> None:
        """Parse a row, where there is one, and with it those that follow as they were read, in a tree for them all."""
        if self.unchanged(number) is None:
            now = self._now(number)
            if now is not None:
                self._opened[number] = self.parse(now)
            return
        first = beyond = bisect.bisect_left(self.numbers, number)
        until = max(self.starts[first] + TOGETHER, self.ends[first])
        while beyond < len(self.numbers) and self.ends[beyond] <= until and self._is_to_open(self.numbers[beyond]):
            beyond += 1
        rows = self.data[self.starts[first] : self.ends[beyond - 1]]
        self._opened.update(zip(self.numbers[first:beyond], self._root_of(rows), strict=True))

    def _is_to_open(self, number: int) -> bool:
        return number not in self._opened and not self.is_changed(number)

    def _now(self, number: int) -> bytes | None:
        """The bytes of a row as it now is."""
        if number in self.edited:
            return self.written(self._opened[number])
        block = self.block_at(number)
        if block is not None:
            return block.row(number, self.prefix.decode())
        place = self._place(number)
        if place is None:
            return None
        pieces, at = [], self.starts[place]
        for start, end, new in sorted(self._spliced.get(number, ())):
            pieces += [self.data[at:start], new]
            at = end
        return b"".join((*pieces, self.data[at : self.ends[place]]))

    def _place(self, number: int) -> int | None:
        place = bisect.bisect_left(self.numbers, number)
        return place if place < len(self.numbers) and self.numbers[place] == number else None

    def _forget(self, block: NumberBlock) -> None:
        for number in [number for number in self._opened if block.covers(number)]:
            del self._opened[number]
