"""Nothing but the named cells changes: foreign parts survive to the byte."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from tests.xladdin.books.conftest import members, operate
from xladdin.books.file_book import FileBook
from xladdin.books.xlsx.markup import tag

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FOREIGN = {
    "customXml/item1.xml": b'<desk xmlns="urn:own">kept  <b/> as it is</desk>',
    "xl/threadedComments/threadedComment1.xml": (
        b'<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        b'<threadedComment ref="B7" dT="2024-06-30T00:00:00.00" personId="{1}" id="{2}">'
        b"<text>why?</text></threadedComment>"
        b"</ThreadedComments>"
    ),
    "xl/persons/person.xml": (
        b'<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        b'<person displayName="Ann" id="{1}" userId="ann" providerId="None"/></personList>'
    ),
    "xl/printerSettings/printerSettings1.bin": bytes(range(256)),
}
TYPES = (
    b'<Default Extension="bin" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/>'
    b'<Override PartName="/xl/threadedComments/threadedComment1.xml" '
    b'ContentType="application/vnd.ms-excel.threadedcomments+xml"/>'
    b'<Override PartName="/xl/persons/person.xml" ContentType="application/vnd.ms-excel.person+xml"/></Types>'
)
SHEET_RELATIONS = (
    b'<Relationship Id="rId71" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment" '
    b'Target="../threadedComments/threadedComment1.xml"/>'
    b'<Relationship Id="rId72" Type="%s/printerSettings" '
    b'Target="../printerSettings/printerSettings1.bin"/></Relationships>'
) % OFFICE.encode()
BOOK_RELATIONS = (
    b'<Relationship Id="rId81" Type="http://schemas.microsoft.com/office/2017/10/relationships/person" '
    b'Target="persons/person.xml"/>'
    b'<Relationship Id="rId82" Type="%s/customXml" Target="../customXml/item1.xml"/></Relationships>'
) % OFFICE.encode()
SHAPE = (
    b'<xdr:twoCellAnchor xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    b'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    b"<xdr:from><xdr:col>9</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>20</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
    b"<xdr:to><xdr:col>12</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>24</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
    b'<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="9" name="Own box"/><xdr:cNvSpPr/></xdr:nvSpPr>'
    b'<xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
    b"<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>own text</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/>"
    b"</xdr:twoCellAnchor>"
)
SPARKLINES = (
    b'<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" '
    b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:sparklineGroups '
    b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:sparklineGroup><x14:sparklines><x14:sparkline>'
    b"<xm:f>Prices!C7:C12</xm:f><xm:sqref>F7</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
    b"</x14:sparklineGroups></ext></extLst></worksheet>"
)


@pytest.fixture
def lived_in(desk: Path) -> Path:
    """The desk after people worked on it with Excel: shapes, threaded comments, sparklines, own parts."""

    def surgery(parts: dict[str, bytes]) -> None:
        parts.update(FOREIGN)
        for name, end, addition in (
            ("[Content_Types].xml", b"</Types>", TYPES),
            ("xl/worksheets/_rels/sheet3.xml.rels", b"</Relationships>", SHEET_RELATIONS),
            ("xl/_rels/workbook.xml.rels", b"</Relationships>", BOOK_RELATIONS),
            ("xl/worksheets/sheet3.xml", b"</worksheet>", SPARKLINES),
        ):
            assert end in parts[name]
            parts[name] = parts[name].replace(end, addition)
        drawing = parts["xl/drawings/drawing2.xml"]
        start = drawing.rindex(b"</")
        parts["xl/drawings/drawing2.xml"] = drawing[:start] + SHAPE + drawing[start:]

    return operate(desk, surgery)


def test_openpyxl_would_lose_what_this_test_is_about(lived_in: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.xlsx"
    with pytest.warns(UserWarning, match="Sparkline Group extension is not supported"):
        openpyxl.load_workbook(lived_in).save(saved)
    assert not FOREIGN.keys() & members(saved).keys()


def test_foreign_parts_survive_to_the_byte(lived_in: Path) -> None:
    before = members(lived_in)
    with FileBook.open(lived_in) as book:
        book.write_table("Weights", [[name, 0.25, 0.25] for name in "ABCD"])
        book.write_value("Equity", 5.0)
        book.commit()
    after = members(lived_in)
    touched = {name for name in before if before[name] != after[name]}
    assert after.keys() == before.keys()
    assert touched == {
        "xl/workbook.xml",
        "xl/worksheets/sheet3.xml",
        "xl/worksheets/sheet4.xml",
        "xl/worksheets/sheet6.xml",
        "xl/tables/table3.xml",
        "xl/charts/chart2.xml",
    }
    assert _extensions(after["xl/worksheets/sheet3.xml"]) == _extensions(before["xl/worksheets/sheet3.xml"]) != b""


def _extensions(sheet: bytes) -> bytes:
    return b"".join(etree.tostring(e, method="c14n") for e in etree.fromstring(sheet).iter(tag("extLst")))


def test_cells_beside_the_written_ones_stay(lived_in: Path) -> None:
    def cells(path: Path) -> dict[str, bytes]:
        root = etree.fromstring(members(path)["xl/worksheets/sheet1.xml"])
        return {c.get("r", ""): etree.tostring(c, method="c14n") for c in root.iter(tag("c"))}

    before = cells(lived_in)
    with FileBook.open(lived_in) as book:
        book.write_table("Universe", [["BTC", 11.0, 0.1, "Y"], ["ETH", 21.0, 0.1, "N"]])
        book.commit()
    after = cells(lived_in)
    outside = {name for name in before if not ("B" <= name[0] <= "E" and 7 <= int(name[1:]) <= 9)}
    assert {"B3", "H30", "B6"} <= outside
    assert all(after[name] == before[name] for name in outside)


def test_a_second_write_of_the_same_values_changes_no_cell(desk: Path) -> None:
    rows = [["BTC", 0.5, 0.1], ["ETH", 0.5, 0.1]]
    for attempt in range(2):
        with FileBook.open(desk) as book:
            book.write_table("Weights", rows)
            book.commit(desk.with_name(f"{attempt}.xlsx"))
        desk = desk.with_name(f"{attempt}.xlsx")
    assert members(desk) == members(desk.with_name("0.xlsx"))
