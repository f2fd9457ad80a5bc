"""Where a backtest's result came from, as the tables of the sheet Attribution."""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.units import periods_per_year

from ...books.workbook import Workbook
from ..day.backtest_attribution import Attributed
from ..day.backtesting import BacktestRun
from .results import blank_where_nan, write_columns
from .stress import bars_of, floating_bars

__all__ = ["write_attribution"]

GROUPS = {
    "Market": "market ",
    "Alpha": "alpha",
    "Hedge": "hedge ",
    "Funding": "funding",
    "Fees": "fees",
    "Slippage": "slippage",
    "Liquidation": "liquidation",
    "Interest": "interest",
}
"""Columns of the months, and how the parts that belong to each begin."""


def write_attribution(book: Workbook, run: BacktestRun, found: Attributed) -> None:
    """All tables of the sheet Attribution."""
    _write_parts(book, run, found)
    _write_months(book, found)
    _write_betas(book, found)


def _write_parts(book: Workbook, run: BacktestRun, found: Attributed) -> None:
    """Each part, the whole at last, and the bars of the waterfall."""
    parts = found.parts
    money, per_bar = parts.money.sum(axis=0), parts.per_bar
    after = money.cumsum()
    base, bar = floating_bars(np.append(after - money, 0.0), np.append(after, after[-1]))
    steps = np.append(money, after[-1])
    annual = periods_per_year(run.desk.settings.bar_hours)
    returns = run.policy.ledger.returns_since(run.first)
    names = [*(f"{name[0].upper()}{name[1:]}" for name in parts.parts), "In all"]
    write_columns(
        book,
        "Attribution",
        {
            "Part": names,
            "PnL": steps,
            "Contribution": steps / parts.start,
            "AYear": np.append(per_bar.mean(axis=0), returns.mean()) * annual,
            "T": [*blank_where_nan(parts.t), None],
            "Total": np.append(after, after[-1]),
        },
    )
    write_columns(book, "AttributionBars", {"Part": names, **bars_of(steps, base, bar)})


def _write_months(book: Workbook, found: Attributed) -> None:
    names = found.parts.parts
    sums = {column: _sum_of(found.money, names, begin) for column, begin in GROUPS.items()}
    write_columns(
        book,
        "AttributionMonths",
        {
            "Month": [str(month) for month in found.months],
            **sums,
            "Total": found.money.sum(axis=1),
            "Return": blank_where_nan(found.month_returns),
        },
    )


def _sum_of(money: Array, names: tuple[str, ...], begin: str) -> Array:
    """The money of the parts whose names begin so, (M,)."""
    return np.asarray(money[:, [name.startswith(begin) for name in names]].sum(axis=1) + 0.0)


def _write_betas(book: Workbook, found: Attributed) -> None:
    quarters = found.quarters
    write_columns(
        book,
        "AttributionBetas",
        {
            "Quarter": quarters.periods.tolist(),
            "Beta": blank_where_nan(quarters.beta[:, 0]),
            "Lower": blank_where_nan(quarters.lower[:, 0]),
            "Upper": blank_where_nan(quarters.upper[:, 0]),
            "T": blank_where_nan(quarters.t[:, 0]),
            "Bars": quarters.bars,
        },
    )
