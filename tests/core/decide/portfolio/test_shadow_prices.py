"""Shadow prices against the optimum found anew with the limit moved, and against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from core.decide.limits.declared import Factor, Group, Limits
from core.decide.portfolio.objectives.registry import objective_named
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.shadow_prices import ShadowPrice, ShadowPrices, shadow_prices
from core.errors import ArgumentError, NotConvergedError, UndefinedError

MU = np.array([0.10, 0.16, 0.24, 0.07, 0.13])
ROOT = np.random.default_rng(2).normal(size=(5, 9))
SIGMA = 0.02 * ROOT @ ROOT.T
PAST = np.random.default_rng(3).multivariate_normal(np.zeros(5), SIGMA, 400)
SHORTS = {"min_weight": -0.5, "max_weight": 0.6, "risk_free": 0.02}
HELD = [0.3, 0.1, 0.2, -0.2, 0.1]
CASES: dict[str, tuple[str, Limits]] = {
    "net": ("utility", Limits(net=0.8, risk_aversion=4.0, min_weight=-2, max_weight=2)),
    "gross_max": ("max_sharpe", Limits(net=1.0, gross_max=1.02, **SHORTS)),
    "gross_max of utility": ("utility", Limits(net=None, gross_max=0.9, risk_aversion=1.0, **SHORTS)),
    "margin_buffer": (
        "utility",
        Limits(
            net=None, risk_aversion=1.0, margin_buffer=0.8, initial_margin_rates=[0.1, 0.2, 0.2, 0.3, 0.25], **SHORTS
        ),
    ),
    "maintenance_max": (
        "max_sharpe",
        Limits(net=1.0, maintenance_max=0.03, maintenance_rates=[0.01, 0.03, 0.04, 0.02, 0.02], **SHORTS),
    ),
    "max_turnover": (
        "max_sharpe",
        Limits(net=None, max_turnover=0.4, current_weights=HELD, turnover_cost=0.002, **SHORTS),
    ),
    "target_beta": (
        "target_volatility",
        Limits(net=None, target_volatility=0.3, target_beta=0.4, betas=[1, 1.2, 1.5, 0.8, 0.9], **SHORTS),
    ),
    "group_1_max": (
        "max_sharpe",
        Limits(net=1.0, groups=(Group("group_1", np.array([0.0, 1, 1, 0, 0]), 0.3),), **SHORTS),
    ),
    "factor_1_min": (
        "min_variance",
        Limits(net=1.0, factors=(Factor("factor_1", np.array([0.2, 1, 2, 0, 0]), minimum=1.2),)),
    ),
    "target_return": ("target_return", Limits(net=1.0, target_return=0.18, max_weight=0.5, risk_free=0.02)),
    "target_volatility": ("target_volatility", Limits(net=None, target_volatility=0.25, **SHORTS)),
    "robust gross_max": (
        "robust",
        Limits(net=None, gross_max=0.8, uncertainty=0.05, risk_aversion=1.0, **SHORTS),
    ),
    "target_volatility out of reach": ("target_volatility", Limits(net=1.0, target_volatility=0.9, **SHORTS)),
    "target_volatility out of reach of gross": (
        "target_volatility",
        Limits(net=None, gross_max=1.3, target_volatility=0.28, **SHORTS),
    ),
    "robust max_weight on top of a fold": (
        "robust",
        Limits(net=None, gross_max=1.4, uncertainty=0.02, risk_aversion=1.0, **SHORTS),
    ),
    "semivariance net": ("semivariance", Limits(net=1.0, semivariance_alpha=0.4)),
    "funding_buffer_days": (
        "utility",
        Limits(
            net=None,
            risk_aversion=1.0,
            funding_buffer_days=30,
            funding_rates=[0.1, 0.3, 0.4, -0.1, 0.2],
            initial_margin_rates=0.5,
            **SHORTS,
        ),
    ),
    "buffer that two limits hold free": (
        "utility",
        Limits(
            net=None,
            risk_aversion=1.0,
            funding_buffer_days=30,
            margin_buffer=0.3,
            funding_rates=[0.1, 0.3, 0.4, -0.1, 0.2],
            initial_margin_rates=0.5,
            **SHORTS,
        ),
    ),
    "market impact": (
        "utility",
        Limits(net=None, gross_max=0.8, risk_aversion=1.0, market_impact=0.05, current_weights=HELD, **SHORTS),
    ),
}


def priced(objective: str, limits: Limits) -> ShadowPrices:
    return shadow_prices(optimize(MU, SIGMA, objective, limits, PAST).weights, MU, SIGMA, objective, limits, PAST)


def worth(objective: str, limits: Limits, measure: str, volatility: float) -> float:
    """What is sought, in the units of the prices, a Sharpe ratio as the return that it gives at a volatility."""
    found = optimize(MU, SIGMA, objective, limits, PAST)
    if measure == "risk":
        sought = objective_named(objective)(MU - limits.risk_free, SIGMA, limits, PAST)
        return -math.sqrt(found.weights @ sought.risk @ found.weights)
    if objective == "max_sharpe":
        return found.sharpe * volatility
    if measure == "return":
        return found.expected_return
    radius = 0.0 if limits.uncertainty is None else np.asarray(limits.uncertainty).item()
    return found.expected_return - radius * found.volatility - limits.risk_aversion / 2 * found.volatility**2


def moved(limits: Limits, price: ShadowPrice, step: float) -> Limits:
    name = price.limit
    if price.contract is not None:
        side = {1: "max_weight", -1: "min_weight"}[price.relaxed]
        values = limits.vector(side, MU.size).copy()
        values[price.contract] += step
        return limits.changed(**{side: values})
    if name.startswith(("group_", "factor_")):
        return replace(
            limits,
            **{
                kind: tuple(each.with_value(name, each.value(name) + step) for each in getattr(limits, kind))
                for kind in ("groups", "factors")
            },
        )
    return replace(limits, **{name: getattr(limits, name) + step})


@pytest.mark.parametrize("case", CASES)
def test_a_price_is_what_the_optimum_gains_when_the_limit_is_moved(case: str) -> None:
    objective, limits = CASES[case]
    found, step = priced(objective, limits), 1e-5
    volatility = optimize(MU, SIGMA, objective, limits, PAST).volatility
    assert found.certificate.passes()
    assert any(price.price > 1e-4 for price in found.limits)
    for price in found.limits:
        more, less = (
            worth(objective, moved(limits, price, side * step), found.measure, volatility) for side in (1, -1)
        )
        assert (more - less) / (2 * step) * price.relaxed == pytest.approx(price.price, rel=2e-3, abs=2e-6), price


@pytest.mark.parametrize("case", [case for case in CASES if " " not in case])
def test_the_limit_that_a_case_is_about_has_a_price(case: str) -> None:
    prices = {price.limit: price.price for price in priced(*CASES[case]).limits}
    assert prices[case] > 1e-5


def test_the_buffer_that_two_rows_hold_free_is_priced_once_with_both() -> None:
    prices = {price.limit: price for price in priced(*CASES["buffer that two limits hold free"]).limits}
    assert prices["margin_buffer"].relaxed == -1
    assert prices["margin_buffer"].price > 0


def test_two_uncorrelated_contracts_in_closed_form() -> None:
    # Utility, a = 2, net 1: lambda = (mu_1 / s_1 + mu_2 / s_2 - 2) / (1 / s_1 + 1 / s_2) with s the variances.
    limits = Limits(net=1.0, risk_aversion=2.0, min_weight=-5, max_weight=5)
    mu, variances = np.array([0.3, 0.2]), np.array([0.04, 0.09])
    found = optimize(mu, np.diag(variances), "utility", limits)
    (price,) = shadow_prices(found.weights, mu, np.diag(variances), "utility", limits).limits
    closed = ((mu / variances).sum() - 2.0) / (1 / variances).sum()
    assert (price.limit, price.value, price.relaxed) == ("net", 1.0, 1)
    assert price.price == pytest.approx(closed, rel=1e-9)


def test_more_room_for_a_book_of_free_size_leaves_its_sharpe_ratio() -> None:
    limits = Limits(net=None, gross_max=1.5, min_weight=-5, max_weight=5)
    (price,) = priced("max_sharpe", limits).limits
    assert price.limit == "gross_max"
    assert price.price == pytest.approx(0, abs=1e-9)


def test_a_contract_that_is_held_has_its_price_on_the_side_that_would_gain() -> None:
    low, high = np.zeros(5), np.full(5, 0.6)
    low[3] = high[3] = 0.25
    before = optimize(MU, SIGMA, "max_sharpe", Limits(min_weight=low.copy(), max_weight=high.copy()))
    found = priced("max_sharpe", Limits(min_weight=low.copy(), max_weight=high.copy()))
    held = next(price for price in found.limits if price.limit == "held")
    assert (held.contract, held.value) == (3, 0.25)
    step = 1e-5
    low[3] = high[3] = 0.25 + held.relaxed * step
    limits = Limits(min_weight=low, max_weight=high)
    gained = optimize(MU, SIGMA, "max_sharpe", limits).sharpe - before.sharpe
    assert gained / step * before.volatility == pytest.approx(held.price, rel=5e-3)


RATES = np.array([0.02, 0.02, 0.04, 0.04, 0.04])
CORNERS: dict[str, Limits] = {
    "a buffer that leaves one book": Limits(
        net=1.0, max_weight=0.5, margin_buffer=0.98, initial_margin_rates=RATES, risk_free=0.02
    ),
    "gross that is net": Limits(net=1.0, gross_max=1.0, min_weight=-0.2, max_weight=0.6, risk_free=0.02),
    "steps that end at a weight": Limits(
        net=1.0, max_weight=0.3, max_step=0.1, current_weights=[0.2, 0.2, 0.2, 0.2, 0.2], risk_free=0.02
    ),
    "volumes that end at a weight": Limits(
        net=1.0,
        max_weight=[0.3, 0.25, 0.25, 0.3, 0.3],
        max_volume_share=0.1,
        daily_volumes=[0.5, 0.5, 0.5, 1.0, 1.0],
        current_weights=[0.2, 0.2, 0.2, 0.2, 0.2],
        risk_free=0.02,
    ),
}


@pytest.mark.parametrize("objective", ["min_variance", "max_sharpe"])
@pytest.mark.parametrize("corner", CORNERS)
def test_at_a_corner_with_a_limit_too_many_each_is_priced_as_if_it_alone_were_moved(
    corner: str, objective: str
) -> None:
    limits, step = CORNERS[corner], 1e-5
    found = priced(objective, limits)
    before = optimize(MU, SIGMA, objective, limits, PAST)
    stays = worth(objective, limits, found.measure, before.volatility)
    for price in found.limits:
        if price.limit not in ("max_step", "max_volume_share"):
            there = worth(objective, moved(limits, price, price.relaxed * step), found.measure, before.volatility)
            assert (there - stays) / step == pytest.approx(price.price, rel=5e-3, abs=5e-6), price


def test_the_dearest_stands_first_and_what_does_not_bind_is_left_out() -> None:
    found = priced("max_sharpe", Limits(gross_max=5.0, max_weight=0.3))
    prices = [price.price for price in found.limits]
    assert prices == sorted(prices, reverse=True)
    assert "gross_max" not in [price.limit for price in found.limits]


@pytest.mark.parametrize(
    ("objective", "limits", "words"),
    [
        ("cvar", Limits(), "objective cvar trades no return against risk"),
        ("risk_budget", Limits(), "objective risk_budget trades no return against risk"),
        ("min_variance", Limits(cvar_max=0.5), "objective min_variance with cvar_max trades no"),
    ],
)
def test_what_has_no_price_says_why(objective: str, limits: Limits, words: str) -> None:
    with pytest.raises(UndefinedError, match=words):
        priced(objective, limits)


def test_other_weights_than_the_optimum_are_refused() -> None:
    with pytest.raises(NotConvergedError, match="weights are not the one optimum"):
        shadow_prices(np.full(5, 0.2), MU, SIGMA, "max_sharpe", Limits())
    with pytest.raises(ArgumentError, match="expected_returns"):
        shadow_prices(np.full(4, 0.25), MU, SIGMA, "max_sharpe", Limits())
