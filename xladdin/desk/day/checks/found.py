"""One check and its verdict, and how a kind of check states it: as a rule, which fails, or a caution, which warns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.arrays import Array
from core.records import dataclass

from ....books.workbook import Block, CellValue, Workbook

__all__ = ["AGAIN", "Check", "Found", "Status", "caution", "column_of_numbers", "has_backtest", "rule", "verdict"]

Found = CellValue | np.floating
Status = Literal["OK", "WARN", "FAIL"]

AGAIN = "run Rebalance again"


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, how it went, what was found, what is permitted and what to do."""

    name: str
    status: Status
    value: Found
    limit: Found
    remedy: str


def rule(name: str, met: object, value: Found, limit: Found, remedy: str = AGAIN) -> Check:
    """A check that fails when it is not met."""
    return _check(name, "OK" if met else "FAIL", value, limit, remedy)


def caution(name: str, met: object, value: Found, limit: Found, remedy: str) -> Check:
    """A check that only warns when it is not met."""
    return _check(name, "OK" if met else "WARN", value, limit, remedy)


def has_backtest(book: Workbook) -> bool:
    """Whether a backtest stands in the book: its parts are few, and its path may be as long as the history."""
    return bool(book.table("Attribution").rows)


def column_of_numbers(block: Block, column: str) -> Array:
    """The figures of one column of a table, `(rows,)`; NaN where a cell holds none."""
    return np.array([value if isinstance(value, float) else np.nan for value in block.column(column)])


def verdict(checks: Sequence[Check]) -> str:
    """How they went, in the words of the master check, with the names of those that failed or warn."""
    failed, warn = ([check.name for check in checks if check.status == status] for status in ("FAIL", "WARN"))
    said = [f"{len(failed)} failed: {'; '.join(failed)}"] if failed else []
    if warn:
        said.append(f"{len(warn)} warning{'s' if len(warn) > 1 else ''}: {'; '.join(warn)}")
    return f"{len(checks)} checks: {', '.join(said) or 'OK'}"


def _check(name: str, status: Status, value: Found, limit: Found, remedy: str) -> Check:
    return Check(name, status, value, limit, "" if status == "OK" else remedy)
