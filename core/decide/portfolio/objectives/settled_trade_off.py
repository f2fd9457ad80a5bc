"""The greatest Sharpe ratio by a search over utilities, where many absolute values make one large program slow.

The portfolio of greatest e(w) / sqrt(w'S w) is that of least w'S w / 2 - p e(w) at the p that equals w'S w / e(w).
p e(w) - w'S w rises with p, and w is a straight line in p between two changes of the binding limits, so the balance is
a parabola there and its zero is known once both neighbours stand on the same line.

Source: Dinkelbach, Management Science 13 (1967).
"""

from __future__ import annotations

import numpy as np

from ....arrays import Array
from ....errors import NotConvergedError
from ....numeric.quadratic.solve import QpSolution
from ....tolerances import ROUNDING
from ...limits.feasible_set import Expression, FeasibleSet, minimum

__all__ = ["settled_trade_off"]

MOST_TRADE_OFFS, LARGEST_RATIO = 60, 10.0
"""How many trade-offs of variance against return are tried, and how many times the last the next may be."""

MOST_WITHOUT_GAIN = 2
"""Trade-offs without a gain, each readier to take risk than the last, after which there is none to find."""


def settled_trade_off(risk: Array, allowed: FeasibleSet, excess: Expression) -> QpSolution | None:
    """The optimum of w'S w / 2 - p e(w) at the p that equals w'S w / e(w); None where p does not settle.

    Raises InfeasibleError.
    """

    def balance(x: Array, p: float) -> tuple[float, float, float]:
        earned = float(excess.coefficients @ x) + excess.constant
        variance = float(x[:contracts] @ risk @ x[:contracts])
        return p * earned - variance, earned, variance

    contracts, low, high = allowed.contracts, None, None
    largest = float(risk.diagonal().max())
    p = largest / (float(np.abs(excess.coefficients).max()) or 1.0)
    for count in range(MOST_TRADE_OFFS):
        try:
            solution = minimum(allowed, risk, -p * excess.coefficients)
        except NotConvergedError:  # next to no risk is left to trade for: Schaible's program has it in its own scale
            return None
        left, earned, variance = balance(solution.x, p)
        riskless = variance <= ROUNDING * largest * float(solution.x[:contracts] @ solution.x[:contracts])
        if earned > 0 and (abs(left) <= ROUNDING * variance or riskless):
            return solution
        low, high = ((p, solution.x), high) if left < 0 else (low, (p, solution.x))
        if earned <= 0 and count >= MOST_WITHOUT_GAIN:
            return None
        if low is None or high is None:
            following = variance / earned if earned > 0 and variance > 0 else p * LARGEST_RATIO
            # Twice the step, so that both sides are seen.
            p = min(max(2 * following - p, following / LARGEST_RATIO, p / LARGEST_RATIO), p * LARGEST_RATIO)
            continue
        (first, x), (last, far) = low, high
        at_low, at_middle, at_high = (balance(x + s * (far - x), first + s * (last - first))[0] for s in (0, 0.5, 1))
        share = _crossing(at_low, at_middle, at_high) if count % 4 else 0.5
        p = first + share * (last - first)
    return None


def _crossing(start: float, middle: float, end: float) -> float:
    """Where the parabola through start < 0 at 0, `middle` at a half and end >= 0 at 1 crosses zero."""
    bend = 2 * (start - 2 * middle + end)
    slope = end - start - bend
    root = float(np.sqrt(max(slope**2 - 4 * bend * start, 0.0)))
    return min(max(-2 * start / (slope + root), 0.0), 1.0) if slope + root > 0 else 0.5
