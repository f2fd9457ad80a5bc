"""The user's Excel stays as it was: modes and filters are put back whatever happens in between.

The selection, the active sheet and the window are never touched, so there is nothing to put back of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from core.errors import BookError

__all__ = ["quiet", "set_for_now", "unfiltered"]


@contextmanager
def quiet(app: Any) -> Iterator[None]:
    """No redrawing, no macros of the workbook, no questions and no calculation while cells are written."""
    with ExitStack() as restored:
        for mode, value in (
            ("screen_updating", False),
            ("enable_events", False),
            ("display_alerts", False),
            ("calculation", "manual"),
        ):
            restored.enter_context(set_for_now(app, mode, value))
        yield


@contextmanager
def set_for_now(app: Any, mode: str, value: object) -> Iterator[None]:
    """One property of Excel at another value; at the end it has its own again."""
    before = getattr(app, mode)
    setattr(app, mode, value)
    try:
        yield
    finally:
        setattr(app, mode, before)


@contextmanager
def unfiltered(tables: Iterable[tuple[Any, bool]]) -> Iterator[None]:
    """The tables with every row in sight, for Excel writes past rows that a filter hides; then filtered as before.

    Each table is one of `excel_book`, and with it stands whether it keeps its columns; where they change, its filter
    means nothing any more.
    Raises BookError for a filter that xlwings cannot set again (by colour, by icon, of several kinds).
    """
    with ExitStack() as restored:
        for table, keeps_columns in tables:
            if not table.table.show_autofilter:
                continue
            filters = table.table.autofilter
            where = f"table '{table.name}' on sheet '{table.sheet.name}'"
            set_again = [_setter(filters, each, where) for each in filters.criteria if each.type != "none"]
            if not set_again:
                continue
            restored.push(_again(set_again, keeps_columns))
            filters.clear()
        yield


def _again(set_again: list[Callable[[], None]], keeps_columns: bool) -> Callable[..., None]:
    """What filters a table as before, unless its columns have become others."""

    def leave(kind: type[BaseException] | None, *_: object) -> None:
        if keeps_columns or kind is not None:
            for each in set_again:
                each()

    return leave


def _setter(filters: Any, criterion: Any, where: str) -> Callable[[], None]:
    """What sets one filter as it is now."""
    field, kind = criterion.field, criterion.type
    if kind == "values" and criterion.values:
        return lambda: filters.apply_values(field, criterion.values)
    if kind == "comparison" and criterion.operator:
        return lambda: filters.apply_comparison(field, criterion.operator, criterion.value1, criterion.value2)
    size = criterion.percent if kind.endswith("percent") else criterion.count
    if kind in ("top_items", "bottom_items", "top_percent", "bottom_percent") and size is not None:
        return lambda: getattr(filters, f"apply_{kind}")(field, size)
    raise BookError(
        f"{where} is filtered in a way that could not be set again; clear that filter (Data > Clear) and run again"
    )
