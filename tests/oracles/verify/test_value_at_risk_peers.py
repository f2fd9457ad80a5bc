"""Value at risk and its parts beside scipy's quantile of Harrell and Davis, and skfolio's shortfall."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.stats.mstats import hdquantiles

from core.verify.risk.value_at_risk import value_at_risk


def book(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    market = rng.standard_t(4, size=(600, 1))
    return rng.uniform(-0.5, 1.0, 5), 0.01 * (market * rng.uniform(0.5, 1.5, 5) + rng.standard_t(4, size=(600, 5)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [0.6, 0.95, 0.99])
def test_the_quantile_of_history_is_scipys(seed: int, level: float) -> None:
    weights, returns = book(seed)
    second = float(hdquantiles(-returns @ weights, prob=[level])[0])
    assert value_at_risk(weights, returns, level).total == pytest.approx(second, rel=1e-10)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_it_lies_at_the_quantile_of_a_known_distribution(level: float) -> None:
    losses = stats.t(4).ppf((np.arange(20_000) + 0.5) / 20_000)
    assert value_at_risk([1.0], -losses, level).total == pytest.approx(stats.t(4).ppf(level), rel=2e-3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [0.9, 0.95, 0.987])
def test_the_shortfall_and_who_brings_it_are_skfolios(seed: int, level: float) -> None:
    from skfolio import Portfolio, RiskMeasure
    from skfolio.measures import cvar

    weights, returns = book(seed)
    found = value_at_risk(weights, returns, level, "shortfall")
    assert found.total == pytest.approx(cvar(returns @ weights, beta=level), rel=1e-10)
    portfolio = Portfolio(returns, weights, cvar_beta=level)
    parts = portfolio.contribution(measure=RiskMeasure.CVAR, spacing=1e-7)
    assert found.component == pytest.approx(np.array(parts), rel=1e-4, abs=1e-8)


def test_normal_returns_bring_the_same_by_history_and_by_the_normal() -> None:
    rng = np.random.default_rng(7)
    covariance = 1e-4 * np.array([[4.0, 3.0, 1.0], [3.0, 9.0, -2.0], [1.0, -2.0, 5.0]])
    returns = rng.multivariate_normal(np.zeros(3), covariance, 200_000)
    for history, normal in (("historical", "parametric"), ("shortfall", "parametric_shortfall")):
        seen, closed = (value_at_risk([0.5, 0.3, -0.4], returns, 0.95, method) for method in (history, normal))
        assert seen.total == pytest.approx(closed.total, rel=0.01)
        assert seen.component == pytest.approx(closed.component, rel=0.06)
