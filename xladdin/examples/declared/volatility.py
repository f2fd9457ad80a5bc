"""Volatility and its regimes, the average true range, the variance risk premium."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import A_YEAR, FIGURE, MOVE, PARAMETER, ROWS, SQUARED, WORD, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

COINS = ("BTC", "ETH", "SOL")
DAILY = Past("Daily", "BTC return", "SOL return", start=1)
BARS = Look("0", "a year")
POINTS = Look("0.00", "USD")
SHARE_OF_ONE = Look("0.0000", "")
A_BAR = Look("0.000%;[Red]-0.000%", "a bar")
LIKELIHOOD = Look("#,##0.00", "")

EXAMPLES = (
    Example(
        "PERP_VOL",
        inputs={"returns": DAILY, "method": WORD("ewma"), "periods_per_year": BARS(365.0), "halflife": ROWS(30.0)},
        shows={"": Shown(A_YEAR, "Standard deviation a year; a day that is 30 days old counts half.")},
        across=COINS,
    ),
    Example(
        "PERP_GARCH",
        inputs={
            "returns": Past("Daily", "SOL return", "SOL return", start=1),
            "horizon": ROWS(7.0),
            "periods_per_year": BARS(365.0),
        },
        shows={
            "mu": Shown(PARAMETER, "Mean return a bar."),
            "omega": Shown(PARAMETER, "Constant of the variance, a bar."),
            "alpha": Shown(SHARE_OF_ONE, "Weight of the last squared surprise."),
            "beta": Shown(SHARE_OF_ONE, "Weight of the last variance."),
            "persistence": Shown(SHARE_OF_ONE, "alpha + beta: how slowly a shock fades; below 1."),
            "log_likelihood": Shown(LIKELIHOOD, "Of the fit; higher is better."),
            "se_mu": Shown(PARAMETER, "Standard error of mu."),
            "se_omega": Shown(PARAMETER, "Standard error of omega."),
            "se_alpha": Shown(SHARE_OF_ONE, "Standard error of alpha."),
            "se_beta": Shown(SHARE_OF_ONE, "Standard error of beta."),
            "volatility_now": Shown(A_YEAR, "Of the next bar."),
            "volatility_horizon": Shown(A_YEAR, "Over the next 7 bars."),
            "volatility_long_run": Shown(A_YEAR, "Where it settles: omega / (1 - persistence)."),
        },
        across=("SOL",),
    ),
    Example(
        "PERP_ATR",
        inputs={
            "high": Past("QQQ", "High", "High"),
            "low": Past("QQQ", "Low", "Low"),
            "close": Past("QQQ", "Close", "Close"),
            "period": ROWS(14.0),
        },
        shows={"": Shown(POINTS, "From day 14 on, as published: 0.56, 0.59, 0.59, 0.57, 0.62 ... 1.37, 1.34, 1.32.")},
        across=("ATR",),
        source='StockCharts, ChartSchool, "Average True Range (ATR)"; their prices have more digits than they print.',
    ),
    Example(
        "PERP_VRP",
        inputs={"implied_vol": A_YEAR(0.55, 0.65, 0.90), "returns": DAILY, "periods_per_year": BARS(365.0)},
        shows={"": Shown(SQUARED, "Implied volatility squared less realised variance: above 0, options are dear.")},
        across=COINS,
    ),
    Example(
        "PERP_REGIME",
        inputs={"returns": Past("Hourly", "BTC return", "BTC return", start=1), "min_size": ROWS(48.0)},
        shows={
            "regime": Shown(Look("0", ""), "Counted from the oldest; the last is the current one."),
            "start_row": Shown(Look("0", "row"), "Its first row of returns."),
            "end_row": Shown(Look("0", "row"), "Its last row."),
            "volatility": Shown(A_BAR, "Standard deviation a bar in it."),
        },
    ),
)

SLIPS = (
    Example(
        "PERP_VOL",
        inputs={"returns": MOVE.column(0.012, -0.008, 0.021), "method": WORD("garhc")},
        shows={"": Shown(FIGURE, "A word that is not known is refused, with the nearest one that is.")},
        slip="A method misspelt",
    ),
    Example(
        "PERP_GARCH",
        inputs={"returns": Past("Daily", "BTC return", "BTC return", start=1, count=20)},
        shows={"": Shown(FIGURE, "A fit of too few rows would be no fit.")},
        slip="Twenty rows where fifty are needed",
    ),
)
