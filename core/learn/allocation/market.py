"""The market that a tilt is learned in: at each decision what was known, what the base wanted, and what came of it.

Between two decisions positions are left alone, so what a weight earned is its price move less the funding of the bars
between, each on the price of its bar. Whether it would have been liquidated on the way is looked at where all contracts
stand at their lows, then where all stand at their highs, then at the end: what the walk's margin check `range` does.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from ...arrays import Array, Mask
from ...checks import number
from ...errors import ArgumentError, MissingDataError
from ...records import dataclass

__all__ = ["Market", "Stakes"]


@dataclass(frozen=True, eq=False)
class Market:
    """D decisions about N contracts.

    base         (D, N) weights that the base wanted
    figures      (D, N, 4) beta, momentum, funding, volatility ratio as they are; NaN where unknown
    regimes      (D,) volatility ratio of the benchmark; NaN where unknown
    lower, upper (D, N) limits of each weight, the base inside them
    tilts        (D,) whether the base was a model's, which may be tilted
    moves        (D, N) price move up to the next decision, decimals
    returns      (D, N) that, less funding
    lows, highs  (D, N) price move to the lowest and to the highest close on the way; not above 0, not below 0
    costs        (N,) of a trade, of its notional
    maintenance  (N,) of the notional held

    Raises ArgumentError (shapes), MissingDataError (a gap where none is allowed).
    """

    base: Array
    figures: Array
    regimes: Array
    lower: Array
    upper: Array
    tilts: Mask
    moves: Array
    returns: Array
    lows: Array
    highs: Array
    costs: Array
    maintenance: Array

    def __post_init__(self) -> None:
        decisions, contracts = self.base.shape
        block, each = (decisions, contracts), (contracts,)
        wanted = {"figures": (*block, 4), "regimes": (decisions,), "tilts": (decisions,)}
        wanted |= dict.fromkeys(("costs", "maintenance"), each)
        for item in fields(self):
            values = getattr(self, item.name)
            shape = wanted.get(item.name, block)
            if values.shape != shape:
                raise ArgumentError(f"{item.name} has shape {values.shape} where base asks for {shape}")
            if item.name not in ("figures", "regimes", "lower", "upper") and not np.isfinite(values).all():
                raise MissingDataError(f"{item.name} has a gap; leave those decisions out")

    def __len__(self) -> int:
        """Its decisions."""
        return len(self.base)

    def part(self, rows: slice) -> Market:
        """Some decisions on end."""
        kept = {item.name: getattr(self, item.name) for item in fields(self)}
        return Market(
            **{name: values if name in ("costs", "maintenance") else values[rows] for name, values in kept.items()}
        )


@dataclass(frozen=True)
class Stakes:
    """What a tilt may do, and what it is rewarded by.

    reward = log growth - drawdown_penalty x rise of the drawdown beyond drawdown_free; a liquidation costs
    `liquidation_penalty` instead, and ends the episode. `cap` is the share of the base's gross that may be bought and
    sold against it. Raises ArgumentError.
    """

    cap: float = 0.2
    drawdown_penalty: float = 0.5
    drawdown_free: float = 0.1
    liquidation_penalty: float = 10.0

    def __post_init__(self) -> None:
        number(self.cap, "cap", at_least=0, at_most=1)
        number(self.drawdown_free, "drawdown_free", at_least=0, at_most=1)
        for name in ("drawdown_penalty", "liquidation_penalty"):
            number(getattr(self, name), name, at_least=0)
