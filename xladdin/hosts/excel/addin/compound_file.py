"""A compound file: folders and streams in one file, as Windows keeps a VBA project (MS-CFB, version 3).

The file is a header and sectors of 512 bytes. Streams of less than 4096 bytes lie together in one stream of their own,
in pieces of 64 bytes. Two tables say which sector, and which piece, comes after which; a directory says where each
stream begins, and holds the names of a folder as a binary tree.

Source: [MS-CFB] Compound File Binary File Format.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import field

from core.records import dataclass

__all__ = ["Folder", "compound_file"]

Folder = dict[str, "bytes | Folder"]
"""Names and what they hold: the bytes of a stream, or a folder."""

SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
SECTOR, PIECE, SMALL = 512, 64, 4096
NOTHING, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
FOLDER, STREAM, ROOT = 1, 2, 5
BLACK = 1
TABLES_IN_HEADER = 109


@dataclass
class _Entry:
    """One line of the directory."""

    name: str
    kind: int
    data: bytes = b""
    left: int = NOTHING
    right: int = NOTHING
    child: int = NOTHING
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        name = f"{self.name}\0".encode("utf-16-le")
        links = struct.pack("<3I", self.left, self.right, self.child)
        place = struct.pack("<3I", self.start, self.size, 0)
        return name.ljust(64, b"\0") + struct.pack("<HBB", len(name), self.kind, BLACK) + links + bytes(36) + place


@dataclass
class _Chain:
    """Units one after the other, and of each the one that comes after it in its stream."""

    unit: int
    data: bytearray = field(default_factory=bytearray)
    following: list[int] = field(default_factory=list)

    def put(self, data: bytes) -> int:
        """Where a stream begins that is laid down here."""
        start, count = len(self.following), -(-len(data) // self.unit)
        self.following += [*range(start + 1, start + count), END]
        self.data += data.ljust(count * self.unit, b"\0")
        return start


def compound_file(folder: Folder) -> bytes:
    """The file that holds these folders and streams; the same bytes for the same names and contents."""
    entries = [_Entry("Root Entry", ROOT)]
    _fill(entries, entries[0], folder)
    sectors, pieces = _Chain(SECTOR), _Chain(PIECE)
    for entry in entries:
        if entry.kind == STREAM:
            entry.size = len(entry.data)
            chain = pieces if entry.size < SMALL else sectors
            entry.start = chain.put(entry.data) if entry.data else END
    entries[0].size = len(pieces.data)
    entries[0].start = sectors.put(bytes(pieces.data))
    piece_table = _table(pieces.following)
    piece_table_start = sectors.put(piece_table)
    lines = b"".join(entry.packed() for entry in entries)
    blank = bytes(64 + 4) + struct.pack("<3I", NOTHING, NOTHING, NOTHING) + bytes(48)
    directory_start = sectors.put(lines + blank * (-len(entries) % (SECTOR // len(blank))))
    return _with_header(sectors, directory_start, piece_table_start, len(piece_table) // SECTOR)


def _with_header(sectors: _Chain, directory: int, piece_table: int, piece_tables: int) -> bytes:
    per_table = SECTOR // 4
    tables = 1
    while -(-(len(sectors.following) + tables) // per_table) > tables:
        tables += 1
    if tables > TABLES_IN_HEADER:
        raise ValueError(f"a compound file of {len(sectors.data)} bytes needs more tables than its header can name")
    first = len(sectors.following)
    table = _table([*sectors.following, *[TABLE] * tables])
    header = SIGNATURE + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<9I", tables, directory, 0, SMALL, piece_table, piece_tables, END, 0, 0)[:32]
    header += struct.pack(f"<{tables}I", *range(first, first + tables)).ljust(4 * TABLES_IN_HEADER, b"\xff")
    return header + bytes(sectors.data) + table


def _table(following: Sequence[int]) -> bytes:
    packed = struct.pack(f"<{len(following)}I", *following)
    return packed + b"\xff" * (-len(packed) % SECTOR)


def _fill(entries: list[_Entry], parent: _Entry, folder: Folder) -> None:
    """Add what a folder holds to the directory, its names in the order of the format: the shorter first."""
    numbers = []
    for name in sorted(folder, key=lambda name: (len(name.encode("utf-16-le")), name.upper())):
        held = folder[name]
        entry = _Entry(name, STREAM, held) if isinstance(held, bytes) else _Entry(name, FOLDER)
        numbers.append(len(entries))
        entries.append(entry)
        if not isinstance(held, bytes):
            _fill(entries, entry, held)
    parent.child = _tree(entries, numbers)


def _tree(entries: list[_Entry], numbers: list[int]) -> int:
    """The number at the top of the balanced tree of these lines, which are in order."""
    if not numbers:
        return NOTHING
    middle = len(numbers) // 2
    top = entries[numbers[middle]]
    top.left, top.right = _tree(entries, numbers[:middle]), _tree(entries, numbers[middle + 1 :])
    return numbers[middle]
