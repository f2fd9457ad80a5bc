"""The walk beside a slow ledger, and beside the replay of a book that is never traded."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from core.market.tiers import Tiers
from core.numeric.compiled import loading
from core.verify.path.book import as_book
from core.verify.path.follow import follow
from core.verify.stress.replay import replay
from core.verify.walk.given import Given
from core.verify.walk.history import as_history
from core.verify.walk.standing import Standing
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk
from tests.oracles.verify.slow_ledger import Contract, slow_walk

BARS, CONTRACTS = 200, 4


def market(seed, volatility=0.02, gaps=0.0, contracts=CONTRACTS):
    rng = np.random.default_rng(seed)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, volatility, (BARS, contracts)), axis=0))
    prices[rng.random(prices.shape) < gaps] = np.nan
    rates = np.where((np.arange(BARS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 5e-4, prices.shape), 0.0)
    return prices, rates, rng


def targets(rng, leverage, contracts=CONTRACTS):
    """Random longs and shorts of that gross, drawn anew at each row; sometimes nothing is traded."""
    weights = rng.normal(0.1, 1, (BARS, contracts))
    weights *= leverage / np.abs(weights).sum(axis=1, keepdims=True)
    silent = rng.random(BARS) < 0.2
    return lambda now: None if silent[now.row] else weights[now.row]


def ranges(prices, rng, width=0.01):
    """Opens near the last close, and lows and highs around all that is known; some are missing."""
    before = np.vstack([prices[:1], prices[:-1]])
    opens = before * np.exp(rng.normal(0, width / 2, prices.shape))
    lows = np.fmin(np.fmin(prices, opens), before) * np.exp(-width * rng.random(prices.shape))
    highs = np.fmax(np.fmax(prices, opens), before) * np.exp(width * rng.random(prices.shape))
    gone = rng.random(prices.shape) < 0.05
    lows[gone] = highs[gone] = np.nan
    opens[rng.random(prices.shape) < 0.05] = np.nan
    marks = {"mark_lows": lows * np.exp(0.004 * rng.random()), "mark_highs": highs * np.exp(0.004 * rng.random())}
    return {"opens": opens, "lows": lows, "highs": highs, **marks}


def remembered(decide, seen):
    """The same decisions, and how the account stood at each."""

    def asked(now):
        seen.append(now)
        return decide(now)

    return asked


def assert_the_same(ours, slow, shape):
    np.testing.assert_allclose(ours.equity, slow.equity, rtol=0, atol=1e-11)
    np.testing.assert_allclose(ours.quantities, slow.quantities, rtol=0, atol=1e-11)
    for name in ("pnl", "funding", "fees", "slippage", "liquidation"):
        np.testing.assert_allclose(getattr(ours, name), slow.block(name, shape), rtol=0, atol=1e-11, err_msg=name)
    for name in ("interest", "turnover"):
        np.testing.assert_allclose(getattr(ours, name), slow.column(name, shape[0]), rtol=1e-9, atol=1e-11)
    assert (ours.decisions.tolist(), list(ours.liquidated)) == (slow.decisions, slow.liquidated)
    assert list(ours.stopped) == slow.stopped
    assert ours.shortfall == pytest.approx(slow.shortfall, abs=1e-11)
    assert ours.largest_difference < 1e-12
    assert (ours.equity >= 0).all()


@pytest.mark.parametrize("delay", [0, 1, 2, 30])
@pytest.mark.parametrize("leverage", [1, 8, 25, 80])
@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_the_walk_is_the_slow_ledger(delay, leverage, gaps):
    closed = 0
    for seed in range(4):
        prices, rates, rng = market(seed, gaps=gaps)
        decide, rows = targets(rng, leverage), [*range(10, BARS, 24), BARS - 1]
        fee, slippage = rng.uniform(0, 1e-3, CONTRACTS), rng.uniform(0, 5e-4, CONTRACTS)
        lots, maintenance = np.array([0, 1e-5, 1e-4, 1e-3]) * (seed % 2), np.array([0.005, 0.01, 0.02, 0.05])
        terms = Terms(fee, slippage, maintenance, liquidation_fee=0.004, lots=lots, delay=delay)
        contracts = [
            Contract(fee[i], slippage[i], ((0.0, maintenance[i], 0.0),), 0.004, lots[i]) for i in range(CONTRACTS)
        ]
        ours = walk(as_history(prices, rates), rows, decide, terms)
        slow = slow_walk(prices, rates, rows, decide, contracts, delay=delay)
        assert_the_same(ours, slow, prices.shape)
        closed += len(ours.liquidated)
    assert (closed > 0) == (leverage > 1) or leverage == 8  # in between, chance decides


TIERED = Tiers.from_rows([[0, 0.4, 0.01, 0, 50], [0.4, 1.5, 0.03, 0.008, 10], [1.5, 9, 0.08, 0.083, 5]])
IN_COIN = Tiers.from_rows([[0, 0.004, 0.01, 0, 50], [0.004, 0.02, 0.04, 0.00012, 10]])


def strange_contracts(rng):
    """A linear one with tiers, an inverse one, one that stands alone, one of all at once, with stops on some."""
    fee, stops = rng.uniform(0, 1e-3, 5), rng.choice([np.nan, 0.02, 0.06, 1.5], 5)
    linear = ((0.0, 0.01, 0.0), (0.4, 0.03, 0.008), (1.5, 0.08, 0.083))
    inverse = ((0.0, 0.01, 0.0), (0.004, 0.04, 0.00012))
    tables = [linear, inverse, ((0.0, 0.02, 0.0),), linear, inverse]
    alone = [None, None, *rng.uniform(0.05, 0.3, 3).tolist()]
    lots = [0.0, 1e-3, 1e-4, 0.0, 0.0]
    contracts = [
        Contract(
            fee[i], fee[i] / 2, tables[i], 0.006, lots[i], i in (1, 4), alone[i], stops[i] if stops[i] > 0 else None
        )
        for i in range(5)
    ]
    return contracts, {
        "fee": fee,
        "slippage": fee / 2,
        "maintenance_rates": 0.02,
        "liquidation_fee": 0.006,
        "lots": lots,
        "tiers": [TIERED, IN_COIN, None, TIERED, IN_COIN],
        "inverse": [0, 1, 0, 0, 1],
        "isolated": np.array(alone, dtype=float),
        "stops": stops,
    }


@pytest.mark.parametrize("margin", ["close", "range", "mark"])
@pytest.mark.parametrize("delay", [0, 1, 2])
@pytest.mark.parametrize("leverage", [1, 4, 12])
def test_every_kind_of_contract_stop_and_margin_is_that_of_the_slow_ledger(margin, delay, leverage):
    closed = stopped = partly = 0
    for seed in range(6):
        prices, rates, rng = market(seed, gaps=0.05 * (seed % 2), contracts=5)
        bars, interest = ranges(prices, rng), [0.0, 3e-5][seed % 2]
        contracts, chosen = strange_contracts(rng)
        decide, rows = targets(rng, leverage, 5), [*range(10, BARS, 24), BARS - 1]
        terms = Terms(**chosen, delay=delay, margin=margin, interest=interest * 8760)
        seen, known = [], []
        ours = walk(as_history(prices, rates, **bars), rows, remembered(decide, seen), terms)
        slow = slow_walk(
            prices, rates, rows, remembered(decide, known), contracts,
            delay=delay, interest=interest, margin=margin, **bars,
        )  # fmt: skip
        assert_the_same(ours, slow, prices.shape)
        for one, other in zip(seen, known, strict=True):
            for mine, his in zip(one, other, strict=True):
                np.testing.assert_allclose(mine, his, rtol=1e-9, atol=1e-12)
        closed, stopped = closed + len(ours.liquidated), stopped + len(ours.stopped)
        partly += sum(ours.quantities[row, column] != 0 for row, column in ours.liquidated)
    assert stopped > 0
    assert leverage == 1 or (closed > 0 and partly > 0)


@pytest.mark.parametrize("margin", ["close", "range"])
@pytest.mark.parametrize("delay", [0, 2])
@pytest.mark.parametrize("leverage", [1, 5, 12, 90])
@pytest.mark.parametrize("strange", [False, True])
def test_the_compiled_loop_walks_as_numpy_does(margin, delay, leverage, strange):
    for seed in range(4):
        prices, rates, rng = market(seed, gaps=0.05 * (seed % 2), contracts=5)
        history = as_history(prices, rates, **ranges(prices, rng))
        chosen = strange_contracts(rng)[1] if strange else {"fee": 5e-4, "maintenance_rates": 0.02}
        terms = Terms(**chosen, delay=delay, margin=margin, interest=0.2 * (seed // 2))
        decide, rows = targets(rng, leverage, 5), [*range(10, BARS, 24), BARS - 1]
        nothing = np.full(5, np.nan)
        orders = [decide(Standing(row, nothing, 1.0, nothing, nothing, nothing)) for row in range(BARS)]
        given = Given(np.array([nothing if order is None else order for order in orders]))
        by_numpy = walk(history, rows, given, terms)
        with loading():
            compiled = [walk(history, rows, each, terms) for each in (decide, given)]
        for ours in compiled:
            for name in ("equity", "quantities", "pnl", "funding", "fees", "slippage", "liquidation", "turnover"):
                np.testing.assert_allclose(
                    getattr(ours, name), getattr(by_numpy, name), rtol=1e-11, atol=1e-13, err_msg=name
                )
            assert (ours.liquidated, ours.stopped) == (by_numpy.liquidated, by_numpy.stopped)
            np.testing.assert_array_equal(ours.decisions, by_numpy.decisions)
            assert ours.largest_difference < 1e-12


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


@pytest.mark.parametrize("margin", ["close", "range"])
def test_a_book_of_every_kind_that_is_never_traded_is_its_replay(margin):
    """Tiers, isolated collateral and inverse contracts; lows and highs are rows of their own to the replay."""
    closed = 0
    for seed in range(12):
        prices, rates, rng = market(seed, contracts=5)
        bars, chosen = ranges(prices, rng), strange_contracts(rng)[1]
        for name in ("lows", "highs"):
            bars[name] = np.where(np.isnan(bars[name]), prices, bars[name])
        chosen |= {"stops": np.nan, "lots": 0.0, "fee": 0.0, "slippage": 0.0}
        first = rng.normal(0, 1.5, 5)
        history = as_history(prices, rates, lows=bars["lows"], highs=bars["highs"])
        ours = walk(history, [0], lambda now, first=first: first, Terms(**chosen, margin=margin))
        collateral = np.array(chosen["isolated"]) * np.abs(first)
        book = as_book(
            np.where(chosen["inverse"], first, first / prices[0]), prices[0], 1.0, 0.02,
            isolated=collateral / max(1.0, np.nansum(collateral)), tiers=chosen["tiers"],
            liquidation_fee=0.006, inverse=chosen["inverse"],
        )  # fmt: skip
        within = [prices] if margin == "close" else [bars["lows"], bars["highs"], prices]
        path = np.stack(within, axis=1).reshape(-1, 5)
        paid = np.stack([*[np.zeros_like(rates)] * (len(within) - 1), rates], axis=1).reshape(-1, 5)
        followed = follow(book, path[len(within) :], paid[len(within) :])
        every = slice(0, None, len(within))
        alive = np.cumsum(followed.equity[every] <= 0) == 0
        np.testing.assert_allclose(ours.equity[alive], followed.equity[every][alive], rtol=1e-10)
        assert not ours.equity[~alive].any()
        until = int(alive.sum())
        np.testing.assert_allclose(ours.quantities[:until], (followed.open_shares[every] * book.coins)[:until])
        closed += len(followed.order)
    assert closed > 12


def test_a_contract_split_in_two_and_another_unit_change_nothing():
    prices, rates, rng = market(9)
    weights, bars = rng.normal(0, 1, (BARS, CONTRACTS)), ranges(prices, rng)
    rows, chosen = range(0, BARS, 24), {"fee": 5e-4, "slippage": 2e-4, "maintenance_rates": 0.02, "interest": 0.3}
    terms = Terms(**chosen, stops=0.04, isolated=[0.3, np.nan, 0.2, np.nan], margin="range", liquidation_fee=0.003)
    whole = walk(as_history(prices, rates, **bars), rows, lambda now: weights[now.row], terms)
    assert whole.stopped
    twice = np.array([0, 0, 1, 2, 3])
    split = walk(
        as_history(prices[:, twice], rates[:, twice], **{name: each[:, twice] for name, each in bars.items()}),
        rows,
        lambda now: weights[now.row][twice] * [0.5, 0.5, 1, 1, 1],
        replace(terms, isolated=np.asarray(terms.isolated)[twice]),
    )
    np.testing.assert_allclose(split.equity, whole.equity, rtol=1e-12)
    order = [3, 1, 0, 2]
    mixed = walk(
        as_history(prices[:, order], rates[:, order], **{name: each[:, order] for name, each in bars.items()}),
        rows,
        lambda now: weights[now.row][order],
        replace(terms, isolated=np.asarray(terms.isolated)[order]),
    )
    np.testing.assert_allclose(mixed.equity, whole.equity, rtol=1e-12)
    np.testing.assert_allclose(mixed.pnl, whole.pnl[:, order], atol=1e-13)


def test_a_thousand_times_the_money_in_a_thousand_times_the_lots_is_the_same_run():
    prices, rates, rng = market(9)
    weights, lots = rng.normal(0, 1, (BARS, CONTRACTS)), np.array([0, 1e-4, 1e-3, 1e-5])
    tiers = Tiers.from_rows([[0, 0.4, 0.01, 0, 50], [0.4, 9, 0.03, 0.008, 10]])
    dear = Tiers.from_rows([[0, 400, 0.01, 0, 50], [400, 9000, 0.03, 8, 10]])
    history, decide = as_history(prices, rates), lambda now: weights[now.row]
    terms = Terms(fee=5e-4, lots=lots, tiers=tiers, stops=0.05)
    small = walk(history, range(0, BARS, 24), decide, terms)
    large = walk(history, range(0, BARS, 24), decide, replace(terms, lots=1000 * lots, tiers=dear), equity=1000.0)
    np.testing.assert_allclose(large.equity, small.equity * 1000, rtol=1e-12)
    assert large.stopped == small.stopped != ()


@pytest.mark.parametrize("by_loop", [False, True])
def test_a_changed_future_of_the_bars_leaves_the_past_as_it_was(by_loop):
    prices, rates, rng = market(4, contracts=5)
    bars, chosen, decide = ranges(prices, rng), strange_contracts(rng)[1], targets(rng, 8, 5)
    terms = Terms(**chosen, margin="range", delay=1, interest=0.1)
    with loading() if by_loop else nullcontext():
        before = walk(as_history(prices, rates, **bars), range(0, BARS, 12), decide, terms)
        for row in (11, 12, 13, 60, 97, 150):
            scale = np.ones((BARS, 1))
            scale[row + 1 :] = rng.uniform(0.2, 3.2, (BARS - row - 1, 1))
            later = {name: each * scale for name, each in bars.items()}
            after = walk(as_history(prices * scale, rates * scale**9, **later), range(0, BARS, 12), decide, terms)
            for name in ("equity", "quantities", "pnl", "funding", "fees", "liquidation", "interest", "turnover"):
                np.testing.assert_array_equal(
                    getattr(after, name)[: row + 1], getattr(before, name)[: row + 1], err_msg=name
                )
    assert before.liquidated
    assert before.stopped


def test_one_settlement_costs_a_long_its_notional_times_the_rate():
    prices, rates = np.full((4, 2), 50.0), np.zeros((4, 2))
    rates[2] = 0.01, -0.02
    books = walk(as_history(prices, rates), [0], lambda now: np.array([0.6, -0.3]), Terms())
    np.testing.assert_allclose(books.funding[2], [-0.006, -0.006], rtol=1e-12)
    np.testing.assert_allclose(books.equity, [1, 1, 0.988, 0.988], rtol=1e-12)
