"""The add-in's file: built the same each time, read back by others, and its VBA looked through for errors."""

from __future__ import annotations

import importlib.util
import io
import re
import struct
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import olefile
import pytest
from lxml import etree
from oletools.olevba import VBA_Parser, decompress_stream
from packaging.requirements import Requirement
from pyopenvba import ExcelFile, check_file
from pyvbaanalysis import analyze_workbook
from vbalidator import precheck

from tests.source_tree import ROOT
from tests.test_dependencies import PROJECT
from xladdin import catalog
from xladdin.hosts.excel.addin import build
from xladdin.hosts.excel.addin.build import RIBBON, VBA, addin_bytes, build_addin
from xladdin.hosts.excel.addin.compound_file import compound_file
from xladdin.hosts.excel.addin.compression import compressed
from xladdin.hosts.excel.addin.package import RIBBON_2006, RIBBON_2009
from xladdin.hosts.excel.addin.vba_project import Module, vba_project
from xladdin.hosts.excel.identity import CLASS_ID, MAC_LAUNCHER, PROGRAM_ID
from xladdin.hosts.excel.names import vba_name
from xladdin.hosts.jobs import JOBS

OURS = {path.stem: path.read_text(encoding="utf-8") for path in (*VBA.glob("*.bas"), VBA / "ThisWorkbook.cls")}

ONE_CLASS = (0x19, 0x47, 0x1A, 0x32, 0x1C, 0x48, 0x31, 0x1E, 0x2C, 0x22, 0x2B)
"""Numbers of the records that stand for one module in the directory of a project (MS-OVBA 2.3.4.2.3.2)."""

PLANTED = {
    "undeclared variable": "Public Sub Bad()\n    unheardOf = 1\nEnd Sub",
    "misspelt variable": "Public Sub Bad()\n    Dim total As Long\n    totl = 1\n    total = totl\nEnd Sub",
    "unknown procedure": "Public Sub Bad()\n    NoSuchProcedure 1\nEnd Sub",
    "argument count": 'Public Sub Bad()\n    PerpKeepReason "A1"\nEnd Sub',
    "declared twice": "Public Sub Bad()\n    Dim x As Long\n    Dim x As Long\n    x = 1\nEnd Sub",
    "procedure twice": "Public Sub Bad()\nEnd Sub\nPublic Sub Bad()\nEnd Sub",
    "constant assigned": "Public Sub Bad()\n    Const X As Long = 1\n    X = 2\nEnd Sub",
    "wrong exit": "Public Function Bad() As Long\n    Exit Sub\nEnd Function",
    "unknown label": "Public Sub Bad()\n    On Error GoTo Nowhere\nEnd Sub",
    "missing next": "Public Sub Bad()\n    Dim i As Long\n    For i = 1 To 3\n        PerpReconnect\nEnd Sub",
    "missing end if": "Public Sub Bad()\n    If True Then\n        PerpReconnect\nEnd Sub",
    "unknown type": "Public Sub Bad()\n    Dim x As NoSuchType\nEnd Sub",
}


@pytest.fixture(scope="module")
def addin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("addin") / "PerpDesk.xlam"
    build_addin(path)
    return path


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def body(source: str) -> list[str]:
    """The lines of a module without its attributes."""
    return [line.rstrip() for line in source.splitlines() if not line.startswith("Attribute VB_")]


def without_trailing(lines: list[str]) -> str:
    return "\n".join(lines).rstrip()


def sources_in(file: bytes) -> dict[str, str]:
    """The modules of an add-in or of a project, as olevba reads them."""
    parser = VBA_Parser("PerpDesk", data=file)
    read = {name.rpartition(".")[0]: source for _, _, name, source in parser.extract_macros()}
    parser.close()
    return read


def test_the_same_sources_give_the_same_bytes(addin: Path) -> None:
    script = (
        "import sys; from xladdin.hosts.excel.addin.build import addin_bytes; sys.stdout.buffer.write(addin_bytes())"
    )
    other = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout
    assert addin.read_bytes() == addin_bytes() == other


def test_others_read_the_sources_that_were_written(addin: Path) -> None:
    read = sources_in(addin.read_bytes())
    assert read.keys() == {*OURS, "Sheet1"}
    for name, source in OURS.items():
        assert without_trailing(body(read[name])) == without_trailing(body(source))
        assert body(read[name])[0] == "Option Explicit"
    with ExcelFile(addin) as book:
        assert set(book.module_names()) == read.keys()
    assert check_file(addin).issues == ()


