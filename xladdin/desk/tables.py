"""The desk's tables: every column with its meaning, unit, look and permitted values, declared once."""

from __future__ import annotations

import math

from .fields import (
    BASIS_POINTS,
    BETA,
    COUNT,
    MIXED,
    MONEY,
    PERCENT,
    PRICE,
    QUANTITY,
    RATE,
    RATIO,
    TIME,
    TIMES,
    Column,
    Measure,
    Table,
)

__all__ = ["TABLES"]

YES_NO = ("Y", "N")
UNKNOWN = math.nan

UNIVERSE = Table(
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
        Column("Tick", "Smallest price step", "USDT", "0.0####", 9, minimum=0, role="input", blank=0.0),
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
        Column("MaintenanceAmount", "Deducted by the tier", "USDT", MONEY, 18, minimum=0, role="input", blank=0.0),
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
        Column("Hedge", "May serve as a hedge", "Y / N", width=8, choices=YES_NO, role="input", blank="N"),
    ),
)

SCENARIOS = Table(
    "Scenarios",
    "Scenarios",
    (
        Column("Name", "What happened, or might", width=38, role="input"),
        Column("MarketShock", "Move of the benchmark", "return", PERCENT, 12.5, minimum=-1, maximum=10, role="input"),
        Column("HorizonHours", "Time it takes", "hours", COUNT, 12.5, minimum=0, role="input", blank=UNKNOWN),
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

PRICES = Table(
    "Prices",
    "Prices",
    (BAR_TIME,),
    free=Column("Symbol", "Close", "USDT", PRICE, 12, role="data"),
    filter_buttons=True,
)

FUNDING = Table(
    "Funding",
    "Funding",
    (BAR_TIME,),
    free=Column("Symbol", "Settled in the bar", "rate", RATE, 12, role="data"),
    filter_buttons=True,
)

FACTORS = Table(
    "Factors",
    "Factors",
    (BAR_TIME,),
    free=Column("Factor", "Return of the factor in the bar", "return", RATE, 14, role="data"),
    filter_buttons=True,
)

SYMBOL = Column("Symbol", "Contract", width=12)

ESTIMATES = Table(
    "Estimates",
    "Estimates",
    (
        SYMBOL,
        Column("Price", "Latest close", "USDT", PRICE, 12),
        Column("Beta", "To the benchmark", "beta", BETA, 9),
        Column("BetaError", "Standard error of beta", "beta", BETA, 10),
        Column("Alpha", "Return beyond CAPM in the window", "a year", PERCENT, 10),
        Column("RSquared", "Share of variance the benchmark explains", "of variance", PERCENT, 10),
        Column("Volatility", "Of total returns", "a year", PERCENT, 10),
        Column("VolatilityNow", "GARCH, for the next bar", "a year", PERCENT, 13),
        Column("VariancePremium", "Implied variance less realised", "variance a year", PERCENT, 15),
        Column("FundingAnnual", "Paid by a long", "a year", PERCENT, 13.5),
        Column("Premium", "CAPM: beta x market premium", "a year", PERCENT, 10),
        Column("View", "Own view, where given", "a year", PERCENT, 10),
        Column("ExpectedReturn", "Of a long, after funding", "a year", PERCENT, 14),
        Column("Observations", "Returns used", "bars", COUNT, 12.5),
        Column("MissingBars", "Not in the window", "bars", COUNT, 11.5),
        Column("Note", "What was dropped or replaced", width=34, wrap=True),
    ),
)

MARKET = Table(
    "Market",
    "Estimates",
    (
        Column("Measure", "Of the benchmark", width=20),
        Column("Value", "In the window", "see note", MIXED, 16),
        Column("Note", "Unit and meaning", width=52),
    ),
    first_column=19,
    measures=(
        Measure("Regime began", "UTC, where the volatility of the benchmark last changed", TIME),
        Measure("Regime bars", "bars since then", COUNT),
        Measure("Regime volatility", "a year, of the current regime", PERCENT),
        Measure("Usual volatility", "a year, over the whole window", PERCENT),
        Measure("Bars used", "returns that the estimates used", COUNT),
        Measure("Rebalance every", "hours, so that drift stays at that of a usual day", COUNT),
    ),
)

WEIGHTS = Table(
    "Weights",
    "Weights",
    (
        SYMBOL,
        Column("Baseline", "Mean-variance", "of equity", PERCENT, 12),
        Column("Overlay", "Shift by enhanced model", "of equity", PERCENT, 11),
        Column("Final", "Weight to hold", "of equity", PERCENT, 10),
        Column("Current", "Weight held now", "of equity", PERCENT, 10),
        Column("Trade", "Final less current", "of equity", PERCENT, 10),
        Column("Contracts", "Order, rounded to the lot; + = buy", "contracts", QUANTITY, 15),
        Column("TargetPosition", "Position after the order", "contracts", QUANTITY, 15),
        Column("Notional", "Of the target position", "USDT", MONEY, 12.5),
        Column("Cost", "Fee and slippage of the order", "USDT", MONEY, 10),
        Column("InitialMargin", "Of the target position", "USDT", MONEY, 12.5),
        Column("Side", "Of the order", width=8, choices=("BUY", "SELL", "HOLD")),
    ),
)

WEIGHTS_SUMMARY = Table(
    "WeightsSummary",
    "Weights",
    (
        Column("Measure", "Of the final book", width=23),
        Column("Value", "After lots", "see note", MIXED, 13),
        Column("Note", "Unit and meaning", width=52),
    ),
    first_column=15,
    measures=(
        Measure("Expected return", "a year, after funding; idle cash earns the risk-free rate", PERCENT),
        Measure("Volatility", "a year, of equity", PERCENT),
        Measure("Sharpe ratio", "excess return / volatility", RATIO),
        Measure("Beta", "to the benchmark, on equity", BETA),
        Measure("Funding", "a year, paid by the book (+) or earned (-)", PERCENT),
        Measure("Net exposure", "sum of weights", TIMES),
        Measure("Gross exposure", "sum of absolute weights", TIMES),
        Measure("Initial margin", "USDT locked by the exchange", MONEY),
        Measure("Margin used", "initial margin / equity", PERCENT),
        Measure("Headroom", "USDT of equity above initial margin", MONEY),
        Measure("Distance to liquidation", "common move of all prices that ends it; blank = none does", PERCENT),
        Measure("Turnover", "sum of absolute trades / equity", PERCENT),
        Measure("Trading cost", "USDT, fee and slippage", MONEY),
    ),
)

HEDGE = Table(
    "Hedge",
    "Hedge",
    (
        Column("Hedge", "Contract traded", width=12),
        Column("Beta", "Of the hedge contract", "beta", BETA, 9),
        Column("TradeNotional", "+ = buy", "USDT", MONEY, 14),
        Column("TradeContracts", "Rounded to the lot", "contracts", QUANTITY, 15),
        Column("TargetPosition", "After the trade", "contracts", QUANTITY, 15),
        Column("Cost", "Fee and slippage", "USDT", MONEY, 10),
        Column("FundingAnnual", "Of the trade; + = paid", "USDT a year", MONEY, 14),
        Column("BetaBefore", "Of the book", "beta", BETA, 11),
        Column("BetaAfter", "With this hedge", "beta", BETA, 11),
        Column("TargetBeta", "From Settings", "beta", BETA, 11),
        Column("Due", "Outside the band", "Y / N", width=8, choices=YES_NO),
    ),
)

STRESS = Table(
    "Stress",
    "Stress",
    (
        Column("Scenario", "From Scenarios", width=38),
        Column("MarketShock", "Move of the benchmark", "return", PERCENT, 12.5),
        Column("PnL", "Of the book held throughout", "USDT", MONEY, 13),
        Column("Funding", "Paid (-) or received (+)", "USDT", MONEY, 12),
        Column("EquityAfter", "Equity + P&L + funding", "USDT", MONEY, 13),
        Column("MarginRatio", "Maintenance / equity; 100 % = liquidated", "of equity", PERCENT, 12.5),
        Column("Liquidated", "Positions closed by the exchange", "count", COUNT, 11),
        Column("FirstLiquidated", "The first to go", "symbol", width=14.5),
        Column("Shortfall", "Capital missing", "USDT", MONEY, 12),
        Column("DailyVolatility", "Of the book, in the scenario", "a day", PERCENT, 14.5),
        Column("Verdict", "What becomes of the account", width=13, choices=("survives", "margin call", "liquidated")),
    ),
)

FRONTIER = Table(
    "Frontier",
    "Frontier",
    (
        Column("Point", "1 = least risk", "number", COUNT, 8),
        Column("Return", "Expected", "a year", PERCENT, 10),
        Column("Volatility", "Of equity", "a year", PERCENT, 10),
        Column("Sharpe", "Excess return / volatility", "ratio", RATIO, 9),
    ),
    free=Column("Symbol", "Weight", "of equity", PERCENT, 11),
    first_column=13,
)

BACKTEST = Table(
    "Backtest",
    "Backtest",
    (
        Column("Time", "Close of the bar", "UTC", TIME, 17),
        Column("Equity", "Of the policy, net of funding and cost", "USDT", MONEY, 13),
        Column("Benchmark", "Same money in the benchmark", "USDT", MONEY, 13),
        Column("Drawdown", "Below the last peak", "of peak", PERCENT, 11),
        Column("Gross", "Sum of absolute weights", "x equity", TIMES, 10),
    ),
    filter_buttons=True,
)

ATTRIBUTION = Table(
    "Attribution",
    "Attribution",
    (
        Column("Source", "Where the return came from", width=18),
        Column("Contribution", "To the total return", "a year", PERCENT, 13),
        Column("Share", "Of the total", "of total", PERCENT, 10),
    ),
)

CHECKS = Table(
    "Checks",
    "Checks",
    (
        Column("Check", "What was looked at", width=44),
        Column("Status", "OK, WARN or FAIL", width=10, choices=("OK", "WARN", "FAIL")),
        Column("Value", "Found", "as checked", MIXED, 16),
        Column("Limit", "Permitted", "as checked", MIXED, 30),
        Column("Remedy", "What to do about it", width=70, wrap=True),
    ),
)

RUNS = Table(
    "Runs",
    "Runs",
    (
        Column("Time", "When the job ran", "UTC", TIME, 17),
        Column("Job", "Which", width=11),
        Column("Version", "Of PerpDesk", width=10),
        Column("InputsHash", "Same inputs, same hash", width=15),
        Column("Parameters", "Settings the job used", width=46, wrap=True),
        Column("Model", "That answered", width=20, wrap=True),
        Column("Solver", "That found the optimum", width=10),
        Column("Certificate", "Worst residual of the optimum", "relative", "0.0E+00", 12),
        Column("Warnings", "What the run wants known", width=60, wrap=True),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        UNIVERSE,
        SCENARIOS,
        PRICES,
        FUNDING,
        FACTORS,
        ESTIMATES,
        MARKET,
        WEIGHTS,
        WEIGHTS_SUMMARY,
        HEDGE,
        STRESS,
        FRONTIER,
        BACKTEST,
        ATTRIBUTION,
        CHECKS,
        RUNS,
    )
}
