"""The Monitor sheet: live PERP_ formulas on the desk's own inputs, beside what the last run wrote.

Both must show the same figure; where they do not, the inputs have changed since the run, or something is wrong.
Without the add-in the live cells show an error and the sheet says so. The formulas read the window through names that
follow the size of the history and the order of its columns, so the sheet holds after every Refresh.
"""

from __future__ import annotations

from openpyxl.styles import Alignment
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from core.choices import LEARNED
from core.records import dataclass
from core.units import HOURS_PER_YEAR

from ..layout.fields import BETA, MONEY, PERCENT, TIMES
from ..layout.sheets import BODY_ROW, FIRST_COLUMN, HEADER_ROW, NOTE_ROW, UNIT_ROW
from .styles import grey_errors, traffic_rules

__all__ = ["FIGURES", "Figure", "formula_names", "write_monitor"]


@dataclass(frozen=True)
class Figure:
    """One line: what it is, of what, the live formula, where the run wrote it.

    `of`, `live` and `run` are formulas; in the last two `{of}` stands for the cell that shows `of`.
    """

    name: str
    of: str
    unit: str
    live: str
    run: str
    format: str


def formula_names() -> dict[str, str]:
    """Names for what the formulas read, found anew after each run, in words an analyst can follow."""
    header = f"$C${HEADER_ROW}:$XFD${HEADER_ROW}"
    symbols = f"Universe!$B${BODY_ROW}:INDEX(Universe!$B:$B,{HEADER_ROW}+MAX(1,COUNTA(Universe[Symbol])))"
    names = {
        "UniverseSymbols": symbols,
        "HistoryBars": f"COUNT(Prices!$B${BODY_ROW}:$B$1048576)",
        "HistoryContracts": f"COUNTA(Prices!{header})",
        "BarsUsed": 'IF(RegimeWindow="Y",INDEX(Market[Value],MATCH("Bars used",Market[Measure],0)),Window)',
    }
    for sheet in ("Prices", "Funding"):
        body = f"{sheet}!$C${BODY_ROW}:$XFD$1048576"
        names[f"Window{sheet}"] = f"INDEX({body},HistoryBars-BarsUsed,1):INDEX({body},HistoryBars,HistoryContracts)"
        names[f"Benchmark{sheet}"] = f"INDEX(Window{sheet},0,MATCH(TRIM(Benchmark),{sheet}!{header},0))"
    held, overlay = (_in_order_of("Estimates[Symbol]", column) for column in ("Position", "OverlayPosition"))
    return {
        **names,
        "ContractPrices": _in_order_of("Estimates[Symbol]", "Price"),
        "ContractMaintenance": _in_order_of("Estimates[Symbol]", "MaintenanceRate"),
        "ContractLeverage": _in_order_of("Estimates[Symbol]", "MaxLeverage"),
        "HedgePrices": _in_order_of("Hedge[Hedge]", "Price"),
        "HedgeLots": _in_order_of("Hedge[Hedge]", "Lot"),
        "HedgeCosts": f"{_in_order_of('Hedge[Hedge]', 'TakerFeeBps')}+{_in_order_of('Hedge[Hedge]', 'SlippageBps')}",
        "TargetPositions": "SUMIF(Weights[Symbol],Estimates[Symbol],Weights[TargetPosition])",
        # Chosen by multiplication: in Calc an IF between whole columns does not reach an add-in function.
        "BookPositions": f'{overlay}+(BookBasis="current")*{held}+(BookBasis<>"current")*TargetPositions',
        "HedgedPositions": (
            'BookPositions+(BookBasis<>"current")*SUMIF(Hedge[Hedge],Estimates[Symbol],Hedge[TradeContracts])'
        ),
    }


def _in_order_of(symbols: str, column: str) -> str:
    """A column of Universe, one value for each of `symbols`."""
    return f"SUMIF(Universe[Symbol],{symbols},Universe[{column}])"


def _picked(call: str, *, row: str = "2", column: str = "2") -> str:
    """One figure of a function's labelled result; `row` or `column` may be a label of the first column or row."""
    if not row.isdigit():
        row = f'MATCH("{row}",INDEX({call},0,1),0)'
    if not column.isdigit():
        column = f'MATCH("{column}",INDEX({call},1,0),0)'
    return f"INDEX({call},{row},{column})"


def _measure(name: str) -> str:
    return f'INDEX(WeightsSummary[Value],MATCH("{name}",WeightsSummary[Measure],0))'


def _scenario(column: str) -> str:
    return f"INDEX(Scenarios[{column}],MATCH({{of}},Scenarios[Name],0))"


