"""What xlwings leaves to ask Excel itself, and Excel's refusals in words.

Windows answers through COM properties, macOS through AppleScript; what only one of them knows is not asked of the
other. A question about a range has three answers: True, False, and None for "some of its cells".
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import BookError

from ..xlsx.areas import Area

__all__ = [
    "excel_said",
    "first_cell",
    "is_locked",
    "is_protected",
    "is_query",
    "is_read_only",
    "is_spilled",
    "numbers_of",
    "patient",
    "save_copy",
]

BUSY = {-2147418111, -2146777998, -1712}
"""RPC_E_CALL_REJECTED; 0x800AC472, which Excel answers while a cell is edited; AppleScript's timeout."""

ATTEMPTS = 10_000
"""How often a rejected call is made again, some seconds in all; xlwings by itself tries for ever."""

ORDINARY_TABLE = 1
"""xlSrcRange: a table over cells, not over a query or a list on a server."""


@contextmanager
def excel_said(doing: str) -> Iterator[None]:
    """Whatever Excel refuses inside becomes a BookError that says what was being done."""
    try:
        yield
    except Exception as error:
        if not hasattr(error, "hresult") and not hasattr(error, "errornumber"):
            raise
        codes, words = _codes(error)
        if codes & BUSY:
            raise BookError(
                f"Excel did not let PerpDesk {doing}: a cell is being edited or a dialog is open; "
                "press Enter or Esc, then run again"
            ) from error
        raise BookError(
            f"Excel did not let PerpDesk {doing}: {words.rstrip('.')}; mend that in Excel, then run again"
        ) from error


def _codes(error: Exception) -> tuple[set[int], str]:
    """The numbers under which Excel refused, and its own words."""
    details: Any = getattr(error, "excepinfo", None) or ()
    numbers = {getattr(error, "hresult", None), getattr(error, "errornumber", None), *details[5:6]}
    words = next((text for text in (*details[2:3], getattr(error, "strerror", None)) if text), str(error))
    return {number for number in numbers if isinstance(number, int)}, str(words)


@contextmanager
def patient() -> Iterator[None]:
    """Let xlwings give up on a busy Excel after `ATTEMPTS`, instead of waiting for ever with everything frozen."""
    windows: Any = sys.modules.get("xlwings._xlwindows")
    if windows is None:
        yield
        return
    before = windows.N_COM_ATTEMPTS
    windows.N_COM_ATTEMPTS = ATTEMPTS
    try:
        yield
    finally:
        windows.N_COM_ATTEMPTS = before


def first_cell(area: Area, touched: Callable[[Area], bool]) -> tuple[int, int] | None:
    """The first cell for which the question is answered with yes, found by halving the area."""
    if not touched(area):
        return None
    while (area.top, area.left) != (area.bottom, area.right):
        middle, centre = (area.top + area.bottom) // 2, (area.left + area.right) // 2
        first = (
            Area(area.top, area.left, middle, area.right)
            if area.bottom > area.top
            else Area(area.top, area.left, area.bottom, centre)
        )
        rest = (
            Area(middle + 1, area.left, area.bottom, area.right)
            if area.bottom > area.top
            else Area(area.top, centre + 1, area.bottom, area.right)
        )
        area = first if touched(first) else rest
    return area.top, area.left


def is_read_only(book: Any) -> bool:
    """Whether the open book cannot be saved where it came from."""
    return bool(_asked(book, "ReadOnly", "read_only"))


def is_protected(sheet: Any) -> bool:
    """Whether the sheet's cells are protected."""
    return bool(_asked(sheet, "ProtectContents", "protect_contents"))


def is_locked(cells: Any) -> bool | None:
    """Whether protection, where it is on, locks these cells."""
    answer = _asked(cells, "Locked", "locked")
    return answer if isinstance(answer, bool) else None


def is_spilled(cells: Any) -> bool | None:
    """Whether a dynamic array spills over these cells; False where this Excel has none or does not tell."""
    answer = False if sys.platform == "darwin" else getattr(cells.api, "HasSpill", False)
    return answer if isinstance(answer, bool) else None


def is_query(table: Any) -> bool:
    """Whether the table is filled by a query; False where Excel does not tell."""
    return sys.platform != "darwin" and bool(table.api.SourceType != ORDINARY_TABLE)


def numbers_of(cells: Any) -> list[list[Any]]:
    """The bare numbers of these cells: of a cell in a currency format, `Value` keeps four decimals only."""
    bare = cells.api.Value2
    return [list(row) for row in bare] if isinstance(bare, (tuple, list)) else [[bare]]


def save_copy(book: Any, path: Path) -> None:
    """Write the book as it stands beside itself; on macOS, as it was last saved."""
    if sys.platform == "darwin":
        shutil.copyfile(book.fullname, path)
    else:
        book.api.SaveCopyAs(str(path))


def _asked(thing: Any, windows: str, mac: str) -> Any:
    return getattr(thing.api, mac).get() if sys.platform == "darwin" else getattr(thing.api, windows)
