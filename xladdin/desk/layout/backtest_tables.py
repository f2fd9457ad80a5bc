"""The tables that Backtest fills: figures side by side, who answered, what went beyond its limit, where it came from.

Money is in quote; shares without another unit are of the equity at the first decision, so that they sum to the total
return. Funding is positive where it was received.
"""

from __future__ import annotations

from .fields import BETA, COUNT, MIXED, MONEY, PERCENT, RATIO, RESIDUAL, TEXT, TIME, TIMES, Column, Measure, TableLayout

__all__ = [
    "ATTRIBUTION",
    "ATTRIBUTION_BETAS",
    "ATTRIBUTION_MONTHS",
    "BACKTEST",
    "BACKTEST_ANSWERS",
    "BACKTEST_COMPARISON",
    "BACKTEST_DECISIONS",
    "BACKTEST_FALLS",
    "BACKTEST_LIMITS",
    "BACKTEST_LIQUIDATIONS",
    "BACKTEST_PATH",
]

BACKTEST = TableLayout(
    "Backtest",
    "Backtest",
    (
        Column("Measure", "Since the first decision, after all costs", width=24),
        Column("Policy", "As Settings have it", "see note", MIXED, 13),
        Column("Unhedged", "The same without its hedge; blank = nothing hedges", "see note", MIXED, 13),
        Column("EqualWeight", "On the same rows and costs", "see note", MIXED, 13),
        Column("Note", "Unit and meaning", width=52),
    ),
    first_column=13,
    measures=(
        Measure("Total return", "of the first equity", PERCENT),
        Measure("Annual return", "a year, compounded", PERCENT),
        Measure("Volatility", "a year, of equity", PERCENT),
        Measure("Sharpe ratio", "excess return / volatility, a year", RATIO),
        Measure("Sortino ratio", "excess return / downside deviation, a year", RATIO),
        Measure("Deflated Sharpe ratio", "chance that the Sharpe is no luck, given Trials on Settings", PERCENT),
        Measure("Maximum drawdown", "deepest fall from a peak, of the peak", PERCENT),
        Measure("Worst bar", "least return of one bar", PERCENT),
        Measure("Beta", "to the benchmark", BETA),
        Measure("Alpha", "a year, return that beta does not explain", PERCENT),
        Measure("Mean gross", "mean sum of absolute weights", TIMES),
        Measure("Turnover", "a year, sum of absolute trades / equity", TIMES),
        Measure("Price P&L", "of the first equity", PERCENT),
        Measure("Funding", "of the first equity, received (+) or paid (-)", PERCENT),
        Measure("Fees", "of the first equity", PERCENT),
        Measure("Slippage", "of the first equity", PERCENT),
        Measure("Liquidation", "of the first equity, kept by the exchange", PERCENT),
        Measure("Interest", "of the first equity, on collateral", PERCENT),
        Measure("Equity at the end", "USDT", MONEY),
        Measure("Least equity", "USDT, at a close", MONEY),
        Measure("Liquidations", "positions closed by the exchange, at least in part", COUNT),
        Measure("Decisions", "how often it was asked", COUNT),
        Measure("Answered by the model", "share of decisions in which the model itself had an answer", PERCENT),
        Measure("Identity", "furthest that a bar is from its parts, of equity; 1e-9 is the limit", RESIDUAL),
    ),
)

BACKTEST_COMPARISON = TableLayout(
    "BacktestComparison",
    "Backtest",
    (
        Column("Against", "The policy beside", width=13),
        Column("Figure", "Compared on the same bars", width=19),
        Column("Difference", "Policy less the other, or a chance: see Verdict", "as there", MIXED, 11),
        Column("Lower", "In 95 % of resamples, from", "as there", MIXED, 11),
        Column("Upper", "Up to; with 0 between, perhaps chance", "as there", MIXED, 11),
        Column("Verdict", "In words", width=36),
    ),
    first_column=12,
    header_row=35,
)

BACKTEST_FALLS = TableLayout(
    "BacktestFalls",
    "Backtest",
    (
        Column("Depth", "Of the policy, the deepest first", "of peak", PERCENT, 10),
        Column("Peak", "Close of the peak", "UTC", TIME, 17),
        Column("Trough", "Close of the least", "UTC", TIME, 17),
        Column("Recovered", "Peak reached again; blank = not yet", "UTC", TIME, 17),
        Column("Days", "From the peak, until then or the end", "days", COUNT, 9),
    ),
    first_column=25,
)

BACKTEST_ANSWERS = TableLayout(
    "BacktestAnswers",
    "Backtest",
    (
        Column("Model", "Who answered for the policy; hold = nobody, nothing was traded", width=34, wrap=True),
        Column("Decisions", "Answered", "count", COUNT, 10),
        Column("Share", "Of all decisions", "of decisions", PERCENT, 10),
        Column("First", "Close of the first", "UTC", TIME, 17),
        Column("Last", "Close of the last", "UTC", TIME, 17),
    ),
    first_column=19,
)

