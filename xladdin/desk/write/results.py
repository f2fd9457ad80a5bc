"""From results to the workbook: each function fills one result table, column by column as the layout declares it.

Nothing lands here: the book only stages what is written, and the door that runs the job commits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...books.workbook import CellValue, Workbook
from ..layout.sheets import TABLES
from ..read.headings import refuse_other_columns

if TYPE_CHECKING:
    from core.decide.portfolio.frontier import Frontier

    from ..day.checks.found import Check
    from ..day.estimates import Estimates
    from ..day.hedging import Hedge
    from ..day.rebalancing import TargetBook
    from ..read.inputs import Desk, Universe

__all__ = [
    "blank_where_nan",
    "clear",
    "measured",
    "write_checks",
    "write_columns",
    "write_estimates",
    "write_hedge",
    "write_target_book",
]


def write_columns(book: Workbook, table_name: str, columns: dict[str, Sequence[Any] | Any]) -> None:
    """Stage a result table from its columns; a scalar fills its column. None is a blank cell, NaN shows as #N/A.

    Headings that the layout does not declare become the table's free columns, in their order. Raises BookError where
    the table has other columns than it was drawn with.
    """
    table = TABLES[table_name]
    refuse_other_columns(book.table(table_name), table)
    free = [name for name in columns if name not in table.header]
    header = [*table.header, *free]
    length = max(len(values) for values in columns.values() if _is_column(values))
    filled = [list(columns[name]) if _is_column(columns[name]) else [columns[name]] * length for name in header]
    rows = [[_cell(value) for value in row] for row in zip(*filled, strict=True)]
    book.write_table(table_name, rows, header if table.free_columns else None)


def clear(book: Workbook, table_names: Iterable[str]) -> None:
    """Stage empty tables: results that no longer belong to what stands above them. Raises BookError as for results."""
    for name in table_names:
        refuse_other_columns(book.table(name), TABLES[name])
        book.write_table(name, TABLES[name].unmeasured)


def write_estimates(book: Workbook, desk: Desk, estimates: Estimates, chosen: TargetBook) -> None:
    """The Estimates table, one row a contract in play, and the Market table beside it, with what the clock says."""
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
            "VariancePremium": blank_where_nan(estimates.variance_premiums),
            "FundingAnnual": estimates.funding,
            "FundingKnown": estimates.funding_known,
            "Premium": estimates.premiums,
            "View": blank_where_nan(universe.views),
            "ExpectedReturn": estimates.expected_returns,
            "Observations": estimates.observations,
            "MissingBars": estimates.missing_bars,
            "FirstReturn": estimates.first_returns,
            "Note": estimates.notes,
        },
    )
    market = estimates.market
    write_columns(
        book,
        "Market",
        measured(
            "Market",
            [
                market.regime_began,
                market.regime_bars,
                market.regime_volatility,
                market.usual_volatility,
                estimates.bars_used,
                market.rebalance_hours,
                desk.settings.last_trade,
                "Y" if chosen.clock.due else "N",
                chosen.next_due,
            ],
        ),
    )


def write_target_book(book: Workbook, desk: Desk, chosen: TargetBook) -> None:
    """The Weights, WeightsSummary and Frontier tables."""
    target, orders = chosen.target, chosen.orders
    write_columns(
        book,
        "Weights",
        {
            "Symbol": chosen.universe.symbols,
            "Baseline": target.baseline,
            "Overlay": target.weights - target.baseline,
            "Final": target.weights,
            "Current": orders.current_weights,
            "Trade": target.weights - orders.current_weights,
            "Contracts": orders.contracts,
            "TargetPosition": orders.positions,
            "Notional": orders.notionals,
            "Cost": orders.costs,
            "InitialMargin": orders.initial_margins,
            "Side": [_side(*order) for order in zip(orders.contracts, chosen.waiting, strict=True)],
        },
    )
    book_now, account = chosen.exposure, chosen.margin
    write_columns(
        book,
        "WeightsSummary",
        measured(
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
                *blank_where_nan(account.distance_to_liquidation),
                float(np.abs(orders.trades).sum()),
                float(orders.costs.sum()),
                None if target.certificate is None else target.certificate.worst,
            ],
        ),
    )
    if chosen.frontier is None:
        clear(book, ["Frontier"])
    else:
        _write_frontier(book, chosen.universe, chosen.frontier)


def write_hedge(book: Workbook, hedge: Hedge) -> None:
    """The Hedge table, one row a hedge contract (without a due hedge its trades are zero), and HedgeFactors."""
    trades = hedge.trades
    write_columns(
        book,
        "Hedge",
        {
            "Hedge": hedge.contracts.symbols,
            "Beta": hedge.betas,
            "Held": hedge.held,
            "HeldPnL": blank_where_nan(hedge.held_pnl),
            "TradeNotional": trades.notionals,
            "TradeContracts": trades.contracts,
            "TargetPosition": hedge.positions,
            "Cost": trades.costs,
            "FundingAnnual": hedge.funding_cost,
            "BetaBefore": hedge.beta_before,
            "BetaAfter": hedge.beta_after,
            "TargetBeta": hedge.target_beta,
            "Due": "Y" if hedge.due else "N",
        },
    )
    factors = trades.factors
    if factors is None:
        clear(book, ["HedgeFactors"])
        return
    write_columns(
        book,
        "HedgeFactors",
        {"Factor": factors.names, "Before": factors.before, "After": factors.after, "Target": factors.targets},
    )


def write_checks(book: Workbook, checks: Sequence[Check]) -> None:
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


def _write_frontier(book: Workbook, universe: Universe, frontier: Frontier) -> None:
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


def measured(table_name: str, values: Sequence[CellValue]) -> dict[str, Sequence[Any]]:
    """The columns of a table of measures, from their values in order."""
    measures = TABLES[table_name].measures
    return {
        "Measure": [measure.name for measure in measures],
        "Value": values,
        "Note": [measure.note for measure in measures],
    }


def blank_where_nan(values: Any) -> list[float | None]:
    """Where there is nothing to state, a blank cell says so better than #N/A."""
    return [None if np.isnan(value) else float(value) for value in np.atleast_1d(values)]


def _side(contracts: float, waiting: bool) -> str:
    if waiting:
        return "WAIT"
    return "BUY" if contracts > 0 else "SELL" if contracts < 0 else "HOLD"


def _is_column(values: object) -> bool:
    return isinstance(values, (list, tuple, np.ndarray))


def _cell(value: Any) -> CellValue:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (np.generic, int, float)):
        return float(value)
    return value  # type: ignore[no-any-return]  # a datetime
