"""What comes after a row changes nothing up to it, bit for bit, for every policy; and a peek ahead would be seen."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.models import EqualWeight
from core.decide.policy.named import POLICIES, Choices, policy_named
from core.decide.policy.protocol import Target
from core.verify.backtest.decisions import Decisions
from core.verify.walk.history import History, as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

BARS, CONTRACTS, WINDOW, EVERY = 260, 5, 60, 8
LIMITS = Limits(max_weight=0.6, turnover_cost=5e-4)


def market(seed=0):
    rng = np.random.default_rng(seed)
    common = rng.normal(3e-4, 0.01, (BARS, 1)) * rng.uniform(0.6, 1.4, CONTRACTS)
    prices = 100 * np.exp(np.cumsum(common + rng.normal(0, 0.005, (BARS, CONTRACTS)), axis=0))
    rates = np.where((np.arange(BARS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 3e-4, prices.shape), 0.0)
    return prices, rates, prices.mean(axis=1)


def run(history: History, policy, terms=None, **chosen):
    decisions = Decisions(history, policy, WINDOW, LIMITS, **chosen)
    return walk(history, range(WINDOW, len(history.prices), EVERY), decisions, terms or Terms(fee=5e-4))


def changed_after(values, row, rng):
    changed = values.copy()
    changed[row + 1 :] *= rng.uniform(0.2, 3.2, changed[row + 1 :].shape)
    return changed


def difference(first, second, row):
    """Rows up to `row` in which two runs are not the same to the last bit."""
    parts = ("equity", "quantities", "pnl", "funding", "fees", "liquidation", "turnover")
    return [
        name for name in parts if not np.array_equal(getattr(first, name)[: row + 1], getattr(second, name)[: row + 1])
    ]


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("delay", [0, 3])
def test_a_changed_future_leaves_the_past_as_it_was(name, delay):
    prices, rates, benchmark = market()
    policy, terms = policy_named(name, Choices(falls_back=False)), Terms(fee=5e-4, delay=delay)
    before = run(as_history(prices, rates, benchmark), policy, terms)
    rng = np.random.default_rng(1)
    for row in (WINDOW, WINDOW + 1, 100, 107, 108, 200):
        future = rates.copy()
        future[row + 1 :] *= -50
        after = run(
            as_history(changed_after(prices, row, rng), future, changed_after(benchmark, row, rng)), policy, terms
        )
        assert difference(before, after, row) == []
    assert np.abs(before.quantities[WINDOW + delay]).sum() > 0


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("name", POLICIES)
def test_a_shorter_history_gives_the_first_rows_of_the_longer(name):
    prices, rates, benchmark = market(2)
    history, policy = as_history(prices, rates, benchmark), policy_named(name, Choices(falls_back=False))
    whole = run(history, policy)
    for row in (WINDOW + 2, 131, 132, BARS - 2):
        known = slice(row + 1)
        assert difference(run(as_history(prices[known], rates[known], benchmark[known]), policy), whole, row) == []


class Peek:
    """Equal weights, scaled by what the prices will have done some rows later."""

    name = "peek"

    def __init__(self, history: History, ahead: int) -> None:
        self.history, self.ahead = history, ahead

    def __call__(self, outlook, holding):
        target = EqualWeight()(outlook, holding)
        last = float(outlook.returns[-1, 0])
        row = int(np.flatnonzero(self.history.returns[:, 0] == last)[0])
        later = self.history.marks[min(row + self.ahead, len(self.history.marks) - 1)]
        scale = 1.0 + float(later.mean() / self.history.marks[row].mean())
        return Target(target.weights * scale / 4, self.name, target.weights)


def test_a_planted_look_ahead_is_caught():
    prices, rates, benchmark = market()
    seen = []
    for ahead in (0, 24):
        honest = as_history(prices, rates, benchmark)
        other = as_history(changed_after(prices, 108, np.random.default_rng(3)), rates, benchmark)
        first, second = run(honest, Peek(honest, ahead)), run(other, Peek(other, ahead))
        seen.append(bool(difference(first, second, 108)))
    assert seen == [False, True]
