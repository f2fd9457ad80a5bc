"""Covariance, the optimal portfolio, the frontier, who brings the risk and the loss, and the tilts."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import A_YEAR, FIGURE, LIMIT, ROWS, SHARE, SQUARED, STATISTIC, WORD, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

COINS = ("BTC", "ETH", "SOL")
EXPECTED = A_YEAR(0.12, 0.15, 0.20)
COVARIANCE = SQUARED.rows((0.2025, 0.2079, 0.2520), (0.2079, 0.3025, 0.3036), (0.2520, 0.3036, 0.6400))
"""Volatilities of 45, 55 and 80 %; correlations of 0.84, 0.70 and 0.69."""
SCORE = Look("0.00;[Red]-0.00", "score")
COEFFICIENT = Look("0.00", "return a unit")

EXAMPLES = (
    Example(
        "PERP_COV",
        inputs={
            "returns": Past("Daily", "BTC return", "SOL return", start=1),
            "method": WORD("shrunk_correlation"),
            "periods_per_year": Look("0", "a year")(365.0),
        },
        shows={"": Shown(SQUARED, "Variances on the diagonal (their roots are volatilities), covariances beside it.")},
        across=COINS,
    ),
    Example(
        "PERP_OPTIMIZE",
        inputs={
            "expected_returns": EXPECTED,
            "covariance": COVARIANCE,
            "objective": WORD("max_sharpe"),
            "limits": LIMIT.rows(("net", 1.0), ("max_weight", 0.6), ("risk_free", 0.04)),
        },
        shows={"": Shown(SHARE, "Weights of the largest Sharpe ratio; they sum to 1, none is above 60 %.")},
        across=COINS,
    ),
    Example(
        "PERP_FRONTIER",
        inputs={
            "expected_returns": EXPECTED,
            "covariance": COVARIANCE,
            "points": ROWS(5.0),
            "limits": LIMIT.rows(("max_weight", 0.6)),
        },
        shows={
            "return": Shown(A_YEAR, "From least variance to greatest return, equally spaced."),
            "volatility": Shown(A_YEAR, "Least that has this return."),
            "sharpe": Shown(STATISTIC, "Excess return / volatility."),
            "w_1": Shown(SHARE, "Weight of BTC."),
            "w_2": Shown(SHARE, "Weight of ETH."),
            "w_3": Shown(SHARE, "Weight of SOL."),
        },
        across=COINS,
    ),
    Example(
        "PERP_RISK_CONTRIBUTION",
        inputs={"weights": SHARE(0.5, 0.5), "covariance": SQUARED.rows((0.04, 0.01), (0.01, 0.09))},
        shows={"": Shown(SHARE, "One third and two thirds of the variance; they sum to 1.")},
        across=("BTC", "SOL"),
        source="By hand.",
    ),
    Example(
        "PERP_OVERLAY",
        inputs={
            "baseline_weights": SHARE(0.40, 0.35, 0.25),
            "scores": SCORE(1.0, 1.0, -2.0),
            "cap": SHARE(0.2),
            "limits": LIMIT.rows(("max_weight", 0.5)),
        },
        shows={"": Shown(SHARE, "10 % of equity leaves the contract with the bad score: 45, 40, 15 %.")},
        across=COINS,
        source="By hand.",
    ),
    Example(
        "PERP_VAR",
        inputs={
            "weights": SHARE(0.6, 0.3, -0.2),
            "returns": Past("Daily", "BTC return", "SOL return", start=1),
            "level": SHARE(0.95),
            "method": WORD("shortfall"),
            "horizon": ROWS(1.0),
        },
        shows={
            "contract": Shown(ROWS, "In the order of the weights; the last row is the book."),
            "weight": Shown(SHARE, "Notional / equity; their sum is the net exposure."),
            "marginal": Shown(SHARE, "Change of the loss for 1 more of that weight."),
            "component": Shown(SHARE, "Weight x marginal: what the contract brings; they sum to the loss of the book."),
            "share": Shown(SHARE, "Of the loss; the short takes some away."),
        },
        across=COINS,
    ),
    Example(
        "PERP_TILT",
        inputs={"expected_returns": EXPECTED, "vrp": SQUARED(0.05, -0.02, 0.10), "coefficient": COEFFICIENT(0.1)},
        shows={"": Shown(A_YEAR, "12 % + 0.1 x 0.05, and so on: 12.5, 14.8, 21.0 %.")},
        across=COINS,
        source="By hand.",
    ),
)

SLIPS = (
    Example(
        "PERP_OPTIMIZE",
        inputs={
            "expected_returns": EXPECTED,
            "covariance": COVARIANCE,
            "objective": WORD("max_sharpe"),
            "limits": LIMIT.rows(("net", 1.0), ("max_weight", 0.3)),
        },
        shows={"": Shown(FIGURE, "Three times 30 % is 90 %: the limits that conflict are named, with what would do.")},
        across=COINS,
        slip="Limits that no portfolio keeps",
    ),
    Example(
        "PERP_RISK_CONTRIBUTION",
        inputs={"weights": SHARE(0.5, 0.5), "covariance": SQUARED.rows((0.04, 0.01), (0.02, 0.09))},
        shows={"": Shown(SHARE, "A covariance is the same both ways round; this one is none.")},
        across=("BTC", "SOL"),
        slip="A covariance that is not symmetric",
    ),
)
