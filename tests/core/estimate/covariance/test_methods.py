"""Covariance: definitions, invariants of every method, gaps and bad input. Oracles: tests/oracles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choices import COVARIANCE_METHODS
from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.covariance.ewma import ewma_state
from core.estimate.covariance.methods import covariance, downside_deviations, ledoit_wolf_shrinkage

NAN = np.nan


def sample(rows=120, columns=5, seed=5):
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.02, rows)
    own = rng.normal(0, 1, (rows, columns)) * np.linspace(0.005, 0.03, columns)
    return np.outer(market, np.linspace(0.5, 1.5, columns)) + own, market


def estimate(returns, method, market=None, **more):
    return covariance(returns, method, market_returns=sample()[1] if market is None else market, **more)


def test_sample_is_the_usual_one():
    returns, _ = sample()
    np.testing.assert_allclose(covariance(returns, "sample"), np.cov(returns.T), rtol=1e-12)


def test_semi_counts_what_falls_together():
    returns = np.array([[-0.02, 0.01], [-0.01, -0.03], [0.05, -0.01]])
    expected = np.array([[5e-4, 3e-4], [3e-4, 1e-3]]) / 3
    np.testing.assert_allclose(covariance(returns, "semi"), expected, rtol=1e-12)


def test_semi_of_returns_that_only_fall_is_their_mean_square():
    returns = -np.abs(sample()[0])
    np.testing.assert_allclose(covariance(returns, "semi"), returns.T @ returns / 120, rtol=1e-12)


def test_downside_deviations_are_those_of_semi_over_the_own_rows_of_each():
    returns = np.random.default_rng(1).normal(0, 0.01, (300, 6))
    np.testing.assert_allclose(downside_deviations(returns, 365), np.sqrt(np.diag(covariance(returns, "semi", 365))))
    returns[:200, 1], returns[::7, 2] = np.nan, np.nan
    own = [column[np.isfinite(column)] for column in returns.T]
    expected = [np.sqrt(np.mean(np.minimum(each, 0) ** 2) * 365) for each in own]
    np.testing.assert_allclose(downside_deviations(returns, 365), expected, rtol=1e-13)
    returns[1:, 3] = np.nan
    with pytest.raises(MissingDataError, match="column 4 has 1 of 300 values where 2 are needed"):
        downside_deviations(returns)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
@pytest.mark.parametrize("method", [method for method in COVARIANCE_METHODS if method != "semi"])
@pytest.mark.parametrize("gaps", ["none", "scattered", "listings", "never together"])
@pytest.mark.parametrize("constant", [0.001, 0.1, 1 / 3])
def test_a_return_that_is_always_the_same_counts_as_one_that_is_always_zero(constant, gaps, method):
    rng = np.random.default_rng(2)
    returns = rng.multivariate_normal(np.zeros(4), 1e-4 * (0.6 + 0.4 * np.eye(4)), 300)
    missing = np.zeros((300, 5), dtype=bool)
    if gaps == "scattered":
        missing = rng.random((300, 5)) < 0.3
    elif gaps == "listings":
        missing = np.arange(300)[:, np.newaxis] < np.array([0, 40, 80, 120, 60])
    elif gaps == "never together":
        missing[::2, 0], missing[1::2, 1] = True, True

    def others(same):
        beside = np.where(missing, np.nan, np.column_stack([returns, np.full(300, same)]))
        return estimate(beside, method, returns.mean(axis=1))[:4, :4]

    np.testing.assert_allclose(others(constant), others(0.0), rtol=1e-9, atol=1e-15)


def test_semi_counts_from_its_threshold():
    returns, _ = sample()
    np.testing.assert_allclose(
        covariance(returns, "semi", threshold=0.01), covariance(returns - 0.01, "semi"), rtol=1e-12
    )
    everything = covariance(returns, "semi", threshold=1.0)
    np.testing.assert_allclose(everything, (returns - 1).T @ (returns - 1) / 120, rtol=1e-12)


class TestEwmaUpdate:
    @pytest.mark.parametrize("halflife", [2, 60, 5_000])
    @pytest.mark.parametrize("gap", [False, True])
    @pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
    def test_one_more_row_is_the_longer_history(self, halflife, gap):
        returns, _ = sample(rows=400)
        if gap:
            returns[[100, 399], 2] = NAN
        state = ewma_state(returns[:3], halflife)
        for count, row in enumerate(returns[3:], 4):
            state = state.update(row)
            if count in (4, 50, 101, 102, 400):
                whole = covariance(returns[:count], "ewma", halflife=halflife, gaps="listwise")
                distance = np.linalg.norm(state.covariance() - whole) / np.linalg.norm(whole)
                assert distance < 1e-12
        again = ewma_state(returns, halflife)
        np.testing.assert_allclose(state.mean, again.mean, rtol=1e-12, atol=1e-15)
        assert state.weight == pytest.approx(again.weight, rel=1e-12)

    def test_the_covariance_of_a_state_is_that_of_the_method(self):
        returns, _ = sample()
        np.testing.assert_array_equal(ewma_state(returns, 20).covariance(), covariance(returns, "ewma", halflife=20))

    def test_a_row_of_another_length_is_refused(self):
        with pytest.raises(ArgumentError, match="row has 2 values where 5 are needed"):
            ewma_state(sample()[0]).update([0.1, 0.2])


def test_factor_keeps_the_variances_and_links_contracts_through_the_market():
    returns, market = sample()
    matrix = estimate(returns, "factor")
    betas = np.array([np.cov(column, market)[0, 1] for column in returns.T]) / market.var(ddof=1)
    np.testing.assert_allclose(np.diag(matrix), returns.var(axis=0, ddof=1), rtol=1e-12)
    assert matrix[0, 4] == pytest.approx(betas[0] * betas[4] * market.var(ddof=1), rel=1e-12)


def test_ewma_of_an_endless_halflife_is_the_sample():
    returns, _ = sample()
    np.testing.assert_allclose(
        covariance(returns, "ewma", halflife=1e12), covariance(returns, "sample"), rtol=1e-8, atol=1e-12
    )


def test_shrinkage_lies_between_sample_and_target():
    returns, _ = sample()
    matrix, shrinkage = ledoit_wolf_shrinkage(returns)
    population = np.cov(returns.T, ddof=0)
    assert 0 < shrinkage < 1
    target = np.trace(population) / 5 * np.eye(5)
    np.testing.assert_allclose(matrix, shrinkage * target + (1 - shrinkage) * population, rtol=1e-12)
    np.testing.assert_array_equal(covariance(returns), matrix)


def test_noise_is_shrunk_more_than_structure_and_one_contract_not_at_all():
    noise = np.random.default_rng(3).normal(0, 0.02, (120, 5))
    assert ledoit_wolf_shrinkage(noise)[1] > 2 * ledoit_wolf_shrinkage(sample()[0])[1]
    assert ledoit_wolf_shrinkage(noise[:, 0])[1] == 0


@pytest.mark.parametrize("method", COVARIANCE_METHODS)
class TestEveryMethod:
    def test_the_matrix_is_symmetric_and_positive_semidefinite(self, method):
        for rows in (4, 120):  # fewer rows than contracts, and many more
            returns, market = sample(rows)
            matrix = estimate(returns, method, market)
            np.testing.assert_array_equal(matrix, matrix.T)
            assert np.linalg.eigvalsh(matrix)[0] >= -1e-15 * np.trace(matrix)

    def test_a_year_is_so_many_bars(self, method):
        returns, _ = sample()
        np.testing.assert_allclose(
            estimate(returns, method, periods_per_year=8760), estimate(returns, method) * 8760, rtol=1e-14
        )

    @pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e4])
    def test_the_scale_of_returns_squares_through(self, method, scale):
        returns, market = sample()
        expected = estimate(returns, method) * scale**2
        scaled = estimate(returns * scale, method, market * scale)
        np.testing.assert_allclose(scaled, expected, rtol=1e-10)

    def test_the_order_of_contracts_does_not_matter(self, method):
        returns, _ = sample()
        order = [3, 0, 4, 1, 2]
        np.testing.assert_allclose(
            estimate(returns[:, order], method), estimate(returns, method)[np.ix_(order, order)], rtol=1e-10
        )

    def test_listwise_drops_a_row_with_a_gap_and_says_so(self, method):
        returns, market = sample()
        returns[17, 2] = NAN
        with pytest.warns(DataWarning, match="^returns: 1 of 120 rows dropped because a value is missing"):
            matrix = estimate(returns, method, market, gaps="listwise")
        assert np.isfinite(matrix).all()
        if method != "ewma":  # there the row still ages those before it
            keep = np.arange(120) != 17
            np.testing.assert_array_equal(matrix, estimate(returns[keep], method, market[keep]))

    @pytest.mark.parametrize("constant", [0.0, 0.1])
    def test_a_contract_that_never_moves_is_no_obstacle(self, method, constant):
        returns, _ = sample()
        returns[:, 1] = constant
        matrix = estimate(returns, method)
        assert np.isfinite(matrix).all()
        assert np.abs(matrix[1, [0, 2, 3, 4]]).max() <= 1e-12 * np.abs(matrix).max()

    def test_a_bad_tick_of_a_million_leaves_the_matrix_valid(self, method):
        returns, market = sample()
        returns[10, 0] = 1e6
        matrix = estimate(returns, method, market)
        assert np.isfinite(matrix).all()
        assert np.linalg.eigvalsh(matrix)[0] >= -1e-14 * np.trace(matrix)

    def test_too_few_rows_are_refused(self, method):
        with pytest.raises(MissingDataError, match=r"column 1 has 1 of 1 values|too few complete rows, 1 where 2"):
            estimate([[0.1, 0.2]], method, [0.1])

    def test_the_input_is_left_as_it_was(self, method):
        returns, market = sample()
        estimate(returns, method, market)
        np.testing.assert_array_equal(returns, sample()[0])


@pytest.mark.parametrize("method", sorted(set(COVARIANCE_METHODS) - {"semi"}))
def test_a_shift_of_the_mean_does_not_matter_but_to_semi(method):
    returns, _ = sample()
    np.testing.assert_allclose(estimate(returns + 0.5, method), estimate(returns, method), rtol=1e-9, atol=1e-15)


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(1, 12))
def test_shrinkage_is_a_share(seed, rows, columns):
    returns = np.random.default_rng(seed).standard_t(3, (rows, columns))
    assert 0 <= ledoit_wolf_shrinkage(returns)[1] <= 1


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"method": "ledoit"}, ArgumentError, "method 'ledoit' is not known"),
        ({"returns": [["x", 0.1]]}, ArgumentError, "returns must hold numbers"),
        (
            {"returns": [[NAN, 0.1], [0.1, 0.2]]},
            MissingDataError,
            "returns: column 1 has 1 of 2 values",
        ),
        ({"returns": [[NAN, 0.1], [0.1, 0.2]], "gaps": "listwise"}, MissingDataError, "returns has too few"),
        ({"gaps": "pairwise"}, ArgumentError, "gaps 'pairwise' is not known"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"method": "ewma", "halflife": -1}, ArgumentError, "halflife is -1"),
        ({"method": "ewma", "halflife": 0.01}, ArgumentError, "halflife is so short that one row has all the weight"),
        ({"method": "semi", "threshold": NAN}, ArgumentError, "threshold must be a finite number"),
        ({"method": "semi", "threshold": "x"}, ArgumentError, "threshold must be a number"),
        ({"method": "factor"}, ArgumentError, "market_returns is needed by method 'factor'"),
        ({"method": "factor", "market_returns": [0.1]}, ArgumentError, "returns has 3 rows and market_returns has 1"),
        ({"method": "factor", "market_returns": [0.1] * 3}, UndefinedError, "market_returns are constant"),
    ],
)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_bad_input_is_refused_by_name(arguments, error, words):
    defaults = {"returns": [[0.1, 0.2], [0.2, -0.1], [0.0, 0.1]]}
    with pytest.raises(error, match=words):
        covariance(**(defaults | arguments))
