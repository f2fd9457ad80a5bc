"""Beta against the market, and of a portfolio."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.choices import BETA_METHODS
from core.estimate.beta.factors import FactorFit, factor_betas
from core.estimate.beta.kalman import kalman_beta
from core.estimate.beta.methods import estimate_beta, portfolio_beta
from core.estimate.beta.rolling import rolling_beta
from core.learn.forecast import learned_beta

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Choice, Flag, Integer, Number, Returns
from ..results import Matrix, Single, Table, Vector
from .arguments import AssetReturns, Betas, EwmaHalflife, MarketReturns

__all__ = [
    "PERP_BETA",
    "PERP_BETA_FACTORS",
    "PERP_BETA_FORECAST",
    "PERP_BETA_KALMAN",
    "PERP_BETA_PORTFOLIO",
    "PERP_BETA_ROLLING",
]

CATEGORY = "Perp Beta"


@sheet_function(CATEGORY, returns=Vector())
def PERP_BETA(
    asset_returns: AssetReturns,
    market_returns: MarketReturns,
    method: Annotated[
        str,
        Choice(
            "ols, ewma, downside (market < 0), upside, shrunk (Vasicek), kalman (latest state) or huber.", BETA_METHODS
        ),
    ] = "ols",
    halflife: EwmaHalflife = 60.0,
) -> Array:
    """Beta of each contract against the market."""
    return estimate_beta(asset_returns, market_returns, method, halflife)


@sheet_function(CATEGORY, returns=Matrix())
def PERP_BETA_ROLLING(
    asset_returns: AssetReturns,
    market_returns: MarketReturns,
    window: Annotated[int, Integer("Rows that each beta looks back over.", at_least=2)],
    min_periods: Annotated[
        int | None, Integer("Complete rows that a window needs; blank = all of them.", at_least=2)
    ] = None,
) -> Array:
    """Beta of each contract over a sliding window, row by row; #N/A in the warm-up."""
    return rolling_beta(asset_returns, market_returns, window, min_periods)


@sheet_function(CATEGORY, returns=Matrix())
def PERP_BETA_KALMAN(
    asset_returns: AssetReturns,
    market_returns: MarketReturns,
    signal_to_noise: Annotated[
        float | None,
        Number("Share of noise variance that the true line moves a row; blank = most likely.", at_least=0),
    ] = None,
    bands: Annotated[bool, Flag("TRUE gives beta, lower and upper end (95 %) of one contract.")] = False,
) -> Array:
    """Beta that walks at random, filtered row by row (Kalman), with 95 % bands if asked."""
    filtered = kalman_beta(asset_returns, market_returns, signal_to_noise)
    return filtered.bands() if bands else filtered.beta


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_BETA_FACTORS(
    asset_returns: AssetReturns,
    factor_returns: Annotated[Array, Returns("Returns of the factors over the same rows, T x K, one factor a column.")],
    halflife: Annotated[
        float | None, Number("Rows after which a row counts half; blank = all rows count alike.", above=0)
    ] = None,
) -> FactorFit:
    """Betas of each contract on several factors: alpha, betas, t statistics, fit and what is left, per row."""
    return factor_betas(asset_returns, factor_returns, halflife)


@sheet_function(CATEGORY, returns=Single())
def PERP_BETA_PORTFOLIO(
    weights: Annotated[Array, kinds.Vector("Weights, notional / equity, one a contract; negative = short.")],
    betas: Betas,
) -> float:
    """Beta of a portfolio: the sum of weight x beta."""
    return portfolio_beta(weights, betas)


@sheet_function(CATEGORY, returns=Matrix())
def PERP_BETA_FORECAST(
    asset_returns: Annotated[Array, Returns("Returns of the contracts, T x N; 120 horizons of rows are needed.")],
    market_returns: MarketReturns,
    horizon: Annotated[int, Integer("Rows ahead over which beta is forecast.", at_least=5)] = 24,
    seed: Annotated[int, Integer("Seed of chance; the same seed gives the same figures.", at_least=0)] = 1,
) -> list[Array]:
    """Learned forecast of beta; second row: its out-of-sample R2 against the last rolling beta. Takes seconds."""
    learned = learned_beta(asset_returns, market_returns, horizon, seed)
    return [learned.forecast, learned.out_of_sample_r2]
