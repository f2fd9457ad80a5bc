"""The positions that are held: their average entry, their stop on its tick, and the own equity of isolated ones."""

from __future__ import annotations

import math
from typing import Any

from ..inputs import Inputs
from ..tables import Series
from .account import Account, Position

__all__ = ["account_of", "on_tick"]

NOISE = 1e-9
"""Of a tick: so near to one is on it."""


def account_of(inputs: Inputs, contracts: Series, tied: float = 0.0) -> Account:
    """What is held of each contract, on the equity of the desk less what instruments of Hedges tie up."""
    held = [symbol for symbol in inputs.universe.index if contracts[symbol] != 0]
    return Account(
        [_position(inputs, symbol, float(contracts[symbol])) for symbol in held], inputs.number("Equity") - tied
    )


def on_tick(price: float, tick: float, side: float) -> float:
    """The price on the grid of ticks on which it is met sooner: the next above of a long, the next below of a short."""
    if math.isnan(price) or not tick:
        return price
    steps = price / tick
    near = round(steps)
    if abs(steps - near) > NOISE * max(1.0, abs(steps) * 1e-3):
        near = math.ceil(steps) if side > 0 else math.floor(steps)
    return near * tick


def _position(inputs: Inputs, symbol: str, contracts: float) -> Position:
    terms: dict[Any, Any] = inputs.universe.loc[symbol].to_dict()
    price, inverse, side = float(terms["Price"]), terms["Contract"] == "inverse", math.copysign(1.0, contracts)
    notional = contracts * (1.0 if inverse else price)
    parts = [(float(terms[of]), _stated(terms[at], price)) for of, at in ENTERED]
    profit = sum(size * ((price / at - 1) if inverse else (price - at)) for size, at in parts)
    entry = _average([*parts, (contracts - sum(size for size, _ in parts), price)], inverse)
    own = None
    if terms["MarginMode"] == "isolated":
        posted = float(terms["Collateral"])
        own = abs(notional) / float(terms["MaxLeverage"]) if math.isnan(posted) else posted + profit
    stop = on_tick(entry * (1 - side * float(terms["Stop"])), float(terms["Tick"]), side)
    tiers = inputs.tiers.get(symbol) or [(0.0, float(terms["MaintenanceRate"]), 0.0)]
    tick, leverage = float(terms["Tick"]), float(terms["MaxLeverage"])
    return Position(symbol, notional, price, inverse, tiers, own, entry, stop, tick, leverage)


ENTERED = (("Position", "EntryPrice"), ("OverlayPosition", "OverlayEntry"))


def _stated(entry: float, price: float) -> float:
    """An entry; the price now where none is stated."""
    return float(entry) if entry > 0 else price


def _average(trades: list[tuple[float, float]], inverse: bool) -> float:
    """Average entry of what is left of trades, one after the other: contracts and price of each."""
    held, entry = 0.0, math.nan
    for size, price in trades:
        after = held + size
        if not size:
            continue
        if held * after <= 0:
            entry = price
        elif held * size > 0:
            entry = after / (held / entry + size / price) if inverse else (held * entry + size * price) / after
        held = after
    return entry
