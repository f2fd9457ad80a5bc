"""The loss beyond a stop, by hand and by revaluation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.verify.path.book import as_book
from core.verify.stress.gaps import stop_gaps
from core.verify.stress.shocks import as_shocks


def gaps(quantities, prices, stops, moves, inverse=None):
    book = as_book(quantities, prices, 1e6, stops=stops, inverse=inverse)
    moves = np.atleast_2d(moves)
    shocks = as_shocks(book, np.ones(len(quantities)), np.zeros(len(moves)), overrides=moves)
    return stop_gaps(book, shocks)


def test_a_fall_through_a_stop_loses_what_lies_beyond_it() -> None:
    found = gaps([10, -10], [100, 100], [90, 105], [[-0.3, 0.2], [-0.05, 0.04]])
    # 10 coins filled at 70 and not at 90; 10 bought back at 120 and not at 105.
    assert found.beyond == pytest.approx(np.array([[200.0, 150.0], [0.0, 0.0]]))
    assert found.passed.tolist() == [[True, True], [False, False]]


def test_a_stop_that_is_met_exactly_is_passed_and_loses_nothing_more() -> None:
    found = gaps([10], [100], [75], [[-0.25]])
    assert (found.passed.all(), found.beyond.sum()) == (True, 0.0)


def test_a_stop_that_the_price_has_passed_is_filled_now() -> None:
    found = gaps([10, 10], [100, 100], [110, 110], [[-0.3, 0.2]])
    assert found.passed.all()
    assert found.beyond == pytest.approx(np.array([[300.0, 0.0]]))


def test_without_a_stop_or_a_position_there_is_no_gap() -> None:
    found = gaps([10, 0], [100, 100], [np.nan, 90], [[-0.9, -0.9]])
    assert not found.passed.any()
    assert found.beyond.tolist() == [[0.0, 0.0]]


def test_an_inverse_contract_loses_coins_and_quote_alike() -> None:
    # 1000 contracts of 1 quote at 50: at the stop 40 they are worth 800, at 30 they are worth 600, of the 1000 now.
    assert gaps([1000], [50], [40], [[-0.4]], inverse=[True]).beyond == pytest.approx(np.array([[200.0]]))


@given(
    st.floats(-100, 100).filter(lambda size: abs(size) > 0.1),
    st.floats(1, 1000),
    st.floats(0.01, 0.9),
    st.floats(-1, 3),
)
def test_what_the_stop_allows_and_what_lies_beyond_make_the_whole_loss(size, price, share, move) -> None:
    stop = price * (1 - np.sign(size) * share)
    found = gaps([size], [price], [stop], [[move]])
    whole, allowed = -size * price * move, abs(size) * price * share
    assert found.beyond[0, 0] == pytest.approx(max(whole - allowed, 0.0), abs=1e-9 * abs(size) * price)
