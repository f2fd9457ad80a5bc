"""The CAPM: fund facts, identities, gaps and figures that do not exist. Estimates: tests/oracles."""

from dataclasses import fields

import numpy as np
import pytest

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.beta.methods import ols_beta
from core.estimate.capm import capm, capm_premium, capm_return

NAN = np.nan


def sample(rows=250, columns=3):
    rng = np.random.default_rng(11)
    market = rng.normal(0.0005, 0.01, rows)
    return np.outer(market, [0.5, 1.0, 1.5][:columns]) + rng.normal(0.0002, 0.01, (rows, columns)), market


class TestRequiredReturn:
    def test_a_beta_of_one_at_five_percent_and_a_premium_of_seven_requires_twelve(self):
        assert capm_return(1, 0.05, 0.12) == pytest.approx(0.12, rel=1e-15)

    def test_it_works_element_by_element(self):
        np.testing.assert_allclose(capm_return([0, 0.5, 2, -1], 0.05, 0.12), [0.05, 0.085, 0.19, -0.02])

    def test_a_missing_beta_requires_nothing_known(self):
        assert np.isnan(capm_return([NAN], 0.05, 0.12))[0]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("x", 0.05, 0.12), "beta must hold numbers"),
            ((1, "x", 0.12), "risk_free must hold numbers"),
            ((1, 0.05, np.inf), "market_return is infinite"),
            (([1, 2], [1, 2, 3], 1), r"shapes do not fit together: beta \(2,\), risk_free \(3,\)"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, arguments, words):
        with pytest.raises(ArgumentError, match=words):
            capm_return(*arguments)


def test_beta_is_the_beta_of_the_beta_module():
    assets, market = sample()
    np.testing.assert_allclose(capm(assets, market, 0.05).beta, ols_beta(assets, market), rtol=1e-12)


def test_realised_return_is_expected_return_plus_alpha():
    fit = capm(*sample(), risk_free=0.05)
    np.testing.assert_allclose(fit.realised_return, fit.expected_return + fit.alpha, rtol=1e-12)


def test_realised_return_and_premium_are_annual_means():
    assets, market = sample()
    fit = capm(assets, market, 0.05, 8760)
    np.testing.assert_allclose(fit.realised_return, assets.mean(axis=0) * 8760, rtol=1e-12)
    np.testing.assert_allclose(fit.market_premium, market.mean() * 8760 - 0.05, rtol=1e-12)


def test_the_ratios_are_what_their_names_say():
    fit = capm(*sample(), risk_free=0.03)
    np.testing.assert_allclose(fit.treynor, (fit.realised_return - 0.03) / fit.beta, rtol=1e-12)
    np.testing.assert_allclose(fit.appraisal, fit.alpha / fit.residual_volatility, rtol=1e-12)
    np.testing.assert_allclose(fit.beta_t, fit.beta / fit.beta_se, rtol=1e-12)
    np.testing.assert_allclose(fit.alpha_t, fit.alpha / fit.alpha_se, rtol=1e-12)


def test_a_risk_free_series_that_never_changes_is_a_risk_free_number():
    assets, market = sample()
    series, number = capm(assets, market, np.full((250, 1), 0.05)), capm(assets, market, 0.05)
    for field in fields(number):
        np.testing.assert_allclose(getattr(series, field.name), getattr(number, field.name), rtol=1e-12)


def test_a_risk_free_series_is_taken_off_row_by_row():
    assets, market = sample()
    rate = np.linspace(0, 0.2, 250)
    fit = capm(assets, market, rate)
    excess = capm(assets - rate[:, None] / 365, market - rate / 365)
    np.testing.assert_allclose(fit.beta, excess.beta, rtol=1e-12)
    np.testing.assert_allclose(fit.expected_return, 0.1 + fit.beta * fit.market_premium, rtol=1e-12)


