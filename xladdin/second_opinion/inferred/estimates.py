"""What is inferred of each contract: beta, CAPM line, volatility, funding and the return that a long may expect.

expected = risk-free + beta (market - risk-free) - funding + tilt (implied^2 - mean r^2 a year)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ..inputs import Inputs
from ..not_stated import NotStatedError
from ..tables import Frame, Series
from .betas import NOT_STATED, beta_of, line_of, shrunk
from .covariances import covariance_of
from .past import forecast_funding, known_share, mean_funding, returns_of
from .swings import garch_volatility, last_regime

__all__ = ["Estimates", "estimates_of"]

FEWEST_RETURNS = 30
SHORTEST, LONGEST = 4.0, 168.0
"""Hours between trades by a clock that looks at the market, at least and at most."""


@dataclass(frozen=True)
class Estimates:
    """One row a contract in play in `table`, by the headings of Estimates; contracts without enough returns are NaN.

    `covariance` is a year's, of the contracts that are known; None where it is not stated, and `missing` says why.
    """

    table: Frame
    market: dict[str, Any]
    returns: Frame
    benchmark: Series
    known: list[str]
    covariance: Frame | None
    missing: dict[str, str]
    """Why a heading of Estimates is not stated, by heading; under `Covariance` why that is not."""

    def of(self, heading: str) -> Series:
        """One figure of the contracts that are known."""
        series: Series = self.table.loc[self.known, heading].astype(float)
        return series


def estimates_of(inputs: Inputs) -> Estimates:
    """The estimates over the window that Settings ask for."""
    import numpy as np

    window = int(inputs.number("Window"))
    inputs = _latest(inputs, window)
    returns = returns_of(inputs)
    market = returns[inputs.benchmark]
    first, swing = last_regime(market.to_numpy())
    usual = float(market.std(ddof=1))
    state = {
        "Regime began": inputs.closes.index[first],
        "Regime bars": float(len(market) - first),
        "Regime volatility": swing * math.sqrt(inputs.bars_a_year),
        "Usual volatility": usual * math.sqrt(inputs.bars_a_year),
        "Rebalance every": _interval(inputs, usual / swing),
    }
    if inputs.words["RegimeWindow"] == "y":
        inputs = _latest(inputs, len(market) - first)
        returns, market = returns.iloc[first:], market.iloc[first:]
    state["Bars used"] = float(len(market))
    symbols = list(inputs.universe.index)
    table = _contracts(inputs, returns[symbols], market)
    known = [symbol for symbol in symbols if table.at[symbol, "Observations"] >= FEWEST_RETURNS]
    missing: dict[str, str] = {}
    method = inputs.words["BetaMethod"]
    if method in NOT_STATED:
        missing |= dict.fromkeys(("Beta", "Premium", "ExpectedReturn"), f"BetaMethod {method}: {NOT_STATED[method]}")
        table[list(missing)] = np.nan
    elif method == "shrunk":
        table.loc[known, "Beta"] = shrunk(table.loc[known, "Beta"], table.loc[known, "BetaError"])
    _price(inputs, table)
    covariance = _covariance(inputs, returns[known], market, missing)
    return Estimates(table, state, returns[symbols], market, known, covariance, missing)


def _latest(inputs: Inputs, bars: int) -> Inputs:
    rows = slice(-(bars + 1), None)
    return replace(
        inputs,
        closes=inputs.closes.iloc[rows],
        funding=inputs.funding.iloc[rows],
        unread=inputs.unread.iloc[rows],
        factors=inputs.factors[inputs.factors.index >= inputs.closes.index[rows][0]],
    )


def _interval(inputs: Inputs, calm: float) -> float:
    """Hours from trade to trade, where the market is so much calmer than usual."""
    bar = inputs.number("BarHours")
    hours, shortest = max(inputs.number("ClockHours"), bar), max(SHORTEST, bar)
    if inputs.words["Clock"] == "every":
        return hours
    asked = hours * (calm**2 if inputs.words["Clock"] == "drift" else calm**-2)
    return min(max(asked, shortest), max(LONGEST, shortest))


def _contracts(inputs: Inputs, returns: Frame, market: Series) -> Frame:
    """What is read off one contract at a time."""
    import numpy as np
    import pandas as pd

    bars, free = inputs.bars_a_year, inputs.number("RiskFree")
    funding = mean_funding if inputs.words["FundingMethod"] == "mean" else forecast_funding
    rows = {}
    for symbol, asset in returns.items():
        terms = inputs.universe.loc[symbol]
        count = int((asset.notna() & market.notna()).sum())
        settled = (inputs.closes[symbol], inputs.funding[symbol], inputs.unread[symbol], inputs.number("BarHours"))
        row = {"Price": terms["Price"], "View": terms["View"]}
        row |= {"Observations": float(count), "MissingBars": float(len(market) - count)}
        row["FundingKnown"] = known_share(*settled)
        if count >= FEWEST_RETURNS:
            line = line_of(asset - free / bars, market - free / bars)
            realised = float((asset**2).mean()) * bars
            row |= {
                "Beta": beta_of(asset, market, inputs.words["BetaMethod"], inputs.number("BetaHalflife")),
                "BetaError": line.stderr,
                "Alpha": line.intercept * bars,
                "RSquared": line.rvalue**2 if asset.nunique() > 1 else math.nan,
                "VolatilityNow": garch_volatility(asset.to_numpy()) * math.sqrt(bars),
                "Volatility": float(asset.std(ddof=1)) * math.sqrt(bars),
                "VariancePremium": terms["ImpliedVol"] ** 2 - realised,
                "FundingAnnual": funding(*settled),
            }
        rows[symbol] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.reindex(columns=[*table.columns, *({"Beta", "VolatilityNow"} - set(table.columns))]).astype(np.float64)


def _price(inputs: Inputs, table: Frame) -> None:
    """What a long earns: the premium of its beta, or the view of the analyst, less funding."""
    free = inputs.number("RiskFree")
    table["Premium"] = table["Beta"] * (inputs.number("MarketReturn") - free)
    table["Premium"] = (table["View"] - free).where(
        table["View"].notna() & table["BetaError"].notna(), table["Premium"]
    )
    tilt = inputs.number("VrpCoefficient") * table["VariancePremium"].fillna(0.0)
    table["ExpectedReturn"] = free + table["Premium"] - table["FundingAnnual"] + tilt


def _covariance(inputs: Inputs, returns: Frame, market: Series, missing: dict[str, str]) -> Frame | None:
    import pandas as pd

    method = inputs.words["CovarianceMethod"]
    try:
        matrix = covariance_of(returns, market, method, inputs.number("BetaHalflife")) * inputs.bars_a_year
    except NotStatedError as error:
        missing["Covariance"] = str(error)
        return None
    return pd.DataFrame(matrix, index=returns.columns, columns=returns.columns)
