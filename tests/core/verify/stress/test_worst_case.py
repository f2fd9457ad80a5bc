"""The worst case of a box: corners by hand, and bad input. Brute force: tests/oracles."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.verify.path.book import as_book
from core.verify.stress.worst_case import worst_case
from tests.verify_by_parts import stress

NAN = np.nan


def test_a_long_book_fears_the_fall_with_the_highest_betas():
    worst = worst_case(as_book([1, 1], [100, 100], 100), [1, 1.5], [-0.2, 0.1], [-0.3, 0.3])
    assert (worst.market_shock, worst.beta_shift) == (-0.2, 0.3)
    assert worst.pnl == pytest.approx(-100 * 0.2 * (1.3 + 1.8))
    np.testing.assert_allclose(worst.contract_pnl, [-26, -36])
    assert worst.equity_after == pytest.approx(38)
    assert worst.headroom == pytest.approx(38 - 0.01 * (74 + 64))


def test_a_beta_neutral_book_fears_the_shift():
    # Long 2 at beta 1, short 1 at beta 2: the shift leaves 1 net long.
    worst = worst_case(as_book([2, -1], [100, 100], 100), [1, 2], [-0.3, 0.2], [-0.5, 0.4])
    assert (worst.market_shock, worst.beta_shift) == (-0.3, 0.4)
    assert worst.pnl == pytest.approx(-100 * 0.3 * 0.4)


def test_prices_of_zero_put_the_worst_inside_an_edge():
    # Long one of beta 3, short two of beta 1: the first cannot lose more than all, the second goes on earning.
    book = as_book([1, -2], [100, 100], 1000)
    worst = worst_case(book, [3, 1], [-1, 0], [0, 0])
    assert worst.market_shock == pytest.approx(-1 / 3)
    assert worst.pnl == pytest.approx(-100 + 200 / 3)


def test_headroom_looks_at_each_account():
    book = as_book([1, 1], [100, 100], 100, isolated=[5, NAN])
    worst = worst_case(book, [1, 1], [-0.02, 0.3], [0, 0], measure="headroom")
    assert worst.headroom == pytest.approx(5 - 2 - 0.98)


def test_it_is_the_stress_of_that_point():
    rng = np.random.default_rng(2)
    quantities, prices, betas = rng.normal(0, 1, 5), rng.uniform(10, 50, 5), rng.normal(1, 0.5, 5)
    worst = worst_case(as_book(quantities, prices, 100), betas, [-0.4, 0.4], [-0.3, 0.5])
    at = stress(quantities, prices, betas, 100, worst.market_shock, beta_shift=worst.beta_shift)
    assert at.pnl[0] == pytest.approx(worst.pnl, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"market_range": [0.1]}, ArgumentError, "market_range must be two numbers"),
        ({"market_range": [0.1, -0.1]}, ArgumentError, "market_range must be two numbers, the lowest and the highest"),
        ({"market_range": [-1.1, 0]}, ArgumentError, "market_range is -1.1"),
        ({"shift_range": [NAN, 0]}, MissingDataError, "shift_range has no value"),
        ({"measure": "profit"}, ArgumentError, "measure 'profit' is not known"),
        ({"betas": [1, NAN]}, MissingDataError, "betas has no value at position 2"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"betas": [1, 1], "market_range": [-0.1, 0.1], "shift_range": [0, 0.1]}
    with pytest.raises(error, match=words):
        worst_case(as_book([1, 1], [100, 50], 100), **(fields | changes))
