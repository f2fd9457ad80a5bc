"""The tables of the sheet Sweep: what came of many configurations, the best of them, and how two variables play.

All configurations with all their figures are in the results file, which the summary names.
"""

from __future__ import annotations

from .fields import COUNT, MIXED, PERCENT, RATIO, TEXT, TIME, TIMES, Column, Measure, TableLayout

__all__ = ["SWEEP", "SWEEP_MAP", "SWEEP_SUMMARY"]

SWEEP_SUMMARY = TableLayout(
    "SweepSummary",
    "Sweep",
    (
        Column("Measure", "Of all configurations", width=27),
        Column("Value", "In this sweep", "see note", MIXED, 24),
        Column("Note", "Unit and meaning", width=62),
    ),
    first_column=17,
    measures=(
        Measure("Configurations", "tried so far, with those that Trials on Settings says", COUNT),
        Measure("Without a run", "for which there is a reason in the results file", COUNT),
        Measure("Judged from", "UTC, close from which on all of them have decided", TIME),
        Measure("Judged to", "UTC, the last close", TIME),
        Measure("Bars", "returns that they are judged by", COUNT),
        Measure("Best Sharpe ratio", "excess return / volatility, a year, over these bars", RATIO),
        Measure("Best by luck", "Sharpe that the best of as many without skill would show", RATIO),
        Measure("Deflated Sharpe ratio", "chance that the best one is no luck, given how many were tried", PERCENT),
        Measure("Overfitting", "chance that the best of one half of the bars is below the median of the rest", PERCENT),
        Measure("Loss after the choice", "share of such halves in which the best of the other half lost", PERCENT),
        Measure("Sharpe of Settings", "the desk's own configuration; blank = it was not tried", RATIO),
        Measure("Results file", "all configurations with all figures, beside the workbook", TEXT),
    ),
    later=True,
)

SWEEP = TableLayout(
    "Sweep",
    "Sweep",
    (
        Column("Rank", "The best first", "number", COUNT, 7),
        Column("Configuration", "What differs from Settings", width=64, wrap=True),
        Column("Sharpe", "Over the bars that all have", "a year", RATIO, 9),
        Column("DeflatedSharpe", "Chance that it is no luck", "chance", PERCENT, 15),
        Column("Chosen", "Best of one half of the bars", "of splits", PERCENT, 9),
        Column("AnnualReturn", "Of its own run", "a year", PERCENT, 13),
        Column("Volatility", "Of its own run", "a year", PERCENT, 11),
        Column("MaxDrawdown", "Deepest fall", "of peak", PERCENT, 13),
        Column("Turnover", "Both ways", "x a year", TIMES, 10),
        Column("Funding", "Paid (+) or received (-)", "of equity", PERCENT, 10),
        Column("Costs", "Fees and slippage", "of equity", PERCENT, 9),
        Column("Liquidations", "Positions closed", "count", COUNT, 12),
        Column("Answered", "By the model itself", "of decisions", PERCENT, 11),
        Column("Reason", "Why it has no run", width=44, wrap=True),
    ),
    later=True,
)

SWEEP_MAP = TableLayout(
    "SweepMap",
    "Sweep",
    (Column("Value", "The variable with most values", width=30),),
    free=Column("Sharpe", "Median of all with both values", "a year", "0.00", 17, scale=True),
    first_column=21,
    later=True,
)
