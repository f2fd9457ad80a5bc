"""Two runs over the same bars: is one better, or could the difference be chance?

Both are resampled by the same rows, in blocks (the stationary bootstrap), so what they share, the market, stays shared.
Of each resample, and of the runs themselves,

    sharpe          mean of (r - rf) / deviation of (r - rf) x sqrt(periods per year)
    max_drawdown    the deepest fall from a peak
    growth          (product of (1 + r)) ^ (periods per year / bars) - 1
    turnover        sum |change of weight| a year

and first less second. The interval holds the middle 95 % of the resampled differences; where 0 is inside, the two are
not distinguishable by that figure. Somebody who looks at twenty intervals finds one without 0 by chance.

Long histories are resampled in cells of several bars, at most 2,000 of them: blocks then begin at the edge of a cell
only, while each figure stays that of the bars. It needs, of a cell, the sums of r and r^2, and of the logarithms the
sum, the highest and lowest level and the deepest fall inside; of cells that follow each other these join exactly.
Blocks are as long as the longest that the rule of Politis and White asks for among both runs' returns and squares.

Sources: Politis and Romano (1994); Ledoit and Wolf, "Robust Performance Hypothesis Testing with the Sharpe Ratio",
Journal of Empirical Finance 15 (2008) (paired blocks; here with the percentile interval).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Rows
from ...checks import aligned, as_vector, enough, finite, number, whole
from ...errors import ArgumentError
from ...estimate.regression import quotient
from ...numeric.block_bootstrap import best_block_length, stationary_rows
from ...records import dataclass
from ...tolerances import ROUNDING

__all__ = ["Comparison", "Difference", "compare"]

CELLS = 2000
"""Cells of a history at most: what is resampled, and so time and memory, is bounded however many bars there are."""

AT_ONCE = 400_000
"""Cells of resamples that are held in memory together."""

FEWEST_BARS = 20

LOST = -700.0
"""Logarithm of what is left once all is lost: nothing to double precision, and no infinity."""

UNDECIDED, UNDEFINED = "not distinguishable", "not defined"
WORDS = {
    "sharpe": ("Sharpe ratio", "lower", "higher"),
    "max_drawdown": ("deepest fall", "shallower", "deeper"),
    "growth": ("growth a year", "lower", "higher"),
    "turnover": ("turnover a year", "lower", "higher"),
}
"""What a figure is called, and how the first compares where it is below and where it is above the second."""


@dataclass(frozen=True)
class Difference:
    """One figure of both runs, first less second; NaN where one of them has none.

    figure            sharpe, max_drawdown, growth or turnover
    first, second     of the runs as they were
    lower, upper      interval of the difference
    higher            share of resamples in which that of the first is higher
    verdict           `not distinguishable`, or how the first compares: higher, lower; shallower, deeper
    """

    figure: str
    first: float
    second: float
    lower: float
    upper: float
    higher: float
    verdict: str

    @property
    def difference(self) -> float:
        """First less second."""
        return self.first - self.second

    def sentence(self, level: float) -> str:
        """The verdict with its figures, in words."""
        what = WORDS[self.figure][0]
        if self.verdict == UNDEFINED:
            return f"{what}: {UNDEFINED}"
        first, second, lower, upper = (
            _written(value, self.figure) for value in (self.first, self.second, self.lower, self.upper)
        )
        return (
            f"{what} {first} against {second}: {self.verdict} "
            f"({level:.0%} interval of the difference {lower} to {upper})"
        )


@dataclass(frozen=True)
class Comparison:
    """All figures of both runs, and how they were resampled; `block` is the mean length of a block in bars."""

    differences: tuple[Difference, ...]
    bars: int
    block: float
    paths: int
    level: float

    def of(self, figure: str) -> Difference:
        """The difference of one figure. Raises KeyError."""
        return {each.figure: each for each in self.differences}[figure]

    def sentence(self, first: str, second: str) -> str:
        """What came out, in one sentence, of the runs of those names."""
        told = "; ".join(each.sentence(self.level) for each in self.differences)
        return f"{first} against {second}: {told}"


class _Cells(NamedTuple):
    """M cells of one run, `(M,)` each; figures of bars about `centre`, and of logarithms about the cell's start."""

    bars: Array
    sums: Array
    squares: Array
    moved: Array
    highest: Array
    lowest: Array
    fallen: Array
    traded: Array
    centre: float


