"""Of a long list the largest are shown, the others are one row, and nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xladdin.desk.layout.page_tables import LARGEST
from xladdin.desk.write.largest import folded

sizes = st.integers(1, 60).flatmap(lambda n: arrays(float, n, elements=st.sampled_from([0.0, -0.3, 0.1, 0.2, -1.5])))


@given(sizes)
def test_every_row_is_shown_or_among_the_others_once(values):
    fold = folded(values)
    assert sorted(fold.order.tolist()) == list(range(len(values)))
    assert len(fold.shown) <= LARGEST


@given(sizes)
def test_a_column_still_sums_to_what_it_was(values):
    assert sum(folded(values).summed(values)) == pytest.approx(values.sum(), abs=1e-12)


@given(sizes)
def test_none_of_the_others_is_larger_than_one_that_is_shown(values):
    fold = folded(values)
    if len(fold.others):
        assert np.abs(values[fold.others]).max() <= np.abs(values[fold.shown]).min()


@given(sizes)
def test_what_has_no_size_is_shown_only_where_there_is_room_for_all_or_nothing_has_one(values):
    fold = folded(values)
    if len(values) > LARGEST and values.any():
        assert np.all(values[fold.shown] != 0)


def test_up_to_twelve_all_are_shown_in_their_order_of_size():
    assert folded(np.array([0.0, 2.0, -3.0])).order.tolist() == [2, 1, 0]
    fold = folded(np.zeros(LARGEST))
    assert (fold.order.tolist(), len(fold.others)) == (list(range(LARGEST)), 0)


def test_equal_sizes_go_by_the_next_and_then_by_their_order():
    first, second = np.array([1.0, 1.0, 1.0, 2.0]), np.array([0.0, 5.0, 0.0, 0.0])
    assert folded(first, second).order.tolist() == [3, 1, 0, 2]


def test_the_others_are_counted():
    names = [f"C{place}" for place in range(14)]
    values = np.arange(14, 0, -1.0)
    assert folded(values).names(names)[-2:] == ["C11", "2 others"]
    assert folded(values[:13]).names(names)[-1] == "1 other"
    assert folded(values[:12]).names(names)[-1] == "C11"


def test_a_mean_of_the_others_leaves_out_what_is_not_known():
    values = np.array([*range(14, 2, -1), 1.0, np.nan, 3.0])
    fold = folded(np.arange(15, 0, -1.0))
    assert fold.averaged(values)[-1] == 2.0
    assert np.isnan(fold.averaged(np.where(np.arange(15) < 12, values, np.nan))[-1])
    assert fold.blanked(list("abcdefghijklmno"))[-2:] == ["l", None]
