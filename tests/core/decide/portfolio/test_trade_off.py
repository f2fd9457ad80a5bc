from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import excess_return, feasible_set
from core.decide.portfolio.trade_off import TradeOff


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
