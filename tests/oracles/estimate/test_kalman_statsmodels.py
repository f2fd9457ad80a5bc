"""Kalman beta against statsmodels' state space filter with its exact diffuse start, and its likelihood's maximum."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from statsmodels.tsa.statespace.mlemodel import MLEModel

from core.estimate.beta.kalman import kalman_beta

RATIOS = [(0.0, 0.0), (1e-3, 0.0), (0.05, 1e-4), (1e-6, 0.02), (30.0, 30.0)]


class WalkingLine(MLEModel):
    """The same model: parameters are the noise variance and the ratios of beta and alpha."""

    def __init__(self, asset, market):
        super().__init__(asset, k_states=2, initialization="diffuse")
        self["design"] = np.vstack([np.ones_like(market), market])[np.newaxis]
        self["transition"] = self["selection"] = np.eye(2)

    def update(self, params, **kwargs):
        variance, beta_ratio, alpha_ratio = params
        self["obs_cov"] = np.array([[variance]])
        self["state_cov"] = variance * np.diag([alpha_ratio, beta_ratio])


def sample(rows=300, gaps=False, seed=31):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, rows)
    betas = np.linspace(0.5, 1.5, 3) + 0.08 * rng.normal(size=(rows, 3)).cumsum(axis=0)
    assets = market[:, np.newaxis] * betas + rng.normal(0, 0.01, (rows, 3))
    if gaps:
        assets[40:60, 0] = assets[[5, 299], 1] = np.nan
    return assets, market, np.sqrt(np.mean(market**2))


@pytest.mark.parametrize(("beta_ratio", "alpha_ratio"), RATIOS)
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_every_bar_is_that_of_statsmodels(beta_ratio, alpha_ratio, gaps):
    assets, market, scale = sample(gaps=gaps)
    filtered = kalman_beta(assets, market, beta_ratio, alpha_ratio)
    for column in range(3):
        model = WalkingLine(assets[:, column], market / scale)
        peer = model.filter([filtered.state.noise[column] ** 2, beta_ratio, alpha_ratio])
        (alpha, beta), errors = peer.filtered_state, np.sqrt(peer.filtered_state_cov[1, 1])
        # The first two bars only make the line known; both filters are exact from the second on.
        np.testing.assert_allclose(filtered.beta[1:, column], beta[1:] / scale, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(filtered.alpha[1:, column], alpha[1:], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(filtered.beta_se[1:, column], errors[1:] / scale, rtol=1e-9)


def test_without_signal_it_is_recursive_least_squares():
    assets, market, _ = sample()
    filtered = kalman_beta(assets, market, 0, 0)
    for column in range(3):
        peer = sm.RecursiveLS(assets[:, column], sm.add_constant(market)).fit()
        ours = filtered.beta[2:, column]
        np.testing.assert_allclose(ours, peer.recursive_coefficients.filtered[1][2:], rtol=1e-7, atol=1e-8)
        assert filtered.state.noise[column] ** 2 == pytest.approx(np.mean(peer.resid_recursive[2:] ** 2), rel=1e-8)


def test_likelihoods_of_two_ratios_differ_as_those_of_statsmodels():
    assets, market, scale = sample()
    ours, theirs = [], []
    for beta_ratio, alpha_ratio in RATIOS:
        state = kalman_beta(assets[:, :1], market, beta_ratio, alpha_ratio).state
        ours.append(state.log_likelihood[0])
        model = WalkingLine(assets[:, 0], market / scale)
        theirs.append(model.loglike([state.noise[0] ** 2, beta_ratio, alpha_ratio]))
    # The diffuse bars put the same constant into each.
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), rtol=1e-9)


def test_no_ratios_are_more_likely_than_those_estimated():
    assets, market, scale = sample()
    state = kalman_beta(assets, market).state
    for column in range(3):
        model = WalkingLine(assets[:, column], market / scale)
        best = (state.noise[column] ** 2, state.signal_to_noise[column], state.alpha_signal_to_noise[column])
        ours = model.loglike(best)

        def loss(logarithms, model=model):
            return -model.loglike(np.exp(logarithms))

        for start in ((1e-4, 1e-2, 1e-3), (2e-4, 1e-4, 1e-6)):
            found = minimize(loss, np.log(start), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
            assert -found.fun <= ours + 1e-7


def test_the_betas_of_real_returns_walk_and_their_alphas_hardly_do(shared_data):
    closes = {
        symbol: pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet", columns=["close"])["close"]
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    }
    returns = pd.DataFrame(closes).pct_change(fill_method=None).iloc[-720:].to_numpy()
    walking = kalman_beta(returns[:, 1:], returns[:, 0]).state
    standing = kalman_beta(returns[:, 1:], returns[:, 0], 0, 0).state
    # The likelihood ratio of one parameter is chi-squared: 11 is already one in a thousand.
    assert (2 * (walking.log_likelihood - standing.log_likelihood) > 25).all()
    assert (walking.alpha_signal_to_noise < 1e-4).all()
