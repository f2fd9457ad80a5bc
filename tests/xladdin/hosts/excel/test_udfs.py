"""Every sheet function through xlwings' own CallUDF and converters: the cell shows what `xladdin.call` says."""

from __future__ import annotations

import datetime as dt
import importlib
import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

import xladdin
from tests.test_compiled_loops import CELLS
from tests.xladdin.hosts.excel.fake_win32 import MISSING
from xladdin import catalog
from xladdin.functions import FILES
from xladdin.hosts.excel.names import vba_name
from xladdin.reasons import reasons

UDFS = "xladdin.hosts.excel.udfs"
NOT_AVAILABLE = -2146826246

COLUMN = ((0.01,), (-0.02,), (0.015,), (0.03,), (-0.01,))
BLOCK = tuple((x, 0.5 * x + 0.001) for (x,) in COLUMN)
SYMMETRIC = ((0.04, 0.01), (0.01, 0.09))
PRICES = ((100.0,), (101.0,), (99.0,), (104.0,), (103.0,), (107.0,))

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "PERP_RETURNS": (PRICES,),
    "PERP_FUNDING_ANNUAL": (COLUMN,),
    "PERP_FUNDING_FORECAST": (COLUMN * 10,),
    "PERP_RESAMPLE": (tuple((45000.0 + k / 24,) for k in range(6)), PRICES, "2h"),
    "PERP_BETA": (BLOCK, COLUMN),
    "PERP_BETA_ROLLING": (BLOCK, COLUMN, 3.0),
    "PERP_BETA_KALMAN": (BLOCK, COLUMN, 0.01),
    "PERP_BETA_FACTORS": (BLOCK, COLUMN),
    "PERP_BETA_PORTFOLIO": (((0.5, 0.5),), ((1.0, 1.4),)),
    "PERP_BETA_FORECAST": (BLOCK, COLUMN),
    "PERP_CAPM_RETURN": (1.2, 0.03, 0.1),
    "PERP_CAPM": (BLOCK, COLUMN),
    "PERP_CAPM_PREMIUM": (0.2, 1.2, 0.03, 0.1),
    "PERP_VOL": (BLOCK,),
    "PERP_GARCH": (COLUMN * 20,),
    "PERP_ATR": (PRICES, PRICES, PRICES, 2.0),
    "PERP_VRP": (0.6, COLUMN),
    "PERP_REGIME": (COLUMN * 8, 5.0),
    "PERP_LEVERAGE": (0.5, 0.2),
    "PERP_SIZE_VOL": (1e5, 60000.0, 0.5, 0.2),
    "PERP_SIZE_ATR": (1e5, 60000.0, 900.0, 0.01),
    "PERP_LIQUIDATION": (1.5, 62000.0, 9300.0, 0.005),
    "PERP_LIQUIDATION_CROSS": (((1.0, -2.0),), ((100.0, 50.0),), ((101.0, 51.0),), 60.0, ((0.01, 0.01),)),
    "PERP_TIER": (7e4, ((0.0, 5e4, 0.004, 0.0, 125.0), (5e4, 6e5, 0.005, 50.0, 100.0))),
    "PERP_MARGIN": (((1.0, -2.0),), ((100.0, 50.0),), 60.0),
    "PERP_COV": (BLOCK,),
    "PERP_OPTIMIZE": (((0.1, 0.2),), SYMMETRIC),
    "PERP_FRONTIER": (((0.1, 0.2),), SYMMETRIC, 3.0),
    "PERP_RISK_CONTRIBUTION": (((0.4, 0.6),), SYMMETRIC),
    "PERP_OVERLAY": (((0.4, 0.6),), ((1.0, -1.0),)),
    "PERP_VAR": (((0.4, 0.6),), BLOCK, 0.8),
    "PERP_TILT": (((0.1, 0.2),), ((0.02, 0.01),)),
    "PERP_HEDGE": (100e6, 1.4, 1.1, 0.9),
    "PERP_HEDGE_FACTORS": (((1e6, 2e6),), ((1.0, 0.5), (0.2, 0.1)), ((1.0, 0.0), (0.0, 1.0))),
    "PERP_HEDGE_BAND": (1.3, 1.0, 0.1),
    "PERP_STRESS": (((1.0, -2.0),), ((100.0, 50.0),), ((1.0, 1.2),), 60.0, ((-0.1, 0.1),)),
    "PERP_STRESS_REVERSE": (((3.0, -2.0),), ((100.0, 50.0),), ((1.0, 1.2),), 60.0),
    "PERP_STRESS_HISTORY": (((3.0,),), ((100.0,),), 60.0, PRICES, 1.0, 2.0),
    "PERP_STRESS_MONTE_CARLO": (((3.0,),), ((100.0,),), 60.0, COLUMN, 20.0, 3.0),
    "PERP_SHARPE": (BLOCK,),
    "PERP_DRAWDOWN": (BLOCK,),
    "PERP_ATTRIBUTION": (COLUMN, COLUMN),
    "PERP_VERSION": (),
}
"""One call of every function; what is declared later is called with a block for each argument that it needs."""

NAMES = tuple(name for names in FILES.values() for name in names if name != "PERP_WHY")

