"""Runs of one history side by side: is the first better than the others, and was choosing among them luck?

The first run is compared with each of the others by paired blocks (`performance.comparison`), and its Sharpe ratio over
each of them is deflated by the number of trials. Over all of them stands the probability that the best in one half of
the bars is below the median in the other (`performance.overfitting`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...arrays import Array
from ...errors import ArgumentError, MissingDataError, UndefinedError, say
from ...records import dataclass
from ..performance.comparison import Comparison, compare
from ..performance.deflated_sharpe import deflated_sharpe
from ..performance.overfitting import Overfitting, overfitting
from .backtest import Backtest

__all__ = ["SideBySide", "side_by_side"]


@dataclass(frozen=True, eq=False)
class SideBySide:
    """What came of it, by the name of the other run.

    comparisons    the first run against each other one
    over           chance that its Sharpe ratio over the other one is no luck, given its trials; NaN where it has none
    overfitting    of all runs that differ, in their order; None where fewer than two do, or it cannot be told
    """

    first: str
    comparisons: dict[str, Comparison]
    over: dict[str, float]
    overfitting: Overfitting | None

    @property
    def sentences(self) -> list[str]:
        """All of it in words, a sentence for each other run and one for the choice."""
        told = [each.sentence(self.first, other) for other, each in self.comparisons.items()]
        if self.overfitting is not None:
            splits, runs = self.overfitting.logits.size, self.overfitting.chosen.size
            told.append(
                f"the best of {runs} runs in one half of the bars was in the lower half of them in the other in "
                f"{self.overfitting.probability:.0%} of {splits:,} splits (probability of backtest overfitting)"
            )
        return told


def side_by_side(runs: Mapping[str, Backtest], paths: int = 1000, seed: int = 1) -> SideBySide:
    """Hold the first run against the others, from the latest first decision of them on.

    `paths` and `seed` are those of the resamples. What cannot be told of the choice is said through a DataWarning.
    Raises ArgumentError (fewer than two runs, of other lengths) and MissingDataError (fewer than 20 bars).
    """
    names = list(runs)
    if len(names) < 2 or len({len(run.ledger.equity) for run in runs.values()}) > 1:
        raise ArgumentError("runs must be two or more, over the same rows")
    first = max(int(run.ledger.decisions[0]) for run in runs.values())
    returns = {name: run.ledger.returns_since(first) for name, run in runs.items()}
    traded = {name: _traded_since(run, first) for name, run in runs.items()}
    own, others = names[0], names[1:]
    rate, periods = runs[own].decisions.limits.risk_free, runs[own].history.periods_per_year
    comparisons = {
        name: compare(returns[own], returns[name], (traded[own], traded[name]), rate, periods, paths, seed)
        for name in others
    }
    over = {name: _over(returns[own], returns[name], runs[own].trials) for name in others}
    return SideBySide(own, comparisons, over, _overfitting(np.column_stack([returns[name] for name in names])))


def _traded_since(run: Backtest, first: int) -> Array:
    """Turnover of the bars after a row, its own trades in the first."""
    traded = run.ledger.turnover[first + 1 :].copy()
    traded[:1] += run.ledger.turnover[first]
    return traded


def _over(own: Array, other: Array, trials: int) -> float:
    try:
        return deflated_sharpe(own, trials, other)
    except UndefinedError:
        return float("nan")


def _overfitting(returns: Array) -> Overfitting | None:
    """Of the runs that are different ones: a copy is no choice."""
    _, places = np.unique(returns, axis=1, return_index=True)
    try:
        return overfitting(returns[:, np.sort(places)]) if places.size > 1 else None
    except (MissingDataError, UndefinedError) as error:
        say(f"the probability of backtest overfitting cannot be told: {error}")
        return None
