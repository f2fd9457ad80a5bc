"""What the page of a sheet shows of a table that is too long for it: the largest, and the others in one row or column.

The table in full stands right of the page, on the screen alone: formulas, Check and the second opinion read that one.
What only a chart draws stands there too.
"""

from __future__ import annotations

from dataclasses import replace

from .backtest_tables import ATTRIBUTION_BETAS
from .fields import BETA, COUNT, HEAT, MIXED, MONEY, PERCENT, RATIO, TEXT, Column, Measure, TableLayout
from .result_tables import ESTIMATES, HEDGE, SAFEGUARDS, WEIGHTS

__all__ = [
    "ATTRIBUTION_BARS",
    "ESTIMATES_LARGEST",
    "FRONTIER_POINTS",
    "HEDGE_LARGEST",
    "HEDGE_SUMMARY",
    "LARGEST",
    "STRESS_MAP",
    "WATERFALL_BARS",
    "WEIGHTS_LARGEST",
]

LARGEST = 12
"""How many a page and a chart show one by one; what is left is one row, one column or one bar."""


def _largest(table: TableLayout, note: str, names: tuple[str, ...]) -> TableLayout:
    """Those columns of a table for its largest rows, the first with a note of its own."""
    first = replace(table.columns[0], note=note, width=16)
    return TableLayout(
        f"{table.name}Largest",
        table.sheet,
        (first, *(table.column(name) for name in names)),
        most_rows=LARGEST + 1,
        later=True,
    )


ESTIMATES_LARGEST = _largest(
    ESTIMATES,
    "Largest target first; others: their mean, bars missing in all",
    (
        *("Beta", "BetaError", "Alpha", "RSquared", "Volatility", "VolatilityNow", "FundingAnnual", "Premium"),
        *("ExpectedReturn", "MissingBars"),
    ),
)

WEIGHTS_LARGEST = _largest(
    WEIGHTS,
    "Largest first; others: all in one row",
    (
        *("Baseline", "Overlay", "Final", "Current", "Trade", "Contracts", "Notional", "Cost", "InitialMargin"),
        "Side",
    ),
)

HEDGE_LARGEST = _largest(
    HEDGE,
    "Largest trade first; others: all in one row",
    (
        *("Beta", "Held", "HeldPnL", "TradeNotional", "TradeContracts", "TargetPosition", "Cost"),
        "FundingAnnual",
    ),
)

HEDGE_SUMMARY = TableLayout(
    "HedgeSummary",
    "Hedge",
    (
        Column("Measure", "Of the hedge", width=20),
        Column("Value", "After lots", "see note", MIXED, 13),
        Column("Note", "Unit and meaning", width=50),
    ),
    first_column=12,
    measures=(
        Measure("Beta before", "to the benchmark, of the book on equity", BETA),
        Measure("Beta after", "with the trades", BETA),
        Measure("Target beta", "from Settings", BETA),
        Measure("Trade due", "Y / N, outside the band of Settings", TEXT),
        Measure("Contracts traded", "of those that may hedge", COUNT),
        Measure("Traded", "USDT, sum of absolute trades", MONEY),
        Measure("Cost", "USDT, fee and slippage", MONEY),
        Measure("Funding", "USDT a year, of the trades, paid (+) or earned (-)", MONEY),
    ),
    later=True,
)

FRONTIER_POINTS = TableLayout(
    "FrontierPoints",
    "Frontier",
    (
        Column("Point", "On the chart; each contract held alone, the largest first", width=16),
        Column("Volatility", "Of equity", "a year", PERCENT, 10.5),
        Column("Return", "Expected", "a year", PERCENT, 10.5),
        Column("Sharpe", "Excess return / volatility", "ratio", RATIO, 9),
    ),
    later=True,
)

STRESS_MAP = TableLayout(
    "StressMap",
    "StressMap",
    (
        Column("Scenario", "The largest loss first", width=38),
        Column("InAll", "P&L + funding", "USDT", MONEY, 13),
        Column("Funding", "Of it, where it bites", "USDT", MONEY, 12),
        Column("Others", "Contracts after the largest 12", "USDT", HEAT, 12),
    ),
    free=Column("Symbol", "P&L and funding of what is held", "USDT", HEAT, 11.5),
    later=True,
)

WATERFALL_BARS = TableLayout(
    "WaterfallBars",
    "Liquidation",
    (
        Column("Step", "As in Waterfall", width=14),
        Column("Base", "Drawn clear", "USDT", MONEY, 12),
        Column("Loss", "Drawn", "USDT", MONEY, 12),
        Column("Gain", "Drawn", "USDT", MONEY, 12),
    ),
    first_column=SAFEGUARDS.first_column + len(SAFEGUARDS.columns) + 1,
    later=True,
)

ATTRIBUTION_BARS = TableLayout(
    "AttributionBars",
    "Attribution",
    (
        Column("Part", "As in Attribution", width=16),
        Column("Base", "Drawn clear", "USDT", MONEY, 12),
        Column("Loss", "Drawn", "USDT", MONEY, 12),
        Column("Gain", "Drawn", "USDT", MONEY, 12),
    ),
    first_column=ATTRIBUTION_BETAS.first_column + len(ATTRIBUTION_BETAS.columns) + 1,
    later=True,
)
