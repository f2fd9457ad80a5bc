"""What learning is worth on real data: out-of-sample R2 against the last beta, beside simpler ways to better it.

All figures are over the same outcomes, the second half of each period. `hedging` weighs each outcome with the market's
variance in it, which is what an error of beta costs a hedge; it is the smaller figure and the one to plan with.
"""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import numpy as np

import xladdin
from core.arrays import Array
from core.errors import DataWarning
from core.learn.correction import learn_correction
from core.learn.features import trailing_moments
from core.learn.forecast import learned_premium, read_lessons
from core.learn.validation import out_of_sample_r2

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
HORIZON = 24
PERIODS = (
    ("2020-09-20", "2021-06-30"),
    ("2021-07-01", "2022-06-30"),
    ("2022-07-01", "2023-06-30"),
    ("2023-07-01", "2024-06-30"),
    ("2020-09-20", "2024-06-30"),
)
COLUMNS = ("learned", "hedging", "5-day beta", "mean so far", "half way", "premium")


def learned_table() -> None:
    """Print R2 of learned and simple forecasts of ETH and SOL against BTC, and how long a cell takes."""
    folder = Path(os.environ.get("PERPDESK_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data") / "perp_1h"
    if not folder.is_dir():
        print(f"\nlearned beta: no market data at {folder}")
        return
    returns = _returns(folder)
    print()
    _time_a_cell(returns.to_numpy()[-8760:])
    print(f"\nout-of-sample R2 against the last beta, next {HORIZON} hours, second half of each period")
    print(f"{'':34}" + "".join(f"{name:>12}" for name in COLUMNS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        for start, end in PERIODS:
            block = returns.loc[start:end].to_numpy()
            premia = learned_premium(block, block[:, 0], HORIZON).out_of_sample_r2
            for n in (1, 2):
                figures = (*_beta_scores(block[:, n], block[:, 0]), premia[n])
                print(f"{start} .. {end}  {SYMBOLS[n][:3]}     " + "".join(f"{figure:>12.3f}" for figure in figures))


def _time_a_cell(returns: Array) -> None:
    cells = returns.tolist()
    for turn in ("first call, which loads scikit-learn", "next call"):
        began = time.perf_counter()
        shown = xladdin.call("PERP_BETA_FORECAST", cells, [row[:1] for row in cells])
        assert not isinstance(shown, str), shown
        print(f"PERP_BETA_FORECAST of 3 x {len(cells)}, {turn}: {time.perf_counter() - began:.2f} s")


def _beta_scores(asset: Array, market: Array) -> tuple[float, ...]:
    """R2 of the learned forecast, plain and weighted for hedging, and of three simple ones."""
    lessons, _ = read_lessons(asset, market, HORIZON)
    examples, _ = lessons.examples("beta", np.array([0]))
    rows, (_, medium, last) = examples.rows, (beta[:, 0] for beta in lessons.betas)
    rule = last[rows]
    actual = rule + examples.errors
    learned = rule + learn_correction(examples, examples.states[-1:]).walked
    mean = (np.nancumsum(last) / np.maximum(np.isfinite(last).cumsum(), 1))[rows]

    tested = np.concatenate([fold.test for fold in examples.folds()])
    weight = trailing_moments(market, HORIZON, rows + HORIZON)[1]
    recent = np.where(np.isfinite(medium[rows]), medium[rows], rule)
    forecasts = (learned, recent, mean, (mean + rule) / 2)
    plain = [out_of_sample_r2(actual[tested], forecast[tested], rule[tested]) for forecast in forecasts]
    hedging = out_of_sample_r2(*((weight * series)[tested] for series in (actual, learned, rule)))
    return plain[0], hedging, *plain[1:]


def _returns(folder: Path):
    import pandas as pd

    frames = {symbol: pd.read_parquet(folder / f"{symbol}_binance_1h.parquet") for symbol in SYMBOLS}
    closes = pd.DataFrame({symbol: frame["close"] for symbol, frame in frames.items()})
    funding = pd.DataFrame({symbol: frame["funding_settle"] for symbol, frame in frames.items()}).fillna(0.0)
    return closes.pct_change(fill_method=None) - funding


if __name__ == "__main__":
    learned_table()
