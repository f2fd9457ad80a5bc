"""A learned tilt: from a state to an action in [-1, 1] a contract, and from an action to weights inside the limits.

    action_i   = tanh( x_i' Theta s )      x_i = figures of contract i less their mean over the contracts
                                           s = (1, regime, drawdown),  Theta 6 x 3
    z          = action - its mean         over the contracts that may move
    wanted     = base + cap gross z / max(1, sum |z| / 2)
    weights    = the nearest to wanted with lower <= weights <= upper and the sum of the base

One Theta serves every contract, so it cannot know one by name, and 18 numbers are all that can be learned, whatever the
number of contracts: what each figure counts for, and how that changes with regime and drawdown. What is bought is what
is sold, at most `cap` of the gross of the base, also after the limits: clipping takes from one side, and what it gives
to the others it gives against their own tilt.

Sources: Salimans et al. (2017) for policies this small; Boyd and Vandenberghe, Convex Optimization (2004), section 8.1
for the projection, whose multiplier is found exactly among its breakpoints.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...errors import ArgumentError
from ...records import dataclass
from .state import FIGURES, Scales

__all__ = ["PARAMETERS", "RULE_SHAPE", "TiltRule", "actions_of", "nearest_of_sum", "tilted"]

RULE_SHAPE = (len(FIGURES), 3)
PARAMETERS = RULE_SHAPE[0] * RULE_SHAPE[1]


@dataclass(frozen=True, eq=False)
class TiltRule:
    """Theta `(6, 3)` and the scales of what it is told. Raises ArgumentError (a shape, a number that is not finite)."""

    theta: Array
    scales: Scales

    def __post_init__(self) -> None:
        spread = self.scales.spread
        if (self.theta.shape, spread.shape) != (RULE_SHAPE, (5,)):
            raise ArgumentError(
                f"theta has shape {self.theta.shape} and spread {spread.shape}, not {RULE_SHAPE} and (5,)"
            )
        if not all(np.isfinite(values).all() for values in (self.theta, *self.scales)):
            raise ArgumentError("theta or its scales hold a number that is not finite")
        if not (spread > 0).all():
            raise ArgumentError("the spread of a figure is not above 0")

    def action(self, state: Array) -> Array:
        """The action `(N,)` for a state `(6 N + 2,)`."""
        contracts = (state.size - 2) // len(FIGURES)
        figures = state[:-2].reshape(len(FIGURES), contracts)
        return np.asarray(actions_of(self.theta[np.newaxis], figures[np.newaxis], state[np.newaxis, -2:])[0])


def actions_of(thetas: Array, figures: Array, market: Array) -> Array:
    """Actions `(M, N)` of M rules `(M, 6, 3)` for states: `figures` `(M, 6, N)`, `market` `(M, 2)`."""
    ones = np.ones((len(thetas), 1))
    counted = np.einsum("mks,ms->mk", thetas, np.concatenate([ones, market], axis=1))
    relative = figures - figures.mean(axis=2, keepdims=True)
    return np.asarray(np.tanh(np.einsum("mk,mkn->mn", counted, relative)))


def tilted(base: Array, actions: Array, cap: float, lower: Array, upper: Array) -> Array:
    """Weights `(M, N)` for M actions `(M, N)` of a base `(N,)` that lies inside its limits `(N,)`."""
    moves = upper > lower
    if not moves.any():
        return np.tile(base, (len(actions), 1))
    gross = float(np.abs(base).sum())
    inside = np.where(moves, np.clip(actions, -1.0, 1.0), 0.0)
    away = np.where(moves, inside - inside.sum(axis=1, keepdims=True) / moves.sum(), 0.0)
    one_way = np.abs(away).sum(axis=1, keepdims=True) / 2
    wanted = base + cap * gross * away / np.maximum(one_way, 1.0)
    # No answer is further from the base than this, and bounds that are infinite have no breakpoints.
    low, high = np.maximum(lower, base - cap * gross), np.minimum(upper, base + cap * gross)
    clipped = (wanted < low) | (wanted > high)
    rows = clipped.any(axis=1)
    if rows.any():
        wanted[rows] = nearest_of_sum(wanted[rows], low, high, float(base.sum()))
    return np.asarray(wanted)


def nearest_of_sum(wanted: Array, lower: Array, upper: Array, total: float) -> Array:
    """The weights nearest to each row of `wanted` `(M, N)`, inside finite bounds `(N,)`, that add to `total`.

        clip(wanted - m, lower, upper),  its sum falling in m, straight between the breakpoints wanted - bound

    Where the bounds leave no such sum, the nearest sum that they allow.
    """
    breaks = np.sort(np.concatenate([wanted - lower, wanted - upper], axis=1), axis=1)
    sums = np.clip(wanted[:, np.newaxis] - breaks[..., np.newaxis], lower, upper).sum(axis=2)
    last = np.maximum((sums >= total).sum(axis=1) - 1, 0)[:, np.newaxis]
    here, there = np.take_along_axis(breaks, last, 1), np.take_along_axis(sums, last, 1)
    following = np.take_along_axis(breaks, np.minimum(last + 1, breaks.shape[1] - 1), 1)
    middle = wanted - (here + following) / 2
    free = ((middle > lower) & (middle < upper)).sum(axis=1, keepdims=True)
    return np.asarray(np.clip(wanted - (here + np.maximum(there - total, 0.0) / np.maximum(free, 1)), lower, upper))
