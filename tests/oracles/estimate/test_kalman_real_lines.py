"""The search for the most likely ratios of walking betas loses no top: forty real lines against a dense search."""

import numpy as np
import pandas as pd

from core.estimate.beta.kalman_loops import likelihood_sums
from core.estimate.beta.signal_to_noise import NEGLIGIBLE, log_likelihood, most_likely_ratios

ROWS, APART, WINDOWS = 1_000, 1_600, 20
QUARTERS = np.append(-np.inf, np.arange(-9, 2.01, 0.25))
"""Powers of ten of either ratio, four times as dense as those that the search begins with."""


def heights(y, x, q_alpha, q_beta):
    return log_likelihood(*likelihood_sums(y, x, q_alpha, q_beta))


def test_no_top_is_lost_on_forty_real_lines(shared_data):
    closes = {
        symbol: pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet", columns=["close"])["close"]
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    }
    returns = pd.DataFrame(closes).pct_change(fill_method=None).iloc[-WINDOWS * APART :].to_numpy()
    alphas, betas = (np.repeat(10 ** grid.reshape(-1, 1), 2, axis=1) for grid in np.meshgrid(QUARTERS, QUARTERS))
    lost = []
    for first in range(0, WINDOWS * APART, APART):
        market, y = returns[first : first + ROWS, 0], returns[first : first + ROWS, 1:]
        x = market / np.sqrt(np.nanmean(market**2))
        found = heights(y, x, *(ratio[np.newaxis] for ratio in most_likely_ratios(y, x, None, None)))[0]
        lost.extend(heights(y, x, alphas, betas).max(axis=0) - found)
    assert len(lost) == 40
    assert max(lost) <= 2 * NEGLIGIBLE
