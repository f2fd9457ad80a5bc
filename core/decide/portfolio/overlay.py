"""The overlay of the hybrid model: a baseline portfolio tilted, within a cap, by scores that it does not know of.

    z       scores standardised across the contracts that may move                    sum z = 0
    tilt    t_i = scale z_i,   scale such that sum |t_i| is cap x sum |baseline_i|
    answer  the portfolio inside the limits nearest to baseline + t, with sum |answer_i - baseline_i| no more than that

The tilt is a book of its own, long and short by the same amount, so it keeps the net; the cap bounds its gross, what it
buys and what it sells together. Where a limit stops it the nearest portfolio is taken, and the overlay tells which
limits those were.

    baseline 40/35/25, scores 1, 1, -2, cap 20 %:  tilt 5, 5, -10, weights 45/40/15

The cap is what the enhanced model may do at most: scores are noisy, the baseline is what is known best.

Sources: Grinold and Kahn, Active Portfolio Management (2000), ch. 11 and 14 (scores, tilts within limits); Black and
Litterman, Financial Analysts Journal 48 (1992), for tilting a baseline rather than replacing it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, number, numbers
from ...errors import InfeasibleError, say
from ...numeric.quadratic.certificate import Certificate
from ...records import dataclass
from ..limits.declared import Limits
from ..limits.feasible_set import feasible_set
from .nearest import least_reach, limits_broken, nearest_within
from .scores import standardised

__all__ = ["Overlay", "overlay"]


@dataclass(frozen=True)
class Overlay:
    """Certified weights `(N,)` and how they came about.

    `baseline` `(N,)` is what was tilted; `scores` are standardised (0 = not tilted); `scale` is the weight that one
    standard deviation of score asks for. `certificate` is that of the program solved by route `solver`.
    """

    weights: Array
    baseline: Array
    scores: Array
    scale: float
    limits: Limits
    certificate: Certificate
    solver: str

    @property
    def shift(self) -> Array:
        """What the overlay adds to each weight, `(N,)`."""
        return self.weights - self.baseline

    @property
    def gross(self) -> float:
        """The overlay's own gross, sum |shift|: what it buys and what it sells together."""
        return float(np.abs(self.shift).sum())

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """Names of the limits that the full tilt would break; none when it was taken as it is."""
        return limits_broken(self.limits, self.baseline + self.scale * self.scores)


def overlay(
    baseline_weights: ArrayLike,
    scores: ArrayLike,
    cap: float = 0.2,
    limits: Limits | None = None,
    returns: ArrayLike | None = None,
) -> Overlay:
    """The baseline tilted toward high scores, inside `limits`: sum |shift| is at most `cap` x its gross.

    Shapes: `(N,)` each. Units: weights are notional / equity; scores in any unit, only their order and spacing count.
    `target_return` among the limits belongs to the optimiser and is not kept; every other limit is (`cvar_max` needs
    `returns` `(T, N)`). A baseline outside the limits is brought inside, as far as the cap lets it.
    NaN: a contract without a score is not tilted, with a DataWarning. Equal scores or a cap of 0 tilt nothing.
    Raises ArgumentError (lengths, cap outside 0..1), MissingDataError (a gap in the baseline), InfeasibleError (limits
    in conflict, or out of reach of the baseline), NotConvergedError.
    """
    baseline = numbers(baseline_weights, "baseline_weights")
    given = as_vector(scores, "scores", baseline.size)
    share = number(cap, "cap", at_least=0, at_most=1)
    limits = limits if limits is not None else Limits()
    z = _relative(given, limits)
    reach = share * float(np.abs(baseline).sum())
    spread = float(np.abs(z).sum())
    scale = reach / spread if spread > 0 else 0.0
    try:
        nearest = nearest_within(baseline + scale * z, limits, baseline, reach, returns)
    except InfeasibleError as error:
        raise _out_of_reach(baseline, share, reach, limits) or error from None
    return Overlay(nearest.weights, baseline, z, scale, limits, nearest.certificate, nearest.solver)


def _relative(given: Array, limits: Limits) -> Array:
    """Scores standardised over the contracts that may move, 0 for the others and for those without a score."""
    missing = np.isnan(given)
    if missing.any():
        place = int(np.argmax(missing)) + 1
        say(f"scores has no value at position {place}: not tilted")
    allowed = feasible_set(limits, given.size)
    moves = allowed.lower[: given.size] < allowed.upper[: given.size]
    return np.nan_to_num(standardised(np.where(moves, given, np.nan)))


def _out_of_reach(baseline: Array, cap: float, reach: float, limits: Limits) -> InfeasibleError | None:
    """The error where the limits hold together but not within the cap around the baseline."""
    try:
        needed = least_reach(limits, baseline)
    except InfeasibleError:
        return None
    if needed <= reach:
        return None
    gross = float(np.abs(baseline).sum())
    way_out = "choose a baseline inside the limits"
    if needed <= gross:
        way_out += f", or a cap of at least {math.ceil(1e4 * needed / gross) / 1e4:g}"
    return InfeasibleError(
        f"baseline_weights break the limits: {needed:.4g} of weight must be bought and sold, more than the cap of "
        f"{cap:g} x gross {gross:.4g}; {way_out}"
    )