def compare(
    first: ArrayLike,
    second: ArrayLike,
    turnovers: tuple[ArrayLike, ArrayLike] | None = None,
    risk_free: float = 0.0,
    periods_per_year: float = 365,
    paths: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> Comparison:
    """Compare two runs by their returns in the same bars.

    Args:
        first: (T,) returns of one run.
        second: (T,) returns of the other.
        turnovers: (T,) each, sum |change of weight| in each bar; None: turnover is not compared.
        risk_free: a year.
        periods_per_year: bars a year.
        paths: resamples.
        seed: of the resamples; the same seed gives the same answer.
        level: share of the differences inside the interval.

    Raises ArgumentError (lengths, a return below -1, paths, level) and MissingDataError (a gap, fewer than 20 bars).
    """
    one, other = (finite(as_vector(run, name), name) for run, name in ((first, "first"), (second, "second")))
    aligned(one, "first", other, "second")
    for name, run in (("first", one), ("second", other)):
        if (run < -1).any():
            row, least = int(run.argmin()) + 1, run.min()
            raise ArgumentError(f"{name} is {least:g} at row {row}; no more than all can be lost, give -1 or above")
    enough(one.size, FEWEST_BARS, "first")
    periods = number(periods_per_year, "periods_per_year", above=0)
    count, inside = whole(paths, "paths", at_least=100), number(level, "level", above=0, below=1)
    traded = [
        finite(as_vector(each, "turnovers", one.size, "bar"), "turnovers")
        for each in ((0.0, 0.0) if turnovers is None else turnovers)
    ]
    rate, size = number(risk_free, "risk_free") / periods, -(-one.size // CELLS)
    cells = [_in_cells(one, traded[0], rate, size), _in_cells(other, traded[1], rate, size)]

    asked = [figure for figure in WORDS if figure != "turnover" or turnovers is not None]
    block = max(best_block_length(series) for run in cells for series in (run.sums, run.sums**2))
    observed = [_figures(run, np.arange(run.bars.size)[np.newaxis], periods)[:, 0] for run in cells]
    resampled = _resampled_differences(cells, count, block, periods, seed)
    differences = tuple(
        _difference(figure, float(observed[0][row]), float(observed[1][row]), resampled[row], inside)
        for row, figure in enumerate(WORDS)
        if figure in asked
    )
    return Comparison(differences, one.size, block * size, count, inside)


def _resampled_differences(cells: list[_Cells], paths: int, block: float, periods: float, seed: int) -> Array:
    """First less second of each figure in each resample, `(4, paths)`."""
    generator, length = np.random.default_rng(seed), cells[0].bars.size
    found, at_once = [], max(AT_ONCE // length, 1)
    for begin in range(0, paths, at_once):
        rows = stationary_rows(generator, length, min(at_once, paths - begin), length, block)
        found.append(_figures(cells[0], rows, periods) - _figures(cells[1], rows, periods))
    return np.concatenate(found, axis=1)


def _in_cells(returns: Array, traded: Array, rate: float, size: int) -> _Cells:
    """A run in cells of `size` bars, the last one perhaps shorter."""
    count = -(-returns.size // size)
    excess, here = returns - rate, np.arange(count * size).reshape(count, size) < returns.size
    centre = float(excess.mean())

    def laid_out(values: Array) -> Array:
        return np.concatenate([values, np.zeros(count * size - values.size)]).reshape(count, size)

    with np.errstate(divide="ignore"):
        levels = np.cumsum(laid_out(np.maximum(np.log1p(returns), LOST)), axis=1)
    peaks = np.maximum(np.maximum.accumulate(levels, axis=1), 0.0)
    away = laid_out(excess - centre)
    return _Cells(
        bars=here.sum(axis=1).astype(np.float64),
        sums=away.sum(axis=1),
        squares=(away**2).sum(axis=1),
        moved=levels[:, -1],
        highest=peaks[:, -1],
        lowest=np.minimum(levels.min(axis=1), 0.0),
        fallen=(peaks - levels).max(axis=1),
        traded=laid_out(traded).sum(axis=1),
        centre=centre,
    )


def _figures(run: _Cells, rows: Rows, periods: float) -> Array:
    """Sharpe, drawdown, growth and turnover of each path of cells `(P, M)`, `(4, P)`."""
    bars, sums, squares = (values[rows].sum(axis=1) for values in (run.bars, run.sums, run.squares))
    spread = squares - sums**2 / bars
    varies = spread > ROUNDING * (squares + bars * run.centre**2)
    deviation = np.sqrt(np.where(varies, spread, 0.0) / (bars - 1))
    sharpe = quotient((sums / bars + run.centre) * np.sqrt(periods), deviation)

    moved = run.moved[rows]
    after = np.cumsum(moved, axis=1)
    before = after - moved
    peaks = np.maximum.accumulate(before + run.highest[rows], axis=1)
    peaks_before = np.concatenate([np.zeros((len(rows), 1)), peaks[:, :-1]], axis=1)
    fall = np.maximum(peaks_before - before - run.lowest[rows], run.fallen[rows]).max(axis=1)
    growth = np.expm1(np.clip(after[:, -1] * periods / bars, LOST, -LOST))
    return np.stack([sharpe, -np.expm1(-fall), growth, run.traded[rows].sum(axis=1) * periods / bars])


def _difference(figure: str, first: float, second: float, resampled: Array, level: float) -> Difference:
    """One figure with its interval and verdict."""
    known = resampled[np.isfinite(resampled)]
    if not (np.isfinite(first) and np.isfinite(second) and known.size):
        return Difference(figure, first, second, np.nan, np.nan, np.nan, UNDEFINED)
    lower, upper = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
    _, below, above = WORDS[figure]
    verdict = above if lower > 0 else below if upper < 0 else UNDECIDED
    return Difference(figure, first, second, lower, upper, float((known > 0).mean()), verdict)


def _written(value: float, figure: str) -> str:
    return f"{value:.1%}" if figure in ("max_drawdown", "growth") else f"{value:.2f}"
