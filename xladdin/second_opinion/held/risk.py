"""The sheets Risk, Correlation and Positions: each figure beside the one that follows from the books on the sheets."""

from __future__ import annotations

import math
from typing import Any

from ...books.workbook import Block
from ..decided.hedge import factor_loadings
from ..decided.limits import OF_SETTINGS, Stated, stated_for
from ..decided.prices import Prices
from ..inferred.estimates import Estimates
from ..not_stated import NotStatedError
from ..risked.books import Losses, Two, books_of, concentrated, correlations, losses_of, shares_of
from ..risked.opened import opened
from ..tables import Frame, Series
from ..ties import as_shown, largest_of
from .largest import SHOWN, by_size
from .sheets import Sheets, numbers_of

__all__ = ["RISK_TABLES", "hold_positions", "hold_risk"]

RISK_TABLES = (
    *(
        "RiskSummary",
        "RiskLosses",
        "RiskExposure",
        "Risk",
        "TopRisks",
        "TargetLosses",
        "HeldLosses",
        "CorrelationSummary",
    ),
    *("Correlation", "RiskLimits"),
)
MOST_CORRELATED = 15
CELLS = {
    **{setting: name for name, setting in OF_SETTINGS.items()},
    **{"TargetReturn": "target_return", "VolTarget": "target_volatility"},
    **{"MinWeight": "min_weight", "MaxWeight": "max_weight", "Include": "held"},
}
"""Which limit a cell of Settings or a column of Universe states."""

WORDS = "words, that say of the price what the price says"

MEASURES = ("VaR95", "VaR99", "ES95", "ES99")
ROWS = tuple(f"{measure}{span}" for span in ("Day", "Horizon") for measure in MEASURES)
"""The losses of RiskLosses, row by row."""


def hold_risk(sheets: Sheets, estimates: Estimates) -> None:
    """All that stands on the covariance; what has no second statement is listed with the reason."""
    missing = estimates.missing.get("Covariance") or estimates.missing.get("Beta")
    if missing:
        for table in RISK_TABLES:
            sheets.leave(table, missing)
        return
    import pandas as pd

    weights = sheets.book.table("Weights")
    wanted = pd.Series(numbers_of(weights, "TargetPosition"), index=[str(s) for s in weights.column("Symbol")])
    shown = [str(symbol) for symbol in sheets.book.table("Risk").column("Symbol")[:-1]]
    two = books_of(sheets.inputs, estimates, wanted, shown)
    if not len(two.held):
        for table in RISK_TABLES:
            sheets.leave(table, "nothing is held and nothing wanted, so there is nothing to lose")
        return
    losses = {name: losses_of(sheets.inputs, estimates, getattr(two, name)) for name in ("held", "target")}
    sheets.hold("Risk", _contracts(estimates, two))
    for table, name in (("HeldLosses", "held"), ("TargetLosses", "target")):
        sheets.hold(table, _components(sheets, losses[name], list(two.held.index)))
    sheets.hold("RiskLosses", _losses(sheets, losses), {"RiskLosses.Note": WORDS})
    sheets.hold("RiskSummary", _summary(sheets, estimates, two, losses), {"RiskSummary.Note": WORDS})
    sheets.hold("RiskExposure", _exposures(sheets, estimates, two))
    _largest(sheets)
    _correlations(sheets, estimates, two)
    _limits(sheets, estimates)


def hold_positions(sheets: Sheets, estimates: Estimates) -> None:
    """What is open on the positions held now."""
    missing = estimates.missing.get("Beta")
    rows = opened(sheets.inputs, estimates, with_ends=not missing)
    block = sheets.book.table("Positions")
    order = as_shown(
        [(str(row["Symbol"]), row["Book"]) for row in rows],
        list(zip(map(str, block.column("Symbol")), block.column("Book"), strict=True)),
        [abs(row["Notional"]) for row in rows],
    )
    rows = [rows[place] for place in order]
    ends = ("LiquidationPrice", "ToLiquidation", "StopPrice", "ToStop", "PnLAtStop", "ClosesFirst")
    unknown = {f"Positions.{name}": missing for name in ends} if missing else {}
    sheets.hold("Positions", rows, {"Positions.Note": "words, that say which figures are missing", **unknown})
    after = [row["AfterFunding"] for row in rows if not math.isnan(row["AfterFunding"])]
    values: dict[str, Any] = {
        "Open profit": _known_sum(rows, "OpenProfit"),
        "Funding paid": _known_sum(rows, "FundingPaid"),
        "Open profit after funding": sum(after) if after else math.nan,
        "Without an entry price": float(sum(math.isnan(row["EntryPrice"]) for row in rows)),
    }
    if not missing:
        near = [row for row in rows if not math.isnan(row["ToLiquidation"])]
        nearest = min(near, key=lambda row: abs(row["ToLiquidation"]), default=None)
        values["Nearest to liquidation"] = None if nearest is None else nearest["ToLiquidation"]
        values["Nearest is"] = largest_of({row["Symbol"]: -abs(row["ToLiquidation"]) for row in near})
        each = {row["Symbol"]: row for row in rows}.values()
        values["Without a stop"] = float(sum(math.isnan(row["StopPrice"]) for row in each))
        values["P&L at the stops"] = _known_sum(list(each), "PnLAtStop")
    sheets.hold_measures("PositionsSummary", values)
    _bars(sheets)