BACKTEST_LIMITS = TableLayout(
    "BacktestLimits",
    "Backtest",
    (
        Column("Limit", "Of the policy's book", width=26),
        Column("Permitted", "As Settings and Universe have it", "of equity", PERCENT, 11),
        Column("Worst", "At any close", "of equity", PERCENT, 10),
        Column("When", "Close of the worst", "UTC", TIME, 17),
        Column("Bars", "Closes beyond it, by drift too", "count", COUNT, 9),
        Column("AfterTrade", "Of them right after a trade", "count", COUNT, 11),
    ),
    first_column=31,
)

BACKTEST_LIQUIDATIONS = TableLayout(
    "BacktestLiquidations",
    "Backtest",
    (
        Column("Time", "Close of the bar; the first on top", "UTC", TIME, 17),
        Column("Symbol", "Position that the exchange closed", width=12),
        Column("Weight", "Held before", "of equity", PERCENT, 11),
        Column("PnL", "Of its price in that bar", "USDT", MONEY, 13),
        Column("Kept", "By the exchange of it; - = the exchange bore it", "USDT", MONEY, 13),
        Column("EquityBefore", "Of the account", "USDT", MONEY, 13),
        Column("EquityAfter", "Of the account", "USDT", MONEY, 13),
    ),
    first_column=38,
)

BACKTEST_PATH = TableLayout(
    "BacktestPath",
    "BacktestPath",
    (
        Column("Time", "Close, every so many days", "UTC", TIME, 17),
        Column("Policy", "Equity of the policy, after all costs", "USDT", MONEY, 13),
        Column("Unhedged", "The same without its hedge", "USDT", MONEY, 13),
        Column("EqualWeight", "Equal weights", "USDT", MONEY, 13),
        Column("Benchmark", "Same money in its price, no funding or cost", "USDT", MONEY, 13),
        Column("Drawdown", "Of the policy: deepest since the row above", "of peak", PERCENT, 11),
        Column("UnhedgedDrawdown", "Deepest since the row above", "of peak", PERCENT, 17),
        Column("EqualDrawdown", "Deepest since the row above", "of peak", PERCENT, 14),
        Column("Gross", "Sum of absolute weights", "x equity", TIMES, 10),
        Column("Net", "Sum of weights", "x equity", TIMES, 10),
    ),
    filter_buttons=True,
)

BACKTEST_DECISIONS = TableLayout(
    "BacktestDecisions",
    "BacktestDecisions",
    (
        Column("Time", "Close that it was taken at", "UTC", TIME, 17),
        Column("Model", "Who answered; hold = nobody, nothing was traded", width=28, wrap=True),
        Column("Turnover", "Traded for it, both ways", "of equity", PERCENT, 11),
    ),
    free=Column("Symbol", "Weight decided; blank = stays as it is", "of equity", PERCENT, 11),
    filter_buttons=True,
)

ATTRIBUTION = TableLayout(
    "Attribution",
    "Attribution",
    (
        Column("Part", "Where the result came from", width=18),
        Column("PnL", "Of the part", "USDT", MONEY, 13),
        Column("Contribution", "To the total return", "of first equity", PERCENT, 13),
        Column("AYear", "Mean return of the bars", "a year", PERCENT, 10),
        Column("T", "Of the mean, Newey-West; beyond 2 is unlikely to be chance", "t", RATIO, 9),
        Column("Total", "So far", "USDT", MONEY, 13),
    ),
    first_column=12,
    most_rows=16,
    gone=("Base", "Loss", "Gain"),
)

ATTRIBUTION_MONTHS = TableLayout(
    "AttributionMonths",
    "Attribution",
    (
        Column("Month", "UTC", format=TEXT, width=10),
        Column("Market", "Beta x benchmark", "USDT", MONEY, 12),
        Column("Alpha", "What beta does not explain", "USDT", MONEY, 12),
        Column("Hedge", "Price of the hedge", "USDT", MONEY, 12),
        Column("Funding", "Received (+) or paid (-)", "USDT", MONEY, 12),
        Column("Fees", "Paid", "USDT", MONEY, 11),
        Column("Slippage", "Paid", "USDT", MONEY, 11),
        Column("Liquidation", "Kept by the exchange", "USDT", MONEY, 12),
        Column("Interest", "On collateral", "USDT", MONEY, 11),
        Column("Total", "Of the month", "USDT", MONEY, 13),
        Column("Return", "Of the month", "of equity", PERCENT, 10),
    ),
    first_column=12,
    header_row=27,
)

ATTRIBUTION_BETAS = TableLayout(
    "AttributionBetas",
    "Attribution",
    (
        Column("Quarter", "UTC", width=10),
        Column("Beta", "Of the book, as it turned out", "beta", BETA, 9),
        Column("Lower", "Of its 95 % band", "beta", BETA, 9),
        Column("Upper", "Of its 95 % band", "beta", BETA, 9),
        Column("T", "Newey-West, against 0", "t", RATIO, 9),
        Column("Bars", "Returns behind it", "bars", COUNT, 9),
    ),
    first_column=24,
)
