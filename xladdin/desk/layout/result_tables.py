"""The tables that a job fills: every column with its meaning, unit and look."""

from __future__ import annotations

from .fields import (
    BETA,
    COUNT,
    MIXED,
    MONEY,
    PERCENT,
    PRICE,
    QUANTITY,
    RATIO,
    RESIDUAL,
    TEXT,
    TIME,
    TIMES,
    WHOLE_PERCENT,
    YES_NO,
    Column,
    Measure,
    TableLayout,
)

__all__ = [
    "CHECKS",
    "ESTIMATES",
    "FRONTIER",
    "HEDGE",
    "HEDGE_FACTORS",
    "LADDER",
    "MARKET",
    "REPLAYS",
    "RUNS",
    "STRESS",
    "STRESS_SUMMARY",
    "VERIFICATION",
    "WATERFALL",
    "WEIGHTS",
    "WEIGHTS_SUMMARY",
]

SYMBOL = Column("Symbol", "Contract", width=12)

ESTIMATES = TableLayout(
    "Estimates",
    "Estimates",
    (
        SYMBOL,
        Column("Price", "Latest close", "USDT", PRICE, 12),
        Column("Beta", "To the benchmark", "beta", BETA, 9),
        Column("BetaError", "Standard error of beta", "beta", BETA, 10),
        Column("Alpha", "Return beyond CAPM in the window", "a year", PERCENT, 10),
        Column("RSquared", "Share of variance the benchmark explains", "of variance", PERCENT, 10),
        Column("Volatility", "Of its own returns, the sample's", "a year", PERCENT, 10),
        Column("VolatilityNow", "GARCH, for the next bar", "a year", PERCENT, 13),
        Column("VariancePremium", "Implied variance less realised", "variance a year", PERCENT, 15),
        Column("FundingAnnual", "Paid by a long", "a year", PERCENT, 13.5),
        Column("FundingKnown", "Time of which funding is known", "of priced", WHOLE_PERCENT, 13),
        Column("Premium", "CAPM: beta x market premium", "a year", PERCENT, 10),
        Column("View", "Own view, where given", "a year", PERCENT, 10),
        Column("ExpectedReturn", "Of a long, after funding", "a year", PERCENT, 14),
        Column("Observations", "Returns used", "bars", COUNT, 12.5),
        Column("MissingBars", "Not in the window", "bars", COUNT, 11.5),
        Column("FirstReturn", "Close of its first bar used", "UTC", TIME, 17),
        Column("Note", "What was dropped or replaced", width=34, wrap=True),
    ),
    first_column=18,
)

MARKET = TableLayout(
    "Market",
    "Estimates",
    (
        Column("Measure", "Of the benchmark", width=20),
        Column("Value", "In the window", "see note", MIXED, 16),
        Column("Note", "Unit and meaning", width=52),
    ),
    first_column=14,
    measures=(
        Measure("Regime began", "UTC, where the volatility of the benchmark last changed", TIME),
        Measure("Regime bars", "bars since then", COUNT),
        Measure("Regime volatility", "a year, of the current regime", PERCENT),
        Measure("Usual volatility", "a year, over the whole window", PERCENT),
        Measure("Bars used", "returns that the estimates used", COUNT),
        Measure("Rebalance every", "hours, by the clock of Settings", COUNT),
        Measure("Last trade", "UTC, from Settings; blank = not known, so due", TIME),
        Measure("Trades due", "Y / N, by the clock", TEXT),
        Measure("Next due", "UTC, where the market stays as it is", TIME),
    ),
)

WEIGHTS = TableLayout(
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
        Column("Side", "WAIT: the clock is not due", width=8, choices=("BUY", "SELL", "HOLD", "WAIT")),
    ),
    first_column=18,
)

WEIGHTS_SUMMARY = TableLayout(
    "WeightsSummary",
    "Weights",
    (
        Column("Measure", "Of the final book", width=23),
        Column("Value", "After lots", "see note", MIXED, 13),
        Column("Note", "Unit and meaning", width=52),
    ),
    first_column=14,
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
        Measure("Distance to liquidation", "common move of all prices that ends it; blank = none to +1,000 %", PERCENT),
        Measure("Turnover", "sum of absolute trades / equity", PERCENT),
        Measure("Trading cost", "USDT, fee and slippage", MONEY),
        Measure("Certificate", "worst relative residual of the optimum's conditions; 1e-8 is the limit", RESIDUAL),
    ),
)

