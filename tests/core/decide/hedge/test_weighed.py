"""Hedges weighed against each other: by hand, by closed form, and against cvxpy on chance books."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.hedge.weighed import BookVariance, Candidates, WeighedHedge, weigh_hedges
from core.errors import InfeasibleError

FREE = np.inf


def candidates(loadings, buy=0.0, sell=0.0, held=0.0, least=-FREE, most=FREE, paid=0, lots=0.0) -> Candidates:
    table = np.atleast_2d(np.array(loadings, float))
    held, buy, sell, least, most, lots = (
        np.full(table.shape[1], value, float) for value in (held, buy, sell, least, most, lots)
    )
    return Candidates(table, held, buy, sell, least, most, np.full(table.shape[1], paid, bool), lots)


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
    hedges = Candidates(
        slopes[np.newaxis], held, fees + carry, fees - carry, least, np.full(count, 4e5), paid, np.zeros(count)
    )
    missing, cash = float(random.choice([-1, 1]) * random.uniform(5e4, 2e5)), 6e4
    weights = random.uniform(-3e5, 3e5, 3)
    variance = BookVariance(sigma[:count, :count], sigma[:count, count:] @ weights, price=0.2)
    for chosen in (None, variance):
        found = weighed(missing, hedges, capital, cash, chosen)
        bought, sold = cp.Variable(count, nonneg=True), cp.Variable(count, nonneg=True)
        x = (bought - sold) * capital
        cost = (fees + carry) @ bought * capital + (fees - carry) @ sold * capital
        if chosen is not None:
            cost += 0.2 / capital * (cp.quad_form(x, cp.psd_wrap(sigma[:count, :count])) / 2 + variance.with_book @ x)
        kept = [slopes @ x == missing, x >= least - held, x <= 4e5 - held, paid @ x <= cash]
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
