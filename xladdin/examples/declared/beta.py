"""Beta against the market: as one figure, over time, with bands, on several factors, learned."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import FIGURE, FLAG, MOVE, ROWS, SHARE, SLOPE, STATISTIC, WORD, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

ALTS = ("ETH", "SOL")
RETURNS, MARKET = Past("Daily", "ETH return", "SOL return", start=1), Past("Daily", "BTC return", "BTC return", start=1)
A_DAY = Look("0.000%;[Red]-0.000%", "a day")

EXAMPLES = (
    Example(
        "PERP_BETA",
        inputs={"asset_returns": RETURNS, "market_returns": MARKET, "method": WORD("ols")},
        shows={"": Shown(SLOPE, "When BTC moves 1 %, the contract moves beta % on average.")},
        across=ALTS,
    ),
    Example(
        "PERP_BETA_ROLLING",
        inputs={
            "asset_returns": Past("Daily", "ETH return", "SOL return", start=1, count=16),
            "market_returns": Past("Daily", "BTC return", "BTC return", start=1, count=16),
            "window": ROWS(10.0),
        },
        shows={"": Shown(SLOPE, "Beta of the last 10 days, day by day; #N/A until there are 10.")},
        across=ALTS,
    ),
    Example(
        "PERP_BETA_KALMAN",
        inputs={
            "asset_returns": Past("Daily", "SOL return", "SOL return", start=1, count=16),
            "market_returns": Past("Daily", "BTC return", "BTC return", start=1, count=16),
            "signal_to_noise": Look("0.00", "share")(0.01),
            "bands": FLAG(True),
        },
        shows={"": Shown(SLOPE, "Beta of SOL as known after each day, and where it lies with 95 %.")},
        across=("beta", "lower", "upper"),
    ),
    Example(
        "PERP_BETA_FACTORS",
        inputs={
            "asset_returns": Past("Daily", "SOL return", "SOL return", start=1),
            "factor_returns": Past("Daily", "BTC return", "ETH return", start=1),
        },
        shows={
            "alpha": Shown(A_DAY, "Return a day that the factors do not explain."),
            "beta_1": Shown(SLOPE, "On the first factor, BTC, the second held still."),
            "beta_2": Shown(SLOPE, "On the second factor, ETH, the first held still."),
            "t_alpha": Shown(STATISTIC, "Alpha / its standard error; beyond 2 it is hardly chance."),
            "t_1": Shown(STATISTIC, "The same of beta_1."),
            "t_2": Shown(STATISTIC, "The same of beta_2."),
            "r_squared": Shown(SHARE, "Share of the variance that the factors explain."),
            "residual_volatility": Shown(A_DAY, "Standard deviation a day of what they leave."),
        },
    ),
    Example(
        "PERP_BETA_PORTFOLIO",
        inputs={"weights": SHARE(0.5, 0.5), "betas": SLOPE(1.0, 1.4)},
        shows={"": Shown(SLOPE, "0.5 x 1.0 + 0.5 x 1.4.")},
        across=("BTC", "SOL"),
        source="By hand.",
    ),
    Example(
        "PERP_BETA_FORECAST",
        inputs={
            "asset_returns": Past("Hourly", "ETH return", "ETH return", start=1),
            "market_returns": Past("Hourly", "BTC return", "BTC return", start=1),
            "horizon": ROWS(5.0),
            "seed": Look("0", "seed")(1.0),
        },
        shows={
            "": Shown(
                FIGURE, "Beta over the next 5 hours; below it R2 out of sample: under 0, the last beta is better."
            )
        },
        across=("ETH",),
    ),
)

SLIPS = (
    Example(
        "PERP_BETA",
        inputs={"asset_returns": MOVE.column(0.012, -0.008, 0.021), "market_returns": MOVE.column(0.01, -0.005)},
        shows={"": Shown(SLOPE, "Contract and market must cover the same bars.")},
        slip="Three returns of the contract, two of the market",
    ),
    Example(
        "PERP_BETA",
        inputs={
            "asset_returns": MOVE.column(0.012, -0.008, 0.021),
            "market_returns": MOVE.column(0.01, 0.01, 0.01),
        },
        shows={"": Shown(SLOPE, "Where the market stands still, no slope is defined.")},
        slip="A market that never moves",
    ),
)
