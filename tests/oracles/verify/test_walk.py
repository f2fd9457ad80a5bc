"""The walk beside a slow ledger, and beside the replay of a book that is never traded."""

from __future__ import annotations

import numpy as np
import pytest

from core.verify.backtest.history import as_history
from core.verify.backtest.terms import Terms
from core.verify.backtest.walk import walk
from core.verify.path.book import as_book
from core.verify.stress.replay import replay
from tests.oracles.verify.slow_ledger import slow_walk

BARS, CONTRACTS = 200, 4


def market(seed, volatility=0.02, gaps=0.0):
    rng = np.random.default_rng(seed)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, volatility, (BARS, CONTRACTS)), axis=0))
    prices[rng.random(prices.shape) < gaps] = np.nan
    rates = np.where((np.arange(BARS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 5e-4, prices.shape), 0.0)
    return prices, rates, rng


def targets(rng, leverage):
    """Random longs and shorts of that gross, drawn anew at each row; sometimes nothing is traded."""
    weights = rng.normal(0.1, 1, (BARS, CONTRACTS))
    weights *= leverage / np.abs(weights).sum(axis=1, keepdims=True)
    silent = rng.random(BARS) < 0.2
    return lambda now: None if silent[now.row] else weights[now.row]


@pytest.mark.parametrize("delay", [0, 1, 2, 30])
@pytest.mark.parametrize("leverage", [1, 8, 25, 80])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_the_walk_is_the_slow_ledger(delay, leverage, gaps):
    closed = 0
    for seed in range(4):
        prices, rates, rng = market(seed, gaps=gaps)
        decide = targets(rng, leverage)
        rows = [*range(10, BARS, 24), BARS - 1]
        terms = {"fee": rng.uniform(0, 1e-3, CONTRACTS), "slippage": rng.uniform(0, 5e-4, CONTRACTS)}
        lots, maintenance = np.array([0, 1e-5, 1e-4, 1e-3]) * (seed % 2), np.array([0.005, 0.01, 0.02, 0.05])
        ours = walk(
            as_history(prices, rates),
            rows,
            decide,
            Terms(**terms, maintenance_rates=maintenance, liquidation_fee=0.004, lots=lots, delay=delay),
        )
        slow = slow_walk(
            prices, rates, rows, decide, **terms, maintenance=maintenance, liquidation_fee=0.004, lots=lots, delay=delay
        )
        np.testing.assert_allclose(ours.equity, slow.equity, rtol=0, atol=1e-11)
        np.testing.assert_allclose(ours.quantities, slow.quantities, rtol=0, atol=1e-11)
        for name in ("pnl", "funding", "fees", "slippage", "liquidation"):
            np.testing.assert_allclose(
                getattr(ours, name), slow.block(name, prices.shape), rtol=0, atol=1e-11, err_msg=name
            )
        turnover = np.array([slow.turnover.get(row, 0.0) for row in range(BARS)])
        np.testing.assert_allclose(ours.turnover, turnover, rtol=1e-9, atol=1e-11)
        assert (ours.decisions.tolist(), list(ours.liquidated)) == (slow.decisions, slow.liquidated)
        assert ours.largest_difference < 1e-12
        assert (ours.equity >= 0).all()
        closed += len(ours.liquidated)
    assert (closed > 0) == (leverage > 1) or leverage == 8  # in between, chance decides


@pytest.mark.parametrize("leverage", [0.5, 3, 15, 60])
@pytest.mark.parametrize("asked", [[0], range(0, BARS, 24)])
def test_a_book_that_is_never_traded_is_its_replay(leverage, asked):
    for seed in range(6):
        prices, rates, rng = market(seed)
        first = np.abs(rng.normal(size=CONTRACTS))
        first *= leverage / first.sum()
        ours = walk(
            as_history(prices, rates),
            asked,
            lambda now, first=first: first if now.row == 0 else None,
            Terms(maintenance_rates=0.02, liquidation_fee=0.003),
            equity=1000.0,
        )
        book = as_book(first * 1000 / prices[0], prices[0], 1000.0, 0.02, liquidation_fee=0.003)
        replayed = replay(book, prices, rates)
        alive = np.cumsum(replayed.equity <= 0) == 0
        np.testing.assert_allclose(ours.equity[alive], replayed.equity[alive], rtol=1e-12)
        assert not ours.equity[~alive].any()
        assert tuple(dict.fromkeys(column + 1 for _, column in ours.liquidated)) == replayed.order


def test_a_contract_split_in_two_and_another_unit_change_nothing():
    prices, rates, rng = market(9)
    weights = rng.normal(0, 1, (BARS, CONTRACTS))
    rows, terms = range(0, BARS, 24), Terms(fee=5e-4, slippage=2e-4, maintenance_rates=0.02, liquidation_fee=0.003)
    whole = walk(as_history(prices, rates), rows, lambda now: weights[now.row], terms)
    twice = np.array([0, 0, 1, 2, 3])
    split = walk(
        as_history(prices[:, twice], rates[:, twice]),
        rows,
        lambda now: weights[now.row][twice] * [0.5, 0.5, 1, 1, 1],
        terms,
    )
    np.testing.assert_allclose(split.equity, whole.equity, rtol=1e-12)
    large = walk(as_history(prices / 1000, rates), rows, lambda now: weights[now.row], terms, equity=1000.0)
    np.testing.assert_allclose(large.equity, whole.equity * 1000, rtol=1e-10)


def test_one_settlement_costs_a_long_its_notional_times_the_rate():
    prices, rates = np.full((4, 2), 50.0), np.zeros((4, 2))
    rates[2] = 0.01, -0.02
    books = walk(as_history(prices, rates), [0], lambda now: np.array([0.6, -0.3]), Terms())
    np.testing.assert_allclose(books.funding[2], [-0.006, -0.006], rtol=1e-12)
    np.testing.assert_allclose(books.equity, [1, 1, 0.988, 0.988], rtol=1e-12)
