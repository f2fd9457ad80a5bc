"""Every row of a backtest as a file: equity, what each contract held, and the parts of each bar.

A CSV file opens in any program; a Parquet file is smaller and keeps its types. Either is written whole or not at all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ArgumentError

from ..day.backtesting import BacktestRun

__all__ = ["refuse_unknown_kind", "write_path"]

KINDS = (".csv", ".parquet")


def refuse_unknown_kind(file: Path) -> None:
    """Raises ArgumentError where a file is of no kind that can be written, or its folder is not there."""
    if file.suffix.lower() not in KINDS:
        raise ArgumentError(f"path is {file}; end its name in .csv or .parquet")
    if not file.parent.is_dir():
        raise ArgumentError(f"path is {file}, and there is no folder {file.parent}; make it first")


def write_path(run: BacktestRun, file: Path) -> None:
    """Write the rows since the first decision. Raises ArgumentError (cannot be written)."""
    import pandas as pd

    table = pd.DataFrame(_columns(run))
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        if file.suffix.lower() == ".csv":
            table.to_csv(draft, index=False)
        else:
            table.to_parquet(draft, index=False)
        draft.replace(file)
    except OSError as error:
        raise ArgumentError(f"path {file} cannot be written: {error}") from None
    finally:
        draft.unlink(missing_ok=True)


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