def _known_sum(rows: list[dict[str, Any]], column: str) -> float:
    known = [row[column] for row in rows if not math.isnan(row[column])]
    return sum(known) if known else math.nan


def _contracts(estimates: Estimates, two: Two) -> list[dict[str, Any]]:
    figures = {name: shares_of(getattr(two, name.lower()), two.risk) for name in ("Held", "Target")}
    rows = [
        {
            "Symbol": symbol,
            "Held": two.held[symbol],
            "Target": two.target[symbol],
            **{f"{name}Share": shares[symbol] for name, (_, shares, _) in figures.items()},
            **{f"{name}Marginal": slopes[symbol] for name, (_, _, slopes) in figures.items()},
            "Beta": estimates.table.at[symbol, "Beta"],
            "Volatility": estimates.table.at[symbol, "Volatility"],
        }
        for symbol in two.held.index
    ]
    totals = {
        **{"Held": float(two.held.sum()), "Target": float(two.target.sum())},
        **{f"{name}Share": _all_or_none(shares) for name, (_, shares, _) in figures.items()},
    }
    blanks = dict.fromkeys(("HeldMarginal", "TargetMarginal", "Beta", "Volatility"))
    return [*rows, {"Symbol": "Total", **blanks, **totals}]


def _all_or_none(values: Series) -> float:
    """Their sum; NaN where one is."""
    return float(values.sum(skipna=False)) if len(values) else 0.0


def _components(sheets: Sheets, losses: Losses, symbols: list[str]) -> list[dict[str, Any]]:
    equity = sheets.inputs.number("Equity")
    rows = [
        {"Symbol": symbol, **{name: equity * shared[symbol] for name, shared in losses.columns.items()}}
        for symbol in symbols
    ]
    totals = {name: equity * _all_or_none(shared) for name, shared in losses.columns.items()}
    return [*rows, {"Symbol": "Total", **totals}]


def _losses(sheets: Sheets, losses: dict[str, Losses]) -> list[dict[str, Any]]:
    equity = sheets.inputs.number("Equity")
    return [
        {
            "Measure": measure,
            **{
                f"{name.capitalize()}{suffix}": equity * _all_or_none(each.columns[f"{suffix}{column}"])
                for name, each in losses.items()
                for suffix in ("", "Normal")
            },
        }
        for measure, column in zip(sheets.book.table("RiskLosses").column("Measure"), ROWS, strict=True)
    ]


def _summary(sheets: Sheets, estimates: Estimates, two: Two, losses: dict[str, Losses]) -> list[dict[str, Any]]:
    by_book = {name.capitalize(): _of_one(estimates, getattr(two, name), two.risk, losses[name]) for name in losses}
    return [
        {"Measure": measure, **{name: figures.get(str(measure)) for name, figures in by_book.items()}}
        for measure in sheets.book.table("RiskSummary").column("Measure")
    ]


def _of_one(estimates: Estimates, book: Series, risk: Frame, losses: Losses) -> dict[str, Any]:
    swing, shares, _ = shares_of(book, risk)
    known = len(shares) and shares.notna().all()
    return {
        "Volatility": swing,
        "Beta": sum(weight * float(estimates.table.at[symbol, "Beta"]) for symbol, weight in book.items()),
        "Gross exposure": float(book.abs().sum()),
        "Positions": float((book != 0).sum()),
        "Largest risk": float(shares.max()) if known else math.nan,
        "Largest risk is": largest_of({str(symbol): float(share) for symbol, share in shares.items()} if known else {}),
        "Days looked at": losses.stretches["Day"],
        "Horizons looked at": losses.stretches["Horizon"],
        **concentrated(book, risk),
    }


