"""What became of a ledger: the figures of the sheet Backtest by their definitions, in plain loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from statistics import NormalDist, fmean, stdev
from typing import Any

from ..inputs import Inputs
from .ledger import Books

__all__ = ["falls_of", "figures_of", "long_run_t"]

EULER = 0.5772156649015329


def figures_of(inputs: Inputs, books: Books, market: Sequence[float], decisions: int, trials: float) -> dict[str, Any]:
    """The measures of the table, by name; those without a value are NaN. Here every bar is its parts: Identity is 0."""
    returns, year = books.returns, inputs.bars_a_year
    rate = inputs.number("RiskFree")
    excess = [each - rate / year for each in returns]
    downside = math.sqrt(fmean(min(each, 0.0) ** 2 for each in excess))
    sharpe = fmean(excess) / stdev(excess) if stdev(excess) else math.nan
    beta, alpha = _line([each - rate / year for each in market], excess)
    total = books.equity[-1] / books.start - 1
    gross = [math.fsum(abs(weight) for weight in books.weights(row)) for row in range(len(books.equity))]
    return {
        "Total return": total,
        "Annual return": math.exp(math.fsum(math.log1p(each) for each in returns) * year / len(returns)) - 1,
        "Volatility": stdev(returns) * math.sqrt(year),
        "Sharpe ratio": sharpe * math.sqrt(year),
        "Sortino ratio": fmean(excess) * math.sqrt(year) / downside if downside else math.nan,
        "Deflated Sharpe ratio": _deflated(excess, sharpe, trials),
        "Maximum drawdown": max((fall["Depth"] for fall in falls_of(returns)), default=0.0),
        "Worst bar": min(returns),
        "Beta": beta,
        "Alpha": alpha * year,
        "Mean gross": fmean(gross),
        "Turnover": math.fsum(books.turnover) * year / len(returns),
        "Price P&L": books.total("pnl"),
        "Funding": books.total("funding"),
        "Fees": -books.total("fees"),
        "Slippage": -books.total("slippage"),
        "Liquidation": 0.0,
        "Interest": math.fsum(books.interest) / books.start,
        "Equity at the end": books.equity[-1],
        "Least equity": min(books.equity),
        "Liquidations": 0.0,
        "Decisions": float(decisions),
        "Identity": 0.0,
    }


def falls_of(returns: Sequence[float]) -> list[dict[str, Any]]:
    """Each fall until its peak is reached again: depth, and the rows of peak, trough and end (None: not yet)."""
    worth = list(accumulate(returns, lambda value, each: value * (1 + each), initial=1.0))
    falls, peak, row = [], 0, 1
    while row < len(worth):
        if worth[row] >= worth[peak] * (1 - 1e-12):
            peak, row = (row if worth[row] >= worth[peak] else peak), row + 1
            continue
        end = next((later for later in range(row, len(worth)) if worth[later] >= worth[peak] * (1 - 1e-12)), None)
        trough = min(range(row, len(worth) if end is None else end), key=worth.__getitem__)
        falls.append({"Depth": 1 - worth[trough] / worth[peak], "Peak": peak, "Trough": trough, "Recovered": end})
        if end is None:
            break
        peak, row = end, end + 1
    return sorted(falls, key=lambda fall: -fall["Depth"])


def long_run_t(values: Sequence[float]) -> float:
    """t of a mean by Newey and West, with floor(4 (T / 100)^(2/9)) lags; NaN where nothing varies."""
    count, mean = len(values), fmean(values)
    away = [each - mean for each in values]
    lags = math.floor(4 * (count / 100) ** (2 / 9))
    variance = math.fsum(each * each for each in away)
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        variance += 2 * weight * math.fsum(one * other for one, other in zip(away[lag:], away[:-lag], strict=True))
    error = math.sqrt(max(variance, 0.0)) / count
    return mean / error if error else math.nan


def _line(market: Sequence[float], own: Sequence[float]) -> tuple[float, float]:
    """Slope and level of own on market, over the bars that have both; NaN where the market stood still."""
    pairs = [(x, y) for x, y in zip(market, own, strict=True) if not math.isnan(x)]
    if len({x for x, _ in pairs}) < 2:
        return math.nan, math.nan
    across, up = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
    slope = math.fsum((x - across) * (y - up) for x, y in pairs) / math.fsum((x - across) ** 2 for x, _ in pairs)
    return slope, up - slope * across


def _deflated(excess: Sequence[float], sharpe: float, trials: float) -> float:
    """Bailey and Lopez de Prado's chance that it is no luck of so many trials, each without skill."""
    count, mean = len(excess), fmean(excess)
    away = [each - mean for each in excess]
    spread = math.sqrt(fmean(each**2 for each in away))
    if not spread:
        return math.nan
    skewness, kurtosis = (fmean((each / spread) ** power for each in away) for power in (3, 4))
    luck = 0.0
    if trials > 1:
        normal = NormalDist()
        best = (1 - EULER) * normal.inv_cdf(1 - 1 / trials) + EULER * normal.inv_cdf(1 - 1 / (trials * math.e))
        luck = best / math.sqrt(count - 1)
    error = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    return NormalDist().cdf((sharpe - luck) * math.sqrt((count - 1) / error))
