"""Loops that numba compiles, read as the Python that they are: a cell shows the same either way.

The doors are asked, not the loops, so each loop is met with what it is given in earnest. And since the lines of a
compiled loop are never run by Python, this is where the coverage of the tests sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
import pytest

import xladdin
from core.market.tiers import Tiers
from core.numeric.compiled import compiled, loops
from core.verify.path.book import as_book
from core.verify.path.outcomes import NUMPY
from core.verify.path.straight_move_loop import move_straight_by_loop

BARS, CONTRACTS = 90, 3


def block(values: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Cells as a spreadsheet sends them."""
    return tuple(map(tuple, np.atleast_2d(values).tolist()))


def column(values: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return block(np.reshape(values, (-1, 1)))


RNG = np.random.default_rng(11)
MARKET = 0.02 * RNG.standard_normal(BARS) * np.where(np.arange(BARS) < 45, 1.0, 3.0)
ASSETS = MARKET[:, None] * [0.7, 1.0, 1.6] + 0.01 * RNG.standard_normal((BARS, CONTRACTS))
GAPS = np.where(RNG.random((BARS, CONTRACTS)) < 0.1, np.nan, ASSETS)
COVARIANCE = np.cov(ASSETS.T) * 365
PRICES = 100 * np.cumprod(1 + ASSETS, axis=0)

EXPECTED = block(np.array([0.1, 0.25, 0.4]))
QUANTITIES, NOW, RATES = block(np.array([90.0, -20.0, 40.0])), block(PRICES[-1]), block(np.array([0.02, 0.02, 0.03]))
LIMITS = (("net", 1.0), ("gross_max", 1.6), ("current_weights", 0.2), ("turnover_cost", 0.002), ("min_weight", -0.3))

CELLS: dict[str, tuple[Any, ...]] = {
    "rolling": ("PERP_BETA_ROLLING", block(ASSETS), column(MARKET), 20.0),
    "rolling with gaps": ("PERP_BETA_ROLLING", block(GAPS), column(MARKET), 20.0, 8.0),
    "kalman": ("PERP_BETA_KALMAN", block(ASSETS), column(MARKET)),
    "kalman with bands": ("PERP_BETA_KALMAN", column(GAPS[:, 0]), column(MARKET), 0.01, True),
    "garch": ("PERP_GARCH", column(ASSETS[:, 1])),
    "regime": ("PERP_REGIME", column(MARKET), 10.0),
    "optimum": ("PERP_OPTIMIZE", EXPECTED, block(COVARIANCE), "utility"),
    "optimum with costs": ("PERP_OPTIMIZE", EXPECTED, block(COVARIANCE), "max_sharpe", LIMITS),
    "least variance, net fixed": ("PERP_OPTIMIZE", EXPECTED, block(COVARIANCE), "min_variance", LIMITS[2:]),
    "sharpe, net fixed": ("PERP_OPTIMIZE", EXPECTED, block(COVARIANCE), "max_sharpe", LIMITS[2:]),
    "utility with costs": ("PERP_OPTIMIZE", EXPECTED, block(COVARIANCE), "utility", LIMITS[2:4]),
    "frontier with costs": ("PERP_FRONTIER", EXPECTED, block(COVARIANCE), 12.0, LIMITS),
    "frontier": ("PERP_FRONTIER", EXPECTED, block(COVARIANCE), 12.0),
    "stress": ("PERP_STRESS", QUANTITIES, NOW, block(np.array([0.7, 1.0, 1.6])), 2500.0, ((-0.5, -0.1, 0.3),), RATES),
    "worst windows": ("PERP_STRESS_HISTORY", QUANTITIES, NOW, 3000.0, block(PRICES), 5.0, 4.0, RATES),
    "backtest": ("PERP_BACKTEST", block(PRICES), None, "equal_weight", 20.0, 7.0),
    "backtest by programs": ("PERP_BACKTEST", block(PRICES), None, "min_variance", 20.0, 7.0),
    "monte carlo": ("PERP_STRESS_MONTE_CARLO", QUANTITIES, NOW, 2500.0, block(ASSETS), 40.0, 6.0, 3.0, RATES),
}


@pytest.fixture(autouse=True)
def _loops_answer(_as_a_fresh_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "there", True)


@pytest.fixture
def as_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loops are taken as they stand, not compiled."""
    monkeypatch.setattr(numba, "njit", lambda **_: lambda loop: loop)
    compiled.cache_clear()
    yield
    compiled.cache_clear()


@pytest.fixture(scope="module")
def by_machine() -> dict[str, Any]:
    """What the cells show where the loops are machine code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "there", True)
        return {name: xladdin.call(*cell) for name, cell in CELLS.items()}


def flat(shown: Any) -> list[Any]:
    return np.ravel(np.array(shown, dtype=object)).tolist()


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_shows_the_same_where_its_loop_is_read_as_python(
    name: str, by_machine: dict[str, Any], as_python: None
) -> None:
    function, *cells = CELLS[name]
    shown = xladdin.call(function, *cells)
    assert not isinstance(shown, str), shown
    for python, machine in zip(flat(shown), flat(by_machine[name]), strict=True):
        assert python == (pytest.approx(machine, rel=1e-9, abs=1e-12) if isinstance(machine, float) else machine)


def test_a_guarded_book_moves_the_same_where_its_loop_is_read_as_python(as_python: None) -> None:
    tiers = Tiers(*np.array([[0, 50], [50, np.nan], [0.01, 0.05], [np.nan, np.nan], [50, 20]]))
    stops, alone = [np.nan, 0.9, 1.3, np.nan], [np.nan, np.nan, 8.0, 30.0]
    book = as_book([120.0, 80.0, -60.0, 90.0], np.ones(4), 75.0, isolated=alone, tiers=tiers, stops=stops)
    returns = np.random.default_rng(3).normal(0, 0.4, (40, 4)).clip(-1)
    moved = move_straight_by_loop(book.account, returns, np.full(40, 0.001))
    np.testing.assert_allclose(moved, NUMPY.move(book.account, returns, np.full(40, 0.001)), rtol=1e-11, atol=1e-11)
