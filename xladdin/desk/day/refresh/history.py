"""Refresh, the history: closes and funding onto their sheets, and the window that the estimates look at."""

from __future__ import annotations

import numpy as np

from core.market.panel import Panel

from ....books.workbook import Workbook
from ....symbols import as_cell_text, printable
from ...layout.sheets import TABLES

__all__ = ["write_history"]

IN_BARS = {"Window": 2, "BetaHalflife": 1}
"""Settings that count bars, and the least of each."""

FEW_BARS = 100
"""A window is not scaled below these, or below all there are: a month of daily bars is too little to estimate from."""

UNREAD = "n/a"
"""What Funding holds where a rate is missing; a blank cell says that none settled."""


def write_history(book: Workbook, panel: Panel, source: str, bars: int | None) -> list[str]:
    """Stage the panel as the desk's history; returns what the analyst should know of the window.

    `bars` is how many returns were asked for: the window becomes as long. Another length of the bars scales what is
    counted in them, so that it means the same time.
    """
    missing = {(row, column + 1): UNREAD for row, column in np.argwhere(panel.unread()).tolist()}
    for name, numbers, odd in (("Prices", panel.prices, {}), ("Funding", panel.funding, missing)):
        book.write_series(name, panel.times, numbers, [TABLES[name].header[0], *panel.symbols], odd)
    count, last = len(panel.times) - 1, panel.times[-1].item()
    loaded = f"{printable(source)}: {len(panel.symbols)} contracts, {count} bars to {last:%Y-%m-%d %H:%M} UTC"
    book.write_value("DataSource", as_cell_text(loaded))
    notes = _scale_what_counts_bars(book, panel.bar_hours, count if bars is None else 0)
    book.write_value("BarHours", panel.bar_hours)
    if bars is not None and bars >= IN_BARS["Window"] and book.value("Window").value != bars:
        book.write_value("Window", float(bars))
        notes.append(f"Window is now the {bars} bars that were asked for")
    return notes


def _scale_what_counts_bars(book: Workbook, bar_hours: float, there: int) -> list[str]:
    """The settings in bars for bars of another length; the window is long enough where so many are there."""
    before = book.value("BarHours").value
    if not isinstance(before, float) or before == bar_hours or before <= 0:
        return []
    changed = []
    notes = []
    for name, least in IN_BARS.items():
        value = book.value(name).value
        if isinstance(value, float):
            scaled = float(max(least, round(value * before / bar_hours)))
            enough = float(min(FEW_BARS, value, there)) if name == "Window" else scaled
            if enough > scaled:
                notes.append(f"Window is {enough:g} bars and not {scaled:g}, which are too few to estimate from")
            book.write_value(name, max(scaled, enough))
            changed.append(f"{name} {value:g} -> {scaled:g}")
    return [f"bars are {bar_hours:g} h now and were {before:g} h; for the same time: {', '.join(changed)} bars", *notes]
