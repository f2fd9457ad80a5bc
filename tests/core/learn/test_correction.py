"""What a rule gets wrong is learned where there is something to learn, from the past alone."""

import sys

import numpy as np
import pytest

from core.errors import MissingDataError, NotInstalledError
from core.learn.correction import Examples, learn_correction

HORIZON, STEP = 24, 6


def sample(examples=1000, seed=0):
    """States of which the first decides the errors of a rule, in a way that no line can follow."""
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(examples + 1, 5)).astype(np.float32).astype(np.float64)
    errors = 2 * np.abs(states[:-1, 0]) - 1.6 + rng.normal(size=examples)
    return states, errors, np.arange(examples) * STEP


def learn(states, errors, rows, seed=1, learner="boosting"):
    return learn_correction(Examples(states[:-1], errors, rows, HORIZON, 0.1), states[-1:], learner, seed)


def test_what_is_there_is_learned():
    states, errors, rows = sample()
    learned = learn(states, errors, rows, seed=1)
    assert learned.out_of_sample_r2 > 0.3
    assert learned.folds_won == 5
    states[-1, 0] = 2.0
    high = learn(states, errors, rows, seed=1).latest
    states[-1, 0] = 0.0
    low = learn(states, errors, rows, seed=1).latest
    assert low < 0 < high
    assert high - low > 1


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_outcomes_teach_nothing(seed):
    states, errors, rows = sample()
    shuffled = np.random.default_rng(seed).permutation(errors)
    learned = learn(states, shuffled, rows, seed=1)
    assert -0.1 < learned.out_of_sample_r2 < 0.01


@pytest.mark.parametrize("cut", [500, 617, 800, 999])
def test_what_comes_later_changes_no_earlier_forecast(cut):
    states, errors, rows = sample()
    before = learn(states, errors, rows, seed=1).walked[: cut + 1]
    errors[cut:], states[cut + 1 :] = 1e3, -7.0
    after = learn(states, errors, rows, seed=1).walked[: cut + 1]
    np.testing.assert_array_equal(after, before)


def test_an_outcome_that_was_open_or_embargoed_when_the_block_began_is_not_learned_from():
    states, errors, rows = sample()
    block = slice(500, 600)
    last_known = 500 - 2 * HORIZON // STEP

    def forecast():
        return learn(states, errors, rows, seed=1).walked[block]

    before = forecast()
    errors[last_known + 1 :] = 1e3
    np.testing.assert_array_equal(forecast(), before)
    errors[last_known] = 1e3
    assert (forecast() != before).any()


def test_the_first_half_is_never_scored_and_the_score_is_pooled_over_the_rest():
    states, errors, rows = sample()
    learned = learn(states, errors, rows, seed=1)
    assert np.isnan(learned.walked[:500]).all()
    residual = errors[500:] - learned.walked[500:]
    assert learned.out_of_sample_r2 == pytest.approx(1 - residual @ residual / (errors[500:] @ errors[500:]))


def test_one_seed_gives_one_figure_and_another_seed_another():
    states, errors, rows = sample()
    first, again, other = (learn(states, errors, rows, seed) for seed in (1, 1, 2))
    assert (first.latest, first.out_of_sample_r2) == (again.latest, again.out_of_sample_r2)
    np.testing.assert_array_equal(first.walked, again.walked)
    assert first.latest != other.latest


def test_a_state_that_never_varies_or_is_never_known_does_no_harm():
    states, errors, rows = sample()
    states[:, 3], states[:, 4] = 0.0, np.nan
    assert learn(states, errors, rows, seed=1).out_of_sample_r2 > 0.3


def test_a_rule_that_is_never_wrong_needs_no_correction():
    states, errors, rows = sample()
    learned = learn(states, np.zeros_like(errors), rows)
    assert (learned.latest[0], learned.out_of_sample_r2, learned.folds_won) == (0, 0, 0)


def test_too_few_examples_are_refused():
    states, errors, rows = sample(8)
    with pytest.raises(MissingDataError, match="rows has too few"):
        learn(states, errors, rows, seed=1)


def test_without_scikit_learn_the_way_to_get_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(NotInstalledError, match=r'pip install "perpdesk\[learn\]"'):
        learn(*sample())
