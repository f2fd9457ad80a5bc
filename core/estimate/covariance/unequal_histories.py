"""Histories of unequal length: later listings regressed on the older contracts, over the rows that they share.

Dropping every row in which some contract has no return lets the youngest set everybody's sample. The likelihood of
normal returns falls into factors instead: the older contracts x over all their rows, and the younger y given x over
theirs. With S the estimate over the rows of y, and A that of the older contracts over their whole history,

    B = S_yx S_xx^-1        Omega = S_yy - B S_xy
    Cov(y, x) = B A         Var(y) = Omega + B A B'

listing by listing. What was known of x stays as it was, and the whole is positive semidefinite by construction.
With S the sample this is the maximum-likelihood estimate; any other estimate is joined the same way.

A regression on more contracts than its rows can bear fits chance. So y is regressed on the leading principal
components of the older contracts' correlations, one for each ROWS_PER_COMPONENT of its rows: all of them, and so on the
contracts themselves, where there are rows enough. What y shares with older contracts beyond those is then its own.

The correlations are kept and each contract's variance is that of its own rows: the likelihood would also raise the
variance of a contract that was listed in a quiet time, by what its regression says it would have done before.

Gaps within a history are left out pair by pair; a matrix that they make inconsistent is repaired.

Sources: Anderson (1957), "Maximum Likelihood Estimates for a Multivariate Normal Distribution when some Observations
are Missing"; Stambaugh (1997), "Analyzing Investments Whose Histories Differ in Length", Journal of Financial
Economics 45.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...arrays import Array, Mask, Rows
from ...errors import MissingDataError, say
from ...tolerances import RANK, REPORTED
from .repair import without_negative_eigenvalues

__all__ = ["Estimate", "join_histories", "own_rows"]

Estimate = Callable[[Array, Array], Array]
"""Covariance (N, N) of returns (T, N) with rows weighted by (T,), gaps left out pair by pair."""

ROWS_PER_COMPONENT = 5
"""Rows for each regressor: chance then explains at most about a fifth of what is a contract's own."""

PRESENT = 0.75
"""Rows that an older contract must have to be a regressor, relative to the one that has most since the listing."""


def join_histories(returns: Array, estimate: Estimate, weights: Array) -> Array:
    """The covariance (N, N) of contracts whose histories differ, by `estimate`, each with the variance of its own rows.

    Shapes: `returns` (T, N), `weights` (T,). NaN: before a contract's first return it was not listed; later ones are
    gaps. A DataWarning says who has the fewest rows and what was assumed or repaired.
    Raises MissingDataError (a contract with fewer than two returns).
    """
    present = np.isfinite(returns)
    own_rows(present)
    starts = present.argmax(axis=0)
    size = returns.shape[1]
    matrix, variances, known = np.zeros((size, size)), np.zeros(size), np.zeros(size, dtype=np.bool_)
    portfolios, moved, strangers = np.zeros((size, 0)), 0.0, np.zeros(size, dtype=np.bool_)
    for start in sorted(set(starts.tolist())):
        rows, listed = slice(start, None), starts == start
        older = known & _there(present[rows], known)
        columns = np.concatenate([np.flatnonzero(older), np.flatnonzero(listed)])
        seen = estimate(returns[rows][:, columns], weights[rows])
        if not present[rows][:, columns].all():
            seen, distance = without_negative_eigenvalues(seen)
            moved = max(moved, distance)

        portfolios = _leading(portfolios, matrix, len(returns) - start)
        fewest = _shared_rows(present[rows][:, listed], present[rows][:, older], weights[rows])
        if known.any() and fewest < 2:
            strangers |= listed
        slopes, own = _regression(seen, _leading(portfolios, matrix, fewest)[older])
        past = matrix[older]
        matrix[np.ix_(listed, known)] = slopes @ past[:, known]
        matrix[np.ix_(known, listed)] = matrix[np.ix_(listed, known)].T
        matrix[np.ix_(listed, listed)] = own + slopes @ past[:, older] @ slopes.T
        variances[listed] = np.diag(seen)[older.sum() :]
        known |= listed
        portfolios = np.hstack([portfolios, _alone(matrix)[:, listed]])
    _say_what_is_missing(present, strangers, moved)
    return _with_variances(matrix, variances)


