"""The sheet functions, one thin file per category: declare, convert, call the core once. No arithmetic here.

Importing a file registers its functions; the order below is the order of the function list.
"""

from . import (  # noqa: I001  (the contract's order)
    returns,
    beta,
    capm,
    volatility,
    sizing,
    margin,
    portfolio,
    frontier,
    overlay,
    hedge,
    stress,
    stress_paths,
    information,
)

__all__ = [
    "beta",
    "capm",
    "frontier",
    "hedge",
    "information",
    "margin",
    "overlay",
    "portfolio",
    "returns",
    "sizing",
    "stress",
    "stress_paths",
    "volatility",
]
