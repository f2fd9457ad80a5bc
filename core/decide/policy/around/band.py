"""A no-trade band around a policy: a weight is traded only where it has left the band around what is wanted.

    |wanted_i - held_i| <= band     held_i stays
    beyond it                       to wanted_i, or to the edge of the band nearest to held_i

A band costs less than any clock, for the same risk: the last step to the middle costs as much as any other and buys the
least. To the edge cost a fifth to a third less than to what is wanted, for the same volatility (an alt book hedged with
BTC and ETH at 15 %, 2022-03 to 2024-06, bands of 2 and 5 %: 0.76 and 0.54 against 0.96 and 0.76 % a year). A sum that
the limits fix (net, beta) may be off by as much as the bands of the contracts together. Where what stays would break a
limit that caps the book, all is traded to what is wanted.

Sources: as in `hedge.beta`: Davis and Norman (1990), Whalley and Wilmott (1997).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ....checks import choice, number
from ....choices import AIMS
from ....records import dataclass
from ....tolerances import ACTIVE, ROUNDING
from ...limits.feasible_set import feasible_set, violation
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target
from .sizes import caps_of

__all__ = ["Banded"]


@dataclass(frozen=True)
class Banded:
    """What `policy` wants to hold, traded only where it is more than `band` of equity from what is held.

    `aim` is where a trade goes: "target" or the nearest "edge" of the band.
    """

    policy: Policy
    band: float
    aim: str = "edge"

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The target with what stays as it is held. Raises ArgumentError (band, aim)."""
        band, aim = number(self.band, "no_trade_band", at_least=0), choice(self.aim, "band_aim", AIMS)
        target = self.policy(outlook, holding)
        if target.urgent:
            return target
        wanted, held = target.weights, holding.held
        outside = np.abs(wanted - held) > band + ROUNDING
        reached = wanted + np.copysign(band, held - wanted) if aim == "edge" else wanted
        weights = np.where(outside, reached, held)
        caps = caps_of(holding.limits, held.size, holding.fixed)
        allowed = feasible_set(caps, held.size)
        size = ACTIVE * max(1.0, float(np.abs(weights).max(initial=0.0)))
        if violation(allowed, weights) > max(size, violation(allowed, wanted)):
            return target
        return replace(target, weights=weights)
