"""Values that may stand in a cell and seldom do: 500 % a year is more often a percent typed as a number.

The layout's bounds refuse what cannot be; what is only unlikely is read, and a DataWarning names its cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import Array, Mask
from core.errors import listed, say

if TYPE_CHECKING:
    from .inputs import Universe

__all__ = ["doubt", "doubt_together"]

USUAL: dict[str, tuple[float, float]] = {
    "View": (-2.0, 3.0),
    "MarketReturn": (-0.5, 2.0),
    "RiskFree": (-0.05, 0.3),
    "TargetReturn": (-0.5, 3.0),
    "VolTarget": (0.01, 3.0),
    "ImpliedVol": (0.02, 4.0),
    "MinWeight": (-10.0, 10.0),
    "MaxWeight": (-10.0, 10.0),
    "MaintenanceRate": (0.001, 0.5),
    "TakerFeeBps": (-5.0, 50.0),
    "SlippageBps": (0.0, 200.0),
    "FundingShock": (-0.1, 0.1),
}
"""The range of each input beyond which one asks whether it is meant."""

FAR = 3.0
"""As many times its last close, or as small a part of it, a price is doubted."""


def doubt(value: float, name: str, address: str) -> None:
    """Say where a value is beyond what is usual for the input of that name; zero is never doubted."""
    low, high = USUAL.get(name, (value, value))
    if value and not low <= value <= high:
        say(f"{address} holds {value:g}, unusual for {name}; it is used as it stands, correct it if it is not meant")


def doubt_together(universe: Universe, last_closes: Array, tiered: Mask) -> None:
    """Say where cells of a contract that are possible each are unlikely together, and with its last close `(N,)`.

    What stands on Tiers for those that are `tiered` was read as tiers, in place of their rate and amount.
    """
    prices, rates = universe.prices, universe.maintenance_rates
    far = np.abs(np.log(prices / last_closes)) > np.log(FAR)
    if far.any():
        first = int(np.argmax(far))
        say(
            f"Universe: the price of {_names(universe, far)} is far from its last close on Prices "
            f"({prices[first]:g} and {last_closes[first]:g}); correct it, or refresh"
        )
    above = ~tiered & (rates > universe.initial_margin_rates)
    if above.any():
        first = int(np.argmax(above))
        say(
            f"Universe: the MaintenanceRate of {_names(universe, above)} is above its initial margin 1 / MaxLeverage "
            f"({rates[first]:.4g} and 1 / {1 / universe.initial_margin_rates[first]:g}); correct one of them "
            "(1 % = 0.01)"
        )
    held = np.abs(universe.positions + universe.overlay_positions) * universe.contract_values
    spared = ~tiered & (held > 0) & (rates > 0) & (universe.maintenance_amounts >= held * rates)
    if spared.any():
        say(
            f"Universe: the MaintenanceAmount of {_names(universe, spared)} takes all of its maintenance margin away, "
            "as that of a higher tier does; correct it, or enter the tiers on Tiers"
        )


def _names(universe: Universe, chosen: Mask) -> str:
    return listed(symbol for symbol, is_it in zip(universe.symbols, chosen, strict=True) if is_it)
