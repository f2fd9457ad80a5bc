from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.hedge.lots import each_its_own, in_contracts, lot_notionals, nearest_in_lots
from core.errors import ArgumentError, InfeasibleError, MissingDataError


def search(wanted, lots, loadings, gap, buy=0.0, sell=None, held=0.0, low=-np.inf, high=np.inf):
    """`nearest_in_lots` with one value for all hedges where one is enough."""
    hedges = len(wanted)
    fill = [np.full(hedges, value, float) for value in (held, low, high)]
    costs = [np.broadcast_to(np.asarray(cost, float), hedges) for cost in (buy, buy if sell is None else sell)]
    return nearest_in_lots(
        np.asarray(wanted, float), np.asarray(lots, float), np.atleast_2d(loadings), np.atleast_1d(gap), *costs, *fill
    )


def test_one_hedge_trades_the_nearest_lot() -> None:
    assert search([2.4], [1], [1.0], 2.4).tolist() == [2]
    assert search([2.6], [1], [1.0], 2.6).tolist() == [3]
    assert search([-0.4], [1], [1.0], -0.4).tolist() == [0]


def test_at_equal_nearness_the_cheaper_is_traded() -> None:
    assert search([2.5], [1], [1.0], 2.5, buy=1.0).tolist() == [2]
    assert search([2.5], [1], [1.0], 2.5, buy=-1.0, sell=1.0).tolist() == [3]  # a purchase that is paid for


def test_at_equal_cost_the_less_gross_is_held() -> None:
    assert search([2.5], [1], [1.0], 2.5, held=-9.0).tolist() == [3]


def test_the_finest_lot_makes_up_for_the_others() -> None:
    trades = search([10.6, 0.0], [5, 0.1], [1.0, 2.0], 10.6, buy=[1, 3])
    assert trades == pytest.approx([10, 0.3])


def test_a_hedge_without_lots_makes_up_exactly_at_least_cost() -> None:
    # Two lots of 5 and 0.6 of the dear hedge cost 11.2; three lots and -4.4 of it would cost 23.8.
    assert search([10.6, 0.0], [5, 0], [1.0, 1.0], 10.6, buy=[1, 2]) == pytest.approx([10, 0.6])
    assert search([14.5, 0.0], [5, 0], [1.0, 1.0], 14.5, buy=[1, 20]) == pytest.approx([15, -0.5])


def test_two_lots_reach_what_neither_does_alone() -> None:
    # 7 x 2 - 5 x 1 = 9: two lots beyond the one that was wanted, and one sold of the other.
    assert search([9.0, 0.0], [7, 5], [1.0, 1.0], 9.0).tolist() == [14, -5]


def test_trades_stay_within_their_bounds() -> None:
    assert search([2.6], [1], [1.0], 2.6, high=2.7).tolist() == [2]
    assert search([-2.6], [1], [1.0], -2.6, low=-2.7).tolist() == [-2]
    assert search([10.0, 0.0], [5, 1], [1.0, 1.0], 34.0, high=[40, 2]).tolist() == [20, 2]
    for slope in (1.0, 0.0):
        with pytest.raises(InfeasibleError, match="lot_sizes: no whole number of lots"):
            search([2.5], [1], [slope], 2.5, low=2.2, high=2.7)


def test_a_hedge_that_moves_nothing_is_only_rounded() -> None:
    assert search([2.6, 1.2], [1, 1], [0.0, 1.0], 1.2).tolist() == [3, 1]
    assert search([2.6], [1], [0.0], 1.2).tolist() == [3]
    assert search([2.6], [1], [0.0], 1.2, high=2.7).tolist() == [2]


def test_many_hedges_are_searched_in_bounded_work() -> None:
    rng = np.random.default_rng(5)
    lots, slopes = rng.uniform(1, 3, 40), rng.uniform(0.5, 2, 40)
    wanted = np.where(np.arange(40) < 20, rng.normal(size=40) * 50, 0.0)
    trades = search(wanted, lots, slopes, wanted @ slopes)
    assert trades / lots == pytest.approx(np.rint(trades / lots), abs=1e-9)
    assert abs((wanted - trades) @ slopes) <= 0.5 * (lots * slopes).min()


@given(st.integers(0, 10**6))
def test_no_combination_nearby_is_nearer_or_as_near_and_cheaper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors, hedges = int(rng.integers(1, 3)), int(rng.integers(1, 4))
    lots = rng.choice([0.5, 1.0, 2.0, 3.0, 7.0], hedges) * rng.choice([1.0, np.pi / 3])
    loadings = rng.uniform(0.5, 2, (factors, hedges)) * rng.choice([-1, 1], (factors, hedges))
    costs = rng.choice([0.0, 1.0, 2.0], hedges)
    wanted, held = rng.normal(size=hedges) * 5, rng.normal(size=hedges)
    gap = loadings @ wanted
    unlimited = np.full(hedges, np.inf)
    found = nearest_in_lots(wanted, lots, loadings, gap, costs, costs, held, -unlimited, unlimited)

    finest = int(np.argmin(lots * np.linalg.norm(loadings, axis=0)))
    counts = [
        range(-400, 401) if hedge == finest else range(int(np.rint(amount)) - 2, int(np.rint(amount)) + 3)
        for hedge, amount in enumerate(wanted / lots)
    ]
    every = np.array(list(itertools.product(*counts))) * lots
    miss = np.linalg.norm(gap - every @ loadings.T, axis=1)
    least = np.linalg.norm(gap - loadings @ found)
    assert least == pytest.approx(miss.min(), rel=1e-9, abs=1e-9)
    as_near = every[miss <= miss.min() + 1e-12]
    assert np.abs(found) @ costs <= (np.abs(as_near) @ costs).min() + 1e-9


def test_contracts_are_whole_lots_to_the_last_digit() -> None:
    contracts, notionals = in_contracts(np.array([0.3 * 7.0, 5.0]), np.array([7.0, np.nan]), np.array([0.1, 0.0]))
    assert contracts[0] == 0.3
    assert np.isnan(contracts[1])
    assert notionals == pytest.approx([2.1, 5.0])


def test_lots_need_their_prices() -> None:
    quotes, sizes, lots = lot_notionals([10.0, np.nan], [0.5, 0.0], 2)
    assert quotes == pytest.approx([10, np.nan], nan_ok=True)
    assert (sizes.tolist(), lots.tolist()) == ([0.5, 0.0], [5.0, 0.0])
    with pytest.raises(ArgumentError, match="lot_sizes needs prices"):
        lot_notionals(None, 1.0, 2)
    with pytest.raises(MissingDataError, match="prices has no value at position 2"):
        lot_notionals([10.0, np.nan], 1.0, 2)
    with pytest.raises(ArgumentError, match="lot_sizes is -1"):
        lot_notionals([10.0], -1.0, 1)


def test_one_price_is_not_the_price_of_every_hedge():
    with pytest.raises(ArgumentError, match="prices has 1 values where 2 are needed, one for each hedge"):
        lot_notionals([60_000.0], [0.001, 0.001], 2)
    assert each_its_own([-5.0, 2.0], "hedge_notionals", 2).tolist() == [-5.0, 2.0]
    with pytest.raises(ArgumentError, match="hedge_notionals has 3 values where 2 are needed"):
        each_its_own([1.0, 2.0, 3.0], "hedge_notionals", 2)
