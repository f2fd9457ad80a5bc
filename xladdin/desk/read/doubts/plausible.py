"""Values that may stand in a cell and seldom do: 500 % a year is more often a percent typed as a number.

The layout's bounds refuse what cannot be; what is only unlikely is read, and a DataWarning names its cell.
"""

from __future__ import annotations

from core.errors import say

__all__ = ["doubt"]

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


def doubt(value: float, name: str, address: str) -> None:
    """Say where a value is beyond what is usual for the input of that name; zero is never doubted."""
    low, high = USUAL.get(name, (value, value))
    if value and not low <= value <= high:
        say(f"{address} holds {value:g}, unusual for {name}; it is used as it stands, correct it if it is not meant")
