"""A trained policy: what was learned, from which rows and how, and what it was worth. All that a file keeps of it.

A judgement is that of one base on certain contracts and rows, so a trained policy says which, and a policy is followed
only where they are those that it meets. It may be judged on no row up to `last`: it has learned from them, or was
chosen on them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ....arrays import Times
from ....errors import listed
from ....learn.allocation.tilt import TiltRule
from ....records import dataclass
from .judgement import Judgement

__all__ = ["Provenance", "TrainedTilt"]


@dataclass(frozen=True)
class Provenance:
    """Where a trained policy comes from.

    symbols       of its contracts, in their order
    first, last   closes of the rows that it rests on
    data_hash     of those rows
    base          settings that its base follows from, by name, as they are written
    algorithm     by which it was searched for
    seed          of the search
    trials        trainings that were tried before it was chosen, itself included
    stopped_by    the rule by which training ended, and what it came to
    version       of the program that trained it
    """

    symbols: tuple[str, ...]
    first: np.datetime64
    last: np.datetime64
    data_hash: str
    base: Mapping[str, str]
    algorithm: str
    seed: int
    trials: int
    stopped_by: str
    version: str

    def first_row_after(self, times: Times) -> int:
        """The first of these closes that it may be judged on; their number where there is none."""
        return int(np.searchsorted(times, self.last, side="right"))

    def unlike(self, symbols: tuple[str, ...], base: Mapping[str, str]) -> str:
        """Why it is none for these contracts and this base; empty: it is."""
        if set(symbols) != set(self.symbols):
            return f"it was trained on {listed(self.symbols)} and the book has {listed(symbols)}; train it on those"
        other = [name for name in {**self.base, **base} if self.base.get(name) != base.get(name)]
        if other:
            then, now = (each.get(other[0], "none") for each in (self.base, base))
            more = f", and {len(other) - 1} more differ" if other[1:] else ""
            return f"its base had {other[0]} {then} and Settings have {now}{more}; train it again, or set that back"
        return ""


@dataclass(frozen=True, eq=False)
class TrainedTilt:
    """A rule for tilting a base, at most `cap` of its gross one way, its judgement, and where it comes from."""

    rule: TiltRule
    cap: float
    judgement: Judgement
    provenance: Provenance
