"""What each row of an answer is: a heading or figures, how each cell looks, what it means."""

from __future__ import annotations

from collections.abc import Iterator

from core.records import dataclass

from ...results import Dated, Listing, Portfolios, Table
from ..example import Answer, Example, Shown
from ..looks import WHEN, WORD, Look

__all__ = ["Line", "labels", "lines"]


@dataclass(frozen=True)
class Line:
    """One row of an answer: its cells, the look of each, whether it is a heading, and the words beside it."""

    cells: tuple[float | str, ...]
    looks: tuple[Look, ...]
    heading: bool = False
    told: Shown | None = None


def lines(example: Example, answer: Answer) -> list[Line]:
    """The rows of an answer in turn."""
    if example.slip or "" in example.shows:
        return list(_plain(example, answer))
    return list(_labelled(example, answer))


def labels(example: Example, answer: Answer) -> list[str]:
    """What of an answer needs words: rows of a table, columns of a list, parts of several; "" where nothing is named.

    The rows of a figure with an item a contract or factor (`w_1`, `beta_2`) count one by one.
    """
    returns, rows = example.spec.returns, answer.rows
    if isinstance(returns, Table):
        return [str(row[0]) for row in rows[1:]]
    if isinstance(returns, (Listing, Portfolios)):
        return [str(name) for name in rows[0]]
    headings = [str(row[0]) for row in rows if _is_heading(row)]
    return headings if headings and len(rows) > 1 else [""]


def _plain(example: Example, answer: Answer) -> Iterator[Line]:
    """A number, a row or a block without labels: the same words for all, beside the first row."""
    shown = example.shows[""]
    for number, row in enumerate(answer.rows):
        first = WHEN if isinstance(example.spec.returns, Dated) else shown.look
        yield Line(row, (first, *[shown.look] * (len(row) - 1)), told=None if number else shown)


def _labelled(example: Example, answer: Answer) -> Iterator[Line]:
    """A table or a list: a heading sets the look of the columns below it, a label that of its row."""
    by_column = isinstance(example.spec.returns, (Listing, Portfolios))
    looks: tuple[Look, ...] = ()
    for row in answer.rows:
        if _is_heading(row):
            part = example.shows.get(str(row[0]))
            looks = tuple(_look(example.shows.get(str(name)), part) for name in row)
            yield Line(row, looks, heading=True, told=None if by_column else part)
            continue
        own = None if by_column else example.shows.get(str(row[0]))
        yield Line(row, (WORD, *[own.look] * (len(row) - 1)) if own else looks, told=own)


def _look(own: Shown | None, part: Shown | None) -> Look:
    shown = own or part
    return shown.look if shown else WORD


def _is_heading(row: tuple[float | str, ...]) -> bool:
    return all(isinstance(cell, str) and not cell.startswith("#") for cell in row)
