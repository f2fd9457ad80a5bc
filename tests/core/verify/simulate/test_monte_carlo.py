"""Monte Carlo risk: all paths of a tiny history, figures by definition, symmetry, scaling, seeds and bad input."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError
from tests.verify_by_parts import follow, monte_carlo

NAN = np.nan
RETURNS = np.random.default_rng(8).standard_t(4, (300, 3)) * 0.01
BOOK = ([3.0, -2.0, 1.0], [100.0, 50.0, 20.0], 40.0)


class TestTinyHistory:
    """Three rows and two bars: nine paths, each with a known probability."""

    returns = np.array([[-0.10], [0.02], [0.05]])

    def losses(self, jump):
        """Loss of 100 long, its probability, and the capital it needs at a rate of 1 %, of each path."""
        found = []
        for first, second in itertools.product(range(3), repeat=2):
            chance = (jump / 3 + (1 - jump) * (second == (first + 1) % 3)) / 3
            along = 100 * np.cumprod([1, *(1 + self.returns[[first, second], 0])])
            found.append((100 - along[-1], chance, max(0.01 * along - (along - 100))))
        return np.array(found).T

    @pytest.mark.parametrize("block_length", [1.0, 2.0])
    def test_figures_are_those_of_all_paths(self, block_length):
        result = monte_carlo([1], [100], 15, self.returns, 200_000, 2, block_length=block_length)
        loss, chance, capital = self.losses(1 / block_length)
        order = np.argsort(loss)
        beyond = 1 - np.cumsum(chance[order])
        var = loss[order][np.argmax(beyond <= 0.05)]
        assert result.figures.var_95 == pytest.approx(var, rel=1e-12)
        es = var + (chance * np.maximum(loss - var, 0)).sum() / 0.05
        assert abs(result.figures.es_95 - es) < 4 * result.standard_errors.es_95 + 1e-9
        dies = chance[capital > 15].sum()
        error = result.standard_errors.probability_of_liquidation
        assert abs(result.figures.probability_of_liquidation - dies) < 4 * error
        assert error == pytest.approx(math.sqrt(dies * (1 - dies) / 200_000), rel=0.05)
        assert result.figures.capital_for_99 == pytest.approx(capital.max(), rel=1e-12)
        assert -result.pnl.mean() == pytest.approx((loss * chance).sum(), abs=0.1)


class TestFigures:
    result = monte_carlo(*BOOK, RETURNS, 2_000)

    def test_value_at_risk_is_the_quantile(self):
        for level, figure in ((0.95, self.result.figures.var_95), (0.99, self.result.figures.var_99)):
            assert figure == np.quantile(-self.result.pnl, level, method="inverted_cdf")

    def test_expected_shortfall_is_the_mean_of_the_worst(self):
        worst_first = np.sort(self.result.pnl)
        assert self.result.figures.es_95 == pytest.approx(-worst_first[:100].mean(), rel=1e-12)
        assert self.result.figures.es_99 == pytest.approx(-worst_first[:20].mean(), rel=1e-12)

    def test_a_path_that_the_level_divides_counts_by_its_share(self):
        result = monte_carlo(*BOOK, RETURNS, 30)
        losses = -np.sort(result.pnl)
        # One path in twenty of 30 is one and a half: the worst whole, and half of the next.
        assert result.figures.es_95 == pytest.approx((losses[0] + losses[1] / 2) / 1.5, rel=1e-12)
        assert result.figures.var_95 == losses[1]

    def test_the_probability_is_the_share_of_paths_that_are_liquidated(self):
        assert self.result.figures.probability_of_liquidation == (self.result.liquidated > 0).mean() > 0
        dead = self.result.liquidated > 0
        np.testing.assert_array_equal(np.isnan(self.result.first_liquidated), ~dead)
        np.testing.assert_array_equal(np.isnan(self.result.liquidated_bar), ~dead)
        np.testing.assert_allclose(self.result.path_equity[~dead], 40 + self.result.pnl[~dead])

    def test_capital_for_99_liquidates_one_path_in_a_hundred_and_less_capital_more(self):
        capital = self.result.figures.capital_for_99
        enough = monte_carlo(*BOOK[:2], capital, RETURNS, 2_000)
        assert (enough.liquidated > 0).sum() == 20
        short = monte_carlo(*BOOK[:2], capital * (1 - 1e-9), RETURNS, 2_000)
        assert (short.liquidated > 0).sum() == 21

    def test_the_figures_do_not_know_the_equity_but_the_probability_does(self):
        rich = monte_carlo(*BOOK[:2], 4_000, RETURNS, 2_000)
        assert rich.figures.probability_of_liquidation == 0
        for name in ("var_95", "var_99", "es_95", "es_99", "capital_for_99"):
            assert getattr(rich.figures, name) == pytest.approx(getattr(self.result.figures, name), rel=1e-12)

    def test_standard_errors_are_how_far_other_seeds_fall(self):
        runs = [monte_carlo(*BOOK, RETURNS, 2_000, seed=seed) for seed in range(60)]
        for name in ("var_95", "var_99", "es_95", "es_99", "probability_of_liquidation", "capital_for_99"):
            spread = np.std([getattr(run.figures, name) for run in runs], ddof=1)
            typical = np.median([getattr(run.standard_errors, name) for run in runs])
            # 60 runs know their own spread to 10 %.
            assert spread == pytest.approx(typical, rel=0.3), name

    def test_too_few_paths_have_no_standard_errors(self):
        errors = monte_carlo(*BOOK, RETURNS, 1).standard_errors
        assert math.isnan(errors.var_95)
        assert math.isnan(errors.es_99)
        assert math.isnan(monte_carlo(*BOOK, RETURNS, 50).standard_errors.var_99)


class TestSeeds:
    def test_the_same_seed_is_the_same_answer_and_another_is_another(self):
        once, again, other = (monte_carlo(*BOOK, RETURNS, 500, seed=seed).pnl for seed in (3, 3, 4))
        np.testing.assert_array_equal(once, again)
        assert (once != other).all()

    @pytest.mark.parametrize("method", ["bootstrap", "student_copula", "filtered"])
    @pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
    def test_a_longer_run_repeats_a_shorter_one_first(self, method):
        long, short = (monte_carlo(*BOOK, RETURNS, count, 2, method=method) for count in (15_000, 12_000))
        np.testing.assert_array_equal(long.pnl[:12_000], short.pnl)
        np.testing.assert_array_equal(long.capital[:12_000], short.capital)
        np.testing.assert_array_equal(long.path_equity[:12_000], short.path_equity)

    def test_progress_is_told_and_ends_with_all(self):
        told = []
        monte_carlo(*BOOK, RETURNS, 25_000, 2, progress=lambda done, of: told.append((done, of)))
        assert told == [(10922, 25000), (21844, 25000), (25000, 25000)]


@given(st.integers(0, 1000))
def test_a_short_in_a_mirrored_market_is_the_long(seed):
    """Over one bar; over several, simple returns up and down are not each other's mirror."""
    long = monte_carlo([2, -1, 3], [100, 40, 10], 30, RETURNS, 100, 1, seed, maintenance_rates=0.0)
    short = monte_carlo([-2, 1, -3], [100, 40, 10], 30, -RETURNS, 100, 1, seed, maintenance_rates=0.0)
    np.testing.assert_allclose(long.pnl, short.pnl, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(long.liquidated, short.liquidated)


@given(st.integers(0, 1000), st.sampled_from([2.0**-10, 2.0**10]))
def test_scaling_quantities_and_equity_scales_the_money_and_no_probability(seed, scale):
    here = monte_carlo(*BOOK, RETURNS, 100, 5, seed)
    there = monte_carlo(scale * np.array(BOOK[0]), BOOK[1], scale * BOOK[2], RETURNS, 100, 5, seed)
    np.testing.assert_allclose(there.capital, scale * here.capital, rtol=1e-12)
    np.testing.assert_allclose(there.path_equity, scale * here.path_equity, rtol=1e-9)
    np.testing.assert_array_equal(there.liquidated, here.liquidated)


def test_one_endless_block_is_the_history_itself_followed_hour_by_hour():
    """Every path is then a stretch of the history, which `follow` can be given."""
    more = {"liquidation_fee": 0.01, "isolated": [NAN, 8.0, NAN], "stops": [NAN, NAN, 18.0]}
    result = monte_carlo(*BOOK, RETURNS, 64, 30, block_length=1e12, funding_rates=0.001, **more)
    ends = {}
    for start in range(300):
        rows = RETURNS[(start + np.arange(30)) % 300]
        prices = np.array(BOOK[1]) * np.vstack([np.ones(3), np.cumprod(1 + rows, axis=0)])
        followed = follow(BOOK[0], prices, 40.0, funding_rates=0.001, **more)
        ends[start] = (followed.final_equity, followed.liquidated.sum(), followed.order[0] if followed.order else NAN)
    ours = np.column_stack([result.path_equity, result.liquidated, result.first_liquidated])
    for path in ours:
        distance = np.nansum(np.abs(np.array(list(ends.values())) - path), axis=1)
        assert distance.min() < 1e-9
    assert 0 < (result.liquidated > 0).sum() < 64


class TestGapsAndContractsNotHeld:
    def test_rows_with_a_gap_are_left_out_and_said(self):
        gappy = RETURNS.copy()
        gappy[[5, 77], [0, 2]] = NAN
        with pytest.warns(DataWarning, match="returns: 2 of 300 rows dropped"):
            result = monte_carlo(*BOOK, gappy, 200)
        bare = monte_carlo(*BOOK, np.delete(RETURNS, [5, 77], axis=0), 200)
        np.testing.assert_array_equal(result.pnl, bare.pnl)

    @pytest.mark.filterwarnings("error")
    def test_a_contract_that_is_not_held_needs_nothing_and_changes_nothing(self):
        more = np.insert(RETURNS, 1, NAN, axis=1)
        result = monte_carlo([3, 0, -2, 1], [100, NAN, 50, 20], 40, more, 2_000, funding_rates=[0.0, NAN, 0.0, 0.0])
        bare = monte_carlo(*BOOK, RETURNS, 2_000)
        np.testing.assert_array_equal(result.capital, bare.capital)
        columns = np.array([NAN, 1, 3, 4])[np.nan_to_num(bare.first_liquidated).astype(int)]
        np.testing.assert_array_equal(result.first_liquidated, columns)

    def test_an_account_below_its_maintenance_is_said_and_liquidated_on_each_path(self):
        with pytest.warns(DataWarning, match="below its maintenance margin already"):
            result = monte_carlo([1], [100], 0.5, RETURNS[:, :1], 50)
        assert result.figures.probability_of_liquidation == 1
        np.testing.assert_array_equal(result.liquidated_bar, 0)


@pytest.mark.parametrize(
    ("changed", "error", "reason"),
    [
        ({"quantities": [0, 0, 0]}, ArgumentError, "quantities are all 0"),
        ({"quantities": [1, NAN, 1]}, MissingDataError, "quantities has no value at position 2"),
        ({"prices": [1, NAN, 1]}, MissingDataError, "prices has no value at position 2"),
        ({"prices": [1, -1, 1]}, ArgumentError, "prices is -1"),
        ({"equity": 0}, ArgumentError, "equity is 0; it must be above 0"),
        ({"returns": RETURNS[:, :2]}, ArgumentError, "returns has 2 columns where 3 are needed"),
        ({"returns": RETURNS[:1]}, MissingDataError, "returns has too few complete rows, 1 where 2 are needed"),
        ({"returns": RETURNS * 100}, ArgumentError, "a simple return is above -1"),
        ({"scenarios": 0}, ArgumentError, "scenarios is 0; it must be at least 1"),
        ({"scenarios": 10**9}, ArgumentError, "scenarios is 1e[+]09; it must be at most"),
        ({"scenarios": 2.5}, ArgumentError, "scenarios is 2.5; it must be a whole number"),
        ({"horizon": 0}, ArgumentError, "horizon is 0; it must be at least 1"),
        ({"horizon": 10**6}, ArgumentError, "horizon is 1e[+]06; it must be at most 8760"),
        ({"seed": -1}, ArgumentError, "seed is -1; it must be at least 0"),
        ({"seed": 2**32}, ArgumentError, "seed is .* at most"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1"),
        ({"method": "boostrap"}, ArgumentError, "did you mean 'bootstrap'"),
        ({"block_length": 0.5}, ArgumentError, "block_length is 0.5; it must be at least 1"),
        ({"funding_rates": [0.0, NAN, 0.0]}, MissingDataError, "funding_rates has no value at position 2"),
        ({"funding_rates": [0.0, 0.0]}, ArgumentError, "funding_rates has 2 values where 3"),
        ({"isolated": [-1, NAN, NAN]}, ArgumentError, "isolated is -1"),
        ({"method": "student_copula", "returns": RETURNS[:99]}, MissingDataError, "99 where 100 are needed"),
        ({"method": "filtered", "returns": RETURNS[:49]}, MissingDataError, "49 where 50 are needed"),
    ],
)
def test_bad_input(changed, error, reason):
    good = {"quantities": BOOK[0], "prices": BOOK[1], "equity": BOOK[2], "returns": RETURNS, "scenarios": 10}
    with pytest.raises(error, match=reason):
        monte_carlo(**{**good, **changed})


def test_prices_in_place_of_returns_are_refused():
    with pytest.raises(ArgumentError, match="select returns, not prices"):
        monte_carlo([1], [100], 50, [[100.0], [90.0], [95.0]])


def test_a_run_without_end_is_refused_with_what_can_be_asked():
    with pytest.raises(ArgumentError, match="ask for 5,707 scenarios"):
        monte_carlo([1], [100], 50, [[0.01], [-0.02], [0.03]], scenarios=1_000_000, horizon=8_760)
