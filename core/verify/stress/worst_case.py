"""The worst case of a book when the market's move and the betas are both uncertain: x in a range, and a shift d in one.

    r_i(x, d) = max((beta_i + d) x, -1) = max(beta_i u + w, -1)        with u = x, w = d x

In (u, w) every return is a straight line cut off at -1, so profit and headroom are made of flat pieces, and the box of
(x, d) is the region between the rays w = d_min u and w = d_max u, from u = x_min to x_max. A cut-off bends them upwards
along the line beta_i u + w = -1; tiers only bend headroom downwards. On each piece between cut-offs they are therefore
concave, and least at a corner of it: a corner of the box, or where a cut-off meets an edge of the box. (Two cut-offs
meet at u = 0 only, where nothing moves.) Without a cut-off in the box, that leaves its corners and x = 0.

Source: Horst and Tuy, "Global Optimization", ch. 1 (a concave function on a polytope is least at a vertex).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import choice, for_held, numbers
from ...errors import ArgumentError
from ...records import dataclass
from ..blocks import blocks
from ..path.account import Account, needs
from ..path.book import Book

__all__ = ["MEASURES", "WorstCase", "worst_case"]

MEASURES = ("pnl", "headroom")


@dataclass(frozen=True, eq=False)
class WorstCase:
    """The worst point of the box, of the book held throughout; money in quote.

    market_shock, beta_shift    where it is; the first found where several are equally bad
    pnl, equity_after           profit, and equity with it
    headroom                    the least of equity less maintenance over the cross account and those that stand alone
    contract_pnl (N,)           profit of each contract
    """

    market_shock: float
    beta_shift: float
    pnl: float
    equity_after: float
    headroom: float
    contract_pnl: Array


def worst_case(
    book: Book,
    betas: ArrayLike,
    market_range: ArrayLike,
    shift_range: ArrayLike,
    measure: str = "pnl",
) -> WorstCase:
    """The worst profit, or headroom, over all market moves and beta shifts of a box, exact.

    `market_range` and `shift_range`: lowest and highest, decimals and pure numbers; `measure` "pnl" or "headroom".
    `betas` (N,) may be missing (NaN) where nothing is held. Raises ArgumentError (bounds, lengths), MissingDataError.
    """
    slopes = np.where(book.held, for_held(betas, "betas", book.held), 0.0)
    market, shift = _range(market_range, "market_range", at_least=-1.0), _range(shift_range, "shift_range")
    by_profit = choice(measure, "measure", MEASURES) == "pnl"
    account = book.account
    x, d = _candidates(slopes[book.held], market, shift)
    profits, headrooms = _measured(account, slopes, x, d)
    worst = int(np.argmin(profits if by_profit else headrooms))
    returns = np.maximum((slopes + d[worst]) * x[worst], -1.0)
    return WorstCase(
        market_shock=float(x[worst]),
        beta_shift=float(d[worst]),
        pnl=float(profits[worst]),
        equity_after=book.equity + float(profits[worst]),
        headroom=float(headrooms[worst]),
        contract_pnl=account.values * returns,
    )


def _range(values: ArrayLike, name: str, at_least: float | None = None) -> Array:
    ends = numbers(values, name, at_least=at_least)
    if ends.size != 2 or ends[0] > ends[1]:
        raise ArgumentError(f"{name} must be two numbers, the lowest and the highest")
    return ends


def _candidates(betas: Array, market: Array, shift: Array) -> tuple[Array, Array]:
    """Corners of the box and where x = 0 cuts it; and every point of its edges at which a price reaches zero."""
    zero = np.clip(0.0, *market)
    corners = [(x, d) for x in (*market, zero) for d in shift]
    x, d = np.array(corners).T
    with np.errstate(divide="ignore"):
        on_sides = -1 / market[:, np.newaxis] - betas
        on_rays = -1 / (shift[:, np.newaxis] + betas)
    found_x = np.concatenate([x, np.repeat(market, betas.size), on_rays.ravel()])
    found_d = np.concatenate([d, on_sides.ravel(), np.repeat(shift, betas.size)])
    inside = (found_x >= market[0]) & (found_x <= market[1]) & (found_d >= shift[0]) & (found_d <= shift[1])
    return found_x[inside], found_d[inside]


def _measured(account: Account, betas: Array, x: Array, d: Array) -> tuple[Array, Array]:
    """Profit and least headroom at each point, in blocks."""
    alone = account.alone
    profits, headrooms = np.empty(x.size), np.empty(x.size)
    for block in blocks(x.size, betas.size):
        returns = np.maximum((betas + d[block, np.newaxis]) * x[block, np.newaxis], -1.0)
        gains = account.values * returns
        left = gains - needs(account, 1 + returns)
        cross = account.equity - account.isolated[alone].sum() + np.where(alone, 0.0, left).sum(axis=1)
        own = np.where(alone, account.isolated + left, np.inf).min(axis=1)
        has_cross = bool((~alone & (account.values != 0)).any()) or not alone.any()
        profits[block] = gains.sum(axis=1)
        headrooms[block] = np.minimum(cross, own) if has_cross else own
    return profits, headrooms
