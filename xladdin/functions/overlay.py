"""Who brings the risk, and the tilts: of weights by the overlay of the hybrid model, of expected returns."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.portfolio.overlay import overlay
from core.decide.portfolio.risk_contribution import risk_contribution
from core.estimate.premium.variance import tilt_expected_returns
from core.verify.risk.value_at_risk import METHODS, ValueAtRisk, value_at_risk

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Block, Choice, Integer, Number
from ..results import Listing, Vector
from .arguments import LimitRows

__all__ = ["PERP_OVERLAY", "PERP_RISK_CONTRIBUTION", "PERP_TILT", "PERP_VAR"]

CATEGORY = "Perp Portfolio"


@sheet_function(CATEGORY, returns=Vector())
def PERP_RISK_CONTRIBUTION(
    weights: Annotated[Array, kinds.Vector("Weights of the portfolio, one a contract.")],
    covariance: Annotated[Array, Block("Covariance matrix, N x N.")],
) -> Array:
    """Share of the portfolio's variance that each contract brings; they sum to 1."""
    return risk_contribution(weights, covariance)


@sheet_function(CATEGORY, returns=Vector())
def PERP_OVERLAY(
    baseline_weights: Annotated[Array, kinds.Vector("Weights to start from, one a contract.")],
    scores: Annotated[Array, kinds.Vector("Scores of the same contracts; higher = hold more.")],
    cap: Annotated[
        float, Number("Most it may buy and sell together, as a share of the baseline's gross.", at_least=0, at_most=1)
    ] = 0.2,
    limits: LimitRows = None,
) -> Array:
    """Weights of the baseline tilted toward high scores inside the limits; the tilt's gross is at most cap x gross."""
    return overlay(baseline_weights, scores, cap, Limits.from_rows(limits or [], len(baseline_weights))).weights


@sheet_function(
    CATEGORY,
    returns=Listing(("weight", "marginal", "component", "share"), numbered="contract", totals="totals"),
)
def PERP_VAR(
    weights: Annotated[Array, kinds.Vector("Weights of the book, notional / equity; negative = short.")],
    returns: Annotated[Array, kinds.Returns("Returns, T x N, one contract a column; a row with a gap is left out.")],
    level: Annotated[
        float, Number("Probability that the loss is not exceeded: 0.95, 0.99.", at_least=0.5, below=1)
    ] = 0.95,
    method: Annotated[
        str, Choice("historical, parametric (normal), shortfall (mean loss beyond) or parametric_shortfall.", METHODS)
    ] = "historical",
    horizon: Annotated[int, Integer("Rows that the loss is counted over, in overlapping sums.", at_least=1)] = 1,
) -> ValueAtRisk:
    """Value at risk or expected shortfall of a book, share of equity, and what each contract brings of it."""
    return value_at_risk(weights, returns, level, method, horizon)


@sheet_function(CATEGORY, returns=Vector())
def PERP_TILT(
    expected_returns: Annotated[Array, kinds.AnnualReturn("Expected returns a year, one a contract.")],
    vrp: Annotated[Array, kinds.Vector("Variance risk premia of the same contracts, from PERP_VRP.")],
    coefficient: Annotated[float, Number("Expected return for a unit of variance risk premium.")] = 0.1,
) -> Array:
    """Expected returns tilted by the variance risk premium: expected_returns + coefficient x vrp."""
    return tilt_expected_returns(expected_returns, vrp, coefficient)
