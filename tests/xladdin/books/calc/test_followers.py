"""Formulas of an .ods that follow a table by its addresses."""

from __future__ import annotations

import pytest

from xladdin.books.calc.followers import Resized, followed, keeps_addresses
from xladdin.books.xlsx.areas import Area

GROWN = [
    Resized("Weights", Area(6, 2, 14, 13), Area(6, 2, 30, 13)),
    Resized("My 'own' desk", Area(1, 1, 3, 2), Area(1, 1, 2, 2)),
]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("=SUM($Weights.$E$7:$E$14)", "=SUM($Weights.$E$7:$E$30)"),
        ("{=INDEX(Weights.B7:M14;1;2)}", "{=INDEX(Weights.B7:M30;1;2)}"),
        ("=MATCH(1;$Weights.$B$6:$B$14;0)+$Weights.$B$7", "=MATCH(1;$Weights.$B$6:$B$30;0)+$Weights.$B$7"),
        ("=ROWS($'My ''own'' desk'.$A$2:$A$3)", "=ROWS($'My ''own'' desk'.$A$2:$A$2)"),
        ('="see $Weights.$E$7:$E$14"&$Weights.$E$7:$E$14', '="see $Weights.$E$7:$E$14"&$Weights.$E$7:$E$30'),
    ],
)
def test_a_range_over_all_rows_of_the_table_follows(before: str, after: str) -> None:
    assert followed(before, GROWN) == after


@pytest.mark.parametrize(
    "formula",
    [
        "=SUM($Weights.$E$8:$E$14)",
        "=SUM($Weights.$E$7:$E$13)",
        "=SUM($Weights.$E$7:$N$14)",
        "=SUM($Hedge.$E$7:$E$14)",
        "=SUM($OtherWeights.$E$7:$E$14)",
        "=SUM($Weights.$E$7:$E$140)",
        "=SUM(Weights[Final])",
        "=E7:E14",
    ],
)
def test_other_ranges_stay(formula: str) -> None:
    assert followed(formula, GROWN) == formula


def test_only_formats_without_names_of_columns_need_it() -> None:
    assert [keeps_addresses(name) for name in ("a.ods", "A.ODS", "a.fods", "a.xlsx", "ods", "Untitled 1")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
