"""What Hedge found, as the tables of its sheet."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.units import DAYS_PER_YEAR

from ...books.workbook import Workbook
from ..day.hedging import Hedge
from ..day.instruments.bought import Bought
from .largest import folded
from .results import blank_where_nan, clear, measured, write_columns

__all__ = ["write_hedge"]

ONE_PERCENT = 0.01


def write_hedge(book: Workbook, hedge: Hedge) -> None:
    """The Hedge table, one row a hedge contract (without a due hedge its trades are zero), and what it comes to."""
    trades = hedge.trades
    columns: dict[str, Any] = {
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
    }
    write_columns(book, "Hedge", columns)
    fold = folded(trades.notionals, hedge.held * hedge.contracts.contract_values)
    write_columns(
        book,
        "HedgeLargest",
        {
            "Hedge": fold.names(columns["Hedge"]),
            **{name: fold.summed(columns[name]) for name in ("TradeNotional", "Cost", "FundingAnnual")},
            **{
                name: fold.blanked(columns[name])
                for name in ("Beta", "Held", "HeldPnL", "TradeContracts", "TargetPosition")
            },
        },
    )
    write_columns(
        book,
        "HedgeSummary",
        measured(
            "HedgeSummary",
            [
                hedge.beta_before,
                hedge.beta_after,
                hedge.target_beta,
                columns["Due"],
                int(np.count_nonzero(trades.contracts)),
                float(np.abs(trades.notionals).sum()),
                float(trades.costs.sum()),
                float(hedge.funding_cost.sum()),
            ],
        ),
    )
    _write_bought(book, hedge.bought)
    factors = trades.factors
    if factors is None:
        clear(book, ["HedgeFactors"])
        return
    write_columns(
        book,
        "HedgeFactors",
        {"Factor": factors.names, "Before": factors.before, "After": factors.after, "Target": factors.targets},
    )


def _write_bought(book: Workbook, bought: Bought | None) -> None:
    """What each hedge costs and buys, and the sensitivities of the options."""
    if bought is None:
        clear(book, ["HedgeChoice", "HedgeOptions"])
        return
    write_columns(
        book,
        "HedgeChoice",
        {
            "Instrument": bought.names,
            "Kind": bought.kinds,
            "Price": bought.prices,
            "Beta": bought.betas,
            "Held": bought.held,
            "Trade": bought.trades,
            "TargetPosition": bought.held + bought.trades,
            "TradeValue": bought.values,
            "BetaBought": bought.beta_bought,
            "Fee": bought.fees,
            "Carry": bought.carries,
            "Decay": bought.decays,
            "CostOfTenth": blank_where_nan(bought.costs_of_tenth),
            "WorstPnL": blank_where_nan(bought.worst_profits),
            "Cash": bought.cash,
            "Margin": bought.margins,
            "WorstScenario": bought.worst_scenario,
        },
    )
    held, options, greeks = bought.valued.instruments, bought.valued.options, bought.valued.greeks
    if not options.any():
        clear(book, ["HedgeOptions"])
        return
    write_columns(
        book,
        "HedgeOptions",
        {
            "Option": np.array(held.names)[options].tolist(),
            "Forward": bought.valued.forwards,
            "Days": held.years[options] * DAYS_PER_YEAR,
            "ImpliedVol": held.implied_vols[options],
            "ModelPrice": greeks.price,
            "Delta": greeks.delta,
            "Gamma": greeks.gamma * bought.valued.forwards * ONE_PERCENT,
            "Vega": greeks.vega * ONE_PERCENT,
            "Theta": greeks.theta / DAYS_PER_YEAR,
        },
    )
