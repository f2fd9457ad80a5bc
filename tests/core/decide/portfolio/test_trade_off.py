from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import excess_return, feasible_set
from core.decide.portfolio import trade_off as module
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.trade_off import TradeOff
from core.numeric.quadratic.solve import QpSolution, QuadraticProgram, solve


def trade_off(seed: int, impact: float = 0.0) -> TradeOff:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    factors = rng.normal(size=(40, n))
    covariance, mu = factors.T @ factors / 40, rng.normal(0.1, 0.2, n)
    limits = Limits(min_weight=-0.4, max_weight=0.9, gross_max=1.8, turnover_cost=0.003)
    allowed = feasible_set(limits, n, mu)
    return TradeOff(
        allowed=allowed,
        risk=covariance,
        covariance=covariance,
        gain=excess_return(limits, allowed, mu),
        impact=np.full(n, impact),
        current=np.zeros(n),
    )


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05]))
def test_gain_and_volatility_rise_with_the_price_of_gain(seed: int, impact: float) -> None:
    portfolios = [trade_off(seed, impact).portfolio(p) for p in (0.01, 0.1, 1.0, 10.0, 100.0)]
    gains, volatilities = [m.gain for m in portfolios], [m.volatility for m in portfolios]
    assert (np.diff(gains) >= -1e-9).all()
    assert (np.diff(volatilities) >= -1e-9).all()
    assert all(portfolio.solution.certificate.passes(1e-8) for portfolio in portfolios)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05]), st.floats(0.05, 0.95))
@example(0, 0.05, 0.2629131262067658)  # the last steps mend a row by 3e-9 and raise the objective a little
@example(145914, 0.05, 0.5027659902033927)  # steps go to and fro over a trade of nothing
def test_the_member_of_a_volatility_is_found_from_anywhere(seed: int, impact: float, share: float) -> None:
    tried = trade_off(seed, impact)
    low, high = tried.portfolio(1e-3).volatility, tried.portfolio(1e3).volatility
    target = low + share * (high - low)
    found = tried.where(lambda portfolio: portfolio.volatility / target - 1)
    assert found.volatility == pytest.approx(target, rel=1e-9)
    near = tried.where(lambda portfolio: portfolio.volatility / target - 1, found.p * 1.3)
    assert near.gain == pytest.approx(found.gain, abs=1e-8)


def test_beyond_the_ends_the_nearest_end_is_told() -> None:
    tried = trade_off(1)
    assert tried.where(lambda portfolio: portfolio.volatility / 1e-6 - 1).volatility == pytest.approx(
        tried.portfolio(0.0).volatility, rel=1e-6
    )
    richest = tried.where(lambda portfolio: portfolio.volatility / 1e6 - 1)
    assert richest.gain == pytest.approx(tried.portfolio(1e5).gain, abs=1e-9)


SINGULAR = {
    "two contracts are one": lambda returns: returns[:, [0, *range(returns.shape[1] - 1)]],
    "fewer rows than contracts": lambda returns: returns[: returns.shape[1] // 3],
    "two rows and no more": lambda returns: returns[:3],
    "a stablecoin": lambda returns: returns * (np.arange(returns.shape[1]) != 1),
}


@pytest.mark.parametrize("kind", SINGULAR)
@pytest.mark.parametrize("impact", [0.0, 0.01])
def test_a_singular_covariance_is_traded_off_on_the_pieces_of_its_folds(
    kind: str, impact: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(4)
    n = 40
    returns = SINGULAR[kind](0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1)))
    premium, held = rng.normal(0.1, 0.2, n), rng.dirichlet(np.ones(n)) * 0.5
    limits = Limits(
        net_min=-0.5, net_max=1.0, min_weight=-0.2, max_weight=0.2, gross_max=2.0, betas=rng.normal(1, 0.3, n),
        target_beta=0.1, beta_tolerance=0.05, turnover_cost=0.001, current_weights=held, market_impact=impact,
        target_volatility=0.2,
    )  # fmt: skip
    asked: list[QuadraticProgram] = []

    def recorded(problem: QuadraticProgram) -> QpSolution:
        asked.append(problem)
        return solve(problem)

    monkeypatch.setattr(module, "solve", recorded)
    found = optimize(premium, np.cov(returns.T) * 365, "target_volatility", limits)
    assert found.certificate.passes(1e-9)
    assert found.volatility == pytest.approx(0.2, rel=1e-8)
    kinks = feasible_set(limits, n, premium).kink_contract
    assert all(problem.folded.tolist() == kinks.tolist() for problem in asked)
