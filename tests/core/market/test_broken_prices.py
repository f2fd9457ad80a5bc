"""A price in another unit is named with its place, whether it comes back or not; a market's own moves are not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from core.errors import DataWarning
from core.market.broken_prices import LARGEST_STEP, say_broken, steps


def prices(rows=50):
    return 100 * np.exp(np.cumsum(0.02 * np.random.default_rng(3).standard_normal((rows, 3)), axis=0))


def test_a_step_counts_alike_up_and_down_and_not_across_a_gap():
    levels = np.array([[1.0, 4.0], [2.0, 1.0], [np.nan, 1.0], [8.0, 1.0]])
    np.testing.assert_allclose(steps(levels), [[1, 1], [2, 4], [1, 1], [1, 1]])


@pytest.mark.parametrize("factor", [1000.0, 1e-3, 1.2 * LARGEST_STEP])
@pytest.mark.parametrize("end", [21, 24, 50])
def test_a_change_of_unit_is_named_with_its_place(factor, end):
    levels = prices()
    levels[20:end, 1] *= factor
    with pytest.warns(DataWarning, match=rf"prices is .*, at row ({20 + 1}|{end + 1}), column 2; correct a slip"):
        say_broken(levels)


def test_a_column_without_a_price_is_named():
    levels = prices()
    levels[:, 2] = np.nan
    with pytest.warns(DataWarning, match="column 3 holds no number"):
        say_broken(levels, "prices")


def test_a_market_is_not_doubted():
    levels = prices()
    levels[30:] *= 0.4  # a crash
    levels[10, 0] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        say_broken(levels)
