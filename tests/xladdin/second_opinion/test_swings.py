"""The second search for a GARCH volatility ends at the best maximum, not at the first one that gains a little."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from core.errors import DataWarning
from core.estimate.volatility.garch import garch
from tests.synthetic_desk import synthetic_desk
from xladdin.second_opinion.inferred.swings import garch_volatility


@pytest.mark.filterwarnings("ignore:returns. omega is at its bound")
def test_a_likelihood_with_two_maxima_is_searched_for_the_better_one():
    """Heavy tails under a slow swell: one maximum follows single bars, the better one the swell."""
    swell = np.exp(0.25 * np.sin(np.arange(1500) / 350))
    returns = np.random.default_rng(26).standard_t(4, 1500) * 0.006 * swell
    assert garch_volatility(returns) == pytest.approx(garch(returns).volatility_now[0], rel=1e-5)


@pytest.mark.parametrize(("seed", "column"), [(0, 15), (11, 5), (11, 27), (13, 24)])
def test_both_find_the_slight_clustering_of_days_that_are_all_but_independent(seed, column):
    """Its maximum stands beside a higher one without clustering, where the variance only drifts from its start."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.006, (366, 1)) + rng.normal(0, 0.006, (366, 60))
    closes = 100 * np.exp(np.cumsum(steps, axis=0))
    returns = (closes[1:] / closes[:-1] - 1)[:, column]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # beta is on its bound
        fit = garch(returns)
    assert fit.alpha[0] > 0
    assert garch_volatility(returns) == pytest.approx(fit.volatility_now[0], rel=1e-5)


def test_a_search_that_stops_beside_its_maximum_goes_on() -> None:
    """One of its starts stops short of a variance that only drifts, with an alpha that looks like clustering."""
    returns = synthetic_desk(7, 8).panel.returns()[-720:, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # beta is on its bound
        fit = garch(returns)
    assert garch_volatility(returns) == pytest.approx(fit.volatility_now[0], rel=1e-5)