@pytest.mark.parametrize("length", [0, 1, 3, 7, 4095, 4096, 4097, 10_000])
@pytest.mark.parametrize("letters", [1, 3, 251])
def test_what_is_compressed_is_read_back(length: int, letters: int) -> None:
    text = bytes((k * k * 7 + k // 3) % letters for k in range(length))
    assert bytes(decompress_stream(bytearray(compressed(text)))) == text if text else compressed(text) == b"\x01"


def test_bytes_that_do_not_shrink_are_read_back() -> None:
    import random

    text = random.Random(1).randbytes(9000)
    assert bytes(decompress_stream(bytearray(compressed(text)))) == text


def test_a_compound_file_holds_small_large_and_empty_streams() -> None:
    large = bytes(range(256)) * 300
    folder = {"a": b"small", "Room": {"inside": large, "x": b""}, "longer name": b"y" * 4096}
    with olefile.OleFileIO(io.BytesIO(compound_file(folder))) as file:
        assert sorted(file.listdir()) == [["Room", "inside"], ["Room", "x"], ["a"], ["longer name"]]
        assert file.openstream("a").read() == b"small"
        assert file.openstream(["Room", "inside"]).read() == large
        assert file.openstream("longer name").read() == b"y" * 4096
        assert file.parsing_issues == []
    with pytest.raises(ValueError, match="more tables than its header"):
        compound_file({"a": bytes(8_000_000)})


def records(project: olefile.OleFileIO) -> list[int]:
    """Numbers of the records of a project's directory, but for those of references and constants, which differ."""
    data = bytes(decompress_stream(bytearray(project.openstream(["VBA", "dir"]).read())))
    found, position = [], 0
    while position + 6 <= len(data):
        number, size = struct.unpack_from("<HI", data, position)
        position += 6 + (6 if number == 9 else size)
        if number not in (0x0D, 0x16, 0x2F, 0x30, 0x33, 0x3E):
            found.append(number)
    return found


def test_an_addin_that_xlwings_ships_has_the_same_shape_when_it_is_built_anew() -> None:
    shipped = Path(importlib.util.find_spec("xlwings").origin).parent / "quickstart_addin_ribbon.xlam"
    with ExcelFile(shipped) as book:
        sources = {name: book.get_module(name) for name in book.module_names()}
    kinds = {"ThisWorkbook": "workbook", "Sheet2": "sheet"}
    modules = [
        Module(name, "\n".join(body(source)), kinds.get(name, "std"))
        for name, source in sources.items()
        if name != "Dictionary"  # the only class, a kind that ours has none of
    ]
    theirs = olefile.OleFileIO(io.BytesIO(part(shipped, "xl/vbaProject.bin")))
    ours = olefile.OleFileIO(io.BytesIO(vba_project("MyAddin", modules)))
    streams = {tuple(name) for name in theirs.listdir()} - {("VBA", "Dictionary")}
    assert {tuple(name) for name in ours.listdir()} == streams
    assert ours.openstream(["VBA", "_VBA_PROJECT"]).read() == theirs.openstream(["VBA", "_VBA_PROJECT"]).read()
    assert Counter(records(theirs)) - Counter(records(ours)) == Counter(ONE_CLASS)
    assert Counter(records(ours)) - Counter(records(theirs)) == Counter()
    read = [sources_in(part(shipped, "xl/vbaProject.bin")), sources_in(vba_project("MyAddin", modules))]
    assert {name: text.split() for name, text in read[0].items() if name != "Dictionary"} == {
        name: text.split() for name, text in read[1].items()
    }


def test_the_parts_of_the_package_are_valid_and_lead_to_each_other(addin: Path) -> None:
    with zipfile.ZipFile(addin) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
        for name in names:
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))
        for links in ("_rels/.rels", "xl/_rels/workbook.xml.rels"):
            folder = links.rpartition("_rels/")[0]
            targets = etree.fromstring(archive.read(links)).xpath("//@Target")
            assert {folder + target for target in targets} <= names
        typed = etree.fromstring(archive.read("[Content_Types].xml")).xpath("//@PartName")
        assert {name.lstrip("/") for name in typed} <= names
        assert b"addin.macroEnabled" in archive.read("[Content_Types].xml")


