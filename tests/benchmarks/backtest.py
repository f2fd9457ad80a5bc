"""A backtest in a cell for each policy, and the walk with weights given beside a slow ledger and vectorbt."""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable

import numpy as np

from core.arrays import Array
from core.decide.policy.named import POLICIES
from core.errors import DataWarning
from core.verify.backtest.backtest import backtest
from core.verify.backtest.rules import Rules
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk
from tests.oracles.verify.slow_ledger import Contract, slow_walk

from .backtest_decisions import decision_rows

HOURS, CONTRACTS, WINDOW, EVERY, REPEATS = 9_480, 20, 720, 24, 5
FEE = 7e-4


def main() -> None:
    prices, rates, weights = _market()
    rows = range(WINDOW, HOURS, EVERY)
    print(
        f"\nBacktest, {HOURS:,} hours x {CONTRACTS} contracts, {len(rows)} decisions; CPU seconds, least of {REPEATS}"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        for policy in POLICIES:
            seconds = _least(lambda policy=policy: _in_a_cell(policy, prices, rates))
            print(f"{policy:44}{seconds:>9.4f}" + ("   bar <= 0.6" if policy == "hybrid" else ""))
        ours = _least(lambda: walk(as_history(prices, rates), rows, lambda now: weights[now.row], Terms(fee=FEE)))
        print(f"{'weights given':44}{ours:>9.4f}")
        for name, peer in _peers(prices, rates, rows, weights):
            theirs = _least(peer, 1)
            print(f"{name:44}{theirs:>9.4f}   {theirs / ours:.1f}x ours")
    decision_rows(prices, rates, WINDOW, EVERY)


def _market() -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(0)
    common = np.outer(rng.normal(1e-5, 0.006, HOURS), rng.uniform(0.6, 1.6, CONTRACTS))
    prices = 100 * np.exp(np.cumsum(common + rng.normal(0, 0.004, common.shape), axis=0))
    rates = np.where((np.arange(HOURS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 1e-4, common.shape), 0.0)
    return prices, rates, 0.8 * rng.dirichlet(np.ones(CONTRACTS), HOURS)


def _in_a_cell(policy: str, prices: Array, rates: Array) -> object:
    history, rules = as_history(prices, rates), Rules.from_rows([], CONTRACTS, 5.0)
    decisions = rules.decisions(history, policy, WINDOW)
    return backtest(decisions, rules.terms, EVERY).figures


def _peers(prices: Array, rates: Array, rows: range, weights: Array) -> list[tuple[str, Callable[[], object]]]:
    def slowly() -> object:
        contracts = [Contract(fee=FEE)] * CONTRACTS
        return slow_walk(prices, rates, set(rows), lambda now: weights[now.row], contracts)

    peers: list[tuple[str, Callable[[], object]]] = [("weights given, the slow ledger of the tests", slowly)]
    if importlib.util.find_spec("vectorbt") is None:
        print("vectorbt is not installed; not compared")
        return peers
    return [*peers, ("weights given, vectorbt without funding", lambda: _by_vectorbt(prices, rows, weights))]


def _by_vectorbt(prices: Array, rows: range, weights: Array) -> Array:
    import pandas as pd
    import vectorbt

    close = pd.DataFrame(prices, pd.date_range("2022-01-01", periods=len(prices), freq="h"))
    target = pd.DataFrame(np.nan, close.index, close.columns)
    target.iloc[list(rows)] = weights[list(rows)]
    portfolio = vectorbt.Portfolio.from_orders(
        close,
        size=target,
        size_type="targetpercent",
        group_by=True,
        cash_sharing=True,
        call_seq="auto",
        fees=FEE,
        freq="h",
        init_cash=1.0,
    )
    return np.asarray(portfolio.value())


def _least(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)
