"""What a point of room in a limit is worth: the programme solved anew with the limit moved a little, to both sides."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..not_stated import NotStatedError
from .limits import Stated
from .optimum import programme_of

__all__ = ["Prices"]

STEP = 1e-5
"""By which a limit is moved; the value of a programme is known to 1e-11."""

POINTS = {"funding_buffer_days": 1.0}
"""One step of a limit as the sheet prices it; else a point, 0.01."""

POINT = 0.01


@dataclass(frozen=True)
class Prices:
    """The limits of a book and what it seeks, of which each limit is asked for its price."""

    stated: Stated
    objective: str

    def of(self, limit: str, symbol: str, value: float) -> tuple[float, float]:
        """The least and the greatest price of a limit: its slope on either side, for a point. Raises KeyError.

        Two sides differ where limits that bind depend on each other, and at a kink.
        """
        size = POINTS.get(limit, POINT) * self._in_units
        found = []
        for side in (-1, 1):
            there, _ = _worth(_moved(self.stated, limit, symbol, value, side * STEP), self.objective)
            found += [] if math.isnan(there) else [abs(there - self._now[0]) / STEP * size]
        return (min(found), max(found)) if found else (math.nan, math.nan)

    @cached_property
    def _now(self) -> tuple[float, float]:
        return _worth(self.stated, self.objective)

    @property
    def _in_units(self) -> float:
        """A Sharpe ratio is priced as the return that it gives at the volatility of the book."""
        return self._now[1] if self.objective == "max_sharpe" else 1.0


def _worth(stated: Stated, objective: str) -> tuple[float, float]:
    """What the best book is worth in the units of the prices, and its volatility; NaN where none keeps the limits."""
    programme = programme_of(objective, stated)
    best = programme.best()
    if best is None:
        return math.nan, math.nan
    value, volatility = float(programme.problem.objective.value), math.sqrt(float(best @ stated.risk @ best))
    if objective == "max_sharpe":
        return 1 / math.sqrt(value), volatility
    is_risk = objective in ("min_variance", "target_return", "semivariance")
    return -math.sqrt(value) if is_risk else -value, volatility


def _moved(stated: Stated, limit: str, symbol: str, value: float, by: float) -> Stated:
    said: dict[str, Any] = dict(stated.said)
    if symbol and symbol not in stated.symbols:
        raise NotStatedError(f"a limit of {symbol}, which is not in the book by today's inputs,")
    if symbol:
        place = stated.symbols.index(symbol)
        sides = {"held": ("min_weight", "max_weight")}.get(limit, (limit,))
        for side in sides:
            said[side] = _one_moved(stated, side, place, value, by)
    elif limit == "net" and said.get("net") is None:
        side = "net_max" if said.get("net_max") == value else "net_min"
        said[side] = value + by
    else:
        said[limit] = value + by
    return replace(stated, said=said)


def _one_moved(stated: Stated, side: str, place: int, value: float, by: float) -> Any:
    """A limit of one value a contract with that of one contract moved, so that its weight may go by so much."""
    otherwise = {"min_weight": 0.0, "max_weight": 1.0, "max_step": math.inf}
    if side == "max_volume_share":
        raise KeyError(side)
    values = stated.each(side, otherwise[side]).copy()
    outward = by if side != "max_step" or value > stated.current[place] else -by
    values[place] += outward
    return values
