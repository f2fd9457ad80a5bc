"""Hedges of several kinds, weighed: by what each costs until the horizon, and by the variance that it takes away.

A unit of money in hedge j loads L_kj on factor k and costs buy_j when bought and sell_j when sold: fee, and what it
pays or earns until the horizon (funding of a perpetual, the carry of spot, premium and decay of an option). The trades

    least_cost       min sum cost_j |x_j|                                          L x = missing
    mean_variance    min sum cost_j |x_j| + a h / (2 C) Var(book + x)               L x = missing

with risk aversion a, horizon h in years and capital C. With beta fixed by the constraint, CAPM's reward for it is fixed
too, so that the second is the mean-variance optimum among all books of that beta. What is fully paid, the fees of all
trades and what they add to initial margin take no more than the cash.

One factor goes one way: each trade closes the gap, none opens it again, and no hedge is held against another for what
its carry earns. A hedge that loads on nothing is not traded. Where the limits or the cash do not reach, the trades come
as near as they can; whole lots within half of one, and only of what the optimum trades.

Source: Markowitz, Portfolio Selection (1959); Hull, Options, Futures, and Other Derivatives, 3.5 and 19.4 (delta).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...arrays import Array, Mask
from ...errors import InfeasibleError
from ...numeric.quadratic.certificate import Certificate
from ...records import dataclass
from ...tolerances import CERTIFIED, RANK
from .beta import SMALLEST_BETA
from .cost import CashTaken, HedgeMarket, HedgeRisk, cheapest_in_lots

__all__ = ["BookVariance", "Candidates", "WeighedHedge", "weigh_hedges"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """H hedges, `(H,)` each in money but the loadings, which are of a unit of money, `(K, H)`.

    `held` before; `buy` and `sell` cost of a unit until the horizon; `least` and `most` the position after the trade,
    infinite where there is no limit; `fully_paid` hedges take cash; `lots` one lot, 0 for none. Of cash the `fees` of a
    unit traded are paid too, and the `margins` of a unit of the position that the account has: `standing` before.
    """

    loadings: Array
    held: Array
    buy: Array
    sell: Array
    least: Array
    most: Array
    fully_paid: Mask
    lots: Array
    fees: Array
    margins: Array
    standing: Array


@dataclass(frozen=True, eq=False)
class BookVariance:
    """Covariance a year of a unit of each hedge with each other `(H, H)`, and with the book before `(H,)`, in money.

    `price` is risk aversion times the years of the horizon.
    """

    covariance: Array
    with_book: Array
    price: float


@dataclass(frozen=True, eq=False)
class WeighedHedge:
    """Trades `(H,)` in money, what they leave of the gap `(K,)`, and the proof of the optimum before rounding."""

    trades: Array
    miss: Array
    certificate: Certificate


def weigh_hedges(
    missing: Array, hedges: Candidates, capital: float, cash: float, variance: BookVariance | None = None
) -> WeighedHedge:
    """The trades that add `missing` `(K,)` to the exposures of the book, in money, by least cost or mean-variance.

    `capital` above 0 and `cash` at least 0, in money; `variance` None leaves the choice to cost.
    Raises InfeasibleError (no hedge moves the exposure that way), UndefinedError (carry pays without end: limits are
    missing) and NotConvergedError.
    """
    loadings = np.where(np.abs(hedges.loadings) < RANK, 0.0, hedges.loadings)
    # A position that is beyond its limits already stays where it is.
    low = np.minimum(hedges.least - hedges.held, 0.0) / capital
    high = np.maximum(hedges.most - hedges.held, 0.0) / capital
    if len(missing) == 1:
        closing = np.sign(missing[0]) * loadings[0]
        low = np.where(closing <= -SMALLEST_BETA, low, 0.0)
        high = np.where(closing >= SMALLEST_BETA, high, 0.0)
    else:
        still = ~loadings.any(axis=0)
        low, high = np.where(still, 0.0, low), np.where(still, 0.0, high)
    if not ((low < 0) | (high > 0)).any():
        raise InfeasibleError(
            "none of the hedges can be traded the way that is missing; take one that may be sold short, a put or a call"
        )
    market = HedgeMarket(
        held=hedges.held / capital,
        buy=hedges.buy,
        sell=hedges.sell,
        low=low,
        high=high,
        fully_paid=hedges.fully_paid,
        cash=cash / capital,
        taken=CashTaken(hedges.fees, hedges.margins, hedges.standing / capital),
        risk=None
        if variance is None
        else HedgeRisk(variance.price * variance.with_book / capital, variance.price * variance.covariance),
    )
    gap = missing / capital
    wanted, _, certificate = cheapest_in_lots(market, loadings, gap, np.zeros(hedges.held.size))
    # What the optimum leaves alone is not traded for the sake of the last lot either.
    traded = np.abs(wanted) > CERTIFIED
    chosen = replace(market, low=np.where(traded, low, 0.0), high=np.where(traded, high, 0.0))
    whole = wanted
    if (hedges.lots[traded] > 0).any():
        _, whole, _ = cheapest_in_lots(chosen, loadings, gap, hedges.lots / capital)
    trades = np.where(traded, whole, 0.0) * capital
    return WeighedHedge(trades, missing - loadings @ trades, certificate)
