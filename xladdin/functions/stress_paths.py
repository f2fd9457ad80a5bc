"""Stress tests of a book along the paths of its own history, and along paths drawn from it."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.verify.path.book import as_book
from core.verify.simulate.monte_carlo import monte_carlo
from core.verify.simulate.path_risk import PathRisk
from core.verify.stress.worst_windows import WorstWindows, worst_windows

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Integer
from ..results import Listing, Table
from .arguments import AccountEquity, MaintenanceRates, PricesNow, Quantities

__all__ = ["PERP_STRESS_HISTORY", "PERP_STRESS_MONTE_CARLO"]

CATEGORY = "Perp Stress"


@sheet_function(CATEGORY, returns=Listing(("window", "start_row", "end_row", "pnl", "equity_after", "liquidated")))
def PERP_STRESS_HISTORY(
    quantities: Quantities,
    prices: PricesNow,
    equity: AccountEquity,
    price_history: Annotated[Array, kinds.Block("Past prices, one column a contract, the oldest row first.")],
    horizon: Annotated[int, Integer("Rows that a window lasts.", at_least=1)] = 1,
    worst: Annotated[int, Integer("How many windows to list; no two of them overlap.", at_least=1)] = 10,
    maintenance_rates: MaintenanceRates = 0.01,
) -> WorstWindows:
    """Worst windows of the price history on today's book: profit, equity, and whether it is liquidated on the way."""
    return worst_windows(as_book(quantities, prices, equity, maintenance_rates), price_history, horizon, worst)


@sheet_function(CATEGORY, returns=Table(per_asset=False))
def PERP_STRESS_MONTE_CARLO(
    quantities: Quantities,
    prices: PricesNow,
    equity: AccountEquity,
    returns: Annotated[Array, kinds.Returns("Simple returns per bar, one column a contract, the oldest row first.")],
    scenarios: Annotated[int, Integer("How many paths are drawn.", at_least=1)] = 10_000,
    horizon: Annotated[int, Integer("Bars that a path lasts.", at_least=1)] = 24,
    seed: Annotated[int, Integer("The same seed draws the same paths.", at_least=0)] = 1,
    maintenance_rates: MaintenanceRates = 0.01,
) -> PathRisk:
    """Value at risk, expected shortfall, probability of liquidation and capital for 99 %, over bootstrapped paths."""
    book = as_book(quantities, prices, equity, maintenance_rates)
    return monte_carlo(book, returns, scenarios, horizon, seed).figures
