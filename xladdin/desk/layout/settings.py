"""The desk's settings: every named input cell, declared once, with what it means and which jobs read it.

`Settings` is what a job works with, typed; `SETTINGS` is the same as `template` and `read` see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.decide.policy.named import POLICIES
from core.decide.portfolio.optimize import OBJECTIVES
from core.estimate.beta import methods as beta
from core.estimate.covariance import methods as covariance

from .fields import BETA, COUNT, MONEY, PERCENT, RATIO, TEXT, TIMES, Setting, declared, setting

__all__ = ["SETTINGS", "Settings"]

ACCOUNT, MARKET, ESTIMATION, OPTIMISER = "Account", "Market view", "Estimation", "Optimiser"
ENHANCEMENT, HEDGING, RUNNING = "Enhanced models", "Hedge", "Running"

REBALANCE, HEDGE, STRESS = ("rebalance",), ("hedge",), ("stress",)
EVERY_JOB, REBALANCE_AND_HEDGE, HEDGE_AND_STRESS = (
    (*REBALANCE, *HEDGE, *STRESS),
    (*REBALANCE, *HEDGE),
    (*HEDGE, *STRESS),
)

YES_NO = ("Y", "N")

SEEKING_MODELS = ("classical", "hybrid")
"""Models that read an objective."""

SELF_SIZING_MODELS = ("volatility_target", "beta_neutral")
"""Models that decide themselves how much to hold."""


@dataclass(frozen=True)
class Settings:
    """The named cells of the Settings sheet; None = left blank."""

    equity: float = setting(
        "Equity",
        "Account value: wallet balance plus open profit. Weights are notional / equity.",
        10_000_000.0,
        MONEY,
        ACCOUNT,
        EVERY_JOB,
        unit="USDT",
        minimum=1,
    )
    margin_buffer: float = setting(
        "Margin buffer",
        "Share of equity the optimiser keeps free of initial margin.",
        0.30,
        PERCENT,
        ACCOUNT,
        REBALANCE,
        unit="of equity",
        minimum=0,
        maximum=1,
    )
    benchmark: str = setting(
        "Benchmark",
        "The market that betas are measured against; a symbol of the Prices sheet.",
        "BTCUSDT",
        TEXT,
        MARKET,
        EVERY_JOB,
        unit="symbol",
    )
    risk_free: float = setting(
        "Risk-free rate",
        "What idle collateral earns, for instance the 3-month bill.",
        0.05,
        PERCENT,
        MARKET,
        EVERY_JOB,
        unit="a year",
        minimum=-1,
        maximum=1,
    )
    market_return: float = setting(
        "Market return",
        "Expected return of the benchmark; less the risk-free rate it is the premium.",
        0.30,
        PERCENT,
        MARKET,
        EVERY_JOB,
        unit="a year",
        minimum=-1,
        maximum=10,
    )
    bar_hours: float = setting(
        "Bar length",
        "Hours from one row of Prices to the next; Refresh sets it.",
        1.0,
        COUNT,
        ESTIMATION,
        EVERY_JOB,
        unit="hours",
        minimum=0,
    )
    window: float = setting(
        "Window",
        "Latest returns that the estimates use; 720 hourly bars = 30 days.",
        720.0,
        COUNT,
        ESTIMATION,
        EVERY_JOB,
        unit="bars",
        minimum=2,
    )
    beta_method: str = setting(
        "Beta method",
        "ols: equal weights. ewma: recent bars count more. downside, upside: falling or rising market.",
        "ols",
        TEXT,
        ESTIMATION,
        EVERY_JOB,
        choices=beta.METHODS,
    )
    beta_halflife: float = setting(
        "Half-life",
        "Age at which a bar counts half, for the ewma methods.",
        168.0,
        COUNT,
        ESTIMATION,
        EVERY_JOB,
        unit="bars",
        minimum=1,
    )
    regime_window: str = setting(
        "Start at the regime",
        "Y: the window starts anew where the volatility of the benchmark last changed, if that is later.",
        "N",
        TEXT,
        ESTIMATION,
        EVERY_JOB,
        unit="Y / N",
        choices=YES_NO,
    )
    funding_method: str = setting(
        "Expected funding",
        "mean: what settled in the window. forecast: mean-reverting, for the next day of settlements.",
        "mean",
        TEXT,
        ESTIMATION,
        EVERY_JOB,
        choices=("mean", "forecast"),
    )
    covariance_method: str = setting(
        "Covariance method",
        "How the risks of the contracts hang together; shrunk_correlation keeps the own volatility of each.",
        "shrunk_correlation",
        TEXT,
        ESTIMATION,
        EVERY_JOB,
        choices=covariance.METHODS,
    )
    objective: str = setting(
        "Objective",
        "What models classical and hybrid seek. The two cells below belong to it; robust needs uncertainty on Limits.",
        "max_sharpe",
        TEXT,
        OPTIMISER,
        REBALANCE,
        choices=OBJECTIVES,
    )
    target_return: float | None = setting(
        "Target return",
        "Return to reach at least risk; read by objective target_return only.",
        0.20,
        PERCENT,
        OPTIMISER,
        REBALANCE,
        unit="a year",
        minimum=-10,
        maximum=10,
    )
    risk_aversion: float = setting(
        "Risk aversion",
        "Price of variance against return; read by objectives utility and robust.",
        3.0,
        RATIO,
        OPTIMISER,
        REBALANCE,
        minimum=0,
    )
    net_target: float | None = setting(
        "Net exposure",
        "Sum of the weights. Blank = free; models volatility_target and beta_neutral decide it themselves.",
        1.0,
        TIMES,
        OPTIMISER,
        REBALANCE,
        unit="x equity",
        minimum=-10,
        maximum=10,
    )
    gross_max: float = setting(
        "Gross limit",
        "Largest sum of absolute weights.",
        2.0,
        TIMES,
        OPTIMISER,
        REBALANCE_AND_HEDGE,
        unit="x equity",
        minimum=0,
        maximum=125,
    )
    portfolio_beta: float | None = setting(
        "Portfolio beta",
        "Beta the book must have. Blank = free; model beta_neutral hedges to 0 then.",
        None,
        BETA,
        OPTIMISER,
        REBALANCE,
        minimum=-10,
        maximum=10,
    )
    turnover_cost: float | None = setting(
        "Turnover cost",
        "Cost of trading one unit of notional. Blank = fee + slippage of the Universe.",
        None,
        PERCENT,
        OPTIMISER,
        REBALANCE,
        unit="of traded",
        minimum=0,
        maximum=1,
    )
    max_step: float | None = setting(
        "Largest step",
        "Largest change of one weight in a run. Blank = free.",
        None,
        PERCENT,
        OPTIMISER,
        REBALANCE,
        unit="of equity",
        minimum=0,
        maximum=10,
    )
    model: str = setting(
        "Model",
        "classical: the optimum. hybrid: tilted by downside risk and variance premium. The others expect no return.",
        "classical",
        TEXT,
        ENHANCEMENT,
        REBALANCE,
        choices=POLICIES,
    )
    overlay_cap: float = setting(
        "Overlay cap",
        "Most that model hybrid may buy and sell together, away from the optimum, as a share of the optimum's gross.",
        0.20,
        PERCENT,
        ENHANCEMENT,
        REBALANCE,
        unit="of gross",
        minimum=0,
        maximum=1,
    )
    vrp_coefficient: float = setting(
        "Variance premium tilt",
        "Return added per unit of variance risk premium, where ImpliedVol is given. 0 = off, 0.1 is usual.",
        0.0,
        RATIO,
        ENHANCEMENT,
        EVERY_JOB,
        minimum=0,
        maximum=10,
    )
    semivariance_alpha: float = setting(
        "Share of variance",
        "1 = variance only, 0 = downside only; read by objective semivariance.",
        0.50,
        RATIO,
        ENHANCEMENT,
        REBALANCE,
        minimum=0,
        maximum=1,
    )
    vol_target: float | None = setting(
        "Volatility target",
        "Scale the book down to this volatility; target_volatility and volatility_target seek it instead. Blank = off.",
        None,
        PERCENT,
        ENHANCEMENT,
        REBALANCE,
        unit="a year",
        minimum=0,
        maximum=10,
    )
    fallback_allowed: str = setting(
        "Fall back",
        "Y: where a model has no answer the next simpler one does, at last the weights held; the run says why.",
        "Y",
        TEXT,
        ENHANCEMENT,
        REBALANCE,
        unit="Y / N",
        choices=YES_NO,
    )
    target_beta: float = setting(
        "Target beta",
        "Beta of the whole book after the hedge, on equity.",
        0.30,
        BETA,
        HEDGING,
        HEDGE,
        minimum=-10,
        maximum=10,
    )
    hedge_mode: str = setting(
        "Hedge mode",
        "direct: match beta in the book itself. overlay: in a book apart. factor: match beta, clear the Factors too.",
        "direct",
        TEXT,
        HEDGING,
        HEDGE,
        choices=("direct", "factor", "overlay"),
    )
    hedge_band: float = setting(
        "No-trade band",
        "A hedge is due when beta is further than this from its target.",
        0.05,
        BETA,
        HEDGING,
        HEDGE,
        unit="beta",
        minimum=0,
        maximum=10,
    )
    book_basis: str = setting(
        "Book looked at",
        "target: the book as Rebalance wants it. current: the positions held now.",
        "target",
        TEXT,
        HEDGING,
        HEDGE_AND_STRESS,
        choices=("target", "current"),
    )
    seed: float = setting(
        "Seed",
        "Start of the random numbers that Stress draws, so that a run can be repeated to the digit.",
        7.0,
        COUNT,
        RUNNING,
        STRESS,
        minimum=0,
    )

    @property
    def aim(self) -> str | None:
        """The objective, where the model reads one."""
        return self.objective if self.model in SEEKING_MODELS else None

    @property
    def net(self) -> float | None:
        """The sum of weights that the book must have; None where it is free or the model decides it."""
        return None if self.model in SELF_SIZING_MODELS else self.net_target

    @property
    def volatility_ceiling(self) -> float | None:
        """The volatility to which a book is scaled down; None for one that seeks its volatility itself."""
        seeks = self.aim == "target_volatility" or self.model == "volatility_target"
        return None if seeks else self.vol_target

    def read_by(self, job: str) -> Mapping[str, float | str | None]:
        """The settings that a job reads, by name in the order of the sheet."""
        values = vars(self)
        return {item.field: values[item.field] for item in SETTINGS if job in item.read_by}

    def written(self, job: str) -> str:
        """The settings that a job reads as one line: `objective=max_sharpe; net_target=1; max_step=blank`."""
        return "; ".join(f"{name}={_written(value)}" for name, value in self.read_by(job).items())


SETTINGS: tuple[Setting, ...] = tuple(declared(item) for item in fields(Settings))
"""Each setting as it is declared, in the order of the sheet."""


def _written(value: float | str | None) -> str:
    if value is None:
        return "blank"
    return value if isinstance(value, str) else f"{value:g}"
