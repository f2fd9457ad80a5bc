"""Arguments that several sheet functions ask for: their kind and their help, said once and the same everywhere."""

from __future__ import annotations

from typing import Annotated, Any

from core.arrays import Array

from ..kinds import (
    AnnualReturn,
    Covariance,
    Funding,
    MarginRate,
    Number,
    Returns,
    ReturnSeries,
    RiskFreeRate,
    Rows,
    Vector,
    Volatility,
)

__all__ = [
    "AccountEquity",
    "AnnualCovariance",
    "AssetReturns",
    "Betas",
    "ContractPrice",
    "EwmaHalflife",
    "ExpectedReturns",
    "FundingRates",
    "GappyReturns",
    "LimitRows",
    "LotSize",
    "MaintenanceRates",
    "MarkPrices",
    "MarketReturn",
    "MarketReturns",
    "MaxLeverage",
    "Notionals",
    "PeriodsPerYear",
    "PositionEquity",
    "PricesNow",
    "Quantities",
    "RiskFree",
    "RiskFreeHistory",
    "TargetVolatility",
]

# Histories, and the time they are counted in
AssetReturns = Annotated[Array, Returns("Returns of the contracts, T x N, one contract a column.")]
MarketReturns = Annotated[Array, ReturnSeries("Returns of the market over the same rows, T x 1.")]
GappyReturns = Annotated[Array, Returns("Returns, T x N, one contract a column; blanks are left out.")]
FundingRates = Annotated[
    Array, Funding("Funding rates, one settlement a row, one contract a column; blanks are left out.")
]
PeriodsPerYear = Annotated[float, Number("Bars a year: 8760 hourly, 1095 8-hour, 365 daily.", above=0)]
EwmaHalflife = Annotated[float, Number("Rows after which a row counts half, for ewma.", above=0)]

# Estimates and limits
Betas = Annotated[Array, Vector("Betas, one a contract.")]
RiskFree = Annotated[Array, RiskFreeRate("Risk-free rate a year, one for all or one each.")]
RiskFreeHistory = Annotated[Array | float, RiskFreeRate("Risk-free rate a year: one number, or one a row.")]
MarketReturn = Annotated[Array, AnnualReturn("Expected market return a year, one for all or one each.")]
ExpectedReturns = Annotated[Array, AnnualReturn("Expected returns a year, one a contract, net of funding.")]
AnnualCovariance = Annotated[Array, Covariance("Annualised covariance matrix, N x N.")]
LimitRows = Annotated[list[list[Any]] | None, Rows("Rows of a limit's name and its value, or one value a contract.")]

# An account and its book
Quantities = Annotated[Array, Vector("Positions in contracts; positive = long.")]
Notionals = Annotated[Array, Vector("Notionals held, one a contract; positive = long.")]
PricesNow = Annotated[Array, Vector("Prices now, one a contract.")]
MarkPrices = Annotated[Array, Vector("Mark prices, one a contract.")]
AccountEquity = Annotated[float, Number("Equity of the account, in quote currency.", above=0)]
MaintenanceRates = Annotated[Array | float, MarginRate("Maintenance margin as a share of notional.")]

# The size of a position
PositionEquity = Annotated[Array, Vector("Equity for the position, in quote currency.")]
ContractPrice = Annotated[Array, Vector("Price of one contract, one or several.")]
TargetVolatility = Annotated[Array, Volatility("Annualised volatility to hold, one for all or one each.")]
MaxLeverage = Annotated[Array | float, Vector("Largest leverage allowed.")]
LotSize = Annotated[Array | float, Vector("Smallest step of a position in contracts; 0 = none.")]
