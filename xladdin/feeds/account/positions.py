"""What is held of each contract, its long and short sides netted into one position with the same open profit.

    q = l + s                       sides in coins, or of an inverse contract in its quote currency; s is negative
    linear     e = (l e_l + s e_s) / q
    inverse    e = q / (l / e_l + s / e_s)

so that q and e have at any price the profit that both sides have, apart from what is locked in where q is 0.
Source: the profit of each kind of contract, `core.market.contract`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from core.errors import AccountError
from core.records import dataclass

__all__ = ["Account", "Leg", "Position", "Side", "amount_of", "net"]

DIGITS = 12
"""Of a quantity: no venue counts finer, and 3 contracts of 0.1 are 0.3."""


@dataclass(frozen=True)
class Side:
    """One side of a contract, NaN where something is not told; on the desk in its units and in quote currency.

    quantity     negative is short
    entry, mark  average price of entry, the price now
    profit       unrealised, at the price `mark`
    isolated     whether it is backed by what was posted for it alone, which is `posted`; None: not told
    """

    quantity: float
    entry: float = math.nan
    mark: float = math.nan
    profit: float = math.nan
    isolated: bool | None = False
    posted: float = math.nan

    def on_desk(self, size: float, rate: float) -> Side:
        """The side as the desk counts it: amounts of `size` each, money worth `rate` in quote currency."""
        return replace(
            self,
            quantity=amount_of(self.quantity, size),
            entry=self.entry if self.entry > 0 else math.nan,
            profit=self.profit * rate,
            posted=self.posted * rate if self.isolated else math.nan,
        )


@dataclass(frozen=True)
class Leg:
    """One side as a venue or a file tells it: the contract by its name there, counted as there, money as it settles."""

    name: str
    side: Side


@dataclass(frozen=True)
class Position:
    """What is held of a contract.

    symbol    the desk's name of it
    inverse   how it settles; None: as the desk has it
    held      the sides together
    sides     as many as there were
    """

    symbol: str
    inverse: bool | None
    held: Side
    sides: int = 1


@dataclass(frozen=True)
class Account:
    """What was read of an account.

    source     the venue or the file
    positions  each contract once
    equity     in USD; None: it does not say
    notes      what was netted, left out or is not known, a sentence each
    """

    source: str
    positions: tuple[Position, ...]
    equity: float | None
    notes: tuple[str, ...] = ()


def amount_of(contracts: float, size: float) -> float:
    """Contracts times their size, without the noise of the product."""
    return float(f"{contracts * size:.{DIGITS}g}")


def net(symbol: str, sides: Sequence[Side], inverse: bool) -> Side:
    """All sides of one contract as one. Raises AccountError for a quantity that is no number.

    It is backed as its largest side is; what is posted for isolated sides is added up.
    """
    for side in sides:
        if not math.isfinite(side.quantity):
            raise AccountError(f"the quantity of {symbol} is no number; read it again, or correct it")
    if len(sides) == 1:
        return sides[0]
    quantity = amount_of(math.fsum(side.quantity for side in sides), 1.0)
    largest = max(sides, key=lambda side: abs(side.quantity))
    same = all((side.quantity > 0) == (largest.quantity > 0) for side in sides)
    if abs(quantity) < 1e-12 * abs(largest.quantity):
        quantity = 0.0
    mark = next((side.mark for side in sides if side.mark == side.mark), math.nan)
    return Side(
        quantity,
        _entry(quantity, sides, inverse),
        mark,
        math.fsum(side.profit for side in sides) if all(side.profit == side.profit for side in sides) else math.nan,
        largest.isolated,
        math.fsum(side.posted for side in sides if side.isolated) if same or largest.isolated else math.nan,
    )


def _entry(quantity: float, sides: Sequence[Side], inverse: bool) -> float:
    """The entry price of the sides together, NaN where there is none above zero."""
    if quantity == 0 or not all(side.entry > 0 for side in sides):
        return math.nan
    if inverse:
        coins = math.fsum(side.quantity / side.entry for side in sides)
        found = quantity / coins if coins else math.nan
    else:
        found = math.fsum(side.quantity * side.entry for side in sides) / quantity
    return found if found > 0 and math.isfinite(found) else math.nan
