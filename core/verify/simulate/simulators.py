"""Histories that have not happened, drawn from one that has: three ways, each with the heavy tails it was given.

    "bootstrap"         blocks of whole rows (stationary bootstrap): nothing is assumed, nothing new happens in one bar
    "student_copula"    joint rows from a Student-t copula: contracts crash together more than a normal law has it, and
                        each goes beyond its worst bar on a Pareto tail; bars are independent
    "filtered"          blocks of rows of GARCH residuals, scaled by the volatility of today and of the path (filtered
                        historical simulation): a calm history does not lull a stormy day, storms build up on the way

A run is drawn in batches, each from its own stream of the PCG64 generator, named by the seed and the number of the
batch. So the n-th path is the same whatever is drawn before or after it, and a longer run repeats a shorter one first.

Sources: Politis and Romano (1994); McNeil, Frey and Embrechts (2015), Quantitative Risk Management, 5 and 7;
Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without Correlations for Portfolios of Derivative Securities".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from ...arrays import Array
from ...checks import choice, number
from ...choices import SIMULATIONS
from ...numeric.block_bootstrap import best_block_length, stationary_rows
from ...records import dataclass
from ..path.sampled_paths import Sampled

__all__ = ["BlockBootstrap", "Simulator", "batch_paths", "batches", "simulator"]


CELLS = 1 << 15
"""Contracts x paths of a batch, so that the work of a bar is neither all overhead nor more than a cache holds."""

ELEMENTS = 1 << 22
"""Bars x contracts x paths of a batch, at most: 32 megabytes."""


class Simulator(Protocol):
    """What can draw paths."""

    def draw(self, generator: np.random.Generator, paths: int, bars: int) -> Sampled:
        """So many paths of so many bars."""


def batch_paths(bars: int, contracts: int) -> int:
    """Paths of one batch: a matter of the size of the task alone, so that no setting can change an answer."""
    return max(min(CELLS, ELEMENTS // bars) // contracts, 1)


def batches(source: Simulator, contracts: int, paths: int, bars: int, seed: int) -> Iterator[Sampled]:
    """All `paths`, batch after batch."""
    size = batch_paths(bars, contracts)
    for batch, first in enumerate(range(0, paths, size)):
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, batch])))
        drawn = source.draw(generator, size, bars)
        yield Sampled(drawn.returns, drawn.rows[: paths - first])


def simulator(
    method: str,
    history: Array,
    values: Array,
    block_length: float | None = None,
    names: Sequence[str] | None = None,
) -> Simulator:
    """What draws by `method` from complete returns `(T, N)`; the rule for blocks looks at the book `values` `(N,)`.

    `block_length` is not used by the copula. `names` are those of the contracts, for what a DataWarning says of them.
    Raises ArgumentError, and MissingDataError when there are too few rows.
    """
    chosen = choice(method, "method", SIMULATIONS)
    length = None if block_length is None else number(block_length, "block_length", at_least=1)
    if chosen == "student_copula":
        from .student_copula import StudentCopula

        return StudentCopula.of(history)
    if chosen == "filtered":
        from .filtered_history import FilteredHistory

        return FilteredHistory.of(history, values, length, names)
    return BlockBootstrap.of(history, values, length)


@dataclass(frozen=True, eq=False)
class BlockBootstrap:
    """Blocks of whole rows."""

    history: Array
    block_length: float

    @classmethod
    def of(cls, history: Array, values: Array, block_length: float | None) -> BlockBootstrap:
        """Blocks as long as the rule has it for the size of the book's returns: they cluster, their signs hardly do."""
        rule = best_block_length(np.abs(history @ values)) if block_length is None else block_length
        return cls(history, rule)

    def draw(self, generator: np.random.Generator, paths: int, bars: int) -> Sampled:
        """Paths through the rows of the history."""
        return Sampled(self.history, stationary_rows(generator, len(self.history), paths, bars, self.block_length))
