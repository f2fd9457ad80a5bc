"""A backtest in a cell for each policy, the walk with its weights given, and single decisions."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np

from core.arrays import Array
from core.choices import POLICIES
from core.errors import DataWarning
from core.verify.backtest.backtest import backtest
from core.verify.backtest.rules import Rules
from core.verify.walk.history import as_history

from .backtest_decisions import decision_rows
from .backtest_ledger import ledger_rows

HOURS, CONTRACTS, WINDOW, EVERY, REPEATS = 9_480, 20, 720, 24, 5


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
    ledger_rows(prices, rates, rows, weights)
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


def _least(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)
