"""GARCH(1,1) beside arch, change points beside ruptures, and one new bar of the running estimates."""

from __future__ import annotations

import math
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from core.estimate.volatility.garch import garch
from core.estimate.volatility.methods import EwmaVariance
from core.estimate.volatility.regime import variance_regimes
from core.estimate.volatility.true_range import AverageTrueRange
from core.numeric.compiled import loaded

Row = tuple[str, float, list[tuple[str, float]], float | None, str]
"""Work, our seconds, the peers' seconds, the floor in seconds where there is one, and the bar."""

TURNS, REPEATS = 7, 3

HOURS, LEAST, GRID = 8760, 48, 24


def volatility_rows() -> list[Row]:
    """The fits with the compiled loops, which is how a running desk has them; then one more bar."""
    loaded()  # from here on the compiled loops answer

    returns = _clustered(HOURS)
    rows = [_garch(returns[:2000]), _garch(returns)]
    for name, penalty in (("3 ln T", 3 * math.log(HOURS)), ("100", 100.0)):
        rows.append(_change_points(name, returns, penalty))
    rows.append(_regimes(returns))
    block = np.tile(returns[:, np.newaxis], 100)
    running, bar = EwmaVariance.start(block[:-1], 60), block[-1]
    prices = 100 * np.exp(np.cumsum(returns))
    ranges = AverageTrueRange.start(prices * 1.01, prices * 0.99, prices)
    for name, step in (
        ("EWMA volatility, one new bar of 100", lambda: running.update(bar)),
        ("average true range, one new bar", lambda: ranges.update(101.0, 99.0, 100.0)),
    ):
        rows.append((name, _medians({"ours": step}, repeats=200)["ours"], [], None, ""))
    return rows


def _clustered(rows: int) -> np.ndarray:
    """Hourly returns as of a coin: volatility that clusters, fat tails, and a new level every two months."""
    rng = np.random.default_rng(7)
    levels = np.repeat(rng.uniform(0.5, 1.5, 6), math.ceil(rows / 6))[:rows]
    h = square = 1.0
    values = []
    for shock in rng.standard_t(6, rows) * (4 / 6) ** 0.5:
        h = 0.05 + 0.08 * square + 0.87 * h
        values.append(h**0.5 * shock)
        square = values[-1] ** 2
    return 0.006 * levels * np.array(values)


def _garch(returns: np.ndarray) -> Row:
    from arch import arch_model

    percent = 100 * returns  # decimals of an hour are below what arch can handle
    medians = _medians(
        {
            "ours": lambda: garch(returns),
            "arch": lambda: arch_model(percent, rescale=False).fit(disp="off", show_warning=False),
        }
    )
    return (f"GARCH(1,1) fit, {returns.size} rows", medians["ours"], [("arch", medians["arch"])], None, "6x arch")


def _change_points(name: str, returns: np.ndarray, penalty: float) -> Row:
    """Ours to the hour; ruptures on a grid of days, with its own cost and with one that needs no pass over the data."""
    import ruptures

    sums = np.concatenate([[0.0], np.cumsum(returns**2)])

    class Quick(ruptures.base.BaseCost):
        model, min_size = "normal about zero", 2

        def fit(self, signal: np.ndarray) -> Quick:
            self.signal = signal.reshape(-1, 1)
            return self

        def error(self, start: int, end: int) -> float:
            return (end - start) * math.log((sums[end] - sums[start]) / (end - start))

    def grid(**cost: object) -> object:
        return ruptures.Pelt(min_size=LEAST, jump=GRID, **cost).fit(returns).predict(penalty)

    medians = _medians(
        {
            "ours": lambda: variance_regimes(returns, LEAST, penalty),
            "ruptures, 24 h grid": lambda: grid(model="normal", params={"add_small_diag": False}),
            "ruptures, 24 h grid, cost without a pass": lambda: grid(custom_cost=Quick()),
        }
    )
    ours = medians.pop("ours")
    work = f"change points, {HOURS} hours, exact, penalty {name}"
    return (work, ours, [*medians.items()], None, "faster than ruptures on a 24 h grid")


def _regimes(returns: np.ndarray) -> Row:
    medians = _medians({"ours": lambda: variance_regimes(returns)})
    return (f"regimes, {HOURS} hours, penalty by the rule (two passes)", medians["ours"], [], None, "")


def _medians(contenders: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Median seconds of each; they take turns, so that whatever else the machine does falls on all."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, contender in [*contenders.items()] * TURNS:
            contender()
            for _ in range(repeats):
                start = time.perf_counter()
                contender()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}
