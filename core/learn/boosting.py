"""Learning what a simple rule gets wrong, with boosted trees, and scoring that on data the trees have not seen.

Each tree is fitted to what the trees before it left over. They are few, small and slow (30 trees of 4 leaves, 100
examples or more in a leaf, a twentieth of each tree's answer), because most of what moves a beta or a premium is
chance. The settings were chosen on simulated markets, with something to find and with nothing, and stand for good:
nothing is searched when a forecast is made, so nothing is fitted to the scoring.

One thread only: on problems as small as these a second one costs time, and one seed must give one figure.

Sources: Friedman (2001), "Greedy Function Approximation: A Gradient Boosting Machine"; Ke et al. (2017), "LightGBM"
(trees on histograms, as scikit-learn grows them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..errors import NotInstalledError
from .validation import out_of_sample_r2, walk_forward

__all__ = ["FOLDS", "Correction", "learn_correction"]

FOLDS = 5

SETTINGS = {
    "max_iter": 30,
    "learning_rate": 0.05,
    "max_leaf_nodes": 4,
    "min_samples_leaf": 100,
    "l2_regularization": 1.0,
    "max_features": 0.5,
    "early_stopping": False,
}


@dataclass(frozen=True, eq=False)
class Correction:
    """What to add to a simple rule, and what that was worth out of sample.

    latest            for the state after the last example
    walked            (M,) for each example, learned from earlier ones only; NaN in the first half
    out_of_sample_r2  against adding nothing, pooled over the folds
    folds_won         in how many folds it had the smaller squared error
    """

    latest: float
    walked: Array
    out_of_sample_r2: float
    folds_won: int


def learn_correction(states: Array, errors: Array, rows: NDArray[np.int64], horizon: int, seed: int) -> Correction:
    """Correction of a rule with these `errors` (actual less rule) at examples made at `rows`.

    Shapes: `states` (M + 1, K), the last for the correction that is wanted, NaN where unknown; `errors` and `rows`
    (M,). The embargo is one horizon. Raises MissingDataError (too few examples) and NotInstalledError.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise NotInstalledError(
            'learned forecasts need scikit-learn, which is not installed; run: pip install "perpdesk[learn]"'
        ) from None

    def learned(past: Array, outcomes: Array, present: Array) -> Array:
        known = np.isfinite(past).any(axis=0)  # scikit-learn cannot bin a column without a value
        trees = HistGradientBoostingRegressor(**SETTINGS, random_state=seed)
        return np.asarray(trees.fit(past[:, known], outcomes).predict(present[:, known]))

    examples, latest = states[:-1], states[-1:]
    walked, won = np.full(len(errors), np.nan), 0
    with threadpool_limits(limits=1, user_api="openmp"):
        for fold in walk_forward(rows, horizon, FOLDS, embargo=horizon):
            walked[fold.test] = learned(examples[fold.train], errors[fold.train], examples[fold.test])
            won += _r2(errors[fold.test], walked[fold.test]) > 0
        now = learned(examples, errors, latest)[0]
    scored = np.isfinite(walked)
    return Correction(float(now), walked, _r2(errors[scored], walked[scored]), won)


def _r2(errors: Array, corrections: Array) -> float:
    return out_of_sample_r2(errors, corrections, np.zeros_like(errors))
