"""Checks of Risk and Positions: parts sum to their whole, and what is held there is what is held now."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from core.arrays import Array
from core.errors import DataWarning
from core.tolerances import ACTIVE, REPORTED
from core.verify.risk.open_positions import open_profit

from ....books.workbook import Block, Workbook
from ...layout.risk_tables import LOSSES, TOTAL
from ...read.inputs import Desk
from ..risk.positions import ends_of
from .found import AGAIN, Check, caution, column_of_numbers, rule

__all__ = ["check_book_risk"]

FEW_HORIZONS = 5
"""Stretches of the risk horizon, none over another, below which its losses say little."""

REPORT = "Do not rely on it; report the run"


def check_book_risk(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no Risk stands."""
    risk = book.table("Risk")
    if risk.rows:
        yield from _sums(book, risk)
        yield _held(risk, desk)
        yield from _horizon(book)
    positions = book.table("Positions")
    if positions.rows:
        yield _profits(positions, desk)
        yield _ends(positions, desk)


def _sums(book: Workbook, risk: Block) -> Iterator[Check]:
    """That shares, and the parts of every loss, sum to the last row."""
    apart = [_apart(risk, column) for column in ("HeldShare", "TargetShare")]
    apart += [_apart(book.table(table), loss.column) for table in ("HeldLosses", "TargetLosses") for loss in LOSSES]
    worst = max(apart)
    yield rule("Parts of each risk sum to it", worst <= REPORTED, worst, REPORTED, REPORT)


def _apart(block: Block, column: str) -> float:
    """How far the rows of a column are from its last, relative to the sum of their sizes; 0 where it is blank."""
    values = column_of_numbers(block, column)
    if not np.isfinite(values).all() or values.size < 2:
        return 0.0
    return float(abs(values[:-1].sum() - values[-1])) / max(float(np.abs(values[:-1]).sum()), ACTIVE)


def _held(risk: Block, desk: Desk) -> Check:
    """That the weights held there are those of the positions now."""
    universe = desk.universe
    held = (universe.positions + universe.overlay_positions) * universe.contract_values / desk.settings.equity
    shown = dict(zip(risk.column("Symbol"), column_of_numbers(risk, "Held").tolist(), strict=True))
    shown.pop(TOTAL, None)
    known = np.array([shown.get(symbol, 0.0) for symbol in universe.symbols])
    strangers = sum(abs(weight) for symbol, weight in shown.items() if symbol not in universe.symbols)
    worst = float(np.nan_to_num(np.abs(known - held), nan=np.inf).max()) + strangers
    remedy = f"Positions, prices or equity have changed since; {AGAIN}"
    return caution("Risk shows the positions held now", worst <= REPORTED, worst, REPORTED, remedy)


def _horizon(book: Workbook) -> Iterator[Check]:
    summary = book.table("RiskSummary")
    row = dict(zip(summary.column("Measure"), summary.rows, strict=True)).get("Horizons looked at")
    seen = [] if row is None else [cell for cell in row if isinstance(cell, float) and cell > 0]
    if seen:
        remedy = "Refresh with more bars, widen Window, or shorten RiskHorizonHours: so few tell little of a tail"
        yield caution(
            "The risk horizon fits the window often", min(seen) >= FEW_HORIZONS, min(seen), FEW_HORIZONS, remedy
        )


def _profits(positions: Block, desk: Desk) -> Check:
    """That the open profits are those of today's entries and prices."""
    universe = desk.universe
    places = {symbol: place for place, symbol in enumerate(universe.symbols)}
    shown = column_of_numbers(positions, "OpenProfit")
    expected = np.full(shown.size, np.nan)
    for row, (symbol, book) in enumerate(zip(positions.column("Symbol"), positions.column("Book"), strict=True)):
        if symbol in places:
            expected[row] = _profit(desk, places[str(symbol)], apart=book == "overlay")
    apart = np.abs(shown - expected)[~(np.isnan(shown) & np.isnan(expected))]
    worst = float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0)) / desk.settings.equity
    remedy = f"Positions, entries or prices have changed since; {AGAIN}"
    return caution("Open profits are those of today's entries", worst <= REPORTED, worst, REPORTED, remedy)


def _ends(positions: Block, desk: Desk) -> Check:
    """That prices of liquidation and stops are those of today's margin: tiers, collateral, stops, equity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # said by the job that reads it
        ends = ends_of(desk)
    places = {symbol: place for place, symbol in enumerate(desk.universe.symbols)}
    rows = [places.get(str(symbol), -1) for symbol in positions.column("Symbol")]
    worst = 0.0
    for column, now in (("LiquidationPrice", ends.liquidation), ("StopPrice", ends.stop)):
        shown = column_of_numbers(positions, column)
        expected = np.append(now, np.nan)[rows]
        apart = np.abs(shown / expected - 1)[~(np.isnan(shown) & np.isnan(expected))]
        worst = max(worst, float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0)))
    remedy = f"Positions, prices, equity, Tiers, Collateral or Stop have changed since; {AGAIN}"
    return caution("Positions end where they do today", worst <= REPORTED, worst, REPORTED, remedy)


def _profit(desk: Desk, place: int, *, apart: bool) -> float:
    universe = desk.universe
    held = (universe.overlay_positions if apart else universe.positions)[[place]]
    entry: Array = (universe.overlay_entries if apart else universe.entry_prices)[[place]]
    known = np.where(entry > 0, entry, np.nan)
    return float(open_profit(held, known, universe.prices[[place]], universe.inverse[[place]])[0])
