"""Simulated histories keep what the source has: tails, correlation, volatility of today; and streams do not mix."""

import numpy as np
import pytest
from scipy import stats

from core.estimate.volatility.garch import garch
from core.verify.simulate.filtered_history import FilteredHistory
from core.verify.simulate.simulators import BlockBootstrap, batch_paths, batches, simulator
from core.verify.simulate.student_copula import ParetoTail, StudentCopula, pareto_tail

VALUES = np.ones(3)


def student_history(rows, degrees, correlation, seed=1, scale=0.01):
    """Rows of a trivariate t distribution with one correlation throughout."""
    rng = np.random.default_rng(seed)
    matrix = np.full((3, 3), correlation) + (1 - correlation) * np.eye(3)
    normal = rng.standard_normal((rows, 3)) @ np.linalg.cholesky(matrix).T
    return np.expm1(scale * normal / np.sqrt(rng.chisquare(degrees, (rows, 1)) / degrees))


def garch_history(rows, seed=2, alpha=0.1, beta=0.85):
    """Log returns of three contracts with one GARCH each and common shocks of a t distribution."""
    shocks = np.log1p(student_history(rows, 6, 0.6, seed, 1.0)) / np.sqrt(6 / 4)
    variance, logs = np.full(3, 1e-4), np.empty((rows, 3))
    for t in range(rows):
        logs[t] = np.sqrt(variance) * shocks[t]
        variance = 1e-4 * (1 - alpha - beta) + alpha * logs[t] ** 2 + beta * variance
    return np.expm1(logs)


def drawn(source, paths, bars, seed=5):
    sampled = source.draw(np.random.default_rng(seed), paths, bars)
    return sampled.returns[sampled.rows]


class TestBootstrap:
    history = student_history(500, 3, 0.7)

    def test_bars_are_rows_of_the_history_and_so_is_whatever_ties_contracts_together(self):
        bars = drawn(simulator("bootstrap", self.history, VALUES), 40, 10).reshape(-1, 3)
        assert {tuple(row) for row in bars.tolist()} <= {tuple(row) for row in self.history.tolist()}

    def test_tails_and_correlation_are_those_of_the_source(self):
        bars = drawn(BlockBootstrap(self.history, 5.0), 20_000, 10).reshape(-1, 3)
        for level in (0.002, 0.01, 0.99, 0.998):
            source = np.quantile(self.history, level, axis=0, method="inverted_cdf")
            share = (bars <= source).mean(axis=0)
            np.testing.assert_allclose(share, (self.history <= source).mean(axis=0), atol=5e-4)
        np.testing.assert_allclose(np.corrcoef(bars.T), np.corrcoef(self.history.T), atol=0.02)
        np.testing.assert_allclose(stats.kurtosis(bars), stats.kurtosis(self.history), rtol=0.1)

    def test_storms_are_kept_in_long_blocks_and_lost_in_short_ones(self):
        history = garch_history(6_000)
        ours = drawn(simulator("bootstrap", history, VALUES), 400, 100)
        alone = drawn(BlockBootstrap(history, 1.0), 400, 100)

        def clustering(paths):
            size = np.abs(paths[:, :, 0])
            return np.corrcoef(size[:, :-5].ravel(), size[:, 5:].ravel())[0, 1]

        source = np.corrcoef(np.abs(history[:-5, 0]), np.abs(history[5:, 0]))[0, 1]
        assert clustering(ours) == pytest.approx(source, abs=0.05)
        assert source > 0.1
        assert abs(clustering(alone)) < 0.02


