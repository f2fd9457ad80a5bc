"""What the store has: a line a series, or a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ....feeds.store.upkeep import Held
from . import console

__all__ = ["show_kept"]

HEADINGS = ("venue", "contract", "series", "rows", "from", "to (UTC)", "revised", "kB")
NUMBERS = ("rows", "revised", "kB")
MEGABYTE = 1e6


def show_kept(root: Path, found: Sequence[Held], *, as_json: bool) -> None:
    """Each series of the store in a folder, and all of them in a sentence."""
    if as_json:
        console.as_json({"store": str(root), "series": [_record(each) for each in found]})
        return
    rows = [HEADINGS, *map(_cells, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows if found else ():
        cells = zip(HEADINGS, row, widths, strict=True)
        line = "  ".join(cell.rjust(width) if name in NUMBERS else cell.ljust(width) for name, cell, width in cells)
        console.say(line.rstrip())
    size = sum(each.size for each in found) / MEGABYTE
    console.say(f"{root}: {len(found)} series, {size:.1f} MB" if found else f"{root}: nothing is kept there yet")


def _cells(each: Held) -> tuple[str, ...]:
    key = each.key
    series = f"{key.kind} {key.hours:g}h" if key.hours else key.kind
    first, last = (str(time)[:16].replace("T", " ") for time in (each.first, each.last))
    return key.venue, key.symbol, series, f"{each.rows:,}", first, last, f"{each.versions:,}", f"{each.size / 1e3:,.0f}"


def _record(each: Held) -> dict[str, object]:
    return {
        "venue": each.key.venue,
        "contract": each.key.symbol,
        "series": each.key.kind,
        "bar_hours": each.key.hours or None,
        "rows": each.rows,
        "first": f"{each.first}Z",
        "last": f"{each.last}Z",
        "revised": each.versions,
        "bytes": each.size,
    }
