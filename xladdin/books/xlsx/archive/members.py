"""The members of a workbook's archive: unpacked when first asked for, packed anew or copied as they are."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping

from core.errors import BookError
from core.records import dataclass

from .limits import ZIP_FAULTS, checked_archive

__all__ = ["Archive", "Packed"]

LARGE = 8 << 20
QUICK, USUAL = 3, 6
"""Levels of compression: above `LARGE` the quick one, which takes half the time for a tenth more bytes."""

CHUNK = 1 << 20
HEAD = 64 << 10

SMALL = 16 << 10
"""Bytes of a part that is kept where it is verified: nearly all of these are asked for afterwards."""

_LOCAL = struct.Struct("<26xHH")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_END = struct.Struct("<4s4H2LH")
_WITH_SIZES_BEHIND, _UTF8 = 0x08, 0x800
_XML = (".xml", ".rels", ".vml")
_DTD = tuple(
    f"<!{word}".encode(coding) for word in ("DOCTYPE", "ENTITY") for coding in ("ascii", "utf-16-le", "utf-16-be")
)


@dataclass(frozen=True, eq=False)
class Packed:
    """A member as it stands in a file: how it is compressed, its checksum and size, its compressed bytes."""

    method: int
    crc: int
    size: int
    content: memoryview | bytes

    def same_as(self, other: Packed) -> bool:
        """Whether both are one and the same, to the byte."""
        sizes = (self.method, self.crc, self.size) == (other.method, other.crc, other.size)
        return sizes and self.content == other.content


class Archive:
    """A workbook file in memory. Raises BookError for what is none, before anything is unpacked."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name, self.raw = name, raw
        self._file = checked_archive(name, raw)
        self._members = {info.filename: info for info in self._file.infolist() if not info.is_dir()}
        self._unpacked: dict[str, bytes] = {}
        self._verified: set[str] = set()

    @property
    def parts(self) -> list[str]:
        """The names of its members, in their order."""
        return list(self._members)

    def data(self, part: str) -> bytes:
        """A member's bytes, its checksum verified. Raises BookError; KeyError when there is no such member."""
        if part not in self._unpacked:
            info = self._members[part]
            try:
                content = self._file.read(info)
            except ZIP_FAULTS:
                raise self._damaged(part) from None
            self._refuse_dtd(part, content[:HEAD])
            self._unpacked[part] = content
            self._verified.add(part)
        return self._unpacked[part]

    def packed(self, part: str) -> Packed:
        """A member as it stands in the file."""
        info = self._members[part]
        names, extras = _LOCAL.unpack_from(self.raw, info.header_offset)
        start = info.header_offset + _LOCAL.size + names + extras
        content = memoryview(self.raw)[start : start + info.compress_size]
        return Packed(info.compress_type, info.CRC, info.file_size, content)

    def verify(self, left_out: Collection[str] = ()) -> None:
        """One pass over what was not verified yet, a chunk at a time. Raises BookError for damage and DTDs."""
        for part, info in self._members.items():
            if part in self._verified or part in left_out:
                continue
            if info.file_size <= SMALL:
                self.data(part)
                continue
            try:
                with self._file.open(info) as file:
                    self._refuse_dtd(part, file.read(HEAD))
                    while file.read(CHUNK):
                        pass
            except ZIP_FAULTS:
                raise self._damaged(part) from None
            self._verified.add(part)

    def rewritten(self, changed: Mapping[str, Iterable[bytes | memoryview]], dropped: Collection[str]) -> bytes:
        """The file with other content in some members and without others; the rest keeps its compressed bytes."""
        kept = [(part, info) for part, info in self._members.items() if part not in dropped]
        return _zipped(
            (info, _deflated(info, changed[part]) if part in changed else self.packed(part)) for part, info in kept
        )

    def _damaged(self, part: str) -> BookError:
        return BookError(f"{self.name} is damaged in its part {part}; restore it from the backup")

    def _refuse_dtd(self, part: str, head: bytes) -> None:
        """A document type stands before the first element; what hides behind 64 kB of comments the parser finds.

        Most parts have no exclamation mark at all, in whatever coding.
        """
        if b"!" in head and part.lower().endswith(_XML) and any(mark in head for mark in _DTD):
            raise BookError(
                f"{self.name} has a DTD in its part {part}, as no spreadsheet program writes; it is not opened"
            )


def _deflated(info: zipfile.ZipInfo, chunks: Iterable[bytes | memoryview]) -> Packed:
    """New content of a member, compressed chunk by chunk."""
    level = QUICK if info.file_size > LARGE else USUAL
    packer, pieces, crc, size = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS), [], 0, 0
    for chunk in chunks:
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        pieces.append(packer.compress(chunk))
    pieces.append(packer.flush())
    return Packed(zipfile.ZIP_DEFLATED, crc, size, b"".join(pieces))


def _zipped(members: Iterator[tuple[zipfile.ZipInfo, Packed]]) -> bytes:
    """A zip archive (APPNOTE 4.3.6) of members that are packed already; it stays far below the need for zip64."""
    file, directory, count = io.BytesIO(), [], 0
    for info, packed in members:
        offset, count = file.tell(), count + 1
        member = zipfile.ZipInfo(info.filename, info.date_time)
        member.compress_type = packed.method
        member.CRC, member.file_size, member.compress_size = packed.crc, packed.size, len(packed.content)
        member.create_system, member.create_version = info.create_system, info.create_version
        member.flag_bits = info.flag_bits & ~(_WITH_SIZES_BEHIND | _UTF8)
        header = member.FileHeader(zip64=False)
        file.write(header)
        file.write(packed.content)
        directory.append(_directory_entry(header, info, offset))
    start, entries = file.tell(), b"".join(directory)
    file.write(entries)
    file.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0))
    return file.getvalue()


def _directory_entry(header: bytes, info: zipfile.ZipInfo, offset: int) -> bytes:
    """A member's entry in the directory: what its local header says, its attributes and its place."""
    _, needs, _, flags, method, time, date, crc, packed, size, name, _ = struct.unpack_from("<4s2B4H3L2H", header)
    entry = _CENTRAL.pack(
        *(b"PK\x01\x02", max(info.create_version, needs), info.create_system, needs, 0),
        *(flags, method, time, date, crc, packed, size, name, 0, 0, 0),
        *(info.internal_attr, info.external_attr, offset),
    )
    return entry + header[30 : 30 + name]
