"""Where the result of a backtest came from, part by part, by month, and the beta that its book turned out to have.

The market is the benchmark, at the betas that each decision went by; between two decisions the last stand. Hedges are
the contracts that the policy hedges with, and of every position the share that Hedge holds. Parts sum to the result
exactly.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.errors import DataWarning
from core.records import dataclass
from core.verify.backtest.ledger_attribution import LedgerAttribution, attribute_ledger
from core.verify.performance.realised_beta import RealisedBeta, realised_beta

from .backtesting import BacktestRun
from .policy.chosen import hedge_contracts

__all__ = ["Attributed", "attribute_run"]

ONE_SECOND = np.timedelta64(1, "s")
"""A bar that closes as a month begins lies in the month before."""


@dataclass(frozen=True, eq=False)
class Attributed:
    """The parts of each bar, their sums by month (M, K) in quote, and the realised beta of each quarter.

    `month_returns` (M,) are the money of a month over the equity before it; NaN once nothing was left.
    """

    parts: LedgerAttribution
    months: NDArray[np.generic]
    money: Array
    month_returns: Array
    quarters: RealisedBeta


def attribute_run(run: BacktestRun) -> Attributed:
    """Attribute the policy's ledger."""
    desk, ledger, first = run.desk, run.policy.ledger, run.first
    moves = _benchmark_moves(run)
    months = (run.times - ONE_SECOND).astype("datetime64[M]")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # gaps have been said of Prices
        parts = attribute_ledger(
            ledger,
            _betas_of_rows(run),
            moves,
            _hedging_of_rows(run),
            desk.universe.symbols,
            [desk.settings.benchmark],
        )
        quarters = realised_beta(
            ledger.returns_since(first), moves[first + 1 :], _quarters(run.times[first + 1 :] - ONE_SECOND)
        )
    names, shares = parts.by_period(months)
    walked = np.isin(names, months[first:])
    money = shares[walked] * ledger.start
    ends = np.searchsorted(months, names[walked], side="right") - 1
    before = np.concatenate([[ledger.start], ledger.equity[ends[:-1]]])
    returns = np.divide(money.sum(axis=1), before, out=np.full(len(money), np.nan), where=before > 0)
    return Attributed(parts, names[walked], money, returns, quarters)


def _betas_of_rows(run: BacktestRun) -> Array:
    """Betas known after each row, (T, N); NaN before the first decision and where there was no estimate."""
    known = np.full((len(run.times), len(run.desk.universe.symbols)), np.nan)
    for row, betas in run.betas:
        known[row:] = betas
    return known


def _hedging_of_rows(run: BacktestRun) -> Array:
    """Share of each position after each row that hedges, (T, N)."""
    shares = np.zeros((len(run.times), len(run.desk.universe.symbols)))
    for row, hedging in run.hedging:
        shares[row:] = hedging
    shares[:, hedge_contracts(run.desk, run.desk.universe)] = 1.0
    return shares


def _benchmark_moves(run: BacktestRun) -> Array:
    """Return of the benchmark's price in each bar (T,), since its last price where one is missing; 0 at first."""
    prices = run.benchmark
    rows = np.maximum.accumulate(np.where(np.isfinite(prices), np.arange(len(prices)), -1))
    filled = np.where(rows >= 0, prices[np.maximum(rows, 0)], np.nan)
    moves = np.zeros(len(prices))
    moves[1:] = np.nan_to_num(filled[1:] / filled[:-1] - 1)
    return moves


def _quarters(times: NDArray[np.datetime64]) -> NDArray[np.str_]:
    months = times.astype("datetime64[M]").astype(int)
    return np.array([f"{1970 + month // 12} Q{month % 12 // 3 + 1}" for month in months])
