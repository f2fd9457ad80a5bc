"""What many scenarios do to one account: a first pass over all of them, and a walk along the path for the few it fells.

The returns of S scenarios on N contracts are factors times loadings, with single returns replaced where an override
is given, and never below a price of zero:

    R = max(F L, -1)        F (S, K)   L (K, N)

so that S x N numbers need not be stored. The first pass revalues the book at the end of the path. Headroom is concave
on the way (see `straight_path`): where it is left at both ends, and no stop is passed, nothing was closed, and the end
is all there is to know. The others are walked.

Scenarios are worked on in blocks that the cache holds. No figure of a scenario depends on its neighbours, so it does
not matter how they are cut. The loop of the walk knows one rate a contract and no stops; with either, numpy walks.

Source: as in `straight_path`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...numeric.compiled import worth_compiling
from .loops import ends_by_loop, returns_by_loop, walk_by_loop
from .straight import STOP, Account, stop_shares, walk

__all__ = ["COMPILED", "NUMPY", "Kernel", "Moves", "Outcomes", "outcomes"]

Counts = NDArray[np.int64]

PASSES = 120
"""Arrays of scenarios x contracts that numpy goes through, where it has to walk one scenario in ten."""

BLOCK = 1 << 18
"""Scenarios x contracts that are worked on at once: two megabytes an array, near what a processor keeps at hand."""


class Moves(NamedTuple):
    """Returns as factors `(S, K)` times loadings `(K, N)`; `overrides` `(S, N)`, NaN leaves a return, or None."""

    factors: Array
    loadings: Array
    overrides: Array | None

    def part(self, rows: slice | Counts) -> Moves:
        """These scenarios only."""
        return Moves(self.factors[rows], self.loadings, None if self.overrides is None else self.overrides[rows])

    def returns(self) -> Array:
        """The returns `(S, N)`."""
        product = np.zeros((len(self.factors), self.loadings.shape[1]))
        # One factor after the other: a matrix product would round differently with the number of rows.
        for factor, loading in zip(self.factors.T, self.loadings, strict=True):
            product += factor[:, np.newaxis] * loading
        if self.overrides is not None:
            product = np.where(np.isnan(self.overrides), product, self.overrides)
        return np.maximum(product, -1.0)


class Outcomes(NamedTuple):
    """What each of S scenarios does, `(S,)`.

    Of the book held throughout: `pnl`, `maintenance`, and `shortfall`, what its accounts lack at the end. Of the book
    that is closed on the way: `path_pnl`, `path_funding`, `fees`, `lost`, how many positions were `liquidated` at least
    in part, how many `stopped`, and the column of the `first` liquidated, -1 for none.
    """

    pnl: Array
    maintenance: Array
    shortfall: Array
    path_pnl: Array
    path_funding: Array
    fees: Array
    lost: Array
    liquidated: Counts
    stopped: Counts
    first: Counts


class Kernel(NamedTuple):
    """The steps of a block: the first pass; and the returns, and the walk, of those that it fells."""

    ends: Callable[[Account, Moves, Array], tuple[Array, NDArray[np.bool_]]]
    """Held throughout: profit, maintenance and shortfall `(3, S)`; and whether anything is closed, `(S,)`."""
    returns: Callable[[Moves], Array]
    walk: Callable[[Account, Array, Array], Array]
    """The last seven of `Outcomes`, `(7, S)`."""


def outcomes(
    account: Account,
    moves: Moves,
    funding: Array,
    progress: Callable[[int, int], None] | None = None,
    kernel: Kernel | None = None,
) -> Outcomes:
    """Outcomes of every scenario, `funding` `(S,)`; `progress` is told how many of how many are done."""
    count, size = len(funding), account.values.size
    answers = kernel or (COMPILED if worth_compiling(PASSES * count * size) else NUMPY)
    rows = max(BLOCK // size, 1)
    figures = np.empty((len(Outcomes._fields), count))
    for first in range(0, count, rows):
        block = slice(first, min(first + rows, count))
        figures[:, block] = _block(account, moves.part(block), funding[block], answers)
        if progress is not None:
            progress(block.stop, count)
    return Outcomes(*figures[:7], *figures[7:].astype(np.int64))


def _block(account: Account, moves: Moves, funding: Array, kernel: Kernel) -> Array:
    """The fields of `Outcomes` as rows."""
    held, closes = kernel.ends(account, moves, funding)
    nothing = np.zeros(len(funding))
    path = np.stack([held[0], -funding * account.values.sum(), nothing, nothing, nothing, nothing, nothing - 1])
    fallen = np.flatnonzero(closes)
    if fallen.size:
        path[:, fallen] = kernel.walk(account, kernel.returns(moves.part(fallen)), funding[fallen])
    return np.vstack([held, path])


def _ends_by_numpy(account: Account, moves: Moves, funding: Array) -> tuple[Array, NDArray[np.bool_]]:
    returns, alone = moves.returns(), account.alone
    levels, slopes = account.lines
    needed = levels[0] + slopes[0] * returns
    for level, slope in zip(levels[1:], slopes[1:], strict=True):
        needed = np.maximum(needed, level + slope * returns)
    # einsum adds up a row by itself; a matrix product would round differently with the number of rows.
    pnl, maintenance = np.einsum("ij,j->i", returns, account.values), np.einsum("ij->i", needed)
    left = account.values * (returns - funding[:, np.newaxis]) - needed
    cross = account.equity - account.isolated[alone].sum() + np.einsum("ij,j->i", left, np.where(alone, 0.0, 1.0))
    own = account.isolated[alone] + left[:, alone]
    shortfall = np.maximum(-cross, 0.0) + np.einsum("ij->i", np.maximum(-own, 0.0))
    closes = (cross < -account.tolerance) | (own < -account.own_tolerance[alone]).any(axis=1) | account.short
    if np.isfinite(account.stop_moves).any():
        closes |= (stop_shares(account, returns) <= 1).any(axis=1)
    return np.stack([pnl, maintenance, shortfall]), closes


def _walk_by_numpy(account: Account, returns: Array, funding: Array) -> Array:
    walked = walk(account, returns, funding)
    liquidated, stopped = np.zeros((2, *returns.shape), dtype=bool)
    by_exchange = walked.reason != STOP
    liquidated[walked.scenario[by_exchange], walked.column[by_exchange]] = True
    stopped[walked.scenario[~by_exchange], walked.column[~by_exchange]] = True
    first = np.full(len(returns), -1)
    # Backwards, so that the first event of a scenario is what stays.
    first[walked.scenario[by_exchange][::-1]] = walked.column[by_exchange][::-1]
    sums = [each.sum(axis=1) for each in (walked.pnl, walked.funding, walked.fees, walked.lost)]
    return np.stack([*sums, liquidated.sum(axis=1), stopped.sum(axis=1), first])


def _returns_by_loop(moves: Moves) -> Array:
    return returns_by_loop(*moves)


def _ends_by_loop(account: Account, moves: Moves, funding: Array) -> tuple[Array, NDArray[np.bool_]]:
    return ends_by_loop(account, *moves, funding)


def _walk_by_loop(account: Account, returns: Array, funding: Array) -> Array:
    one_rate = len(account.rates) == 1 and np.isnan(account.stop_moves).all()
    return (walk_by_loop if one_rate else _walk_by_numpy)(account, returns, funding)


NUMPY = Kernel(_ends_by_numpy, Moves.returns, _walk_by_numpy)
COMPILED = Kernel(_ends_by_loop, _returns_by_loop, _walk_by_loop)
