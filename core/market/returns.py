"""Total returns of a perpetual future: the price move less the funding that the position settled.

    simple    r_t = p_t / p_{t-1} - 1 - f_t
    log       r_t = ln(p_t / p_{t-1}) - f_t

f_t is the sum of the rates settled in the bar that ends at t. A long pays it when it is positive; a short holds
the opposite position and earns exactly the negative of the long's simple return.

Source: Ackerer, Hugonnier and Jermann (2024), "Perpetual Futures Pricing".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import as_matrix, choice, enough, positive_prices
from ..errors import ArgumentError, say

__all__ = ["KINDS", "SIDES", "settled_rates", "total_returns"]

KINDS = ("simple", "log")
SIDES = ("long", "short")


def total_returns(
    prices: ArrayLike,
    funding: ArrayLike | None = None,
    kind: str = "simple",
    side: str = "long",
) -> Array:
    """Returns net of funding, one row fewer than prices.

    Shapes: `prices` and `funding` (T, N) -> (T-1, N). Units: decimals per bar. The first row of `funding` belongs
    to a bar that starts before the first price and is not used.
    NaN: a missing price leaves both returns beside it missing, missing funding the return of its bar; 0 where none.
    A short is the negative of the long simple return whatever `kind` is; a DataWarning says so when it is "log".
    Raises ArgumentError (shape, price not above zero, unknown kind or side) and MissingDataError (one row only).
    """
    kind = choice(kind, "kind", KINDS)
    side = choice(side, "side", SIDES)
    levels = positive_prices(as_matrix(prices, "prices"))
    enough(len(levels), 2, "prices")

    if kind == "log" and side == "short":
        kind = "simple"
        message = "kind 'log' is not used for a short: its return is the negative of the long simple return"
        say(message)

    before, after = levels[:-1], levels[1:]
    moves = (after - before) / before if kind == "simple" else np.log(after / before)
    long = moves - settled_rates(funding, levels, "prices")[1:]
    return -long if side == "short" else long


def settled_rates(funding: ArrayLike | None, block: Array, name: str) -> Array:
    """Funding rates as a block like `block` (T, N), the argument `name`; zero everywhere without `funding`.

    NaN: a rate that is missing stays so. Raises ArgumentError when the shapes differ.
    """
    if funding is None:
        return np.zeros_like(block)
    rates = as_matrix(funding, "funding")
    if rates.shape != block.shape:
        raise ArgumentError(
            f"funding is {rates.shape[0]} x {rates.shape[1]} where {name} are {block.shape[0]} x {block.shape[1]}; "
            "select the same rows and columns for both"
        )
    return rates
