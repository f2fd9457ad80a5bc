"""The frontier against other critical-line programs, on problems without ties where all of them are sound."""

from __future__ import annotations

import cvxcla
import numpy as np
import pypfopt
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.frontier import efficient_frontier

SIZES = [2, 3, 5, 10, 25, 60]


def problem(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    returns = 0.02 * rng.normal(size=(3 * n + 5, n)) + 0.03 * rng.normal(size=(3 * n + 5, 1))
    return rng.uniform(0, 0.5, n), np.cov(returns.T).reshape(n, n) * 365


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("cap", [1.0, 0.7])
def test_turning_points_of_cvxcla(n: int, cap: float) -> None:
    mu, covariance = problem(n)
    peer = cvxcla.CLA(
        mean=mu,
        covariance=covariance,
        lower_bounds=np.zeros(n),
        upper_bounds=np.full(n, cap),
        a=np.ones((1, n)),
        b=np.ones(1),
    )
    theirs = np.array([point.weights for point in peer.turning_points])
    ours = efficient_frontier(mu, covariance, limits=Limits(max_weight=cap)).turning_weights
    # Each of theirs is one of ours (they may list a portfolio twice), and the other way round.
    distance = np.abs(theirs[:, None] - ours[None]).max(axis=2)
    assert distance.min(axis=1).max() < 1e-8
    assert distance.min(axis=0).max() < 1e-8


@pytest.mark.parametrize("n", SIZES[1:5])
def test_least_variance_and_tangency_of_pyportfolioopt(n: int) -> None:
    mu, covariance = problem(n)
    frontier = efficient_frontier(mu, covariance)
    peer = pypfopt.CLA(mu, covariance)
    assert frontier.weights[0] == pytest.approx(np.array(list(peer.min_volatility().values())), abs=1e-8)
    tangency = np.array(list(pypfopt.CLA(mu, covariance).max_sharpe().values()))
    assert frontier.tangency == pytest.approx(tangency, abs=1e-5)  # theirs is the end of a golden section search
