"""Open positions from a file: an export of a venue, or one of one's own.

    own       symbol,quantity,entry                        negative is short
    Binance   symbol,positionSide,positionAmt,entryPrice,markPrice,unRealizedProfit,marginType,isolatedWallet
    Bybit     symbol,side,size,avgPrice,markPrice,unrealisedPnl,tradeMode,positionBalance
    OKX       instId,posSide,pos,avgPx,markPx,upl,mgnMode,margin              in contracts
    Gate      contract,size,entry_price,mark_price,unrealised_pnl,margin      in contracts
    Deribit   instrument_name,direction,size,average_price,mark_price,floating_profit_loss
    Kraken    symbol,side,size,price
    ccxt      symbol,side,contracts,contractSize,entryPrice,markPrice,unrealizedPnl,marginMode,collateral

Amounts in contracts become coins by a column of the contract's size, or by the size that the store has of a venue.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import AccountError, FeedError, listed

from ..positions import Account, Leg, Position, Side, net
from .columns import Exported
from .contract_names import desk_symbol, inverse_by_name
from .lines import SIDE_WORDS, Sizes, legs_of

__all__ = ["load_account"]


def load_account(
    path: Path,
    known: Mapping[str, bool],
    sizes: Sizes | None = None,
    where_counted: Sizes | None = None,
    prices: Mapping[str, float] | None = None,
) -> Account:
    """What a file says is held; `known` are the desk's contracts and whether each is inverse.

    Args:
        path: a CSV or Parquet file.
        known: the desk's symbols, true where inverse.
        sizes: of contracts, from the store; None: there are none.
        where_counted: the same, for lines that count contracts for certain and do not say how much one is.
        prices: of the desk's contracts, which tell how a file writes its figures where nothing in it does.

    Raises AccountError that names the line.
    """
    try:
        exported = Exported.open(path, SIDE_WORDS, prices or {})
        legs = legs_of(exported, known, sizes, where_counted)
    except FeedError as error:
        raise AccountError(str(error)) from error
    by_symbol: dict[str, list[Leg]] = {}
    for leg in legs:
        by_symbol.setdefault(desk_symbol(leg.name, known), []).append(leg)
    positions = [_position(path.name, symbol, each, known.get(symbol)) for symbol, each in by_symbol.items()]
    by_coin = [f"{leg.name} as {symbol}" for symbol, each in by_symbol.items() for leg in each if _is_coin(leg, symbol)]
    notes = [*exported.notes]
    if by_coin:
        notes.append(f"{path.name} names contracts by their coin: {listed(dict.fromkeys(by_coin))}")
    notes += [
        f"{each.symbol} stands in {each.sides} lines of {path.name}, netted to {each.held.quantity:g}"
        for each in positions
        if each.sides > 1
    ]
    return Account(path.name, tuple(positions), None, tuple(notes))


def _position(file: str, symbol: str, legs: Sequence[Leg], on_desk: bool | None) -> Position:
    """The lines of one contract as one position; `on_desk` is its kind there, None where the desk has no such one.

    Raises AccountError where two names of it count otherwise.
    """
    kinds = {leg.name: False if _is_coin(leg, symbol) else inverse_by_name(leg.name) for leg in legs}
    named = {kind: name for name, kind in kinds.items() if kind is not None}
    if len(named) > 1:
        raise AccountError(
            f"{file} has {named[False]} and {named[True]}, which are both {symbol} on the desk and count otherwise; "
            "leave one of them out"
        )
    inverse = next(iter(named), None)
    sides = [_in_quote(leg.side, on_desk) for leg in legs]
    return Position(symbol, inverse, net(symbol, sides, bool(on_desk)), len(sides))


def _in_quote(side: Side, inverse: bool | None) -> Side:
    """A side whose profit and collateral are in quote currency; not told of a contract that the desk does not know."""
    return side.on_desk(1.0, {None: math.nan, False: 1.0, True: side.mark}[inverse])


def _is_coin(leg: Leg, symbol: str) -> bool:
    """Whether a line names the coin alone, as Hyperliquid does, whose quantities are coins."""
    return leg.name != symbol and symbol.startswith(leg.name)