def _exposures(sheets: Sheets, estimates: Estimates, two: Two) -> list[dict[str, Any]]:
    inputs, stated = sheets.inputs, stated_for(sheets.inputs, estimates)
    books = {"Held": two.held, "Target": two.target}
    net, low, high, aim = (stated.one(name) for name in ("net", "net_min", "net_max", "target_beta"))
    room = stated.one("beta_tolerance") or 0.0
    low, high = (net, net) if net is not None else (low, high)
    rows: list[dict[str, Any]] = [
        {"Exposure": "Long", **{name: float(book.clip(lower=0.0).sum()) for name, book in books.items()}},
        {"Exposure": "Short", **{name: float(book.clip(upper=0.0).sum()) for name, book in books.items()}},
        {"Exposure": "Net", **{name: float(book.sum()) for name, book in books.items()}, "Least": low, "Most": high},
        {
            "Exposure": "Gross",
            **{name: float(book.abs().sum()) for name, book in books.items()},
            "Most": stated.one("gross_max"),
        },
        {
            "Exposure": f"Beta to {inputs.benchmark}",
            **{name: float((book * estimates.table["Beta"].loc[book.index]).sum()) for name, book in books.items()},
            "Least": None if aim is None else aim - room,
            "Most": None if aim is None else aim + room,
        },
    ]
    if len(inputs.factors.columns) and inputs.factors.iloc[1:].notna().any(axis=None):
        names, table = factor_loadings(inputs, estimates)
        rows += [
            {"Exposure": f"Loading on {factor}", **{name: _loaded(book, table, factor) for name, book in books.items()}}
            for factor in names[1:]
        ]
    return [*rows, *_of_groups(stated, books)]


def _loaded(book: Series, table: Frame, factor: str) -> float:
    held = book[book != 0]
    return float((held * table.loc[factor, list(held.index)]).sum())


def _of_groups(stated: Stated, books: dict[str, Series]) -> list[dict[str, Any]]:
    names = [name for name in stated.said if name.startswith(("group_", "factor_")) and name.count("_") == 1]
    rows = []
    for name in names:
        loading = dict(zip(stated.symbols, stated.each(name).tolist(), strict=True))
        target = stated.one(f"{name}_target")
        rows.append(
            {
                "Exposure": f"{name} of Limits",
                **{
                    column: sum(weight * loading.get(symbol, 0.0) for symbol, weight in book.items())
                    for column, book in books.items()
                },
                "Least": stated.one(f"{name}_min") if target is None else target,
                "Most": stated.one(f"{name}_max") if target is None else target,
            }
        )
    return sorted(rows, key=lambda row: str(row["Exposure"]).startswith("factor_"))


def _correlations(sheets: Sheets, estimates: Estimates, two: Two) -> None:
    shown = list(two.risk.index)[:MOST_CORRELATED]
    matrix = correlations(two.risk.loc[shown, shown])
    sheets.hold(
        "Correlation",
        [
            {
                "Symbol": symbol,
                "Beta": estimates.table.at[symbol, "Beta"],
                "Volatility": estimates.table.at[symbol, "Volatility"],
                **matrix.loc[symbol].to_dict(),
            }
            for symbol in shown
        ],
    )
    _, shares, _ = shares_of(two.target, two.risk)
    if shares.isna().any():
        _, shares, _ = shares_of(two.held, two.risk)
    pairs = {
        f"{first} / {second}": float(matrix.at[first, second])
        for place, first in enumerate(shown)
        for second in shown[place + 1 :]
        if matrix.at[first, second] == matrix.at[first, second]
    }
    closest, loosest = (pick(pairs.values(), default=math.nan) for pick in (max, min))
    sheets.hold_measures(
        "CorrelationSummary",
        {
            "Contracts shown": float(len(shown)),
            "Contracts left out": float(len(two.risk) - len(shown)),
            "Variance of those shown": float(shares[shown].sum(skipna=False)),
            "Mean correlation": sum(pairs.values()) / len(pairs) if pairs else math.nan,
            "Closest pair": largest_of(pairs),
            "Correlation of the closest": closest,
            "Loosest pair": largest_of({pair: -value for pair, value in pairs.items()}),
            "Correlation of the loosest": loosest,
        },
    )


