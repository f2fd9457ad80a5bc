"""Histories that begin at different times against the likelihood itself: EM, a closed form, and a search by force.

Little and Rubin (2019), "Statistical Analysis with Missing Data", ch. 8 (EM for the multivariate normal) and 7.2 (the
factored likelihood of two blocks); Stambaugh (1997), "Analyzing Investments Whose Histories Differ in Length".
"""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from core.estimate.covariance.methods import covariance

NAN = np.nan

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


def market(rows, contracts, seed):
    rng = np.random.default_rng(seed)
    common = rng.standard_t(5, rows) * 0.02
    return np.outer(common, np.linspace(0.4, 1.6, contracts)) + rng.normal(0, 0.02, (rows, contracts)) + 0.001


def listed(returns, starts):
    """The returns as they are known: contract i from row starts[i] on."""
    late = returns.copy()
    for column, start in enumerate(starts):
        late[:start, column] = NAN
    return late


def by_em(returns):
    """The most likely covariance of a normal sample with missing values, until a step changes nothing that shows."""
    rows, size = returns.shape
    mean, matrix = np.nanmean(returns, axis=0), np.diag(np.nanvar(returns, axis=0))
    for _ in range(20_000):
        first, second = np.zeros(size), np.zeros((size, size))
        for row in returns:
            there, gone = np.isfinite(row), ~np.isfinite(row)
            filled, spread = row.copy(), np.zeros((size, size))
            if gone.any():
                slopes = np.linalg.solve(matrix[np.ix_(there, there)], matrix[np.ix_(there, gone)]).T
                filled[gone] = mean[gone] + slopes @ (row[there] - mean[there])
                spread[np.ix_(gone, gone)] = matrix[np.ix_(gone, gone)] - slopes @ matrix[np.ix_(there, gone)]
            first += filled
            second += np.outer(filled, filled) + spread
        mean = first / rows
        following = second / rows - np.outer(mean, mean)
        change, matrix = np.abs(following - matrix).max() / np.abs(following).max(), following
        if change < 1e-14:
            break
    return matrix


def correlations_of(matrix):
    deviations = np.sqrt(np.diag(matrix))
    return matrix / np.outer(deviations, deviations)


@pytest.mark.parametrize(
    ("rows", "starts"),
    [(60, [0, 20]), (80, [0, 0, 40]), (60, [0, 0, 10, 10, 30]), (90, [30, 0, 15, 45]), (365, [0, 0, 0, 0, 0, 328])],
    ids=["two", "late_third", "three_groups", "any_order", "listed_37_days_ago"],
)
def test_correlations_are_the_most_likely_and_variances_each_contracts_own(rows, starts):
    returns = listed(market(rows, len(starts), rows), starts)
    matrix = covariance(returns, "sample")
    np.testing.assert_allclose(correlations_of(matrix), correlations_of(by_em(returns)), atol=1e-9)
    np.testing.assert_allclose(np.diag(matrix), pd.DataFrame(returns).var(), rtol=1e-12)


def test_two_blocks_in_closed_form():
    """Anderson (1957): the slope of the later on the earlier, over shared rows, meets the earlier's whole variance."""
    returns = listed(market(50, 2, 4), [0, 30])
    earlier, shared = returns[:, 0], returns[30:]
    slope = np.cov(shared.T)[0, 1] / shared[:, 0].var(ddof=1)
    alone = (shared[:, 1] - slope * shared[:, 0]).var()
    likely = slope * earlier.std() / np.sqrt(slope**2 * earlier.var() + alone)
    matrix = covariance(returns, "sample")
    assert matrix[0, 1] == pytest.approx(likely * earlier.std(ddof=1) * shared[:, 1].std(ddof=1), rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_other_matrix_is_more_likely(seed):
    """Twelve rows, three contracts: the likelihood searched by force over means and Cholesky factors."""
    returns = listed(market(12, 3, seed), [0, 3, 3]) * 100
    places = np.tril_indices(3)

    def unlikely(numbers):
        factor = np.zeros((3, 3))
        factor[places] = numbers[3:]
        matrix = factor @ factor.T + 1e-12 * np.eye(3)
        total = 0.0
        for row in returns:
            there = np.isfinite(row)
            total -= multivariate_normal.logpdf(row[there], numbers[:3][there], matrix[np.ix_(there, there)])
        return total

    start = np.concatenate([np.zeros(3), (2 * np.eye(3))[places]])
    found = minimize(unlikely, start, method="BFGS", options={"gtol": 1e-8, "maxiter": 2000})
    factor = np.zeros((3, 3))
    factor[places] = found.x[3:]
    np.testing.assert_allclose(
        correlations_of(covariance(returns, "sample")), correlations_of(factor @ factor.T), atol=2e-5
    )
