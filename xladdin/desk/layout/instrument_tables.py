"""Hedges beside the contracts of Universe: what the analyst enters of them, and what the job Hedge says of each."""

from __future__ import annotations

import math

from .fields import (
    BASIS_POINTS,
    BETA,
    LENGTH,
    MONEY,
    PERCENT,
    PRICE,
    QUANTITY,
    RATIO,
    TIME,
    YES_NO,
    Column,
    TableLayout,
)

__all__ = ["HEDGES", "HEDGE_CHOICE", "HEDGE_OPTIONS", "KINDS", "SIDES"]

KINDS = ("perp", "spot", "option", "stablecoin")
SIDES = ("call", "put")

UNKNOWN = math.nan

HEDGES = TableLayout(
    "Hedges",
    "Hedges",
    (
        Column("Instrument", "A name of its own", width=20, role="input"),
        Column("Kind", "What it is", width=12, choices=KINDS, role="input"),
        Column("Underlying", "Symbol of Universe; blank for a stablecoin", width=14, role="input", blank=""),
        Column(
            "Price",
            "Blank: as its underlying, 1 of a stablecoin, by ImpliedVol of an option",
            "USDT a unit",
            PRICE,
            14,
            minimum=0,
            role="input",
            blank=UNKNOWN,
        ),
        Column("Lot", "Smallest trade; 0 = none", "units", "#,##0.###", 10, minimum=0, role="input", blank=0.0),
        Column(
            "FeeBps",
            "Of a trade, with slippage; option: of its underlying",
            "of notional",
            BASIS_POINTS,
            12,
            minimum=0,
            maximum=1000,
            role="input",
        ),
        Column(
            "CarryAnnual",
            "Paid by a long; blank: funding of a perp, else 0. Option: forward over spot",
            "a year",
            PERCENT,
            17,
            minimum=-5,
            maximum=5,
            role="input",
            blank=UNKNOWN,
        ),
        Column("Strike", "Of an option", "USDT", PRICE, 12, minimum=0, role="input", blank=UNKNOWN),
        Column("Expiry", "Of an option", "UTC", TIME, 17, role="input", blank=UNKNOWN),
        Column("OptionType", "Of an option", width=12, choices=SIDES, role="input", blank=""),
        Column(
            "ImpliedVol",
            "Of an option; blank: by its Price",
            "a year",
            PERCENT,
            12,
            minimum=0.001,
            maximum=10,
            role="input",
            blank=UNKNOWN,
        ),
        Column(
            "Position",
            "Held, part of Equity; only a perp may be short",
            "units",
            QUANTITY,
            16,
            role="input",
            blank=0.0,
        ),
        Column("Hedge", "May be traded by Hedge", "Y / N", width=12, choices=YES_NO, role="input", blank="N"),
    ),
    later=True,
)

HEDGE_CHOICE = TableLayout(
    "HedgeChoice",
    "HedgeChoice",
    (
        Column("Instrument", "Contracts marked Hedge, then the sheet Hedges", width=20),
        Column("Kind", "What it is", width=12),
        Column("Price", "Paid for a unit", "USDT", PRICE, 12),
        Column("Beta", "Of 1 USDT in it", "beta", BETA, 10),
        Column("Held", "Before", "units", QUANTITY, 13),
        Column("Trade", "+ = buy, in whole lots", "units", QUANTITY, 13),
        Column("TargetPosition", "After the trade", "units", QUANTITY, 15),
        Column("TradeValue", "+ = buy", "USDT", MONEY, 12.5),
        Column("BetaBought", "What the trade does to the book", "beta", BETA, 12),
        Column("Fee", "Fee and slippage of the trade", "USDT", MONEY, 10),
        Column("Carry", "Of the trade until the horizon: funding, financing", "USDT", MONEY, 12),
        Column("Decay", "Of the trade: premium and time, price and volatility unmoved", "USDT", MONEY, 12),
        Column("CostOfTenth", "All of that, for 0.1 of beta by this alone; blank = cannot", "USDT", MONEY, 13),
        Column("WorstPnL", "Of its position in the worst scenario", "USDT", MONEY, 13),
        Column("Cash", "Tied up in its position, fully paid", "USDT", MONEY, 12),
        Column("Margin", "Initial margin of its position", "USDT", MONEY, 12),
        Column("WorstScenario", "Of the hedged book", width=24, wrap=True),
    ),
    header_row=26,
    later=True,
)

HEDGE_OPTIONS = TableLayout(
    "HedgeOptions",
    "HedgeChoice",
    (
        Column("Option", "Of the sheet Hedges, one unit of each", width=20),
        Column("Forward", "Of its underlying at expiry", "USDT", PRICE, 12),
        Column("Days", "To expiry", "days", LENGTH, 9),
        Column("ImpliedVol", "As typed, or by its Price", "a year", PERCENT, 12),
        Column("ModelPrice", "Black-76", "USDT", PRICE, 12.5),
        Column("Delta", "Of the forward", "units", RATIO, 9),
        Column("Gamma", "Change of delta, forward up 1 %", "units", RATIO, 9),
        Column("Vega", "Of one point of volatility", "USDT", PRICE, 10),
        Column("Theta", "Of one day", "USDT", PRICE, 10),
    ),
    first_column=20,
    header_row=26,
    later=True,
)