def test_a_year_of_more_bars_scales_what_is_annual_and_nothing_else():
    daily, hourly = capm(*sample()), capm(*sample(), periods_per_year=8760)
    for name in ("alpha", "alpha_se", "market_premium", "realised_return", "expected_return", "treynor"):
        np.testing.assert_allclose(getattr(hourly, name), getattr(daily, name) * 24, rtol=1e-12)
    for name in ("residual_volatility", "appraisal"):
        np.testing.assert_allclose(getattr(hourly, name), getattr(daily, name) * np.sqrt(24), rtol=1e-12)
    for name in ("beta", "beta_se", "beta_t", "alpha_t", "r_squared"):
        np.testing.assert_allclose(getattr(hourly, name), getattr(daily, name), rtol=1e-12)


def test_the_market_itself_fits_perfectly_and_has_no_t():
    _, market = sample()
    fit = capm(market, market, 0.05)
    assert fit.beta[0] == pytest.approx(1, rel=1e-14)
    assert fit.r_squared[0] == 1
    assert fit.residual_volatility[0] == fit.beta_se[0] == fit.alpha_se[0] == 0
    assert abs(fit.alpha[0]) < 1e-15
    assert np.isnan([fit.beta_t[0], fit.alpha_t[0], fit.appraisal[0]]).all()


@pytest.mark.parametrize("constant", [0.0, 0.1])
def test_a_contract_that_never_moves_has_a_beta_of_zero_and_no_fit(constant):
    _, market = sample()
    fit = capm(np.full(250, constant), market)
    assert fit.beta[0] == fit.residual_volatility[0] == 0
    assert fit.realised_return[0] == pytest.approx(constant * 365)
    assert np.isnan([fit.r_squared[0], fit.treynor[0], fit.beta_t[0]]).all()


def test_through_the_origin_there_is_no_alpha():
    fit = capm(*sample(), intercept=False)
    assert np.isnan([fit.alpha, fit.alpha_se, fit.alpha_t, fit.appraisal]).all()
    assert np.isfinite([fit.beta, fit.beta_se, fit.r_squared, fit.treynor]).all()


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_gaps_are_dropped_pair_by_pair(intercept):
    assets, market = sample()
    rate = np.full(250, 0.05)
    assets[3, 0] = assets[90:95, 2] = market[150] = rate[200] = NAN
    together = capm(assets, market, rate, intercept=intercept)
    assert together.observations.tolist() == [247, 248, 243]
    for column in range(3):
        keep = np.isfinite(assets[:, column] + market + rate)
        alone = capm(assets[keep, column], market[keep], rate[keep], intercept=intercept)
        for field in fields(alone):
            np.testing.assert_allclose(
                getattr(together, field.name)[column], getattr(alone, field.name)[0], rtol=1e-9, err_msg=field.name
            )


def test_a_contract_with_too_few_rows_is_missing_but_its_count():
    assets, market = sample()
    assets[2:, 1] = NAN
    with pytest.warns(DataWarning, match="column 2 has 2 complete rows where 3 are needed"):
        fit = capm(assets, market)
    assert fit.observations.tolist() == [250, 2, 250]
    for field in fields(fit):
        assert getattr(fit, field.name).shape == (3,)
        assert np.isfinite(getattr(fit, field.name)[[0, 2]]).all()
        assert field.name == "observations" or np.isnan(getattr(fit, field.name)[1])


