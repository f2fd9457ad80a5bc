"""How fast alpha and beta walk: the signal-to-noise ratios of greatest likelihood, for `kalman`.

    log L = -(n / 2) (log(2 pi s^2) + 1) - sum(log F) / 2            s^2 = sum(v^2 / F) / n

v are the innovations of the filter, F their variances in units of the noise variance s^2, which has been put at its
best value for the ratios at hand. The likelihood may have several peaks and is often highest where a ratio is zero, so
the search looks everywhere first: all powers of ten of both ratios against each other, then ever finer steps around the
best of those that are not zero, and a parabola at last. The top is flat, so its place is known to about half the digits
of its height.

Source: Harvey (1989), "Forecasting, Structural Time Series Models and the Kalman Filter", ch. 3.4.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...tolerances import ROUNDING_OF_SQUARES
from .kalman_loops import likelihood_sums

__all__ = ["log_likelihood", "most_likely_ratios", "noise_variance"]

POWERS = np.array([-np.inf, *range(-9, 3)])
"""Powers of ten of a ratio among which the search begins; the first is a ratio of zero: it stands still."""

POINTS, REFINEMENTS = 5, 6
"""Points along each ratio in each round after that, over the two gaps beside the best: 3 times finer each."""

NEGLIGIBLE = 1e-6
"""Gain in log-likelihood for which nobody would let alpha or beta walk."""


def most_likely_ratios(y: Array, x: Array, q_alpha: Array | None, q_beta: Array | None) -> tuple[Array, Array]:
    """The ratios of alpha and beta, (N,) each: those given, and the most likely where None is given.

    Shapes: y (T, N) and x (T,) with NaN where missing, x in units of its root mean square; ratios (N,). A line that
    leaves no residual needs no walk: its ratios are zero. A line without innovations gets any ratio.
    """
    if q_alpha is not None and q_beta is not None:
        return q_alpha, q_beta
    given = (q_alpha, q_beta)
    powers = [_across(POWERS, y.shape[1]) if q is None else np.log10(q)[np.newaxis] for q in given]
    _, best = _likelihoods(y, x, powers)
    begun = [grid[place, np.arange(y.shape[1])] for grid, place in zip(powers, best, strict=True)]
    walks = [np.isfinite(power) & (q is None) for power, q in zip(begun, given, strict=True)]
    found = 10 ** np.array(begun)
    # What stands still is not looked at again; the lines in which the same ratios walk are refined together.
    for free in ((True, True), (True, False), (False, True)):
        lines = (walks[0] == free[0]) & (walks[1] == free[1])
        if lines.any():
            found[:, lines] = _refined(y[:, lines], x, [power[lines] for power in begun], free)

    still = np.zeros((1, y.shape[1]))
    exact = likelihood_sums(y, x, still, still)[0][0] <= ROUNDING_OF_SQUARES * np.nansum(y**2, axis=0)
    found[:, exact] = 0.0
    return found[0] if q_alpha is None else q_alpha, found[1] if q_beta is None else q_beta


def _refined(y: Array, x: Array, centres: list[Array], free: tuple[bool, bool]) -> Array:
    """The ratios near the powers `centres` at which the likelihood is highest, (2, N); those not `free` stay."""
    steps = np.linspace(-1, 1, POINTS + 2)[1:-1, np.newaxis]
    for refinement in range(REFINEMENTS):
        width = (2 / (POINTS + 1)) ** refinement
        grids = [
            centre + width * steps if is_free else centre[np.newaxis]
            for centre, is_free in zip(centres, free, strict=True)
        ]
        likelihoods, best = _likelihoods(y, x, grids)
        centres = [grid[place, np.arange(y.shape[1])] for grid, place in zip(grids, best, strict=True)]
    peaks = [
        _vertex(grid, profile, place) if is_free else centre
        for grid, profile, place, centre, is_free in zip(
            grids, _profiles(likelihoods, best), best, centres, free, strict=True
        )
    ]
    return np.asarray(10 ** np.array(peaks))


def _across(values: Array, columns: int) -> Array:
    """The same values for all columns, (A, N)."""
    return np.repeat(values[:, np.newaxis], columns, axis=1)


def log_likelihood(squares: Array, logarithms: Array, innovations: Array) -> Array:
    """Log-likelihood at the best noise variance, from sums of v^2 / F and of log F over so many innovations."""
    variance = noise_variance(squares, innovations)
    return np.asarray(-(innovations * (np.log(2 * math.pi * variance) + 1) + logarithms) / 2)


def noise_variance(squares: Array, innovations: Array) -> Array:
    """The best noise variance s^2, the mean of v^2 / F; NaN without innovations."""
    unknown = np.full(squares.shape, np.nan)
    return np.asarray(np.divide(squares, innovations, out=unknown, where=innovations > 0))


def _likelihoods(y: Array, x: Array, grids: list[Array]) -> tuple[Array, tuple[NDArray[np.intp], ...]]:
    """Likelihood of each pair of powers, (A, B, N), and the places of the best along both grids, (N,) each."""
    alpha, beta = np.broadcast_arrays(grids[0][:, np.newaxis], grids[1])
    flat = (-1, y.shape[1])
    likelihoods = log_likelihood(*likelihood_sums(y, x, 10 ** alpha.reshape(flat), 10 ** beta.reshape(flat)))
    likelihoods += NEGLIGIBLE * (np.isinf(alpha).astype(float) + np.isinf(beta)).reshape(flat)
    return likelihoods.reshape(alpha.shape), np.unravel_index(likelihoods.argmax(axis=0), alpha.shape[:2])


def _profiles(likelihoods: Array, best: tuple[NDArray[np.intp], ...]) -> tuple[Array, Array]:
    """The likelihoods along each grid through the best of the other, (A, N) and (B, N)."""
    columns = np.arange(likelihoods.shape[2])
    return likelihoods[:, best[1], columns], likelihoods[best[0], :, columns].T


def _vertex(grid: Array, profile: Array, best: NDArray[np.intp]) -> Array:
    """Where the parabola through the best point of a grid and its neighbours is highest, (N,)."""
    columns = np.arange(grid.shape[1])
    middle = np.clip(best, 1, len(grid) - 2)
    before, at, after = (profile[middle + k, columns] for k in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=bend < 0)
    return np.asarray(grid[middle, columns] + np.clip(shift, -1, 1) * (grid[1] - grid[0]))
