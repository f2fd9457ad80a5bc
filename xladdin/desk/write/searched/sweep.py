"""What a sweep found, as the tables of the sheet Sweep."""

from __future__ import annotations

from ....books.workbook import CellValue, Workbook
from ..results import clear, measured, write_columns
from .swept import HeatMap, Swept

__all__ = ["write_sweep"]


def write_sweep(book: Workbook, swept: Swept) -> None:
    """All tables of the sheet."""
    _write_summary(book, swept)
    _write_best(book, swept)
    _write_map(book, swept.heat)


def _write_summary(book: Workbook, swept: Swept) -> None:
    best, own = swept.best[0], swept.own
    values: list[CellValue] = [
        swept.trials,
        swept.failed,
        swept.first,
        swept.last,
        swept.bars,
        best.sharpe,
        swept.by_luck,
        best.deflated_sharpe,
        swept.overfitting,
        swept.loss,
        None if own is None else own.sharpe,
        swept.file,
    ]
    write_columns(book, "SweepSummary", measured("SweepSummary", values))


def _write_best(book: Workbook, swept: Swept) -> None:
    best = swept.best
    write_columns(
        book,
        "Sweep",
        {
            "Rank": list(range(1, len(best) + 1)),
            "Configuration": [each.configuration for each in best],
            "Sharpe": [each.sharpe for each in best],
            "DeflatedSharpe": [each.deflated_sharpe for each in best],
            "Chosen": [each.chosen for each in best],
            "AnnualReturn": [each.annual_return for each in best],
            "Volatility": [each.annual_volatility for each in best],
            "MaxDrawdown": [each.max_drawdown for each in best],
            "Turnover": [each.turnover for each in best],
            "Funding": [each.funding_paid for each in best],
            "Costs": [each.costs for each in best],
            "Liquidations": [each.liquidations for each in best],
            "Answered": [each.answered for each in best],
            "Reason": [each.reason or None for each in best],
        },
    )


def _write_map(book: Workbook, heat: HeatMap | None) -> None:
    if heat is None:
        clear(book, ["SweepMap"])
        return
    columns = {heading: [row[place] for row in heat.cells] for place, heading in enumerate(heat.columns)}
    write_columns(book, "SweepMap", {"Value": list(heat.rows), **columns})
