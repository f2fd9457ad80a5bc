"""Leverage that leans: the weights of another policy, more where risk is paid or calm, less where it is not.

    by volatility    w_i min(usual_i / now_i, most)            now: exponentially weighted, usual: of the whole window
    by premium       w_i clip(pay_i / reference, 0, most)      pay: expected return less risk-free, of the side held

The sum of the weights moves with the tilt: that is what it is for. Where a larger weight would pass a limit that caps
the book, the nearest portfolio inside the caps is held.

Sources: those of `size.leverage_tilt`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from ....arrays import Array
from ....checks import choice
from ....choices import TILTS
from ....estimate.volatility.methods import volatility
from ....records import dataclass
from ...portfolio.nearest import nearest_within
from ...size.leverage_tilt import scaled_by_premium, tilted_by_volatility
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target
from .sizes import caps_of

__all__ = ["Tilted"]

PURPOSES = {"volatility": "the tilt to calm", "premium": "the tilt to premium"}


@dataclass(frozen=True)
class Tilted:
    """What `policy` wants to hold, each weight scaled by what it goes `by`, at most `most` times.

    `reference` is the premium a year at which a contract is held as the policy wants it; by premium alone.
    """

    policy: Policy
    by: Literal["volatility", "premium"] | str
    most: float = 1.5
    reference: float = 0.25

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The tilted target; its baseline is what it was before. Raises ArgumentError (by, most, reference)."""
        by = choice(self.by, "leverage_tilt", TILTS)
        target, fixed = self.policy(outlook, holding), holding.fixed
        tilt = self._by_volatility if by == "volatility" else self._by_premium
        wanted = np.where(fixed, target.weights, tilt(target.weights, outlook))
        gross = float(np.abs(target.weights).sum())
        if gross == 0:
            return target
        grown = (np.abs(wanted) > np.abs(target.weights)).any()
        if grown:
            caps = caps_of(holding.limits, wanted.size, fixed)
            wanted = nearest_within(wanted, caps, returns=outlook.returns).weights
        held = float(np.abs(wanted).sum()) / gross
        return replace(target, weights=wanted, scale=held * target.scale, sized=(*target.sized, (PURPOSES[by], held)))

    def _by_volatility(self, weights: Array, outlook: Outlook) -> Array:
        """A contract that has not moved is left as it is."""
        usual = volatility(outlook.returns)
        now = volatility(outlook.returns, "ewma", halflife=outlook.methods.halflife)
        moves = (usual > 0) & (now > 0)
        return tilted_by_volatility(weights, np.where(moves, now, 1.0), np.where(moves, usual, 1.0), self.most)

    def _by_premium(self, weights: Array, outlook: Outlook) -> Array:
        pay = np.sign(weights) * (outlook.expected_returns - outlook.past.risk_free)
        return scaled_by_premium(weights, pay, self.reference, most=self.most)
