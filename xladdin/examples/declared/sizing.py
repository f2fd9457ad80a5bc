"""Position sizes by volatility and by average true range."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import A_YEAR, CONTRACTS, FIGURE, QUOTE, SHARE, TIMES_EQUITY, USDT, Look

__all__ = ["EXAMPLES", "SLIPS"]

RANGE = Look("0.00", "USDT a contract")
TIMES = Look("0.0", "x ATR")

EXAMPLES = (
    Example(
        "PERP_LEVERAGE",
        inputs={
            "volatility": A_YEAR(0.6, 0.05),
            "target_volatility": A_YEAR(0.3),
            "max_leverage": TIMES_EQUITY(3.0),
        },
        shows={"": Shown(TIMES_EQUITY, "0.3 / 0.6 = 0.5; 0.3 / 0.05 = 6 is more than 3 times equity, so 3.")},
        across=("BTC", "Calm"),
        source="By hand.",
    ),
    Example(
        "PERP_SIZE_VOL",
        inputs={
            "equity": USDT(100_000.0),
            "price": QUOTE(30_000.0, 3_000.0),
            "volatility": A_YEAR(0.6, 0.05),
            "target_volatility": A_YEAR(0.3),
            "max_leverage": TIMES_EQUITY(3.0),
            "lot_size": CONTRACTS(0.01),
        },
        shows={"": Shown(CONTRACTS, "100,000 x 0.5 / 30,000 = 1.667, down to 1.66; 100,000 x 3 / 3,000 = 100.")},
        across=("BTC", "Calm"),
        source="By hand.",
    ),
    Example(
        "PERP_SIZE_ATR",
        inputs={
            "equity": USDT(50_000.0),
            "price": QUOTE(74.0),
            "atr": RANGE(0.80),
            "risk_fraction": SHARE(0.02),
            "atr_multiple": TIMES(2.0),
        },
        shows={"": Shown(CONTRACTS, "50,000 x 2 % / (2 x 0.80) = 625: a move of two ranges loses 2 % of equity.")},
        across=("SOL",),
        source="By hand.",
    ),
)

SLIPS = (
    Example(
        "PERP_LEVERAGE",
        inputs={"volatility": A_YEAR(-0.6), "target_volatility": A_YEAR(0.3)},
        shows={"": Shown(FIGURE, "A volatility is never negative.")},
        slip="A negative volatility",
    ),
    Example(
        "PERP_SIZE_VOL",
        inputs={
            "equity": USDT(1_000.0),
            "price": QUOTE(30_000.0),
            "volatility": A_YEAR(0.6),
            "target_volatility": A_YEAR(0.3),
            "max_leverage": TIMES_EQUITY(3.0),
            "lot_size": CONTRACTS(1.0),
        },
        shows={"": Shown(CONTRACTS, "A zero that is an answer, and says why it is zero.")},
        slip="A lot larger than the position: an answer, with a warning",
    ),
)