def test_the_ribbon_stands_in_both_forms_and_its_buttons_lead_to_procedures(addin: Path) -> None:
    ribbon = RIBBON.read_bytes()
    new, old = (etree.fromstring(part(addin, f"customUI/customUI{end}.xml")) for end in ("14", ""))
    assert (new.nsmap[None], old.nsmap[None]) == (RIBBON_2009, RIBBON_2006)
    assert etree.tostring(new).replace(RIBBON_2009.encode(), b"") == etree.tostring(old).replace(
        RIBBON_2006.encode(), b""
    )
    tree = etree.fromstring(ribbon)
    identifiers = tree.xpath("//@id")
    assert len(set(identifiers)) == len(identifiers)
    assert all(name.startswith("PerpDesk_") for name in identifiers)
    for callback in tree.xpath("//@onAction"):
        assert re.search(rf"^Public Sub {callback}\(control As IRibbonControl\)$", OURS["PerpRibbon"], re.MULTILINE)


def test_the_ribbon_runs_the_jobs_in_their_order() -> None:
    assert etree.parse(RIBBON).xpath("//@tag") == list(JOBS)


def test_every_function_has_a_wrapper_with_its_arguments() -> None:
    declared = re.findall(r"^Public Function (PERP_\w+)\((.*)\) As Variant$", OURS["PerpFunctions"], re.MULTILINE)
    for (name, arguments), spec in zip(declared, catalog.functions(), strict=True):
        assert name == spec.name
        assert [part for part in arguments.split(", ") if part] == [
            f"{'Optional ' if each.optional else ''}{vba_name(each.name)} As Variant" for each in spec.args
        ]


def test_the_sources_keep_to_what_the_editor_can_hold() -> None:
    for name, source in OURS.items():
        source.encode("cp1252")
        assert source.isascii(), name
        assert max(map(len, source.splitlines())) <= 1023, name
        assert max((len(run) for run in re.findall(r"(?:.* _\n)+", source)), default=0) < 16_000
        assert max((run.count(" _\n") for run in re.findall(r"(?:.* _\n)+", source)), default=0) <= 24, name


def test_vba_and_python_mean_the_same_names() -> None:
    everything = "\n".join(OURS.values())
    version = str(next(r for line in PROJECT["dependencies"] if (r := Requirement(line)).name == "xlwings").specifier)
    assert set(re.findall(r"xlwings(?:32|64)?-([\d.]+)\.(?:dll|applescript)", everything)) == {version.lstrip("=")}
    assert f'"{PROGRAM_ID}"' in OURS["PerpServer"]
    assert CLASS_ID in OURS["PerpLibrary"]
    assert f"$HOME/{MAC_LAUNCHER}" in OURS["PerpMac"]
    for module in re.findall(r'"(xladdin[\w.]+)"', everything):
        assert importlib.util.find_spec(module) is not None


def findings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the two analysers say of each module in a folder, apart from remarks on style."""
    monkeypatch.setattr(build, "VBA", folder)
    build_addin(folder / "PerpDesk.xlam")
    said = {
        module: [found.message for found in each if "information" not in str(found.severity).lower()]
        for module, each in analyze_workbook(folder / "PerpDesk.xlam").items()
    }
    for issue in precheck(folder, host="excel").issues:
        said[Path(issue["file"]).stem].append(issue["message"])
    return said


def copied(folder: Path) -> Path:
    for path in VBA.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_analysers_find_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = findings(copied(tmp_path), monkeypatch)
    assert said.keys() == {*OURS, "Sheet1"}
    assert {module: words for module, words in said.items() if words} == {}


def test_the_analysers_find_every_error_that_is_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied(tmp_path)
    for number, text in enumerate(PLANTED.values()):
        name = f"Planted{number}"
        source = f'Attribute VB_Name = "{name}"\nOption Explicit\n\n{text.replace("Bad", f"Bad{number}")}\n'
        (tmp_path / f"{name}.bas").write_text(source, encoding="utf-8")
    said = findings(tmp_path, monkeypatch)
    unseen = [error for number, error in enumerate(PLANTED) if not said[f"Planted{number}"]]
    assert unseen == []
    assert not any(said[name] for name in OURS)
