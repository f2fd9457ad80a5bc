"""The limits that the desk's policy keeps, which a check of the weights asks without making the policy."""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.errors import BookError

from ...read.inputs import Desk, Universe

__all__ = ["hedge_place", "kept_limits"]


def kept_limits(desk: Desk, universe: Universe, limits: Limits, weights: Array, betas: Array) -> Limits:
    """The limits that the policy keeps with these weights `(N,)`: those stated, and room for the hedge of a core book.

    `betas` `(N,)` are those on Estimates.
    """
    if desk.settings.model != "beta_neutral":
        return limits
    from core.decide.policy.models import beta_neutral_limits

    target_beta = desk.settings.portfolio_beta or 0.0
    return beta_neutral_limits(limits, weights, betas, hedge_place(desk, universe), target_beta)


def hedge_place(desk: Desk, universe: Universe) -> int:
    """Where the hedge stands: the benchmark, or the first contract marked Hedge. Raises BookError."""
    benchmark = np.array(universe.symbols) == desk.settings.benchmark
    for candidates in (benchmark & universe.included, universe.hedges & universe.included):
        if candidates.any():
            return int(candidates.argmax())
    raise BookError(
        f"sheet 'Universe': model beta_neutral has nothing to hedge with; include {desk.settings.benchmark}, or set "
        "Hedge to Y for a contract that is included"
    )
