from __future__ import annotations

import numpy as np
import pytest

from core.decide.policy.outlook import Methods, Outlook
from core.decide.policy.past import Past
from core.errors import DataWarning, MissingDataError, UndefinedError
from core.estimate.beta.methods import estimate_beta
from core.estimate.covariance.methods import covariance
from core.numeric.rolling_moments import RollingMoments

rng = np.random.default_rng(3)
MARKET = rng.normal(0.001, 0.02, 300)
RETURNS = np.column_stack([1.5 * MARKET, 0.5 * MARKET])
FALLS = np.tile([0.01, 0.01, -0.03], 20)


def outlook(*arguments: object, **options: object) -> Outlook:
    return Outlook(Past(*arguments, **options))


def test_betas_are_those_of_the_benchmark() -> None:
    assert outlook(RETURNS, MARKET).betas == pytest.approx([1.5, 0.5])
    assert outlook(RETURNS).betas == pytest.approx([1.5, 0.5])  # the mean of both is the benchmark itself


def test_methods_choose_the_estimators() -> None:
    noisy = RETURNS + rng.normal(0, 0.01, RETURNS.shape)
    seen = Outlook(Past(noisy, MARKET, periods_per_year=8760), Methods("ewma", "ewma", 20))
    assert seen.betas.tolist() == estimate_beta(noisy, MARKET, "ewma", 20).tolist()
    assert seen.covariance.tolist() == covariance(noisy, "ewma", 8760, 20).tolist()


def test_expected_returns_are_the_capm_less_funding() -> None:
    seen = outlook(RETURNS, MARKET, funding=[0.1, 0.02], risk_free=0.04, market_return=0.14)
    assert seen.expected_returns == pytest.approx([0.04 + 0.15 - 0.10, 0.04 + 0.05 - 0.02])
    assert seen.priced.premium == pytest.approx([0.15, 0.05])
    assert seen.priced.funding.tolist() == [0.1, 0.02]


def test_a_view_replaces_the_premium() -> None:
    seen = outlook(RETURNS, MARKET, funding=0.02, views=[np.nan, 0.3], risk_free=0.04, market_return=0.14)
    assert seen.expected_returns == pytest.approx([0.04 + 0.15 - 0.02, 0.3 - 0.02])


def test_a_market_return_that_is_not_stated_is_its_mean_so_far() -> None:
    expected = 365 * MARKET.mean() * np.array([1.5, 0.5])
    assert outlook(RETURNS, MARKET).expected_returns == pytest.approx(expected)


def test_the_tilt_pays_for_the_variance_premium_of_a_contract_with_options() -> None:
    past = Past(RETURNS, MARKET, implied_vols=[0.9, np.nan], market_return=0.1)
    with pytest.warns(DataWarning, match="implied_vol is missing at position 2"):
        tilted = Outlook(past, Methods(variance_tilt=0.1)).expected_returns
    premium = 0.9**2 - 365 * np.mean(RETURNS[:, 0] ** 2)
    assert tilted - Outlook(past).expected_returns == pytest.approx([0.1 * premium, 0])


def test_without_options_there_is_no_variance_premium() -> None:
    for past in (Past(RETURNS), Past(RETURNS, implied_vols=[np.nan, np.nan])):
        assert np.isnan(Outlook(past).variance_premiums).all()


def test_a_contract_without_history_is_named() -> None:
    seen = outlook(np.column_stack([MARKET, np.full(300, np.nan)]), MARKET, market_return=0.1)
    with pytest.raises(MissingDataError, match="betas has no value at position 2"), pytest.warns():
        _ = seen.expected_returns


def test_each_figure_is_estimated_once() -> None:
    seen = outlook(RETURNS, MARKET)
    assert seen.betas is seen.betas
    assert seen.covariance is seen.covariance
    assert seen.expected_returns is seen.expected_returns


