"""Reverse stress, the ladder and the worst case against brute force: plain revaluation, bisection and grids."""

import numpy as np
import pytest
from scipy.optimize import brentq

from core.market.tiers import Tiers
from core.verify.path.book import as_book
from core.verify.stress.reverse import liquidation_ladder, market_reach
from core.verify.stress.worst_case import worst_case

NAN = np.nan
TIERS = Tiers([0, 50, 200], [50, 200, NAN], [0.005, 0.02, 0.06], [NAN] * 3, [50, 25, 10])
SEEDS = range(40)


def owed(counted, rate, tiered):
    """Maintenance, as an income tax: each rate on the part of the notional that lies in its tier."""
    if not tiered:
        return counted * rate
    brackets = zip(TIERS.min_notional, TIERS.max_notional, TIERS.maintenance_rate, strict=True)
    return sum(each * max(min(counted, high) - low, 0) for low, high, each in brackets)


def headroom(book, moves):
    """The least equity over maintenance of the accounts after these relative moves; prices stay above zero."""
    cross, own = book["equity"] - np.nansum(book["isolated"]), []
    for i, quantity in enumerate(book["quantities"]):
        before, after = book["prices"][i], book["prices"][i] * (1 + moves[i])
        if book["inverse"][i]:
            gain = quantity * (1 / before - 1 / after) * after
            need = owed(abs(quantity) / after, 0.03, book["tiered"][i]) * after
        else:
            gain = quantity * (after - before)
            need = owed(abs(quantity) * after, 0.03, book["tiered"][i])
        if np.isnan(book["isolated"][i]):
            cross += gain - need
        else:
            own.append(book["isolated"][i] + gain - need)
    return min([cross, *own] if np.isnan(book["isolated"]).any() else own)


def random_book(seed):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    prices, inverse = rng.uniform(5, 50, size), rng.random(size) < 0.4
    quantities = np.where(inverse, 1, 1 / prices) * rng.normal(40, 100, size)
    values = np.abs(quantities * np.where(inverse, 1, prices))
    equity = values.sum() * rng.uniform(0.15, 0.6)
    isolated = np.where(rng.random(size) < 0.3, values * equity / values.sum(), NAN)
    book = {"quantities": quantities, "prices": prices, "equity": equity, "isolated": isolated, "inverse": inverse}
    book["tiered"], book["betas"] = rng.random(size) < 0.5, rng.normal(1, 0.6, size)
    return book


def as_ours(book):
    tiers = [TIERS if each else None for each in book["tiered"]]
    return as_book(
        book["quantities"],
        book["prices"],
        book["equity"],
        0.03,
        isolated=book["isolated"],
        inverse=book["inverse"],
        tiers=tiers,
    )


def first_root(function, furthest):
    """The root nearest to 0 towards `furthest`, by a fine grid and bisection; NaN when there is none."""
    grid = np.linspace(0, furthest, 4001)
    values = np.array([function(x) for x in grid])
    below = np.flatnonzero(values < 0)
    return brentq(function, grid[below[0] - 1], grid[below[0]], xtol=1e-14) if below.size else NAN


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reach_of_the_market_is_the_first_root(seed):
    book = random_book(seed)
    betas = book["betas"]
    steepest = np.abs(betas).max()
    down, up = -0.99 / max(steepest, 1), 0.99 / steepest
    reach = market_reach(as_ours(book), betas)
    for found, furthest in ((reach.fall, down), (reach.rise, up)):
        expected = first_root(lambda x: headroom(book, betas * x), furthest)
        if np.isnan(expected):
            assert np.isnan(found) or abs(found) >= abs(furthest)
        else:
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_rung_of_the_ladder_is_the_first_root_of_one_price(seed):
    book = random_book(seed)
    ladder = liquidation_ladder(as_ours(book))
    alone = ~np.isnan(book["isolated"])
    for column in range(len(book["quantities"])):
        # One that stands alone is liquidated alone; another, with the whole cross account.
        mine = [column] if alone[column] else np.flatnonzero(~alone)
        part = {name: value if np.isscalar(value) else value[mine] for name, value in book.items()}
        part["equity"] = book["isolated"][column] if alone[column] else book["equity"] - np.nansum(book["isolated"])
        part["isolated"] = np.full(len(mine), NAN)
        moved = np.equal(mine, column)
        for found, furthest in ((ladder.down[column], -0.999), (ladder.up[column], 6.0)):
            expected = first_root(lambda y, part=part, moved=moved: headroom(part, moved * y), furthest)
            if np.isnan(expected):
                assert np.isnan(found) or abs(found) >= abs(furthest)
            else:
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("measure", ["pnl", "headroom"])
def test_no_point_of_a_fine_grid_is_worse_than_the_worst_case(seed, measure):
    """In boxes deep enough that prices reach zero, where the corners alone would not do."""
    rng, book = np.random.default_rng(seed), random_book(seed)
    market, shift = np.sort(rng.uniform(-1, 1, 2)), np.sort(rng.normal(0, 1.5, 2))
    ours = as_ours(book)
    worst = worst_case(ours, book["betas"], market, shift, measure)
    x, d = (each.reshape(-1, 1) for each in np.meshgrid(np.linspace(*market, 81), np.linspace(*shift, 81)))
    moves = np.maximum((book["betas"] + d) * x, -1 + 1e-12)
    values = ours.values
    if measure == "pnl":
        seen, found = (moves * values).sum(axis=1), worst.pnl
    else:
        seen, found = np.array([headroom(book, each) for each in moves]), worst.headroom
    gross = np.abs(values).sum()
    assert found <= seen.min() + 1e-9 * gross
    # And it is attained: the grid comes near it.
    assert seen.min() - found <= 0.06 * gross * max(np.ptp(market) + np.ptp(shift), 1)
