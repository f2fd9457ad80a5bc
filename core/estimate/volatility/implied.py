"""Implied volatility: the volatility at which Black-76 gives an option the price that is paid for it.

    black_76(F, K, T, v, call, r) = price

The price rises with v from what exercise is worth now, e^{-rT} max(s (F - K), 0), towards e^{-rT} F for a call and
e^{-rT} K for a put; between them there is one v, found by halving. A price outside is no option price.

Source: Black (1976), as in `core.market.black_76`; Jaeckel, "Let's be rational", Wilmott (2015), on its limits.
"""

from __future__ import annotations

from ...checks import number
from ...errors import ArgumentError
from ...market.black_76 import black_76_price
from ...numeric.bisection import bisected

__all__ = ["LARGEST_VOLATILITY", "implied_volatility"]

LARGEST_VOLATILITY = 10.0
"""1,000 % a year, ten times what coins of size have traded at."""


def implied_volatility(
    price: float, forward: float, strike: float, years: float, *, call: bool, rate: float = 0.0
) -> float:
    """The volatility a year, decimals, that explains the price of one option.

    `price`, `forward` and `strike` in quote, above 0; `years` to expiry, above 0; `rate` decimals a year.
    Raises ArgumentError: bounds, and a price that no volatility up to LARGEST_VOLATILITY explains.
    """
    paid, expiry = number(price, "price", above=0), number(years, "years", above=0)

    def worth(volatility: float) -> float:
        return float(black_76_price(forward, strike, expiry, volatility, float(call), rate))

    least, most = worth(0.0), worth(LARGEST_VOLATILITY)
    if not least < paid < most:
        raise ArgumentError(
            f"price is {paid:g} where such an option is worth more than {least:,.6g} and less than {most:,.6g}; "
            "correct the price or the terms"
        )
    return LARGEST_VOLATILITY * bisected(lambda share: worth(LARGEST_VOLATILITY * share) > paid)
