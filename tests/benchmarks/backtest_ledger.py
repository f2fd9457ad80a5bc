"""The walk with its weights given: speed and agreement beside a slow ledger, vectorbt and cvxportfolio; memory."""

from __future__ import annotations

import importlib.util
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from core.arrays import Array
from core.numeric.compiled import loading
from core.verify.walk.given import Given
from core.verify.walk.history import as_history
from core.verify.walk.ledger import Ledger
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk
from tests.oracles.verify.slow_ledger import Contract, slow_walk

__all__ = ["ledger_rows"]

FEE, REPEATS = 7e-4, 30
BAR = 50
"""Times as quick as vectorbt, all parts kept."""


def ledger_rows(prices: Array, rates: Array, rows: range, weights: Array) -> None:
    """Print CPU seconds and ratios of one run, and the largest relative difference of the equity."""

    def given(funding: Array | None = rates) -> Ledger:
        return walk(as_history(prices, funding), rows, Given(weights), Terms(fee=FEE))

    print(f"\n{'weights given':44}{'CPU s':>9}")
    print(f"{'numpy':44}{_least(given):>9.4f}")
    with loading():
        ours = _least(given)
        print(f"{'compiled':44}{ours:>9.4f}")
        unfunded, ledger = given(None), given()
    print(f"{'identity, largest relative difference':44}{ledger.largest_difference:>9.1e}")
    slow, taken = _timed(
        lambda: slow_walk(prices, rates, set(rows), lambda now: weights[now.row], [Contract(FEE)] * weights.shape[1])
    )
    print(f"{'the slow ledger of the tests':44}{taken:>9.4f}{_beside(taken, ours, ledger.equity, slow.equity)}")
    if _there("vectorbt"):
        work = _by_vectorbt(prices, rows, weights)
        equity, taken = work(), _least(work, 3)
        print(f"{'vectorbt, without funding':44}{taken:>9.4f}{_beside(taken, ours, unfunded.equity, equity, BAR)}")
    if _there("cvxportfolio"):
        equity, taken = _timed(_by_cvxportfolio(prices, rows, weights))
        before = (unfunded.equity + unfunded.fees.sum(axis=1))[list(rows)][: equity.size]
        print(f"{'cvxportfolio, without funding, daily':44}{taken:>9.4f}{_beside(taken, ours, before, equity)}")
    _memory()


def _memory(hours: int = 8_760, contracts: int = 500) -> None:
    """What a year of 500 contracts takes beside its history, in tables of hours x contracts."""
    rng = np.random.default_rng(0)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 4e-3, (hours, contracts)), axis=0))
    history, given = as_history(prices, np.zeros_like(prices)), Given(np.full(prices.shape, 1 / contracts))
    with loading():
        tracemalloc.start()
        _, taken = _timed(lambda: walk(history, range(0, hours, 24), given, Terms(fee=FEE)))
        peak = tracemalloc.get_traced_memory()[1] / prices.nbytes
        tracemalloc.stop()
    name = f"a year of {contracts} contracts, {prices.nbytes / 1e6:.0f} MB a table"
    print(f"{name:44}{taken:>9.4f}   {peak:.2f} tables")


def _by_vectorbt(prices: Array, rows: range, weights: Array) -> Callable[[], Array]:
    import pandas as pd
    import vectorbt

    close = pd.DataFrame(prices, pd.date_range("2022-01-01", periods=len(prices), freq="h"))
    target = pd.DataFrame(np.nan, close.index, close.columns)
    target.iloc[list(rows)] = weights[list(rows)]

    def work() -> Array:
        portfolio = vectorbt.Portfolio.from_orders(
            close, size=target, size_type="targetpercent", group_by=True, cash_sharing=True, call_seq="auto",
            fees=FEE, freq="h", init_cash=1.0,
        )  # fmt: skip
        return np.asarray(portfolio.value())

    return work


def _by_cvxportfolio(prices: Array, rows: range, weights: Array) -> Callable[[], Array]:
    """What there is before each trade; it knows of no bar between two of them."""
    import cvxportfolio
    import pandas as pd

    closes = pd.DataFrame(prices, pd.date_range("2022-01-01", periods=len(prices), freq="h")).iloc[list(rows)]
    closes.columns = [f"c{column}" for column in closes]
    returns = (closes.shift(-1) / closes - 1).iloc[:-1].assign(cash=0.0)
    wanted = pd.DataFrame(weights[list(rows)], closes.index, closes.columns)
    wanted["cash"] = 1 - wanted.sum(axis=1)
    simulator = cvxportfolio.MarketSimulator(
        market_data=cvxportfolio.UserProvidedMarketData(
            returns=returns, cash_key="cash", min_history=pd.Timedelta("0d")
        ),
        costs=[cvxportfolio.TransactionCost(a=FEE, b=None)],
        round_trades=False,
    )

    def work() -> Array:
        policy, start, end = cvxportfolio.FixedWeights(wanted.iloc[:-1]), returns.index[0], returns.index[-1]
        return np.asarray(simulator.backtest(policy, start_time=start, end_time=end, initial_value=1.0).v)

    return work


def _beside(theirs: float, ours: float, mine: Array, equity: Array, bar: float | None = None) -> str:
    difference = np.abs(np.asarray(equity) / mine - 1).max()
    return f"   {theirs / ours:.1f}x ours, off by {difference:.1e}" + (f"   bar >= {bar}x" if bar else "")


def _there(package: str) -> bool:
    found = importlib.util.find_spec(package) is not None
    if not found:
        print(f"{package} is not installed; not compared")
    return found


def _timed(work: Callable[[], Array]) -> tuple[Array, float]:
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def _least(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    return min(_timed(work)[1] for _ in range(repeats))
