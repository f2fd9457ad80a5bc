"""The terms on which a book is traded: what a trade costs, what must be held and where that is looked at.

    margin      close     the account is looked at where bars close, as `path` has it
                range     before that also where all contracts stand at their lows, and where all stand at their highs
                mark      the same at the lows and highs of the mark, by which exchanges liquidate

A bar in which longs stand at their lows while shorts stand at their highs would liquidate every hedged book, so it is
never looked at. The lows and highs of a bar are of the last price: a wick of it that the mark has not seen liquidates
by `range` what no exchange did.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_vector, choice, number, numbers, place_of, whole
from ...errors import ArgumentError
from ...market.tiers import Tiers
from ...records import dataclass

__all__ = ["MARGIN_CHECKS", "Terms"]

MARGIN_CHECKS = ("close", "range", "mark")


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of N contracts, each one value for all or `(N,)`.

    fee, slippage        of the notional traded, at stops too
    maintenance_rates    of the notional held, below which the exchange closes
    liquidation_fee      of the notional that it closes
    lots                 smallest step of a position, 0 = any: coins of a linear contract, quote of an inverse one
    delay                rows from a decision to its trade
    tiers                one table for all or one a contract, in place of the rate; None leaves the rate
    inverse              whether the contract is margined in its coin: held at a fixed value in quote, its tiers in coin
    isolated             collateral that a position alone is given at each trade, of its notional; NaN = cross margin
    stops                loss since the entry at which a position is left, of the entry price; NaN = none
    interest             a year on the equity of the account
    margin               one of MARGIN_CHECKS

    Raises ArgumentError (out of range), MissingDataError (a gap where none is allowed).
    """

    fee: ArrayLike = 0.0
    slippage: ArrayLike = 0.0
    maintenance_rates: ArrayLike = 0.01
    liquidation_fee: ArrayLike = 0.0
    lots: ArrayLike = 0.0
    delay: int = 0
    tiers: Tiers | Sequence[Tiers | None] | None = None
    inverse: ArrayLike = False
    isolated: ArrayLike = np.nan
    stops: ArrayLike = np.nan
    interest: float = 0.0
    margin: str = "close"

    def __post_init__(self) -> None:
        for name in ("fee", "slippage", "lots"):
            object.__setattr__(self, name, numbers(getattr(self, name), name, at_least=0))
        for name in ("maintenance_rates", "liquidation_fee"):
            object.__setattr__(self, name, numbers(getattr(self, name), name, at_least=0, below=1))
        for name in ("isolated", "stops"):
            object.__setattr__(self, name, _above_zero(getattr(self, name), name))
        object.__setattr__(self, "inverse", numbers(self.inverse, "inverse") != 0)
        object.__setattr__(self, "delay", whole(self.delay, "delay", at_least=0))
        object.__setattr__(self, "interest", number(self.interest, "interest"))
        object.__setattr__(self, "margin", choice(self.margin, "margin", MARGIN_CHECKS))

    def of_each(self, name: str, contracts: int) -> Array:
        """The terms of that name as `(N,)`. Raises ArgumentError (lengths)."""
        return as_vector(getattr(self, name), name, contracts)

    def linear(self, contracts: int) -> Mask:
        """Which contracts are linear, `(N,)`. Raises ArgumentError (lengths)."""
        return np.asarray(self.of_each("inverse", contracts) == 0)


def _above_zero(values: ArrayLike, name: str) -> Array:
    """As a vector, NaN left. Raises ArgumentError."""
    vector = as_vector(np.atleast_1d(np.asarray(values, dtype=np.float64)), name)
    wrong = vector <= 0
    if wrong.any():
        raise ArgumentError(f"{name} is {vector[wrong][0]:g}{place_of(wrong)}; it must be above 0, or blank for none")
    return vector
