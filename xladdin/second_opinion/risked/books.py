"""Two books beside each other: who brings how much of variance and of losses, and what they are exposed to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from ..tables import Frame, Series
from ..ties import as_shown, largest_of

__all__ = ["Losses", "Two", "books_of", "concentrated", "correlations", "losses_of", "shares_of"]

MEASURES = ("VaR", "ES", "NormalVaR", "NormalES")
LEVELS = (0.95, 0.99)
TIE = 12
"""Digits of a loss, beside the largest, to which two rows lose the same."""

FEWEST_ROWS = 2


@dataclass(frozen=True)
class Two:
    """Weights of what is held now and of the target, the overlay in both; the largest risk of the target first.

    Of equal risks that of what is held now, and last as the sheet has them.
    """

    held: Series
    target: Series
    risk: Frame


@dataclass(frozen=True)
class Losses:
    """What each contract brings of each loss, as a share of equity, by column; and how many stretches were seen."""

    columns: Mapping[str, Series]
    stretches: Mapping[str, float]


def books_of(inputs: Inputs, estimates: Estimates, wanted: Series, shown: Sequence[str] = ()) -> Two:
    """Those of contracts that are known; `wanted` are the contracts of the target, by symbol, as the sheet has them."""
    universe, equity = inputs.universe, inputs.number("Equity")
    overlay = universe["OverlayPosition"]
    held = (universe["Position"] + overlay) * inputs.contract_values / equity
    target = (wanted.reindex(universe.index).fillna(0.0) + overlay) * inputs.contract_values / equity
    risk = estimates.covariance
    assert risk is not None
    known = [s for s in universe.index if s in estimates.known and (held[s] != 0 or target[s] != 0)]
    risk = risk.loc[known, known]

    def brings(book: Series) -> Series:
        return (book[known] * (risk @ book[known])).abs()

    places = as_shown(known, shown, brings(target).tolist(), brings(held).tolist())
    order = [known[place] for place in places]
    return Two(held[order], target[order], risk.loc[order, order])


def shares_of(book: Series, risk: Frame) -> tuple[float, Series, Series]:
    """Volatility a year; share of the variance of each contract, and its slope; NaN for a book without any."""
    along = risk @ book
    variance = float(book @ along)
    scale = float(book.abs() @ risk.abs() @ book.abs())
    if not variance > 1e-14 * scale:
        nothing = book * math.nan
        return math.sqrt(max(variance, 0.0)), nothing, nothing
    swing = math.sqrt(variance)
    return swing, book * along / variance, along / swing


def losses_of(inputs: Inputs, estimates: Estimates, book: Series) -> Losses:
    """Each loss of the book over a day and over the horizon, shared out."""
    held = [symbol for symbol in book.index if book[symbol] != 0]
    columns: dict[str, Series] = {}
    stretches: dict[str, float] = {}
    hours = {"Day": 24.0, "Horizon": inputs.number("RiskHorizonHours")}
    for span, length in hours.items():
        bars = max(1, round(length / inputs.number("BarHours")))
        returns = estimates.returns[list(book.index)]
        sums = _summed(returns, bars) if len(returns) >= bars else returns.iloc[:0]
        rows = sums[sums[held].notna().all(axis=1)]
        stretches[span] = len(rows) / bars
        for measure in MEASURES:
            for level in LEVELS:
                name = f"{measure}{level * 100:.0f}{span}"
                enough = len(rows) >= FEWEST_ROWS and held
                columns[name] = _shared(measure, rows, book, level) if enough else book * math.nan
    return Losses(columns, stretches)


def _summed(returns: Frame, bars: int) -> Frame:
    """Sums of `bars` rows, each added up by itself."""
    import numpy as np
    import pandas as pd

    windows = np.lib.stride_tricks.sliding_window_view(returns.to_numpy(), bars, axis=0)
    return pd.DataFrame(windows.sum(axis=-1), index=returns.index[bars - 1 :], columns=returns.columns)


def _shared(measure: str, rows: Frame, book: Series, level: float) -> Series:
    losses = -(rows.fillna(0.0) @ book)
    parts = -rows.fillna(0.0) * book
    if measure.startswith("Normal"):
        return _of_the_normal(measure, parts, losses, book, level)
    counted = _quantile(len(rows), level) if measure == "VaR" else _tail(len(rows), level)
    scale = float(rows[book.index].abs().max().fillna(0.0) @ book.abs()) or 1.0
    ranked = losses.round(15).sort_values(ascending=False, kind="stable").index
    worst = parts.loc[ranked].reset_index(drop=True)
    tied = (losses.loc[ranked].reset_index(drop=True) / scale).round(TIE)
    weights = counted(tied)
    total: Series = worst.mul(weights, axis=0).sum()
    return total


def _quantile(rows: int, level: float) -> Callable[[Series], Series]:
    """Harrell and Davis's weights of the losses, the worst first, rows that lose the same alike."""
    import pandas as pd
    from scipy.stats import beta

    edges = beta((rows + 1) * level, (rows + 1) * (1 - level)).sf([1 - place / rows for place in range(rows + 1)])
    plain = pd.Series([later - earlier for earlier, later in pairwise(edges)])
    return lambda tied: plain.groupby(tied.to_numpy()).transform("mean")


def _tail(rows: int, level: float) -> Callable[[Series], Series]:
    """The worst of the rows as far as the tail reaches, the last by its part."""
    import pandas as pd

    beyond = (1 - level) * rows
    plain = pd.Series([min(max(beyond - place, 0.0), 1.0) / beyond for place in range(rows)])
    return lambda tied: plain.groupby(tied.to_numpy()).transform("mean")


def _of_the_normal(measure: str, parts: Frame, losses: Series, book: Series, level: float) -> Series:
    from scipy.stats import norm

    quantile = norm.ppf(level)
    deviations = quantile if measure == "NormalVaR" else norm.pdf(quantile) / (1 - level)
    swing = float(losses.std(ddof=1))
    if not swing > 1e-7 * float((parts.std(ddof=0)).sum()):
        return book * math.nan
    together = (parts - parts.mean()).mul(losses - losses.mean(), axis=0).sum() / (len(losses) - 1)
    shared: Series = parts.mean() + deviations * together / swing
    return shared


def concentrated(book: Series, risk: Frame) -> dict[str, Any]:
    """How much stands on few contracts."""
    sizes = book.abs()
    gross = float(sizes.sum())
    if not gross:
        return {"Effective contracts": math.nan, "Largest position": math.nan, "Largest position is": None}
    swings = {symbol: math.sqrt(risk.at[symbol, symbol]) for symbol in book.index}
    variance = float(book @ risk @ book)
    alone = sum(size * swings[symbol] for symbol, size in sizes.items())
    return {
        "Effective contracts": 1 / sum((size / gross) ** 2 for size in sizes),
        "Largest position": float(sizes.max()) / gross,
        "Largest position is": largest_of({str(symbol): float(size) for symbol, size in sizes.items()}),
        "Diversification": alone / math.sqrt(variance) if variance > 1e-14 * alone**2 else math.nan,
    }


def correlations(risk: Frame) -> Frame:
    """Covariance over both swings; NaN of one that does not move."""
    import pandas as pd

    swings = {symbol: math.sqrt(risk.at[symbol, symbol]) or math.nan for symbol in risk.index}
    return pd.DataFrame(
        {
            column: {row: risk.at[row, column] / swings[row] / swings[column] for row in risk.index}
            for column in risk.columns
        }
    ).loc[list(risk.index), list(risk.columns)]
