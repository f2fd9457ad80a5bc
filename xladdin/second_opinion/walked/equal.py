"""Equal weights inside the limits, decided anew: where 1 / N is within them, and where a contract has no price."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..inferred.past import returns_of
from ..inputs import Inputs
from ..not_stated import NotStatedError
from .ledger import Decide

__all__ = ["equal_weights"]

FEWEST_RETURNS = 30
CLOSE = 1e-9


def equal_weights(inputs: Inputs) -> Decide:
    """The decision at a row. Raises NotStatedError where a limit comes between."""
    if inputs.limits:
        raise NotStatedError("equal weights inside the rows of Limits are a programme; it is solved once")
    universe = inputs.universe
    symbols = list(universe.index)
    traded = [universe.loc[symbol, "Include"] == "y" for symbol in symbols]
    returns = returns_of(inputs)
    market = returns[inputs.benchmark].notna()
    usable = returns[symbols].notna().mul(market, axis=0)
    window = int(inputs.number("Window"))
    counts = usable.rolling(window, min_periods=1).sum().to_numpy().tolist()
    prices = inputs.closes[symbols].notna().to_numpy().tolist()
    net = inputs.numbers["NetTarget"]
    whole = 1.0 if net is None or inputs.words["Model"] in ("volatility_target", "beta_neutral") else net

    def decide(row: int, held: Sequence[float]) -> Sequence[float] | None:
        if not any(prices[row]):
            return None
        known = [count >= FEWEST_RETURNS for count in counts[row - 1]]
        free = [k and t and p for k, t, p in zip(known, traded, prices[row], strict=True)]
        fixed = [k and not f and (t or h != 0) for k, f, t, h in zip(known, free, traded, held, strict=True)]
        if not any(free):
            return None
        fixed_sum = math.fsum(h for h, is_fixed in zip(held, fixed, strict=True) if is_fixed)
        each = (whole - fixed_sum) / sum(free)
        weights = [each if is_free else h for h, is_free in zip(held, free, strict=True)]
        _within(inputs, weights, free)
        return [each if is_free else math.nan for is_free in free]

    return decide


def _within(inputs: Inputs, weights: Sequence[float], free: Sequence[bool]) -> None:
    """Raises NotStatedError where the weights break a limit, and others are nearest."""
    universe = inputs.universe
    low, high = universe["MinWeight"].tolist(), universe["MaxWeight"].tolist()
    inside = all(
        least - CLOSE <= weight <= most + CLOSE
        for least, weight, most, is_free in zip(low, weights, high, free, strict=True)
        if is_free
    )
    gross = math.fsum(map(abs, weights))
    margin = math.fsum(abs(w) / most for w, most in zip(weights, universe["MaxLeverage"], strict=True))
    room = margin <= 1 - inputs.number("MarginBuffer") + CLOSE and gross <= inputs.number("GrossMax") + CLOSE
    if not (inside and room) or inputs.numbers["MaxStep"] is not None or inputs.numbers["PortfolioBeta"] is not None:
        raise NotStatedError("a limit comes between equal weights, and the nearest ones are a programme solved once")
