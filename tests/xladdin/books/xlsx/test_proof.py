"""A writer that errs in every way one can think of: the proof refuses each, and passes the honest one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import START, digest, operate
from xladdin.books.file_book import FileBook
from xladdin.books.xlsx import patch as patch_module
from xladdin.books.xlsx.archive.members import Archive, Packed
from xladdin.books.xlsx.cell_values import encode
from xladdin.books.xlsx.package import Package
from xladdin.books.xlsx.rows.block import NumberBlock
from xladdin.books.xlsx.rows.frame import Frame
from xladdin.books.xlsx.sheet import SheetPart

ROWS = 40
PRICES, SETTINGS, MONITOR = (f"xl/worksheets/sheet{n}.xml" for n in (2, 4, 6))
OUTSIDE = "changed outside the result cells"

Spoil = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def stored(desk: Path) -> Path:
    """The desk as a program saves it: formulas with values, one that hangs on nothing, a row with a height."""

    def surgery(parts: dict[str, bytes]) -> None:
        parts[MONITOR] = (
            parts[MONITOR]
            .replace(b"<v></v>", b"<v>42</v>")
            .replace(b"</sheetData>", b'<row r="9"><c r="B9"><f>1+1</f><v>2</v></c></row></sheetData>')
        )
        parts[PRICES] = parts[PRICES].replace(b'<row r="8"', b'<row r="8" ht="30" customHeight="1"')

    return operate(desk, surgery)


def work(path: Path) -> str:
    """What becomes of one honest job with a block of prices and a named cell, whatever its writer does to it."""
    numbers = np.random.default_rng(1).uniform(1, 9, (ROWS, 3))
    numbers[5, 2] = np.nan
    times = np.datetime64(START, "s") + np.arange(ROWS) * np.timedelta64(3600, "s")
    with FileBook.open(path) as book:
        book.write_series("Prices", times, numbers, ["Time", "BTC", "ETH", "SOL"], {(7, 1): "n/a"})
        book.write_value("Equity", 5.0)
        try:
            book.commit()
        except BookError as error:
            return str(error)
    return "written"


def puts(spoil: Callable[[SheetPart], None]) -> Spoil:
    """A writer that does something else beside each cell it writes."""
    honest = SheetPart.put

    def put(self: SheetPart, row: int, column: int, value: object, style: str | None) -> None:
        honest(self, row, column, value, style)  # type: ignore[arg-type]
        spoil(self)

    return lambda monkeypatch: monkeypatch.setattr(SheetPart, "put", put)


def streams(old: bytes, new: bytes) -> Spoil:
    """A writer that loses or changes something of Prices on its way into the file."""
    honest = Frame.chunks

    def chunks(self: Frame) -> Iterator[bytes | memoryview]:
        data = b"".join(bytes(chunk) for chunk in honest(self))
        if b'r="E46"' in data:  # only Prices has so many rows
            data, count = re.subn(old, new, data, count=1, flags=re.DOTALL)
            assert count == 1, old
        yield data

    return lambda monkeypatch: monkeypatch.setattr(Frame, "chunks", chunks)


def _neighbour(sheet: SheetPart) -> None:
    sheet.rows.edit(10)
    cell = sheet.cell(10, 3)
    assert cell is not None
    encode(cell, "max_drawdown", sheet.shared.epoch)


def _wrong_value(sheet: SheetPart) -> None:
    sheet.written[7, 3] = 2.0


def _head(sheet: SheetPart) -> None:
    sheet.root.set("spoiled", "1")


def _tail(sheet: SheetPart) -> None:
    sheet.root.remove(sheet.root[-1])


def _style(sheet: SheetPart) -> None:
    sheet.shared.package.edit("xl/styles.xml")[0].set("spoiled", "1")


def _lost_part(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Archive.rewritten

    def rewritten(self: Archive, changed: object, dropped: object) -> bytes:
        return honest(self, changed, {"xl/charts/chart2.xml"})  # type: ignore[arg-type]

    monkeypatch.setattr(Archive, "rewritten", rewritten)


def _copied(monkeypatch: pytest.MonkeyPatch) -> None:
    honest, theirs = Archive.packed, Package.packed

    def packed(self: Archive, part: str) -> Packed:
        found = honest(self, part)
        other = bytes([found.content[0] ^ 1]) + bytes(found.content[1:])
        return replace(found, content=other) if part == "xl/theme/theme1.xml" else found

    def rewritten(self: Archive, *given: object) -> bytes:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(Archive, "packed", packed)
            return honest_rewritten(self, *given)  # type: ignore[arg-type]

    honest_rewritten = Archive.rewritten
    assert theirs is Package.packed
    monkeypatch.setattr(Archive, "rewritten", rewritten)


def _one_ulp(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = NumberBlock.chunks

    def chunks(self: NumberBlock, prefix: str) -> Iterator[bytes]:
        numbers = self.numbers.copy()
        numbers[7, 2] = np.nextafter(numbers[7, 2], 99)
        yield from honest(replace(self, numbers=numbers), prefix)

    monkeypatch.setattr(NumberBlock, "chunks", chunks)


def _emptied_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = SheetPart.empty_results

    def empty_results(self: SheetPart, places: set[tuple[int, int]], filled: object) -> None:
        known = self.emptied.copy()
        honest(self, {*places, (9, 2)}, filled)  # type: ignore[arg-type]
        self.emptied.intersection_update(known | places)

    monkeypatch.setattr(SheetPart, "empty_results", empty_results)


SPOILT: dict[str, tuple[Spoil, str]] = {
    "a neighbour": (puts(_neighbour), f"{SETTINGS} {OUTSIDE}"),
    "another value": (puts(_wrong_value), "Settings!C7 does not read back as written"),
    "an attribute of the sheet": (puts(_head), f"{SETTINGS} {OUTSIDE}"),
    "an element of the sheet": (puts(_tail), f"{SETTINGS} {OUTSIDE}"),
    "a style": (puts(_style), f"xl/styles.xml {OUTSIDE}"),
    "a lost part": (_lost_part, "a part of the file was lost"),
    "a byte of a copied part": (_copied, "xl/theme/theme1.xml"),
    "one unit in the last place": (_one_ulp, "do not read back as written"),
    "a lost row": (streams(rb'<row r="30".*?</row>', b""), "do not read back as written"),
    "an added row": (streams(rb"</sheetData>", rb'<row r="500"><c r="B500"><v>1</v></c></row>\g<0>'), OUTSIDE),
    "a cell beside the block": (streams(rb'(<row r="20".*?)</row>', rb'\1<c r="Z20"><v>1</v></c></row>'), OUTSIDE),
    "a formula in the block": (streams(rb'(<c r="D30"[^>]*>)<v>', rb"\1<f>1+1</f><v>"), OUTSIDE),
    "a blank that is filled": (streams(rb'<c r="E12"([^>]*)/>', rb'<c r="E12"\1><v>3</v></c>'), "do not read back"),
    "a text that is another": (streams(b"n/a", b"n/b"), "do not read back"),
    "a time that moved": (streams(rb'(<c r="B30"[^>]*><v>)[^<]*', rb"\g<1>45292.5"), "do not read back"),
    "a time without its format": (streams(rb'(<c r="B30") s="\d+"', rb"\1"), "do not read back"),
    "a height that is lost": (streams(rb' ht="30"', b""), OUTSIDE),
    "a heading": (streams(rb'(<c r="D6"[^>]*>).*?</c>', rb"\1<v>7</v></c>"), OUTSIDE),
    "the look of a heading": (streams(rb'<c r="C6" s="\d+"', b'<c r="C6" s="0"'), OUTSIDE),
    "a value emptied that should stay": (_emptied_too_much, f"{MONITOR} {OUTSIDE}"),
}


def test_the_honest_writer_is_believed(stored: Path) -> None:
    assert work(stored) == "written"
    with FileBook.open(stored) as book:
        series = book.series("Prices")
    assert len(series.times) == ROWS
    assert series.odd == {(7, 1): "n/a"}


@pytest.mark.parametrize("name", SPOILT)
def test_the_proof_sees_what_the_writer_did_wrong(stored: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before, (spoil, words) = digest(stored), SPOILT[name]
    spoil(monkeypatch)
    assert words in work(stored)
    assert digest(stored) == before


@pytest.mark.parametrize("name", ["a neighbour", "an added row", "a height that is lost", "one unit in the last place"])
def test_without_the_proof_nothing_would_stop_a_bad_writer(
    stored: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The tests above would pass for the wrong reason if something else refused."""
    SPOILT[name][0](monkeypatch)
    monkeypatch.setattr(patch_module, "prove", lambda *_: None)
    assert work(stored) == "written"
