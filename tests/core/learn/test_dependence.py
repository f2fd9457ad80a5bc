"""Partial dependence is scikit-learn's, and shows a curve where there is one."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import partial_dependence as peer

from core.errors import ArgumentError
from core.learn.dependence import QUANTILES, partial_dependence
from core.learn.models import one_thread

STATES = np.random.default_rng(0).normal(size=(600, 4))


def test_it_is_that_of_scikit_learn():
    outcome = np.abs(STATES[:, 2]) + STATES[:, 0] * STATES[:, 2] + 0.1 * STATES[:, 1]
    with one_thread("boosting"):
        trees = HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(STATES, outcome)
        ours = partial_dependence(trees.predict, STATES, 2, 0)
        grid = {feature: np.quantile(STATES[:, feature], QUANTILES) for feature in (2, 0)}
        theirs = peer(trees, STATES, [2, 0], custom_values=grid, method="brute", kind="average")
    np.testing.assert_allclose(ours.answers, theirs["average"][0], rtol=1e-12)
    np.testing.assert_array_equal(ours.across, grid[2])
    np.testing.assert_array_equal(ours.along, grid[0])


def test_a_curve_is_seen():
    found = partial_dependence(lambda states: states[:, 1] ** 2 + states[:, 3], STATES, 1, 3)
    np.testing.assert_allclose(found.answers, found.across[:, np.newaxis] ** 2 + found.along, rtol=1e-12)
    assert found.features == (1, 3)


def test_values_that_repeat_stand_once_and_what_is_known_nowhere_has_none():
    states = STATES.copy()
    states[:, 0], states[:, 1] = 1.0, np.nan
    found = partial_dependence(lambda asked: asked[:, 0], states, 0, 1)
    assert found.across.tolist() == [1.0]
    assert np.isnan(found.along).all()
    assert found.answers.tolist() == [[1.0]]


def test_many_examples_are_asked_in_parts_with_the_same_answer(monkeypatch):
    before = partial_dependence(lambda states: states.prod(axis=1), STATES, 0, 1).answers
    monkeypatch.setattr("core.learn.dependence.AT_ONCE", 1500)
    np.testing.assert_array_equal(partial_dependence(lambda states: states.prod(axis=1), STATES, 0, 1).answers, before)


def test_a_feature_that_is_not_there_is_refused():
    with pytest.raises(ArgumentError, match="feature is 4; it must be at most 3"):
        partial_dependence(lambda states: states[:, 0], STATES, 4, 0)
