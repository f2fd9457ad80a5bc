"""The capital asset pricing model: expected return, regression, and whether the premium pays."""

from __future__ import annotations

from ..example import Example, Shown
from ..looks import A_YEAR, SHARE, SLOPE, STATISTIC, Look
from ..past import Past

__all__ = ["EXAMPLES", "SLIPS"]

BARS = Look("0", "a year")
COUNT = Look("0", "rows")

EXAMPLES = (
    Example(
        "PERP_CAPM_RETURN",
        inputs={"beta": SLOPE(1.0, 1.4), "risk_free": A_YEAR(0.05), "market_return": A_YEAR(0.12)},
        shows={"": Shown(A_YEAR, "5 % + beta x (12 % - 5 %): 12 % and 14.8 %.")},
        across=("BTC", "SOL"),
        source="By hand.",
    ),
    Example(
        "PERP_CAPM",
        inputs={
            "asset_returns": Past("Daily", "ETH return", "SOL return", start=1),
            "market_returns": Past("Daily", "BTC return", "BTC return", start=1),
            "risk_free": A_YEAR(0.04),
            "periods_per_year": BARS(365.0),
        },
        shows={
            "beta": Shown(SLOPE, "Slope of the excess return on that of the market."),
            "beta_se": Shown(SLOPE, "Its standard error."),
            "beta_t": Shown(STATISTIC, "Beta / its standard error."),
            "alpha": Shown(A_YEAR, "Return a year beyond what beta explains."),
            "alpha_se": Shown(A_YEAR, "Its standard error."),
            "alpha_t": Shown(STATISTIC, "Beyond 2 alpha is hardly chance."),
            "r_squared": Shown(SHARE, "Share of the variance that the market explains."),
            "residual_volatility": Shown(A_YEAR, "Volatility a year of what it leaves."),
            "expected_return": Shown(A_YEAR, "Risk-free rate + beta x market premium."),
            "realised_return": Shown(A_YEAR, "Mean return of the rows, a year."),
            "market_premium": Shown(A_YEAR, "Mean return of the market less the risk-free rate, a year."),
            "treynor": Shown(A_YEAR, "Excess return a unit of beta."),
            "appraisal": Shown(STATISTIC, "Alpha / residual volatility."),
            "observations": Shown(COUNT, "Rows in which contract and market are both there."),
        },
    ),
    Example(
        "PERP_CAPM_PREMIUM",
        inputs={
            "expected_return": A_YEAR(0.16, 0.13),
            "beta": SLOPE(1.0, 1.4),
            "risk_free": A_YEAR(0.05),
            "market_return": A_YEAR(0.12),
            "volatility": A_YEAR(0.5, 0.8),
            "sharpe_hurdle": STATISTIC(0.2),
        },
        shows={
            "required_return": Shown(A_YEAR, "What the CAPM asks for the beta: 12 % and 14.8 %."),
            "excess": Shown(A_YEAR, "Expected less required: 4 % and -1.8 %."),
            "sharpe": Shown(STATISTIC, "(Expected - risk-free) / volatility: 0.22 and 0.10."),
            "pays": Shown(COUNT, "1 where the excess is not below zero and the Sharpe ratio reaches its hurdle."),
        },
        across=("BTC", "SOL"),
        source="By hand.",
    ),
)

SLIPS = (
    Example(
        "PERP_CAPM_RETURN",
        inputs={"beta": SLOPE(1.0), "risk_free": Look("0.00", "a year")(5.0), "market_return": A_YEAR(0.12)},
        shows={"": Shown(A_YEAR, "It computes what was typed, and doubts it: 5 is 500 % a year; 5 % is 0.05.")},
        slip="Percent points where a decimal is meant: an answer, with a warning",
    ),
)
