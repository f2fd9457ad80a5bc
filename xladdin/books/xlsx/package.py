"""The parts of a workbook file, read whole and with care, because the file comes from outside.

An .xlsx or .xlsm file is a zip archive of XML parts that point at each other through relationships (ECMA-376,
Open Packaging Conventions). Everything that makes such a file dangerous or unreadable is refused here, in one line,
before any part of it is used: a password, an old .xls, a zip bomb, duplicate or hidden parts, a DTD, a cut file.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from core.errors import BookError

__all__ = [
    "CONTENT_TYPES",
    "MAIN",
    "SUFFIXES",
    "Package",
    "Relation",
    "check_suffix",
    "discard",
    "local",
    "remove",
    "tag",
]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "[Content_Types].xml"
SUFFIXES = (".xlsx", ".xlsm")

MOST_PARTS = 5_000
LARGEST_PART = 256 << 20
LARGEST_BOOK = 1 << 30
LARGEST_RATIO = 400
"""How many times its packed size a part above 10 MB may have; spreadsheet XML stays below 100."""

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_DTD = tuple(
    f"<!{word}".encode(coding) for word in ("DOCTYPE", "ENTITY") for coding in ("ascii", "utf-16-le", "utf-16-be")
)


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


@dataclass(frozen=True)
class Relation:
    """An arrow from one part to another part, or to something outside the file."""

    kind: str
    target: str
    external: bool


class Package:
    """All parts of one workbook file, in memory. `xml` parses a part once; `edit` also marks it as changed."""

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        self.raw = raw
        self.changed: set[str] = set()
        self.dropped: set[str] = set()
        self._trees: dict[str, etree._Element] = {}
        self._infos = _checked_members(name, raw)
        self._data = _unpacked(name, raw, self._infos)
        self._by_lower_name = {part.lower(): part for part in self._data}

    @classmethod
    def read(cls, path: Path) -> Package:
        """The workbook at `path`. Raises BookError: absent, not a workbook, protected, damaged or unsafe."""
        check_suffix(path)
        if path.is_dir():
            raise BookError(f"{path} is a folder; name the workbook in it")
        try:
            return cls(path.name, path.read_bytes())
        except FileNotFoundError:
            raise BookError(f"{path} does not exist; check the path, or make a desk with `perpdesk new`") from None
        except OSError as error:
            raise BookError(f"{path} cannot be read ({error.strerror or error}); check who may read it") from error

    @property
    def parts(self) -> list[str]:
        """The names of all parts that stay in the file, in its order."""
        return [part for part in self._data if part not in self.dropped]

    def data(self, part: str) -> bytes:
        """The bytes of a part as they were read. Raises BookError."""
        try:
            return self._data[part]
        except KeyError:
            raise BookError(f"{self.name} lacks its part {part}; open it in Excel and save it again") from None

    def xml(self, part: str) -> etree._Element:
        """The root element of a part, the same object each time. Raises BookError."""
        if part not in self._trees:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            try:
                self._trees[part] = etree.fromstring(self.data(part), parser)
            except etree.XMLSyntaxError as error:
                raise BookError(
                    f"{self.name} is damaged in its part {part} ({str(error)[:80]}); restore it from the backup"
                ) from None
        return self._trees[part]

    def edit(self, part: str) -> etree._Element:
        """The root element of a part that is about to change."""
        self.changed.add(part)
        return self.xml(part)

    def relations(self, part: str) -> dict[str, Relation]:
        """Where a part points, by identifier; the empty name stands for the package itself."""
        rels = self.relations_part(part)
        if rels not in self._data:
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
        """The file with its changes: parts that were not edited keep their very bytes."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for info in self._infos:
                if info.is_dir() or info.filename in self.dropped:
                    continue
                member = zipfile.ZipInfo(info.filename, info.date_time)
                member.compress_type, member.external_attr = info.compress_type, info.external_attr
                archive.writestr(member, self._current(info.filename))
        return packed.getvalue()

    def _current(self, part: str) -> bytes:
        if part not in self.changed:
            return self._data[part]
        tree = self._trees[part].getroottree()
        return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def check_suffix(path: Path) -> None:
    """Nothing for a workbook's file name. Raises BookError that says what to do with any other."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return
    if suffix in {".csv", ".gz", ".parquet"}:
        remedy = "load market data into a desk with `perpdesk refresh BOOK --from FILE`"
    elif suffix in {".xls", ".xlsb", ".ods", ".xltx", ".xltm", ".xlam"}:
        remedy = "open it in Excel or Calc and save it as Excel Workbook (*.xlsx)"
    else:
        remedy = "name a file that ends with .xlsx or .xlsm"
    raise BookError(f"{path.name} is not an .xlsx or .xlsm workbook; {remedy}")


def _checked_members(name: str, raw: bytes) -> list[zipfile.ZipInfo]:
    """The directory of the archive, refused before anything is unpacked when it is not a workbook's."""
    if raw.startswith(_COMPOUND_FILE):
        if _ENCRYPTED in raw:
            raise BookError(
                f"{name} is protected by a password; take the password off in Excel (File > Info) and save it"
            )
        raise BookError(f"{name} is an old .xls under a new name; save it in Excel as Excel Workbook (*.xlsx)")
    if not raw.startswith(b"PK\x03\x04"):
        raise BookError(f"{name} is not a workbook (it is no zip archive); save it in Excel as Excel Workbook (*.xlsx)")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            infos = archive.infolist()
    except _ZIP_FAULTS:
        raise BookError(f"{name} is cut short or damaged; restore it from the backup") from None
    names = [info.filename.lower() for info in infos]
    if len(infos) > MOST_PARTS or len(set(names)) != len(names):
        raise BookError(
            f"{name} holds too many or duplicate parts, as no spreadsheet program writes them; it is not opened"
        )
    for info in infos:
        unsafe = info.filename.startswith("/") or "\\" in info.filename or ".." in info.filename.split("/")
        if unsafe or info.flag_bits & 1:
            raise BookError(f"{name} holds the unsafe or encrypted part '{info.filename}'; it is not opened")
        bomb = info.file_size > 10 << 20 and info.file_size > LARGEST_RATIO * max(info.compress_size, 1)
        if info.file_size > LARGEST_PART or bomb:
            raise BookError(
                f"{name} holds the part '{info.filename}' that unpacks to {info.file_size >> 20} MB; it is not opened"
            )
    total = sum(info.file_size for info in infos)
    if total > LARGEST_BOOK:
        raise BookError(f"{name} unpacks to {total >> 20} MB; it is not opened, keep a shorter history in it")
    return infos


def _unpacked(name: str, raw: bytes, infos: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Every part, its checksum verified and its XML free of document type definitions."""
    data = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for info in infos:
            if info.is_dir():
                continue
            try:
                content = archive.read(info)
            except _ZIP_FAULTS:
                raise BookError(f"{name} is damaged in its part {info.filename}; restore it from the backup") from None
            if info.filename.lower().endswith((".xml", ".rels", ".vml")) and any(mark in content for mark in _DTD):
                raise BookError(
                    f"{name} has a DTD in its part {info.filename}, as no spreadsheet program writes; it is not opened"
                )
            data[info.filename] = content
    if CONTENT_TYPES not in data:
        raise BookError(f"{name} is a zip archive but no workbook; save it in Excel as Excel Workbook (*.xlsx)")
    return data
