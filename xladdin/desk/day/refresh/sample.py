"""Refresh, the sample: what the sample desk brought along leaves when the first history of one's own comes.

A desk is the sample's as long as its data source says so, on every sheet. Then each figure that still is the sample's
is cleared; what the analyst has typed in its place stays. Lots, costs and margins stay too, marked as assumed.
"""

from __future__ import annotations

from collections.abc import Collection

from core.errors import listed

from ....books.workbook import CellValue, Workbook
from ....cells import is_blank
from ...layout.sample_universe import SAMPLE_FACTORS, SAMPLE_SOURCE, SAMPLE_UNIVERSE
from ...layout.sheets import TABLES

__all__ = ["clear_sample"]

HELD = ("Position", "EntryPrice", "EntryTime", "OverlayPosition", "OverlayEntry")
FIGURES = (*HELD, "DailyVolume", "ImpliedVol", "View")
"""What the sample says of a contract and would be untrue of anybody's desk."""

TERMS = ("Lot", "Tick", "TakerFeeBps", "SlippageBps", "MaxLeverage", "MaintenanceRate", "MaintenanceAmount")
"""What it says that may well be true of a venue."""

Row = dict[str, CellValue]


def clear_sample(book: Workbook, loaded: Collection[str]) -> list[str]:
    """Stage the desk without what is the sample's; returns what was cleared, nothing on a desk that is no sample.

    Contracts of the sample that are not `loaded` leave, unless something of them is held.
    """
    if book.value("DataSource").value != SAMPLE_SOURCE:
        return []
    block = book.table("Universe")
    known = {str(cells[0]): dict(zip(TABLES["Universe"].header, cells, strict=True)) for cells in SAMPLE_UNIVERSE}
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    for row in rows:
        sample = known.get(str(row["Symbol"]))
        if sample is not None:
            _clear_row(row, sample)
    stays = [row for row in rows if row["Symbol"] in loaded or row["Symbol"] not in known or _is_held(row)]
    book.write_table("Universe", [[row[name] for name in block.header] for row in stays])
    _drop_columns(book, [str(row["Symbol"]) for row in rows if row not in stays])
    if book.header("Factors")[1:] == SAMPLE_FACTORS:
        book.write_table("Factors", [], TABLES["Factors"].blank_header)
    runs = len(book.table("Runs").rows)
    book.write_table("Runs", [])
    left = listed(str(row["Symbol"]) for row in rows if row not in stays)
    notes = [
        "cleared what was the sample's: its positions, entry prices, volumes, implied volatilities and views on "
        f"Universe, its Factors, and {runs} rows of Runs"
    ]
    return [*notes, f"contracts of the sample without history left Universe: {left}"] if left else notes


def _clear_row(row: Row, sample: Row) -> None:
    """Blank the figures that still are the sample's; mark its terms as assumed."""
    for name in FIGURES:
        if row[name] == sample[name]:
            row[name] = None
    if all(row[name] == sample[name] for name in TERMS):
        row["Assumed"] = "Y"


def _is_held(row: Row) -> bool:
    return any(not is_blank(row[name]) and row[name] != 0 for name in HELD)


def _drop_columns(book: Workbook, symbols: Collection[str]) -> None:
    """Take the own moves of contracts that left off the shipped scenarios."""
    block = book.table("Scenarios")
    places = [place for place, heading in enumerate(block.header) if heading not in symbols]
    rows = [[row[place] for place in places] for row in block.rows]
    book.write_table("Scenarios", rows, [block.header[place] for place in places])
