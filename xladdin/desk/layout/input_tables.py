"""The tables that the analyst or a feed fills: every column with its meaning, unit, look and permitted values."""

from __future__ import annotations

import math

from .fields import (
    BASIS_POINTS,
    LENGTH,
    MONEY,
    PERCENT,
    PRICE,
    QUANTITY,
    RATE,
    RATIO,
    TIME,
    TIMES,
    YES_NO,
    Column,
    TableLayout,
)

__all__ = ["FACTORS", "FUNDING", "LIMITS", "MARGIN_MODES", "PRICES", "SCENARIOS", "TERMS", "TIERS", "UNIVERSE"]

MARGIN_MODES = ("cross", "isolated")
"""What backs a position: the account, or collateral of its own. A blank is the first."""

UNKNOWN = math.nan

UNIVERSE = TableLayout(
    "Universe",
    "Universe",
    (
        Column("Symbol", "Contract, as headed on Prices", width=12, role="input"),
        Column("Include", "In the optimised book", "Y / N", width=8, choices=YES_NO, role="input", blank="N"),
        Column(
            "Contract",
            "linear: settled in USDT; inverse: in the coin",
            "kind",
            width=10,
            choices=("linear", "inverse"),
            role="input",
        ),
        Column("Price", "Latest close, set by Refresh", "USDT", PRICE, 12, minimum=0, role="data", blank=UNKNOWN),
        Column("Lot", "Smallest trade; 0 = none", "contracts", "#,##0.###", 10, minimum=0, role="input", blank=0.0),
        Column("Tick", "Smallest price step", "USDT", "0.0########", 9, minimum=0, role="input", blank=0.0),
        Column(
            "TakerFeeBps",
            "Fee of a market order",
            "of notional",
            BASIS_POINTS,
            11.5,
            minimum=-100,
            maximum=1000,
            role="input",
        ),
        Column(
            "SlippageBps",
            "Expected price given up",
            "of notional",
            BASIS_POINTS,
            11.5,
            minimum=0,
            maximum=1000,
            role="input",
            blank=0.0,
        ),
        Column("DailyVolume", "Traded a day", "USDT", '#,##0.0,," m"', 12, minimum=0, role="input", blank=UNKNOWN),
        Column("MaxLeverage", "1 / initial margin rate", "x", '0"x"', 11.5, minimum=1, maximum=200, role="input"),
        Column(
            "MaintenanceRate",
            "Margin at which the exchange liquidates",
            "of notional",
            PERCENT,
            15,
            minimum=0,
            maximum=1,
            role="input",
        ),
        Column("MaintenanceAmount", "Deducted by its tier", "USDT", MONEY, 18, minimum=0, role="input", blank=0.0),
        Column(
            "MinWeight",
            "Least weight; negative = short",
            "of equity",
            PERCENT,
            11,
            minimum=-125,
            maximum=125,
            role="input",
        ),
        Column("MaxWeight", "Largest weight", "of equity", PERCENT, 11, minimum=-125, maximum=125, role="input"),
        Column(
            "ImpliedVol",
            "Option-implied; blank = none",
            "a year",
            PERCENT,
            11,
            minimum=0,
            maximum=10,
            role="input",
            blank=UNKNOWN,
        ),
        Column(
            "View",
            "Own expected return; blank = CAPM",
            "a year",
            PERCENT,
            10,
            minimum=-10,
            maximum=10,
            role="input",
            blank=UNKNOWN,
        ),
        Column("Position", "Held now; negative = short", "contracts", QUANTITY, 13, role="input", blank=0.0),
        Column(
            "EntryPrice", "Average price of the position", "USDT", PRICE, 12, minimum=0, role="input", blank=UNKNOWN
        ),
        Column(
            "MarginMode",
            "isolated: backed by its Collateral alone",
            "mode",
            width=12,
            choices=MARGIN_MODES,
            role="input",
            blank=MARGIN_MODES[0],
            later=True,
        ),
        Column(
            "Collateral",
            "Posted for an isolated position, part of Equity",
            "USDT",
            MONEY,
            13,
            minimum=0.01,
            role="input",
            blank=UNKNOWN,
            later=True,
        ),
        Column(
            "Stop",
            "Largest loss of a trade; blank = no stop",
            "of its entry",
            PERCENT,
            12,
            minimum=0.0001,
            maximum=0.9999,
            role="input",
            blank=UNKNOWN,
            later=True,
        ),
        Column(
            "OverlayPosition",
            "Held in the overlay book, apart from Position",
            "contracts",
            QUANTITY,
            15,
            role="input",
            blank=0.0,
        ),
        Column("OverlayEntry", "Average price of it", "USDT", PRICE, 12, minimum=0, role="input", blank=UNKNOWN),
        Column(
            "EntryTime",
            "When the position was opened; blank: its funding is not counted",
            "UTC",
            TIME,
            17,
            role="input",
            blank=UNKNOWN,
            later=True,
        ),
        Column("Hedge", "May serve as a hedge", "Y / N", width=8, choices=YES_NO, role="input", blank="N"),
        Column(
            "Assumed",
            "Y: terms not yours yet",
            "Y / N",
            width=10,
            choices=YES_NO,
            role="input",
            blank="N",
        ),
    ),
)

