"""The sheet functions, one thin file per category: declare, convert, call the core once. No arithmetic here.

A file is imported, and so declares its functions, when one of them is first asked for.
"""

from __future__ import annotations

from ..catalog import declared_in

__all__ = ["FILES"]

FILES: dict[str, tuple[str, ...]] = {
    "returns": (
        "PERP_RETURNS",
        "PERP_FUNDING_ANNUAL",
        "PERP_FUNDING_FORECAST",
        "PERP_RESAMPLE",
    ),
    "beta": (
        "PERP_BETA",
        "PERP_BETA_ROLLING",
        "PERP_BETA_KALMAN",
        "PERP_BETA_FACTORS",
        "PERP_BETA_PORTFOLIO",
        "PERP_BETA_FORECAST",
    ),
    "capm": (
        "PERP_CAPM_RETURN",
        "PERP_CAPM",
        "PERP_CAPM_PREMIUM",
    ),
    "volatility": (
        "PERP_VOL",
        "PERP_GARCH",
        "PERP_ATR",
        "PERP_VRP",
        "PERP_REGIME",
    ),
    "sizing": (
        "PERP_LEVERAGE",
        "PERP_SIZE_VOL",
        "PERP_SIZE_ATR",
    ),
    "margin": (
        "PERP_LIQUIDATION",
        "PERP_LIQUIDATION_CROSS",
        "PERP_TIER",
        "PERP_MARGIN",
    ),
    "portfolio": (
        "PERP_COV",
        "PERP_OPTIMIZE",
        "PERP_FRONTIER",
    ),
    "overlay": (
        "PERP_RISK_CONTRIBUTION",
        "PERP_OVERLAY",
        "PERP_VAR",
        "PERP_TILT",
    ),
    "hedge": (
        "PERP_HEDGE",
        "PERP_HEDGE_FACTORS",
        "PERP_HEDGE_BAND",
    ),
    "stress": (
        "PERP_STRESS",
        "PERP_STRESS_REVERSE",
    ),
    "stress_paths": (
        "PERP_STRESS_HISTORY",
        "PERP_STRESS_MONTE_CARLO",
    ),
    "performance": (
        "PERP_SHARPE",
        "PERP_DRAWDOWN",
        "PERP_ATTRIBUTION",
        "PERP_BACKTEST",
        "PERP_BACKTEST_PATH",
    ),
    "information": (
        "PERP_WHY",
        "PERP_VERSION",
    ),
}
"""Which file declares which functions, in the order of the contract."""

for _file, _names in FILES.items():
    declared_in(f"{__name__}.{_file}", _names)