class TestStudentCopula:
    @pytest.mark.parametrize(("degrees", "correlation"), [(3.0, 0.5), (6.0, 0.8), (4.0, 0.0), (5.0, -0.3)])
    def test_it_finds_degrees_and_correlation(self, degrees, correlation):
        found = StudentCopula.of(student_history(20_000, degrees, correlation))
        assert found.degrees == pytest.approx(degrees, rel=0.12)
        np.testing.assert_allclose(found.correlations[np.triu_indices(3, 1)], correlation, atol=0.03)

    def test_independent_normal_returns_have_many_degrees(self):
        normal = np.random.default_rng(3).standard_normal((20_000, 3)) * 0.01
        assert StudentCopula.of(normal).degrees > 40

    def test_what_it_draws_has_the_tails_and_ranks_of_the_source(self):
        history = student_history(5_000, 4, 0.6)
        bars = drawn(StudentCopula.of(history), 20_000, 20).reshape(-1, 3)
        for level in (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999):
            source = np.quantile(history, level, axis=0)
            deviation = 3 * np.sqrt(level * (1 - level) / 5_000)
            np.testing.assert_allclose((bars <= source).mean(axis=0), level, atol=deviation)
        ranks, source = stats.spearmanr(bars[:20_000])[0], stats.spearmanr(history)[0]
        np.testing.assert_allclose(ranks, source, atol=0.03)

    def test_contracts_crash_together_as_often_as_in_the_source_and_more_often_than_in_a_normal_law(self):
        history = student_history(20_000, 3, 0.5)
        bars = drawn(StudentCopula.of(history), 20_000, 10).reshape(-1, 3)

        def crash_together(rows):
            low = rows < np.quantile(rows, 0.01, axis=0)
            return (low[:, 0] & low[:, 1]).mean() / 0.01

        normal = stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]).cdf([stats.norm.ppf(0.01)] * 2) / 0.01
        assert crash_together(bars) == pytest.approx(crash_together(history), abs=0.06)
        assert crash_together(bars) > 2 * normal

    def test_it_goes_beyond_the_worst_bar_but_below_no_price(self):
        history = student_history(1_000, 3, 0.5, scale=0.05)
        bars = drawn(StudentCopula.of(history), 20_000, 10).reshape(-1, 3)
        assert (bars.min(axis=0) < history.min(axis=0)).all()
        assert bars.min() > -1

    def test_margins_join_where_tails_begin(self):
        copula = StudentCopula.of(student_history(400, 4, 0.5))
        knots = stats.t.ppf((np.array([20, 379]) + 0.5) / 400, copula.degrees)
        for knot in knots:
            left, right = copula.margins(np.tile([[knot - 1e-9], [knot + 1e-9]], 3))
            np.testing.assert_allclose(left, right, atol=1e-6)

    def test_margins_are_the_sorted_history_between_its_tails_and_pareto_beyond(self):
        copula = StudentCopula.of(student_history(400, 4, 0.5))
        shares = (np.arange(400) + 0.5) / 400
        scores = stats.t.ppf(np.append(shares, [1e-7, 1 - 1e-7]), copula.degrees)
        found = copula.margins(np.repeat(scores[:, np.newaxis], 3, axis=1))
        np.testing.assert_allclose(found[20:380], copula.ordered[20:380], rtol=1e-9)
        for column, (low, high) in enumerate(zip(copula.lower, copula.upper, strict=True)):
            share = 1e-7 / shares[20]
            lowest = copula.ordered[20, column] - stats.genpareto(low.shape, scale=low.scale).isf(share)
            highest = copula.ordered[379, column] + stats.genpareto(high.shape, scale=high.scale).isf(share)
            np.testing.assert_allclose(found[-2:, column], [lowest, highest], rtol=1e-7)

    def test_alone_a_contract_depends_on_nobody_and_draws_the_law_of_its_history(self):
        history = student_history(2_000, 4, 0.5)[:, :1]
        alone = StudentCopula.of(history)
        assert alone.degrees == 100
        bars = drawn(alone, 5_000, 10).reshape(-1)
        for level in (0.01, 0.05, 0.5, 0.95, 0.99):
            deviation = 3 * np.sqrt(level * (1 - level) / 2_000)
            assert (bars <= np.quantile(history, level)).mean() == pytest.approx(level, abs=deviation)

    def test_a_contract_that_never_moves_and_two_that_are_one_do_no_harm(self):
        history = student_history(500, 4, 0.5)
        history[:, 1], history[:, 2] = 0.0, history[:, 0]
        bars = drawn(StudentCopula.of(history), 500, 4).reshape(-1, 3)
        assert not bars[:, 1].any()
        assert np.corrcoef(bars[:, 0], bars[:, 2])[0, 1] > 0.999


