"""Where a return came from: the market, what is the manager's own, funding and costs.

In each bar, with g = r - funding + costs the return before funding and costs,

    market       rf + beta (m - rf)         beta of g by least squares over all rows
    own          g - market
    funding      received positive
    costs        - costs

sum to r exactly. Returns compound, sums do not, so each part is linked over the bars by Carino's factors:

    C_k = sum_t c_k,t k_t / K        k_t = ln(1 + r_t) / r_t,   K = ln(1 + R) / R,   R = product of (1 + r_t) - 1

Then the parts sum to R exactly, whatever the order of the bars. A bar that loses everything has no logarithm.

Source: Carino, "Combining Attribution Effects Over Time", Journal of Performance Measurement 3 (1999).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_vector, complete_rows, enough, number, place_of
from ...errors import ArgumentError, UndefinedError
from ...estimate.capm import capm
from ...records import dataclass

__all__ = ["Attribution", "attribute", "linked"]

ROWS = ("portfolio_returns", "market_returns", "funding", "costs", "risk_free")
"""What each row is made of."""


@dataclass(frozen=True)
class Attribution:
    """Total return, its four parts, which sum to it, and the regression behind them.

    beta_part includes the risk-free rate; funding_part is positive where it was received; cost_part is 0 or below.
    alpha_t is the t of the intercept by Newey-West.
    """

    total: float
    beta_part: float
    alpha_part: float
    funding_part: float
    cost_part: float
    beta: float
    alpha_t: float


def attribute(
    portfolio_returns: ArrayLike,
    market_returns: ArrayLike,
    funding: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    risk_free: ArrayLike = 0.0,
    periods_per_year: float = 365,
) -> Attribution:
    """Attribute a portfolio's returns, linked over all rows.

    Args:
        portfolio_returns: (T,) per bar, after funding and costs.
        market_returns: (T,) per bar.
        funding: (T,) or one, of each bar as a return of the portfolio, received positive; None: none.
        costs: (T,) or one, of each bar as a return, 0 or above; None: none.
        risk_free: (T,) or one, a year.
        periods_per_year: bars a year.

    NaN: a row with a gap is left out of everything, and that is said. Raises ArgumentError (lengths, costs below 0),
    MissingDataError (fewer than 3 complete rows) and UndefinedError (a constant market, a return of -1 or less).
    """
    earned = as_vector(portfolio_returns, "portfolio_returns")
    market = as_vector(market_returns, "market_returns")
    aligned(earned, "portfolio_returns", market, "market_returns")
    received = as_vector(0.0 if funding is None else funding, "funding", earned.size, each="row")
    paid = as_vector(0.0 if costs is None else costs, "costs", earned.size, each="row")
    annual = as_vector(risk_free, "risk_free", earned.size, each="row")
    if (paid < 0).any():
        raise ArgumentError(f"costs is {paid[paid < 0][0]:g}{place_of(paid < 0)}; it must be at least 0")
    rows = np.column_stack([earned, market, received, paid, annual])
    for name, values in zip(ROWS, rows.T, strict=True):
        enough(int(np.isfinite(values).sum()), 3, name)
    rows = rows[complete_rows(rows, ", ".join(ROWS))]
    enough(len(rows), 3, "portfolio_returns")
    earned, market, received, paid, annual = rows.T
    return _attributed(earned, market, received, paid, annual, number(periods_per_year, "periods_per_year", above=0))


def _attributed(
    earned: Array, market: Array, received: Array, paid: Array, annual: Array, periods: float
) -> Attribution:
    """The parts of complete rows, `(T,)` each."""
    gross, rate = earned - received + paid, annual / periods
    fit = capm(gross, market, annual, periods, standard_errors="newey_west")
    by_market = rate + fit.beta[0] * (market - rate)
    parts = np.column_stack([by_market, gross - by_market, received, -paid])
    total, shares = linked(parts, earned)
    market_part, own_part, funding_part, cost_part = shares.tolist()
    return Attribution(total, market_part, own_part, funding_part, cost_part, float(fit.beta[0]), float(fit.alpha_t[0]))


def linked(parts: Array, returns: Array) -> tuple[float, Array]:
    """Compounded return of `returns` `(T,)`, and the contributions to it of `parts` `(T, K)` that sum to each of them.

    Raises UndefinedError (a return of -1 or less).
    """
    if (returns <= -1).any():
        row = int(np.argmax(returns <= -1)) + 1
        raise UndefinedError(
            f"portfolio_returns is {returns[row - 1]:g} at row {row}: all was lost there, and the parts of what "
            "compounds do not exist; end the rows before it"
        )
    logs = np.log1p(returns)
    whole = float(logs.sum())
    total = float(np.expm1(whole))
    factors = np.divide(logs, returns, out=np.ones(returns.shape), where=returns != 0)
    return total, np.asarray(factors @ parts / (whole / total if total != 0 else 1.0))
