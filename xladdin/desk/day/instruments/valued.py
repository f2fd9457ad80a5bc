"""What an instrument of Hedges is worth, now and after a move: of one unit, in quote.

    perp, spot     its price times (1 + r), r the return of its underlying
    option         Black-76 by the forward of its underlying, the years that are left and its implied volatility
    stablecoin     its price times (1 + peg), peg the return of stablecoins in a scenario

The forward is the price of the underlying times e^{c T}, c the option's CarryAnnual; premium is discounted at the
risk-free rate of Settings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array, Mask
from core.errors import BookError
from core.market.black_76 import OptionValue, black_76, black_76_price
from core.records import dataclass
from core.units import HOURS_PER_YEAR

from ...read.hedges.instruments import Instruments
from ...read.inputs import Desk

__all__ = ["Valued", "refuse_unknown", "value_instruments"]


@dataclass(frozen=True, eq=False)
class Valued:
    """The instruments of a desk at the prices now, `(H,)`.

    `exposures` are the change of a unit's worth for a return of one of its underlying. `options` are which are options,
    `forwards` theirs, and `greeks` Black-76's figures of a unit of each, `(O,)`.
    """

    instruments: Instruments
    spots: Array
    rate: float
    exposures: Array
    options: Mask
    forwards: Array
    greeks: OptionValue

    def exposed(self, units: Array, notionals: Array) -> Array:
        """The notionals of a book `(N,)` with the exposures of so many units of each instrument."""
        found, there = notionals.copy(), (self.instruments.underlying >= 0) & (units != 0)
        np.add.at(found, self.instruments.underlying[there], (self.exposures * units)[there])
        return found

    def profits(
        self, returns: Array, multiples: ArrayLike = 1.0, hours: ArrayLike = 0.0, pegs: ArrayLike = 0.0
    ) -> Array:
        """Profit of a unit of each instrument, `(S, H)`, where contracts have earned `returns` `(S, N)`.

        `multiples` of implied volatility, `hours` that have passed and `pegs`, returns of stablecoins: `(S,)` or one.
        """
        held, options = self.instruments, self.options
        moves = _moves(held, returns)
        stablecoins = held.are("stablecoin")
        moves[:, stablecoins] = np.broadcast_to(np.asarray(pegs, dtype=np.float64), len(returns))[:, np.newaxis]
        profits = held.prices * moves
        if options.any():
            profits[:, options] = self._worth(moves[:, options], multiples, hours) - self.greeks.price
        return profits

    def carries(self, years: float, funding: Array) -> Array:
        """What a long unit of each pays until a horizon, `(H,)`: funding or carry; of an option what it decays.

        `funding` `(N,)` a year of the contracts, paid by a perp whose own is not stated. An option pays what is above
        its model's price too.
        """
        held = self.instruments
        of_perps = np.where(held.are("perp"), funding[held.underlying], 0.0) if len(funding) else 0.0
        rates = np.where(np.isnan(held.carries), of_perps, held.carries)
        paid = held.prices * rates * years
        if self.options.any():
            still = np.zeros((1, int(self.options.sum())))
            paid[self.options] = held.prices[self.options] - self._worth(still, 1.0, years * HOURS_PER_YEAR)[0]
        return paid

    def _worth(self, moves: Array, multiples: ArrayLike, hours: ArrayLike) -> Array:
        """Of the options after these returns of their underlyings, `(S, O)`."""
        held, options = self.instruments, self.options
        passed, multiple = (
            np.broadcast_to(np.asarray(each, dtype=np.float64), len(moves))[:, np.newaxis]
            for each in (hours, multiples)
        )
        left = np.maximum(held.years[options] - passed / HOURS_PER_YEAR, 0.0)
        carries = np.nan_to_num(held.carries[options])
        return black_76_price(
            self.spots[options] * (1 + moves) * np.exp(carries * left),
            held.strikes[options],
            left,
            held.implied_vols[options] * multiple,
            held.calls[options].astype(float),
            self.rate,
        )


def value_instruments(desk: Desk) -> Valued:
    """The instruments of the sheet Hedges at the prices now."""
    held, rate = desk.instruments, desk.settings.risk_free
    spots = np.where(held.underlying >= 0, desk.universe.prices[held.underlying], 1.0)
    options = held.are("option")
    years = held.years[options]
    forwards = spots[options] * np.exp(np.nan_to_num(held.carries[options]) * years)
    greeks = OptionValue(*np.zeros((5, 0)))
    if options.any():
        calls = held.calls[options].astype(float)
        greeks = black_76(forwards, held.strikes[options], years, held.implied_vols[options], calls, rate)
    exposures = np.where(held.are("stablecoin"), 0.0, held.prices)
    exposures[options] = greeks.delta * forwards
    return Valued(held, spots, rate, exposures, options, forwards, greeks)


def refuse_unknown(instruments: Instruments, known: Mask, concerned: Mask, symbols: tuple[str, ...]) -> None:
    """Raises BookError for the first instrument that is `concerned` and whose underlying has no beta."""
    without = concerned & (instruments.underlying >= 0)
    without[without] &= ~known[instruments.underlying[without]]
    for place in np.flatnonzero(without).tolist():
        raise BookError(
            f"{instruments.addresses[place]}: {instruments.names[place]} moves with "
            f"{symbols[instruments.underlying[place]]}, which has too little history for a beta; refresh with more "
            "bars of it, or clear Position and Hedge of the instrument"
        )


def _moves(instruments: Instruments, returns: Array) -> Array:
    """The return of each instrument's underlying, `(S, H)`, 0 of a stablecoin."""
    under = instruments.underlying
    return np.where(under >= 0, returns[:, under], 0.0)
