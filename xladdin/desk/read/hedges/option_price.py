"""Price and implied volatility of an option as they are typed: each from the other where it is blank.

A premium in the coin, as of Deribit's inverse options, is recognised where it would imply a volatility that coins do
not trade at and, taken as a premium in coin, one that they do.
"""

from __future__ import annotations

import numpy as np

from core.errors import ArgumentError, BookError, say
from core.estimate.volatility.implied import implied_volatility
from core.market.black_76 import black_76_price
from core.records import dataclass

__all__ = ["Option"]

USUAL_VOLATILITY = (0.15, 4.0)
"""Between these a volatility is one that coins trade at."""

APART = 0.25
"""A price and the model's apart by more than this share are said."""


@dataclass(frozen=True)
class Option:
    """One option, and the cell of its price."""

    name: str
    forward: float
    spot: float
    strike: float
    years: float
    call: bool
    rate: float
    address: str

    def priced(self, price: float, volatility: float) -> tuple[float, float]:
        """Price and volatility, each from the other where it is NaN. Raises BookError."""
        if np.isnan(price):
            return self._worth(volatility), volatility
        explained = self._implied(price)
        usual, most = USUAL_VOLATILITY
        in_coin = self._implied(price * self.spot)
        if not usual <= explained <= most and usual <= in_coin <= most:
            raise BookError(
                f"{self.address}: {price:g} reads as the premium of {self.name} in the coin, as of an inverse option; "
                f"enter it in USDT, {price * self.spot:,.2f}"
            )
        if np.isnan(volatility):
            if np.isnan(explained):
                least, limit = self._worth(0.0), self._worth(np.inf)
                raise BookError(
                    f"{self.address}: no volatility explains a price of {price:g} for {self.name}, which is worth more "
                    f"than {least:,.6g} and less than {limit:,.6g}; correct it, Strike or Expiry"
                )
            return price, explained
        model = self._worth(volatility)
        if abs(price - model) > APART * price:
            say(
                f"{self.address}: {self.name} costs {price:,.6g} and is worth {model:,.6g} by its ImpliedVol; the "
                "difference counts as a cost until the horizon, correct one of them if it is not meant"
            )
        return price, volatility

    def _worth(self, volatility: float) -> float:
        if np.isinf(volatility):
            return float(np.exp(-self.rate * self.years) * (self.forward if self.call else self.strike))
        return float(black_76_price(self.forward, self.strike, self.years, volatility, float(self.call), self.rate))

    def _implied(self, price: float) -> float:
        """The volatility that explains a price; NaN where none does."""
        try:
            return implied_volatility(price, self.forward, self.strike, self.years, call=self.call, rate=self.rate)
        except ArgumentError:
            return float("nan")
