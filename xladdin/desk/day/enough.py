"""How many returns a figure needs to say more than chance does."""

from __future__ import annotations

__all__ = ["FEWEST_RETURNS", "FEW_RETURNS"]

FEWEST_RETURNS = 30
"""A beta on fewer returns than this says more about chance than about the contract."""

FEW_RETURNS = 100
"""A volatility on fewer returns than this is known to no better than about 7 %, one part in root 2 n."""
