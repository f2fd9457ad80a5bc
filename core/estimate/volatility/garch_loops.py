"""The likelihoods of GARCH(1,1) models with constant mean, and their exact derivatives, in one pass over the returns.

    e_t = x_t - mu        h_t = omega + alpha e_{t-1}^2 + beta h_{t-1}        l_t = (ln 2 pi + ln h_t + e_t^2 / h_t) / 2

Before the first return, h and e^2 are both the mean of all e_t^2, which itself moves with mu. All derivatives of h obey
one recursion, y_t = u_t + beta y_{t-1}, which numpy solves without a loop over time, and for many models side by side,
so that its calls are shared. Of the second derivatives only their sum with weights is needed: numpy runs the recursion
once over the weights, from the end, in place of six times over the derivatives. The loops take models side by side as
well, in lanes, which the processor goes through several at a time.

Returns are of unit size (standardised), so that the product of sixteen variances stays far inside what a number can
hold; the loops take one logarithm for it.

Source: Fiorentini, Calzolari and Panattoni (1996), "Analytic Derivatives and the Computation of GARCH Estimates".
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...numeric.compiled import compiled, in_rows, worth_compiling
from ...numeric.newton import Index
from ...numeric.recursion import Decay
from ...records import dataclass

__all__ = ["COMPILED", "NUMPY", "Derivatives", "Kernel", "kernel_for", "score_products"]

WORK = 7_000
"""Array elements, for each return, that numpy goes through in one fit from all of its starts."""

TOGETHER = 4_500
"""Returns of as many models as numpy works on side by side: few enough for its arrays to stay in the cache."""

LANES, AT_ONCE = 16, 4
"""Models that the loops take through the returns side by side, and as how many of them the processor takes as one."""

FLUSH = 16
"""Variances that are multiplied before their logarithm is taken: a logarithm costs as much as half a row."""

CALLS = 1_000_000
"""Array elements that pass in the time of a fit's share of the calls of numpy, however few the returns are."""


class Derivatives(NamedTuple):
    """Minus the log-likelihoods `(k,)`, gradients `(k, 4)`, Hessians `(k, 4, 4)`, variances after the last return."""

    value: Array
    gradient: Array
    hessian: Array
    next_variance: Array


class Kernel(NamedTuple):
    """The two functions that a fit goes by.

    Of parameters (mu, omega, alpha, beta) `(k, 4)`, returns `(n, T)`, and the row of returns that each model is for.
    """

    likelihood: Callable[[Array, Array, Index], Array]
    """Minus the Gaussian log-likelihoods `(k,)`."""
    derivatives: Callable[[Array, Array, Index], Derivatives]


def kernel_for(returns: int, fits: int) -> Kernel:
    """What answers for so many returns, counted over all contracts, and so many fits, one a contract."""
    return COMPILED if worth_compiling(WORK * returns + CALLS * fits) else NUMPY


def score_products(parameters: Array, returns: Array) -> Array:
    """Sum of the outer products of the scores of one model `(4,)`, `(4, 4)`; taken once a fit, so it has no loop."""
    path = _Path.of(parameters[np.newaxis], returns[np.newaxis])
    first, _ = path.first_derivatives()
    h, errors = path.variances[0, : returns.size], path.errors[0]
    scores = first[0, :, : returns.size] * ((1 - errors**2 / h) / (2 * h))
    scores[0] -= errors / h
    return np.asarray(scores @ scores.T)


@dataclass(frozen=True, eq=False)
class _Path:
    """k models along their returns: errors `(k, T)`; variances and squared errors of the bar before `(k, rows)`.

    Behind the T that count come those with which the recursion is padded.
    """

    alpha: Array
    decay: Decay
    errors: Array
    start: Array
    square_before: Array
    variances: Array

    @classmethod
    def of(cls, parameters: Array, returns: Array) -> _Path:
        mu, omega, alpha, _ = parameters.T[..., np.newaxis]
        count, rows = returns.shape
        decay = Decay(parameters[:, 3], rows)
        errors = returns - mu
        squares = errors * errors
        start = squares.mean(axis=1)
        before = np.empty((count, decay.rows))
        before[:, 0], before[:, 1:rows], before[:, rows:] = start, squares[:, :-1], start[:, np.newaxis]
        variances = decay((omega + alpha * before)[:, np.newaxis], start[:, np.newaxis])[:, 0]
        return cls(alpha, decay, errors, start, before, variances)

    def first_derivatives(self) -> tuple[Array, Array]:
        """Of the variances by the parameters, `(k, 4, rows)`, and the slope of the squared error of the bar before."""
        count, rows = self.errors.shape
        slope = np.zeros((count, self.decay.rows))
        slope[:, 0], slope[:, 1:rows] = -2 * self.errors.mean(axis=1), -2 * self.errors[:, :-1]
        inputs = np.empty((count, 4, self.decay.rows))
        inputs[:, 0], inputs[:, 1], inputs[:, 2] = self.alpha * slope, 1.0, self.square_before
        inputs[:, 3, 0], inputs[:, 3, 1:] = self.start, self.variances[:, :-1]
        start = np.zeros((count, 4))
        start[:, 0] = slope[:, 0]
        return self.decay(inputs, start), slope


