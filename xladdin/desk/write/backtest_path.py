"""Every row of a backtest as a file: equity, what each contract held, and the parts of each bar.

A CSV file opens in any program; a Parquet file is smaller and keeps its types. Either lands after the
workbook, whole or not at all.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ArgumentError, BookError
from core.records import dataclass

from ...books.atomic import replace_file
from ...books.target import content_of
from ..day.backtesting import BacktestRun

__all__ = ["WalkFile", "refuse_bad_walk_file", "walk_file"]

KINDS = (".csv", ".parquet")
FIRST_COLUMNS = ["time", "equity"]


@dataclass(frozen=True)
class WalkFile:
    """The rows of a walk, ready to land; `before` is the older walk that is there, None where none is."""

    path: Path
    content: bytes
    before: bytes | None

    def write(self) -> None:
        """Put it in its place, an older one kept as `NAME.bak`. Raises BookError."""
        replace_file(self.path, self.content, before=self.before)


def refuse_bad_walk_file(file: Path) -> None:
    """Raises ArgumentError for a kind that cannot be written, a missing folder, or a file that is no older walk."""
    if file.suffix.lower() not in KINDS:
        raise ArgumentError(f"path is {file}; end its name in .csv or .parquet")
    if not file.parent.is_dir():
        raise ArgumentError(f"path is {file}, and there is no folder {file.parent}; make it first")
    if file.is_dir() or (file.exists() and not _is_walk(file)):
        raise ArgumentError(f"{file} exists and is no walk of PerpDesk; give another name, or move it away")


def walk_file(run: BacktestRun, file: Path) -> WalkFile:
    """The rows since the first decision as a file of its kind. Raises BookError where it cannot be read."""
    import pandas as pd

    table, content = pd.DataFrame(_columns(run)), io.BytesIO()
    if file.suffix.lower() == ".csv":
        table.to_csv(content, index=False)
    else:
        table.to_parquet(content, index=False)
    return WalkFile(file, content.getvalue(), content_of(file))


def _is_walk(file: Path) -> bool:
    """Whether the first columns are those of a walk."""
    import pandas as pd

    try:
        found = pd.read_csv(file, nrows=0) if file.suffix.lower() == ".csv" else pd.read_parquet(file)
    except (OSError, ValueError, BookError):
        return False
    return list(found.columns[: len(FIRST_COLUMNS)]) == FIRST_COLUMNS


def _columns(run: BacktestRun) -> dict[str, Any]:
    """One column a figure; a contract's weight, coins and money bear its symbol."""
    ledger, rows = run.policy.ledger, slice(run.first, None)
    columns: dict[str, Any] = {"time": run.times[rows], "equity": ledger.equity[rows]}
    for heading, walked in (("unhedged", run.unhedged), ("equal_weight", run.equal_weight)):
        if walked is not None:
            columns[f"equity_{heading}"] = walked.ledger.equity[rows]
    columns["benchmark"] = run.benchmark[rows]
    columns["drawdown"] = 1 - ledger.equity[rows] / np.maximum.accumulate(ledger.equity[rows])
    columns |= {"turnover": ledger.turnover[rows], "interest": ledger.interest[rows]}
    parts = {
        "weight": ledger.weights,
        "coins": ledger.quantities,
        "mark": ledger.marks,
        "pnl": ledger.pnl,
        "funding": ledger.funding,
        "fees": ledger.fees,
        "slippage": ledger.slippage,
        "liquidation": ledger.liquidation,
    }
    for name, block in parts.items():
        columns |= {f"{name}_{symbol}": block[rows, column] for column, symbol in enumerate(run.desk.universe.symbols)}
    return columns
