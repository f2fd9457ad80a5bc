"""What stands before the decimals of a history whose figures do not say so: is 61.250 what others write as 61250?

One figure that has only one reading settles its file. Where there is none, prices may: with the wrong sign they
jump a thousandfold between 998 and 1.001, or are not those of the desk. What is settled so is told, the rest refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.arrays import Array
from core.records import dataclass

from .figures import SIGNS, Decimal, read_figures

__all__ = ["JUMP", "NEAR", "Settled", "by_prices"]

JUMP = 100.0
"""A price does not move so many times in a bar; a sign that is misread moves it a thousandfold."""

NEAR = 10.0
"""As many times as the price on the desk a price may be and still be of the same contract."""


@dataclass(frozen=True)
class Settled:
    """The sign before the decimals of a file, and what was assumed for it, if anything."""

    decimal: Decimal
    remark: str = ""


def by_prices(
    closes: Mapping[str, Sequence[str]], known: Mapping[str, float], doubtful: str, source: str
) -> Settled | None:
    """The one sign with which the closes of each contract run without a jump, or are as `known`; None where none is."""
    steady: list[Decimal] = [sign for sign in SIGNS if all(_steady(texts, sign) for texts in closes.values())]
    if len(steady) == 1:
        return Settled(steady[0], _told(doubtful, steady[0], source, "its prices would jump a thousandfold otherwise"))
    there = {symbol: price for symbol, price in known.items() if symbol in closes}
    found = {symbol: [sign for sign in SIGNS if _near(closes[symbol], sign, price)] for symbol, price in there.items()}
    signs = {symbol: fitting[0] for symbol, fitting in found.items() if len(fitting) == 1}
    if len(set(signs.values())) == 1:
        symbol, sign = next(iter(signs.items()))
        return Settled(sign, _told(doubtful, sign, source, f"the price of {symbol} on the desk is {there[symbol]:g}"))
    return None


def _told(doubtful: str, sign: Decimal, source: str, why: str) -> str:
    [value] = read_figures([doubtful], sign)
    return f"{source}: '{doubtful}' is read as {value:g}, as {why}"


def _steady(texts: Sequence[str], sign: Decimal) -> bool:
    prices = _prices(texts, sign)
    return bool((np.abs(np.diff(np.log(prices))) < np.log(JUMP)).all())


def _near(texts: Sequence[str], sign: Decimal, price: float) -> bool:
    """Whether the contract was ever near a price."""
    prices = _prices(texts, sign)
    return bool(((prices < NEAR * price) & (prices > price / NEAR)).any())


def _prices(texts: Sequence[str], sign: Decimal) -> Array:
    prices = read_figures([text for text in texts if text], sign)
    return prices[prices > 0]
