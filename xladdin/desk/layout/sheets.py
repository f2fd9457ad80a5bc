"""The desk workbook, declared once: every sheet, table, column, named cell, unit, note and default.

`template` draws from it, `read` and `write` look names up in it, the tests hold the workbook to it.
Every sheet has the same frame: a heading band (title, purpose, data source and master check), then for each table
one row of notes, one of units, the header and the body. A table's body may grow downwards: nothing stands below it,
unless it holds only so many rows. What a page shows of a long table is the largest and the others in one; the table in
full stands right of the page.
"""

from __future__ import annotations

from ...books.workbook import column_letters
from .fields import FIRST_COLUMN, FIRST_HEADER_ROW, Column, Measure, NamedResult, Page, Setting, Sheet, TableLayout
from .settings import SETTINGS
from .tables import TABLES

__all__ = [
    "BODY_ROW",
    "FIRST_COLUMN",
    "HEADER_ROW",
    "NAMED_RESULTS",
    "NOTE_ROW",
    "PURPOSE_ROW",
    "SETTINGS",
    "SHEETS",
    "STATUS_ROW",
    "TABLES",
    "TITLE_ROW",
    "UNIT_ROW",
    "Column",
    "Measure",
    "NamedResult",
    "Setting",
    "Sheet",
    "TableLayout",
    "body_range",
    "named_cell",
    "setting",
    "setting_rows",
    "sheet",
    "table_range",
    "tables_on",
]

TITLE_ROW, PURPOSE_ROW, STATUS_ROW, NOTE_ROW, UNIT_ROW, HEADER_ROW, BODY_ROW = range(1, FIRST_HEADER_ROW + 2)

SETTING_VALUE_COLUMN = "C"

FIRST_PAGE = Page("N", 37)
"""Of a history: rows by the thousand are for the screen, and are printed when the print area is cleared."""

SHEETS: tuple[Sheet, ...] = (
    Sheet("About", "PerpDesk", "CAPM, beta, volatility sizing, hedging and stress tests for perpetual futures", "info"),
    Sheet(
        "Universe",
        "Universe",
        "The contracts of the desk: terms, costs, margin, limits, views and positions held",
        "input",
        pages_wide=2,
    ),
    Sheet(
        "Limits",
        "Limits",
        "Further limits of the optimiser; what stands here goes before the same limit of Settings",
        "input",
        page=Page("O", 46),
    ),
    Sheet(
        "Tiers",
        "Tiers",
        "Margin tiers of the exchange: more of a larger position must be held; read by Rebalance, Stress and Backtest",
        "input",
    ),
    Sheet(
        "Terms",
        "Terms",
        "What the source of the last refresh says of each contract; what is typed on Universe goes before it",
        "data",
    ),
    Sheet(
        "Hedges",
        "Hedges",
        "Perpetuals elsewhere, spot, bought options and stablecoins that may hedge the book; part of Equity where held",
        "input",
    ),
    Sheet("Settings", "Settings", "Every choice the jobs read, each with its unit and meaning", "input"),
    Sheet(
        "Scenarios",
        "Scenarios",
        "The shocks that Stress applies to the book: historical falls and fast moves",
        "input",
        page=Page("T", 46),
    ),
    Sheet(
        "Prices",
        "Prices",
        "Closes of the bars, one column a contract; a blank cell is a missing bar",
        "data",
        page=FIRST_PAGE,
    ),
    Sheet(
        "Funding",
        "Funding",
        "Funding settled in each bar, one column a contract; positive = longs pay shorts",
        "data",
        page=FIRST_PAGE,
    ),
    Sheet(
        "Factors",
        "Factors",
        "Returns of further risk factors on a calendar of their own, one column each",
        "data",
        page=FIRST_PAGE,
    ),
    Sheet(
        "Estimates",
        "Estimates",
        "Beta, CAPM return, volatility and funding of each contract over the window",
        "result",
        "Empty until Rebalance has run.",
        Page("P", 44),
        "Estimates of every contract",
    ),
    Sheet(
        "Weights",
        "Weights",
        "The optimised book: weights, orders in contracts, margin and cost",
        "result",
        "Empty until Rebalance has run.",
        Page("P", 44),
        "Weights of every contract",
    ),
    Sheet(
        "Risk",
        "Risk",
        "What may be lost, who brings it and which limits bind: the book held now beside the target",
        "result",
        "Empty until Rebalance has run.",
        Page("S", 55),
        "Every contract, and what it brings of each loss",
    ),
    Sheet(
        "Correlation",
        "Correlation",
        "How the contracts that bring most of the risk move together",
        "result",
        "Empty until Rebalance has run.",
        Page("S"),
    ),
    Sheet(
        "Positions",
        "Positions",
        "What is held now: profit since entry, funding paid, distance to liquidation",
        "result",
        "Empty until Rebalance has run, and while nothing is held.",
        Page("R"),
        "What the chart draws",
    ),
    Sheet(
        "Hedge",
        "Hedge",
        "The trade that brings the book's beta to its target",
        "result",
        "Empty until Hedge has run.",
        Page("N", 44),
        "Hedge of every contract that may hedge",
    ),
    Sheet(
        "HedgeChoice",
        "Hedge choice",
        "What each hedge costs until the horizon of Settings, and what it buys; filled where the sheet Hedges has rows",
        "result",
        "Empty until Hedge has run with instruments on sheet Hedges.",
        Page("R"),
        "Sensitivities of the options",
    ),
    Sheet(
        "Orders",
        "Orders",
        "What to trade: Weights and Hedge netted by contract, in whole lots, each with its limit",
        "result",
        "Empty until Rebalance has run, and while nothing is to be traded.",
        Page("S"),
        "What the chart draws",
    ),
    Sheet(
        "Stress",
        "Stress",
        "Each scenario on the book: profit or loss, margin, liquidations",
        "result",
        "Empty until Stress has run.",
        Page("O"),
        "What betas, closings and stops change",
    ),
    Sheet(
        "StressMap",
        "Stress by contract",
        "Which contract loses what in which scenario, the largest losses first; what is not held has no column",
        "result",
        "Empty until Stress has run.",
        Page("Q", 46),
        "Positions after the largest 12",
    ),
    Sheet(
        "Liquidation",
        "Liquidation",
        "Who is liquidated first, what the worst scenario takes from whom, and the past's worst days on today's book",
        "result",
        "Empty until Stress has run.",
        Page("U", 46),
        "Own margin and stops, and what the chart draws",
    ),
    Sheet(
        "Frontier",
        "Frontier",
        "The best return at each level of risk, within the limits",
        "result",
        "Empty until Rebalance has run.",
        Page("W", 52),
        "Weights after the largest 12",
    ),
    Sheet(
        "Backtest",
        "Backtest",
        "What the policy of Settings would have made of the history, hypothetical: never traded",
        "result",
        "Empty until Backtest has run.",
        Page("Q", 49),
        "Who answered, the deepest falls, limits and liquidations",
    ),
    Sheet(
        "Attribution",
        "Attribution",
        "Where the backtest's result came from: market, selection, hedge, funding, costs",
        "result",
        "Empty until Backtest has run.",
        Page("V", 50),
        "Beta by quarter, and what the chart draws",
    ),
    Sheet(
        "BacktestPath",
        "Backtest path",
        "The equity of the backtest at the closes that its charts show; perpdesk backtest --path FILE writes every row",
        "result",
        "Empty until Backtest has run.",
        FIRST_PAGE,
    ),
    Sheet(
        "BacktestDecisions",
        "Backtest decisions",
        "Each decision of the backtest: when, who answered, and the weights that were to be held",
        "result",
        "Empty until Backtest has run.",
        FIRST_PAGE,
    ),
    Sheet(
        "Sweep",
        "Sweep",
        "Many configurations of the desk in the same history, and what choosing the best of them is worth",
        "result",
        "Empty until perpdesk sweep has run.",
        Page("O"),
        "What choosing the best is worth, and the map of two settings",
    ),
    Sheet(
        "Learning",
        "Learning",
        "What was learned of the history, and what that is worth",
        "result",
        "Empty until Train has run.",
        Page("K", 56),
        "Weights, rule, importance, features",
    ),
    Sheet(
        "Checks",
        "Checks",
        "Every check of the last run, with what to do where one fails",
        "info",
        "Empty until Check has run.",
    ),
    Sheet(
        "Verification",
        "Verification",
        "Every figure worked out a second time by other means, and how far the two are apart",
        "info",
        "Empty until perpdesk verify has run.",
    ),
    Sheet(
        "Runs",
        "Runs",
        "Every run of every job: what ran, on which inputs, with which answer; rows are only ever added",
        "info",
        "Empty until the first job has run.",
        pages_wide=2,
    ),
    Sheet("Monitor", "Monitor", "Live PERP_ formulas on the same inputs, beside what the last run wrote", "info"),
)

