"""Checks of the history that the estimates stand on: every bar is there, and there are enough of them."""

from __future__ import annotations

from collections.abc import Iterator

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ..enough import FEW_RETURNS
from .found import Check, caution, column_of_numbers

__all__ = ["check_history"]


def check_history(book: Workbook, desk: Desk) -> Iterator[Check]:
    """That no contract in play lacks a bar, and that each estimate has rows behind it."""
    missing = desk.panel.missing()
    worst = max(missing, key=missing.__getitem__)
    remedy = f"{worst} lacks most; refresh again, or accept that it stands on its own rows"
    yield caution("Every bar has a price", not missing[worst], missing[worst], 0.0, remedy)

    estimates = book.table("Estimates")
    if not estimates.rows:
        return
    rows = column_of_numbers(estimates, "Observations")
    fewest = int(rows.argmin())
    remedy = (
        f"{estimates.column('Symbol')[fewest]} has fewest, since {estimates.column('FirstReturn')[fewest]}: its risk "
        "is a guess; hold little of it, or set a longer Window"
    )
    yield caution("Rows behind the covariance", rows[fewest] >= FEW_RETURNS, rows[fewest], float(FEW_RETURNS), remedy)