# A missing return is blanked: Calc does not hand a block with #N/A from one function to the next.
RETURNS, MARKET = (f'IFERROR(PERP_RETURNS({each}Prices,{each}Funding),"")' for each in ("Window", "Benchmark"))
BETAS = f'PERP_BETA({RETURNS},{MARKET},IF(BetaMethod="{LEARNED}","ols",BetaMethod),BetaHalflife)'
"""A beta that is learned needs all rows of Prices: that of the window stands here, with nothing beside it."""
LIVE_BETA = f"INDEX({BETAS},1,MATCH({{of}},Prices!$C${HEADER_ROW}:$XFD${HEADER_ROW},0))"
RUN_BETA = f'IF(BetaMethod="{LEARNED}","",INDEX(Estimates[Beta],MATCH({{of}},Estimates[Symbol],0)))'
LIVE_VOLATILITY = f'PERP_VOL({MARKET},"garch",{HOURS_PER_YEAR}/BarHours)'
RUN_VOLATILITY = "INDEX(Estimates[VolatilityNow],MATCH({of},Estimates[Symbol],0))"
LIVE_CAPM = f"PERP_CAPM_RETURN({LIVE_BETA},RiskFree,MarketReturn)"
RUN_CAPM = (
    f'IF(OR(BetaMethod="{LEARNED}",'
    'INDEX(Estimates[View],{place})<>"",INDEX(Estimates[Premium],{place})=""),"",'
    "RiskFree+INDEX(Estimates[Premium],{place}))"
).replace("{place}", "MATCH({of},Estimates[Symbol],0)")
"""Blank where the analyst's own view stands in for the CAPM, and where betas are learned."""

BOOK_BETA = "PERP_BETA_PORTFOLIO(TargetPositions*ContractPrices/Equity,Estimates[Beta])"
MARGIN = "PERP_MARGIN(TargetPositions,ContractPrices,Equity,ContractMaintenance,ContractLeverage)"
HEDGE = (
    "PERP_HEDGE(BookPositions*ContractPrices,Estimates[Beta],"
    '(INDEX(Hedge[Due],1)="Y")*TargetBeta+(INDEX(Hedge[Due],1)<>"Y")*INDEX(Hedge[BetaBefore],1),'
    "Hedge[Beta],Equity,HedgePrices,HedgeLots,HedgeCosts)"
)
STRESS = (
    f"PERP_STRESS(HedgedPositions,ContractPrices,Estimates[Beta],Equity,{_scenario('MarketShock')},"
    f"ContractMaintenance,{_scenario('FundingShock')},{_scenario('BetaShift')})"
)
LIVE_HEDGE = _picked(HEDGE, column="trade_notional")
BESIDE = "COUNTA(Hedges[Instrument])"
RUN_HEDGE = f'IF(AND(HedgeMode="direct",{BESIDE}=0),INDEX(Hedge[TradeNotional],1),"")'
"""The formula matches beta in the book itself; the other modes, and instruments of Hedges, have nothing beside it."""
LIVE_STRESS = f"{_picked(STRESS, column='equity_after')}-Equity"
RUN_STRESS = (
    f'IF(OR(N({_scenario("CorrelationToOne")})<>0,{BESIDE}>0),"",'
    "INDEX(Stress[TotalPnL],MATCH({of},Stress[Scenario],0)))"
)
"""The formula knows betas; a scenario that draws correlations to one, or instruments, have nothing beside it."""


def _contract(number: int) -> str:
    return f'IF(ROWS(Universe[Symbol])<{number},"",INDEX(Universe[Symbol],{number})&"")'


def _of_account(name: str, unit: str, statistic: str, measure: str, number_format: str) -> Figure:
    return Figure(name, TARGET_BOOK, unit, _picked(MARGIN, row=statistic), _measure(measure), number_format)


TARGET_BOOK = '"target book"'
FIRST_CONTRACTS = (1, 2, 3)

FIGURES: tuple[Figure, ...] = (
    *(Figure("Beta", _contract(n), "beta", LIVE_BETA, RUN_BETA, BETA) for n in FIRST_CONTRACTS),
    *(Figure("CAPM return", _contract(n), "a year", LIVE_CAPM, RUN_CAPM, PERCENT) for n in FIRST_CONTRACTS),
    Figure("Volatility now", 'Benchmark&""', "a year", LIVE_VOLATILITY, RUN_VOLATILITY, PERCENT),
    Figure("Beta of the book", TARGET_BOOK, "beta", BOOK_BETA, _measure("Beta"), BETA),
    _of_account("Gross leverage", "x equity", "leverage", "Gross exposure", TIMES),
    _of_account("Initial margin", "USDT", "initial_margin", "Initial margin", MONEY),
    _of_account("Headroom", "USDT", "headroom", "Headroom", MONEY),
    Figure("Hedge trade", 'INDEX(Hedge[Hedge],1)&""', "USDT", LIVE_HEDGE, RUN_HEDGE, MONEY),
    Figure("Stress P&L", 'INDEX(Scenarios[Name],1)&""', "USDT", LIVE_STRESS, RUN_STRESS, MONEY),
)

