"""GARCH(1,1): invariants, forecasts, what has no answer, and bad input. Benchmark and peers: tests/oracles."""

import warnings
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.volatility.garch import GarchFit, garch, term_structure
from core.estimate.volatility.garch_loops import COMPILED, NUMPY

NAN = np.nan


def likelihood(parameters, returns):
    """Minus the log-likelihood of one model."""
    return float(NUMPY.likelihood(parameters[np.newaxis], returns[np.newaxis], np.zeros(1, dtype=np.intp))[0])


def simulated(rows=1500, alpha=0.1, beta=0.85, seed=4, scale=0.01, mean=0.0002):
    rng = np.random.default_rng(seed)
    h = square = 1.0
    values = []
    for shock in rng.normal(size=rows + 100):
        h = 1 - alpha - beta + alpha * square + beta * h
        values.append(h**0.5 * shock)
        square = values[-1] ** 2
    return mean + scale * np.array(values[100:])


def figures(fit):
    return {field.name: getattr(fit, field.name) for field in fields(fit)}


def test_the_parameters_come_back_within_their_errors():
    fit = garch(simulated(8000))
    truth = {"mu": 0.0002, "omega": 0.05e-4, "alpha": 0.1, "beta": 0.85}
    for name, value in truth.items():
        assert abs(getattr(fit, name)[0] - value) < 3 * getattr(fit, f"se_{name}")[0]
    assert fit.volatility_long_run[0] == pytest.approx(0.01, rel=0.1)


def test_a_maximum_is_one():
    """No step of a thousandth of a standard error along any parameter raises the likelihood."""
    returns = simulated()
    fit = garch(returns)
    best = np.array([fit.mu[0], fit.omega[0], fit.alpha[0], fit.beta[0]])
    errors = np.array([fit.se_mu[0], fit.se_omega[0], fit.se_alpha[0], fit.se_beta[0]])
    assert -likelihood(best, returns) == pytest.approx(fit.log_likelihood[0], rel=1e-12)
    for move in np.diag(0.01 * errors):
        for sign in (1, -1):
            assert -likelihood(best + sign * move, returns) < fit.log_likelihood[0]


@pytest.mark.parametrize("scale", [1e-5, 1e-2, 1.0, -3.0, 1e6])
def test_the_scale_of_returns_passes_through(scale):
    plain, scaled = garch(simulated()), garch(simulated() * scale)
    powers = {"mu": 1, "omega": 2, "se_mu": 1, "se_omega": 2} | dict.fromkeys(
        ("volatility_now", "volatility_horizon", "volatility_long_run"), 1
    )
    for name, value in figures(plain).items():
        if name == "log_likelihood":
            expected = value - 1500 * np.log(abs(scale))
        else:
            power = powers.get(name, 0)
            expected = value * (scale if name == "mu" else abs(scale) ** power)
        np.testing.assert_allclose(getattr(scaled, name), expected, rtol=1e-6, err_msg=name)


def test_asked_twice_it_says_the_same_to_the_last_bit():
    returns = np.column_stack([simulated(seed=4), simulated(seed=5, scale=0.03)])
    first, second = figures(garch(returns)), figures(garch(returns.copy()))
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value)


def test_a_shift_moves_the_mean_only():
    plain, shifted = figures(garch(simulated())), figures(garch(simulated() + 0.05))
    assert shifted.pop("mu") - 0.05 == pytest.approx(plain.pop("mu"), abs=1e-10)
    for name, value in plain.items():
        np.testing.assert_allclose(shifted[name], value, rtol=1e-6, err_msg=name)


def test_many_contracts_are_fitted_each_for_itself():
    block = np.column_stack([simulated(seed=seed) for seed in (1, 2, 3)])
    together = garch(block, 24, 8760)
    for column in range(3):
        alone = garch(block[:, column], 24, 8760)
        for name, value in figures(alone).items():
            assert getattr(together, name)[column] == value[0]


