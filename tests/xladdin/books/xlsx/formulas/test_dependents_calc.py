"""Dependents held against LibreOffice: each formula whose value changes with the inputs must be called dependent."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from xladdin.books.xlsx.areas import Area, parse_cell
from xladdin.books.xlsx.caches import surroundings
from xladdin.books.xlsx.formulas.gathered import stale_results
from xladdin.books.xlsx.package import Package
from xladdin.books.xlsx.workbook import WorkbookPart

FORMULAS = 400
SHEETS = ("Data", "Own sheet's", "Third")
Change = dict[tuple[str, str], float]

NAMES = {
    "One": "Data!$B$2",
    "Block": "Data!$A$1:$C$4",
    "Sum_3": "SUM(Data!$A$1:$A$3)",
    "Dyn": "OFFSET(Data!$A$1,2,1)",
    "Chain": "One*2+Sum_3",
    "Const": "42",
    "Tax2025": "Third!$C$3",
    "Column": "Third!$B:$B",
    "Multi": "(Data!$A$1,Data!$C$3)",
}


class Formulas:
    """Random formulas of fifty kinds over the three sheets of numbers."""

    def __init__(self, source: random.Random) -> None:
        self._random = source

    def text(self, place: int) -> str:
        """A formula for row `place` of the sheet Calc; a third of them read formulas above it."""
        r = self._random
        if place > 5 and r.random() < 0.35:
            first, second = sorted((r.randint(1, place - 1), r.randint(1, place - 1)))
            return r.choice(
                [
                    f"A{first}&A{second}",
                    f"COUNTA($A${first}:A{second})",
                    f"LEN(A{first})",
                    f"IF(ISNUMBER(A{first}),A{first},0)+1",
                    f"SUM($A${first}:$A${second})",
                ]
            )
        kinds: list[Callable[[], str]] = [
            self._arithmetic,
            self._named,
            self._table,
            self._lookup,
            self._newer,
            self._odd,
        ]
        return r.choice(kinds)()

    def _cell(self) -> str:
        return f"{self._random.choice('ABCDEF')}{self._random.randint(1, 12)}"

    def _sheet(self) -> str:
        return self._random.choice(["Data!", "'Own sheet''s'!", "Third!"])

    def _at(self) -> str:
        return self._sheet() + self._cell()

    def _range(self) -> str:
        r, letters = self._random, "ABCDEF"
        (top, bottom), (left, right) = (
            sorted((r.randint(1, 12), r.randint(1, 12))),
            sorted((r.randint(0, 5), r.randint(0, 5))),
        )
        return f"${letters[left]}{top}:{letters[right]}${bottom}"

    def _arithmetic(self) -> str:
        at, r = self._at, self._random
        return r.choice(
            [
                f"{at()}*2",
                f"SUM({self._sheet()}{self._range()})",
                f"IF({at()}>50,{at()},{at()})",
                f"-{at()}%",
                f'ROUND({at()},0)&"|"&TEXT({at()},"0.0")',
                f"AVERAGE({self._sheet()}{self._range()},{at()})",
                f"IFERROR(1/({at()}-{at()}),0)",
                f"CHOOSE({r.randint(1, 2)},{at()},{at()})",
                f"MAX({self._sheet()}{self._range()})-MIN({self._sheet()}{self._range()})",
                "PI()*2",
                "COLUMN()+ROW()",
                f'"{at()}"&"x"',
            ]
        )

    def _named(self) -> str:
        texts = ["One+1", "SUM(Block)", "Sum_3*2", "Chain", "Dyn", "Const+1", "Tax2025", "SUM(Column)", "SUM(Multi)"]
        return self._random.choice(texts)

    def _table(self) -> str:
        return self._random.choice(
            [
                "SUM(Tab[Px])",
                "SUM(Tab[[Px]:[Qty '#]])",
                "ROWS(Tab)",
                "SUM(Tab[[#All],[Px]])",
                "INDEX(Tab[Px],3)",
                "COUNTA(Tab[[#Headers],[Sym]])",
            ]
        )

    def _lookup(self) -> str:
        r = self._random
        return r.choice(
            [
                f'VLOOKUP("K{r.randint(2, 7)}",Data!$H$2:$J$7,2,FALSE)',
                f"MATCH({self._at()},Data!$A$1:$A$12,0)",
                f"LOOKUP({self._at()},Data!$A$1:$A$12,Data!$D$1:$D$12)",
                'SUMIF(Data!$A$1:$A$12,">50",Data!$B$1:$B$12)',
                'SUMIF(Data!$A$1:$A$12,">50",Data!$B$1)',
                f'AVERAGEIF({self._sheet()}$A$1:$A$9,">20",{self._sheet()}$D$2)',
                f"SUMPRODUCT({{1,2,3}}*Data!$A${r.randint(1, 12)}:$C$3)",
                f"FORECAST({self._at()},Data!$A$1:$A$12,Data!$B$1:$B$12)",
                "MMULT(Data!$A$1:$B$2,Data!$C$1:$D$2)",
                f"SUBTOTAL(9,{self._sheet()}{self._range()})+AGGREGATE(9,6,{self._sheet()}{self._range()})",
            ]
        )

    def _newer(self) -> str:
        return self._random.choice(
            [
                f"_xlfn.LET(_xlpm.x,{self._at()},_xlpm.y,{self._at()},_xlpm.x+_xlpm.y)",
                '_xlfn.XLOOKUP("K3",Data!$H$2:$H$7,Tab[Px])',
                f"SUM(_xlfn._xlws.FILTER(Data!$A$1:$A$12,Data!$B$1:$B$12>{self._random.randint(1, 90)}))",
            ]
        )

    def _odd(self) -> str:
        r = self._random
        return r.choice(
            [
                f'INDIRECT("Data!{self._cell()}")',
                f"SUM(OFFSET(Data!$A$1,{r.randint(0, 5)},{r.randint(0, 4)},2,2))",
                f"SUM(Data:Third!{self._cell()})",
                f"SUM({self._sheet()}{r.choice('ABCDEF')}:F)",
                f"SUM({self._sheet()}{r.randint(1, 6)}:{r.randint(7, 12)})",
                f"SUM(Data!A1:INDEX(Data!A1:F12,{r.randint(1, 12)},{r.randint(1, 6)}))",
                "SUM(Data!$A$1:$C$6 Data!$B$2:$F$3)",
                f"SUM(Data!{self._cell()}:Data!{self._cell()})",
                f"SUM((Data!{self._cell()},Data!{self._cell()}))",
                f'ISBLANK({self._at()})&CELL("contents",{self._at()})',
            ]
        )


def build(path: Path, seed: int, change: Change) -> None:
    source, book = random.Random(seed), Workbook()
    data = book.active
    data.title = SHEETS[0]
    for sheet in (data, *(book.create_sheet(name) for name in SHEETS[1:])):
        for row in range(1, 13):
            for column in range(1, 7):
                sheet.cell(row, column, round(source.uniform(1, 99), 2))
    for row, cells in enumerate(
        [("Sym", "Px", "Qty #"), *((f"K{n}", source.uniform(1, 9), n * 1.5) for n in range(2, 8))], 1
    ):
        for column, value in enumerate(cells, 8):
            data.cell(row, column, value)
    data.add_table(Table(displayName="Tab", ref="H1:J7"))
    calc, formulas = book.create_sheet("Calc"), Formulas(source)
    for name, text in NAMES.items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    calc.defined_names["One"] = DefinedName("One", attr_text="Third!$D$4")
    for place in range(1, FORMULAS + 1):
        calc.cell(place, 1, f"={formulas.text(place)}")
    calc["C1"] = ArrayFormula("C1:C3", "=Data!A1:A3*2")
    calc["D1"], calc["D2"] = "=C2+1", "=C9"
    for (sheet_name, cell), value in change.items():
        book[sheet_name][cell] = value
    book.save(path)


def changes(seed: int) -> Iterable[Change]:
    source = random.Random(seed)
    for _ in range(5):
        change: Change = {}
        for _ in range(source.choice([1, 3, 5])):
            sheet, own = source.choice(SHEETS), source.random() < 0.25
            cell = (
                f"I{source.randint(2, 7)}"
                if sheet == "Data" and own
                else f"{source.choice('ABCDEF')}{source.randint(1, 12)}"
            )
            change[sheet, cell] = round(source.uniform(100, 999), 2)
        yield change


def values(path: Path) -> dict[str, object]:
    sheet = load_workbook(path, data_only=True)["Calc"]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}


@pytest.mark.calc
@pytest.mark.parametrize("seed", [1, 2])
def test_no_formula_that_changes_is_missed(tmp_path: Path, soffice: Path, seed: int) -> None:
    made = list(changes(seed))
    paths = [tmp_path / f"{number}.xlsx" for number in range(len(made) + 1)]
    for path, change in zip(paths, [{}, *made], strict=True):
        build(path, seed, change)
    out, profile = tmp_path / "calculated", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    kind = ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    subprocess.run(
        [str(soffice), profile, "--headless", *kind, *map(str, paths)], check=True, capture_output=True, timeout=600
    )
    before, *after = [values(out / path.name) for path in paths]

    book = WorkbookPart(Package.read(paths[0]))
    around, formulas = surroundings(book), [("Calc", list(book.sheet("Calc").cells_with_formulas()))]
    kept, moved = [], 0
    for change, then in zip(made, after, strict=True):
        stale = stale_results(formulas, [(sheet, Area.parse(cell)) for sheet, cell in change], around)
        reached = stale.cells.get("Calc", set()) | {
            place for area in stale.filled.get("Calc", ()) for place in area.cells()
        }
        changed = {cell for cell in before if before[cell] != then[cell]}
        assert {cell for cell in changed if parse_cell(cell) not in reached} == set()
        moved += len(changed)
        kept.append(1 - len(reached) / len(before))
    assert moved > 50, "the changes reach something"
    assert min(kept) > 0.3, "what cannot change keeps its value, or the test would say nothing"
