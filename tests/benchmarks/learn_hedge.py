"""Does a learned beta hedge better? Contracts hedged with BTC once a day by betas known then, on four years of hours.

Each cell is the volatility a year of a contract less beta x BTC, held from one midnight to the next; the second number
is what the hedge traded a year, in betas. `learned` forecasts the beta of the next day from each contract's own past,
by a model made anew every 30 days from what was known then, where that beat the last beta out of sample
(`learn.training`); all others look back on the last 30 days. Costs of the hedge are left out: the turnover says what
they would be.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.arrays import Array
from core.errors import DataWarning
from core.estimate.beta.methods import estimate_beta
from core.learn.training import Training, training_of

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
PERIODS = (
    ("2021-03-01", "2021-12-31"),
    ("2022-01-01", "2022-12-31"),
    ("2023-01-01", "2023-12-31"),
    ("2024-01-01", "2024-06-30"),
    ("2021-03-01", "2024-06-30"),
)
WINDOW, DAY = 720, 24
BLOCKS, SEED = 20, 1
"""Days of a block and the seed of the resamples that the interval of a difference comes from."""


def hedge_table() -> None:
    """Print volatilities and turnovers, and how far learned betas are from those of ewma."""
    import pandas as pd

    folder = Path(os.environ.get("PERPDESK_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data") / "perp_1h"
    if not folder.is_dir():
        print(f"\nlearned hedge: no market data at {folder}")
        return
    returns, funding = _returns(folder)
    training = training_of(returns.to_numpy(), returns.to_numpy()[:, 0], funding.to_numpy(), 8760)
    rows = np.arange(max(training.first, WINDOW), len(returns) - DAY)
    rows = rows[returns.index[rows].hour == 0]
    methods: dict[str, Callable[[int], Array]] = {
        "ols 30 d": lambda row: _estimated(returns, row, "ols"),
        "ewma 10 d": lambda row: _estimated(returns, row, "ewma", 240),
        "ewma 5 d": lambda row: _estimated(returns, row, "ewma", 120),
        "learned": lambda row: _learned(training, row),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        betas = {name: np.array([method(row) for row in rows.tolist()]) for name, method in methods.items()}
    hours = np.nan_to_num(returns.to_numpy())
    held = np.stack([hours[rows + 1 + hour] for hour in range(DAY)], axis=1)
    times = pd.DatetimeIndex(returns.index[rows])
    print("\nvolatility a year of a contract hedged with BTC once a day, and betas traded a year")
    print(f"{'':32}" + "".join(f"{name:>18}" for name in betas) + f"{'learned less ewma 10 d':>32}")
    for n in (1, 2):
        for start, end in PERIODS:
            some = np.asarray((times >= pd.Timestamp(start, tz="UTC")) & (times <= pd.Timestamp(end, tz="UTC")))
            own, market = held[some, :, n], held[some, :, 0]
            left = {name: own - beta[some, n, np.newaxis] * market for name, beta in betas.items()}
            cells = [
                f"{math.sqrt(8760) * left[name].std():>10.4f}{365 * np.abs(np.diff(beta[some, n])).mean():>8.1f}"
                for name, beta in betas.items()
            ]
            over = _difference(left["learned"], left["ewma 10 d"])
            print(f"{SYMBOLS[n][:3]} {start} .. {end:16}{''.join(cells)}{over:>32}")


def _difference(first: Array, second: Array) -> str:
    """Volatility of the first over that of the second, less 1, with its interval from blocks of days."""
    squares = np.column_stack([(each**2).sum(axis=1) for each in (first, second)])
    rng, days = np.random.default_rng(SEED), len(squares)
    starts = rng.integers(0, days, (1000, -(-days // BLOCKS)))
    drawn = ((starts[..., np.newaxis] + np.arange(BLOCKS)) % days).reshape(1000, -1)
    sums = squares[drawn].sum(axis=1)
    over = np.sqrt(sums[:, 0] / sums[:, 1]) - 1
    lower, upper = np.quantile(over, [0.025, 0.975])
    at = math.sqrt(squares[:, 0].sum() / squares[:, 1].sum()) - 1
    return f"{at:>+12.2%} [{lower:+.2%}, {upper:+.2%}]"


def _estimated(returns, row: int, method: str, halflife: float = 60) -> Array:
    window = returns.to_numpy()[row - WINDOW + 1 : row + 1]
    return estimate_beta(window, window[:, 0], method, halflife)


def _learned(training: Training, row: int) -> Array:
    return training.betas(row)


def _returns(folder: Path):
    import pandas as pd

    frames = {symbol: pd.read_parquet(folder / f"{symbol}_binance_1h.parquet") for symbol in SYMBOLS}
    closes = pd.DataFrame({symbol: frame["close"] for symbol, frame in frames.items()})["2020-09-20":]
    funding = pd.DataFrame({symbol: frame["funding_settle"] for symbol, frame in frames.items()}).fillna(0.0)
    return closes.pct_change(fill_method=None) - funding["2020-09-20":], funding["2020-09-20":]


if __name__ == "__main__":
    hedge_table()
