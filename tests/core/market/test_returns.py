"""Total returns: price less funding, both sides, gaps, and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.market.returns import total_returns

PRICES = np.array([[100.0, 50.0], [110.0, 45.0], [99.0, 45.0]])
FUNDING = np.array([[9.9, 9.9], [0.001, 0.0], [-0.002, 0.0]])
BLOCKS = hnp.arrays(float, (6, 3), elements=st.floats(1, 1e3))
WILD_BLOCKS = hnp.arrays(float, (6, 3), elements=st.floats(1e-6, 1e6))


def test_a_long_earns_the_price_move_less_the_funding_of_its_bar():
    expected = [[0.1 - 0.001, -0.1], [-0.1 + 0.002, 0.0]]
    np.testing.assert_allclose(total_returns(PRICES, FUNDING), expected, rtol=0, atol=1e-16)


def test_a_log_return_is_the_logarithm_of_the_price_ratio_less_funding():
    np.testing.assert_allclose(total_returns(PRICES, kind="log")[0], [np.log(1.1), np.log(0.9)], rtol=1e-15)
    assert total_returns(PRICES, FUNDING, "log")[1, 0] == pytest.approx(np.log(0.9) + 0.002, rel=1e-14)


def test_short_pays_what_long_receives():
    np.testing.assert_array_equal(total_returns(PRICES, FUNDING, side="short"), -total_returns(PRICES, FUNDING))


def test_a_log_short_is_the_negative_of_the_long_simple_return_and_says_so():
    with pytest.warns(DataWarning, match="kind 'log' is not used for a short"):
        short = total_returns(PRICES, FUNDING, "log", "short")
    np.testing.assert_array_equal(short, -total_returns(PRICES, FUNDING))


def test_missing_funding_leaves_its_own_return_missing():
    unread = FUNDING.copy()
    unread[1, 1] = np.nan
    returns = total_returns(PRICES, unread)
    assert np.argwhere(np.isnan(returns)).tolist() == [[0, 1]]
    np.testing.assert_array_equal(returns[1], total_returns(PRICES, FUNDING)[1])


def test_the_funding_before_the_first_price_is_not_paid():
    moved = FUNDING.copy()
    moved[0] = -1.0
    np.testing.assert_array_equal(total_returns(PRICES, moved), total_returns(PRICES, FUNDING))


def test_a_missing_price_leaves_both_returns_beside_it_missing():
    gaps = np.array([100.0, 101.0, np.nan, 103.0, 104.0])
    assert np.isnan(total_returns(gaps)[:, 0]).tolist() == [False, True, True, False]


def test_short_bars_keep_their_digits():
    tiny = 2.0**-44  # exact in binary: the next double after 1 + tiny is far away
    assert total_returns([1.0, 1.0 + tiny])[0, 0] == tiny


def test_the_input_is_left_as_it_was():
    prices, funding = PRICES.copy(), FUNDING.copy()
    total_returns(prices, funding, side="short")
    np.testing.assert_array_equal(prices, PRICES)
    np.testing.assert_array_equal(funding, FUNDING)


@given(BLOCKS, st.floats(1e-3, 1e3))
def test_the_currency_of_the_price_does_not_matter(prices, rate):
    np.testing.assert_allclose(total_returns(prices * rate), total_returns(prices), rtol=1e-9, atol=1e-12)


@given(BLOCKS)
def test_simple_returns_compound_to_the_whole_move(prices):
    whole = np.prod(1 + total_returns(prices), axis=0)
    np.testing.assert_allclose(whole, prices[-1] / prices[0], rtol=1e-9)


@given(WILD_BLOCKS)
def test_log_returns_add_up_to_the_whole_move(prices):
    whole = total_returns(prices, kind="log").sum(axis=0)
    np.testing.assert_allclose(whole, np.log(prices[-1] / prices[0]), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"prices": [100.0]}, MissingDataError, "prices has too few complete rows"),
        ({"prices": [100.0, 0.0]}, ArgumentError, "prices is 0 at row 2, column 1"),
        ({"prices": [100.0, -36.98]}, ArgumentError, "prices is -36.98"),
        ({"prices": ["x", 1.0]}, ArgumentError, "prices must hold numbers"),
        ({"prices": PRICES, "funding": [[0.1, 0.1]]}, ArgumentError, "funding is 1 x 2 where prices are 3 x 2"),
        ({"prices": PRICES, "kind": "ratio"}, ArgumentError, "kind 'ratio' is not known"),
        ({"prices": PRICES, "side": "flat"}, ArgumentError, "side 'flat' is not known"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        total_returns(**arguments)
