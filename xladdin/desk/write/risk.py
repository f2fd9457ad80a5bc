"""What Risk found, as the tables of the sheets Risk, Correlation and Positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.arrays import Array

from ...books.workbook import Workbook
from ..day.risk.binding import BindingLimit
from ..day.risk.book_risk import BookRisk
from ..day.risk.correlated import Correlated
from ..day.risk.positions import OpenPositions
from ..day.risk.risking import RiskRun
from ..layout.risk_tables import LOSSES, MOST_LIMITS, RISK_LOSSES, TOTAL
from ..read.inputs import Desk
from .largest import folded
from .results import blank_where_nan, clear, measured, write_columns

__all__ = ["write_risk"]

SHOWN_LOSS = "VaR99Day"
"""Of which loss the largest risks show their parts."""


def write_risk(book: Workbook, desk: Desk, run: RiskRun) -> None:
    """All tables of the sheets Risk, Correlation and Positions."""
    _write_contracts(book, run)
    for name, risk in (("HeldLosses", run.held), ("TargetLosses", run.target)):
        _write_components(book, name, run, risk, desk.settings.equity)
    _write_largest(book, run, desk.settings.equity)
    _write_losses(book, run, desk.settings.equity)
    _write_summary(book, run)
    _write_exposures(book, run)
    _write_limits(book, run.limits)
    _write_correlations(book, run)
    _write_positions(book, desk, run.positions)


def _write_contracts(book: Workbook, run: RiskRun) -> None:
    """One row a contract and the whole."""
    held, target = run.held, run.target
    write_columns(
        book,
        "Risk",
        {
            "Symbol": [*run.symbols, TOTAL],
            "Held": _with_total(held.weights),
            "Target": _with_total(target.weights),
            "HeldShare": _with_total(held.shares),
            "TargetShare": _with_total(target.shares),
            "HeldMarginal": [*blank_where_nan(held.marginal), None],
            "TargetMarginal": [*blank_where_nan(target.marginal), None],
            "Beta": [*run.betas.tolist(), None],
            "Volatility": [*blank_where_nan(run.volatilities), None],
        },
    )


def _with_total(values: Array) -> list[float | None]:
    """A column and its sum; blank where there is nothing to share out."""
    return [*blank_where_nan(values), *blank_where_nan(values.sum())] if values.size else [0.0]


def _write_components(book: Workbook, table: str, run: RiskRun, risk: BookRisk, equity: float) -> None:
    columns: dict[str, Any] = {"Symbol": [*run.symbols, TOTAL]}
    for loss in LOSSES:
        found = risk.losses[loss.column]
        columns[loss.column] = (
            [None] * (len(run.symbols) + 1)
            if found is None
            else [*(equity * found.component).tolist(), equity * found.total]
        )
    write_columns(book, table, columns)


def _write_largest(book: Workbook, run: RiskRun, equity: float) -> None:
    """The contracts that bring most, and the others in one row."""
    held, target = run.held, run.target
    if not run.symbols:
        clear(book, ["TopRisks"])
        return
    fold = folded(np.abs(np.nan_to_num(target.shares)), np.abs(np.nan_to_num(held.shares)), zeros_too=True)
    parts = {"HeldVaR": held.losses[SHOWN_LOSS], "TargetVaR": target.losses[SHOWN_LOSS]}
    summed: dict[str, Array] = {
        "Held": held.weights,
        "Target": target.weights,
        "HeldShare": held.shares,
        "TargetShare": target.shares,
        **{
            name: np.full(len(run.symbols), np.nan) if found is None else equity * found.component
            for name, found in parts.items()
        },
    }
    averaged = {"Beta": run.betas, "Volatility": run.volatilities}
    write_columns(
        book,
        "TopRisks",
        {
            "Symbol": fold.names(run.symbols),
            **{name: blank_where_nan(fold.summed(values)) for name, values in summed.items()},
            **{name: blank_where_nan(fold.averaged(values)) for name, values in averaged.items()},
        },
    )


def _write_losses(book: Workbook, run: RiskRun, equity: float) -> None:
    """The measures in the order of the layout: by span, VaR before ES, 95 before 99 %."""
    by_book = {"Held": run.held, "Target": run.target}
    columns: dict[str, Any] = {
        "Measure": [measure.name for measure in RISK_LOSSES.measures],
        "Note": [measure.note for measure in RISK_LOSSES.measures],
    }
    for name, risk in by_book.items():
        for suffix, normal in (("", False), ("Normal", True)):
            columns[name + suffix] = [
                None if found is None else equity * found.total
                for found in (
                    risk.losses[loss.column] for loss in LOSSES if loss.method.startswith("parametric") == normal
                )
            ]
    write_columns(book, "RiskLosses", columns)


def _write_summary(book: Workbook, run: RiskRun) -> None:
    columns = measured("RiskSummary", [None] * 12)
    del columns["Value"]
    write_columns(
        book, "RiskSummary", {**columns, "Held": _summary(run, run.held), "Target": _summary(run, run.target)}
    )


def _summary(run: RiskRun, risk: BookRisk) -> list[Any]:
    few = risk.concentration
    known = risk.shares.size and np.isfinite(risk.shares).all()
    most = int(risk.shares.argmax()) if known else None
    return [
        risk.volatility,
        risk.beta,
        float(np.abs(risk.weights).sum()),
        float((risk.weights != 0).sum()),
        *blank_where_nan([few.effective_contracts, few.largest_share]),
        None if few.largest is None else run.symbols[few.largest],
        None if most is None else float(risk.shares[most]),
        None if most is None else run.symbols[most],
        *blank_where_nan(few.diversification),
        risk.stretches["Day"],
        risk.stretches["Horizon"],
    ]


def _write_exposures(book: Workbook, run: RiskRun) -> None:
    write_columns(
        book,
        "RiskExposure",
        {
            "Exposure": [each.name for each in run.exposures],
            **{
                column: blank_where_nan([getattr(each, column.lower()) for each in run.exposures])
                for column in ("Held", "Target", "Least", "Most")
            },
        },
    )


def _write_limits(book: Workbook, limits: tuple[BindingLimit, ...]) -> None:
    """The dearest one by one, the others in one row."""
    shown, others = limits[:MOST_LIMITS], limits[MOST_LIMITS:]
    columns: dict[str, Any] = {
        "Limit": [each.where or each.limit for each in shown],
        "Contract": [each.contract or None for each in shown],
        "Value": [each.value for each in shown],
        "Price": [each.price for each in shown],
        "InWords": [each.words for each in shown],
    }
    if others:
        most = max((each.price for each in others if each.price is not None), default=None)
        worth = "" if most is None else f", none worth more than {most:.4%}"
        told = {"Limit": f"{len(others)} others", "InWords": f"bind too{worth}"}
        for name, values in columns.items():
            values.append(told.get(name))
    write_columns(book, "RiskLimits", columns)


def _write_correlations(book: Workbook, run: RiskRun) -> None:
    found = run.correlated
    if found is None:
        clear(book, ["CorrelationSummary", "Correlation"])
        return
    symbols = [run.symbols[place] for place in found.shown.tolist()]
    write_columns(book, "CorrelationSummary", measured("CorrelationSummary", _correlation_summary(found, symbols)))
    matrix = {symbol: blank_where_nan(found.matrix[:, place]) for place, symbol in enumerate(symbols)}
    write_columns(
        book,
        "Correlation",
        {
            "Symbol": symbols,
            "Beta": run.betas[found.shown],
            "Volatility": blank_where_nan(run.volatilities[found.shown]),
            **matrix,
        },
    )


def _correlation_summary(found: Correlated, symbols: list[str]) -> list[Any]:
    def pair(places: tuple[int, int] | None) -> list[Any]:
        if places is None:
            return [None, None]
        return [f"{symbols[places[0]]} / {symbols[places[1]]}", float(found.matrix[places])]

    return [
        float(len(symbols)),
        float(found.left_out),
        *blank_where_nan([found.variance, found.mean]),
        *pair(found.closest),
        *pair(found.loosest),
    ]


def _write_positions(book: Workbook, desk: Desk, found: OpenPositions) -> None:
    if not found.places.size:
        clear(book, ["PositionsSummary", "Positions", "PositionBars"])
        return
    universe = desk.universe
    symbols = [universe.symbols[place] for place in found.places.tolist()]
    write_columns(book, "PositionsSummary", measured("PositionsSummary", _positions_summary(found, symbols)))
    figures: Mapping[str, Array] = {
        "EntryPrice": found.entries,
        "OpenProfit": found.profits,
        "Return": found.returns,
        "FundingPaid": found.funding,
        "AfterFunding": found.profits - found.funding,
        "LiquidationPrice": found.liquidation,
        "ToLiquidation": found.distance,
        "StopPrice": found.stop,
        "ToStop": found.to_stop,
        "PnLAtStop": found.stop_pnl,
    }
    write_columns(
        book,
        "Positions",
        {
            "Symbol": symbols,
            "Book": ["overlay" if apart else "core" for apart in found.overlay.tolist()],
            "Position": found.contracts,
            "Price": universe.prices[found.places],
            "Notional": found.notionals,
            **{name: blank_where_nan(values) for name, values in figures.items()},
            "ClosesFirst": found.first,
            "Note": [note or None for note in found.notes],
        },
    )
    after = np.where(np.isnan(found.funding), 0.0, found.profits - found.funding)
    fold = folded(found.notionals, zeros_too=True)
    write_columns(
        book,
        "PositionBars",
        {
            "Position": fold.names(
                [f"{name} overlay" if apart else name for name, apart in zip(symbols, found.overlay, strict=True)]
            ),
            "OpenProfit": fold.summed(np.nan_to_num(found.profits)),
            "AfterFunding": fold.summed(np.nan_to_num(after)),
        },
    )


def _positions_summary(found: OpenPositions, symbols: list[str]) -> list[Any]:
    after = found.profits - found.funding
    nearest = None if np.isnan(found.distance).all() else int(np.nanargmin(np.abs(found.distance)))
    _, once = np.unique(found.places, return_index=True)
    return [
        *blank_where_nan([_sum(found.profits), _sum(found.funding), _sum(after)]),
        float(np.isnan(found.entries).sum()),
        None if nearest is None else float(found.distance[nearest]),
        None if nearest is None else symbols[nearest],
        float(np.isnan(found.stop[once]).sum()),
        *blank_where_nan(_sum(found.stop_pnl[once])),
    ]


def _sum(values: Array) -> float:
    """Of what is known; NaN where nothing is."""
    return float(np.nansum(values)) if (~np.isnan(values)).any() else np.nan