def test_robust_errors_are_near_the_others_where_returns_are_normal_and_larger_where_they_are_not():
    normal = simulated(6000)
    fat = normal * np.random.default_rng(1).choice([0.6, 2.0], 6000, p=[0.84, 0.16])
    for name in ("se_omega", "se_alpha", "se_beta"):
        assert getattr(garch(normal, standard_errors="robust"), name)[0] == pytest.approx(
            getattr(garch(normal), name)[0], rel=0.25
        )
        assert getattr(garch(fat, standard_errors="robust"), name)[0] > 1.2 * getattr(garch(fat), name)[0]


class TestForecast:
    def test_the_next_bar_follows_from_the_parameters(self):
        returns = simulated()
        fit = garch(returns, periods_per_year=365)
        mu, omega, alpha, beta = (float(getattr(fit, name)[0]) for name in ("mu", "omega", "alpha", "beta"))
        h = square = np.mean((returns - mu) ** 2)
        for value in returns:
            h = omega + alpha * square + beta * h
            square = (value - mu) ** 2
        assert fit.volatility_now[0] ** 2 / 365 == pytest.approx(omega + alpha * square + beta * h, rel=1e-9)

    def test_a_horizon_of_one_is_now_and_a_long_one_the_long_run(self):
        assert garch(simulated(), 1).volatility_horizon == garch(simulated()).volatility_now
        far = garch(simulated(), 100_000)
        assert far.volatility_horizon[0] == pytest.approx(far.volatility_long_run[0], rel=1e-3)

    def test_the_term_structure_by_hand(self):
        # 4, then 1 + 0.5 x 4 = 3, then 1 + 0.5 x 3 = 2.5.
        assert term_structure(1.0, 0.5, 4.0, 3).tolist() == pytest.approx([4, 3.5, 9.5 / 3])

    @given(omega=st.floats(1e-9, 1e-3), p=st.floats(0, 1), now=st.floats(1e-9, 1e-2), horizon=st.integers(1, 400))
    def test_the_term_structure_is_the_mean_of_the_path(self, omega, p, now, horizon):
        path = [now]
        for _ in range(horizon - 1):
            path.append(omega + p * path[-1])
        np.testing.assert_allclose(term_structure(omega, p, now, horizon)[-1], np.mean(path), rtol=1e-10)