class TestScores:
    def test_they_are_low_where_falls_outweigh_swings(self) -> None:
        assert outlook(np.column_stack([FALLS, -FALLS])).scores == pytest.approx([-1, 1])

    def test_they_count_the_premium_of_options_as_much(self) -> None:
        seen = outlook(np.column_stack([FALLS, -FALLS]), implied_vols=[0.9, 0.5])
        assert seen.scores == pytest.approx([0, 0], abs=1e-12)

    def test_without_any_options_they_are_those_of_the_falls(self) -> None:
        block = np.column_stack([FALLS, -FALLS])
        assert outlook(block, implied_vols=[np.nan, np.nan]).scores.tolist() == outlook(block).scores.tolist()

    def test_a_contract_that_does_not_move_is_scored_on_its_premium(self) -> None:
        past = Past(np.column_stack([MARKET, np.zeros(300)]), implied_vols=[0.0, 0.5])
        assert Outlook(past, Methods(covariance="sample")).scores[1] == pytest.approx(1)


class TestSelect:
    NOISY = np.column_stack([RETURNS, MARKET]) + rng.normal(0, 0.01, (300, 3))
    CHOSEN = np.array([True, False, True])

    def test_figures_are_those_estimated_among_all(self) -> None:
        whole = outlook(self.NOISY, funding=[0.1, 0.2, 0.3], implied_vols=[0.5, 0.6, 0.7])
        part = whole.select(self.CHOSEN)
        assert part.betas.tolist() == whole.betas[self.CHOSEN].tolist()
        assert part.covariance.tolist() == whole.covariance[np.ix_(self.CHOSEN, self.CHOSEN)].tolist()
        assert part.expected_returns.tolist() == whole.expected_returns[self.CHOSEN].tolist()
        assert part.variance_premiums.tolist() == whole.variance_premiums[self.CHOSEN].tolist()
        assert part.priced.total == pytest.approx(whole.priced.total[self.CHOSEN])
        assert part.returns.tolist() == self.NOISY[:, self.CHOSEN].tolist()
        # Shrinkage looks at all contracts: fewer of them would be another estimate.
        assert not np.allclose(part.covariance, covariance(self.NOISY[:, self.CHOSEN], "ledoit_wolf", 365))

    def test_scores_compare_the_chosen_alone(self) -> None:
        whole = outlook(self.NOISY, implied_vols=[0.5, 0.6, 0.7])
        assert whole.select(self.CHOSEN).scores.sum() == pytest.approx(0, abs=1e-12)
        assert abs(whole.scores[self.CHOSEN].sum()) > 1e-3


@pytest.mark.parametrize("methods", [Methods(), Methods(covariance="sample"), Methods("shrunk", "shrunk_correlation")])
def test_moments_shared_by_windows_give_the_figures_of_their_rows(methods: Methods) -> None:
    noisy = RETURNS + rng.normal(0, 0.01, RETURNS.shape)
    rolling = RollingMoments(np.column_stack([noisy, MARKET]), 100)
    for row in (99, 123, 260):
        rows = slice(row - 99, row + 1)
        past = Past(noisy[rows], MARKET[rows], funding=0.01, periods_per_year=8760)
        read, shared = Outlook(past, methods), Outlook(past, methods, (rolling, row))
        for figure in ("betas", "covariance", "expected_returns", "scores"):
            np.testing.assert_allclose(getattr(shared, figure), getattr(read, figure), rtol=1e-12, err_msg=figure)


def test_a_gap_or_a_still_benchmark_is_read_from_the_rows() -> None:
    gappy = RETURNS.copy()
    gappy[150, 0] = np.nan
    rolling = RollingMoments(np.column_stack([gappy, MARKET]), 100)
    past = Past(gappy[101:201], MARKET[101:201])
    with pytest.warns(DataWarning, match="1 of 100 rows dropped"):
        assert Outlook(past, rolling=(rolling, 200)).betas == pytest.approx([1.5, 0.5])
    still = np.zeros(300)
    rolling = RollingMoments(np.column_stack([RETURNS, still]), 100)
    with pytest.raises(UndefinedError, match="constant"):
        _ = Outlook(Past(RETURNS[101:201], still[101:201]), rolling=(rolling, 200)).betas
