"""Positions that fit the margin: scaled down together until the account can open them and keep its buffer.

    initial margin = sum |w_i| IMR_i        scale = min(1, (1 - margin_buffer) / initial margin)

All weights are scaled alike, so the book keeps its proportions: its Sharpe ratio, and a beta of zero.

Source: exchanges' margin pages (initial margin = notional / leverage), as in core/market/margin.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import number, numbers
from ...records import dataclass

__all__ = ["MarginFit", "fits_margin"]


@dataclass(frozen=True)
class MarginFit:
    """Weights `(N,)` that fit, the common `scale` (1: they did as they were), and the share of equity they lock."""

    weights: Array
    scale: float
    initial_margin: float


def fits_margin(weights: ArrayLike, initial_margin_rates: ArrayLike, margin_buffer: float = 0.0) -> MarginFit:
    """The weights, scaled down together until initial margin is at most 1 - `margin_buffer` of equity.

    Shapes: `weights` `(N,)` (notional / equity), `initial_margin_rates` `(N,)` or one for all (1 / max leverage).
    Raises ArgumentError, MissingDataError.
    """
    held = numbers(weights, "weights")
    rates = numbers(initial_margin_rates, "initial_margin_rates", held.size, at_least=0)
    available = 1 - number(margin_buffer, "margin_buffer", at_least=0, below=1)
    needed = float(np.abs(held) @ rates)
    scale = min(1.0, available / needed) if needed > 0 else 1.0
    return MarginFit(scale * held, scale, scale * needed)
