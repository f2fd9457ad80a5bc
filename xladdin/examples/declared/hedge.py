"""Hedging to a target beta, to factor exposures, and when it is due."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import BPS, CONTRACTS, QUOTE, SLOPE, USDT, Look

__all__ = ["EXAMPLES", "SLIPS"]

EXPOSURE = Look("[<-0.0005][Red]-0.000;0.000", "on capital")
FEE = Look("#,##0", "USDT")

EXAMPLES = (
    Example(
        "PERP_HEDGE",
        inputs={
            "notionals": USDT(100_000_000.0),
            "betas": SLOPE(1.4),
            "target_beta": SLOPE(1.1),
            "hedge_betas": SLOPE(0.9),
            "capital": USDT(100_000_000.0),
            "prices": QUOTE(50_000.0),
            "cost_bps": BPS(5.0),
        },
        shows={
            "hedge": Shown(Look("0", ""), "Which hedge contract."),
            "trade_notional": Shown(USDT, "(1.1 - 1.4) x 100 million / 0.9: sell 33.3 million."),
            "trade_contracts": Shown(CONTRACTS, "The same at 50,000 a contract."),
            "cost": Shown(FEE, "At 5 basis points."),
            "beta_before": Shown(SLOPE, "Of the book."),
            "beta_after": Shown(SLOPE, "With the hedge."),
        },
        source="By hand: 100 million at beta 1.4, brought to 1.1 with a hedge of beta 0.9.",
    ),
    Example(
        "PERP_HEDGE_FACTORS",
        inputs={
            "notionals": USDT(100_000.0),
            "loadings": EXPOSURE.column(1.0, 0.2),
            "hedge_loadings": EXPOSURE.rows((1.0, 2.0), (0.0, 1.0)),
        },
        shows={
            "hedge": Shown(USDT, "Below it, each hedge and its trade: x + 2 y = -100,000 and y = -20,000."),
            "factor": Shown(EXPOSURE, "Below it, each factor, exposure before and after: both are gone."),
        },
        source="By hand.",
    ),
    Example(
        "PERP_HEDGE_BAND",
        inputs={"beta_now": SLOPE(1.21), "target_beta": SLOPE(1.1), "band": SLOPE(0.1)},
        shows={"": Shown(Look("0", "1 = due"), "1.21 is more than 0.1 away from 1.1: a hedge is due.")},
        source="By hand.",
    ),
)

SLIPS = (
    Example(
        "PERP_HEDGE",
        inputs={
            "notionals": USDT(100_000.0, 50_000.0),
            "betas": SLOPE(1.0, None),
            "target_beta": SLOPE(0.0),
            "hedge_betas": SLOPE(1.0),
        },
        shows={"": Shown(SLOPE, "What is held needs its beta: a blank is missing, never zero.")},
        across=("BTC", "SOL"),
        slip="A contract that is held has no beta",
    ),
    Example(
        "PERP_HEDGE_BAND",
        inputs={"beta_now": SLOPE("high"), "target_beta": SLOPE(1.1), "band": SLOPE(0.1)},
        shows={"": Shown(SLOPE, "Text where a number must stand.")},
        slip="A word where a number belongs",
    ),
)
