"""The Kalman filter of a straight line whose two coefficients walk at random, in information form.

    y_t = a_t + b_t x_t + e_t        (a, b)_t = (a, b)_{t-1} + steps        Var(e) = s^2, Var(steps) = Q s^2

All variances are kept in units of s^2, and Q = diag(q_a, q_b). J is the inverse covariance of (a, b) and h = J (a, b);
with z = (1, x)

    a step of time    J <- (I + J Q)^-1 J        h <- (I + J Q)^-1 h        det J <- det J / det(I + J Q)
    an observation    J <- J + z z'              h <- h + z y               det J <- det J + z' adj(J) z

A step of time leaves the line where it is, so adj(J) h = det J (a, b) shrinks with det J, and foretells the next row.
J = 0 says that nothing is known, so the start is exactly diffuse: two rows with different x make the line known, and
from there each row brings an innovation v and its variance F, whose Gaussian likelihood is summed. det J is carried
along because both steps change it without cancellation.

Sources: Anderson and Moore (1979), "Optimal Filtering", ch. 6 (information filter); Harvey (1989), "Forecasting,
Structural Time Series Models and the Kalman Filter", ch. 3 (likelihood).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...numeric.compiled import compiled, worth_compiling
from ...tolerances import ROUNDING

__all__ = ["Line", "filter_lines", "likelihood_sums", "next_line", "no_line"]

PASSES = 60
"""Arrays as large as one row that numpy goes through for each row."""

SHORTEST = 400
"""A numpy operation on fewer elements takes as long as on so many."""

ROUNDS = 7
"""How often a search for the best ratio asks for likelihoods."""

FLUSH = 8
"""Rows of variances multiplied before their logarithm is taken: a logarithm costs as much as a row."""


class Line(NamedTuple):
    """What is known of N lines, and of how well they foretold each row so far; each field `(N,)`."""

    j11: Array
    j12: Array
    j22: Array
    h1: Array
    h2: Array
    determinant: Array
    squares: Array
    """Sum of v^2 / F."""
    logarithms: Array
    """Sum of log F."""
    innovations: Array
    """How many rows have been foretold."""

    @property
    def estimates(self) -> Array:
        """Intercept, slope and the variance of the slope in units of s^2, `(3, N)`; NaN until two x differ."""
        known = self.determinant > ROUNDING * self.j11 * self.j22
        determinant = np.where(known, self.determinant, np.nan)
        intercept = self.j22 * self.h1 - self.j12 * self.h2
        slope = self.j11 * self.h2 - self.j12 * self.h1
        return np.stack([intercept, slope, self.j11]) / determinant


def no_line(size: int) -> Line:
    """Nothing known of `size` lines."""
    return Line(*np.zeros((len(Line._fields), size)))


def next_line(line: Line, y: Array, x: Array | float, q_a: Array, q_b: Array) -> Line:
    """One row later; a missing y or x (NaN) lets time pass only. Shapes `(N,)` or any that broadcast."""
    j11, j12, j22, h1, h2, determinant, squares, logarithms, innovations = line
    shrink = 1 / (1 + q_a * j11 + q_b * (j22 + q_a * determinant))
    a, b = j22 * h1 - j12 * h2, j11 * h2 - j12 * h1
    h1, h2 = (h1 + q_b * a) * shrink, (h2 + q_a * b) * shrink
    j11, j22 = (j11 + q_b * determinant) * shrink, (j22 + q_a * determinant) * shrink
    j12, determinant = j12 * shrink, determinant * shrink

    present = np.isfinite(y + x)
    y, x = np.where(present, y, 0.0), np.where(present, x, 0.0)
    grown = determinant + np.where(present, j22 - 2 * j12 * x + j11 * x * x, 0.0)
    foretold = present & (determinant > ROUNDING * j11 * j22)
    before, after = np.where(foretold, determinant, 1.0), np.where(foretold, grown, 1.0)
    # The innovation times det J, which needs no division; F = after / before.
    surprise = y * determinant - (a + b * x) * shrink
    return Line(
        j11 + present,
        j12 + x,
        j22 + x * x,
        h1 + y,
        h2 + x * y,
        grown,
        squares + np.where(foretold, surprise * surprise, 0.0) / (before * after),
        logarithms + np.log(after / before),
        innovations + foretold,
    )


def filter_lines(y: Array, x: Array, q_a: Array, q_b: Array) -> tuple[Array, Line]:
    """Intercept, slope and the slope's variance in units of s^2 after each row, `(3, T, N)`, and what is known at last.

    Shapes: y `(T, N)`, x `(T,)`, the ratios `(N,)`. NaN in y or x is missing; NaN in the result is not known yet.
    """
    estimates = np.empty((3, *y.shape))
    if worth_compiling(PASSES * len(y) * max(y.shape[1], SHORTEST)):
        line = np.zeros((len(Line._fields), y.shape[1]))
        compiled(_filter_loop)(np.ascontiguousarray(y), x, q_a, q_b, ROUNDING, FLUSH, line, estimates)
        return estimates, Line(*line)
    return estimates, _by_numpy(y, x, q_a, q_b, estimates)


def likelihood_sums(y: Array, x: Array, q_a: Array, q_b: Array) -> tuple[Array, Array, Array]:
    """Sums of v^2 / F and of log F, and the number of innovations, `(K, N)` each, for ratios `(K, N)`."""
    if worth_compiling(ROUNDS * PASSES * len(y) * max(q_a.size, SHORTEST)):
        y = np.ascontiguousarray(y)
        lines = np.zeros((len(q_a), len(Line._fields), y.shape[1]))
        for a, b, line in zip(q_a, q_b, lines, strict=True):
            compiled(_filter_loop)(y, x, a, b, ROUNDING, FLUSH, line, np.empty((3, 0, y.shape[1])))
        return lines[:, -3], lines[:, -2], lines[:, -1]
    last = _by_numpy(y, x, q_a, q_b, None)
    return last.squares, last.logarithms, last.innovations


def _by_numpy(y: Array, x: Array, q_a: Array, q_b: Array, estimates: Array | None) -> Line:
    line = Line(*np.zeros((len(Line._fields), *q_a.shape)))
    for t in range(len(x)):
        line = next_line(line, y[t], x[t], q_a, q_b)
        if estimates is not None:
            estimates[:, t] = line.estimates
    return line


def _filter_loop(y, x, q_a, q_b, degenerate, flush, line, estimates):  # type: ignore[no-untyped-def]
    """Fills `line` as it goes, its fields in the order of `Line`, and `estimates` unless it has no rows.

    Reads first, writes last, no branch inside: so that the columns run side by side.
    """
    rows, columns = y.shape
    growth = np.ones(columns)
    keeps = estimates.shape[1] > 0
    for t in range(rows):
        now = y[t]
        seen = np.isfinite(x[t])
        x_t = x[t] if seen else 0.0
        square, twice = x_t * x_t, 2 * x_t
        for j in range(columns):
            q1, q2 = q_a[j], q_b[j]
            j11, j12, j22, h1, h2, det = line[0, j], line[1, j], line[2, j], line[3, j], line[4, j], line[5, j]
            shrink = 1 / (1 + q1 * j11 + q2 * (j22 + q1 * det))
            a, b = j22 * h1 - j12 * h2, j11 * h2 - j12 * h1
            h1, h2 = (h1 + q2 * a) * shrink, (h2 + q1 * b) * shrink
            j11, j22 = (j11 + q2 * det) * shrink, (j22 + q1 * det) * shrink
            j12, det = j12 * shrink, det * shrink

            present = seen & (now[j] == now[j])
            one, y_t = 1.0 if present else 0.0, now[j] if present else 0.0
            grown = det + one * (j22 - twice * j12 + square * j11)
            foretold = present & (det > degenerate * j11 * j22)
            both, after = det * grown if foretold else 1.0, grown if foretold else 1.0
            surprise = y_t * det - (a + b * x_t) * shrink if foretold else 0.0
            inverse = 1 / both

            line[0, j], line[1, j], line[2, j] = j11 + one, j12 + x_t * one, j22 + square * one
            line[3, j], line[4, j], line[5, j] = h1 + y_t, h2 + x_t * y_t, grown
            line[6, j] += surprise * surprise * inverse
            line[8, j] += 1.0 if foretold else 0.0
            growth[j] *= after * after * inverse
        if t % flush == flush - 1 or t == rows - 1:
            for j in range(columns):
                line[7, j] += math.log(growth[j])
                growth[j] = 1.0
        if keeps:
            for j in range(columns):
                known = line[5, j] > degenerate * line[0, j] * line[2, j]
                precision = 1 / line[5, j] if known else np.nan
                estimates[0, t, j] = (line[2, j] * line[3, j] - line[1, j] * line[4, j]) * precision
                estimates[1, t, j] = (line[0, j] * line[4, j] - line[1, j] * line[3, j]) * precision
                estimates[2, t, j] = line[0, j] * precision