HEDGE = TableLayout(
    "Hedge",
    "Hedge",
    (
        Column("Hedge", "Contract traded", width=12),
        Column("Beta", "Of the hedge contract", "beta", BETA, 9),
        Column("Held", "In the book hedged, or the overlay book", "contracts", QUANTITY, 14),
        Column("HeldPnL", "Of the overlay book since entry", "USDT", MONEY, 12),
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
    first_column=16,
)

HEDGE_FACTORS = TableLayout(
    "HedgeFactors",
    "Hedge",
    (
        Column("Factor", "Benchmark, then the sheet Factors", width=16),
        Column("Before", "Exposure of the book", "loading", BETA, 9),
        Column("After", "With the trades", "loading", BETA, 10),
        Column("Target", "TargetBeta, and nothing else", "loading", BETA, 10),
    ),
    header_row=26,
)

STRESS = TableLayout(
    "Stress",
    "Stress",
    (
        Column("Scenario", "From Scenarios, the largest loss first", width=34, wrap=True),
        Column("MarketShock", "Move of the benchmark", "return", PERCENT, 12.5),
        Column("PnL", "Of prices alone, the book held", "USDT", MONEY, 12),
        Column("Funding", "Paid (-) or received (+)", "USDT", MONEY, 11),
        Column("TotalPnL", "P&L + funding", "USDT", MONEY, 12),
        Column("EquityAfter", "Equity + total P&L", "USDT", MONEY, 12),
        Column("MarginRatio", "Maintenance / equity; 100 % = liquidated", "of equity", PERCENT, 13),
        Column("Liquidated", "Positions closed by the exchange", "count", COUNT, 11),
        Column("FirstLiquidated", "The first to go", "symbol", width=14.5),
        Column("Order", "All that go, in order", "symbols", width=16, wrap=True),
        Column("Shortfall", "Capital missing", "USDT", MONEY, 12),
        Column("CapitalNeeded", "Least equity that survives it", "USDT", MONEY, 12.5),
        Column("DailyVolatility", "Of the book, in the scenario", "a day", PERCENT, 14.5),
        Column("Verdict", "What becomes of the account", width=12, choices=("survives", "margin call", "liquidated")),
        Column(
            "CriticalBetaShift",
            "Of all betas, liquidates without own moves; blank = none",
            "beta",
            RATIO,
            16,
            later=True,
        ),
        Column("EquityClosed", "After what the exchange closes on the way", "USDT", MONEY, 12, later=True),
        Column("Stops", "Run through: filled at the shocked price", "symbols", width=14, wrap=True, later=True),
        Column("BeyondStops", "Loss beyond them, within TotalPnL", "USDT", MONEY, 11.5, later=True),
        Column("EquityAtStops", "Were each filled at its stop", "USDT", MONEY, 12.5, later=True),
    ),
    header_row=24,
)

STRESS_SUMMARY = TableLayout(
    "StressSummary",
    "Stress",
    (
        Column("Measure", "Of the book under stress", width=27),
        Column("Value", "In this run", "see note", MIXED, 12.5),
        Column("Note", "Unit and meaning", width=12, reach=4),
    ),
    measures=(
        Measure("Equity", "USDT, of the account now", MONEY),
        Measure("Capital needed", "USDT, the least equity that survives every scenario", MONEY),
        Measure("Capital missing", "USDT, what equity lacks of it", MONEY),
        Measure("Fall that liquidates", "of the benchmark, each contract at its beta; blank = none does", PERCENT),
        Measure("Rise that liquidates", "of the benchmark, each contract at its beta; blank = none does", PERCENT),
        Measure("Worst of market and beta", "USDT, P&L when the worst shock and the worst beta shift meet", MONEY),
        Measure("Worst day in the window", "USDT, the past 24 hours that would hurt this book most", MONEY),
        Measure("Loss in a day, 95 %", "USDT, value at risk of simulated days", MONEY),
        Measure("Loss in a day, 99 %", "USDT, value at risk of simulated days", MONEY),
        Measure("Mean loss beyond 99 %", "USDT, expected shortfall of simulated days", MONEY),
        Measure("Chance of liquidation", "share of simulated days, looked at bar by bar", PERCENT),
        Measure("Capital for 99 %", "USDT, the equity that survives 99 of 100 simulated days", MONEY),
    ),
)

WATERFALL = TableLayout(
    "Waterfall",
    "Liquidation",
    (
        Column("Step", "Of the worst scenario; the largest, then the others", width=18),
        Column("PnL", "Of the step", "USDT", MONEY, 13),
        Column("Total", "So far", "USDT", MONEY, 13),
    ),
    first_column=10,
    most_rows=15,
    gone=("Base", "Loss", "Gain"),
)

LADDER = TableLayout(
    "Ladder",
    "Liquidation",
    (
        Column("Symbol", "Nearest to liquidation first", width=12),
        Column("Position", "With the hedge", "contracts", QUANTITY, 14),
        Column("Price", "Now", "USDT", PRICE, 12),
        Column("LiquidationPrice", "Of the account, the others unmoved", "USDT", PRICE, 15.5),
        Column("Distance", "From the price now", "return", PERCENT, 11),
        Column("DailySigmas", "Distance in daily volatilities", "sigmas", RATIO, 12),
        Column("PriceAtFall", "Where the market's fall liquidates", "USDT", PRICE, 13),
    ),
)

REPLAYS = TableLayout(
    "Replays",
    "Liquidation",
    (
        Column("Rank", "1 = worst", "number", COUNT, 8),
        Column("Start", "Past window on today's book", "UTC", TIME, 17),
        Column("End", "Close of its last bar", "UTC", TIME, 17),
        Column("PnL", "Of the window", "USDT", MONEY, 13),
        Column("EquityAfter", "Equity + P&L", "USDT", MONEY, 13),
        Column("Liquidated", "The account fell below maintenance", "Y / N", width=11, choices=YES_NO),
        Column("Funding", "Settled in it; + = received", "USDT", MONEY, 12, later=True),
        Column("LowestEquity", "On the way, book held throughout", "USDT", MONEY, 14, later=True),
    ),
    first_column=14,
    most_rows=10,
)

SAFEGUARDS = TableLayout(
    "Safeguards",
    "Liquidation",
    (
        Column("Symbol", "Held, as Universe has them", width=12),
        Column("MarginMode", "What backs it", width=12),
        Column("OwnEquity", "Collateral + open P&L; blank = cross", "USDT", MONEY, 13),
        Column("OwnMarginRatio", "Maintenance / own equity", "of equity", PERCENT, 16.5),
        Column("OwnHeadroom", "Own equity above its initial margin", "USDT", MONEY, 13.5),
        Column("LiquidationPrice", "Of itself, or of the account by it alone", "USDT", PRICE, 16.5),
        Column("BankruptcyPrice", "Where own equity is used up", "USDT", PRICE, 16),
        Column("Entry", "Average, with the trades of the target", "USDT", PRICE, 12),
        Column("StopPrice", "On the tick; blank = no stop", "USDT", PRICE, 12),
        Column("StopDistance", "From the price now; 0 = passed", "return", PERCENT, 13),
        Column("LossAtStop", "From the price now, if filled there", "USDT", MONEY, 13),
        Column("ComesFirst", "On the way of its price alone", width=13, choices=("stop", "exchange")),
        Column("EarlyStop", "Half of the way to liquidation", "USDT", PRICE, 12),
    ),
    first_column=23,
    later=True,
)

FRONTIER = TableLayout(
    "Frontier",
    "Frontier",
    (
        Column("Point", "1 = least risk", "number", COUNT, 8),
        Column("Return", "Expected", "a year", PERCENT, 10),
        Column("Volatility", "Of equity", "a year", PERCENT, 10),
        Column("Sharpe", "Excess return / volatility", "ratio", RATIO, 9),
        Column("Others", "Contracts after the largest 12", "of equity", PERCENT, 10, later=True),
    ),
    free=Column("Symbol", "Weight", "of equity", PERCENT, 10.5),
    first_column=7,
    header_row=27,
)

CHECKS = TableLayout(
    "Checks",
    "Checks",
    (
        Column("Check", "What was looked at", width=44),
        Column("Status", "OK, WARN or FAIL", width=10, choices=("OK", "WARN", "FAIL")),
        Column("Value", "Found", "as checked", MIXED, 28, wrap=True),
        Column("Limit", "Permitted", "as checked", MIXED, 30, wrap=True),
        Column("Remedy", "What to do about it", width=70, wrap=True),
    ),
)

VERIFICATION = TableLayout(
    "Verification",
    "Verification",
    (
        Column("Figure", "Table and column, or measure; the furthest apart first", width=44),
        Column("Sheet", "Where it stands", width=15),
        Column("Cell", "Each that differs, else the furthest apart", width=12),
        Column("Cells", "Compared in this row", "count", COUNT, 9),
        Column("Desk", "What the sheet says", "as there", "General", 20),
        Column("SecondOpinion", "What other means say", "as there", "General", 20),
        Column("Difference", "Between the two", "as there", RESIDUAL, 12),
        Column("Tolerance", "Permitted", "as there", RESIDUAL, 12),
        Column(
            "Verdict",
            "As good: other weights that are worth as much",
            width=13,
            choices=("agrees", "as good", "differs", "not covered"),
        ),
        Column("Reason", "Of the tolerance, or why there is no second opinion", width=78, wrap=True),
    ),
)

RUNS = TableLayout(
    "Runs",
    "Runs",
    (
        Column("Time", "When the job ran", "UTC", TIME, 17),
        Column("Job", "Which", width=11),
        Column("Version", "Of PerpDesk", width=10),
        Column("InputsHash", "Same inputs, same hash", width=15),
        Column("Parameters", "Settings the job used", width=96, wrap=True),
        Column("Model", "That answered", width=20, wrap=True),
        Column("Solver", "That found the optimum", width=10),
        Column("Certificate", "Worst residual of the optimum", "relative", RESIDUAL, 12),
        Column("Warnings", "What the run wants known", width=60, wrap=True),
    ),
)
