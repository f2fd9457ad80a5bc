"""What a formula reads, by hand: addresses, names, tables, and what cannot be followed."""

from __future__ import annotations

import pytest

from xladdin.books.xlsx.areas import Area
from xladdin.books.xlsx.formulas.dependents import dependents
from xladdin.books.xlsx.formulas.references import CannotFollowError, Formula, Precedents, Surroundings, TablePlace

AROUND = Surroundings(
    sheets=("Data", "Own sheet's", "Third", "Calc"),
    tables={"tab": TablePlace("Data", Area.parse("H1:J7"), ("Sym", "Px", "Qty #"))},
    names={
        (None, "one"): "Data!$B$2",
        ("third", "one"): "Third!$D$4",
        (None, "chain"): "One*2+Block",
        (None, "block"): "(Data!$A$1,Data!$C$3:$C$5)",
        (None, "round"): "Back",
        (None, "back"): "Round",
        (None, "relative"): "Data!A1",
        (None, "sum3"): "Data!$E$5",
        (None, "tax2025"): "Third!$C$3",
        (None, "taxes"): "Third!$C$4",
        (None, "moving"): "OFFSET(Data!$A$1,1,1)",
    },
)


def reads(text: str, at: str = "A1", sheet: str = "Calc", shared: str = "") -> set[str]:
    place = Area.parse(at)
    formula = Formula(sheet, place.top, place.left, text, Area.parse(shared or at), bool(shared))
    return {f"{name}!{area}" for name, area in Precedents(AROUND).of(formula)}


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("1+1", set()),
        ('"Data!A1"&"x"', set()),
        ("#REF!+Data!#REF!", set()),
        ("TRUE", set()),
        ("B2*$C$3", {"Calc!B2", "Calc!C3"}),
        ("SUM(C9:$A1)", {"Calc!A1:C9"}),
        ("SUM('Own sheet''s'!B2:B3)", {"Own sheet's!B2:B3"}),
        ("SUM(Data!B:C)", {"Data!B1:C1048576"}),
        ("SUM(data!5:3)", {"Data!A3:XFD5"}),
        ("SUM(Data:Third!A1)", {"Data!A1", "Own sheet's!A1", "Third!A1"}),
        ("SUM('Third:Own sheet''s'!A1)", {"Own sheet's!A1", "Third!A1"}),
        ("[1]Other!A1", set()),
        ("One", {"Data!B2"}),
        ("Third!One", {"Third!D4"}),
        ("Chain", {"Data!B2", "Data!A1", "Data!C3:C5"}),
        ("Tax2025", {"Calc!TAX2025", "Third!C3"}),
        ("Taxes", {"Third!C4"}),
        ("Sum3", {"Calc!SUM3", "Data!E5"}),
        ("SUM(Tab[Px])", {"Data!I1:I7"}),
        ("SUM(Tab[[Px]:[Qty '#]])", {"Data!I1:J7"}),
        ("COUNTA(Tab[[#Headers],[Sym]])", {"Data!H1:H7"}),
        ("ROWS(Tab)", {"Data!H1:J7"}),
        ("ROWS(Tab[#All])", {"Data!H1:J7"}),
        ('SUMIF(A1:A9,">1",B1)', {"Calc!A1:A9", "Calc!B1:B9"}),
        ("_xlfn.LET(_xlpm.x,B2,_xlpm.x*2)", {"Calc!B2"}),
        ("_xlfn._xlws.FILTER(Data!A1:A9,Data!B1:B9>5)", {"Data!A1:A9", "Data!B1:B9"}),
        ("@B2:B9", {"Calc!B2:B9"}),
    ],
)
def test_what_a_formula_reads(text: str, areas: set[str]) -> None:
    assert reads(text) == areas


@pytest.mark.parametrize(
    "text",
    [
        *('INDIRECT("A1")', "OFFSET(A1,1,1)", "NOW()", "RAND()", 'CELL("address",A1)', "PERP_BETA(A1:A9)"),
        *("UnknownName", "Unknown[Px]", "Tab[Unknown]", "Missing!A1", "Data:Missing!A1", "[0]Data!A1", "Round"),
        *("Moving+1", "Relative", "SUM(A1:INDEX(A1:A9,3))", "Data!A1:Data!A3", "SUM(B2#)", "", '"open', "1" * 9_000),
    ],
)
def test_what_cannot_be_followed_is_said(text: str) -> None:
    with pytest.raises(CannotFollowError):
        reads(text)


def test_a_row_of_a_table_knows_its_table() -> None:
    for text in ("[@Px]*2", "[@[Px]]*2", "Tab[[#This Row],[Px]]*2", "Tab[@Px]*2"):
        assert reads(text, at="J3", sheet="Data") == {"Data!I1:I7"}
    with pytest.raises(CannotFollowError):
        reads("[@Px]*2", at="A3", sheet="Data")


def test_references_of_a_shared_formula_move_with_its_cells() -> None:
    assert reads("B2+$C$3+D$4", at="A2", shared="A2:A10") == {"Calc!B2:B10", "Calc!C3", "Calc!D4"}
    assert reads("A1", at="C3", shared="B3:C9") == {"Calc!A1:XFD1048576"}, "it goes on at the other edge"


def test_a_chain_of_names_without_end_is_left() -> None:
    names = {(None, f"n{n}"): f"n{n + 1}" for n in range(100_000)}
    around = Surroundings(("Calc",), {}, names)
    with pytest.raises(CannotFollowError):
        Precedents(around).of(Formula("Calc", 1, 1, "n0", Area(1, 1, 1, 1)))


def test_a_change_goes_through_all_formulas_in_between() -> None:
    texts = ["B1+1", "A1*2", "A2*2", "1", "C9"]
    formulas = [Formula("Calc", row, 1, text, Area(row, 1, row, 1)) for row, text in enumerate(texts, 1)]
    for changed, expected in (("B1", [1, 1, 1, 0, 0]), ("A2", [0, 0, 1, 0, 0]), ("C1:C9", [0, 0, 0, 0, 1])):
        assert dependents(formulas, [("Calc", Area.parse(changed))], AROUND) == [bool(each) for each in expected]