class TestParetoTail:
    @pytest.mark.parametrize("shape", [0.0, 0.2, 0.4])
    def test_it_finds_the_tail_it_was_drawn_from(self, shape):
        sample = stats.genpareto(shape, scale=0.02).rvs(50_000, random_state=4)
        found = pareto_tail(sample)
        assert found.shape == pytest.approx(shape, abs=0.03)
        assert found.scale == pytest.approx(0.02, rel=0.04)

    @pytest.mark.parametrize("shape", [0.0, 0.3])
    def test_its_quantiles_are_those_of_scipy(self, shape):
        survival = np.array([1.0, 0.5, 0.01, 1e-6])
        expected = stats.genpareto(shape, scale=2.0).isf(survival)
        np.testing.assert_allclose(ParetoTail(shape, 2.0).excess(np.log(survival)), expected, rtol=1e-12, atol=1e-15)

    def test_short_and_endless_tails_are_kept_within_bounds_with_the_same_mean(self):
        assert pareto_tail(np.full(50, 1.0)) == ParetoTail(0.0, 1.0)
        wild = pareto_tail(stats.genpareto(0.9).rvs(1000, random_state=1))
        assert wild.shape == 0.5
        assert pareto_tail(np.zeros(10)) == ParetoTail(0.0, 0.0)


class TestFilteredHistory:
    history = garch_history(6_000)

    def test_the_first_bar_has_the_volatility_of_today(self):
        now = garch(np.log1p(self.history)).volatility_now
        logs = np.log1p(drawn(simulator("filtered", self.history, VALUES), 40_000, 1)[:, 0])
        np.testing.assert_allclose(logs.std(axis=0), now, rtol=0.03)

    def test_a_stormy_end_makes_stormier_paths_than_a_calm_one(self):
        logs = np.log1p(self.history)
        size = np.array([np.abs(logs[t - 20 : t]).mean() for t in range(1_000, 6_000)])
        storm, calm = (1_000 + int(find(size)) for find in (np.argmax, np.argmin))
        stormy = drawn(simulator("filtered", self.history[:storm], VALUES), 5_000, 3)
        quiet = drawn(simulator("filtered", self.history[:calm], VALUES), 5_000, 3)
        assert (stormy.std(axis=(0, 1)) > 1.5 * quiet.std(axis=(0, 1))).all()

    def test_variance_over_the_path_is_that_of_the_forecast(self):
        fit = garch(np.log1p(self.history), horizon=20)
        logs = np.log1p(drawn(FilteredHistory.of(self.history, VALUES, 1.0), 40_000, 20))
        total = (logs - fit.mu).sum(axis=1).std(axis=0)
        np.testing.assert_allclose(total, fit.volatility_horizon * np.sqrt(20), rtol=0.04)

    def test_residuals_are_standard_and_keep_tails_and_correlation(self):
        source = FilteredHistory.of(self.history, VALUES, None)
        np.testing.assert_allclose(source.residuals.std(axis=0), 1, atol=0.02)
        errors = np.log1p(drawn(source, 40_000, 1)[:, 0]) - source.mu
        shocks = errors / np.sqrt(source.next_variance)
        np.testing.assert_allclose(np.corrcoef(shocks.T), np.corrcoef(source.residuals.T), atol=0.02)
        np.testing.assert_allclose(stats.kurtosis(shocks), stats.kurtosis(source.residuals), rtol=0.15)
        assert source.block_length < 20 < simulator("bootstrap", self.history, VALUES).block_length

    @pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
    def test_contracts_that_never_move_stay_and_do_not_hold_up_the_others(self):
        history = self.history[:500].copy()
        history[:, 1] = 0.0
        bars = drawn(FilteredHistory.of(history, VALUES, None), 100, 4)
        assert not bars[:, :, 1].any()
        assert (bars[:, :, 0].std() > 0, bars[:, :, 2].std() > 0) == (True, True)
        assert not drawn(FilteredHistory.of(np.zeros((100, 3)), VALUES, None), 5, 4).any()


class TestBatches:
    source = BlockBootstrap(student_history(200, 4, 0.5), 10.0)

    def test_all_paths_are_drawn_and_no_more(self):
        counts = [len(batch.rows) for batch in batches(self.source, 3, 25_000, 7, 1)]
        assert counts == [10_922, 10_922, 3_156]

    def test_a_batch_is_as_large_as_memory_allows_and_at_least_one_path(self):
        assert batch_paths(24, 20) == 32_768 // 20
        assert batch_paths(8_760, 50) * 8_760 * 50 <= 1 << 22
        assert batch_paths(8_760, 500) == 1

    def test_batches_differ_from_each_other_and_between_seeds(self):
        first, second = (batch.rows for batch in batches(self.source, 3, 21_844, 7, 1))
        other = next(iter(batches(self.source, 3, 10_922, 7, 2))).rows
        assert (first != second).mean() > 0.9
        assert (first != other).mean() > 0.9
