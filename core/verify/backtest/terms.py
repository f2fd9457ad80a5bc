"""The terms on which a book is traded: what a trade costs, what must be held, and how long an order takes."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import numbers, whole

__all__ = ["Terms"]


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of N contracts, each one value for all or `(N,)`.

    fee, slippage        of the notional traded
    maintenance_rates    of the notional held, below which the exchange closes
    liquidation_fee      of the notional that it closes
    lots                 smallest step of a position in contracts, 0 = any
    delay                rows from a decision to its trade

    Raises ArgumentError (out of range), MissingDataError (a gap).
    """

    fee: ArrayLike = 0.0
    slippage: ArrayLike = 0.0
    maintenance_rates: ArrayLike = 0.01
    liquidation_fee: ArrayLike = 0.0
    lots: ArrayLike = 0.0
    delay: int = 0

    def __post_init__(self) -> None:
        for name in ("fee", "slippage", "lots"):
            object.__setattr__(self, name, numbers(getattr(self, name), name, at_least=0))
        for name in ("maintenance_rates", "liquidation_fee"):
            object.__setattr__(self, name, numbers(getattr(self, name), name, at_least=0, below=1))
        object.__setattr__(self, "delay", whole(self.delay, "delay", at_least=0))

    def of_each(self, name: str, contracts: int) -> Array:
        """The terms of that name as `(N,)`. Raises ArgumentError (lengths)."""
        return numbers(getattr(self, name), name, contracts)
