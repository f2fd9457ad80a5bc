"""A learned tilt as a policy asks it: the state of today made as it was in training, and the weights of its action.

What it is told comes from the same window, methods and holding as everything else: betas and funding are those of the
outlook, momentum and volatility those of its returns, the drawdown that from the peak of the holding.
"""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

import numpy as np

from ....arrays import Array
from ....learn.allocation.state import contract_figures, observed, regime_of
from ....learn.allocation.tilt import TiltRule, tilted
from ....records import dataclass
from ..outlook import Outlook
from ..protocol import Holding, Target

__all__ = ["LearnedTilt", "Told", "box_around", "told"]


class Told(NamedTuple):
    """What an outlook tells of N contracts: figures `(N, 4)` and the regime, not scaled yet; NaN where unknown."""

    figures: Array
    regime: float


def told(outlook: Outlook) -> Told:
    """Of this outlook. Raises what its betas raise."""
    figures = contract_figures(outlook.returns, outlook.betas, np.asarray(outlook.past.funding))
    return Told(figures, regime_of(outlook.past.benchmark))


def box_around(base: Array, holding: Holding) -> tuple[Array, Array]:
    """The limits of each weight, `(N,)` twice, with the base inside; both are the base where nothing is traded."""
    low, high = (holding.limits.vector(name, base.size) for name in ("min_weight", "max_weight"))
    fixed = holding.fixed
    return np.where(fixed, base, np.minimum(low, base)), np.where(fixed, base, np.maximum(high, base))


@dataclass(frozen=True)
class LearnedTilt:
    """The tilt of a base by a rule, one way at most `cap` of the base's gross."""

    rule: TiltRule
    cap: float
    name: str = field(default="reinforced", init=False)

    def __call__(self, outlook: Outlook, holding: Holding, base: Target) -> Array:
        """Weights `(N,)`, which keep the limits of each weight and the sum of the base."""
        known, scales = told(outlook), self.rule.scales
        peak = holding.equity if holding.peak is None else holding.peak
        state = observed(
            holding.held,
            base.weights,
            scales.of_contracts(known.figures),
            float(scales.of_regimes(np.array(known.regime))),
            1 - holding.equity / peak,
        )
        action = self.rule.action(state)[np.newaxis]
        return np.asarray(tilted(base.weights, action, self.cap, *box_around(base.weights, holding))[0])
