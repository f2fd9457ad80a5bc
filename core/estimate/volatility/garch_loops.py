"""The likelihoods of GARCH(1,1) models with constant mean, and their exact derivatives, in one pass over the returns.

    e_t = x_t - mu        h_t = omega + alpha e_{t-1}^2 + beta h_{t-1}        l_t = (ln 2 pi + ln h_t + e_t^2 / h_t) / 2

Before the first return, h and e^2 are both the mean of all e_t^2, which itself moves with mu. Numpy takes models side
by side in arrays (`garch_arrays`), the loops in lanes, which the processor goes through several at a time.

Returns are of unit size (standardised), so that the product of sixteen variances stays far inside what a number can
hold; the loops take one logarithm for it.

Source: Fiorentini, Calzolari and Panattoni (1996), "Analytic Derivatives and the Computation of GARCH Estimates".
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...numeric.compiled import compiled, in_rows, worth_compiling
from ...numeric.newton import Index
from .garch_arrays import Derivatives, Room, derivatives, likelihood

__all__ = ["COMPILED", "NUMPY", "Kernel", "kernel_for"]

WORK = 5_000
"""Array elements, for each return, that numpy goes through in one fit from all of its starts."""

LANES, AT_ONCE = 16, 4
"""Models that the loops take through the returns side by side, and as how many of them the processor takes as one."""

FLUSH = 16
"""Variances that are multiplied before their logarithm is taken: a logarithm costs as much as half a row."""

CALLS = 1_200_000
"""Array elements that pass in the time of a fit's share of the calls of numpy, however few the returns are."""


class Kernel(NamedTuple):
    """The two functions that a fit goes by.

    Of parameters (mu, omega, alpha, beta) `(k, 4)`, returns `(n, T)`, the row of returns that each model is for `(k,)`,
    and the room in which the fit works.
    """

    likelihood: Callable[..., Array]
    """Minus the Gaussian log-likelihoods `(k,)`."""
    derivatives: Callable[..., Derivatives]
    room: Callable[[Array, int], Room | None]
    """For these returns and so many models; None where it works without, or makes its own each time."""


def kernel_for(returns: int, fits: int) -> Kernel:
    """What answers for so many returns, counted over all contracts, and so many fits, one a contract."""
    return COMPILED if worth_compiling(WORK * returns + CALLS * fits) else NUMPY


def _likelihood_by_loop(parameters: Array, returns: Array, of: Index, room: Room | None = None) -> Array:
    values = np.empty(len(parameters))
    compiled(_likelihoods_loop)(*in_rows(parameters, returns, of), values)
    return values


def _derivatives_by_loop(parameters: Array, returns: Array, of: Index, room: Room | None = None) -> Derivatives:
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


NUMPY = Kernel(likelihood, derivatives, Room.of)
COMPILED = Kernel(_likelihood_by_loop, _derivatives_by_loop, lambda returns, models: None)
