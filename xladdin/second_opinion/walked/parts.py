"""Where the result of a ledger came from, by plain loops: market at the betas known then, what is left, and the costs.

The beta of a contract is that of the window before the last decision; a bar after it earns beta x the benchmark's move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean
from typing import Any

from ..inferred.betas import NOT_STATED, beta_of
from ..inferred.past import returns_of
from ..inputs import Inputs
from ..not_stated import NotStatedError
from .figures import long_run_t
from .ledger import Books

__all__ = ["Parts", "parts_of"]

COSTS = ("fees", "slippage", "liquidation")
FEWEST_RETURNS, FEWEST_BARS = 30, 13
NORMAL = 1.959963984540054
"""Of a two-sided band of 95 %."""


@dataclass(frozen=True)
class Parts:
    """The rows of the three tables of the sheet Attribution."""

    parts: list[dict[str, Any]]
    months: list[dict[str, Any]]
    quarters: list[dict[str, Any]]


def parts_of(inputs: Inputs, books: Books, first: int, asked: Sequence[int]) -> Parts:
    """All of them. Raises NotStatedError where a beta has no second statement, or the policy has a hedge."""
    method = inputs.words["BetaMethod"]
    if method in NOT_STATED:
        raise NotStatedError(NOT_STATED[method])
    if method == "shrunk":
        raise NotStatedError("a beta shrunk to its peers is that of all at once; each decision has its own")
    if inputs.words["RegimeWindow"] == "y":
        raise NotStatedError("each decision begins its window at a regime of its own, which is found once")
    if inputs.words["Model"] == "beta_neutral" or inputs.words["HedgeInPast"] == "y":
        raise NotStatedError("which part of a position is the hedge is the policy's to say; it is said once")
    moves = _moves(inputs, first)
    betas = _betas(inputs, first, asked, method)
    money = _money(books, moves, betas)
    return Parts(
        _parts(inputs, books, money), _months(inputs, books, money, first), _quarters(inputs, books, moves, first)
    )


def _moves(inputs: Inputs, first: int) -> list[float]:
    """Return of the benchmark since its last price, of each row from the first decision on; 0 where it has none."""
    closes = inputs.closes[inputs.benchmark].ffill()
    moves: list[float] = (closes / closes.shift(1) - 1).fillna(0.0).iloc[first:].tolist()
    return moves


def _betas(inputs: Inputs, first: int, asked: Sequence[int], method: str) -> list[list[float]]:
    """Betas known after each row from the first decision on."""
    returns, symbols = returns_of(inputs), list(inputs.universe.index)
    window, halflife = int(inputs.number("Window")), inputs.number("BetaHalflife")
    market, known = returns[inputs.benchmark], [math.nan] * len(symbols)
    both = {symbol: (returns[symbol].notna() & market.notna()).to_numpy() for symbol in symbols}
    at = set(asked)
    rows = []
    for row in range(first, len(inputs.closes)):
        if row in at:
            past = slice(row - window, row)
            known = [
                beta_of(returns[symbol].iloc[past], market.iloc[past], method, halflife)
                if both[symbol][past].sum() >= FEWEST_RETURNS
                else math.nan
                for symbol in symbols
            ]
        rows.append(known)
    return rows


def _money(books: Books, moves: Sequence[float], betas: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    """What each part brought in each row."""
    money: dict[str, list[float]] = {name: [] for name in ("market", "alpha", "funding", "interest", *COSTS)}
    for row in range(len(books.equity)):
        market = 0.0
        if row:
            exposures = zip(books.held[row - 1], books.marks[row - 1], betas[row - 1], strict=True)
            market = math.fsum(q * p * b * moves[row] for q, p, b in exposures if q and not math.isnan(b))
        money["market"].append(market)
        money["alpha"].append(math.fsum(books.parts["pnl"][row]) - market)
        money["funding"].append(math.fsum(books.parts["funding"][row]))
        money["interest"].append(books.interest[row])
        money["fees"].append(-math.fsum(books.parts["fees"][row]))
        money["slippage"].append(-math.fsum(books.parts["slippage"][row]))
        money["liquidation"].append(0.0)
    return money


def _parts(inputs: Inputs, books: Books, money: dict[str, list[float]]) -> list[dict[str, Any]]:
    """Each part with its share, its mean a year and its t, and the whole."""
    year, so_far, rows = inputs.bars_a_year, 0.0, []
    paid = math.fsum(money[name][0] for name in COSTS)
    before = [books.equity[0] - paid, *books.equity[1:-1]]
    for name, values in money.items():
        bars = [*values[1:]]
        if name in COSTS:
            bars[0] += values[0]
        returns = [bar / equity for bar, equity in zip(bars, before, strict=True)]
        pnl = math.fsum(values)
        so_far += pnl
        label = f"Market {inputs.benchmark}" if name == "market" else name.capitalize()
        rows.append(
            {"Part": label, "PnL": pnl, "Contribution": pnl / books.start, "AYear": fmean(returns) * year,
             "T": long_run_t(returns), "Total": so_far}
        )  # fmt: skip
    whole = books.equity[-1] - books.start
    rows.append(
        {"Part": "In all", "PnL": whole, "Contribution": whole / books.start, "AYear": fmean(books.returns) * year,
         "T": None, "Total": whole}
    )  # fmt: skip
    return rows


def _months(inputs: Inputs, books: Books, money: dict[str, list[float]], first: int) -> list[dict[str, Any]]:
    """The sums of each month; a bar that closes as a month begins lies in the one before."""
    names = [f"{time - timedelta(seconds=1):%Y-%m}" for time in inputs.closes.index[first:]]
    rows, before = [], books.start
    for month in dict.fromkeys(names):
        inside = [row for row, name in enumerate(names) if name == month]
        sums = {name.capitalize(): math.fsum(values[row] for row in inside) for name, values in money.items()}
        total = math.fsum(sums.values())
        rows.append({"Month": month, **sums, "Hedge": 0.0, "Total": total, "Return": total / before})
        before = books.equity[inside[-1]]
    return rows


def _quarters(inputs: Inputs, books: Books, moves: Sequence[float], first: int) -> list[dict[str, Any]]:
    """The line of returns on the benchmark's moves in each quarter, with Newey and West's error of its slope."""
    times = [time - timedelta(seconds=1) for time in inputs.closes.index[first + 1 :]]
    names = [f"{time.year} Q{(time.month - 1) // 3 + 1}" for time in times]
    rows: list[dict[str, Any]] = []
    for quarter in dict.fromkeys(names):
        pairs = [
            (move, earned)
            for name, move, earned in zip(names, moves[1:], books.returns, strict=True)
            if name == quarter
        ]
        row: dict[str, Any] = {"Quarter": quarter, "Beta": None, "Lower": None, "Upper": None, "T": None}
        rows.append(row | {"Bars": float(len(pairs))} | (_slope(pairs) if len(pairs) >= FEWEST_BARS else {}))
    return rows


def _slope(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Beta with its band and t; nothing where the benchmark stood still."""
    across, up = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
    spread = math.fsum((x - across) ** 2 for x, _ in pairs)
    if len({x for x, _ in pairs}) < 2:
        return {}
    beta = math.fsum((x - across) * (y - up) for x, y in pairs) / spread
    weighed = [(x - across) * (y - up - beta * (x - across)) / spread for x, y in pairs]
    lags = math.floor(4 * (len(pairs) / 100) ** (2 / 9))
    variance = math.fsum(each * each for each in weighed)
    for lag in range(1, lags + 1):
        products = math.fsum(one * other for one, other in zip(weighed[lag:], weighed[:-lag], strict=True))
        variance += 2 * (1 - lag / (lags + 1)) * products
    error = math.sqrt(max(variance, 0.0))
    return {
        "Beta": beta,
        "Lower": beta - NORMAL * error,
        "Upper": beta + NORMAL * error,
        "T": beta / error if error else math.nan,
    }
