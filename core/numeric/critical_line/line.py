"""The critical line: every optimum of w'Pw/2 - lam r(w) under linear limits, for all lam from zero to without end.

As lam grows, the optimum moves along straight pieces that meet at turning points, where a limit begins or ceases to
bind. Between two of them weights, reward and multipliers are linear in lam, so a few dozen points hold the whole
frontier, and any portfolio on it is the mean of two neighbours:

    w = w_k + t (w_{k+1} - w_k),    t = (r - r_k) / (r_{k+1} - r_k)     for a reward of r

At lam = 0 stands the least risk (of all such portfolios the one with the most reward), at the other end the most
reward (of all such the one with the least risk). Where P is singular the optimum can jump at one lam; the piece
across is straight as well.

Sources: Markowitz, Naval Research Logistics Quarterly 3 (1956); Markowitz and Todd (2000), ch. 13; Jacobs, Levy and
Markowitz, Operations Research 53 (2005) for long and short; Stein, Branke and Schmeck, Computers and Operations
Research 35 (2008) for linear limits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...errors import NotConvergedError
from ...records import dataclass
from ...tolerances import ROUNDING
from ..quadratic.certificate import Certificate
from ..quadratic.linear_set import row_sizes
from .program import KinkedProgram, Segments, residuals_of, segments_of
from .regular import advance
from .start import at_the_top, on_the_way, settle
from .state import Walk
from .walk import ENDED, FULL, border, walk

__all__ = ["CriticalLine", "KinkedProgram", "LinePoints", "critical_line"]

FIRST_LAM = 1.0
"""Where the line is entered between its ends; risk and reward are of size one."""

NO_RISK = 1e-6
"""Gradient of the risk, which is of size one, that may be what rounding has left."""


@dataclass(frozen=True)
class LinePoints:
    """k points of the line: weights `(k, n)`, lam and w'Pw `(k,)`, and the residuals of their certificates `(k, 4)`.

    Residuals stand in the order of `Certificate`.
    """

    weights: Array
    lams: Array
    variances: Array
    residuals: Array

    @property
    def worst(self) -> Certificate:
        """The largest residual of each kind over all points."""
        return Certificate(*(float(each) for each in self.residuals.max(axis=0)))


@dataclass(frozen=True)
class CriticalLine:
    """Turning points by rising lam: `lams`, `rewards` `(K,)`, `weights` `(K, n)`, `multipliers` of the rows `(K, m)`.

    `places` `(K - 1, n)` tells where each variable stands on the piece from one turning point to the next.
    """

    problem: KinkedProgram
    segments: Segments
    lams: Array
    weights: Array
    multipliers: Array
    rewards: Array
    places: NDArray[np.int8]

    def at_rewards(self, rewards: Array) -> LinePoints:
        """The least risk for each of `rewards` `(k,)` between those of the two ends, with its certificate."""
        piece = self.rewards[1:-1].searchsorted(rewards)
        start, rise = self.rewards[piece], (self.rewards[1:] - self.rewards[:-1])[piece]
        share = (rewards - start) / np.where(rise > 0, rise, 1.0)
        return self.on_pieces(piece, np.minimum(np.maximum(share, 0.0), 1.0))

    def on_pieces(self, piece: NDArray[np.intp], share: Array) -> LinePoints:
        """The points that lie a `share` of the way along each `piece`, with their certificates."""

        def between(values: Array) -> Array:
            start, along = values.take(piece, axis=0), values.take(piece + 1, axis=0)
            along -= start
            along *= share.reshape(-1, *[1] * (values.ndim - 1))
            along += start
            return along

        weights, lams, multipliers = between(self.weights), between(self.lams), between(self.multipliers)
        residuals, variances = residuals_of(self.problem, self.segments, weights, lams, multipliers, self.places[piece])
        return LinePoints(weights, lams, variances, residuals)


def critical_line(problem: KinkedProgram) -> CriticalLine:
    """All turning points of `problem`. Raises InfeasibleError, NotConvergedError (the line cannot be followed)."""
    risk = float(problem.P.diagonal().max()) or 1.0
    gain = float(np.abs(problem.reward).max()) or 1.0
    size = row_sizes(problem.rows)
    scaled = replace(
        problem,
        P=problem.P * (1 / risk),
        reward=problem.reward / gain,
        rows=problem.rows / size[:, None],
        row_lower=problem.row_lower / size,
        row_upper=problem.row_upper / size,
    )
    segments = segments_of(scaled)
    top = at_the_top(scaled, segments)
    if top is not None:
        _follow(scaled, segments, top, -1.0)
        lams, weights, multipliers, places = _recorded(top)
        places = places[1:]
    else:
        down = on_the_way(scaled, segments, FIRST_LAM)
        up = down.anew()
        _follow(scaled, segments, down, -1.0)
        _follow(scaled, segments, up, 1.0)
        lams, weights, multipliers, places = _recorded(down)
        lams = np.append(lams, up.path_lam[1 : up.count])
        weights = np.vstack([weights, up.path_w[1 : up.count]])
        multipliers = np.vstack([multipliers, up.path_y[1 : up.count]])
        places = np.vstack([places[1:], up.path_place[: up.count - 1]])
    rewards = np.maximum.accumulate(scaled.lifted(weights) @ scaled.reward)
    keep = _apart(lams, rewards, weights)
    return CriticalLine(
        problem=problem,
        segments=replace(segments, reward=segments.reward * gain, rows=segments.rows * size),
        lams=lams[keep] * (risk / gain),
        weights=weights[keep],
        multipliers=multipliers[keep] * (risk / size),
        rewards=rewards[keep] * gain,
        places=places[keep[1:]],
    )


def _apart(lams: Array, rewards: Array, weights: Array) -> NDArray[np.bool_]:
    """The turning points that differ from the one before: where two things happen at once, one point is enough."""
    keep = np.ones(len(lams), dtype=np.bool_)
    near = (lams[1:] - lams[:-1] <= ROUNDING * (1 + lams[1:])) & (rewards[1:] - rewards[:-1] <= ROUNDING)
    if near.any():
        k = near.nonzero()[0] + 1
        keep[k] = np.abs(weights[k] - weights[k - 1]).max(axis=1) > ROUNDING
    keep[-1] |= not keep[1:].any()
    return keep


def _recorded(state: Walk) -> tuple[Array, Array, Array, NDArray[np.int8]]:
    """The turning points of a walk down, by rising lam: lam, weights, multipliers, and the places below each."""
    last = slice(state.count - 1, None, -1)
    return state.path_lam[last], state.path_w[last], state.path_y[last], state.path_place[last]


def _follow(problem: KinkedProgram, segments: Segments, state: Walk, heading: float) -> None:
    """Walk to the end of the line, across the lams where the optimum jumps."""
    while True:
        status, member = walk(problem, segments, state, heading)
        if status == ENDED:
            if heading < 0 and np.abs(state.gradient).max() <= NO_RISK:
                _settle_at_the_end(problem, segments, state)
            return
        if status == FULL:
            raise NotConvergedError("the critical line has more turning points than it can; look for repeated entries")
        _step_across(problem, segments, state, member)


def _settle_at_the_end(problem: KinkedProgram, segments: Segments, state: Walk) -> None:
    """Where next to no risk is left, what rounding has left of it and of lam weighs most."""
    state.lam = 0.0
    settle(problem, segments, state)
    state.count -= 1
    state.record()


def _step_across(problem: KinkedProgram, segments: Segments, state: Walk, member: int) -> None:
    """Move to the far end of the optima for the present lam: along the null vector that `member`, let go, opens."""
    if state.count == len(state.path_lam):
        raise NotConvergedError("the critical line has more turning points than it can; look for repeated entries")
    direction = _null_direction(problem, segments, state, member)
    advance(problem, segments, state.w, state.place, state.side, direction, np.inf)
    settle(problem, segments, state)
    state.record()


def _null_direction(problem: KinkedProgram, segments: Segments, state: Walk, member: int) -> Array:
    size = state.w.size
    members = state.members[: state.size]
    is_free = members < size
    direction = np.zeros(size)
    inverse = state.inverse[: state.size, : state.size]
    if member < size:
        at_left = state.w[member] == segments.breaks[member, state.place[member] // 2]
        direction[member] = 1.0 if at_left else -1.0
        column, _ = border(problem, segments, state, member)
        direction[members[is_free]] = -direction[member] * (inverse @ column)[is_free]
    else:
        row = member - size
        from_above = abs(problem.row_upper[row] - state.values[row]) <= abs(state.values[row] - problem.row_lower[row])
        direction[members[is_free]] = (-1.0 if from_above else 1.0) * inverse[is_free, state.slot[member]]
    return np.where(np.abs(direction) > ROUNDING * np.abs(direction).max(), direction, 0.0)
