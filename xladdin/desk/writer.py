"""From results to the workbook: each function fills one result table, column by column as the layout declares it.

Nothing lands here: the book only stages what is written, and the door that runs the job commits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from core.decide.frontier import Frontier

from ..books.book import Book, CellValue
from .checks import Check
from .estimates import Estimates
from .hedging import Hedge
from .inputs import Desk, Universe
from .layout import TABLES
from .stressing import ScenarioRun
from .target import Target

__all__ = [
    "clear",
    "write_checks",
    "write_columns",
    "write_estimates",
    "write_hedge",
    "write_stress",
    "write_target",
]

CALL_RATIO = 0.8
"""Share of equity eaten by maintenance margin at which venues send a margin call."""


def write_columns(book: Book, table_name: str, columns: dict[str, Sequence[Any] | Any]) -> None:
    """Stage a result table from its columns; a scalar fills its column. None is a blank cell, NaN shows as #N/A.

    Headings that the layout does not declare become the table's free columns, in their order.
    """
    table = TABLES[table_name]
    free = [name for name in columns if name not in table.header]
    header = [*table.header, *free]
    length = max(len(values) for values in columns.values() if _is_column(values))
    filled = [list(columns[name]) if _is_column(columns[name]) else [columns[name]] * length for name in header]
    rows = [[_cell(value) for value in row] for row in zip(*filled, strict=True)]
    book.write_table(table_name, rows, header if table.free_columns else None)


def clear(book: Book, table_names: Iterable[str]) -> None:
    """Stage empty tables: results that no longer belong to what stands above them."""
    for name in table_names:
        if TABLES[name].measures:
            write_columns(book, name, _measures(name, [None] * len(TABLES[name].measures)))
        else:
            book.write_table(name, [])


def write_estimates(book: Book, desk: Desk, estimates: Estimates) -> None:
    """The Estimates table, one row a contract in play, and the Market table beside it."""
    universe = desk.universe
    write_columns(
        book,
        "Estimates",
        {
            "Symbol": universe.symbols,
            "Price": universe.prices,
            "Beta": estimates.betas,
            "BetaError": estimates.beta_errors,
            "Alpha": estimates.alphas,
            "RSquared": estimates.r_squared,
            "Volatility": estimates.volatilities,
            "VolatilityNow": estimates.volatilities_now,
            "VariancePremium": _blank_where_nan(estimates.variance_premiums),
            "FundingAnnual": estimates.funding,
            "Premium": estimates.premiums,
            "View": _blank_where_nan(universe.views),
            "ExpectedReturn": estimates.expected_returns,
            "Observations": estimates.observations,
            "MissingBars": estimates.missing_bars,
            "Note": estimates.notes,
        },
    )
    market = estimates.market
    write_columns(
        book,
        "Market",
        _measures(
            "Market",
            [
                market.regime_began,
                market.regime_bars,
                market.regime_volatility,
                market.usual_volatility,
                estimates.bars_used,
                market.rebalance_hours,
            ],
        ),
    )


def write_target(book: Book, desk: Desk, target: Target) -> None:
    """The Weights, WeightsSummary and Frontier tables."""
    orders = target.orders
    write_columns(
        book,
        "Weights",
        {
            "Symbol": target.universe.symbols,
            "Baseline": target.baseline,
            "Overlay": target.overlay,
            "Final": target.weights,
            "Current": orders.current_weights,
            "Trade": target.weights - orders.current_weights,
            "Contracts": orders.contracts,
            "TargetPosition": orders.positions,
            "Notional": orders.notionals,
            "Cost": orders.costs,
            "InitialMargin": orders.initial_margins,
            "Side": [_side(contracts) for contracts in orders.contracts],
        },
    )
    book_now, account = target.exposure, target.margin
    write_columns(
        book,
        "WeightsSummary",
        _measures(
            "WeightsSummary",
            [
                book_now.expected_return,
                book_now.volatility,
                book_now.sharpe,
                book_now.beta,
                book_now.funding,
                book_now.net,
                book_now.gross,
                account.initial_margin,
                account.initial_margin / desk.settings.equity,
                account.headroom,
                *_blank_where_nan(account.distance_to_liquidation),
                float(np.abs(orders.trades).sum()),
                float(orders.costs.sum()),
            ],
        ),
    )
    if target.frontier is None:
        clear(book, ["Frontier"])
    else:
        _write_frontier(book, target.universe, target.frontier)


def write_hedge(book: Book, hedge: Hedge) -> None:
    """The Hedge table: one row a hedge contract; without a due hedge its trades are zero."""
    trade = hedge.trade
    write_columns(
        book,
        "Hedge",
        {
            "Hedge": hedge.contracts.symbols,
            "Beta": hedge.betas,
            "TradeNotional": trade.trade_notional,
            "TradeContracts": trade.trade_contracts,
            "TargetPosition": hedge.positions,
            "Cost": trade.cost,
            "FundingAnnual": hedge.funding_cost,
            "BetaBefore": trade.beta_before,
            "BetaAfter": trade.beta_after,
            "TargetBeta": hedge.target_beta,
            "Due": "Y" if hedge.due else "N",
        },
    )


def write_stress(book: Book, desk: Desk, run: ScenarioRun) -> None:
    """The Stress table: one row a scenario, with a verdict a person can read."""
    symbols, result = desk.universe.symbols, run.stress
    write_columns(
        book,
        "Stress",
        {
            "Scenario": desk.scenarios.names,
            "MarketShock": result.market_shock,
            "PnL": result.pnl,
            "Funding": result.funding,
            "EquityAfter": result.equity_after,
            "MarginRatio": result.margin_ratio,
            "Liquidated": result.liquidated,
            "FirstLiquidated": [
                None if np.isnan(first) else symbols[int(first) - 1] for first in result.first_liquidated
            ],
            "Shortfall": result.shortfall,
            "DailyVolatility": run.daily_volatilities,
            "Verdict": [_verdict(*row) for row in zip(result.liquidated, result.margin_ratio, strict=True)],
        },
    )


def write_checks(book: Book, checks: Sequence[Check]) -> None:
    """The Checks table: one row a check; the master check on every sheet reads it."""
    write_columns(
        book,
        "Checks",
        {
            "Check": [check.name for check in checks],
            "Status": [check.status for check in checks],
            "Value": [check.value for check in checks],
            "Limit": [check.limit for check in checks],
            "Remedy": [check.remedy for check in checks],
        },
    )


def _write_frontier(book: Book, universe: Universe, frontier: Frontier) -> None:
    write_columns(
        book,
        "Frontier",
        {
            "Point": np.arange(1, len(frontier.returns) + 1),
            "Return": frontier.returns,
            "Volatility": frontier.volatilities,
            "Sharpe": frontier.sharpes,
            **{symbol: frontier.weights[:, i] for i, symbol in enumerate(universe.symbols)},
        },
    )


def _measures(table_name: str, values: Sequence[CellValue]) -> dict[str, Sequence[Any]]:
    measures = TABLES[table_name].measures
    return {
        "Measure": [measure.name for measure in measures],
        "Value": values,
        "Note": [measure.note for measure in measures],
    }


def _blank_where_nan(values: Any) -> list[float | None]:
    """Where there is nothing to state, a blank cell says so better than #N/A."""
    return [None if np.isnan(value) else float(value) for value in np.atleast_1d(values)]


def _side(contracts: float) -> str:
    return "BUY" if contracts > 0 else "SELL" if contracts < 0 else "HOLD"


def _verdict(liquidated: float, margin_ratio: float) -> str:
    if liquidated:
        return "liquidated"
    return "margin call" if margin_ratio >= CALL_RATIO else "survives"


def _is_column(values: object) -> bool:
    return isinstance(values, (list, tuple, np.ndarray))


def _cell(value: Any) -> CellValue:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (np.generic, int, float)):
        return float(value)
    return value  # type: ignore[no-any-return]  # a datetime
