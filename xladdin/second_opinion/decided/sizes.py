"""How large a book is held, once a model has chosen its mix: tilt, volatility, drawdown buffer, month's stop, band.

A scale is stated here for books whose contracts are all traded; where the limits stop a book on its way up, or what a
band leaves would pass one, there is no second statement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from ..not_stated import NotStatedError
from ..tables import Vector
from .book import Book
from .limits import Stated

__all__ = ["Size", "in_its_band", "sized"]

CLOSE = 1e-9


@dataclass(frozen=True)
class Size:
    """What the account asks for: the share of the book that the buffer leaves, and whether the month's stop is out."""

    deployed: float
    out: bool

    @classmethod
    def of(cls, inputs: Inputs) -> Size:
        """From Settings; what is blank there is equity now."""
        equity = inputs.number("Equity")
        peak, high = (max(inputs.numbers[name] or equity, equity) for name in ("PeakEquity", "MonthHighEquity"))
        worst, stop = inputs.numbers["MaxDrawdown"], inputs.numbers["MonthStop"]
        deployed = 1.0
        if worst is not None:
            floor = (1 - worst) * peak
            deployed = (1 - inputs.number("BufferReserve")) * min(max(equity - floor, 0.0) / (worst * equity), 1.0)
        return cls(deployed, stop is not None and equity < (1 - stop) * high)

    @property
    def urgent(self) -> bool:
        """Whether it does not wait for a clock."""
        return self.out or self.deployed == 0


def sized(inputs: Inputs, estimates: Estimates, stated: Stated, book: Book, seeks: bool) -> Book:
    """A model's book at its size; `seeks`: it has its volatility from the model. Raises NotStatedError."""
    import numpy as np

    tilt, target = inputs.words["LeverageTilt"], None if seeks else inputs.numbers["VolTarget"]
    size = Size.of(inputs)
    if (tilt != "none" or target is not None or size.deployed != 1) and _untraded(stated).any():
        raise NotStatedError("a book is scaled around what is not traded by a formula that is stated once")
    if tilt != "none":
        tilted = book.final * _tilt(inputs, estimates, stated, book.final, tilt)
        if (np.abs(tilted) > np.abs(book.final)).any():
            _inside(stated, tilted, "a tilt that passes a limit")
        book = replace(book, final=tilted, judge_of_final=None)
    swing = math.sqrt(max(float(book.final @ stated.risk @ book.final), 0.0))
    scale = size.deployed
    if target is not None and swing > 0:
        grown = target / swing if inputs.words["VolMode"] == "both" else min(1.0, target / swing)
        if grown > 1:
            _inside(stated, grown * book.final, "a book that limits stop on its way to its volatility")
        scale *= grown
    judge = book.judge_of_final if scale else None
    return replace(book, final=scale * book.final, scale=scale or 1.0, judge_of_final=judge)


def in_its_band(inputs: Inputs, stated: Stated, book: Book) -> Book:
    """The weights after the no-trade band. Raises NotStatedError."""
    import numpy as np

    band = inputs.number("NoTradeBand")
    if not band:
        return book
    aim = book.final + (np.copysign(band, stated.current - book.final) if inputs.words["BandAim"] == "edge" else 0.0)
    final = np.where(np.abs(book.final - stated.current) > band + 1e-12, aim, stated.current)
    _inside(stated, final, "what a band leaves that passes a limit")
    return replace(book, final=final, judge_of_final=None)


def _tilt(inputs: Inputs, estimates: Estimates, stated: Stated, weights: Vector, by: str) -> Vector:
    """What each weight is multiplied by."""
    import numpy as np

    most = inputs.number("TiltMost")
    if by == "premium":
        pay = np.sign(weights) * stated.premium / inputs.number("TiltReference")
        return np.clip(pay, 0.0, most)
    returns = estimates.returns[stated.symbols]
    now = returns.ewm(halflife=inputs.number("BetaHalflife"), ignore_na=False).std().iloc[-1].to_numpy()
    return np.minimum(returns.std(ddof=1).to_numpy() / now, most)


def _untraded(stated: Stated) -> Vector:
    """The contracts that limits fix at what is held of them."""
    least, most = stated.each("min_weight"), stated.each("max_weight", 1.0)
    return (least == most) & (least == stated.current) & (stated.current != 0)


def _inside(stated: Stated, weights: Vector, what: str) -> None:
    """Raises NotStatedError where the weights pass a limit of size."""
    import numpy as np

    least, most = np.minimum(stated.each("min_weight"), 0.0), np.maximum(stated.each("max_weight", 1.0), 0.0)
    gross, buffer = stated.one("gross_max"), stated.one("margin_buffer")
    inside = (weights >= least - CLOSE).all() and (weights <= most + CLOSE).all()
    inside &= gross is None or float(np.abs(weights).sum()) <= gross + CLOSE
    if buffer is not None:
        inside &= float(np.abs(weights) @ stated.each("initial_margin_rates")) <= 1 - buffer + CLOSE
    others = set(stated.said) & {"max_step", "max_turnover", "max_volume_share", "cvar_max", "maintenance_max"}
    if not inside or any(stated.said[name] is not None for name in others):
        raise NotStatedError(f"{what} has no second statement")
