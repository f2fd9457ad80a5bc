"""The walk forward against scikit-learn's TimeSeriesSplit, whose gap is what purge and embargo leave out."""

import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from core.learn.validation import walk_forward


@pytest.mark.parametrize(("horizon", "embargo"), [(1, 0), (6, 0), (6, 6), (10, 3)])
def test_folds_are_those_of_a_time_series_split_with_a_gap(horizon, embargo):
    rows, folds = np.arange(200), 5
    peer = TimeSeriesSplit(n_splits=folds, test_size=20, gap=horizon + embargo - 1)
    for ours, (train, test) in zip(walk_forward(rows, horizon, folds, embargo), peer.split(rows), strict=True):
        np.testing.assert_array_equal(ours.train, train)
        np.testing.assert_array_equal(ours.test, test)
