"""The walk forward learns only from what was known, and scores against a rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.learn.validation import out_of_sample_r2, walk_forward


@given(
    st.lists(st.integers(1, 30), min_size=40, max_size=120),
    st.integers(1, 12),
    st.integers(1, 6),
    st.integers(0, 12),
)
def test_nothing_is_learned_from_whose_outcome_is_not_known_an_embargo_before_the_block(steps, horizon, folds, embargo):
    rows = np.cumsum(steps)
    rows[0] -= 100  # something to learn from, whatever the steps
    for fold in walk_forward(rows, horizon, folds, embargo):
        first = rows[fold.test[0]]
        assert (rows[fold.train] + horizon + embargo <= first).all()
        left_out = np.setdiff1d(np.arange(len(rows)), fold.train)
        assert (rows[left_out] + horizon + embargo > first).all(), "what is known is learned from"


@pytest.mark.parametrize("examples", [20, 41, 99])
def test_each_example_of_the_second_half_is_forecast_once_in_order(examples):
    folds = walk_forward(np.arange(examples) * 3, horizon=2, folds=4)
    tested = np.concatenate([fold.test for fold in folds])
    assert tested.tolist() == list(range(examples // 2, examples))
    assert len(folds) == 4


def test_examples_of_one_row_stay_together_and_the_folds_are_those_of_the_rows():
    rows = np.arange(60)
    one_each, three_each = walk_forward(rows, 4, 3, 2), walk_forward(np.repeat(rows, 3), 4, 3, 2)
    for alone, together in zip(one_each, three_each, strict=True):
        for mine, theirs in ((alone.train, together.train), (alone.test, together.test)):
            assert theirs.tolist() == [3 * place + k for place in mine.tolist() for k in range(3)]


def test_a_longer_embargo_learns_from_less():
    rows = np.arange(100)
    without, with_embargo = walk_forward(rows, 5, 5), walk_forward(rows, 5, 5, embargo=7)
    lost = [len(a.train) - len(b.train) for a, b in zip(without, with_embargo, strict=True)]
    assert lost == [7] * 5


def test_r2_is_one_for_the_truth_none_for_the_rule_and_negative_for_worse():
    actual, rule = np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 1.0])
    assert out_of_sample_r2(actual, actual, rule) == 1
    assert out_of_sample_r2(actual, rule, rule) == 0
    assert out_of_sample_r2(actual, np.array([1.0, 1.0, 3.0]), rule) == pytest.approx(1 - 2 / 10)
    assert out_of_sample_r2(actual, -actual, rule) == pytest.approx(1 - 84 / 10)


def test_a_rule_that_is_never_wrong_cannot_be_beaten():
    truth = np.array([1.0, 2.0])
    assert out_of_sample_r2(truth, truth, truth) == 0
    assert out_of_sample_r2(truth, truth + 1, truth) == 0


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([3, 2, 1, 4], 1, 1), ArgumentError, "rows must increase"),
        (([1, 1, 2, 1], 1, 1), ArgumentError, "rows must increase"),
        ((range(40), 0), ArgumentError, "horizon is 0; it must be at least 1"),
        ((range(40), float("nan")), ArgumentError, "horizon must be a finite number"),
        ((range(40), 1, 0), ArgumentError, "folds is 0; it must be at least 1"),
        ((range(40), 1, 5, -1), ArgumentError, "embargo is -1; it must be at least 0"),
        ((range(9), 1, 5), MissingDataError, "rows has too few complete rows, 9 where 10 are needed"),
        ((range(40), 21), MissingDataError, "rows leave nothing to learn from before row 20"),
        ((range(40), 15, 5, 6), MissingDataError, "a horizon and embargo of 21 rows"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, error, words):
    rows, *others = arguments
    with pytest.raises(error, match=words):
        walk_forward(np.array(rows), *others)
