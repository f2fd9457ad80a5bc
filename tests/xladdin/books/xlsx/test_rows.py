"""Rows as bytes: what nobody writes keeps them, whatever they look like; odd sheets are read all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from core.errors import BookError
from tests.xladdin.books.conftest import START, build_desk, members, operate, replaced
from tests.xladdin.books.xlsx.test_patch import reshaped
from xladdin.books.file_book import FileBook
from xladdin.books.xlsx.rows import frame as frame_module
from xladdin.books.xlsx.rows.block import NumberBlock
from xladdin.books.xlsx.rows.frame import Frame

PRICES, SETTINGS = "xl/worksheets/sheet2.xml", "xl/worksheets/sheet4.xml"
HEADER = ("Time", "BTC", "ETH", "SOL")

Spelling = Callable[[bytes], bytes]


def hours(count: int) -> np.ndarray:
    return np.datetime64(START, "s") + np.arange(count) * np.timedelta64(3600, "s")


def row(part: bytes, number: int) -> bytes:
    found = re.search(rb'<(?:\w+:)?row\s+r\s*=\s*["\']%d["\'].*?(?:</(?:\w+:)?row\s*>|/>)' % number, part, re.DOTALL)
    assert found is not None
    return found[0]


def spelt(path: Path, part: str, change: Spelling) -> Path:
    return operate(path, lambda parts: parts.update({part: change(parts[part])}))


def prefixed(part: bytes) -> bytes:
    """All elements under a prefix of their own, as some programs write them."""
    part = re.sub(rb"<(/?)(?![?!/])(?=[A-Za-z])", rb"<\1x:", part)
    return part.replace(b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x=")


ODD_SPELLINGS: dict[str, Spelling] = {
    "a prefix": prefixed,
    "UTF-16": lambda part: (
        b"\xff\xfe" + part.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16-le")
    ),
    "a comment among the rows": lambda part: part.replace(b'<row r="7"', b'<!-- <row r="7"> --><row r="7"', 1),
    "a comment before the sheet": lambda part: (
        b"<?xml version='1.0'?><!-- <worksheet><sheetData/> -->" + part.partition(b"?>")[2]
        if part.startswith(b"<?xml")
        else b"<!-- <worksheet><sheetData/> -->" + part
    ),
    "an instruction": lambda part: part.replace(b"<sheetData>", b"<?own thing?><sheetData>", 1),
    "CDATA": lambda part: part.replace(b"<v>10</v>", b"<v><![CDATA[10]]></v>", 1),
    "apostrophes": lambda part: re.sub(rb'r="(\w+)"', rb"r='\1'", part),
    "spaces": lambda part: part.replace(b"<row r=", b"\n  <row\n\tr = ").replace(b"</row>", b"</row>\n"),
    "a byte order mark": lambda part: b"\xef\xbb\xbf" + part,
}


@pytest.mark.parametrize("name", ODD_SPELLINGS)
@pytest.mark.parametrize("sheet", ["Prices", "Universe"])
def test_a_sheet_is_read_and_written_however_it_is_spelt(desk: Path, name: str, sheet: str) -> None:
    with FileBook.open(desk) as book:
        universe, prices, series = book.table("Universe"), book.table("Prices"), book.series("Prices")
    spelt(desk, PRICES if sheet == "Prices" else "xl/worksheets/sheet1.xml", ODD_SPELLINGS[name])
    numbers = np.arange(60, dtype=np.float64).reshape(20, 3) / 7
    with FileBook.open(desk) as book:
        assert (book.table("Universe"), book.table("Prices")) == (universe, prices)
        np.testing.assert_array_equal(book.series("Prices").numbers, series.numbers)
        np.testing.assert_array_equal(book.series("Prices").times, series.times)
        book.write_series("Prices", hours(20), numbers, HEADER)
        book.write_table("Universe", [["ADA", 1.5, 0.1, "Y"], ["BTC", 2.5, 0.1, "N"]])
        book.commit()
        np.testing.assert_array_equal(book.series("Prices").numbers, numbers)
        assert book.table("Universe").rows == (("ADA", 1.5, 0.1, "Y"), ("BTC", 2.5, 0.1, "N"))
    again = openpyxl.load_workbook(desk)
    assert [cell.value for cell in again["Prices"]["D"][6:26]] == numbers[:, 1].tolist()
    assert again["Universe"]["H30"].value == "note far below"


def test_rows_that_nobody_writes_keep_their_bytes(desk: Path) -> None:
    odd = b'<row  r="40"   ht="30" ><c   r="H40"  s="0"><v>1.50</v></c ><extLst/></row >'.replace(b" >", b">")
    operate(desk, replaced(SETTINGS, b"</sheetData>", odd + b"</sheetData>"))
    before = members(desk)[SETTINGS]
    with FileBook.open(desk) as book:
        assert book.value("Objective").value == "max_sharpe"
        book.write_value("Equity", 5.0)
        book.commit()
    after = members(desk)[SETTINGS]
    assert odd in after
    assert row(after, 10) == row(before, 10)
    assert row(after, 7) != row(before, 7)


def test_heights_and_looks_of_rows_stay_when_history_is_laid_over_them(desk: Path) -> None:
    def adorn(book: openpyxl.Workbook) -> None:
        book["Prices"].row_dimensions[9].height = 33
        book["Prices"].row_dimensions[12].height = 44
        book["Prices"]["D9"].font = Font(bold=True)

    reshaped(desk, adorn)
    for count in (20, 3):
        with FileBook.open(desk) as book:
            book.write_series("Prices", hours(count), np.ones((count, 3)), HEADER)
            book.commit()
        sheet = openpyxl.load_workbook(desk)["Prices"]
        assert (sheet.row_dimensions[9].height, sheet.row_dimensions[12].height) == (33, 44)
        assert sheet["D9"].font.bold
        assert not sheet["D8"].font.bold
        assert {sheet.cell(r, 2).number_format for r in range(7, 7 + count)} == {"yyyy-mm-dd hh:mm"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda part: part.replace(b'<row r="8"', b'<row r="7"'), "rows twice or out of order; open and save in Excel"),
        (
            lambda part: part.replace(b'<row r="8"', b'<row r="90"'),
            "rows twice or out of order; open and save in Excel",
        ),
        (lambda part: part.replace(b'<row r="12"', b'<row r="1048577"'), "a row 1,048,577 where a sheet ends"),
        (lambda part: part.replace(b'<row r="8"', b"<row"), "rows without numbers"),
        (lambda part: part.replace(b'<row r="8"', b'<other/><row r="8"'), "something else stands among the rows"),
        (lambda part: part.replace(b"</sheetData>", b""), "is damaged in its part"),
    ],
)
def test_rows_in_disorder_are_refused(desk: Path, change: Spelling, words: str) -> None:
    spelt(desk, PRICES, change)
    with FileBook.open(desk) as book, pytest.raises(BookError) as caught:
        book.series("Prices")
    assert words in str(caught.value)
    assert "Prices" in str(caught.value) or PRICES in str(caught.value)


def test_what_some_programs_read_as_a_number_is_none(desk: Path) -> None:
    for text in (b"nan", b"1_0", b"inf", b"0x1", b" "):
        path = desk.with_name("odd.xlsx")
        path.write_bytes(desk.read_bytes())
        operate(
            path,
            lambda parts, text=text: parts.update({PRICES: parts[PRICES].replace(b"<v>201</v>", b"<v>%s</v>" % text)}),
        )
        with FileBook.open(path) as book:
            try:
                held = book.table("Prices").column("ETH")[1]
            except BookError as error:
                with pytest.raises(BookError, match=re.escape(str(error))):
                    book.series("Prices")
            else:
                assert book.series("Prices").numbers[1, 1] == pytest.approx(held, nan_ok=True)


ODD_CELLS = (b"", b"<v></v>", b"<v>1e999</v>", b"<v>1e</v>", b"<v>-7.5E-3</v>", b"<v>nan</v>", b"<v> 3</v>")


@settings(max_examples=20)
@given(odd=st.dictionaries(st.integers(0, 299), st.sampled_from(ODD_CELLS), max_size=12), every=st.integers(2, 9))
def test_a_long_history_reads_as_its_cells_do(
    odd: dict[int, bytes], every: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rows of a few shapes in turn, and here and there one with something else in it."""
    path = build_desk(tmp_path_factory.mktemp("long") / "desk.xlsx")
    numbers = np.arange(900, dtype=np.float64).reshape(300, 3) / 7
    numbers[::every, 1] = np.nan
    with FileBook.open(path) as book:
        book.write_series("Prices", hours(300), numbers, HEADER)
        book.commit()

    def surgery(parts: dict[str, bytes]) -> None:
        for line, inside in odd.items():
            cell = rb'(<c r="C%d"[^>]*>).*?</c>' % (line + 7)
            parts[PRICES] = re.sub(cell, lambda found, inside=inside: found[1] + inside + b"</c>", parts[PRICES])

    operate(path, surgery)
    with FileBook.open(path) as book:
        try:
            columns = book.table("Prices")
        except BookError as error:
            with pytest.raises(BookError, match=re.escape(str(error))):
                book.series("Prices")
            return
        read = book.series("Prices")
    assert read.times.tolist() == list(columns.column("Time"))
    for place, heading in enumerate(HEADER[1:]):
        held = [np.nan if value is None else value for value in columns.column(heading)]
        assert np.array_equal(read.numbers[:, place], np.array(held, dtype=np.float64), equal_nan=True)