NAMED_RESULTS: tuple[NamedResult, ...] = (
    NamedResult("DataSource", "Data source", "Where the prices came from; set by Refresh", "Prices", "$C$3"),
    NamedResult("MasterCheck", "Master check", "OK, else how many checks failed or warn", "Checks", "$B$3"),
)


def sheet(name: str) -> Sheet:
    """The sheet of that name. Raises KeyError."""
    return {item.name: item for item in SHEETS}[name]


def setting(name: str) -> Setting:
    """The setting of that name. Raises KeyError."""
    return {item.name: item for item in SETTINGS}[name]


def tables_on(sheet_name: str) -> tuple[TableLayout, ...]:
    """The tables of one sheet, left to right."""
    return tuple(sorted((t for t in TABLES.values() if t.sheet == sheet_name), key=lambda t: t.first_column))


def table_range(table: TableLayout, columns: int, rows: int) -> str:
    """The cells of a table with so many columns and body rows, header included, like ``B6:T14``."""
    first, last = column_letters(table.first_column), column_letters(table.first_column + columns - 1)
    return f"{first}{table.header_row}:{last}{table.header_row + max(rows, 1)}"


def body_range(table: TableLayout, column: int, rows: int) -> str:
    """The body cells of one column (0 = first), absolute and with its sheet, like ``Prices!$C$7:$C$2167``."""
    letters = column_letters(table.first_column + column)
    return f"{table.sheet}!${letters}${table.body_row}:${letters}${table.header_row + max(rows, 1)}"


def setting_rows() -> dict[str, int]:
    """The row of each setting on the Settings sheet: groups in order, one heading row before each group."""
    rows, row, group = {}, BODY_ROW - 1, ""
    for item in SETTINGS:
        row += 1 if item.group == group else 2
        group = item.group
        rows[item.name] = row
    return rows


def named_cell(name: str) -> tuple[str, str]:
    """The sheet and the absolute address of a named cell, settings and named results alike. Raises KeyError."""
    for result in NAMED_RESULTS:
        if result.name == name:
            return result.sheet, result.address
    return "Settings", f"${SETTING_VALUE_COLUMN}${setting_rows()[name]}"
