"""The parts of a workbook file, read with care, because the file comes from outside.

An .xlsx or .xlsm file is a zip archive of XML parts that point at each other through relationships (ECMA-376,
Open Packaging Conventions). Everything that makes such a file dangerous or unreadable is refused here, in one line,
before any part of it is used: a password, an old .xls, a zip bomb, duplicate or hidden parts, a DTD, a cut file.
A part is unpacked when it is first asked for; the sheets, which may be large, are never a tree.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lxml import etree

from core.errors import BookError
from core.records import dataclass

from ..names import check_suffix
from .archive.limits import read_file
from .archive.members import Archive, Packed
from .markup import parsed, remove

__all__ = [
    "CONTENT_TYPES",
    "Package",
    "Relation",
    "Streamed",
]

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "[Content_Types].xml"

_LATE = ("worksheet+xml", "sharedStrings+xml")
"""Large parts, verified when they are unpacked: every job that writes looks into them."""


@dataclass(frozen=True)
class Relation:
    """An arrow from one part to another part, or to something outside the file."""

    kind: str
    target: str
    external: bool


class Streamed(Protocol):
    """A part that is written in pieces."""

    def chunks(self) -> Iterable[bytes | memoryview]:
        """The part as it now is."""


class Package:
    """All parts of one workbook file. `xml` parses a part once; `edit` also marks it as changed."""

    def __init__(self, name: str, raw: bytes) -> None:
        self._begin(Archive(name, raw))
        if CONTENT_TYPES not in self._parts:
            raise BookError(f"{name} is a zip archive but no workbook; save it in Excel as Excel Workbook (*.xlsx)")
        self._archive.verify(left_out={part for ending in _LATE for part in self.of_type(ending)})

    @classmethod
    def read(cls, path: Path) -> Package:
        """The workbook at `path`. Raises BookError: absent, not a workbook, protected, damaged or unsafe."""
        check_suffix(path)
        if path.is_dir():
            raise BookError(f"{path} is a folder; name the workbook in it")
        try:
            return cls(path.name, read_file(path))
        except FileNotFoundError:
            raise BookError(f"{path} does not exist; check the path, or make a desk with `perpdesk new`") from None
        except OSError as error:
            raise BookError(f"{path} cannot be read ({error.strerror or error}); check who may read it") from error

    def copy(self) -> Package:
        """The same file once more: what was unpacked is shared, trees and changes are not."""
        twin = Package.__new__(Package)
        twin._begin(self._archive)
        return twin

    @property
    def raw(self) -> bytes:
        """The file's bytes as they were read."""
        return self._archive.raw

    @property
    def parts(self) -> list[str]:
        """The names of all parts that stay in the file, in its order."""
        return [part for part in self._parts if part not in self.dropped]

    def data(self, part: str) -> bytes:
        """The bytes of a part as they were read. Raises BookError."""
        if part not in self._parts:
            raise BookError(f"{self.name} lacks its part {part}; open it in Excel and save it again")
        return self._archive.data(part)

    def packed(self, part: str) -> Packed:
        """A part as it stands in the file, compressed."""
        return self._archive.packed(part)

    def xml(self, part: str) -> etree._Element:
        """The root element of a part, the same object each time. Raises BookError."""
        if part not in self._trees:
            self._trees[part] = self.fresh(part)
        return self._trees[part]

    def fresh(self, part: str) -> etree._Element:
        """The root element of a part as it was read, for the caller alone. Raises BookError."""
        data = self.data(part)
        with self.naming(part):
            return parsed(data)

    @contextmanager
    def naming(self, part: str) -> Iterator[None]:
        """Inside it whatever is wrong with the XML of a part is said with the names of file and part."""
        try:
            yield
        except etree.XMLSyntaxError as error:
            raise BookError(
                f"{self.name} is damaged in its part {part} ({str(error)[:80]}); restore it from the backup"
            ) from None
        except BookError as error:
            raise BookError(f"the part {part} of {self.name} {error}") from None

    def edit(self, part: str) -> etree._Element:
        """The root element of a part that is about to change."""
        self.changed.add(part)
        return self.xml(part)

    def stream(self, part: str, source: Streamed) -> None:
        """Let a part that changes be written from `source`, piece by piece, and not from a tree."""
        self._streamed[part] = source

    def relations(self, part: str) -> dict[str, Relation]:
        """Where a part points, by identifier; the empty name stands for the package itself."""
        rels = self.relations_part(part)
        if rels not in self._parts:
            return {}
        found = {}
        for element in self.xml(rels).iter(f"{{{RELATIONS}}}Relationship"):
            target, external = element.get("Target", ""), element.get("TargetMode") == "External"
            if not external:
                folder = "" if target.startswith("/") else posixpath.dirname(part)
                target = posixpath.normpath(posixpath.join(folder, target.lstrip("/")))
                target = self._by_lower_name.get(target.lower(), target)
            found[element.get("Id", "")] = Relation(element.get("Type", ""), target, external)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """The parts of one kind ("table", "pivotTable" ...) that a part points at."""
        return [r.target for r in self.relations(part).values() if r.kind.endswith(f"/{kind}") and not r.external]

    def of_type(self, ending: str) -> list[str]:
        """The parts whose declared content type ends so ("chart+xml" ...)."""
        overrides = (
            e for e in self.xml(CONTENT_TYPES).iter("{*}Override") if e.get("ContentType", "").endswith(ending)
        )
        names = (self._by_lower_name.get(e.get("PartName", "").lstrip("/").lower()) for e in overrides)
        return [name for name in names if name is not None and name not in self.dropped]

    def drop(self, part: str, owner: str) -> None:
        """Leave a part out, with its content type and the arrow of its owner."""
        self.dropped.add(part)
        for element in list(self.edit(CONTENT_TYPES)):
            if element.get("PartName", "").lstrip("/").lower() == part.lower():
                remove(element)
        gone = {key for key, relation in self.relations(owner).items() if relation.target == part}
        for element in list(self.edit(self.relations_part(owner))):
            if element.get("Id") in gone:
                remove(element)

    @staticmethod
    def relations_part(part: str) -> str:
        """The part in which the arrows of `part` stand."""
        folder, name = posixpath.split(part)
        return posixpath.join(folder, "_rels", f"{name}.rels")

    def pack(self) -> bytes:
        """The file with its changes: parts that were not edited keep their very bytes, compressed as they are.

        Raises BookError when one that would be copied is damaged.
        """
        self._archive.verify()
        return self._archive.rewritten({part: self._chunks(part) for part in self.changed}, self.dropped)

    def _begin(self, archive: Archive) -> None:
        self.name, self._archive = archive.name, archive
        self.changed: set[str] = set()
        self.dropped: set[str] = set()
        self._trees: dict[str, etree._Element] = {}
        self._streamed: dict[str, Streamed] = {}
        self._parts = dict.fromkeys(archive.parts)
        self._by_lower_name = {part.lower(): part for part in self._parts}

    def _chunks(self, part: str) -> Iterator[bytes | memoryview]:
        if part in self._streamed:
            yield from self._streamed[part].chunks()
        else:
            tree = self._trees[part].getroottree()
            yield etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
