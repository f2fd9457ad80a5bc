"""Walks in which a policy decides beside skfolio's WalkForward, by numpy and by compiled loops; CPU time, one run.

skfolio's counts no funding, no drift of the weights and no liquidation; its covariance and ours are Ledoit and Wolf's.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.policy.models import MeanVariance
from core.decide.policy.protocol import Policy
from core.numeric.compiled import loops
from core.verify.backtest.backtest import backtest
from core.verify.backtest.decisions import Decisions
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms

__all__ = ["decision_rows"]

COST, REPEATS = 7e-4, 5


class Goal(NamedTuple):
    """A policy of ours, skfolio's objective, and how many times as quick ours has to be."""

    name: str
    objective: str
    times: float


GOALS = (
    Goal("max_sharpe", "MAXIMIZE_RATIO", 25),
    Goal("utility", "MAXIMIZE_UTILITY", 300),
    Goal("min_variance", "MINIMIZE_RISK", 300),
)


def decision_rows(prices: Array, rates: Array, window: int, every: int) -> None:
    """Print each walk with its goal."""
    if importlib.util.find_spec("skfolio") is None:
        print("skfolio is not installed; not compared")
        return
    there = loops.there
    print(f"\n{'the whole walk, weights decided':44}{'ours':>9}{'loops':>9}{'skfolio':>9}{'ratio':>8}{'loops':>8}")
    for goal in GOALS:
        ours = []
        for loops.there in (False, True):
            ours.append(_least(lambda goal=goal: _walked(MeanVariance(goal.name), prices, rates, window, every)))
        loops.there = there
        peer = _least(_by_skfolio(goal.objective, prices, rates, window, every), 1)
        ratios = [peer / seconds for seconds in ours]
        reached = "reached" if max(ratios) >= goal.times else "MISSED"
        told = f"{goal.name:44}{ours[0]:>9.4f}{ours[1]:>9.4f}{peer:>9.3f}{ratios[0]:>7.0f}x{ratios[1]:>7.0f}x"
        print(f"{told}   goal {goal.times:.0f}x: {reached}")
    _year_of_three(prices, rates, window, every)


def _year_of_three(prices: Array, rates: Array, window: int, every: int) -> None:
    year = slice(-8760, None)
    for name, step in (("every day", every), ("every hour", 1)):
        seconds = _least(lambda step=step: _walked(MeanVariance(), prices[year, :3], rates[year, :3], window, step), 1)
        print(f"{'max_sharpe, 3 contracts, a year, ' + name:44}{seconds:>9.4f}")


def _walked(policy: Policy, prices: Array, rates: Array, window: int, every: int) -> object:
    limits = Limits(max_weight=0.5, turnover_cost=COST)
    decisions = Decisions(as_history(prices, rates), policy, window, limits)
    return backtest(decisions, Terms(fee=COST), every).figures


def _by_skfolio(objective: str, prices: Array, rates: Array, window: int, every: int) -> Callable[[], object]:
    import pandas as pd
    from skfolio.model_selection import WalkForward, cross_val_predict
    from skfolio.moments import LedoitWolf
    from skfolio.optimization import MeanRisk, ObjectiveFunction
    from skfolio.prior import EmpiricalPrior

    returns = prices[1:] / prices[:-1] - 1 - rates[1:]
    block = pd.DataFrame(returns, pd.date_range("2022-01-01", periods=len(returns), freq="h"))
    model = MeanRisk(
        objective_function=ObjectiveFunction[objective],
        prior_estimator=EmpiricalPrior(covariance_estimator=LedoitWolf()),
        max_weights=0.5,
        transaction_costs=COST / every,
        previous_weights=np.full(block.shape[1], 1 / block.shape[1]),
        raise_on_failure=False,
    )
    return lambda: cross_val_predict(model, block, cv=WalkForward(test_size=every, train_size=window))


def _least(work: Callable[[], object], repeats: int = REPEATS) -> float:
    taken = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(repeats + (repeats > 1)):  # the first of several loads what is loaded once
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
    return min(taken)
