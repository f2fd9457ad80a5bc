"""The second search for a GARCH volatility ends at the best maximum, not at the first one that gains a little."""

from __future__ import annotations

import numpy as np
import pytest

from core.estimate.volatility.garch import garch
from xladdin.second_opinion.inferred.swings import garch_volatility


@pytest.mark.filterwarnings("ignore:returns. omega is at its bound")
def test_a_likelihood_with_two_maxima_is_searched_for_the_better_one():
    """Heavy tails under a slow swell: one maximum follows single bars, the better one the swell."""
    swell = np.exp(0.25 * np.sin(np.arange(1500) / 350))
    returns = np.random.default_rng(26).standard_t(4, 1500) * 0.006 * swell
    assert garch_volatility(returns) == pytest.approx(garch(returns).volatility_now[0], rel=1e-5)
