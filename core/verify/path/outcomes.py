"""What many scenarios do to one account: a first pass over all of them, and a straight move for the few that it fells.

The returns of S scenarios on N contracts are factors times loadings, with single returns replaced where an override
is given, and never below a price of zero:

    R = max(F L, -1)        F (S, K)   L (K, N)

so that S x N numbers need not be stored. The first pass revalues the book at the end of the path. Headroom is concave
on the way (see `straight_move`): where it is left at both ends, and no stop is passed, nothing was closed, and the end
is all there is to know. The others are moved event by event.

Scenarios are worked on in blocks. No figure of a scenario depends on its neighbours, so it does not matter how they
are cut. Where each contract has one rate and none a stop, a shorter compiled move is enough.

Source: as in `straight_move`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import worth_compiling
from ..blocks import blocks
from .account import Account
from .cross_move import move_straight
from .outcome_loops import held_by_loop, move_by_loop
from .statement import STOP
from .straight_move import stop_shares
from .straight_move_loop import move_straight_by_loop

__all__ = ["COMPILED", "NUMPY", "Kernel", "Moves", "Outcomes", "outcomes"]

PASSES = 120
"""Arrays of scenarios x contracts that numpy goes through, where it has to move one scenario in ten."""

EVENT_PASSES = 150
"""Arrays of the contracts of a scenario, for each of their tiers, that numpy goes through to move one that is felled.

An event changes one position and a few sums; a position has at most one for each of its tiers, and its stop.
"""


class Moves(NamedTuple):
    """Returns as factors `(S, K)` times loadings `(K, N)`; `overrides` `(S, N)`, NaN leaves a return, or None."""

    factors: Array
    loadings: Array
    overrides: Array | None

    def part(self, rows: slice | Rows) -> Moves:
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
    liquidated: Rows
    stopped: Rows
    first: Rows


class Felled(NamedTuple):
    """A block after the first pass: `held` profit, maintenance and shortfall `(3, S)`.

    Then the `rows` `(F,)` in which anything is closed, and their `returns` `(F, N)`.
    """

    held: Array
    rows: Rows
    returns: Array


class Kernel(NamedTuple):
    """The two steps of a block: the first pass over all, and the move of those that it fells."""

    held: Callable[[Account, Moves, Array], Felled]
    move: Callable[[Account, Array, Array], Array]
    """The last seven of `Outcomes`, `(7, F)`."""


def outcomes(
    account: Account,
    moves: Moves,
    funding: Array,
    progress: Callable[[int, int], None] | None = None,
    kernel: Kernel | None = None,
) -> Outcomes:
    """Outcomes of every scenario, `funding` `(S,)`; `progress` is told how many of how many are done."""
    count, size = len(funding), account.values.size
    answers = kernel or (COMPILED if worth_compiling(PASSES * count * size) else UNTIL_FELLED)
    figures = np.empty((len(Outcomes._fields), count))
    for block in blocks(count, size):
        figures[:, block] = _block(account, moves.part(block), funding[block], answers)
        if progress is not None:
            progress(block.stop, count)
    return Outcomes(*figures[:7], *figures[7:].astype(np.int64))


def _block(account: Account, moves: Moves, funding: Array, kernel: Kernel) -> Array:
    """The fields of `Outcomes` as rows."""
    held, felled, returns = kernel.held(account, moves, funding)
    nothing = np.zeros(len(funding))
    path = np.stack([held[0], -funding * account.values.sum(), nothing, nothing, nothing, nothing, nothing - 1])
    if felled.size:
        path[:, felled] = kernel.move(account, returns, funding[felled])
    return np.vstack([held, path])


def _held_by_numpy(account: Account, moves: Moves, funding: Array) -> Felled:
    returns, alone = moves.returns(), account.alone
    needed = account.needed(returns)
    # einsum adds up a row by itself; a matrix product would round differently with the number of rows.
    pnl, maintenance = np.einsum("ij,j->i", returns, account.values), np.einsum("ij->i", needed)
    left = account.values * (returns - funding[:, np.newaxis]) - needed
    cross = account.equity - account.isolated[alone].sum() + np.einsum("ij,j->i", left, np.where(alone, 0.0, 1.0))
    own = account.isolated[alone] + left[:, alone]
    shortfall = np.maximum(-cross, 0.0) + np.einsum("ij->i", np.maximum(-own, 0.0))
    closes = (cross < -account.tolerance) | (own < -account.own_tolerance[alone]).any(axis=1) | account.short
    if account.stopping:
        closes |= (stop_shares(account, returns) <= 1).any(axis=1)
    felled = np.flatnonzero(closes)
    return Felled(np.stack([pnl, maintenance, shortfall]), felled, returns[felled])


def _move_by_numpy(account: Account, returns: Array, funding: Array) -> Array:
    moved = move_straight(account, returns, funding)
    events = moved.closings
    stopped = np.bincount(events.copy[events.reason == STOP], minlength=len(returns))
    sums = [each.sum(axis=1) for each in (moved.pnl, moved.funding, moved.fees, moved.lost)]
    return np.stack([*sums, moved.liquidated.sum(axis=1), stopped, moved.first_liquidated[0]])


def _held_by_loop(account: Account, moves: Moves, funding: Array) -> Felled:
    return Felled(*held_by_loop(account, *moves, funding))


def _move_by_loop(account: Account, returns: Array, funding: Array) -> Array:
    one_rate = len(account.rates) == 1 and not account.stopping
    return (move_by_loop if one_rate else move_straight_by_loop)(account, returns, funding)


def _move_by_what_is_quicker(account: Account, returns: Array, funding: Array) -> Array:
    """By numpy, or by loops where so many are felled that it would take longer than to load them."""
    by_loop = worth_compiling(EVENT_PASSES * len(account.rates) * returns.size)
    return (_move_by_loop if by_loop else _move_by_numpy)(account, returns, funding)


NUMPY = Kernel(_held_by_numpy, _move_by_numpy)
COMPILED = Kernel(_held_by_loop, _move_by_loop)
UNTIL_FELLED = Kernel(_held_by_numpy, _move_by_what_is_quicker)
