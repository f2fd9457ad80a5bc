"""The inputs of a desk as tables of pandas, read cell by cell from the workbook by heading.

A cell that holds no number is missing, and a blank stands for what its sheet says that it stands for.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..books.workbook import Block, CellValue, Workbook
from .tables import Frame, Series

__all__ = ["Inputs", "read_inputs", "table_of"]

NUMBERS = (
    *("Equity", "RiskFree", "MarketReturn", "BarHours", "Window", "BetaHalflife", "TargetReturn", "RiskAversion"),
    *("NetTarget", "GrossMax", "MarginBuffer", "PortfolioBeta", "TurnoverCost", "MaxStep", "OverlayCap"),
    *("VrpCoefficient", "SemivarianceAlpha", "VolTarget", "TargetBeta", "HedgeBand"),
    "HedgeHorizonDays",
    *("TiltMost", "TiltReference", "RiskPerTrade", "MaxDrawdown", "BufferReserve", "PeakEquity", "MonthStop"),
    "MonthHighEquity",
    *(
        "RiskHorizonHours",
        "ClockHours",
        "NoTradeBand",
        "SmallestOrder",
        "DecideEvery",
        "TradeDelay",
        "CollateralInterest",
        "Trials",
    ),
)
WORDS = (
    *("BetaMethod", "RegimeWindow", "FundingMethod", "CovarianceMethod", "Objective", "Model", "FallbackAllowed"),
    *("VolMode", "LeverageTilt", "WhenUnanswered", "Clock", "TradeAnyway", "BandAim", "HedgeAim", "HedgeMode"),
    *("BookBasis", "HedgeInPast", "SimulationMethod", "HedgeWeighing"),
)

TEXTS = ("Contract", "Include", "Hedge", "MarginMode")
BLANK_IS_ZERO = (
    *("Lot", "Tick", "SlippageBps", "MaintenanceAmount", "Position", "OverlayPosition"),
    *("HorizonHours", "FundingShock", "BetaShift", "CorrelationToOne", "PegShock"),
)
SHOCKS = ("MarketShock", "HorizonHours", "VolMultiplier", "FundingShock", "BetaShift", "CorrelationToOne", "PegShock")
HEDGE_WORDS = ("Instrument", "Underlying", "Kind", "OptionType", "Hedge")
NOT_SYMBOLS = ("Name", "MustSurvive", *SHOCKS)
"""Headings of Scenarios; any other is a contract with moves of its own."""


@dataclass(frozen=True)
class Inputs:
    """What the analyst and the feed have put on the sheets.

    universe        one row a contract in play: included, held, a hedge, or under an instrument of Hedges
    entry_times     when a position was opened, by symbol, where it is stated
    last_trade      when the book was last traded; None: not stated
    closes          one row a bar, one column a contract in play and the benchmark; NaN: missing
    funding         the same; NaN: none settled
    unread          where a cell of Funding holds something that is no number
    factors         one column a factor, on the bars that have a row; each return runs from the row before
    limits          the rows of Limits by name, each one value a contract of the universe, or one for all
    tiers           by contract: from which notional, maintenance rate, maintenance amount
    scenarios       one row a scenario; own moves of contracts in columns of their own
    hedges          the rows of Hedges by heading
    """

    numbers: Mapping[str, float | None]
    words: Mapping[str, str]
    benchmark: str
    last_trade: datetime | None
    universe: Frame
    entry_times: Mapping[str, datetime]
    closes: Frame
    funding: Frame
    unread: Frame
    factors: Frame
    limits: Mapping[str, Series | float]
    tiers: Mapping[str, Sequence[tuple[float, float, float]]]
    scenarios: Frame
    hedges: Sequence[Mapping[str, Any]]

    def number(self, name: str) -> float:
        """A setting that is never blank."""
        value = self.numbers[name]
        assert value is not None, name
        return value

    @property
    def bars_a_year(self) -> float:
        """Of a year of 365 days."""
        return 365 * 24 / self.number("BarHours")

    @property
    def contract_values(self) -> Series:
        """Quote money in one contract: the price of a linear one, one for an inverse one."""
        return self.universe["Price"].where(self.universe["Contract"] != "inverse", 1.0)


def _kept(book: Workbook) -> tuple[Frame, Frame] | None:
    """Closes and funding from the history file, a text where a rate is missing; None where the desk has no file."""
    import pandas as pd

    name = book.value("HistoryFile").value
    if not isinstance(name, str) or not name.strip():
        return None
    table = pd.read_parquet(io.BytesIO(book.beside(name.strip()))).set_index("time")

    def of(kind: str) -> Frame:
        own = [column for column in table.columns if column.startswith(f"{kind}:")]
        return table[own].rename(columns=lambda column: column.partition(":")[2])

    unread = of("Unread").reindex(columns=of("Funding").columns, fill_value=False)
    return of("Prices"), of("Funding").astype(object).mask(unread, "n/a")


def read_inputs(book: Workbook) -> Inputs:
    """All of them. Raises BookError where a table or a named cell is missing."""
    import pandas as pd

    universe = _universe(book)
    benchmark = str(book.value("Benchmark").value).strip().upper()
    symbols = list(dict.fromkeys([*universe.index, benchmark]))
    prices, rates = _kept(book) or (_history(book.table("Prices")), _written(book.table("Funding")))
    closes = prices.reindex(columns=symbols)
    written = rates.reindex(index=closes.index, columns=symbols)
    funding = written.map(_number_or_nan)
    factors = _history(book.table("Factors"))
    return Inputs(
        numbers={name: _optional(book.value(name).value) for name in NUMBERS},
        words={name: str(book.value(name).value).strip().lower() for name in WORDS},
        benchmark=benchmark,
        last_trade=last if isinstance(last := book.value("LastTrade").value, datetime) else None,
        universe=universe,
        entry_times=_entry_times(book),
        closes=closes,
        funding=funding,
        unread=written.map(lambda cell: isinstance(cell, str) and bool(cell.strip())) & funding.isna(),
        factors=factors[factors.index.isin(closes.index)],
        limits=_limits(book.table("Limits"), list(universe.index)),
        tiers=_tiers(table_of(book.table("Tiers"))),
        scenarios=pd.DataFrame(_scenarios(table_of(book.table("Scenarios")))),
        hedges=_hedges(book),
    )


def table_of(block: Block) -> Frame:
    """A table as it stands, one column a heading."""
    import pandas as pd

    return pd.DataFrame([list(row) for row in block.rows], columns=list(block.header), dtype=object)


def _universe(book: Workbook) -> Frame:
    table = table_of(book.table("Universe"))
    numbers = [name for name in table.columns if name not in ("Symbol", "EntryTime", *TEXTS)]
    table["Symbol"] = table["Symbol"].map(lambda cell: str(cell).strip())
    for name in TEXTS:
        table[name] = table[name].map(lambda cell: "" if cell is None else str(cell).strip().lower())
    table[numbers] = table[numbers].map(_number_or_nan).astype(float)
    zeros = [name for name in numbers if name in BLANK_IS_ZERO]
    table[zeros] = table[zeros].fillna(0.0)
    table = table.set_index("Symbol")
    held = (table["Position"] != 0) | (table["OverlayPosition"] != 0)
    named = table.index.isin([each["Underlying"] for each in _hedges(book)])
    return table[(table["Include"] == "y") | (table["Hedge"] == "y") | held | named]


def _hedges(book: Workbook) -> list[dict[str, Any]]:
    """Words and times as they stand, figures as numbers, NaN where there is none."""
    rows = []
    for cells in table_of(book.table("Hedges")).to_dict("records"):
        row: dict[str, Any] = {name: "" if cells[name] is None else str(cells[name]).strip() for name in HEDGE_WORDS}
        row |= {name: row[name].lower() for name in HEDGE_WORDS[2:]}
        row |= {str(name): _number_or_nan(cell) for name, cell in cells.items() if name not in (*HEDGE_WORDS, "Expiry")}
        rows.append({**row, "Expiry": cells["Expiry"]})
    return rows


def _entry_times(book: Workbook) -> dict[str, datetime]:
    rows = table_of(book.table("Universe")).to_dict("records")
    return {str(row["Symbol"]).strip(): row["EntryTime"] for row in rows if isinstance(row["EntryTime"], datetime)}


def _written(block: Block) -> Frame:
    import pandas as pd

    table = table_of(block)
    times = pd.DatetimeIndex([pd.Timestamp(cell) for cell in table.iloc[:, 0] if isinstance(cell, datetime)])
    return table.iloc[: len(times), 1:].set_axis(times.round("s"), axis=0)


def _history(block: Block) -> Frame:
    return _written(block).map(_number_or_nan).astype(float)


def _limits(block: Block, symbols: list[str]) -> dict[str, Series | float]:
    """A row says one value for all, or one a contract; one without any says nothing."""
    import pandas as pd

    said: dict[str, Series | float] = {}
    for row in block.rows:
        cells = {heading: _number_or_nan(cell) for heading, cell in zip(block.header, row, strict=True)}
        name = str(row[block.index("Limit")] or "").strip().lower()
        own = pd.Series({symbol: cells.get(symbol, float("nan")) for symbol in symbols}, dtype=float)
        if not own.isna().all():
            said[name] = own
        elif cells["Value"] == cells["Value"]:
            said[name] = cells["Value"]
    return said


def _tiers(table: Frame) -> dict[str, list[tuple[float, float, float]]]:
    """An amount that is not written makes the margin go on where the tier before it ends."""
    tiers: dict[str, list[tuple[float, float, float]]] = {}
    for cells in table.to_dict("records"):
        rows = tiers.setdefault(str(cells["Symbol"]).strip(), [])
        low, rate = _number_or_nan(cells["MinNotional"]), _number_or_nan(cells["MaintenanceRate"])
        amount = _number_or_nan(cells["MaintenanceAmount"])
        if amount != amount:
            amount = rows[-1][2] + low * (rate - rows[-1][1]) if rows else 0.0
        rows.append((low, rate, amount))
    return tiers


def _scenarios(table: Frame) -> list[dict[str, Any]]:
    """The scenarios that can be run: those whose shock is a number."""
    rows = []
    for cells in table.to_dict("records"):
        row = {str(name): _number_or_nan(cell) for name, cell in cells.items() if name not in NOT_SYMBOLS}
        row |= {name: _number_or_nan(cells[name]) for name in SHOCKS}
        row |= {name: 0.0 for name in BLANK_IS_ZERO if name in row and row[name] != row[name]}
        row["VolMultiplier"] = 1.0 if cells["VolMultiplier"] is None else row["VolMultiplier"]
        if row["MarketShock"] == row["MarketShock"]:
            rows.append({"Name": str(cells["Name"]).strip(), **row})
    return rows


def _optional(cell: CellValue) -> float | None:
    return float(cell) if isinstance(cell, (int, float)) else None


def _number_or_nan(cell: object) -> float:
    return float(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else float("nan")
