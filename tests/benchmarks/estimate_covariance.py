"""Covariance beside scikit-learn and the floor of one dsyrk, and how far the funding forecast was off in four years."""

from __future__ import annotations

import os
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.errors import DataWarning
from core.estimate.covariance.ewma import ewma_state
from core.estimate.covariance.methods import covariance
from core.estimate.funding.forecast import RULES, funding_forecast, funding_state, walk_forward

Row = tuple[str, float, list[tuple[str, float]], float | None, str]
"""Work, our seconds, the peers' seconds, the floor in seconds where there is one, and the bar."""

TURNS, REPEATS = 7, 5
REST = 0.2
"""Seconds between contenders: NumPy and SciPy bring a BLAS each, whose threads spin for a while after the last call."""

HORIZONS = (1, 3, 21)


def covariance_rows() -> list[Row]:
    """Ledoit-Wolf over a year of hourly bars of a hundred contracts, and one more bar or settlement."""
    rng = np.random.default_rng(1)
    returns = rng.standard_t(4, (8760, 100)) * 0.01
    rates = rng.normal(1e-4, 1e-4, (1095, 100))
    return [_ledoit_wolf(returns), _ewma_bar(returns), _settlement(rates)]


def funding_table() -> None:
    """Print the walk-forward errors of the funding forecast beside those of the last rate and of the mean so far."""
    source = Path(os.environ.get("PERPDESK_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
    source = source / "funding_binance_8coins.csv"
    if not source.is_file():
        print(f"\nfunding forecast: no settlements at {source}")
        return
    import pandas as pd

    rates = pd.read_csv(source).pivot_table(index="timestamp", columns="symbol", values="funding_rate").to_numpy()
    print("\nfunding summed over the next settlements, errors in basis points, mean of 8 coins, 2020 to June 2024")
    print(f"{'horizon':>8}{'error':>16}" + "".join(f"{rule:>12}" for rule in RULES))
    for horizon in HORIZONS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # rows in which another coin settled
            result = walk_forward(rates, horizon)
        for name, errors in (("mean absolute", result.mean_absolute), ("root mean sq.", result.root_mean_square)):
            print(f"{horizon:>8}{name:>16}" + "".join(f"{error * 1e4:>12.3f}" for error in errors.mean(axis=1)))


def _ledoit_wolf(returns: np.ndarray) -> Row:
    from scipy.linalg.blas import dsyrk
    from sklearn.covariance import ledoit_wolf

    columns = returns.T  # Fortran order, so that dsyrk copies nothing
    medians = _medians(
        {
            "ours": lambda: covariance(returns, "ledoit_wolf"),
            "scikit-learn": lambda: ledoit_wolf(returns),
            "dsyrk": lambda: dsyrk(1.0, columns),
        }
    )
    peers = [("scikit-learn", medians["scikit-learn"])]
    return ("Ledoit-Wolf, 100 x 8760", medians["ours"], peers, medians["dsyrk"], "3x scikit-learn")


def _ewma_bar(returns: np.ndarray) -> Row:
    state, row = ewma_state(returns[:-1]), returns[-1]
    medians = _medians({"ours": lambda: state.update(row), "refit": lambda: covariance(returns, "ewma")})
    return ("EWMA covariance, one new bar of 100", medians["ours"], [("our refit", medians["refit"])], None, "")


def _settlement(rates: np.ndarray) -> Row:
    state, row = funding_state(rates[:-1]), rates[-1]
    medians = _medians({"ours": lambda: state.update(row).forecast(3), "refit": lambda: funding_forecast(rates)})
    return ("funding forecast, one settlement of 100", medians["ours"], [("our refit", medians["refit"])], None, "")


def _medians(contenders: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each; they take turns, so that whatever else the machine does falls on all."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for name, contender in [*contenders.items()] * TURNS:
        time.sleep(REST)
        contender()
        for _ in range(REPEATS):
            start = time.perf_counter()
            contender()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}
