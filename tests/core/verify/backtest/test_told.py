"""What a policy is told of the account's way, by a slow reading of the equity path, and what acts on it in a run."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from core.decide.policy.models import EqualWeight
from core.errors import ArgumentError, DataWarning
from core.verify.backtest.backtest import backtest
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.rules import Rules
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms

BARS, CONTRACTS, WINDOW = 260, 3, 40


def market(seed=0):
    rng = np.random.default_rng(seed)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (BARS, CONTRACTS)), axis=0))
    return prices, rng.normal(1e-4, 2e-4, prices.shape)


class Listens(EqualWeight):
    """Equal weights, and what it was told."""

    def __init__(self):
        object.__setattr__(self, "told", [])
        object.__setattr__(self, "name", "listens")

    def __call__(self, outlook, holding):
        self.told.append(holding)
        return super().__call__(outlook, holding)


@pytest.mark.parametrize("months", [None, np.arange(BARS) // 31])
def test_peak_and_month_are_those_of_the_path(months):
    prices, rates = market()
    listens = Listens()
    history = as_history(prices, rates, None, 365.0)
    decisions = Decisions(history, listens, WINDOW, peak_days=20, months=months)
    ledger = backtest(decisions, Terms(fee=5e-4), 7).ledger
    label = (lambda row: row * 12 // 365) if months is None else (lambda row: months[row])
    for row, holding in zip(ledger.decisions, listens.told, strict=True):
        # Of this row itself what was there before it traded.
        path = [*ledger.equity[:row].tolist(), holding.equity]
        assert holding.peak == max(path[max(row - 20, 0) :])
        month = [place for place in range(row + 1) if label(place) == label(row)]
        high = max(path[place] for place in month)
        since = next(place for place in month if path[place] == high)
        assert (holding.month_high, holding.month_low) == (high, min(path[since:]))
        assert holding.hours_held == (np.inf if row == WINDOW else 7 * 24)


def run(rows, policy="equal_weight", seed=0, rebalance=1, periods=365.0):
    rules = Rules.from_rows(rows, CONTRACTS, 5.0)
    prices, rates = market(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        decisions = rules.decisions(as_history(prices, rates, None, periods), policy, WINDOW)
        return backtest(decisions, rules.terms, rebalance)


def test_a_clock_decides_in_which_of_the_rows_asked_something_is_decided():
    every, clocked = run([]), run([["clock", "every"], ["clock_hours", 7 * 24]])
    assert every.figures.rebalances == BARS - WINDOW
    traded = np.flatnonzero(clocked.ledger.turnover)
    assert traded.tolist() == list(range(WINDOW, BARS, 7))
    assert clocked.figures.rebalances == traded.size
    assert clocked.figures.answered == 1
    np.testing.assert_array_equal(clocked.ledger.equity, run([], rebalance=7).ledger.equity)


def test_inside_a_band_not_a_contract_moves():
    found = run([["no_trade_band", 0.01], ["band_aim", "target"]]).ledger
    held = found.quantities * market()[0] / found.equity[:, np.newaxis]
    moved = np.diff(found.quantities, axis=0) != 0
    assert moved[WINDOW:].any()
    assert found.turnover[WINDOW + 1 :].sum() < 0.5 * run([]).ledger.turnover[WINDOW + 1 :].sum()
    # A contract that was not traded is within the band of a third, one that was stands on it, but for the costs.
    for row in range(WINDOW + 1, BARS):
        assert (np.abs(held[row][~moved[row - 1]] - 1 / 3) <= 0.01 + 1e-3).all()
        assert np.abs(held[row][moved[row - 1]] - 1 / 3) == pytest.approx(0, abs=1e-3)


def test_after_the_months_stop_nothing_is_held_until_the_month_ends():
    found = run([["month_stop", 0.03]], seed=1)
    month = np.arange(BARS) * 12 // 365
    out = (found.ledger.quantities == 0).all(axis=1)
    assert out[WINDOW:].any()
    for row in range(WINDOW + 1, BARS):
        if out[row - 1] and month[row] == month[row - 1]:
            assert out[row]
        if month[row] != month[row - 1]:
            assert not out[row]


def test_a_drawdown_buffer_holds_the_floor_of_a_peak_that_it_does_not_forget():
    rows = [["drawdown_buffer", 0.08], ["peak_days", 10_000]]
    free, kept = run([], seed=2), run(rows, seed=2)
    assert free.figures.max_drawdown > 0.08
    assert kept.figures.max_drawdown <= 0.08


def test_the_volatility_target_is_met_by_the_book_that_is_held():
    target = run([["volatility_target", 0.05]]).figures.annual_volatility
    assert target == pytest.approx(0.05, rel=0.15)


def test_a_hedge_takes_the_market_out_of_the_book():
    found = run([["hedges", 1], ["max_weight", 0, 1, 1]])
    betas = abs(found.figures.beta), run([["max_weight", 0, 1, 1]]).figures.beta
    assert betas[0] < 0.15 < 0.8 < betas[1]


def test_the_least_variance_in_the_place_of_a_policy_is_sized_like_it():
    rows = [["volatility_ceiling", 0.05]]
    found = run(rows, "classical")
    assert 0.1 < found.figures.answered < 0.5
    assert found.figures.annual_volatility < 0.06


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["clock_hours", 12]], "'clock_hours' needs a row 'clock'"),
        ([["clock", "sometimes"]], "clock 'sometimes' is not known"),
        ([["clock", "every"], ["clock_hours", 0]], "clock_hours is 0"),
        ([["drawdown_buffer", 1.5]], "drawdown_buffer is 1.5"),
        ([["month_stop", 1]], "month_stop is 1"),
        ([["volatility_target", -1]], "volatility_target is -1"),
        ([["no_trade_band", -1]], "no_trade_band is -1"),
        ([["no_trade_band", 0.1], ["band_aim", "up"]], "band_aim 'up' is not known"),
        ([["leverage_tilt", "moon"]], "leverage_tilt 'moon' is not known"),
        ([["peak_days", 0]], "peak_days is 0"),
        ([["hedge_target", 0.1]], "'hedge_target' needs a row 'hedges'"),
        ([["hedges", 0, 0, 0, 1]], "'hedges' has more than 3 values"),
        ([["hedges", 0, 0, 0]], "'hedges' marks no contract"),
        ([["hedges", 1], ["hedge_to", "moon"]], "hedge_to 'moon' is not known"),
        ([["hedges", 1], ["hedge_halflife", 9]], "'hedge_halflife' belongs to hedge_to hedges"),
        ([["no_trade_bnd", 0.1]], "did you mean 'no_trade_band'"),
    ],
)
def test_bad_rows(rows, reason):
    with pytest.raises(ArgumentError, match=reason):
        run(rows)