@pytest.mark.parametrize("rows", [3, 1000])
def test_every_field_has_one_value_a_contract(rows):
    fit = capm(*sample(rows))
    assert {getattr(fit, field.name).shape for field in fields(fit)} == {(3,)}


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"asset_returns": [0.1, 0.2]}, ArgumentError, "asset_returns has 2 rows and market_returns has 4"),
        ({"asset_returns": ["x"] * 4}, ArgumentError, "asset_returns must hold numbers"),
        ({"asset_returns": [0.1, 0.2, NAN, NAN]}, MissingDataError, "too few complete rows, 2 where 3"),
        ({"market_returns": [0.01] * 4}, UndefinedError, "market_returns are constant"),
        ({"market_returns": [0.0] * 4, "intercept": False}, UndefinedError, "market_returns are constant"),
        ({"risk_free": [0.1, 0.2]}, ArgumentError, "risk_free has 2 values where 4"),
        ({"risk_free": "x"}, ArgumentError, "risk_free must hold numbers"),
        ({"risk_free": NAN}, MissingDataError, "too few complete rows"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields_ = {"asset_returns": [0.1, 0.2, 0.1, 0.3], "market_returns": [0.1, 0.3, -0.1, 0.2]}
    with pytest.raises(error, match=words):
        capm(**(fields_ | changes))


class TestPremium:
    def test_the_fund_pays_when_it_earns_what_its_beta_requires(self):
        verdict = capm_premium([0.13, 0.12, 0.11], 1.0, 0.05, 0.12)
        np.testing.assert_allclose(verdict.required_return, 0.12)
        np.testing.assert_allclose(verdict.excess, [0.01, 0, -0.01], atol=1e-15)
        assert verdict.pays.tolist() == [1, 1, 0]
        assert np.isnan(verdict.sharpe).all()

    def test_a_required_return_that_rounds_is_met(self):
        assert capm_return(1.3, 0.05, 0.12) > 0.141
        assert capm_premium(0.141, 1.3, 0.05, 0.12).pays[0] == 1

    def test_the_sharpe_ratio_has_to_reach_its_hurdle_too(self):
        verdict = capm_premium([0.20, 0.20, 0.10], [1, 1, 0.1], 0.05, 0.12, [0.5, 1.0, 0.05], 0.3)
        np.testing.assert_allclose(verdict.sharpe, [0.3, 0.15, 1.0])
        assert verdict.pays.tolist() == [1, 0, 1]

    def test_a_figure_that_is_missing_leaves_the_verdict_open(self):
        assert np.isnan(capm_premium([0.2, NAN, 0.2], [NAN, 1, 1], 0.05, 0.12).pays).tolist() == [True, True, False]
        with_volatility = capm_premium(0.2, 1, 0.05, 0.12, [0.5, NAN])
        assert with_volatility.pays.tolist()[0] == 1
        assert np.isnan(with_volatility.pays[1])

    def test_each_contract_may_have_figures_of_its_own(self):
        verdict = capm_premium(0.1, [0.5, 1.0], [0.02, 0.05], 0.12)
        np.testing.assert_allclose(verdict.required_return, [0.07, 0.12])
        assert {getattr(verdict, field.name).shape for field in fields(verdict)} == {(2,)}

    @pytest.mark.parametrize("scale", [1e-4, 3.0])
    def test_a_verdict_holds_in_any_unit_of_time(self, scale):
        expected = np.array([0.3, 0.1, -0.2])
        year = capm_premium(expected, [1, 1.5, -1], 0.05, 0.12, 0.6, 0.2)
        bar = capm_premium(
            expected * scale, [1, 1.5, -1], 0.05 * scale, 0.12 * scale, 0.6 * np.sqrt(scale), 0.2 * np.sqrt(scale)
        )
        np.testing.assert_array_equal(bar.pays, year.pays)
        np.testing.assert_allclose(bar.excess, year.excess * scale, rtol=1e-12)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"expected_return": "x"}, "expected_return must hold numbers"),
            ({"beta": np.inf}, "beta is infinite"),
            ({"risk_free": "x"}, "risk_free must hold numbers"),
            ({"market_return": [0.1, 0.2, 0.3]}, r"shapes do not fit together.*market_return \(3,\)"),
            ({"volatility": 0}, "volatility is 0; it must be above 0"),
            ({"volatility": [0.5, -0.1]}, "volatility is -0.1"),
            ({"sharpe_hurdle": "x"}, "sharpe_hurdle must hold numbers"),
            ({"volatility": None}, "sharpe_hurdle is measured on volatility; give volatility too"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, changes, words):
        good = {
            "expected_return": [0.1, 0.2],
            "beta": 1.0,
            "risk_free": 0.05,
            "market_return": 0.12,
            "volatility": 0.5,
            "sharpe_hurdle": 0.1,
        }
        with pytest.raises(ArgumentError, match=words):
            capm_premium(**(good | changes))
