"""Refresh, the history: closes and funding onto their sheets, and the window that the estimates look at."""

from __future__ import annotations

import numpy as np

from core.market.panel import Panel

from ....books.workbook import Workbook
from ....symbols import as_cell_text, printable
from ...history_file import HISTORY_FILE, KeptHistory, keep_history, kept_name
from ...layout.sheets import TABLES

__all__ = ["write_history"]

IN_BARS = {"Window": 2, "BetaHalflife": 1}
"""Settings that count bars, and the least of each."""

FEW_BARS = 100
"""A window is not scaled below these, or below all there are: a month of daily bars is too little to estimate from."""

MANY_CELLS = 1_000_000
"""Of both sheets: above them a person waits more than a second for each job and two for each opening."""

SHOWN_BARS = 500
"""On the sheets of a desk with a history file, and as many as the window looks at where that is longer."""

UNREAD = "n/a"
"""What Funding holds where a rate is missing; a blank cell says that none settled."""


def write_history(
    book: Workbook, panel: Panel, source: str, bars: int | None, *, filed: bool | None = None
) -> list[str]:
    """Stage the panel as the desk's history; returns what the analyst should know of it and of the window.

    Another length of the bars scales what is counted in them, so that it means the same time.

    Args:
        book: the desk.
        panel: what was loaded.
        source: the name of the file or folder that it came from.
        bars: how many returns were asked for: the window becomes as long.
        filed: whether it goes into a file beside the workbook; None: as the desk has it.
    """
    count, last = len(panel.times) - 1, panel.times[-1].item()
    loaded = f"{printable(source)}: {len(panel.symbols)} contracts, {count} bars to {last:%Y-%m-%d %H:%M} UTC"
    book.write_value("DataSource", as_cell_text(loaded))
    notes = _scale_what_counts_bars(book, panel.bar_hours, count if bars is None else 0)
    book.write_value("BarHours", panel.bar_hours)
    if bars is not None and bars >= IN_BARS["Window"] and book.value("Window").value != bars:
        book.write_value("Window", float(bars))
        notes.append(f"Window is now the {bars} bars that were asked for")
    filed = kept_name(book) is not None if filed is None else filed
    return [*notes, *(_write_file(book, panel) if filed else _write_sheets(book, panel))]


def _write_sheets(book: Workbook, panel: Panel) -> list[str]:
    """All of the history onto its sheets; where that is much, the file is offered."""
    if kept_name(book) is not None:
        book.write_value(HISTORY_FILE, None)
    _lay(book, panel, 0)
    cells = 2 * panel.prices.size + 2 * len(panel.times)
    if cells <= MANY_CELLS:
        return []
    return [
        f"Prices and Funding hold {cells:,} cells, which each job and each save waits for, and LibreOffice rounds them "
        "to 15 digits; refresh with --history-file (or type a word into HistoryFile on Settings first) keeps them in "
        "a file beside the workbook, and the last bars here"
    ]


def _write_file(book: Workbook, panel: Panel) -> list[str]:
    """All of the history into a file beside the workbook, and the bars that the window looks at onto the sheets."""
    before = kept_name(book)
    history = KeptHistory(panel.times, tuple(panel.symbols), panel.prices, panel.funding, panel.unread())
    name = keep_history(book, history)
    window = book.value("Window").value
    shown = max(SHOWN_BARS, int(window) + 1 if isinstance(window, float) else 0)
    _lay(book, panel, max(0, len(panel.times) - shown))
    said = [
        f"the history is in {name} beside the workbook: keep the two together; Prices and Funding show its last "
        f"{min(shown, len(panel.times)):,} bars"
    ]
    if before is not None and before != name:
        said.append(
            f"the file of the history before, {before}, stays for the backup; delete it when you need it no more"
        )
    return said


def _lay(book: Workbook, panel: Panel, first: int) -> None:
    """The bars from `first` on, onto Prices and Funding."""
    missing = {(row, column + 1): UNREAD for row, column in np.argwhere(panel.unread()[first:]).tolist()}
    for name, numbers, odd in (("Prices", panel.prices, {}), ("Funding", panel.funding, missing)):
        book.write_series(name, panel.times[first:], numbers[first:], [TABLES[name].header[0], *panel.symbols], odd)


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