def _limits(sheets: Sheets, estimates: Estimates) -> None:
    block = sheets.book.table("RiskLimits")
    if not block.rows:
        return
    prices = Prices(stated_for(sheets.inputs, estimates), _objective(sheets.book.table("Runs")))
    rows, reason = [], ""
    for cell, contract, value, price in zip(
        *(block.column(name) for name in ("Limit", "Contract", "Value", "Price")), strict=True
    ):
        row: dict[str, Any] = {"Price": None}
        if isinstance(price, float) and isinstance(value, float):
            try:
                low, high = prices.of(_limit_at(str(cell)), str(contract or ""), value)
            except (KeyError, NotStatedError) as error:
                reason = f"{error} is not stated a second time"
                break
            row["Price"] = min(max(price, low), high)
        rows.append(row)
    left = dict.fromkeys(("RiskLimits.Limit", "RiskLimits.Contract", "RiskLimits.Value"), "names what the price is of")
    left["RiskLimits.InWords"] = WORDS
    if reason:
        rows, left = [{}] * len(block.rows), {**left, "RiskLimits.Price": reason}
    sheets.hold("RiskLimits", rows, left)


def _limit_at(cell: str) -> str:
    """The name of the limit that a cell of the desk states."""
    if cell.startswith("Limits row "):
        return cell.split("'")[1]
    return CELLS[cell.rpartition(" ")[2]]


def _largest(sheets: Sheets) -> None:
    """The largest rows of Risk, and the others in one, from the cells of the whole tables."""
    block = sheets.book.table("Risk")
    figures = {name: numbers_of(block, name)[:-1] for name in ("Held", "Target", "HeldShare", "TargetShare")}
    for name in ("Held", "Target"):
        figures[f"{name}VaR"] = numbers_of(sheets.book.table(f"{name}Losses"), "VaR99Day")[:-1]
    means = {name: numbers_of(block, name)[:-1] for name in ("Beta", "Volatility")}
    symbols = [str(symbol) for symbol in block.column("Symbol")[:-1]]
    sizes = [figures[name] for name in ("TargetShare", "HeldShare")]
    order = by_size(sizes)
    shown, others = order[:SHOWN], order[SHOWN:]
    rows: list[dict[str, Any]] = [
        {"Symbol": symbols[row], **{name: column[row] for name, column in (figures | means).items()}} for row in shown
    ]
    if others:
        known = {name: [column[row] for row in others if column[row] == column[row]] for name, column in means.items()}
        rows.append(
            {
                "Symbol": _others(len(others)),
                **{name: math.fsum(column[row] for row in others) for name, column in figures.items()},
                **{name: math.fsum(each) / len(each) if each else math.nan for name, each in known.items()},
            }
        )
    sheets.hold("TopRisks", rows)


def _bars(sheets: Sheets) -> None:
    """What the chart of Positions draws, from the cells of Positions."""
    block = sheets.book.table("Positions")
    names = [
        f"{symbol} overlay" if apart == "overlay" else str(symbol)
        for symbol, apart in zip(block.column("Symbol"), block.column("Book"), strict=True)
    ]
    columns = {name: numbers_of(block, name) for name in ("OpenProfit", "AfterFunding")}
    order = by_size([numbers_of(block, "Notional")])
    shown, others = order[:SHOWN], order[SHOWN:]

    def drawn(name: str, row: int) -> float:
        return 0.0 if math.isnan(columns[name][row]) else columns[name][row]

    rows = [{"Position": names[row], **{name: drawn(name, row) for name in columns}} for row in shown]
    if others:
        summed = {name: math.fsum(drawn(name, row) for row in others) for name in columns}
        rows.append({"Position": _others(len(others)), **summed})
    sheets.hold("PositionBars", rows)


def _others(count: int) -> str:
    return f"{count} other{'s' if count > 1 else ''}"


def _objective(runs: Block) -> str:
    """What the model that answered the last Rebalance sought: `hybrid, max_sharpe` sought `max_sharpe`."""
    models = [m for job, m in zip(runs.column("Job"), runs.column("Model"), strict=True) if job == "rebalance"]
    words = str(models[-1]) if models else ""
    return words.partition(", ")[2].partition(" ")[0].partition(",")[0]
