"""What comes after a row changes nothing up to it, bit for bit, for every policy; and a peek ahead would be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.choices import POLICIES
from core.decide.limits.declared import Limits
from core.decide.policy.models import EqualWeight
from core.decide.policy.named import Choices, policy_named
from core.decide.policy.protocol import Target
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.rules import Rules
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


AROUND = {
    "volatility target": [["volatility_target", 0.9]],
    "ceiling": [["volatility_ceiling", 0.2]],
    "tilt to calm": [["leverage_tilt", "volatility"]],
    "tilt to premium": [["leverage_tilt", "premium"], ["tilt_reference", 0.1]],
    "drawdown buffer": [["drawdown_buffer", 0.1], ["peak_days", 5]],
    "month stop": [["month_stop", 0.02]],
    "band": [["no_trade_band", 0.02], ["band_aim", "target"]],
    "band to its edge": [["no_trade_band", 0.02]],
    "drift clock": [["clock", "drift"], ["clock_hours", 100]],
    "calm clock": [["clock", "calm"], ["clock_hours", 100]],
    "hedge": [["hedges", 1, 1], ["max_weight", 0, 0, 1, 1, 1], ["hedge_to", "hedges"], ["hedge_halflife", 20]],
    "hedge to the market": [["hedges", 1], ["hedge_target", 0.2]],
    "all": [
        *(["hedges", 1, 1], ["max_weight", 0, 0, 1, 1, 1], ["hedge_to", "hedges"], ["volatility_target", 0.5]),
        *(["drawdown_buffer", 0.15], ["peak_days", 5], ["month_stop", 0.05], ["leverage_tilt", "volatility"]),
        *(["no_trade_band", 0.01], ["clock", "calm"], ["clock_hours", 100]),
    ],
}


def run_with(rows, prices, rates, benchmark, policy="equal_weight"):
    """By the rows of a limits block, on bars of eight hours; months of seven days or so."""
    rules = Rules.from_rows(rows, CONTRACTS, 5.0)
    history = as_history(prices, rates, benchmark, 1095)
    decisions = rules.decisions(history, policy, WINDOW)
    decisions.months = np.arange(len(prices)) // 21
    return walk(history, range(WINDOW, len(prices), EVERY), decisions, rules.terms)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("rows", AROUND.values(), ids=AROUND)
def test_what_goes_around_a_policy_sees_no_future_either(rows):
    prices, rates, benchmark = market(5)
    before = run_with(rows, prices, rates, benchmark)
    plain = run_with([row for row in rows if row[0] == "max_weight"], prices, rates, benchmark)
    assert difference(before, plain, BARS - 1), "it acts"
    rng = np.random.default_rng(6)
    for row in (WINDOW, WINDOW + 1, 100, 107, 108, 200):
        future = rates.copy()
        future[row + 1 :] *= -50
        changed = (changed_after(prices, row, rng), future, changed_after(benchmark, row, rng))
        assert difference(before, run_with(rows, *changed), row) == []
        known = slice(row + 1)
        if row > WINDOW + 1:
            shorter = prices[known], rates[known], benchmark[known]
            assert difference(run_with(rows, *shorter), before, row) == []


def test_a_drawdown_buffer_that_peeks_at_the_next_peak_is_caught():
    """A peak over the whole history, later rows too, would be told by this test."""
    prices, rates, benchmark = market(5)

    def peeking(levels):
        history = as_history(levels, rates, benchmark, 1095)
        decisions = Rules.from_rows([["drawdown_buffer", 0.1]], CONTRACTS, 5.0).decisions(
            history, "equal_weight", WINDOW
        )
        informed = decisions._informed

        def ahead(holding, now, known):
            later = float(history.marks[min(now.row + 24, BARS - 1)].mean() / history.marks[now.row].mean())
            honest = informed(holding, now, known)
            return replace(honest, peak=max(honest.peak, honest.equity * later))

        decisions._informed = ahead
        return walk(history, range(WINDOW, BARS, EVERY), decisions, Terms(fee=5e-4))

    first, second = (peeking(each) for each in (prices, changed_after(prices, 108, np.random.default_rng(3))))
    assert difference(first, second, 108)


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
