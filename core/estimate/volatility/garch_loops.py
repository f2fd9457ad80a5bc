"""The likelihoods of GARCH(1,1) models with constant mean, and their exact derivatives, in one pass over the returns.

    e_t = x_t - mu        h_t = omega + alpha e_{t-1}^2 + beta h_{t-1}        l_t = (ln 2 pi + ln h_t + e_t^2 / h_t) / 2

Before the first return, h and e^2 are both the mean of all e_t^2, which itself moves with mu. All derivatives of h obey
one recursion, y_t = u_t + beta y_{t-1}, which numpy solves without a loop over time, and for many models side by side,
so that its calls are shared. Returns are of unit size (standardised), so that the product of sixteen variances stays
far inside what a number can hold; the loop takes one logarithm for it.

Source: Fiorentini, Calzolari and Panattoni (1996), "Analytic Derivatives and the Computation of GARCH Estimates".
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...numeric.compiled import compiled, in_rows, worth_compiling
from ...numeric.recursion import Decay

__all__ = ["COMPILED", "NUMPY", "Derivatives", "Kernel", "kernel_for", "score_products"]

WORK = 7_000
"""Array elements, for each return, that numpy goes through in one fit from all of its starts."""

TOGETHER = 4_500
"""Returns of as many models as numpy works on side by side: few enough for its arrays to stay in the cache."""

CALLS = 1_000_000
"""Array elements that pass in the time of a fit's share of the calls of numpy, however few the returns are."""


class Derivatives(NamedTuple):
    """Minus the log-likelihoods `(k,)`, gradients `(k, 4)`, Hessians `(k, 4, 4)`, variances after the last return."""

    value: Array
    gradient: Array
    hessian: Array
    next_variance: Array


class Kernel(NamedTuple):
    """The two functions of parameters (mu, omega, alpha, beta) `(k, 4)` and returns `(k, T)` that a fit goes by."""

    likelihood: Callable[[Array, Array], Array]
    """Minus the Gaussian log-likelihoods `(k,)`."""
    derivatives: Callable[[Array, Array], Derivatives]


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


