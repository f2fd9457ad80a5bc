"""What each hedge costs and buys, as the sheet HedgeChoice has it."""

from __future__ import annotations

from core.arrays import Array
from core.records import dataclass

from .valued import Valued

__all__ = ["Bought"]


@dataclass(frozen=True, eq=False)
class Bought:
    """The contracts marked Hedge, then the instruments of Hedges; all `(C,)`, money in quote.

    prices, betas      of a unit, and beta of a unit of money
    held, trades       units before and traded; `values` the money traded, buy positive
    beta_bought        what the trade does to the beta of the book
    fees, carries, decays     of the trade until the horizon, paid positive
    costs_of_tenth     all of that for a tenth of beta, by this hedge alone; NaN where it cannot bring it
    worst_profits      of the position after the trade in `worst_scenario`, that of the hedged book; NaN without any
    cash, margins      that the position after the trade ties up
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    prices: Array
    betas: Array
    held: Array
    trades: Array
    values: Array
    beta_bought: Array
    fees: Array
    carries: Array
    decays: Array
    costs_of_tenth: Array
    worst_scenario: str | None
    worst_profits: Array
    cash: Array
    margins: Array
    valued: Valued

    @property
    def told(self) -> str:
        """The trades in instruments in words, as the headline of the job has them; nothing where there is none."""
        beside = len(self.names) - len(self.valued.instruments.names)
        trades = [
            f"{'buy' if units > 0 else 'sell'} {abs(units):,.6g} {self.names[place]}"
            for place, units in enumerate(self.trades.tolist())
            if units and place >= beside
        ]
        return "".join(f"; {each}" for each in trades)