def own_rows(present: Mask) -> Rows:
    """How many of the rows `present` (T, N) each contract has, (N,). Raises MissingDataError (fewer than two)."""
    counts = present.sum(axis=0)
    if counts.min() < 2:
        first = int(np.argmax(counts < 2))
        raise MissingDataError(
            f"returns: column {first + 1} has {counts[first]} of {len(present)} values where 2 are needed; select a "
            "longer history, or leave the column out"
        )
    return np.asarray(counts)


def _regression(seen: Array, portfolios: Array) -> tuple[Array, Array]:
    """Slopes (M, N) of M later contracts on N older ones through `portfolios` (N, K) of them, and the covariance (M, M)
    of what is their own; `seen` (N + M, N + M) is the covariance of both, the older contracts first.
    """
    older, later = slice(len(portfolios)), slice(len(portfolios), None)
    shared = seen[later, older] @ portfolios
    between = portfolios.T @ seen[older, older] @ portfolios
    loadings = shared @ np.linalg.pinv((between + between.T) / 2, rcond=RANK, hermitian=True)
    return loadings @ portfolios.T, seen[later, later] - loadings @ shared.T


def _alone(matrix: Array) -> Array:
    """Each contract as a portfolio (N, N), one a column, in units of its deviation; none of one that never moves."""
    deviations = np.sqrt(np.diag(matrix))
    return np.diag(np.divide(1.0, deviations, out=np.zeros(len(matrix)), where=deviations > 0))


def _leading(portfolios: Array, matrix: Array, rows: int) -> Array:
    """As many combinations of `portfolios` (N, K) as `rows` rows bear, those that vary most: principal components.

    Carried from listing to listing, with the newly listed beside them, they cost far less than those of the whole.
    """
    most = max(rows // ROWS_PER_COMPONENT, 1)
    if portfolios.shape[1] <= most:
        return portfolios
    _, directions = np.linalg.eigh(portfolios.T @ matrix @ portfolios)
    return np.asarray(portfolios @ directions[:, -most:])


def _there(present: Mask, known: Mask) -> Mask:
    """Which contracts (N,) have nearly as many of these rows (T, N) as that of the `known` ones which has most."""
    counts = present.sum(axis=0)
    most = counts[known].max(initial=0)
    return np.asarray((counts >= PRESENT * most) & (counts > 0))


def _shared_rows(listed: Mask, older: Mask, weights: Array) -> int:
    """Fewest rows of equal weight that say as much as those that a listed contract (T, M) shares with older ones."""
    shared = listed & older.any(axis=1, keepdims=True)
    totals = weights @ shared
    return int(np.divide(totals**2, weights**2 @ shared, out=np.zeros(len(totals)), where=totals > 0).min())


def _with_variances(matrix: Array, variances: Array) -> Array:
    """Scaled on both sides to the variances given, which leaves a semidefinite matrix semidefinite."""
    joined = np.diag(matrix)
    scale = np.sqrt(np.divide(variances, joined, out=np.zeros_like(variances), where=joined > 0))
    scaled: Array = (matrix + matrix.T) / 2 * np.outer(scale, scale)
    np.fill_diagonal(scaled, variances)
    return scaled


def _say_what_is_missing(present: Mask, strangers: Mask, moved: float) -> None:
    counts = present.sum(axis=0)
    fewest = int(counts.argmin())
    said = (
        f"returns: each variance is over its contract's own rows and later listings are related to older ones over the "
        f"rows they share; column {fewest + 1} has the fewest, {counts[fewest]} of {len(present)}"
    )
    if strangers.any():
        said += f"; column {strangers.argmax() + 1} shares none with older ones and counts as unrelated to them"
    if moved > REPORTED:
        said += f"; gaps made correlations inconsistent, which were moved by {moved:.2g} (Frobenius norm)"
    say(said)
