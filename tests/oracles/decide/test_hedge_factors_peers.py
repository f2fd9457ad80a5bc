"""Factor hedges against independent routes: numpy for the least squares, scipy for the least cost and gross, and cvxpy.

The peers state the problem in their own way: purchases and sales as two variables, the gross by its absolute value.
"""

from __future__ import annotations

import warnings

import cvxpy as cp
import numpy as np
import pytest
from scipy.optimize import linprog, lsq_linear

from core.decide.hedge.factors import hedge_factors
from core.errors import DataWarning, UndefinedError

SEEDS = range(100)


def span(hedges: np.ndarray) -> np.ndarray:
    """Independent directions of exposure that the hedges can move, `(K, rank)`."""
    basis, sizes, _ = np.linalg.svd(hedges, full_matrices=False)
    return basis[:, sizes > 1e-10 * sizes[0]]


def book(seed: int) -> dict[str, np.ndarray]:
    """A random book with more, fewer, repeated or dependent hedges and factors."""
    rng = np.random.default_rng(seed)
    factors, contracts, hedges = (int(rng.integers(1, most)) for most in (5, 10, 9))
    loadings, moves = rng.normal(size=(factors, contracts)), rng.normal(size=(factors, hedges))
    if hedges > 1 and seed % 5 == 0:
        moves[:, 1] = moves[:, 0]
    if factors > 1 and seed % 7 == 0:
        moves[1], loadings[1] = 2 * moves[0], 2 * loadings[0]
    return {
        "notionals": rng.normal(size=contracts) * 1e6,
        "loadings": loadings,
        "hedge_loadings": moves,
        "targets": rng.choice([0.0, 0.1], factors),
        "cost_bps": rng.choice([0.0, 3.0, 5.0, 7.5], hedges),
        "hedge_notionals": rng.choice([0, 1], hedges) * rng.normal(size=hedges) * 1e6,
    }


def hedged(arguments: dict):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return hedge_factors(**arguments)


