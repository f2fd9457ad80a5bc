"""Covariance of returns: which contracts move together, and how much.

    sample                sum (r - mean)(r - mean)' / (T - 1)
    ledoit_wolf           shrunk toward mean variance x identity
    shrunk_correlation    own variances; correlations shrunk toward zero, as far as Ledoit and Wolf's noise says
    constant_correlation  own variances; correlations shrunk toward one for all
    ewma                  exponential weights about weighted means, unbiased as the sample is
    factor                beta beta' Var(r_m) off the diagonal, own variances on it
    semi                  mean of min(r - threshold, 0) min(r - threshold, 0)': what falls together

Where a value is missing, each contract keeps its own rows: a later listing is regressed on the older contracts over the
rows that they share, a gap is left out pair by pair. So a contract that joins changes nothing of those before it.

Sources: the files of this folder; Markowitz (1959), ch. 9 (semivariance).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, choice, complete_rows, enough, number
from ...choices import COVARIANCE_METHODS
from ...errors import ArgumentError
from ...numeric.one_thread import one_thread
from ...numeric.rolling_moments import WindowMoments
from ..beta.methods import exponential_weights
from .ewma import ewma_state, spread_of_weights
from .pairs import Pairs
from .shrinkage import shrink_correlations, shrink_to_constant_correlation, shrink_to_identity, shrunk_moments
from .single_factor import single_factor
from .unequal_histories import join_histories, own_rows

__all__ = [
    "FROM_MOMENTS",
    "GAPS",
    "covariance",
    "covariance_of_moments",
    "downside_deviations",
    "ledoit_wolf_shrinkage",
]


FROM_MOMENTS = ("sample", "ledoit_wolf")
"""Methods that need nothing of rows without gaps but their moments."""

GAPS = ("own", "listwise")
"""Each contract over its own rows, or all over the rows that none lacks."""

UNBIASED = ("sample", "shrunk_correlation", "ewma")
"""Methods whose variances are those of a sample about its own mean, with one row less in the denominator."""


def covariance(
    returns: ArrayLike,
    method: str = "ledoit_wolf",
    periods_per_year: float = 1,
    halflife: float = 60,
    market_returns: ArrayLike | None = None,
    threshold: float = 0.0,
    gaps: str = "own",
) -> Array:
    """Covariance matrix of the contracts by one of COVARIANCE_METHODS, times `periods_per_year`.

    Args:
        returns: (T, N) in decimals per bar; NaN before a listing and in a gap.
        method: one of COVARIANCE_METHODS.
        periods_per_year: what the covariance of a bar is multiplied by.
        halflife: in rows, for "ewma".
        market_returns: (T,) in decimals per bar, for "factor".
        threshold: in decimals per bar, for "semi".
        gaps: "own": each contract over its own rows; "listwise": a row with a gap is dropped for all.

    Shapes: (N, N). Units: decimals per bar -> squared decimals per bar x periods_per_year.
    NaN: not known; what became of it is said by a DataWarning. A row that is left out still ages those before it.
    The result is symmetric and positive semidefinite.
    Raises ArgumentError (method, gaps, shapes, no market for "factor"), MissingDataError (fewer than two rows) and
    UndefinedError (constant market for "factor").
    """
    method = choice(method, "method", COVARIANCE_METHODS)
    gaps = choice(gaps, "gaps", GAPS)
    scale = number(periods_per_year, "periods_per_year", above=0)
    floor = number(threshold, "threshold")
    if method == "factor":
        return _factor(as_matrix(returns, "returns"), market_returns, gaps) * scale

    block = as_matrix(returns, "returns", infinite=True)
    with one_thread(block.shape[1]):  # one product of a few milliseconds: the others would wait for their next longer
        return _by_rows(block, method, scale, halflife, floor, gaps)


def _by_rows(block: Array, method: str, scale: float, halflife: float, threshold: float, gaps: str) -> Array:
    """`covariance` by a method that needs no market."""
    complete = _is_complete(block)
    if complete or gaps == "listwise":
        if method == "ewma":
            return ewma_state(block, halflife).covariance() * scale
        rows = block if complete else _complete(block)
        matrix = _estimate(method, threshold)(rows, None)
        return matrix * (scale * len(rows) / (len(rows) - 1) if method in UNBIASED else scale)

    block = as_matrix(block, "returns")
    weights = exponential_weights(len(block), halflife) if method == "ewma" else np.ones(len(block))
    matrix = join_histories(block, _estimate(method, threshold), weights)
    if method in UNBIASED:
        present = np.isfinite(block)
        roots = np.sqrt(spread_of_weights(weights @ present, weights**2 @ present))
        matrix = matrix / np.outer(roots, roots)
    return matrix * scale


def covariance_of_moments(moments: WindowMoments, method: str, periods_per_year: float) -> Array:
    """`covariance` by one of FROM_MOMENTS of the rows that `moments` were taken of, the last column left out.

    Of a stack of moments the stack of them, `(D, N, N)`. Raises ArgumentError (method).
    """
    if choice(method, "method", FROM_MOMENTS) == "ledoit_wolf":
        return shrunk_moments(moments) * periods_per_year
    return moments.products[..., :-1, :-1] * (periods_per_year / (moments.rows - 1))


def downside_deviations(returns: ArrayLike, periods_per_year: float = 1) -> Array:
    """Root of the mean squared return below zero, `(N,)`: the roots of the diagonal of the "semi" covariance.

    Shapes, units and errors as in `covariance`. NaN: each contract counts over its own rows.
    """
    block = as_matrix(returns, "returns", infinite=True)
    if _is_complete(block):
        falls, rows = np.minimum(block, 0.0), np.array([len(block)])
    else:
        present = np.isfinite(as_matrix(block, "returns"))
        falls, rows = np.where(present, np.minimum(block, 0.0), 0.0), own_rows(present)
    return np.asarray(np.sqrt(np.einsum("tn,tn->n", falls, falls) * (periods_per_year / rows)))


def ledoit_wolf_shrinkage(returns: ArrayLike) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward mean variance x identity, and the shrinkage in [0, 1] that was chosen.

    Shapes, units and errors as in `covariance`; a row with a gap is dropped. The sample has T in its denominator here,
    as in the paper.
    """
    block = as_matrix(returns, "returns", infinite=True)
    return shrink_to_identity(block if _is_complete(block) else _complete(block))


