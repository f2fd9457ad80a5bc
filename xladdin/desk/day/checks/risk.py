"""Check of the risk figures against each other: no book swings less than its beta makes it.

A return is beta times that of the market and something else, so whatever the weights, volatility >= |beta| x that of
the market, as long as betas and covariance speak of the same rows. Where they do not, because a contract is young, its
history has gaps, or beta and covariance weigh their rows differently, an optimiser would buy the difference.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.units import periods_per_year

from ....books.workbook import Workbook
from ...read.inputs import Desk
from .found import Check, caution

__all__ = ["check_risk"]

SHRINKAGE_ROOM = 0.05
"""Share that a shrunk covariance may lack: it takes from correlations what it holds to be chance."""


def check_risk(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no weights stand."""
    summary, market = (
        dict(zip(block.column("Measure"), block.column("Value"), strict=True))
        for block in (book.table("WeightsSummary"), book.table("Market"))
    )
    volatility, beta, bars = summary.get("Volatility"), summary.get("Beta"), market.get("Bars used")
    if not (isinstance(volatility, float) and isinstance(beta, float) and isinstance(bars, float)):
        return
    seen = desk.benchmark_returns[-int(bars) :]
    least = abs(beta) * float(np.nanstd(seen, ddof=1)) * np.sqrt(periods_per_year(desk.settings.bar_hours))
    remedy = (
        "Beta and covariance speak of different rows: leave out young contracts (Observations on Estimates), or choose "
        "methods that weigh rows alike"
    )
    consistent = volatility >= least * (1 - SHRINKAGE_ROOM)
    yield caution("Volatility of the book is at least |beta| x market's", consistent, volatility, least, remedy)