def limited(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1000 + seed)
    hedges = book(seed)["hedge_loadings"].shape[1]
    return {
        "min_notional": -rng.uniform(0, 3e6, hedges),
        "max_notional": rng.uniform(0, 3e6, hedges),
        "funding_rates": 0.1 * rng.normal(size=hedges),
        "horizon_days": 7.0,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_exposures_are_those_of_least_squares(seed: int) -> None:
    arguments = book(seed)
    found = hedged(arguments)
    base, moves = np.abs(arguments["notionals"]).sum(), arguments["hedge_loadings"]
    peer = np.linalg.lstsq(moves, arguments["targets"] - found.exposure_before, rcond=None)[0]
    assert found.exposure_after == pytest.approx(found.exposure_before + moves @ peer, abs=1e-9)
    assert moves @ found.trade_notional / base == pytest.approx(moves @ peer, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_exposures_within_limits_are_those_of_bounded_least_squares(seed: int) -> None:
    arguments = {**book(seed), **limited(seed)}
    found = hedged(arguments)
    base, held = np.abs(arguments["notionals"]).sum(), arguments["hedge_notionals"]
    bounds = ((arguments["min_notional"] - held) / base, (arguments["max_notional"] - held) / base)
    gap = arguments["targets"] - found.exposure_before
    peer = lsq_linear(arguments["hedge_loadings"], gap, bounds, tol=1e-14, max_iter=1000)
    assert np.linalg.norm(found.miss) <= np.linalg.norm(arguments["hedge_loadings"] @ peer.x - gap) + 1e-8
    trades = found.trade_notional / base
    assert (trades >= bounds[0] - 1e-9).all()
    assert (trades <= bounds[1] + 1e-9).all()


@pytest.mark.parametrize("with_limits", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_trades_of_that_exposure_cost_less_or_cost_the_same_with_less_gross(seed: int, with_limits: bool) -> None:
    arguments = {**book(seed), **(limited(seed) if with_limits else {})}
    found = hedged(arguments)
    base, hedges = np.abs(arguments["notionals"]).sum(), arguments["hedge_loadings"].shape[1]
    held, trades = arguments["hedge_notionals"] / base, found.trade_notional / base
    carry = arguments.get("funding_rates", np.zeros(hedges)) * arguments.get("horizon_days", 0.0) / 365
    prices = np.concatenate([arguments["cost_bps"] + carry * 1e4, arguments["cost_bps"] - carry * 1e4])
    low = arguments.get("min_notional", np.full(hedges, -np.inf)) / base - held
    high = arguments.get("max_notional", np.full(hedges, np.inf)) / base - held

    each, none = np.eye(hedges), np.zeros(2 * hedges)
    directions = span(arguments["hedge_loadings"])
    moves = directions.T @ arguments["hedge_loadings"]
    split = np.hstack([moves, -moves])
    sides = np.vstack([np.hstack([each, -each]), np.hstack([-each, each])])
    limits = np.concatenate([high, -low])
    stated = np.isfinite(limits)
    within = {"A_ub": sides[stated], "b_ub": limits[stated]} if stated.any() else {}
    cheapest = linprog(prices, A_eq=split, b_eq=moves @ trades, bounds=(0, None), **within)
    cost = (found.cost.sum() + found.funding.sum()) / base * 1e4
    assert cost == pytest.approx(cheapest.fun, rel=1e-9, abs=1e-7)

    # bought, sold, size above zero, size below zero of each position
    within_limits_and_cost = [*(np.concatenate([row, none]) for row in sides[stated]), np.concatenate([prices, none])]
    least = linprog(
        np.concatenate([none, none + 1]),
        A_eq=np.block([[split, np.zeros((len(moves), 2 * hedges))], [each, -each, -each, each]]),
        b_eq=np.concatenate([moves @ trades, -held]),
        A_ub=np.array(within_limits_and_cost),
        b_ub=np.append(limits[stated], cost + 1e-8),
        bounds=(0, None),
    )
    assert np.abs(held + trades).sum() == pytest.approx(least.fun, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_funding_that_pays_without_end_is_an_unbounded_program(seed: int) -> None:
    arguments = {**book(seed), "funding_rates": limited(seed)["funding_rates"], "horizon_days": 7.0}
    carry = arguments["funding_rates"] * 7 / 365
    costs = arguments["cost_bps"] * 1e-4
    moves = span(arguments["hedge_loadings"]).T @ arguments["hedge_loadings"]
    peer = linprog(
        np.concatenate([costs + carry, costs - carry]),
        A_eq=np.hstack([moves, -moves]),
        b_eq=np.zeros(len(moves)),
        bounds=(0, None),
    )
    if peer.status == 3:
        with pytest.raises(UndefinedError, match="state min_notional and max_notional"):
            hedged(arguments)
    else:
        assert hedged(arguments).certificate.passes()


def test_limits_cash_and_funding_at_once_agree_with_cvxpy() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        notionals, loadings = rng.uniform(-1e6, 1e5, 6), rng.uniform(0.5, 1.5, (2, 6)) * [[1], [0.2]]
        hedges = np.vstack([rng.uniform(0.7, 1.3, 6), rng.uniform(-0.5, 0.5, 6)])
        spot = np.array([1, 1, 0, 0, 0, 0])
        costs, funding = rng.uniform(1, 10, 6), np.where(spot, 0.04, rng.uniform(-0.1, 0.3, 6))
        found = hedge_factors(
            notionals,
            loadings,
            hedges,
            0.0,
            1e6,
            cost_bps=costs,
            funding_rates=funding,
            horizon_days=30,
            min_notional=np.where(spot, 0.0, -2e6),
            max_notional=2e6,
            fully_paid=spot,
            cash=3e5,
        )
        x = cp.Variable(6)
        problem = cp.Problem(
            cp.Minimize(costs * 1e-4 @ cp.abs(x) + funding * 30 / 365 @ x),
            [hedges @ x == -loadings @ notionals / 1e6, x <= 2, x >= np.where(spot, 0.0, -2.0), spot @ x <= 0.3],
        )
        problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12)
        assert (found.cost.sum() + found.funding.sum()) / 1e6 == pytest.approx(problem.value, abs=1e-9)
        assert found.cash <= 3e5 * (1 + 1e-9)
        assert found.miss == pytest.approx([0, 0], abs=1e-9)