def _side_by_side(returns: Array) -> Iterator[slice]:
    """As many models at a time as numpy takes together."""
    count, rows = returns.shape
    several = max(TOGETHER // rows, 1)
    for first in range(0, count, several):
        yield slice(first, first + several)


def _likelihood_by_numpy(parameters: Array, returns: Array) -> Array:
    values = np.empty(len(parameters))
    for few in _side_by_side(returns):
        path = _Path.of(parameters[few], returns[few])
        h = path.variances[:, : returns.shape[1]]
        values[few] = _values(h, path.errors**2 / h)
    return values


def _values(variances: Array, ratios: Array) -> Array:
    total = np.log(variances).sum(axis=1) + ratios.sum(axis=1)
    return np.asarray(total + variances.shape[1] * math.log(2 * math.pi)) / 2


def _derivatives_by_numpy(parameters: Array, returns: Array) -> Derivatives:
    parts = [_few_by_numpy(parameters[few], returns[few]) for few in _side_by_side(returns)]
    return (
        parts[0] if len(parts) == 1 else Derivatives(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    )


def _few_by_numpy(parameters: Array, returns: Array) -> Derivatives:
    path = _Path.of(parameters, returns)
    count, rows = returns.shape
    first, slope = path.first_derivatives()
    # Second derivatives by mu mu, mu alpha, mu beta, omega beta, alpha beta, beta beta; the others are zero.
    inputs, start = np.empty((count, 6, path.decay.rows)), np.zeros((count, 6))
    inputs[:, 0], inputs[:, 1] = 2 * path.alpha, slope
    inputs[:, 2:5, 0], inputs[:, 2:5, 1:] = 0.0, first[:, :3, :-1]
    inputs[:, 2, 0] = slope[:, 0]
    inputs[:, 5, 0], inputs[:, 5, 1:] = 0.0, 2 * first[:, 3, :-1]
    start[:, 0] = 2.0
    second = path.decay(inputs, start)[:, :, :rows]

    first, h = first[:, :, :rows], path.variances[:, :rows]
    precision = 1 / h
    ratio = path.errors**2 * precision
    pull, lean = (1 - ratio) * precision / 2, path.errors * precision
    gradient = np.matmul(first, pull[..., np.newaxis])[..., 0]
    gradient[:, 0] -= lean.sum(axis=1)

    bend = (2 * ratio - 1) * precision**2 / 2
    hessian = np.matmul(first * bend[:, np.newaxis], first.transpose(0, 2, 1))
    bent = np.matmul(second, pull[..., np.newaxis])[..., 0]
    for place, (row, column) in enumerate(((0, 0), (0, 2), (0, 3), (1, 3), (2, 3), (3, 3))):
        hessian[:, row, column] += bent[:, place]
        if row != column:
            hessian[:, column, row] += bent[:, place]
    cross = np.matmul(first, (lean * precision)[..., np.newaxis])[..., 0]
    hessian[:, 0] += cross
    hessian[:, :, 0] += cross
    hessian[:, 0, 0] += precision.sum(axis=1)
    _, omega, alpha, beta = parameters.T
    return Derivatives(_values(h, ratio), gradient, hessian, omega + alpha * path.errors[:, -1] ** 2 + beta * h[:, -1])


def _likelihood_by_loop(parameters: Array, returns: Array) -> Array:
    values = np.empty(len(parameters))
    compiled(_likelihoods_loop)(*in_rows(parameters, returns), values)
    return values


def _derivatives_by_loop(parameters: Array, returns: Array) -> Derivatives:
    count = len(parameters)
    found = Derivatives(np.empty(count), np.empty((count, 4)), np.empty((count, 4, 4)), np.empty(count))
    compiled(_all_derivatives_loop)(*in_rows(parameters, returns), *found)
    return found


def _likelihoods_loop(parameters, returns, values):
    for k in range(len(parameters)):
        mu, omega, alpha, beta = parameters[k]
        values[k] = _likelihood_loop(mu, omega, alpha, beta, returns[k])


def _all_derivatives_loop(parameters, returns, value, gradient, hessian, following):
    for k in range(len(parameters)):
        mu, omega, alpha, beta = parameters[k]
        value[k], following[k] = _derivatives_loop(mu, omega, alpha, beta, returns[k], gradient[k], hessian[k])


def _likelihood_loop(mu, omega, alpha, beta, x):
    square = 0.0
    for t in range(x.size):
        square += (x[t] - mu) ** 2
    square /= x.size
    h = square
    total, product = x.size * math.log(2 * math.pi), 1.0
    for t in range(x.size):
        h = omega + alpha * square + beta * h
        square = (x[t] - mu) ** 2
        total += square / h
        product *= h
        if t % 16 == 15:
            total += math.log(product)
            product = 1.0
    return (total + math.log(product)) / 2


def _derivatives_loop(mu, omega, alpha, beta, x, gradient, hessian):
    square, error = 0.0, 0.0
    for t in range(x.size):
        square += (x[t] - mu) ** 2
        error += x[t] - mu
    square /= x.size
    slope = -2 * error / x.size
    h = square
    # Derivatives of h by m(u), o(mega), a(lpha), b(eta), and the second ones that are not zero.
    h_m, h_o, h_a, h_b = slope, 0.0, 0.0, 0.0
    h_mm, h_ma, h_mb, h_ob, h_ab, h_bb = 2.0, 0.0, 0.0, 0.0, 0.0, 0.0
    g_m = g_o = g_a = g_b = 0.0
    mm = mo = ma = mb = oo = oa = ob = aa = ab = bb = 0.0
    total, product = x.size * math.log(2 * math.pi), 1.0
    for t in range(x.size):
        # The second need the first ones, and those need h, of the bar before.
        h_mm = 2 * alpha + beta * h_mm
        h_ma = slope + beta * h_ma
        h_mb = h_m + beta * h_mb
        h_ob = h_o + beta * h_ob
        h_ab = h_a + beta * h_ab
        h_bb = 2 * h_b + beta * h_bb
        h_m = alpha * slope + beta * h_m
        h_o = 1.0 + beta * h_o
        h_a = square + beta * h_a
        h_b = h + beta * h_b
        h = omega + alpha * square + beta * h

        error = x[t] - mu
        square = error * error
        slope = -2 * error
        precision = 1 / h
        ratio = square * precision
        total += ratio
        product *= h
        if t % 16 == 15:
            total += math.log(product)
            product = 1.0

        pull = 0.5 * precision * (1 - ratio)
        lean = error * precision
        g_m += pull * h_m - lean
        g_o += pull * h_o
        g_a += pull * h_a
        g_b += pull * h_b

        bend = 0.5 * precision * precision * (2 * ratio - 1)
        cross = lean * precision
        bend_m, bend_o, bend_a = bend * h_m + cross, bend * h_o, bend * h_a
        mm += (bend_m + cross) * h_m + pull * h_mm + precision
        mo += bend_m * h_o
        ma += bend_m * h_a + pull * h_ma
        mb += bend_m * h_b + pull * h_mb
        oo += bend_o * h_o
        oa += bend_o * h_a
        ob += bend_o * h_b + pull * h_ob
        aa += bend_a * h_a
        ab += bend_a * h_b + pull * h_ab
        bb += bend * h_b * h_b + pull * h_bb
    gradient[:] = (g_m, g_o, g_a, g_b)
    hessian[0] = (mm, mo, ma, mb)
    hessian[1] = (mo, oo, oa, ob)
    hessian[2] = (ma, oa, aa, ab)
    hessian[3] = (mb, ob, ab, bb)
    return (total + math.log(product)) / 2, omega + alpha * square + beta * h


NUMPY = Kernel(_likelihood_by_numpy, _derivatives_by_numpy)
COMPILED = Kernel(_likelihood_by_loop, _derivatives_by_loop)
