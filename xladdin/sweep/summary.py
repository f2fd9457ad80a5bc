"""What a sweep says at its end: the best configurations, what their choice is worth, and how two variables play.

The Sharpe ratio of each is that over the bars which all have, and is deflated by the true number of trials: all
configurations of the results file, and those that Settings says were tried before. Whether choosing the best means
anything is said by the probability of overfitting over all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import Array
from core.errors import UndefinedError, say
from core.records import dataclass
from core.verify.performance.deflated_sharpe import best_by_luck, deflated
from core.verify.performance.overfitting import BlockSums, Overfitting, overfitting_of

from ..desk.write.searched.swept import HeatMap
from .grid import Configuration, written
from .variables import Value

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Judgement", "deflated_ratios", "heat_map", "judgement"]

MOST_SPLITS = 200_000_000
"""Splits times configurations that are worth waiting for; beyond, pairs of blocks are taken together."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What all configurations together say; NaN where it cannot be said.

    deflated (C,)       chance that the ratio of each is no luck
    by_luck             the best ratio a year that so many without skill would show
    overfitting         None where fewer than two differ, or bars are too few
    chosen (C,)         share of splits in which each was the best of one half
    """

    deflated: Array
    by_luck: float
    overfitting: Overfitting | None
    chosen: Array


def judgement(table: pyarrow.Table, trials: int, periods: float) -> Judgement:
    """Of the rows of a results file, `trials` being all that were ever tried."""
    ratios, count = _column(table, "Ratio"), _column(table, "Observations")
    known = np.isfinite(ratios)
    by_luck = math.nan
    if known.any():
        by_luck = best_by_luck(trials, 1 / (count[known].max() - 1)) * math.sqrt(periods)
    found, chosen = _overfitting(table)
    return Judgement(deflated_ratios(table, trials), by_luck, found, chosen)


def deflated_ratios(table: pyarrow.Table, trials: int) -> Array:
    """The deflated Sharpe ratio of each row; NaN where it has no ratio."""
    columns = [_column(table, name) for name in ("Ratio", "Observations", "Skewness", "Kurtosis")]
    rows = zip(*(each.tolist() for each in columns), strict=True)
    return np.array(
        [
            math.nan if math.isnan(ratio) else deflated(ratio, int(count), skewness, kurtosis, trials)
            for ratio, count, skewness, kurtosis in rows
        ]
    )


def _overfitting(table: pyarrow.Table) -> tuple[Overfitting | None, Array]:
    """Of all that differ and vary, and how often each was the best."""
    import pyarrow.compute as compute

    chosen = np.full(len(table), math.nan)
    there = np.flatnonzero(compute.is_valid(table["Sums"]).to_numpy(zero_copy_only=False))
    if not there.size:
        return None, chosen
    rows = table.take(there)
    sums, squares = (
        np.asarray(rows[name].combine_chunks().flatten().to_numpy()).reshape(there.size, -1).T
        for name in ("Sums", "Squares")
    )
    length = int(_column(rows, "Length")[0])
    blocks = BlockSums(length, sums, squares, _column(rows, "Centre"), _column(rows, "Largest"))
    differ = np.zeros(there.size, dtype=np.bool_)
    differ[np.unique(np.vstack([sums, squares]), axis=1, return_index=True)[1]] = True
    asked = differ & ~blocks.steady
    if (blocks.steady & differ).any():
        say(f"{int((blocks.steady & differ).sum())} configurations earn the same in every bar and are not judged")
    if asked.sum() < 2:
        return None, chosen
    try:
        found = overfitting_of(_coarse(blocks.select(asked)))
    except UndefinedError as error:
        say(f"the probability of backtest overfitting cannot be told: {error}")
        return None, chosen
    chosen[there[asked]] = found.chosen
    return found, chosen


def _coarse(blocks: BlockSums) -> BlockSums:
    """Blocks few enough that all splits can be waited for."""
    count = len(blocks.sums)
    while math.comb(count, count // 2) * blocks.centre.size > MOST_SPLITS and count % 4 == 0:
        count //= 2
    if count == len(blocks.sums):
        return blocks
    say(f"{blocks.centre.size:,} configurations: the probability of overfitting is over {count} blocks of bars")
    share = len(blocks.sums) // count
    sums, squares = (each.reshape(count, share, -1).sum(axis=1) for each in (blocks.sums, blocks.squares))
    return BlockSums(blocks.length * share, sums, squares, blocks.centre, blocks.largest)


def heat_map(
    configurations: Sequence[Configuration], ratios: Mapping[str, float], usual: Mapping[str, Value]
) -> HeatMap | None:
    """The median ratio by the values of the two variables that have most of them; None where none varies.

    `ratios` are those by key; `usual` what the desk has where a configuration does not say.
    """
    values: dict[str, dict[Value, None]] = {}
    for each in configurations:
        for name, value in each.values:
            values.setdefault(name, {})[value] = None
    held = {name: [dict(each.values).get(name, usual.get(name)) for each in configurations] for name in values}
    varied = sorted((name for name in held if len(set(held[name])) > 1), key=lambda name: -len(set(held[name])))
    if not varied:
        return None
    down, across = varied[0], varied[1] if len(varied) > 1 else None
    columns = held[across] if across else [None] * len(configurations)
    rows, heads = (_in_order(set(each)) for each in (held[down], columns))
    found: dict[tuple[Value, Value], list[float]] = {}
    for each, row, column in zip(configurations, held[down], columns, strict=True):
        ratio = ratios.get(each.key, math.nan)
        if not math.isnan(ratio):
            found.setdefault((row, column), []).append(ratio)
    cells = [[float(np.median(there)) if (there := found.get((row, head))) else None for head in heads] for row in rows]
    return HeatMap(
        rows=[f"{down} {written(row) or 'blank'}" for row in rows],
        columns=[f"{across} {written(head) or 'blank'}" if across else "Sharpe" for head in heads],
        cells=cells,
    )


def _in_order(values: set[Value]) -> list[Value]:
    """Blank first, then numbers by size and words by letters."""
    return sorted(values, key=lambda value: (value is not None, isinstance(value, str), value or 0))


def _column(table: pyarrow.Table, name: str) -> Array:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)