TIERS = TableLayout(
    "Tiers",
    "Tiers",
    (
        Column("Symbol", "Contract; without rows here its MaintenanceRate of Universe holds", width=14, role="input"),
        Column("MinNotional", "Above this", "USDT", MONEY, 15, minimum=0, role="input"),
        Column("MaxNotional", "Up to this; blank = no end", "USDT", MONEY, 15, minimum=0, role="input", blank=UNKNOWN),
        Column(
            "MaintenanceRate", "Of the whole position", "of notional", PERCENT, 16, minimum=0, maximum=1, role="input"
        ),
        Column(
            "MaintenanceAmount",
            "Deducted; blank = it follows from the rates",
            "USDT",
            MONEY,
            19,
            minimum=0,
            role="input",
            blank=UNKNOWN,
        ),
        Column("MaxLeverage", "In the tier", "x", '0"x"', 12, minimum=1, maximum=200, role="input"),
    ),
)

TERMS = TableLayout(
    "Terms",
    "Terms",
    (
        Column("Symbol", "Contract, as on Universe", width=14, role="data"),
        Column("Source", "Where Refresh read it", width=14, role="data"),
        Column("AsOf", "When that was said", "UTC", TIME, 17, role="data"),
        Column("Lot", "Smallest trade", "contracts", "#,##0.###", 10, role="data"),
        Column("Tick", "Smallest price step", "USDT", "0.0########", 9, role="data"),
        Column("TakerFeeBps", "Before your discount", "of notional", BASIS_POINTS, 11.5, role="data"),
        Column("DailyVolume", "Traded a day", "USDT", '#,##0.0,," m"', 12, role="data"),
        Column("MaxLeverage", "Of the first tier", "x", '0"x"', 11.5, role="data"),
        Column("MaintenanceRate", "Of the first tier", "of notional", PERCENT, 15, role="data"),
        Column("ImpliedVol", "Of its coin's options", "a year", PERCENT, 11, role="data"),
        Column("ImpliedVolTime", "When that was so", "UTC", TIME, 17, role="data"),
        Column("Tiers", "How many, and their fingerprint", width=18, role="data"),
        Column(
            "Typed",
            "What on Universe and Tiers is yours and stays; blank the cell there to have it filled again",
            width=46,
            role="data",
        ),
    ),
    later=True,
)

LIMITS = TableLayout(
    "Limits",
    "Limits",
    (
        Column(
            "Limit",
            "A name that PERP_OPTIMIZE knows, such as max_turnover; blank row = none",
            width=24,
            role="input",
            blank="",
        ),
        Column("Value", "One value for all", "as the limit", "General", 12, role="input", blank=UNKNOWN),
    ),
    free=Column("Symbol", "Or one a contract", "as the limit", "General", 11, role="input", blank=UNKNOWN),
)

SCENARIOS = TableLayout(
    "Scenarios",
    "Scenarios",
    (
        Column("Name", "What happened, or might", width=38, role="input"),
        Column("MarketShock", "Move of the benchmark", "return", PERCENT, 12.5, minimum=-1, maximum=10, role="input"),
        Column("HorizonHours", "Time it takes", "hours", LENGTH, 12.5, minimum=0, role="input", blank=UNKNOWN),
        Column(
            "VolMultiplier", "Volatility against today", "x", TIMES, 13, minimum=0, maximum=100, role="input", blank=1.0
        ),
        Column(
            "FundingShock",
            "Rate paid once by longs",
            "of notional",
            PERCENT,
            13,
            minimum=-1,
            maximum=1,
            role="input",
            blank=0.0,
        ),
        Column("BetaShift", "Added to each beta", "beta", RATIO, 10, minimum=-10, maximum=10, role="input", blank=0.0),
        Column(
            "CorrelationToOne",
            "0: beta as it is; 1: all move with the market, each by its own volatility",
            "0 to 1",
            RATIO,
            17,
            minimum=0,
            maximum=1,
            role="input",
            blank=0.0,
            later=True,
        ),
        Column(
            "PegShock",
            "Move of stablecoins",
            "return",
            PERCENT,
            11,
            minimum=-1,
            maximum=10,
            role="input",
            blank=0.0,
            later=True,
        ),
        Column(
            "MustSurvive",
            "Y: a liquidation fails the checks",
            "Y / N",
            width=13,
            choices=YES_NO,
            role="input",
            blank="N",
        ),
    ),
    free=Column(
        "Symbol",
        "Own move; blank = beta x market",
        "return",
        PERCENT,
        11,
        minimum=-1,
        maximum=10,
        role="input",
        blank=UNKNOWN,
    ),
)

BAR_TIME = Column("Time", "Close of the bar", "UTC", TIME, 17, role="data")


def _history(name: str, series: Column) -> TableLayout:
    """One row a bar; of `series`, as many columns as there are contracts or factors."""
    return TableLayout(name, name, (BAR_TIME,), free=series, filter_buttons=True)


PRICES = _history("Prices", Column("Symbol", "Close", "USDT", PRICE, 12, minimum=0, maximum=1e12, role="data"))
FUNDING = _history(
    "Funding", Column("Symbol", "Settled in the bar", "rate", RATE, 12, minimum=-1, maximum=1, role="data")
)
FACTORS = _history("Factors", Column("Factor", "Return since the row above", "return", RATE, 14, role="data"))
