"""The line is ridge regression with the penalty that is stated; both models take strange states."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from core.choices import LEARNERS
from core.errors import ArgumentError, NotInstalledError
from core.learn.models import FURTHEST, fitted, one_thread
from tests.source_tree import ROOT


def sample(count=500, seed=0):
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(count, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, -1.0]
    return states, 0.5 * states[:, 0] - 0.03 * states[:, 1] + rng.normal(size=count)


def test_the_line_is_the_closed_form_with_the_penalty_of_the_belief():
    states, errors = sample()
    apart, belief = 50, 0.1
    scores = (states - states.mean(axis=0)) / states.std(axis=0)
    penalty = 0.9 * 3 / 0.1 * 500 / 50
    slopes = np.linalg.solve(scores.T @ scores + penalty * np.eye(3), scores.T @ (errors - errors.mean()))
    with one_thread("ridge"):
        answer = fitted("ridge", states, errors, apart, belief, 1)(states)
    np.testing.assert_allclose(answer, errors.mean() + scores @ slopes, rtol=1e-10)


def test_the_penalty_is_that_of_the_belief_about_the_slopes():
    """Bayes: slopes of variance R2 / K, noise of 1 - R2; outcomes that come in fours count once."""
    states, errors = sample()
    scores = (states - states.mean(axis=0)) / states.std(axis=0)
    prior, noise = 0.2 / 3, 0.8
    precision = scores.T @ scores / noise + np.eye(3) / prior
    slopes = np.linalg.solve(precision, scores.T @ (errors - errors.mean()) / noise)
    with one_thread("ridge"):
        once = fitted("ridge", states, errors, 500, 0.2, 1)(states)
        fourfold = fitted("ridge", *(np.repeat(each, 4, axis=0) for each in (states, errors)), 500, 0.2, 1)(states)
    np.testing.assert_allclose(once, errors.mean() + scores @ slopes, rtol=1e-10)
    np.testing.assert_allclose(fourfold, once, rtol=1e-10)


def test_the_line_is_that_of_scikit_learn_where_gaps_and_wild_states_have_moved_the_middle():
    states, errors = sample()
    states[::7, 0], states[3, 1] = np.nan, 1e6
    scores = (states - np.nanmean(states, axis=0)) / np.nanstd(states, axis=0)
    scores = np.clip(np.nan_to_num(scores), -FURTHEST, FURTHEST)
    peer = Ridge(alpha=0.9 * 3 / 0.1 * 500 / 50, solver="cholesky").fit(scores, errors)
    with one_thread("ridge"):
        answer = fitted("ridge", states, errors, 50, 0.1, 1)(states)
    assert abs(scores.mean(axis=0)).max() > 1e-3
    np.testing.assert_allclose(answer, peer.predict(scores), rtol=0, atol=1e-14)


def test_the_line_needs_no_scikit_learn():
    ask = "from core.learn.models import fitted, one_thread; import numpy as np, sys\n"
    ask += "with one_thread('ridge'): fitted('ridge', np.arange(8.0)[:, None], np.arange(8.0), 8, 0.1, 1)\n"
    ask += "print('sklearn' in sys.modules, 'scipy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert told.split() == ["False", "False"]


def test_a_wild_state_gets_the_answer_of_a_far_one():
    states, errors = sample()
    asked = np.tile(states.mean(axis=0), (2, 1))
    asked[0, 0], asked[1, 0] = 1e9, states[:, 0].mean() + FURTHEST * states[:, 0].std()
    with one_thread("ridge"):
        wild, far = fitted("ridge", states, errors, 500, 0.1, 1)(asked)
    assert wild == pytest.approx(far, rel=1e-12)


@pytest.mark.parametrize("learner", LEARNERS)
def test_gaps_and_features_that_say_nothing_do_no_harm(learner):
    states, errors = sample()
    strange = np.column_stack([states, np.full(500, np.nan), np.full(500, 7.0)])
    strange[::5, 0] = np.nan
    with one_thread(learner):
        answer = fitted(learner, strange, errors, 500, 0.1, 1)(strange)
    assert np.isfinite(answer).all()
    assert np.corrcoef(answer[1::5], errors[1::5])[0, 1] > 0.3


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("nothing", [np.nan, 3.0])
def test_where_no_feature_says_anything_the_answer_is_the_mean_error(learner, nothing):
    _, errors = sample()
    with one_thread(learner):
        answer = fitted(learner, np.full((500, 2), nothing), errors, 500, 0.1, 1)(np.zeros((3, 2)))
    np.testing.assert_allclose(answer, errors.mean(), rtol=1e-6)


def test_an_unknown_learner_is_refused_and_without_scikit_learn_the_way_is_said(monkeypatch):
    with pytest.raises(ArgumentError, match="learner 'forest'"), one_thread("forest"):
        fitted("forest", *sample(), 500, 0.1, 1)
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(NotInstalledError, match=r'pip install "perpdesk\[learn\]"'), one_thread("boosting"):
        pass
