"""Black-76: what a European option is worth by the forward price of what it is on, and how that changes.

    price = e^{-rT} s (F N(s d1) - K N(s d2))           s = 1 for a call, -1 for a put
    d1 = ln(F / K) / (v sqrt T) + v sqrt T / 2          d2 = d1 - v sqrt T

    delta = s e^{-rT} N(s d1)                           of the forward
    gamma = e^{-rT} n(d1) / (F v sqrt T)
    vega  = e^{-rT} F n(d1) sqrt T                      of one whole of volatility: 0.01 of it for a point
    theta = r price - e^{-rT} F n(d1) v / (2 sqrt T)    a year, the forward held

At expiry, and without volatility, d1 and d2 are infinite and the price is what exercise brings, e^{-rT} max(s (F - K),
0); at the strike itself d1 = 0. A forward of zero leaves a call nothing and a put its strike.

All of it in the currency in which forward and strike are quoted. An option settled in coin (Deribit's inverse ones) is
worth the same in quote at every price: its premium in coin times the price of the coin is the premium here.

Source: Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976); Haug, The Complete Guide to Option
Pricing Formulas, 2nd ed. (2007), 1.1.3 and chapter 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, Mask
from ..checks import place_of, together
from ..errors import ArgumentError, MissingDataError
from ..records import dataclass

__all__ = ["OptionValue", "black_76", "black_76_price"]


@dataclass(frozen=True, eq=False)
class OptionValue:
    """Price, and how it changes: with the forward (`delta`, `gamma`), with volatility (`vega`), in a year (`theta`)."""

    price: Array
    delta: Array
    gamma: Array
    vega: Array
    theta: Array


def black_76(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    call: ArrayLike,
    rate: ArrayLike = 0.0,
) -> OptionValue:
    """Price and sensitivities of European options; arguments of any shapes that broadcast, the answer of theirs.

    Args:
        forward: price of what the option is on for delivery at expiry, quote, at least 0.
        strike: quote, above 0.
        years: to expiry, at least 0.
        volatility: decimals a year, at least 0.
        call: 1 for a call, 0 for a put.
        rate: of interest, decimals a year.

    Raises ArgumentError (bounds, shapes), MissingDataError (NaN).
    """
    terms = _Terms.of(forward, strike, years, volatility, call, rate)
    spread, density = terms.spread, np.exp(-(terms.d1**2) / 2) / np.sqrt(2 * np.pi)
    price, grown = terms.price, terms.discount * terms.forward * density
    with np.errstate(divide="ignore", invalid="ignore"):
        # A spread of nothing has all of its curvature at the strike, and there it is without bound.
        gamma = np.where(density > 0, terms.discount * density / (terms.forward * spread), 0.0)
        decay = np.where(density > 0, grown * terms.volatility / (2 * np.sqrt(terms.years)), 0.0)
    return OptionValue(
        price=price,
        delta=terms.side * terms.discount * terms.beyond(terms.d1),
        gamma=gamma,
        vega=grown * np.sqrt(terms.years),
        theta=terms.rate * price - np.where(terms.volatility > 0, decay, 0.0),
    )


def black_76_price(
    forward: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    call: ArrayLike,
    rate: ArrayLike = 0.0,
) -> Array:
    """The price alone; arguments, units and errors as of `black_76`."""
    return _Terms.of(forward, strike, years, volatility, call, rate).price


@dataclass(frozen=True, eq=False)
class _Terms:
    """The arguments, checked, and what every figure is made of."""

    forward: Array
    strike: Array
    years: Array
    volatility: Array
    side: Array
    rate: Array
    d1: Array

    @classmethod
    def of(
        cls,
        forward: ArrayLike,
        strike: ArrayLike,
        years: ArrayLike,
        volatility: ArrayLike,
        call: ArrayLike,
        rate: ArrayLike,
    ) -> _Terms:
        named = {
            "forward": forward,
            "strike": strike,
            "years": years,
            "volatility": volatility,
            "call": call,
            "rate": rate,
        }
        arrays = dict(zip(named, together(**named), strict=True))
        for name, values in arrays.items():
            _refuse_missing(values, name)
        for name in ("forward", "years", "volatility"):
            _refuse(arrays[name] < 0, arrays[name], name, "at least 0")
        _refuse(arrays["strike"] <= 0, arrays["strike"], "strike", "above 0")
        _refuse((arrays["call"] != 0) & (arrays["call"] != 1), arrays["call"], "call", "1 for a call or 0 for a put")
        forwards, strikes, times, volatilities, calls, rates = arrays.values()
        spread = volatilities * np.sqrt(times)
        with np.errstate(divide="ignore"):
            distance = np.log(forwards / strikes)
        with np.errstate(divide="ignore", invalid="ignore"):
            d1 = np.where(distance == 0, 0.0, distance / spread) + spread / 2
        return cls(forwards, strikes, times, volatilities, np.where(calls == 1, 1.0, -1.0), rates, d1)

    @property
    def spread(self) -> Array:
        return np.asarray(self.volatility * np.sqrt(self.years))

    @property
    def discount(self) -> Array:
        return np.asarray(np.exp(-self.rate * self.years))

    @property
    def price(self) -> Array:
        exercised = self.forward * self.beyond(self.d1) - self.strike * self.beyond(self.d1 - self.spread)
        # Far from the strike the two terms leave less than rounding, of either sign.
        return np.asarray(np.maximum(self.discount * self.side * exercised, 0.0))

    def beyond(self, distance: Array) -> Array:
        """N(s d): the chance of exercise, under the measure that d belongs to."""
        from scipy.special import ndtr

        return np.asarray(ndtr(self.side * distance))


def _refuse_missing(values: Array, name: str) -> None:
    missing = np.asarray(np.isnan(values))
    if missing.any():
        raise MissingDataError(f"{name} has no value{place_of(missing)}; fill it in or leave that option out")


def _refuse(wrong: Mask, values: Array, name: str, words: str) -> None:
    if wrong.any():
        raise ArgumentError(f"{name} is {values[wrong][0]:g}{place_of(wrong)}; it must be {words}")
