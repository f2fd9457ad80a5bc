"""The models that learn what a simple rule gets wrong: a line, and boosted trees.

    ridge      min  |y - a - X b|^2 + alpha |b|^2      X standardised by the rows learned from, a gap at its mean
    boosting   trees, each fitted to what the trees before it left over

Most of what moves a beta or a premium is chance, so both learn little. The penalty is what a belief amounts to: all K
features together explain a share R of the variance, each as likely as another, so b_k ~ N(0, R / K) and

    alpha = (1 - R) K / R x examples / outcomes apart

where outcomes that overlap are counted once. The trees are few, small and slow: 30 of 4 leaves, 100 examples or more in
a leaf, a twentieth of each tree's answer. Settings were chosen on simulated markets, with something to find and with
nothing, and stand for good: nothing is searched when a model is fitted, so nothing is fitted to the scoring.

One thread only: on problems as small as these a second one costs time, and one seed must give one figure. The line is
solved here, as scikit-learn would: to load that takes longer than a year of trainings, and only the trees need it.

Sources: Hoerl and Kennard (1970), "Ridge Regression"; Friedman (2001), "Greedy Function Approximation: A Gradient
Boosting Machine"; Ke et al. (2017), "LightGBM" (trees on histograms, as scikit-learn grows them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import numpy as np

from ..arrays import Array
from ..checks import choice
from ..choices import LEARNERS
from ..errors import NotInstalledError
from ..numeric import one_thread as linear_algebra

__all__ = ["Predict", "fitted", "one_thread"]

Predict = Callable[[Array], Array]
"""From states `(M, K)` to answers `(M,)`."""

TREES = {
    "max_iter": 30,
    "learning_rate": 0.05,
    "max_leaf_nodes": 4,
    "min_samples_leaf": 100,
    "l2_regularization": 1.0,
    "max_features": 0.5,
    "early_stopping": False,
}

FURTHEST = 5.0
"""Deviations from its mean at which a feature of the line stays: a wild state is no reason for a wild answer."""


def one_thread(learner: str) -> AbstractContextManager[None]:
    """Whatever a learner fits or is asked inside uses one thread. Raises NotInstalledError (trees, no scikit-learn)."""
    return _trees_held() if learner == "boosting" else linear_algebra.one_thread(linear_algebra.SHARED)


@contextmanager
def _trees_held() -> Iterator[None]:
    try:
        import sklearn.ensemble  # noqa: F401  threads are limited once their libraries are loaded
        import threadpoolctl  # noqa: F401
    except ImportError:
        raise NotInstalledError(
            'forecasts learned by trees need scikit-learn, which is not installed; run: pip install "perpdesk[learn]"'
        ) from None
    with _libraries().limit(limits=1):
        yield


@cache
def _libraries() -> Any:
    """The libraries that have threads; to look for them takes longer than a small model does."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def fitted(learner: str, states: Array, errors: Array, apart: int, believed_r2: float, seed: int) -> Predict:
    """What one of LEARNERS has learned from these examples; to be called inside `one_thread`.

    Shapes: `states` (M, K), NaN where unknown; `errors` (M,), what the rule got wrong. `apart` is how many outcomes do
    not overlap, `believed_r2` the share of their variance that all features together explain; the trees read neither,
    and the line no `seed`. A feature that is known nowhere is not learned from. Raises ArgumentError (learner).
    """
    known = np.isfinite(states).any(axis=0)
    if not known.any():
        level = float(errors.mean())
        return lambda asked: np.full(len(asked), level)
    if choice(learner, "learner", LEARNERS) == "ridge":
        answer = _line(states[:, known], errors, apart, believed_r2)
    else:
        answer = _trees(states[:, known], errors, seed)
    return lambda asked: answer(asked[:, known])


def _trees(states: Array, errors: Array, seed: int) -> Predict:
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(**TREES, random_state=seed).fit(states, errors)
    return lambda asked: np.asarray(trees.predict(asked))


def _line(states: Array, errors: Array, apart: int, believed_r2: float) -> Predict:
    mean, spread = np.nanmean(states, axis=0), np.nanstd(states, axis=0)
    moves = spread > 0

    def standard(asked: Array) -> Array:
        scores = (asked[:, moves] - mean[moves]) / spread[moves]
        return np.asarray(np.clip(np.nan_to_num(scores), -FURTHEST, FURTHEST))

    level, features = errors.mean(), int(moves.sum())
    if not features:
        return lambda asked: np.full(len(asked), level)
    alpha = (1 - believed_r2) * features / believed_r2 * len(errors) / apart
    scores = standard(states)
    middle = scores.mean(axis=0)  # 0 but for what a gap or a wild state has moved
    scores -= middle
    slopes = np.linalg.solve(scores.T @ scores + alpha * np.eye(features), scores.T @ (errors - level))
    return lambda asked: np.asarray((standard(asked) - middle) @ slopes + level)
