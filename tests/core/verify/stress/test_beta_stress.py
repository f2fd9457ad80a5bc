"""Beta-shift stress: the grid by hand, and the shift that liquidates."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.verify.path.book import as_book
from core.verify.stress.beta_stress import beta_stress
from tests.verify_by_parts import stress

NAN = np.nan


def test_the_grid_by_hand():
    result = beta_stress(as_book([2, -1], [100, 100], 100), [1, 2], [-0.1, 0.2], [-0.5, 0, 0.5])
    # Neutral as it stands; a shift leaves 100 net long.
    np.testing.assert_allclose(result.pnl, [[5, 0, -5], [-10, 0, 10]], atol=1e-12)
    np.testing.assert_allclose(result.equity_after, 100 + result.pnl)
    np.testing.assert_allclose(result.net_beta, [-0.5, 0, 0.5], atol=1e-12)


def test_the_critical_shift_stands_on_maintenance():
    book, betas = ([2, -1], [100, 100]), [1, 2]
    result = beta_stress(as_book(*book, 20), betas, [-0.1, -0.4, 0.3], [0])
    at = stress(*book, betas, 20, result.market_shock, beta_shift=result.critical_shift)
    np.testing.assert_allclose(at.margin_ratio, 1, rtol=1e-9)
    assert (result.critical_shift[:2] > 0).all()
    assert result.critical_shift[2] < 0


def test_no_shift_is_needed_where_the_move_alone_liquidates_and_none_helps_a_still_market():
    result = beta_stress(as_book([3], [100], 100), [1], [-0.5, 0.0], [0])
    np.testing.assert_array_equal(result.critical_shift, [0, NAN])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"market_shocks": [-2]}, ArgumentError, "market_shocks is -2"),
        ({"beta_shifts": [NAN]}, MissingDataError, "beta_shifts has no value"),
        ({"betas": [1]}, ArgumentError, "quantities has 2 rows and betas has 1"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"betas": [1, 1], "market_shocks": [-0.1], "beta_shifts": [0, 0.1]}
    with pytest.raises(error, match=words):
        beta_stress(as_book([1, 1], [100, 50], 100), **(fields | changes))
