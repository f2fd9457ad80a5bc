"""The sheet functions, one thin file per category: declare, convert, call the core once. No arithmetic here.

Importing a file registers its functions; the order below is the order of the function list.
"""

from . import returns, beta, capm, volatility, sizing, margin, portfolio, hedge, stress, information  # noqa: I001  (the contract's order)

__all__ = ["beta", "capm", "hedge", "information", "margin", "portfolio", "returns", "sizing", "stress", "volatility"]
