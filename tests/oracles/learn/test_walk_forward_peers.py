"""The walk forward against those of scikit-learn and skfolio, where they do the same."""

import numpy as np
import pytest
from skfolio.model_selection import CombinatorialPurgedCV, WalkForward
from sklearn.model_selection import TimeSeriesSplit

from core.learn.validation import walk_forward

ROWS, FOLDS = np.arange(200), 5
BLOCK = 100 // FOLDS
KNOWN_AFTER = [(1, 0), (6, 0), (6, 6), (10, 3)]
"""Horizon and embargo: the outcome of an example is known so many rows later."""


def same(ours, theirs):
    for fold, (train, test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(fold.train, train)
        np.testing.assert_array_equal(fold.test, test)


@pytest.mark.parametrize(("horizon", "embargo"), KNOWN_AFTER)
def test_folds_are_those_of_a_time_series_split_with_a_gap(horizon, embargo):
    """Its gap is what purge and embargo leave out."""
    peer = TimeSeriesSplit(n_splits=FOLDS, test_size=BLOCK, gap=horizon + embargo - 1)
    same(walk_forward(ROWS, horizon, FOLDS, embargo), peer.split(ROWS))


@pytest.mark.parametrize(("horizon", "embargo"), KNOWN_AFTER)
def test_folds_are_those_of_a_purged_walk_forward(horizon, embargo):
    purged = horizon + embargo - 1
    peer = WalkForward(test_size=BLOCK, train_size=100 - purged, expand_train=True, purged_size=purged)
    same(walk_forward(ROWS, horizon, FOLDS, embargo), peer.split(ROWS[:, np.newaxis]))


@pytest.mark.parametrize(("horizon", "embargo"), KNOWN_AFTER)
def test_the_last_half_as_one_block_is_a_split_of_combinatorial_purged_cross_validation(horizon, embargo):
    """It purges on both sides of a test set; where that is the end of the rows, only those before it are left."""
    peer = CombinatorialPurgedCV(n_folds=4, n_test_folds=2, purged_size=horizon + embargo - 1, embargo_size=0)
    train, tests = list(peer.split(ROWS[:, np.newaxis]))[-1]
    same(walk_forward(ROWS, horizon, 1, embargo), [(train, np.concatenate(tests))])
