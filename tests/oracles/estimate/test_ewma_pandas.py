"""Exponentially weighted beta and covariance against pandas' ewm, with and without gaps."""

import numpy as np
import pandas as pd
import pytest

from core.estimate.beta.methods import ewma_beta
from core.estimate.covariance.methods import covariance

HALFLIVES = [5, 60, 1000]


def sample(rows=400, gaps=False):
    rng = np.random.default_rng(13)
    frame = pd.DataFrame(rng.normal(0, 0.01, (rows, 4)), columns=["market", "a", "b", "c"])
    frame["a"] += 0.5 * frame["market"]
    frame["b"] += 1.5 * frame["market"]
    if gaps:
        frame.iloc[50:60, 1] = np.nan
        frame.iloc[[7, 390], 2] = np.nan
        frame.iloc[200, 0] = np.nan
    return frame


@pytest.mark.parametrize("halflife", HALFLIVES)
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_beta_is_the_last_of_pandas(halflife, gaps):
    frame = sample(gaps=gaps)
    expected = []
    for name in "abc":
        pair = frame[["market", name]].where(frame[["market", name]].notna().all(axis=1))
        weighted = pair.ewm(halflife=halflife)
        expected.append((weighted.cov().loc[399].loc["market", name]) / weighted.var()["market"].iloc[-1])
    ours = ewma_beta(frame[["a", "b", "c"]], frame["market"], halflife)
    np.testing.assert_allclose(ours, expected, rtol=1e-10)


@pytest.mark.parametrize("halflife", HALFLIVES)
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_covariance_is_the_last_of_pandas(halflife, gaps):
    frame = sample(gaps=gaps)
    complete = frame.where(frame.notna().all(axis=1))
    expected = complete.ewm(halflife=halflife).cov().loc[399].to_numpy()
    ours = covariance(frame, "ewma", halflife=halflife, gaps="listwise")
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-10 * expected.max())


@pytest.mark.parametrize("halflife", HALFLIVES)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_with_gaps_each_variance_is_that_of_its_own_rows(halflife):
    frame = sample(gaps=True)
    expected = frame.ewm(halflife=halflife).var().loc[399].to_numpy()
    np.testing.assert_allclose(np.diag(covariance(frame, "ewma", halflife=halflife)), expected, rtol=1e-10)
