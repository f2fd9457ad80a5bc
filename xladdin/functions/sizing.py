"""Position sizes by volatility and by average true range."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.decide.size.position import atr_size, volatility_leverage, volatility_size

from .. import kinds
from ..catalog import sheet_function
from ..results import Vector
from .arguments import ContractPrice, LotSize, MaxLeverage, PositionEquity, TargetVolatility

__all__ = ["PERP_LEVERAGE", "PERP_SIZE_ATR", "PERP_SIZE_VOL"]

CATEGORY = "Perp Sizing"


@sheet_function(CATEGORY, returns=Vector())
def PERP_LEVERAGE(
    volatility: Annotated[Array, kinds.Volatility("Annualised volatility, one or several.")],
    target_volatility: TargetVolatility,
    max_leverage: MaxLeverage = 3.0,
) -> Array:
    """Leverage that brings volatility to its target: target / volatility, at most max_leverage."""
    return volatility_leverage(volatility, target_volatility, max_leverage)


@sheet_function(CATEGORY, returns=Vector())
def PERP_SIZE_VOL(
    equity: PositionEquity,
    price: ContractPrice,
    volatility: Annotated[Array, kinds.Volatility("Annualised volatility of each contract.")],
    target_volatility: TargetVolatility,
    max_leverage: MaxLeverage = 3.0,
    lot_size: LotSize = 0.0,
) -> Array:
    """Contracts that hold the target volatility, rounded toward zero to whole lots."""
    return volatility_size(equity, price, volatility, target_volatility, max_leverage, lot_size)


@sheet_function(CATEGORY, returns=Vector())
def PERP_SIZE_ATR(
    equity: PositionEquity,
    price: ContractPrice,
    atr: Annotated[Array, kinds.Vector("Average true range of each contract, from PERP_ATR.")],
    risk_fraction: Annotated[Array, kinds.Vector("Share of equity that the move may lose: 0.01 = 1 %.")],
    atr_multiple: Annotated[Array | float, kinds.Vector("Average true ranges in the move.")] = 2.0,
    max_leverage: MaxLeverage = 3.0,
    lot_size: LotSize = 0.0,
) -> Array:
    """Contracts that lose risk_fraction of equity in a move of atr_multiple x ATR, rounded toward zero to lots."""
    return atr_size(equity, price, atr, risk_fraction, atr_multiple, max_leverage, lot_size)
