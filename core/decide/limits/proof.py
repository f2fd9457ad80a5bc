"""Whether limits can hold together: a portfolio that keeps them all, or multipliers that prove there is none.

Each limit across contracts is a convex function v_j(w) <= 0 over the box of the weights, and for multipliers y >= 0

    min over the box of   sum_j y_j v_j(w)   >   0

proves that no portfolio keeps them all (see `numeric.quadratic.conflict`). A proof tells the limits and the bounds
it needs, and what it is worth when a limit is moved.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 5.8 (theorems of alternatives).
"""

from __future__ import annotations

from itertools import compress

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...numeric.quadratic.conflict import Disproof, Sides, point_or_disproof
from ...records import dataclass
from ...tolerances import ACTIVE, ROUNDING
from .feasible_set import FeasibleSet, violation

__all__ = ["Proof", "least_mix", "portfolio_or_proof"]


@dataclass(frozen=True)
class Proof:
    """Multipliers `(S,)` of the limits' sides, named in `limits`, and the violation that no portfolio falls below.

    `relief` `(S,)` is what a unit more of each side's limit takes from the violation of that side, signed.
    `at_lower` and `at_upper` `(N,)` tell the contracts whose bounds it needs; `tried` `(K, N)` are the portfolios in
    whose mix it was found, `allowed` is the set that has none, `sides` are its sides.
    """

    multipliers: Array
    violation: float
    limits: tuple[str, ...]
    relief: Array
    at_lower: NDArray[np.bool_]
    at_upper: NDArray[np.bool_]
    tried: Array
    allowed: FeasibleSet
    sides: Sides

    @property
    def names(self) -> tuple[str, ...]:
        """The limits across contracts that the proof needs."""
        counts = self.multipliers > ACTIVE
        return tuple(dict.fromkeys(name for name, used in zip(self.limits, counts, strict=True) if used))


def portfolio_or_proof(allowed: FeasibleSet, known: Array | None = None) -> Array | Proof:
    """Weights `(N,)` in `allowed`, whose bounds must not cross, or the proof that there are none.

    `known` `(K, N)` are portfolios inside the box, as a proof for a narrower set has tried them. Raises
    NotConvergedError where neither could be found.
    """
    even = _evenly(allowed)
    if violation(allowed, even) <= ROUNDING:
        return even
    sides, names, relief = _sides(allowed)
    found = point_or_disproof(sides, known)
    if not isinstance(found, Disproof):
        return found
    contracts, slope = allowed.contracts, found.slope
    weights, lower, upper = found.x[:contracts], allowed.lower[:contracts], allowed.upper[:contracts]
    moves = np.abs(slope[:contracts]) + np.bincount(
        allowed.kink_contract, np.abs(slope[contracts:]), contracts
    ) > ACTIVE * np.abs(slope).max(initial=0.0)
    return Proof(
        multipliers=found.multipliers,
        violation=found.violation,
        limits=names,
        relief=relief,
        at_lower=moves & (weights == lower),
        at_upper=moves & (weights == upper),
        tried=found.tried,
        allowed=allowed,
        sides=sides,
    )


def _evenly(allowed: FeasibleSet) -> Array:
    """All weights at the same share of the way between their bounds, at the net: mostly inside, and found at once."""
    lower, upper = allowed.lower[: allowed.contracts], allowed.upper[: allowed.contracts]
    least, span = float(lower.sum()), float((upper - lower).sum())
    net = allowed.names.index("net") if "net" in allowed.names else None
    if net is None or not 0 < span < np.inf:
        return lower
    wanted = min(max(least, float(allowed.row_lower[net])), float(allowed.row_upper[net]))
    return np.asarray(lower + min(max((wanted - least) / span, 0.0), 1.0) * (upper - lower))


def least_mix(allowed: FeasibleSet, found: Proof) -> float:
    """What a proof found for other values of the limits still proves of `allowed`; above zero it holds here as well."""
    if allowed is found.allowed:
        sides, relief = found.sides, found.relief
    else:
        sides, _, relief = _sides(allowed)
    multipliers = found.multipliers * np.abs(found.relief) / np.abs(relief)  # of rows in their own units
    return sides.mixed(multipliers, sides.least(multipliers)[0])


def _sides(allowed: FeasibleSet) -> tuple[Sides, tuple[str, ...], Array]:
    """The sides of all stated limits, the limit of each `(S,)`, and the relief of each `(S,)`."""
    stated = np.array([bool(name) for name in allowed.names], dtype=bool)
    above, below = stated & np.isfinite(allowed.row_upper), stated & np.isfinite(allowed.row_lower)
    contracts = allowed.contracts
    sides, sizes = Sides.of(
        np.vstack([allowed.rows[above], -allowed.rows[below]]),
        np.concatenate([allowed.row_upper[above], -allowed.row_lower[below]]),
        allowed.lower[:contracts],
        allowed.upper[:contracts],
        allowed.kink_contract,
        allowed.kink_at,
    )
    relief = np.repeat([1.0, -1.0], [int(above.sum()), int(below.sum())]) / sizes
    return sides, (*compress(allowed.names, above), *compress(allowed.names, below)), relief