HEADINGS = (
    ("Figure", 24, "left", "What is compared"),
    ("Of", 28, "left", "Contract, book or scenario"),
    ("Unit", 11, "left", "Of the three figures"),
    ("Live", 16, "right", "Formula, computed now"),
    ("Run", 16, "right", "Written by the last run"),
    ("Difference", 14, "right", "Live less run"),
    ("Status", 20, "left", "Whether both agree"),
)

GENERAL = "General"
"""Not text: in a cell of that format Excel would take an edited formula for words."""

TOLERANCE = 1e-9
"""Of live against run, for the desk to change; stricter than what is reported, so that a drift shows early."""
TOLERANCE_CELL = "$J$7"


def write_monitor(worksheet: Worksheet) -> None:
    """Write a line for each figure, and the tolerance that the comparison allows."""
    for number, (heading, width, side, note) in enumerate(HEADINGS, start=FIRST_COLUMN):
        for row, text, style in ((NOTE_ROW, note, "Desk note"), (HEADER_ROW, heading, "Desk header")):
            cell = worksheet.cell(row, number, text)
            cell.style = style
            cell.alignment = Alignment(
                side,
                "bottom" if row == NOTE_ROW else "center",
                indent=int(side == "left" and number > FIRST_COLUMN),
                wrap_text=row == NOTE_ROW,
            )
        worksheet.column_dimensions[cell.column_letter].width = width
    for row, figure in enumerate(FIGURES, start=BODY_ROW):
        _write_figure(worksheet, row, figure)
    last = BODY_ROW + len(FIGURES) - 1
    worksheet.conditional_formatting.add(f"E{BODY_ROW}:G{last}", grey_errors(f"E{BODY_ROW}"))
    for rule in traffic_rules(("ok", "differs")):
        worksheet.conditional_formatting.add(f"H{BODY_ROW}:H{last}", rule)
    _write_tolerance(worksheet)
    worksheet.row_dimensions[NOTE_ROW].height = 30


def _write_figure(worksheet: Worksheet, row: int, figure: Figure) -> None:
    of, live, run, difference = f"$C{row}", f"E{row}", f"F{row}", f"G{row}"
    cells = {
        "B": (figure.name, "Desk result", GENERAL),
        "C": (f'=IFERROR({figure.of},"")', "Desk link", GENERAL),
        "D": (figure.unit, "Desk result", GENERAL),
        "E": (ArrayFormula(live, "=" + figure.live.format(of=of)), "Desk result", figure.format),
        "F": (_linked(figure.run.format(of=of)), "Desk link", figure.format),
        "G": (f'=IF(AND(ISNUMBER({live}),ISNUMBER({run})),{live}-{run},"")', "Desk result", "0.0E+00"),
        "H": (_status(live, run, difference), "Desk result", GENERAL),
    }
    for letter, (value, style, number_format) in cells.items():
        cell = worksheet[f"{letter}{row}"]
        cell.value, cell.style, cell.number_format = value, style, number_format
        number = letter in "EFG"
        cell.alignment = Alignment("right" if number else "left", "center", indent=0 if number or letter == "B" else 1)


def _linked(result: str) -> str:
    """The result cell's figure; a blank one stays blank, which a plain link would show as 0."""
    return f'=IFERROR(IF(({result})="","",{result}),"")'


def _status(live: str, run: str, difference: str) -> str:
    """#NAME? is an add-in that is not there; the reason of any other error is what PERP_WHY tells."""
    return (
        f'=IF(ISERROR({live}),IF(IFERROR(ERROR.TYPE({live})=5,FALSE),"add-in not loaded","no answer"),'
        f'IF(NOT(ISNUMBER({run})),"no run yet",'
        f'IF(ABS({difference})<={TOLERANCE_CELL}*MAX(1,ABS({run})),"ok","differs")))'
    )


def _write_tolerance(worksheet: Worksheet) -> None:
    worksheet.column_dimensions["I"].width = 3
    worksheet.column_dimensions["J"].width = 13
    heading, unit, cell = (
        worksheet[f"J{HEADER_ROW}"],
        worksheet[f"J{UNIT_ROW}"],
        worksheet[TOLERANCE_CELL.replace("$", "")],
    )
    heading.value, heading.style = "Tolerance", "Desk header"
    unit.value, unit.style = "relative", "Desk unit"
    cell.value, cell.style, cell.number_format = TOLERANCE, "Desk input", "0E+00"
