"""What a run changes in a workbook, told without writing it: tables with their rows, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.errors import BookError
from core.records import dataclass

from ....books.workbook import Workbook
from ....desk.layout.sheets import TABLES

__all__ = ["Change", "State", "changes", "state_of"]

LONG = ("Prices", "Funding", "Factors")
"""Tables of times and numbers, which are read as arrays."""

State = Mapping[str, tuple[int, object]]
"""Of each table its rows and what tells whether two of the same length are the same."""


@dataclass(frozen=True)
class Change:
    """A table that a run changes: its rows now, and then."""

    table: str
    rows_before: int
    rows_after: int

    @property
    def words(self) -> str:
        """`Weights (8 rows)`, `Hedge (emptied)`."""
        if self.rows_before and not self.rows_after:
            return f"{self.table} (emptied)"
        return f"{self.table} ({self.rows_after} row{'' if self.rows_after == 1 else 's'})"


def state_of(book: Workbook) -> State:
    """What stands in every table that the workbook has."""
    return dict(_states(book))


def changes(before: State, after: State) -> Sequence[Change]:
    """The tables that differ, in the order of the workbook."""
    return [
        Change(name, before.get(name, (0, None))[0], rows)
        for name, (rows, content) in after.items()
        if before.get(name) != (rows, content)
    ]


def _states(book: Workbook) -> Iterator[tuple[str, tuple[int, object]]]:
    for name in TABLES:
        try:
            if name in LONG:
                series = book.series(name)
                content = (series.header, series.times.tobytes(), series.numbers.tobytes())
                yield name, (len(series.times), content)
            else:
                block = book.table(name)
                yield name, (len(block.rows), block.rows)
        except BookError:
            continue  # an older desk has no such table; what is wrong with one that a job needs, the job says
