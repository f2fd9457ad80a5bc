"""Importance is what a feature brings where the model has not learned: as computed by hand, and nothing for chance."""

import numpy as np
import pytest

from core.choices import LEARNERS
from core.errors import ArgumentError, MissingDataError
from core.learn.correction import Examples
from core.learn.importance import permutation_importance
from core.learn.models import one_thread


def sample(count=1200, seed=0):
    """A strong feature, a weak one, one that says nothing and one that is known nowhere."""
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(count, 4))
    errors = states[:, 0] + 0.4 * states[:, 1] + rng.normal(size=count)
    states[:, 3] = np.nan
    return Examples(states, errors, np.arange(count) * 6, 24, 0.1)


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_features_come_in_their_order_and_chance_brings_nothing(learner):
    found = permutation_importance(sample(), learner)
    assert found.order[:2] == [0, 1]
    assert found.lost[0] > 3 * found.lost[1] > 0
    assert abs(found.lost[2]) < 0.01
    assert found.lost[3] == found.spread[3] == 0
    assert (found.spread[:2] < found.lost[:2]).all()


def test_many_shuffles_come_to_what_all_pairs_say():
    """The mean over all permutations is that over all pairs of rows: each row takes each value as often."""
    examples = sample(200)
    worse = wrong = 0.0
    with one_thread("ridge"):
        for fold in examples.folds():
            answer = examples.fitted("ridge", 1, fold.train)
            states, errors = examples.states[fold.test], examples.errors[fold.test]
            pairs = np.repeat(states, len(states), axis=0)
            pairs[:, 0] = np.tile(states[:, 0], len(states))
            every = ((np.repeat(errors, len(states)) - answer(pairs)) ** 2).sum() / len(states)
            worse += every - ((errors - answer(states)) ** 2).sum()
            wrong += (errors**2).sum()
    few = np.array([permutation_importance(examples, "ridge", seed, 20).lost[0] for seed in range(20)])
    assert abs(few.mean() - worse / wrong) < 3 * few.std(ddof=1) / np.sqrt(20)
    assert few.std() < 0.1 * few.mean()


def test_one_seed_gives_one_figure():
    first, again, other = (permutation_importance(sample(), "ridge", seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.lost, again.lost)
    assert (first.lost[:3] != other.lost[:3]).all()


def test_bad_input_is_refused_by_name():
    with pytest.raises(ArgumentError, match="shuffles is 0"):
        permutation_importance(sample(), shuffles=0)
    with pytest.raises(ArgumentError, match="learner 'forest'"):
        permutation_importance(sample(), "forest")
    with pytest.raises(MissingDataError, match="rows has too few"):
        permutation_importance(sample(8))
