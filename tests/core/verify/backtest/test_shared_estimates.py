"""A walk whose decisions share their moments decides what it would from the rows of each window, for every policy."""

from __future__ import annotations

import numpy as np
import pytest

from core.choices import POLICIES
from core.decide.limits.declared import Limits
from core.decide.policy.named import Choices, policy_named
from core.decide.portfolio.objectives import plain_book
from core.numeric.rolling_moments import RollingMoments
from core.verify.backtest.decisions import Decisions
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

BARS, CONTRACTS, WINDOW, EVERY = 600, 6, 100, 8


def market(gaps, young):
    rng = np.random.default_rng(8)
    common = rng.normal(3e-4, 0.01, (BARS, 1)) * rng.uniform(0.6, 1.4, CONTRACTS)
    prices = 100 * np.exp(np.cumsum(common + rng.normal(0, 0.005, (BARS, CONTRACTS)), axis=0))
    rates = np.where((np.arange(BARS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 3e-4, prices.shape), 0.0)
    if gaps:
        prices[rng.integers(0, BARS, 8), rng.integers(0, CONTRACTS, 8)] = np.nan
    if young:
        prices[:300, 4] = np.nan
    return prices, rates, common.mean(axis=1).cumsum() + 100


def run(policy, prices, rates, benchmark=None):
    limits = Limits(max_weight=0.5, turnover_cost=5e-4)
    decisions = Decisions(as_history(prices, rates, benchmark), policy, WINDOW, limits)
    ledger = walk(decisions.history, range(WINDOW, BARS, EVERY), decisions, Terms(fee=5e-4))
    return ledger.weights, decisions


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(("gaps", "young"), [(False, False), (True, False), (True, True)])
def test_shared_moments_decide_as_the_rows_do(name, gaps, young, monkeypatch):
    prices, rates, benchmark = market(gaps, young)
    policy = policy_named(name, Choices(falls_back=False))
    for index in (None, benchmark):
        shared, decisions = run(policy, prices, rates, index)
        with monkeypatch.context() as patched:
            patched.setattr(RollingMoments, "ending_at", lambda self, row: None)
            read, plain = run(policy, prices, rates, index)
        assert np.abs(shared - read).max() <= 1e-9
        assert decisions.answers == plain.answers
        assert shared[-1].any()


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("objective", ["max_sharpe", "utility", "min_variance"])
def test_loops_of_plain_books_decide_as_the_ordinary_way_and_see_no_future(objective, monkeypatch):
    prices, rates, _ = market(gaps=True, young=False)
    policy = policy_named("classical", Choices(objective=objective, falls_back=False))
    ordinary, _ = run(policy, prices, rates)
    monkeypatch.setattr(plain_book, "worth_compiling", lambda elements: True)
    monkeypatch.setattr(plain_book, "compiled", lambda loop: loop)
    by_loops, _ = run(policy, prices, rates)
    assert np.abs(by_loops - ordinary).max() <= 1e-9
    for row in (WINDOW, 205):
        later, paid = prices.copy(), rates.copy()
        later[row + 1 :] *= np.random.default_rng(row).uniform(0.2, 3.2, later[row + 1 :].shape)
        paid[row + 1 :] *= -50
        changed, _ = run(policy, later, paid)
        assert np.array_equal(changed[: row + 1], by_loops[: row + 1])
