"""Ledoit-Wolf shrinkage against scikit-learn, and constant correlation against the paper written out in loops."""

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from core.estimate.covariance.methods import covariance, ledoit_wolf_shrinkage
from core.estimate.covariance.shrinkage import shrink_correlations


def sample(rows, columns, scale=0.01, seed=9):
    rng = np.random.default_rng(seed)
    market = rng.normal(0, scale, rows)
    return np.outer(market, np.linspace(0.5, 1.5, columns)) + rng.standard_t(4, (rows, columns)) * scale


@pytest.mark.parametrize(
    "returns",
    [
        sample(120, 5),
        sample(10, 40),
        sample(720, 8, 2e-5),
        sample(2000, 50),
        sample(2, 3),
        sample(60, 1),
        np.column_stack([sample(100, 4), np.zeros(100)]),
        np.vstack([sample(100, 4), [1e6, 0, -1e6, 1]]),
    ],
    ids=["tall", "wide", "hourly", "large", "two_rows", "one_contract", "stablecoin", "bad_tick"],
)
def test_scaled_identity_is_scikit_learns(returns):
    matrix, shrinkage = ledoit_wolf_shrinkage(returns)
    peer_matrix, peer_shrinkage = ledoit_wolf(returns)
    assert shrinkage == pytest.approx(peer_shrinkage, rel=1e-12)
    np.testing.assert_allclose(matrix, peer_matrix, rtol=1e-12, atol=1e-12 * np.abs(peer_matrix).max())
    np.testing.assert_allclose(covariance(returns, "ledoit_wolf", 8760), matrix * 8760, rtol=1e-14)


@pytest.mark.parametrize(
    "returns", [sample(120, 5), sample(10, 40), sample(720, 8, 2e-5)], ids=["tall", "wide", "hourly"]
)
def test_shrunk_correlations_are_scikit_learns_of_standardised_returns(returns):
    correlations, shrinkage = ledoit_wolf((returns - returns.mean(axis=0)) / returns.std(axis=0))
    deviations = returns.std(axis=0, ddof=1)
    matrix = covariance(returns, "shrunk_correlation")
    np.testing.assert_allclose(matrix, correlations * np.outer(deviations, deviations), rtol=1e-11)
    assert shrink_correlations(returns)[1] == pytest.approx(shrinkage, rel=1e-11)


def test_constant_correlation_is_the_paper_written_out():
    returns = sample(60, 4)
    np.testing.assert_allclose(covariance(returns, "constant_correlation"), honey(returns), rtol=1e-12)


@pytest.mark.parametrize("returns", [sample(15, 6), sample(720, 3, 2e-5)], ids=["wide", "hourly"])
def test_constant_correlation_holds_for_short_and_for_hourly_history(returns):
    np.testing.assert_allclose(covariance(returns, "constant_correlation"), honey(returns), rtol=1e-10)


def honey(returns):
    """Ledoit and Wolf (2004), "Honey, I Shrunk the Sample Covariance Matrix", appendices A and B, index by index."""
    count, size = returns.shape
    x = returns - returns.mean(axis=0)
    s = np.array([[sum(x[t, i] * x[t, j] for t in range(count)) / count for j in range(size)] for i in range(size)])
    pairs = [(i, j) for i in range(size) for j in range(size) if i < j]
    mean = sum(s[i, j] / np.sqrt(s[i, i] * s[j, j]) for i, j in pairs) * 2 / (size * (size - 1))
    f = np.array([[s[i, i] if i == j else mean * np.sqrt(s[i, i] * s[j, j]) for j in range(size)] for i in range(size)])

    def pi(i, j):
        return sum((x[t, i] * x[t, j] - s[i, j]) ** 2 for t in range(count)) / count

    def theta(k, i, j):
        return sum((x[t, k] ** 2 - s[k, k]) * (x[t, i] * x[t, j] - s[i, j]) for t in range(count)) / count

    everything = [(i, j) for i in range(size) for j in range(size)]
    pi_hat = sum(pi(i, j) for i, j in everything)
    rho_hat = sum(pi(i, i) for i in range(size)) + sum(
        mean / 2 * (np.sqrt(s[j, j] / s[i, i]) * theta(i, i, j) + np.sqrt(s[i, i] / s[j, j]) * theta(j, i, j))
        for i, j in everything
        if i != j
    )
    gamma_hat = sum((f[i, j] - s[i, j]) ** 2 for i, j in everything)
    shrinkage = max(0.0, min((pi_hat - rho_hat) / gamma_hat / count, 1.0))
    return shrinkage * f + (1 - shrinkage) * s
