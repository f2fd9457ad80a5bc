"""The likelihood of a GARCH(1,1) with constant mean, and its exact derivatives, in one pass over the returns.

    e_t = x_t - mu        h_t = omega + alpha e_{t-1}^2 + beta h_{t-1}        l_t = (ln 2 pi + ln h_t + e_t^2 / h_t) / 2

Before the first return, h and e^2 are both the mean of all e_t^2, which itself moves with mu. All derivatives of h obey
one recursion, y_t = u_t + beta y_{t-1}, which numpy solves without a loop over time. Returns are of unit size
(standardised), so that the product of sixteen variances stays far inside what a number can hold; the loop takes one
logarithm for it.

Source: Fiorentini, Calzolari and Panattoni (1996), "Analytic Derivatives and the Computation of GARCH Estimates".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...numeric.compiled import compiled, worth_compiling
from ...numeric.recursion import decayed

__all__ = ["COMPILED", "NUMPY", "Derivatives", "Kernel", "kernel_for", "score_products"]

WORK = 3_000
"""Array elements, for each return, that numpy goes through in one fit: two hundred in each of fifteen evaluations."""

CALLS = 5_000_000
"""Array elements that pass in the time of a fit's calls of numpy: 5 to 20 ms, however few the returns are."""


class Derivatives(NamedTuple):
    """Minus the log-likelihood, its gradient `(4,)` and Hessian `(4, 4)`; and the variance after the last return."""

    value: float
    gradient: Array
    hessian: Array
    next_variance: float


class Kernel(NamedTuple):
    """The two functions of parameters (mu, omega, alpha, beta) `(4,)` and returns `(T,)` that a fit goes by."""

    likelihood: Callable[[Array, Array], float]
    """Minus the Gaussian log-likelihood."""
    derivatives: Callable[[Array, Array], Derivatives]


def kernel_for(returns: int, fits: int) -> Kernel:
    """What answers for so many returns, counted over all contracts, and so many fits, one a contract."""
    return COMPILED if worth_compiling(WORK * returns + CALLS * fits) else NUMPY


def score_products(parameters: Array, returns: Array) -> Array:
    """Sum of the outer products of the scores, `(4, 4)`; taken once a fit, so it has no loop of its own."""
    path = _path(parameters, returns)
    h = path.variances[:-1]
    first, _ = _first_derivatives(parameters, path)
    scores = first * ((1 - path.errors**2 / h) / (2 * h))[:, np.newaxis]
    scores[:, 0] -= path.errors / h
    return np.asarray(scores.T @ scores)


class _Path(NamedTuple):
    """Errors, variances `(T + 1,)` and what the derivatives are made of; `before` is of the bar before."""

    errors: Array
    slope_before: Array
    square_before: Array
    variances: Array
    start: float

    @property
    def variance_before(self) -> Array:
        return np.append(self.start, self.variances[:-2])


def _path(parameters: Array, returns: Array) -> _Path:
    mu, omega, alpha, beta = parameters
    errors = returns - mu
    squares = errors**2
    start = float(squares.mean())
    square_before = np.append(start, squares)
    slope_before = np.append(-2 * errors.mean(), -2 * errors[:-1])
    variances = decayed(omega + alpha * square_before, beta, start)
    return _Path(errors, slope_before, square_before[:-1], variances, start)


def _first_derivatives(parameters: Array, path: _Path) -> tuple[Array, Array]:
    """Of the variances by the parameters, `(T, 4)`, and of those of the bar before."""
    _, _, alpha, beta = parameters
    start = np.array([path.slope_before[0], 0.0, 0.0, 0.0])
    ones = np.ones(path.errors.size)
    inputs = np.column_stack([alpha * path.slope_before, ones, path.square_before, path.variance_before])
    first = decayed(inputs, beta, start)
    return first, np.vstack([start, first[:-1]])


def _likelihood_by_numpy(parameters: Array, returns: Array) -> float:
    path = _path(parameters, returns)
    return _value(path.variances[:-1], path.errors**2 / path.variances[:-1])


def _value(variances: Array, ratios: Array) -> float:
    return float(np.log(variances).sum() + ratios.sum() + variances.size * math.log(2 * math.pi)) / 2


def _derivatives_by_numpy(parameters: Array, returns: Array) -> Derivatives:
    path = _path(parameters, returns)
    _, _, alpha, beta = parameters
    first, before = _first_derivatives(parameters, path)
    # Second derivatives by mu mu, mu alpha, mu beta, omega beta, alpha beta, beta beta; the others are zero.
    twice_alpha = np.full(returns.size, 2 * alpha)
    inputs = np.column_stack([twice_alpha, path.slope_before, *before[:, :3].T, 2 * before[:, 3]])
    second = decayed(inputs, beta, np.array([2.0, 0.0, 0.0, 0.0, 0.0, 0.0]))

    h = path.variances[:-1]
    ratio = path.errors**2 / h
    pull = (1 - ratio) / (2 * h)
    gradient = pull @ first
    gradient[0] -= (path.errors / h).sum()

    hessian = first.T @ (((2 * ratio - 1) / (2 * h**2))[:, np.newaxis] * first)
    for row, column, value in zip((0, 0, 0, 1, 2, 3), (0, 2, 3, 3, 3, 3), pull @ second, strict=True):
        hessian[row, column] += value
        if row != column:
            hessian[column, row] += value
    cross = (path.errors / h**2) @ first
    hessian[0] += cross
    hessian[:, 0] += cross
    hessian[0, 0] += (1 / h).sum()
    return Derivatives(_value(h, ratio), gradient, hessian, float(path.variances[-1]))


def _likelihood_by_loop(parameters: Array, returns: Array) -> float:
    return float(compiled(_likelihood_loop)(*parameters, returns))


def _derivatives_by_loop(parameters: Array, returns: Array) -> Derivatives:
    gradient, hessian = np.empty(4), np.empty((4, 4))
    value, next_variance = compiled(_derivatives_loop)(*parameters, returns, gradient, hessian)
    return Derivatives(float(value), gradient, hessian, float(next_variance))


def _likelihood_loop(mu, omega, alpha, beta, x):  # type: ignore[no-untyped-def]
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


def _derivatives_loop(mu, omega, alpha, beta, x, gradient, hessian):  # type: ignore[no-untyped-def]
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
