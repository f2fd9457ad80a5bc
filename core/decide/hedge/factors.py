"""Factor hedge: the least costly trades in many instruments that bring the exposures of a book to their targets.

    exposure e_k = (sum_i L_ki n_i + sum_j G_kj h_j) / capital           K factors, N contracts, H hedges
    trades x     : G x = (target - e) capital, at the least of

    sum_j c_j |x_j| + f_j (days / 365) x_j                               trading cost, and funding over the horizon

Funding f > 0 is paid by longs and earned by shorts, so a short hedge of a contract with high funding is cheap. Among
equal costs the least gross. (Where funding pays more than trading costs, the least cost holds offsetting hedges, as far
as their limits go; leave funding_rates out to trade for the exposures alone.)

Where the targets cannot all be met (more factors than hedges, limits on positions), the exposures nearest to them in
(weighted) least squares are, again at least cost; a DataWarning names what is left open.

What can serve as a hedge: anything with loadings, a cost, a carry and limits.

    perpetual    loadings, funding, margin only: takes no cash
    spot         the same loadings, funding 0, fully paid: a purchase takes its notional in cash, and what that cash
                 would have earned is its carry; min_notional 0, for what is not held cannot be sold
    stablecoin   has no loadings, so it moves no exposure itself: one hedges into it by selling what is held. List the
                 held contract itself as a hedge, with its notional in hedge_notionals (and not in notionals), and
                 limits from 0 to what is held

Source: Hull, Options, Futures, and Other Derivatives, section 3.5, for one factor; with several it is the linear system
above (Grinold and Kahn, Active Portfolio Management (2000), ch. 3, for loadings and exposures).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, as_vector, finite, number, numbers
from ...errors import ArgumentError, InfeasibleError, say
from ...numeric.quadratic.certificate import Certificate
from ...records import dataclass
from ...tolerances import REPORTED
from ...units import BASIS_POINT, DAYS_PER_YEAR
from .beta import capital_of
from .cost import HedgeMarket, cheapest_in_lots
from .lots import in_contracts, lot_notionals

__all__ = ["FactorHedge", "hedge_factors"]

MOST_TRADED = 100
"""Trades of so many times the capital are said: hedges that are nearly alike need them."""


@dataclass(frozen=True)
class FactorHedge:
    """Trades `(H,)`, buy positive, and exposures `(K,)` of the whole book on capital, hedges held included.

    `cost` is of trading, `funding` what the trades pay (+) or earn (-) over the horizon, both `(H,)` in money, as is
    `cash`: what the fully paid hedges take (+) or free (-). `miss` is exposure_after less the target. `certificate`
    proves the least cost of the trades before any rounding to lots.
    """

    trade_notional: Array
    trade_contracts: Array
    cost: Array
    funding: Array
    cash: float
    exposure_before: Array
    exposure_after: Array
    miss: Array
    certificate: Certificate


def hedge_factors(
    notionals: ArrayLike,
    loadings: ArrayLike,
    hedge_loadings: ArrayLike,
    targets: ArrayLike = 0,
    capital: float | None = None,
    *,
    hedge_notionals: ArrayLike = 0,
    cost_bps: ArrayLike = 0,
    funding_rates: ArrayLike = 0,
    horizon_days: float = 0,
    min_notional: ArrayLike | None = None,
    max_notional: ArrayLike | None = None,
    fully_paid: ArrayLike = 0,
    cash: float | None = None,
    prices: ArrayLike | None = None,
    lot_sizes: ArrayLike | None = None,
    factor_weights: ArrayLike = 1,
) -> FactorHedge:
    """The trades in H hedges that bring K exposures to `targets` at least cost, or as near as can be.

    Args:
        notionals: (N,) of the positions, in money, long positive.
        loadings: (K, N) of the positions, one row a factor; of one factor, a column will do.
        hedge_loadings: (K, H) of the hedges, likewise.
        targets: (K,) or one, exposures on capital.
        capital: money that exposures are measured on; None is the gross of the notionals.
        hedge_notionals: (H,) or one, in money, of the hedges held already.
        cost_bps: (H,) or one, basis points of the notional traded.
        funding_rates: (H,) or one, decimals a year; longs pay when positive.
        horizon_days: over which funding is counted.
        min_notional: (H,) or one, least position after the trade, in money; NaN or None does not limit.
        max_notional: (H,) or one, largest position after the trade, in money; NaN or None does not limit.
        fully_paid: (H,) or one, 1 for spot, whose purchases take cash; 0 for margin.
        cash: money that those purchases may take in all; None is no limit.
        prices: (H,) of the hedges, quote a coin; needed for lots and for contracts.
        lot_sizes: (H,) or one, in contracts, rounded to the exposures nearest to the targets; 0 is not rounded.
        factor_weights: (K,) or one, what a miss of each factor counts where not all targets can be met.

    NaN: a contract of notional 0 needs no loadings.
    Raises ArgumentError, MissingDataError, InfeasibleError (limits that contradict each other), UndefinedError
    (funding pays without end: limits are missing) and NotConvergedError.
    """
    held = numbers(notionals, "notionals")
    book = _loadings(loadings, "loadings", columns=held.size)
    book = finite(np.where(held == 0, 0.0, book), "loadings")
    hedges = finite(_loadings(hedge_loadings, "hedge_loadings", rows=len(book)), "hedge_loadings")
    if not hedges.any():
        raise ArgumentError("hedge_loadings are all 0, so no hedge moves a factor; take contracts that load on them")
    factors, count = hedges.shape
    goals = numbers(targets, "targets", factors, each="factor")
    weights = numbers(factor_weights, "factor_weights", factors, above=0, each="factor")
    base = capital_of(held, capital, "exposure")
    existing = numbers(hedge_notionals, "hedge_notionals", count, each="hedge")
    rates = numbers(cost_bps, "cost_bps", count, at_least=0, each="hedge") * BASIS_POINT
    days = number(horizon_days, "horizon_days", at_least=0)
    carry = numbers(funding_rates, "funding_rates", count, each="hedge") * days / DAYS_PER_YEAR
    least, most = _limits(min_notional, max_notional, count)
    paid = numbers(fully_paid, "fully_paid", count, at_least=0, at_most=1, each="hedge") != 0
    available_cash = np.inf if cash is None else number(cash, "cash", at_least=0)
    quotes, lot_sizes, lots = lot_notionals(prices, lot_sizes, count)

    before = (book @ held + hedges @ existing) / base
    market = HedgeMarket(
        held=existing / base,
        buy=rates + carry,
        sell=rates - carry,
        low=(least - existing) / base,
        high=(most - existing) / base,
        fully_paid=paid,
        cash=available_cash / base,
    )
    weighted, gap = hedges * weights[:, np.newaxis], (goals - before) * weights
    unrounded, whole, certificate = cheapest_in_lots(market, weighted, gap, lots / base)
    _say_what_is_missed(before + hedges @ unrounded - goals)
    _say_what_is_excessive(float(np.abs(unrounded).sum()))
    contracts, trades = in_contracts(whole * base, quotes, lot_sizes)
    after = before + hedges @ trades / base
    return FactorHedge(
        trade_notional=trades,
        trade_contracts=contracts,
        cost=np.abs(trades) * rates,
        funding=trades * carry,
        cash=float(trades[paid].sum()),
        exposure_before=before,
        exposure_after=after,
        miss=after - goals,
        certificate=certificate,
    )


def _loadings(values: ArrayLike, name: str, rows: int | None = None, columns: int | None = None) -> Array:
    """One row a factor, one column a contract; a single factor may also stand in one column."""
    table = as_matrix(values, name)
    if table.shape[1] == 1 and (rows == 1 or (rows is None and columns == len(table))):
        table = table.T
    for found, needed, what in ((len(table), rows, "rows"), (table.shape[1], columns, "columns")):
        if needed is not None and found != needed:
            each = "factor" if what == "rows" else "contract"
            raise ArgumentError(f"{name} has {found} {what} where {needed} are needed, one for each {each}")
    return table


def _limits(min_notional: ArrayLike | None, max_notional: ArrayLike | None, count: int) -> tuple[Array, Array]:
    """Limits of each position `(H,)`, infinite where there is none. Raises InfeasibleError where they cross."""
    least = as_vector(np.nan if min_notional is None else min_notional, "min_notional", count)
    most = as_vector(np.nan if max_notional is None else max_notional, "max_notional", count)
    if (least > most).any():
        first = int(np.argmax(least > most))
        raise InfeasibleError(
            f"min_notional {least[first]:g} exceeds max_notional {most[first]:g} at position {first + 1}; move one"
        )
    return np.where(np.isnan(least), -np.inf, least), np.where(np.isnan(most), np.inf, most)


def _say_what_is_missed(miss: Array) -> None:
    worst = int(np.argmax(np.abs(miss)))
    if abs(miss[worst]) > REPORTED:
        say(
            f"targets: the hedges cannot meet them all; factor {worst + 1} stays {miss[worst]:+.4g} away, "
            "the nearest in least squares"
        )


def _say_what_is_excessive(multiple: float) -> None:
    if multiple > MOST_TRADED:
        say(
            f"hedge_loadings are so small or so nearly alike that the trades are {multiple:.0f} times the capital; "
            "take other hedges or state min_notional and max_notional"
        )
