"""The probability that the best of several runs was best by luck: combinatorially symmetric cross-validation.

The rows of T bars are cut into S blocks of equal length, S even, and each of the C(S, S/2) ways to take half of the
blocks is a split: the run with the highest Sharpe ratio in one half is looked up in the other. With its rank there
among N runs, 1 the worst,

    w = rank / (N + 1)          logit = ln(w / (1 - w))          PBO = share of splits with logit <= 0

A choice that means something stays above the median of the others (PBO near 0); one by luck falls below it as often as
not (PBO near one half), and one that overfits more often. Equal ratios share the mean of their ranks; a run that stood
in cash through a half has a ratio of 0 there. Rows too many for blocks of equal length are left out at the beginning.

Of a run only the sums of its blocks count, so many runs are judged without keeping their returns (`BlockSums`).

Source: Bailey, Borwein, Lopez de Prado and Zhu, "The Probability of Backtest Overfitting", Journal of Computational
Finance 20 (2017).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask, Rows
from ...checks import as_matrix, enough, finite, whole
from ...errors import ArgumentError, UndefinedError
from ...records import dataclass
from ...tolerances import ROUNDING, ROUNDING_OF_SQUARES

__all__ = ["BlockSums", "Overfitting", "block_sums", "overfitting", "overfitting_of"]

MOST_BLOCKS = 20
"""184,756 splits; two blocks more are 3.8 times as many."""

FEWEST_BARS = 2
"""Of a block, so that half of the blocks has a deviation."""

AT_ONCE = 2_000_000
"""Splits times runs that are held in memory together."""


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What the splits said of the choice among N runs.

    probability     that the run which is best in one half is in the lower half of the other
    loss            share of splits in which the chosen run had a Sharpe ratio below 0 in the other half
    logits          of the rank in the other half, one a split
    chosen (N,)     share of splits in which each run was the best, of equal ones the first
    """

    probability: float
    loss: float
    logits: Array
    chosen: Array


@dataclass(frozen=True, eq=False)
class BlockSums:
    """What counts of N runs cut into S blocks of `length` bars: sums of what is beyond the centre of each run.

    sums, squares (S, N)    of returns less the centre, and of their squares
    centre (N,)             mean return of a bar
    largest (N,)            return of the largest size
    """

    length: int
    sums: Array
    squares: Array
    centre: Array
    largest: Array

    @property
    def steady(self) -> Mask:
        """Which runs earn the same in every bar of half of their blocks, `(N,)`: no split may ask for their ratio.

        A run in cash is none of them: its ratio is 0.
        """
        level = self.sums / self.length + self.centre
        spread = self.squares - self.sums**2 / self.length
        flat = _is_flat(spread, self.squares, self.length, self.centre)
        earning = np.abs(level) > ROUNDING * self.largest
        return np.asarray((flat & earning).sum(axis=0) * 2 >= len(self.sums))

    def select(self, chosen: Mask) -> BlockSums:
        """Those of some runs."""
        return BlockSums(
            self.length, self.sums[:, chosen], self.squares[:, chosen], self.centre[chosen], self.largest[chosen]
        )


def overfitting(returns: ArrayLike, blocks: int = 16) -> Overfitting:
    """Of runs side by side, `(T, N)` returns of the same bars, N at least 2, without gaps.

    Raises ArgumentError (one run, blocks odd or out of 2 to 20), MissingDataError (a gap, fewer than 2 bars a block)
    and UndefinedError (a run that does not vary in a half).
    """
    return overfitting_of(block_sums(returns, blocks))


def block_sums(returns: ArrayLike, blocks: int = 16) -> BlockSums:
    """The sums of the blocks of runs, `(T, N)` returns without gaps.

    Raises ArgumentError (blocks odd or out of 2 to 20) and MissingDataError (a gap, fewer than 2 bars a block).
    """
    runs = finite(as_matrix(returns, "returns"), "returns")
    count = whole(blocks, "blocks", at_least=2, at_most=MOST_BLOCKS)
    if count % 2:
        raise ArgumentError(f"blocks is {count}; it must be even, so that both halves are as long")
    enough(len(runs), FEWEST_BARS * count, "returns")
    length = len(runs) // count
    cut = runs[len(runs) - length * count :].reshape(count, length, -1)
    centre = cut.mean(axis=(0, 1))
    away = cut - centre
    return BlockSums(length, away.sum(axis=1), (away**2).sum(axis=1), centre, np.abs(cut).max(axis=(0, 1)))


def overfitting_of(blocks: BlockSums) -> Overfitting:
    """Of runs of which the sums of the blocks are kept.

    Raises ArgumentError (one run) and UndefinedError (a run that does not vary in a half).
    """
    runs = blocks.centre.size
    if runs < 2:
        raise ArgumentError("returns has one column; there is no choice among fewer than two runs")
    halves = _halves(len(blocks.sums))
    parts = [_split(blocks, some) for some in np.array_split(halves, halves.shape[0] * runs // AT_ONCE + 1)]
    best, rank, ratio = (np.concatenate(each) for each in zip(*parts, strict=True))
    place = rank / (runs + 1)
    logits = np.log(place / (1 - place))
    return Overfitting(
        probability=float((logits <= ROUNDING).mean()),  # a rank in the middle is one half but for rounding
        loss=float((ratio < 0).mean()),
        logits=logits,
        chosen=np.bincount(best, minlength=runs) / best.size,
    )


def _halves(count: int) -> Mask:
    """Which blocks each split takes, `(splits, S)`."""
    taken = np.array(list(combinations(range(count), count // 2)))
    halves = np.zeros((len(taken), count), dtype=np.bool_)
    halves[np.arange(len(taken))[:, np.newaxis], taken] = True
    return halves


def _split(blocks: BlockSums, halves: Mask) -> tuple[Rows, Array, Array]:
    """Of each split: the run that is best inside, its rank outside, and its Sharpe ratio there."""
    best = _sharpe(blocks, halves).argmax(axis=1)
    outside = _sharpe(blocks, ~halves)
    ratio = outside[np.arange(len(best)), best]
    nearness = (ROUNDING * np.abs(ratio))[:, np.newaxis]
    above = outside - ratio[:, np.newaxis]
    rank = (above < -nearness).sum(axis=1) + ((np.abs(above) <= nearness).sum(axis=1) + 1) / 2
    return best, rank, ratio


def _sharpe(blocks: BlockSums, halves: Mask) -> Array:
    """Sharpe ratio per bar of each run in each half, `(splits, N)`; 0 where all is 0."""
    bars, taken = halves.shape[1] // 2 * blocks.length, halves.astype(np.float64)
    mean, squares = taken @ blocks.sums / bars, taken @ blocks.squares
    spread, level = squares - bars * mean**2, mean + blocks.centre
    flat = _is_flat(spread, squares, bars, blocks.centre)
    still = flat & (np.abs(level) <= ROUNDING * blocks.largest)
    if (flat & ~still).any():
        run = int(np.argwhere(flat & ~still)[0][1]) + 1
        raise UndefinedError(
            f"returns: run {run} does not vary in half of the bars, so it has no Sharpe ratio there; leave it out"
        )
    return np.where(flat, 0.0, level / np.sqrt(np.where(flat, 1.0, spread) / (bars - 1)))


def _is_flat(spread: Array, squares: Array, bars: int, centre: Array) -> Mask:
    """Where sums of squares about the mean of so many bars are rounding of what they are made of."""
    return np.asarray(spread <= ROUNDING * squares + ROUNDING_OF_SQUARES * bars * centre**2)
