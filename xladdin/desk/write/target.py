"""What Rebalance found, as the tables of the sheets Estimates, Weights and Frontier."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.arrays import Array
from core.decide.portfolio.frontier import Frontier

from ...books.workbook import Workbook
from ..day.estimates import Estimates
from ..day.rebalancing import TargetBook
from ..layout.page_tables import ESTIMATES_LARGEST, LARGEST
from ..read.inputs import Desk
from .largest import folded
from .results import blank_where_nan, clear, measured, write_columns

__all__ = ["write_estimates", "write_target_book"]

REACHABLE = 10.0
"""A common rise of all prices to more than so many times their own liquidates nobody; it is left blank."""


def write_estimates(book: Workbook, desk: Desk, estimates: Estimates, chosen: TargetBook) -> None:
    """The Estimates table, one row a contract in play, its largest, and the Market table with what the clock says."""
    universe = desk.universe
    columns: dict[str, Any] = {
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
    }
    write_columns(book, "Estimates", columns)
    _write_largest_estimates(book, columns, chosen)
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


def _write_largest_estimates(book: Workbook, columns: dict[str, Any], chosen: TargetBook) -> None:
    """Of what is held most at last, then of what is held now."""
    weights = (chosen.target.weights, chosen.orders.current_weights)
    sizes = [dict(zip(chosen.universe.symbols, each.tolist(), strict=True)) for each in weights]
    symbols = columns["Symbol"]
    fold = folded(*(np.array([size.get(symbol, 0.0) for symbol in symbols]) for size in sizes), zeros_too=True)
    write_columns(
        book,
        "EstimatesLargest",
        {
            "Symbol": fold.names(symbols),
            **{name: fold.averaged(np.asarray(columns[name], float)) for name in ESTIMATES_LARGEST.header[1:-1]},
            "MissingBars": fold.summed(np.asarray(columns["MissingBars"], float)),
        },
    )


def write_target_book(book: Workbook, desk: Desk, estimates: Estimates, chosen: TargetBook) -> None:
    """The Weights table and its largest, WeightsSummary, Frontier and FrontierPoints."""
    _write_weights(book, chosen)
    target, orders = chosen.target, chosen.orders
    book_now, account = chosen.exposure, chosen.margin
    reach = account.distance_to_liquidation
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
                *blank_where_nan(np.where(np.abs(reach) <= REACHABLE, reach, np.nan)),
                float(np.abs(orders.trades).sum()),
                float(orders.costs.sum()),
                None if target.certificate is None else target.certificate.worst,
            ],
        ),
    )
    if chosen.frontier is None:
        clear(book, ["Frontier", "FrontierPoints"])
    else:
        _write_frontier(book, chosen, chosen.frontier)
        _write_points(book, desk, estimates, chosen, chosen.frontier)


def _write_weights(book: Workbook, chosen: TargetBook) -> None:
    target, orders = chosen.target, chosen.orders
    columns: dict[str, Any] = {
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
    }
    write_columns(book, "Weights", columns)
    fold = folded(target.weights, orders.current_weights)
    summed = ("Baseline", "Overlay", "Final", "Current", "Trade", "Notional", "Cost", "InitialMargin")
    write_columns(
        book,
        "WeightsLargest",
        {
            "Symbol": fold.names(columns["Symbol"]),
            **{name: fold.summed(columns[name]) for name in summed},
            **{name: fold.blanked(columns[name]) for name in ("Contracts", "Side")},
        },
    )


def _write_frontier(book: Workbook, chosen: TargetBook, frontier: Frontier) -> None:
    """The points, the contract that is largest from one to the other first, and together those after the largest."""
    order = np.argsort(-np.abs(frontier.weights).sum(axis=0), kind="stable")
    write_columns(
        book,
        "Frontier",
        {
            "Point": np.arange(1, len(frontier.returns) + 1),
            "Return": frontier.returns,
            "Volatility": frontier.volatilities,
            "Sharpe": frontier.sharpes,
            "Others": frontier.weights[:, order[LARGEST:]].sum(axis=1) if len(order) > LARGEST else None,
            **{chosen.universe.symbols[i]: frontier.weights[:, i] for i in order},
        },
    )


def _write_points(book: Workbook, desk: Desk, estimates: Estimates, chosen: TargetBook, frontier: Frontier) -> None:
    """What else is on the chart: the capital line, the books of the desk, and each contract held alone."""
    free, symbols = desk.settings.risk_free, chosen.universe.symbols
    places = [desk.universe.symbols.index(symbol) for symbol in symbols]
    expected, risk = estimates.expected_returns[places], estimates.covariance[np.ix_(places, places)]

    def point(name: str, weights: Array) -> tuple[str, float, float]:
        volatility = math.sqrt(max(float(weights @ risk @ weights), 0.0))
        return name, volatility, free + float(weights @ (expected - free))

    best = int(np.nanargmax(np.where(np.isfinite(frontier.sharpes), frontier.sharpes, -np.inf)))
    slope = float(frontier.sharpes[best]) if np.isfinite(frontier.sharpes[best]) else math.nan
    furthest = float(frontier.volatilities.max())
    rows = [
        ("Least risk", float(frontier.volatilities[0]), float(frontier.returns[0])),
        ("Cash", 0.0, free),
        ("Largest Sharpe", float(frontier.volatilities[best]), float(frontier.returns[best])),
        ("Capital line", furthest, free + slope * furthest),
        point("Current book", chosen.orders.current_weights),
        ("Target", chosen.exposure.volatility, chosen.exposure.expected_return),
        *(
            point(symbols[i], np.eye(len(symbols))[i])
            for i in folded(chosen.target.weights, chosen.orders.current_weights, zeros_too=True).order
        ),
    ]
    names, volatilities, returns = zip(*rows, strict=True)
    risks, rewards = np.array(volatilities), np.array(returns)
    sharpes = np.divide(rewards - free, risks, out=np.full(len(risks), np.nan), where=risks > 0)
    write_columns(
        book,
        "FrontierPoints",
        {
            "Point": list(names),
            "Volatility": risks,
            "Return": blank_where_nan(rewards),
            "Sharpe": blank_where_nan(sharpes),
        },
    )


def _side(contracts: float, waiting: bool) -> str:
    if waiting:
        return "WAIT"
    return "BUY" if contracts > 0 else "SELL" if contracts < 0 else "HOLD"
