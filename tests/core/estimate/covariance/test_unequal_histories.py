"""Histories of unequal length: what a young contract may not change, who is related to whom, and what is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks import as_covariance
from core.choices import COVARIANCE_METHODS
from core.errors import DataWarning
from core.estimate.covariance.methods import covariance
from core.estimate.covariance.unequal_histories import ROWS_PER_COMPONENT

NAN = np.nan

OWN_VARIANCE = ("sample", "shrunk_correlation", "factor")

quiet = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


def five_and_one(listed=37):
    """A year of daily returns of five contracts and a sixth, as they are known and as they would be without a gap."""
    rng = np.random.default_rng(37)
    market = rng.standard_t(4, 365) * 0.02
    market[:-37] *= 0.5  # the last weeks are wild
    returns = np.outer(market, [1.0, 1.1, 1.5, 0.4, 0.05, 1.8]) + rng.normal(0, 0.01, (365, 6))
    known = returns.copy()
    known[:-listed, 5] = NAN
    return known, market


@quiet
@pytest.mark.parametrize("method", COVARIANCE_METHODS)
class TestEveryMethod:
    def test_a_young_contract_changes_nothing_of_the_others(self, method):
        returns, market = five_and_one()
        alone = covariance(returns[:, :5], method, 365, market_returns=market)
        joined = covariance(returns, method, 365, market_returns=market)
        np.testing.assert_allclose(joined[:5, :5], alone, rtol=1e-12)

    def test_a_contract_that_lacks_nothing_is_as_if_no_gap_were_there(self, method):
        """One gap in the first row, where a listing begins a row later, says almost the same as none."""
        returns, market = five_and_one(365)
        complete = covariance(returns, method, market_returns=market)
        returns[0, 5] = NAN
        np.testing.assert_allclose(
            covariance(returns, method, market_returns=market), complete, rtol=0.1, atol=0.02 * np.abs(complete).max()
        )

    def test_any_pattern_of_gaps_gives_a_covariance(self, method):
        returns, market = five_and_one()
        rng = np.random.default_rng(1)
        for pattern in range(6):
            holes = returns.copy()
            holes[rng.random(holes.shape) < 0.1 * pattern] = NAN
            holes[200:, 1] = NAN  # delisted
            matrix = covariance(holes, method, market_returns=market)
            np.testing.assert_array_equal(matrix, matrix.T)
            as_covariance(matrix)
            assert np.linalg.eigvalsh(matrix)[0] >= -1e-12 * np.trace(matrix)

    def test_the_order_of_contracts_does_not_matter(self, method):
        returns, market = five_and_one()
        returns[:100, 2], returns[7::50, 1] = NAN, NAN
        order = [5, 3, 0, 4, 1, 2]
        expected = covariance(returns, method, market_returns=market)[np.ix_(order, order)]
        np.testing.assert_allclose(covariance(returns[:, order], method, market_returns=market), expected, rtol=1e-9)

    def test_one_contract_is_its_own_history(self, method):
        returns, market = five_and_one()
        young = returns[:, 5:]
        late = slice(-37, None)
        expected = covariance(young[late], method, market_returns=market[late])
        np.testing.assert_allclose(covariance(young, method, market_returns=market), expected, rtol=1e-12)


@quiet
@pytest.mark.parametrize("method", OWN_VARIANCE)
def test_each_variance_is_that_of_the_own_rows(method):
    returns, market = five_and_one()
    returns[3:60:7, 1] = NAN
    variances = np.diag(covariance(returns, method, market_returns=market))
    np.testing.assert_allclose(variances, np.nanvar(returns, axis=0, ddof=1), rtol=1e-12)


@quiet
@pytest.mark.parametrize("method", ["sample", "ledoit_wolf", "shrunk_correlation"])
def test_more_older_contracts_than_rows_still_find_the_market(method):
    """Sixty contracts with two years, sixty listed twenty days ago, all with one market: the correlation is about 0.5.

    A regression on all sixty would explain each young contract wholly by chance.
    """
    rng = np.random.default_rng(60)
    returns = rng.normal(0, 0.02, (730, 1)) + rng.normal(0, 0.02, (730, 120))
    returns[:-20, 60:] = NAN
    matrix = covariance(returns, method)
    deviations = np.sqrt(np.diag(matrix))
    correlations = matrix / np.outer(deviations, deviations)
    across = correlations[:60, 60:]
    assert 0.4 < across.mean() < 0.6
    assert np.abs(across).max() < 0.95
    assert ROWS_PER_COMPONENT * 60 > 20


@quiet
def test_contracts_that_never_met_are_related_through_a_third():
    rng = np.random.default_rng(2)
    market = rng.normal(0, 0.02, 600)
    returns = np.column_stack([market, market, market]) + rng.normal(0, 0.005, (600, 3))
    returns[300:, 1], returns[:300, 2] = NAN, NAN  # one leaves where the other begins
    correlations = covariance(returns, "sample")
    correlations /= np.sqrt(np.outer(np.diag(correlations), np.diag(correlations)))
    assert correlations[1, 2] == pytest.approx(correlations[0, 1] * correlations[0, 2], rel=0.05)


@quiet
def test_a_contract_that_has_half_of_the_rows_still_relates_to_one_listed_a_day_later():
    rng = np.random.default_rng(3)
    market = rng.normal(0, 0.02, 400)
    returns = np.column_stack([market, market]) + rng.normal(0, 0.005, (400, 2))
    returns[2::2, 0], returns[0, 1] = NAN, NAN
    matrix = covariance(returns, "sample")
    assert matrix[0, 1] / np.sqrt(matrix[0, 0] * matrix[1, 1]) > 0.9


def test_who_has_the_fewest_rows_is_said():
    with pytest.warns(DataWarning, match=r"^returns: .*; column 6 has the fewest, 37 of 365$"):
        covariance(five_and_one()[0], "shrunk_correlation")


def test_a_contract_listed_after_all_others_have_gone_is_unrelated_and_said():
    returns = np.random.default_rng(4).normal(0, 0.02, (60, 3))
    returns[40:, :2], returns[:40, 2] = NAN, NAN
    with pytest.warns(DataWarning, match="column 3 shares none with older ones and counts as unrelated to them"):
        matrix = covariance(returns, "sample")
    assert matrix[2, 2] == pytest.approx(returns[40:, 2].var(ddof=1), rel=1e-12)
    assert (matrix[2, :2] == 0).all()


def test_gaps_that_contradict_each_other_are_repaired_and_said():
    # Each pair shares ten rows of its own, in which it moves as no three contracts could.
    wave = np.array([1.0, -1.0] * 5)
    blocks = np.full((31, 3), NAN)
    blocks[0] = 0.0
    for number, (i, j) in enumerate(((0, 1), (1, 2), (0, 2))):
        rows = slice(10 * number + 1, 10 * number + 11)
        blocks[rows, i], blocks[rows, j] = wave, wave * (1 if number < 2 else -1)
    with pytest.warns(DataWarning, match=r"gaps made correlations inconsistent, which were moved by 1\.\d+ \(Frob"):
        matrix = covariance(blocks, "sample")
    as_covariance(matrix)
    np.testing.assert_allclose(np.diag(matrix), 1.0, rtol=1e-12)


@quiet
@given(st.integers(0, 10_000), st.integers(2, 8), st.sampled_from(COVARIANCE_METHODS))
def test_late_listings_always_give_a_covariance(seed, contracts, method):
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(3, (40, contracts)) + rng.standard_t(3, (40, 1))
    starts = rng.integers(0, 36, contracts)
    starts[0] = 0
    for column, start in enumerate(starts):
        returns[:start, column] = NAN
    matrix = covariance(returns, method, market_returns=returns[:, 0])
    assert np.linalg.eigvalsh(matrix)[0] >= -1e-12 * np.trace(matrix)