def test_a_comment_among_too_many_cells_is_no_way_into_memory(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spelt(desk, PRICES, ODD_SPELLINGS["a comment among the rows"])
    monkeypatch.setattr("xladdin.books.xlsx.markup.MOST_TAGS", 30)
    with pytest.raises(BookError, match="has more than 30 tags"):
        frame_module.cut(members(desk)[PRICES])


@settings(max_examples=20)
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 15), st.integers(1, 4), st.sets(st.integers(0, 59)), st.booleans()),
        min_size=1,
        max_size=4,
    )
)
def test_blocks_give_the_same_cells_as_rows_do(
    steps: list[tuple[int, int, set[int], bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same writes twice: as arrays, and as rows of values. Both books then hold the same in the same looks."""
    folder = tmp_path_factory.mktemp("blocks")
    paths = [build_desk(folder / f"{name}.xlsx") for name in ("arrays", "rows")]
    for at, path in enumerate(paths):
        with FileBook.open(path) as book:
            for count, width, gaps, lands in steps:
                numbers = np.arange(60, dtype=np.float64) / 3
                numbers[list(gaps)] = np.nan
                block, header = numbers.reshape(15, 4)[:count, :width], ["Time", *"ABCD"[:width]]
                if at == 0:
                    book.write_series("Prices", hours(count), block, header)
                else:
                    rows = zip(hours(count).tolist(), block.tolist(), strict=True)
                    cells = [[time, *(None if v != v else v for v in values)] for time, values in rows]
                    book.write_table("Prices", cells, header)
                if lands:
                    book.commit()
            book.commit()
    sheets = [openpyxl.load_workbook(path)["Prices"] for path in paths]
    looks = [
        {c.coordinate: (c.value, c.number_format) for line in sheet.iter_rows() for c in line if c.value is not None}
        for sheet in sheets
    ]
    assert looks[0] == looks[1]
    assert sheets[0].tables["Prices"].ref == sheets[1].tables["Prices"].ref


def test_history_is_laid_as_a_block_unless_something_else_stands_in_its_rows(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[str] = []
    honest = NumberBlock.chunks
    monkeypatch.setattr(
        NumberBlock, "chunks", lambda self, prefix: (laid.append(str(self.area)), honest(self, prefix))[1]
    )
    for note in (None, "mine"):
        reshaped(desk, lambda book, note=note: book["Prices"].__setitem__("L8", note))  # type: ignore[misc]
        with FileBook.open(desk) as book:
            book.write_series("Prices", hours(9), np.ones((9, 3)), HEADER)
            book.commit()
            assert book.series("Prices").numbers.shape == (9, 3)
    assert laid == ["B7:E15"]
    assert openpyxl.load_workbook(desk)["Prices"]["L8"].value == "mine"


def test_a_frame_that_did_not_change_keeps_its_bytes(desk: Path) -> None:
    part = members(desk)[PRICES].replace(b"<sheetData>", b"<sheetData  >")
    assert b"".join(bytes(chunk) for chunk in Frame(part).chunks()) == part.replace(b"<sheetData  >", b"<sheetData>")


@pytest.mark.parametrize("until", [200, 1300])
def test_a_style_whose_number_ends_like_that_of_its_row_is_that_style(desk: Path, until: int) -> None:
    """Row 7 with style 107 or 1207: the row's number is told from the end of the style's."""
    with FileBook.open(desk) as book:
        expected = book.series("Prices")

    def surgery(parts: dict[str, bytes]) -> None:
        styles = parts["xl/styles.xml"]
        formats = re.search(rb"<cellXfs.*?</cellXfs>", styles, re.DOTALL)
        assert formats is not None
        own = re.findall(rb"<xf .*?(?:</xf>|/>(?!<alig))", formats[0], re.DOTALL)
        dated = int(re.findall(rb'<c r="B7" s="(\d+)"', parts[PRICES])[0])
        more = own[dated] * (until - len(own))
        parts["xl/styles.xml"] = styles.replace(b"</cellXfs>", more + b"</cellXfs>", 1)
        for number in range(7, 13):
            style = until - 200 + 100 + number
            parts[PRICES] = re.sub(rb'(<c r="B%d" s=")\d+"' % number, rb'\g<1>%d"' % style, parts[PRICES])

    operate(desk, surgery)
    with FileBook.open(desk) as book:
        found = book.series("Prices")
        assert found.times.tolist() == expected.times.tolist()
        assert np.array_equal(found.numbers, expected.numbers)
        book.write_series("Prices", hours(30), np.ones((30, 3)), book.table("Prices").header)
        book.commit()
    assert openpyxl.load_workbook(desk)["Prices"]["B7"].is_date
    assert b'<c r="B7" s="%d"' % (until - 200 + 107) in members(desk)[PRICES]
