"""The likelihoods of `garch_loops` and their derivatives by numpy: many models side by side, in arrays made once.

All derivatives of h obey one recursion, y_t = u_t + beta y_{t-1}, which is solved without a loop over time, and for
many models at once, so that its calls are shared. Of the second derivatives only their sum with weights is needed: the
recursion runs once over the weights, from the end, in place of six times over the derivatives.

A fit asks for hundreds of models, a few at a time. New arrays for each would take as long to be touched first as to be
worked on, so a fit has a room of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...numeric.newton import Index
from ...numeric.recursion import Decay, padded

__all__ = ["Derivatives", "Room", "derivatives", "likelihood", "score_products"]

TOGETHER = 12_000
"""Returns of as many models as are worked on side by side: few enough for their arrays to stay in the cache."""

FACTORS = 7
"""What the four first derivatives of h are multiplied with: themselves, and three weights."""

FOLDS = 8
"""Variances that are multiplied before their logarithm is taken."""


class Derivatives(NamedTuple):
    """Minus the log-likelihoods `(k,)`, gradients `(k, 4)`, Hessians `(k, 4, 4)`, variances after the last return."""

    value: Array
    gradient: Array
    hessian: Array
    next_variance: Array


class Room:
    """Arrays for up to `models` models along T returns; each call writes over what the one before has left.

    squares  `(models, padded T + 1)` the mean of e^2, then e_t^2: without the last one, those of the bar before
    inputs   `(models, 5, padded T)` of recursions, and `found`, what they give
    factors  `(models, FACTORS, T)`
    """

    def __init__(self, models: int, rows: int) -> None:
        wide = padded(rows)
        self.models, self.rows = models, rows
        self.errors, self.scratch = np.empty((models, rows)), np.empty((4, models, rows))
        self.squares, self.variances = np.zeros((models, wide + 1)), np.empty((models, wide))
        self.inputs, self.found = np.zeros((models, 5, wide)), np.empty((models, 5, wide))
        self.factors = np.empty((models, FACTORS, rows))

    @classmethod
    def of(cls, returns: Array, models: int) -> Room:
        """For `models` models of these returns `(n, T)`, or for as many as are worked on side by side."""
        rows = returns.shape[1]
        return cls(min(models, max(round(TOGETHER / rows), 1)), rows)

    def side_by_side(self, models: int) -> Iterator[slice]:
        """So many models in equal parts that have room."""
        parts = -(-models // self.models)
        for part in range(parts):
            yield slice(models * part // parts, models * (part + 1) // parts)


class _Path(NamedTuple):
    """k models along their returns, in the arrays of a room."""

    decay: Decay
    errors: Array
    """`(k, T)`"""
    squares: Array
    """Those of `Room`."""
    variances: Array
    """`(k, padded T)`"""

    @classmethod
    def of(cls, parameters: Array, returns: Array, of: Index, room: Room) -> _Path:
        mu, omega, alpha, beta = parameters.T[..., np.newaxis]
        count, rows = len(parameters), room.rows
        errors = np.take(returns, of, axis=0, out=room.errors[:count], mode="clip")
        errors -= mu
        squares, inputs = room.squares[:count], room.inputs[:count, :1]
        np.multiply(errors, errors, out=squares[:, 1 : rows + 1])
        squares[:, 0] = squares[:, 1 : rows + 1].sum(axis=1) / rows
        np.multiply(squares[:, :-1], alpha, out=inputs[:, 0])
        inputs[:, 0] += omega
        decay, variances = Decay(beta[:, 0], rows), room.variances[:count]
        decay(inputs, squares[:, :1], variances[:, np.newaxis])
        return cls(decay, errors, squares, variances)

    def first_derivatives(self, parameters: Array, beside: Array, room: Room) -> tuple[Array, Array, Array]:
        """Of the variances by the parameters `(k, 4, T)`, of what stands before them by mu `(k,)`, and a recursion.

        It is y_t = beside_t + beta y_{t+1}, `(k, T)`, from zero: the other one turned round, with which sum_t a_t y_t
        is the same whether y goes down from b or up from a.
        """
        count, rows = self.errors.shape
        alpha = parameters[:, 2, np.newaxis]
        inputs, found = room.inputs[:count], room.found[:count]
        slope, start = -2 * self.errors.sum(axis=1) / rows, np.zeros((count, 5))
        start[:, 0] = slope
        inputs[:, 0, 0], inputs[:, 0, rows:] = alpha[:, 0] * slope, 0.0
        np.multiply(self.errors[:, :-1], -2 * alpha, out=inputs[:, 0, 1:rows])
        inputs[:, 1], inputs[:, 2] = 1.0, self.squares[:, :-1]
        inputs[:, 3, 0], inputs[:, 3, 1:] = self.squares[:, 0], self.variances[:, :-1]
        inputs[:, 4, :rows], inputs[:, 4, rows:] = beside[:, ::-1], 0.0
        self.decay(inputs, start, found)
        return found[:, :4, :rows], slope, found[:, 4, rows - 1 :: -1]


def likelihood(parameters: Array, returns: Array, of: Index, room: Room | None = None) -> Array:
    """Minus the Gaussian log-likelihoods `(k,)`; arguments as in `Kernel`."""
    room = room or Room.of(returns, len(parameters))
    values = np.empty(len(parameters))
    for few in room.side_by_side(len(parameters)):
        path = _Path.of(parameters[few], returns, of[few], room)
        count, rows = path.errors.shape
        h = path.variances[:, :rows]
        ratios = np.divide(path.squares[:, 1 : rows + 1], h, out=room.scratch[0, :count])
        values[few] = _values(h, ratios.sum(axis=1))
    return values


def _values(variances: Array, ratios: Array) -> Array:
    """Minus the log-likelihoods `(k,)` of variances `(k, T)` and the sums of e^2 / h `(k,)`."""
    count, rows = variances.shape
    folds, left = divmod(rows, FOLDS)
    folded = np.multiply.reduce(variances[:, : rows - left].reshape(count, FOLDS, folds), axis=1)
    logarithms = np.log(folded).sum(axis=1) + np.log(variances[:, rows - left :]).sum(axis=1)
    return np.asarray(logarithms + ratios + rows * math.log(2 * math.pi)) / 2


def derivatives(parameters: Array, returns: Array, of: Index, room: Room | None = None) -> Derivatives:
    """All of `Derivatives`; arguments as in `Kernel`."""
    room = room or Room.of(returns, len(parameters))
    parts = [_few(parameters[few], returns, of[few], room) for few in room.side_by_side(len(parameters))]
    return (
        parts[0] if len(parts) == 1 else Derivatives(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    )


def _few(parameters: Array, returns: Array, of: Index, room: Room) -> Derivatives:
    path = _Path.of(parameters, returns, of, room)
    errors, (count, rows) = path.errors, path.errors.shape
    h, factors = path.variances[:, :rows], room.factors[:count]
    precision, lean, ratio, bend = room.scratch[:, :count]
    np.divide(1.0, h, out=precision)
    np.multiply(errors, precision, out=lean)
    np.multiply(errors, lean, out=ratio)
    precision_sum, lean_sum, ratio_sum = room.scratch[:3, :count].sum(axis=2)
    # With half = precision / 2: pull = (1 - ratio) half, and bend = (2 ratio - 1) half precision.
    np.multiply(lean, precision, out=factors[:, 5])
    half = np.multiply(precision, 0.5, out=lean)
    ratio *= half
    pull = np.subtract(half, ratio, out=factors[:, 4])
    np.subtract(ratio, pull, out=bend)
    bend *= precision
    first, slope, weight = path.first_derivatives(parameters, pull, room)
    np.multiply(first, bend[:, np.newaxis], out=factors[:, :4])
    lagged_weight = factors[:, 6]
    lagged_weight[:, :-1], lagged_weight[:, -1] = weight[:, 1:], 0.0
    sums = np.matmul(first, factors.transpose(0, 2, 1))
    hessian, (gradient, cross, lagged) = sums[:, :, :4].copy(), np.moveaxis(sums[:, :, 4:].copy(), -1, 0)

    _, omega, alpha, beta = parameters.T
    # The sums of the pulls with the second derivatives of h: those by beta, by mu and alpha, and twice by mu.
    at_first = weight[:, 0] * slope
    lagged[:, 0] += at_first
    by_alpha = at_first - 2 * np.einsum("kt,kt->k", lagged_weight[:, :-1], errors[:, :-1])
    for by_one in (hessian, hessian.transpose(0, 2, 1)):
        by_one[:, 3] += lagged
        by_one[:, 0, 2] += by_alpha
        by_one[:, 0] += cross
    total = weight[:, 0] + lagged_weight.sum(axis=1)
    hessian[:, 0, 0] += 2 * (alpha * total + beta * weight[:, 0]) + precision_sum
    gradient[:, 0] -= lean_sum
    following = omega + alpha * path.squares[:, rows] + beta * h[:, -1]
    return Derivatives(_values(h, ratio_sum), gradient, hessian, following)


def score_products(parameters: Array, returns: Array) -> Array:
    """Sum of the outer products of the scores of one model `(4,)`, `(4, 4)`; taken once a fit, so it has no loop."""
    room = Room(1, returns.size)
    path = _Path.of(parameters[np.newaxis], returns[np.newaxis], np.zeros(1, dtype=np.intp), room)
    first, _, _ = path.first_derivatives(parameters[np.newaxis], path.errors, room)
    h, errors = path.variances[0, : returns.size], path.errors[0]
    scores = first[0] * ((1 - errors**2 / h) / (2 * h))
    scores[0] -= errors / h
    return np.asarray(scores @ scores.T)