class TestEdges:
    def test_returns_without_clustering_have_a_constant_variance(self):
        """The volatility of what follows a large return is the smaller here, so alpha would be negative."""
        returns = np.tile([0.01, -0.03, 0.012, 0.028, -0.011, -0.029], 40)
        with pytest.warns(DataWarning, match="returns: volatility does not cluster, so alpha and beta are 0"):
            fit = garch(returns, 24)
        assert (fit.alpha[0], fit.beta[0], fit.persistence[0]) == (0, 0, 0)
        for name in ("volatility_now", "volatility_horizon", "volatility_long_run"):
            assert getattr(fit, name)[0] == pytest.approx(returns.std(), rel=1e-12)
        assert fit.se_mu[0] == pytest.approx(returns.std() / len(returns) ** 0.5, rel=1e-9)
        assert fit.se_omega[0] == pytest.approx(returns.var() * (2 / len(returns)) ** 0.5, rel=1e-9)
        assert np.isnan(fit.se_alpha[0])
        assert np.isnan(fit.se_beta[0])

    @pytest.mark.parametrize("tick", [1e-2, 1e-4])
    def test_a_price_that_goes_up_and_down_one_tick_has_a_constant_variance(self, tick):
        # Every return is as large as the others, so whatever alpha and beta say the variance is tick^2.
        with pytest.warns(DataWarning, match="does not cluster"):
            fit = garch(np.tile([tick, -tick], 500))
        np.testing.assert_allclose([fit.alpha[0], fit.beta[0], fit.volatility_now[0]], [0, 0, tick], rtol=1e-12)
        assert fit.log_likelihood[0] == pytest.approx(-500 * (np.log(2 * np.pi * tick**2) + 1), rel=1e-12)

    def test_at_the_edge_of_what_is_stationary_there_is_no_long_run(self):
        growing = np.random.default_rng(1).normal(size=300) * np.exp(np.linspace(-6, 3, 300))
        with pytest.warns(DataWarning, match=r"returns: alpha \+ beta is 1, the edge of what is stationary"):
            fit = garch(growing, 24)
        assert fit.persistence[0] == 1
        assert np.isnan(fit.volatility_long_run[0])
        assert np.isfinite(fit.volatility_horizon[0])
        assert fit.se_alpha[0] == pytest.approx(fit.se_beta[0], rel=1e-6)  # only their sum is held

    def test_with_omega_at_its_bound_there_is_no_long_run(self):
        calming = np.random.default_rng(0).normal(size=200) * np.linspace(0.03, 0.005, 200)
        with pytest.warns(DataWarning, match="returns: omega is at its bound, .* so there is no long-run volatility"):
            fit = garch(calming, 24)
        assert fit.omega[0] == pytest.approx(1e-10 * calming.var(), rel=1e-9)
        assert fit.persistence[0] < 1
        assert np.isnan([fit.se_omega[0], fit.volatility_long_run[0]]).all()
        assert np.isfinite([fit.se_alpha[0], fit.se_beta[0], fit.volatility_now[0], fit.volatility_horizon[0]]).all()

    def test_a_bound_takes_the_standard_error_of_what_it_holds(self):
        with pytest.warns(DataWarning, match="returns: beta is 0"):
            fit = garch(simulated(400, alpha=0.7, beta=0.0, seed=8))
        assert fit.beta[0] == 0
        assert np.isnan(fit.se_beta[0])
        assert np.isfinite([fit.se_mu[0], fit.se_omega[0], fit.se_alpha[0]]).all()

    def test_the_best_of_several_maxima_is_the_answer(self):
        """The climb from the best start ends at a maximum that is 0.86 lower."""
        h = square = 1.0
        values = []
        for shock in np.random.default_rng(23).standard_t(3, 250):
            h = 0.5 + 0.2 * square + 0.2 * h
            values.append(h**0.5 * shock)
            square = values[-1] ** 2
        returns = np.array(values)
        fit = garch(returns)
        assert fit.beta[0] < 0.1
        for alpha in np.linspace(0.01, 0.6, 15):
            for p in np.linspace(alpha, 0.99, 15):
                for level in (0.3, 0.6, 0.8, 1.0, 1.2):
                    point = np.array([fit.mu[0], level * (1 - p) * returns.var(), alpha, p - alpha])
                    assert -likelihood(point, returns) <= fit.log_likelihood[0]

    def test_contracts_of_unequal_lengths_are_each_fitted_as_alone(self):
        block = np.column_stack([simulated(600, seed=seed) for seed in range(5)])
        block[:200, 1] = block[:90, 3] = block[:200, 4] = NAN
        with pytest.warns(DataWarning, match="rows dropped"):
            together = garch(block)
        for column in range(5):
            alone = garch(block[np.isfinite(block[:, column]), column])
            for name in figures(alone):
                ours, theirs = getattr(together, name)[column], getattr(alone, name)[0]
                np.testing.assert_allclose(ours, theirs, rtol=1e-6, err_msg=name)

    def test_a_gap_is_dropped_and_said(self):
        returns = simulated()
        returns[[10, 700]] = NAN
        with pytest.warns(DataWarning, match="returns: 2 of 1500 rows dropped"):
            fit = garch(returns)
        assert figures(fit) == figures(garch(np.delete(returns, [10, 700])))

    def test_a_contract_that_cannot_be_fitted_is_missing_and_the_others_are_not(self):
        block = np.column_stack([simulated(), np.full(1500, 0.1), np.r_[simulated(40), np.full(1460, NAN)]])
        with pytest.warns(DataWarning) as said:
            fit = garch(block)
        assert np.isfinite(fit.volatility_now).tolist() == [True, False, False]
        words = [str(each.message) for each in said]
        assert any("returns, column 2: all values are the same" in each for each in words)
        assert any("returns, column 3 has too few complete rows, 40 where 50" in each for each in words)

    @pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
    @settings(max_examples=40)
    @given(seed=st.integers(0, 10_000), rows=st.integers(50, 150), tail=st.sampled_from([2, 3, 30]))
    def test_any_series_that_moves_has_an_answer(self, seed, rows, tail):
        rng = np.random.default_rng(seed)
        returns = rng.standard_t(tail, rows) * np.exp(rng.normal(0, 1) * np.linspace(-1, 1, rows))
        fit = garch(returns)
        parts = (fit.mu, fit.omega, fit.alpha, fit.beta, fit.persistence, fit.log_likelihood, fit.volatility_now)
        assert np.isfinite(parts).all()
        assert min(fit.omega[0], fit.volatility_now[0]) > 0
        assert min(fit.alpha[0], fit.beta[0]) >= 0
        assert fit.persistence[0] <= 1
        on_bound = fit.omega[0] <= 1.0001e-10 * returns.var()
        assert np.isnan(fit.volatility_long_run[0]) == (on_bound or fit.persistence[0] == 1)
        constant = -rows / 2 * (np.log(2 * np.pi * returns.var()) + 1)
        assert fit.log_likelihood[0] >= constant - 1e-6

    def test_a_bad_tick_does_not_stop_it(self):
        returns = simulated(800)
        returns[300] = 1e4
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            assert np.isfinite(garch(returns).volatility_now[0])


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_both_kernels_lead_to_the_same_fit(monkeypatch):
    block = np.column_stack([simulated(600, seed=seed) for seed in range(4)])
    fits = []
    for kernel in (NUMPY, COMPILED):
        monkeypatch.setattr("core.estimate.volatility.garch.kernel_for", lambda returns, fits, kernel=kernel: kernel)
        fits.append(garch(block, 24, 8760))
    for name in figures(fits[0]):
        np.testing.assert_allclose(getattr(fits[0], name), getattr(fits[1], name), rtol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"returns": [["x"]]}, ArgumentError, "returns must hold numbers"),
        ({"returns": simulated(49)}, MissingDataError, "returns has too few complete rows, 49 where 50 are needed"),
        ({"returns": np.full(100, NAN)}, MissingDataError, "returns has too few complete rows, 0 where 50"),
        ({"returns": np.full(100, 0.01)}, UndefinedError, "returns: all values are the same, so there is no GARCH"),
        ({"returns": np.zeros(100)}, UndefinedError, "returns: all values are the same"),
        ({"returns": np.full((100, 2), 0.01)}, UndefinedError, "returns, column 1: all values are the same"),
        ({"returns": np.r_[np.inf, simulated(99)]}, ArgumentError, "returns is infinite in row 1"),
        ({"horizon": 0}, ArgumentError, "horizon is 0; it must be at least 1"),
        ({"horizon": 2.5}, ArgumentError, "horizon is 2.5; it must be a whole number"),
        ({"horizon": 1e9}, ArgumentError, r"horizon is 1e\+09; it must be at most 1e\+06"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"standard_errors": "newey"}, ArgumentError, "standard_errors 'newey' is not known"),
    ],
)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        garch(**({"returns": simulated(100)} | arguments))


def test_the_fields_are_those_of_the_contract():
    assert [field.name for field in fields(GarchFit)] == [
        *("mu", "omega", "alpha", "beta", "persistence", "log_likelihood"),
        *("se_mu", "se_omega", "se_alpha", "se_beta"),
        *("volatility_now", "volatility_horizon", "volatility_long_run"),
    ]