def _side_by_side(models: int, rows: int) -> Iterator[slice]:
    """As many models at a time as numpy takes together."""
    several = max(TOGETHER // rows, 1)
    for first in range(0, models, several):
        yield slice(first, first + several)


def _likelihood_by_numpy(parameters: Array, returns: Array, of: Index) -> Array:
    values = np.empty(len(parameters))
    for few in _side_by_side(len(parameters), returns.shape[1]):
        path = _Path.of(parameters[few], returns[of[few]])
        h = path.variances[:, : returns.shape[1]]
        values[few] = _values(h, path.errors**2 / h)
    return values


def _values(variances: Array, ratios: Array) -> Array:
    total = np.log(variances).sum(axis=1) + ratios.sum(axis=1)
    return np.asarray(total + variances.shape[1] * math.log(2 * math.pi)) / 2


def _derivatives_by_numpy(parameters: Array, returns: Array, of: Index) -> Derivatives:
    together = _side_by_side(len(parameters), returns.shape[1])
    parts = [_few_by_numpy(parameters[few], returns[of[few]]) for few in together]
    return (
        parts[0] if len(parts) == 1 else Derivatives(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    )


def _few_by_numpy(parameters: Array, returns: Array) -> Derivatives:
    path = _Path.of(parameters, returns)
    count, rows = returns.shape
    first, slope = path.first_derivatives()
    first, slope, h = first[:, :, :rows], slope[:, :rows], path.variances[:, :rows]
    precision = 1 / h
    lean = path.errors * precision
    ratio = path.errors * lean
    pull = (1 - ratio) * precision / 2
    weight = path.decay.backward(pull)
    factors = np.empty((count, rows, 3))
    factors[:, :, 0], factors[:, :, 1] = pull, lean * precision
    factors[:, :-1, 2], factors[:, -1, 2] = weight[:, 1:], 0.0
    gradient, cross, lagged = np.moveaxis(np.matmul(first, factors), -1, 0)

    bend = (2 * ratio - 1) * precision**2 / 2
    hessian = np.matmul(first * bend[:, np.newaxis], first.transpose(0, 2, 1))
    _, omega, alpha, beta = parameters.T
    # The sums of the pulls with the second derivatives of h: those by beta, by mu and alpha, and twice by mu.
    lagged[:, 0] += weight[:, 0] * slope[:, 0]
    by_alpha = np.einsum("kt,kt->k", weight, slope)
    for by_one in (hessian, hessian.transpose(0, 2, 1)):
        by_one[:, 3] += lagged
        by_one[:, 0, 2] += by_alpha
        by_one[:, 0] += cross
    hessian[:, 0, 0] += 2 * (alpha * weight.sum(axis=1) + beta * weight[:, 0]) + precision.sum(axis=1)
    gradient[:, 0] -= lean.sum(axis=1)
    return Derivatives(_values(h, ratio), gradient, hessian, omega + alpha * path.errors[:, -1] ** 2 + beta * h[:, -1])


def _likelihood_by_loop(parameters: Array, returns: Array, of: Index) -> Array:
    values = np.empty(len(parameters))
    compiled(_likelihoods_loop)(*in_rows(parameters, returns, of), values)
    return values


def _derivatives_by_loop(parameters: Array, returns: Array, of: Index) -> Derivatives:
    count = len(parameters)
    found = Derivatives(np.empty(count), np.empty((count, 4)), np.empty((count, 4, 4)), np.empty(count))
    compiled(_derivatives_loop)(*in_rows(parameters, returns, of), *found)
    return found


def _lanes(parameters, returns, of, first, model, x, start):
    """Lay out the next models `(4, LANES)`, their returns `(T, LANES)`, mean squared and mean error `(2, LANES)`.

    As many as the processor takes at once; where there are fewer, the last one is repeated. Answers how many.
    """
    last, rows = len(parameters) - 1, returns.shape[1]
    lanes = min(LANES, (last - first) // AT_ONCE * AT_ONCE + AT_ONCE)
    row = np.empty(LANES, dtype=np.intp)
    for j in range(lanes):
        k = min(first + j, last)
        row[j] = of[k]
        for i in range(4):
            model[i, j] = parameters[k, i]
    start[:] = 0.0
    for t in range(rows):
        for j in range(lanes):
            x[t, j] = returns[row[j], t]
        for j in range(lanes):
            error = x[t, j] - model[0, j]
            start[0, j] += error * error
            start[1, j] += error
    start /= rows
    return lanes


def _likelihoods_loop(parameters, returns, of, values):
    count, rows = len(parameters), returns.shape[1]
    model, x, start = np.empty((4, LANES)), np.empty((rows, LANES)), np.empty((2, LANES))
    path, product, total = np.empty((2, LANES)), np.empty(LANES), np.empty(LANES)
    for first in range(0, count, LANES):
        lanes = _lanes(parameters, returns, of, first, model, x, start)
        path[0], path[1] = start[0], start[0]
        product[:], total[:] = 1.0, rows * math.log(2 * math.pi)
        for t in range(rows):
            for j in range(lanes):
                h, square = path[0, j], path[1, j]
                h = model[1, j] + model[2, j] * square + model[3, j] * h
                error = x[t, j] - model[0, j]
                square = error * error
                path[0, j], path[1, j] = h, square
                total[j] += square / h
                product[j] *= h
            if t % FLUSH == FLUSH - 1 or t == rows - 1:
                for j in range(lanes):
                    total[j] += math.log(product[j])
                    product[j] = 1.0
        for k in range(first, min(first + LANES, count)):
            values[k] = total[k - first] / 2


def _derivatives_loop(parameters, returns, of, value, gradient, hessian, following):
    """Reads first, writes last, no branch inside: so that the lanes run side by side."""
    count, rows = len(parameters), returns.shape[1]
    model, x, start = np.empty((4, LANES)), np.empty((rows, LANES)), np.empty((2, LANES))
    path, sums, product = np.empty((13, LANES)), np.empty((15, LANES)), np.empty(LANES)
    for first in range(0, count, LANES):
        lanes = _lanes(parameters, returns, of, first, model, x, start)
        # h, the squared error and its slope by mu; the derivatives of h by m(u), o(mega), a(lpha), b(eta), and the
        # second ones that are not zero: mm, ma, mb, ob, ab, bb.
        path[:], sums[:], product[:] = 0.0, 0.0, 1.0
        path[0], path[1], path[2], path[3], path[7] = start[0], start[0], -2 * start[1], -2 * start[1], 2.0
        sums[0] = rows * math.log(2 * math.pi)
        for t in range(rows):
            for j in range(lanes):
                alpha, beta = model[2, j], model[3, j]
                h, square, slope = path[0, j], path[1, j], path[2, j]
                h_m, h_o, h_a, h_b = path[3, j], path[4, j], path[5, j], path[6, j]
                # The second need the first ones, and those need h, of the bar before.
                h_mm = 2 * alpha + beta * path[7, j]
                h_ma = slope + beta * path[8, j]
                h_mb = h_m + beta * path[9, j]
                h_ob = h_o + beta * path[10, j]
                h_ab = h_a + beta * path[11, j]
                h_bb = 2 * h_b + beta * path[12, j]
                h_m = alpha * slope + beta * h_m
                h_o = 1.0 + beta * h_o
                h_a = square + beta * h_a
                h_b = h + beta * h_b
                h = model[1, j] + alpha * square + beta * h

                error = x[t, j] - model[0, j]
                square = error * error
                precision = 1 / h
                ratio = square * precision
                pull = 0.5 * precision * (1 - ratio)
                lean = error * precision
                bend = 0.5 * precision * precision * (2 * ratio - 1)
                cross = lean * precision
                bend_m, bend_o, bend_a = bend * h_m + cross, bend * h_o, bend * h_a

                path[0, j], path[1, j], path[2, j] = h, square, -2 * error
                path[3, j], path[4, j], path[5, j], path[6, j] = h_m, h_o, h_a, h_b
                path[7, j], path[8, j], path[9, j] = h_mm, h_ma, h_mb
                path[10, j], path[11, j], path[12, j] = h_ob, h_ab, h_bb
                product[j] *= h
                sums[0, j] += ratio
                sums[1, j] += pull * h_m - lean
                sums[2, j] += pull * h_o
                sums[3, j] += pull * h_a
                sums[4, j] += pull * h_b
                sums[5, j] += (bend_m + cross) * h_m + pull * h_mm + precision
                sums[6, j] += bend_m * h_o
                sums[7, j] += bend_m * h_a + pull * h_ma
                sums[8, j] += bend_m * h_b + pull * h_mb
                sums[9, j] += bend_o * h_o
                sums[10, j] += bend_o * h_a
                sums[11, j] += bend_o * h_b + pull * h_ob
                sums[12, j] += bend_a * h_a
                sums[13, j] += bend_a * h_b + pull * h_ab
                sums[14, j] += bend * h_b * h_b + pull * h_bb
            if t % FLUSH == FLUSH - 1 or t == rows - 1:
                for j in range(lanes):
                    sums[0, j] += math.log(product[j])
                    product[j] = 1.0
        for k in range(first, min(first + LANES, count)):
            j = k - first
            value[k], gradient[k] = sums[0, j] / 2, sums[1:5, j]
            following[k] = model[1, j] + model[2, j] * path[1, j] + model[3, j] * path[0, j]
            place = 5
            for row in range(4):
                for column in range(row, 4):
                    hessian[k, row, column] = hessian[k, column, row] = sums[place, j]
                    place += 1


NUMPY = Kernel(_likelihood_by_numpy, _derivatives_by_numpy)
COMPILED = Kernel(_likelihood_by_loop, _derivatives_by_loop)
