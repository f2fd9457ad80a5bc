"""Hedges weighed against each other: by hand, by closed form, and against cvxpy on chance books."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.hedge.weighed import BookVariance, Candidates, WeighedHedge, weigh_hedges
from core.errors import InfeasibleError

FREE = np.inf


def candidates(
    loadings,
    buy=0.0,
    sell=0.0,
    held=0.0,
    least=-FREE,
    most=FREE,
    paid=0,
    lots=0.0,
    fees=0.0,
    margins=0.0,
    standing=None,
) -> Candidates:
    table = np.atleast_2d(np.array(loadings, float))
    standing = held if standing is None else standing
    held, buy, sell, least, most, lots, fees, margins, standing = (
        np.full(table.shape[1], value, float) for value in (held, buy, sell, least, most, lots, fees, margins, standing)
    )
    paid = np.full(table.shape[1], paid, bool)
    return Candidates(table, held, buy, sell, least, most, paid, lots, fees, margins, standing)


def weighed(missing, hedges, capital=1e6, cash=FREE, variance=None) -> WeighedHedge:
    found = weigh_hedges(np.atleast_1d(np.array(missing, float)), hedges, capital, cash, variance)
    assert found.certificate.passes()
    return found


def test_a_put_is_bought_where_decay_costs_less_than_funding() -> None:
    # Beta to shed: 300,000. A perpetual of beta 1 whose shorts pay 2 % until the horizon; a put that loads -8 on each
    # unit of premium and loses 12 % of it: 1.5 % for each unit of beta.
    hedges = candidates([[1.0, -8.0]], buy=[-0.02, 0.12], sell=[0.02, -0.12], least=[-FREE, 0])
    assert weighed(-300_000, hedges).trades == pytest.approx([0, 37_500])
    dearer = candidates([[1.0, -8.0]], buy=[-0.02, 0.18], sell=[0.02, -0.18], least=[-FREE, 0])
    assert weighed(-300_000, dearer).trades == pytest.approx([-300_000, 0])


def test_spot_is_sold_no_further_than_it_is_held_and_bought_no_further_than_cash_goes() -> None:
    spot_and_perpetual = {"loadings": [[1.0, 1.0]], "buy": [0.001, 0.01], "sell": [0.001, 0.01], "paid": [1, 0]}
    selling = candidates(**spot_and_perpetual, held=[40_000, 0], least=[0, -FREE])
    assert weighed(-100_000, selling).trades == pytest.approx([-40_000, -60_000])
    assert weighed(100_000, selling, cash=25_000).trades == pytest.approx([25_000, 75_000])


def test_what_loads_on_nothing_is_not_traded_whatever_it_earns() -> None:
    stablecoin = candidates([[1.0, 0.0]], buy=[0.01, -0.05], sell=[0.01, 0.05], least=[-FREE, 0])
    assert weighed(-100_000, stablecoin).trades == pytest.approx([-100_000, 0])


def test_no_hedge_is_held_against_another_for_its_carry() -> None:
    # Bought, the second would earn 5 %; with the first sold beyond the gap that would never end.
    hedges = candidates([[1.0, 1.0]], buy=[0.01, -0.05], sell=[0.01, 0.06])
    assert weighed(-100_000, hedges).trades == pytest.approx([-100_000, 0])


def test_two_factors_may_go_either_way() -> None:
    found = weighed([-100_000, 50_000], candidates([[1.0, 1.0], [0.0, 1.0]], buy=0.001, sell=0.001))
    assert found.trades == pytest.approx([-150_000, 50_000])
    assert found.miss == pytest.approx([0, 0], abs=1e-6)


def test_what_is_out_of_reach_is_met_as_near_as_can_be() -> None:
    found = weighed(-100_000, candidates([[1.0, 0.5]], sell=0.01, held=[30_000, 0], least=[0, -40_000]))
    assert found.trades == pytest.approx([-30_000, -40_000])
    assert found.miss == pytest.approx([-50_000])


def test_a_position_beyond_its_limits_stays_where_it_is() -> None:
    found = weighed(-10_000, candidates([[1.0, 1.0]], sell=[0.0, 0.01], held=[-90_000, 0], least=-50_000))
    assert found.trades == pytest.approx([0, -10_000])


def test_where_nothing_moves_it_that_way_it_says_so() -> None:
    with pytest.raises(InfeasibleError, match="none of the hedges can be traded the way that is missing"):
        weighed(-1.0, candidates([[1.0, 0.0]], least=0.0))


def test_lots_come_within_half_of_one() -> None:
    found = weighed(-100_000, candidates([[1.0, 1.3]], sell=[0.0, 0.01], lots=[6_000, 0]))
    assert found.trades[0] == pytest.approx(-17 * 6_000)
    assert found.miss == pytest.approx([2_000])


def test_what_the_optimum_leaves_alone_is_not_traded_for_the_last_lot() -> None:
    found = weighed(-100_000, candidates([[1.0, -0.7]], sell=[0.0, 0.5], buy=[0.0, 0.5], lots=[30_000, 500]))
    assert found.trades == pytest.approx([-90_000, 0])


def test_mean_variance_without_cost_is_the_closed_form() -> None:
    # min (w + x)'S(w + x) / 2 with L'x = m: x = -w + S^-1 L (m + L'w) / (L'S^-1 L), where S and w are of the hedges.
    covariance = np.array([[0.25, 0.2], [0.2, 0.64]])
    with_book = covariance @ np.array([300_000.0, 300_000.0])
    loadings, missing = np.array([1.0, 1.4]), -450_000.0
    steep = np.linalg.solve(covariance, loadings)
    closed = -300_000.0 + steep * (missing + loadings.sum() * 300_000) / (loadings @ steep)
    assert (closed < 0).all()  # or one of them would go the wrong way
    found = weighed(missing, candidates([loadings]), variance=BookVariance(covariance, with_book, 0.4))
    assert found.trades == pytest.approx(closed, rel=1e-6)


def test_mean_variance_pays_for_the_hedge_that_takes_more_away() -> None:
    # The book is long the second, whose own risk only itself takes away; it costs more to sell.
    covariance, held = np.array([[0.25, 0.2], [0.2, 0.64]]), np.array([0.0, 400_000.0])
    hedges = candidates([[1.0, 1.0]], sell=[0.001, 0.002], buy=[0.001, 0.002])
    assert weighed(-200_000, hedges).trades == pytest.approx([-200_000, 0])
    variance = BookVariance(covariance, covariance @ held, price=2.0)
    assert weighed(-200_000, hedges, variance=variance).trades[1] < -100_000


@pytest.mark.parametrize("seed", range(8))
def test_chance_books_cost_as_little_as_cvxpy_finds(seed: int) -> None:
    import cvxpy as cp

    random, capital = np.random.default_rng(seed), 1e6
    count = 5
    slopes = random.uniform(0.3, 2.0, count) * np.where(random.random(count) < 0.3, -1, 1)
    draws = random.normal(size=(60, count + 3))
    sigma = draws.T @ draws / 60 * 0.5
    fees, carry = random.uniform(0.0005, 0.01, count), random.normal(0, 0.003, count)
    paid, held = random.random(count) < 0.4, random.uniform(0, 5e4, count)
    least = np.where(paid, 0.0, -4e5)
    standing = held + np.where(paid | (random.random(count) < 0.5), 0.0, random.normal(0, 5e4, count))
    margins = np.where(paid, 0.0, random.uniform(0.01, 0.5, count))
    hedges = Candidates(
        slopes[np.newaxis],
        held,
        fees + carry,
        fees - carry,
        least,
        np.full(count, 4e5),
        paid,
        np.zeros(count),
        fees,
        margins,
        standing,
    )
    missing, cash = float(random.choice([-1, 1]) * random.uniform(5e4, 2e5)), 6e4
    weights = random.uniform(-3e5, 3e5, 3)
    variance = BookVariance(sigma[:count, :count], sigma[:count, count:] @ weights, price=0.2)
    for chosen in (None, variance):
        found = weighed(missing, hedges, capital, cash, chosen)
        margin = margins @ (np.abs(standing + found.trades) - np.abs(standing))
        assert paid @ found.trades + margin + fees @ np.abs(found.trades) <= cash + 1e-6 * capital
        bought, sold = cp.Variable(count, nonneg=True), cp.Variable(count, nonneg=True)
        x = (bought - sold) * capital
        cost = (fees + carry) @ bought * capital + (fees - carry) @ sold * capital
        if chosen is not None:
            cost += 0.2 / capital * (cp.quad_form(x, cp.psd_wrap(sigma[:count, :count])) / 2 + variance.with_book @ x)
        kept = [slopes @ x == missing, x >= least - held, x <= 4e5 - held]
        margined = margins @ cp.abs(standing + x) - margins @ np.abs(standing)
        kept += [paid @ x + margined + fees @ (bought + sold) * capital <= cash]
        kept += [cp.multiply(np.sign(missing) * slopes, x) >= 0]
        best = cp.Problem(cp.Minimize(cost), kept)
        best.solve(solver=cp.CLARABEL)
        if best.status != "optimal":
            assert abs(found.miss[0]) > 1e-6 * capital
            continue
        mine = found.trades
        spent = (fees + carry) @ np.maximum(mine, 0) + (fees - carry) @ np.maximum(-mine, 0)
        if chosen is not None:
            spent += 0.2 / capital * (mine @ sigma[:count, :count] @ mine / 2 + variance.with_book @ mine)
        assert found.miss == pytest.approx([0], abs=1e-6)
        assert spent == pytest.approx(best.value, abs=1e-6 * capital)


def test_margin_and_fees_come_out_of_the_cash_of_what_is_fully_paid() -> None:
    # Beta to add: 100,000. Spot is the cheapest, its fee 1 %; a perpetual with a margin of 10 % and a fee of 2 %.
    # Spot x and perpetual 100,000 - x: 1.01 x + 0.12 (100,000 - x) = 50,000 of cash.
    both = {"loadings": [[1.0, 1.0]], "buy": [0.01, 0.02], "paid": [1, 0], "fees": [0.01, 0.02], "margins": [0, 0.1]}
    spot = 38_000 / 0.89
    assert weighed(100_000, candidates(**both), cash=50_000).trades == pytest.approx([spot, 100_000 - spot])
    # Closing a short sets its margin free: 1.01 x + 0.02 (100,000 - x) - 0.1 (100,000 - x) = 50,000.
    spot = 58_000 / 1.09
    short = candidates(**both, held=[0, -100_000])
    assert weighed(100_000, short, cash=50_000).trades == pytest.approx([spot, 100_000 - spot])
    # So does a hedge that is told apart from what the account holds of the same contract.
    overlay = candidates(**both, standing=[0, -100_000])
    assert weighed(100_000, overlay, cash=50_000).trades == pytest.approx([spot, 100_000 - spot])


def test_a_perpetual_is_traded_no_further_than_cash_margins_it_and_the_rest_is_told() -> None:
    found = weighed(-100_000, candidates([[1.0]], sell=0.01, fees=0.01, margins=0.19), cash=10_000)
    assert found.trades == pytest.approx([-50_000])
    assert found.miss == pytest.approx([-50_000])
    closing = candidates([[1.0]], sell=0.01, held=60_000, fees=0.01, margins=0.19)
    assert weighed(-150_000, closing, cash=0).trades == pytest.approx([-60_000 - 60_000 * 0.18 / 0.2])


@pytest.mark.parametrize("cash", [60_000, 62_999, 63_001, 70_000])
def test_whole_lots_stay_within_the_cash(cash: float) -> None:
    # One lot is 9,000 and 1 % of fee: 6 of them where cash is below 63,630.
    hedges = candidates([[1.0, 1.0]], buy=[0.01, 0.5], paid=[1, 0], fees=[0.01, 0.5], margins=[0, 0.2], lots=[9_000, 0])
    found = weighed(100_000, hedges, cash=cash)
    spent = found.trades @ [1.01, 0.7]
    assert spent <= cash * (1 + 1e-9)
    assert found.trades[0] % 9_000 == 0
    assert found.trades[0] + found.trades[1] == pytest.approx(100_000 - found.miss[0])


@pytest.mark.parametrize("seed", range(12))
def test_chance_books_in_whole_lots_take_no_more_cash_than_there_is(seed: int) -> None:
    random, count = np.random.default_rng(seed), 4
    paid = np.array([True, True, False, False])
    fees, margins = random.uniform(0.0005, 0.01, count), np.where(paid, 0.0, random.uniform(0.02, 0.5, count))
    hedges = candidates(
        [random.uniform(0.3, 2.0, count)],
        buy=fees,
        sell=fees,
        least=np.where(paid, 0.0, -FREE),
        paid=paid,
        lots=random.uniform(500, 9_000, count),
        fees=fees,
        margins=margins,
        standing=np.where(paid, 0.0, random.normal(0, 5e4, count)),
    )
    cash = float(random.uniform(1e4, 1e5))
    found = weighed(random.uniform(5e4, 4e5), hedges, cash=cash)
    margin = margins @ (np.abs(hedges.standing + found.trades) - np.abs(hedges.standing))
    assert found.trades[paid].sum() + margin + fees @ np.abs(found.trades) <= cash * (1 + 1e-9)
    assert found.trades / hedges.lots == pytest.approx(np.round(found.trades / hedges.lots), abs=1e-9)