def _estimate(method: str, threshold: float) -> Callable[[Array, Array | None], Array]:
    """The covariance of a block of returns by `method`, with the number or weight of rows in the denominator."""
    estimates: dict[str, Callable[[Array, Array | None], Array]] = {
        "sample": lambda rows, _: Pairs.of(rows).covariance,
        "ledoit_wolf": lambda rows, _: shrink_to_identity(rows)[0],
        "shrunk_correlation": lambda rows, _: shrink_correlations(rows)[0],
        "constant_correlation": lambda rows, _: shrink_to_constant_correlation(rows)[0],
        "ewma": lambda rows, weights: Pairs.of(rows, weights).covariance,
        "semi": lambda rows, _: Pairs.of(np.minimum(rows - threshold, 0.0), centred=False).second_moment,
    }
    return estimates[method]


def _is_complete(block: Array) -> bool:
    """Whether there are rows and no gap in them, found in one product: looking costs as much as a part of the fit."""
    with np.errstate(all="ignore"):
        sums = np.ones(len(block)) @ block
    return len(block) >= 2 and bool(np.isfinite(sums).all())


def _complete(block: Array) -> Array:
    """The rows without a gap. Raises MissingDataError (fewer than two)."""
    complete = complete_rows(as_matrix(block, "returns"), "returns")
    enough(int(complete.sum()), 2, "returns")
    return block[complete]


def _factor(block: Array, market_returns: ArrayLike | None, gaps: str) -> Array:
    if market_returns is None:
        raise ArgumentError("market_returns is needed by method 'factor'; give the returns of the market, one a row")
    market = as_vector(market_returns, "market_returns")
    aligned(block, "returns", market, "market_returns")
    if gaps == "listwise":
        complete = complete_rows(np.column_stack([block, market]), "returns")
        enough(int(complete.sum()), 2, "returns")
        block, market = block[complete], market[complete]
    return single_factor(block, market)