KINDS_OF_CELL: dict[str, Any] = {
    "number": 0.02,
    "whole number": 1,
    "text": "abc",
    "empty text": "",
    "blank": None,
    "truth": True,
    "currency": Decimal("0.02"),
    "date": dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
    "error": NOT_AVAILABLE,
    "left out": MISSING,
    "row": ((0.01, 0.02, -0.01),),
    "column": ((0.01,), (0.02,), (-0.01,)),
    "block": BLOCK,
    "block of everything": ((0.01, "n/a"), (None, NOT_AVAILABLE), (Decimal("0.02"), True), (0.03, 0.01)),
}


@pytest.fixture
def ask(windows_xlwings: SimpleNamespace):
    server = windows_xlwings.com_server.XLPython()
    return lambda function, *cells: server.CallUDF(UDFS, function, cells)


def as_sent(shown: Any) -> Any:
    """How xlwings hands a result on: a lone figure by itself, a lone row without the rows around it."""
    rows = shown if isinstance(shown, list) else [[shown]]
    return (rows[0][0] if len(rows[0]) == 1 else rows[0]) if len(rows) == 1 else rows


@pytest.mark.parametrize("name", NAMES)
def test_the_door_and_the_own_function_show_what_python_says(name: str, ask) -> None:
    needed = [argument for argument in catalog.function(name).args if not argument.optional]
    cells = ARGUMENTS.get(name, (BLOCK,) * len(needed))
    says = as_sent(xladdin.call(name, *cells))
    assert ask("answer", "[Book1]Sheet1!A1", name, *cells) == says
    assert ask(name, *cells) == says


@pytest.mark.parametrize("case", CELLS)
def test_the_calls_of_other_tests_come_through(case: str, ask) -> None:
    name, *cells = CELLS[case]
    assert repr(ask("answer", "[Book1]Sheet1!A1", name, *cells)) == repr(as_sent(xladdin.call(name, *cells)))


@pytest.mark.parametrize("kind", KINDS_OF_CELL)
@pytest.mark.parametrize("name", ["PERP_VOL", "PERP_LEVERAGE", "PERP_BETA_PORTFOLIO", "PERP_OPTIMIZE", "PERP_WHY"])
def test_every_kind_of_cell_is_read_as_python_reads_it(name: str, kind: str, ask) -> None:
    cell = KINDS_OF_CELL[kind]
    sent = None if cell == MISSING else cell
    arity = len([argument for argument in catalog.function(name).args if not argument.optional])
    cells, read = (cell,) * max(arity, 1), (sent,) * max(arity, 1)
    says = as_sent(xladdin.call(name, *read, caller="Z98"))
    why = reasons.why("Z98")
    assert repr(ask("answer", "Z99", name, *cells)) == repr(says)
    if name != "PERP_WHY":
        assert reasons.why("Z99").replace("Z99", "Z98") == why


def test_an_argument_left_out_in_the_middle_takes_its_default(ask) -> None:
    hourly = as_sent(xladdin.call("PERP_VOL", COLUMN, "sample", 8760))
    assert ask("answer", "A1", "PERP_VOL", COLUMN, MISSING, 8760.0) == hourly
    assert ask("PERP_VOL", COLUMN, MISSING, 8760.0) == hourly


def test_the_reason_is_kept_for_the_cell_that_asks(ask) -> None:
    assert ask("answer", "'[My book.xlsx]Sheet 1'!$B$2", "PERP_LEVERAGE", "", 0.2) == "#VALUE!"
    assert (
        ask("answer", "[My book.xlsx]Sheet 1!$B$3", "PERP_SIZE_ATR", 1.0, 1.0, 1.0, 0.1, 2.0, NOT_AVAILABLE)
        == "#VALUE!"
    )
    assert "volatility is missing" in ask("answer", "C1", "PERP_WHY", "'[My book.xlsx]Sheet 1'!$B$2")
    assert "max_leverage" in ask("answer", "C1", "PERP_WHY", "'[My book.xlsx]Sheet 1'!$B$3")


def test_a_name_that_is_none_gives_an_error_and_its_reason(ask) -> None:
    assert ask("answer", "B7", "PERP_BETTA") == "#VALUE!"
    assert "did you mean 'PERP_BETA'" in ask("answer", "C1", "PERP_WHY", "B7")
    with pytest.raises(AttributeError):
        ask("no_function_of_ours")


def test_functions_import_into_a_workbook_of_ones_own(windows_xlwings: SimpleNamespace) -> None:
    """xlwings writes a wrapper for each function, with the names, order and defaults of the catalogue."""
    written, book = io.StringIO(), SimpleNamespace(Name="mine.xlsm")
    windows_xlwings.udfs.generate_vba_wrapper(UDFS, importlib.import_module(UDFS), written, book)
    for spec in catalog.functions():
        arguments = [f"{'Optional ' if each.optional else ''}{vba_name(each.name)}" for each in spec.args]
        assert f"Function {spec.name}({', '.join(arguments)})" in written.getvalue()
        info = getattr(importlib.import_module(UDFS), spec.name).__xlfunc__
        assert info["category"] == spec.category
        assert [each["doc"] for each in info["args"]] == [each.help for each in spec.args]


def test_words_of_the_language_are_no_argument_names() -> None:
    assert vba_name("close") == "close_"
    assert vba_name("caller") == "caller_"
    assert vba_name("window") == "window"
