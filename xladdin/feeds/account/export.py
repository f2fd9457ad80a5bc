"""Open positions from a file: an export of a venue, or one of one's own.

    own       symbol,quantity,entry                        negative is short
    Binance   symbol,positionSide,positionAmt,entryPrice,markPrice,unRealizedProfit,marginType,isolatedWallet
    Bybit     symbol,side,size,avgPrice,markPrice,unrealisedPnl,positionBalance
    OKX       instId,posSide,pos,avgPx,markPx,upl,mgnMode,margin              in contracts
    Gate      contract,size,entry_price,mark_price,unrealised_pnl,margin      in contracts
    Deribit   instrument_name,direction,size,average_price,mark_price,floating_profit_loss
    Kraken    symbol,side,size,price
    ccxt      symbol,side,contracts,contractSize,entryPrice,markPrice,unrealizedPnl,marginMode,collateral

Amounts in contracts become coins by a column of the contract's size, or by the size that the store has of a venue.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.arrays import Array
from core.errors import ArgumentError, FeedError

from ...symbols import printable, read_symbol
from .. import headings
from ..tables.numbers import numbers
from ..tables.table import Columns, Table
from .positions import Account, Position, Side, amount_of, net

__all__ = ["Sizes", "load_account"]

Sizes = Mapping[str, float]
"""Coins (or quote currency) of one contract, by any name that a venue's contract has, in capitals."""

AMOUNTS = (
    *("quantity", "qty", "positionamt", "position", "positionsize", "pos", "size", "szi", "contracts", "amount"),
)
ENTRIES = ("entry", "entryprice", "avgentryprice", "avgprice", "averageprice", "avgpx", "entrypx", "price")
MARKS = ("markprice", "markpx", "mark")
PROFITS = ("unrealizedpnl", "unrealisedpnl", "unrealizedprofit", "upl", "floatingprofitloss")
MODES = ("marginmode", "margintype", "mgnmode", "posmarginmode")
POSTED = ("collateral", "isolatedwallet", "positionbalance", "margin")
SIZES = ("contractsize", "ctval", "quantomultiplier", "multiplier")
SIDES = ("side", "positionside", "posside", "direction")

LONG, SHORT, NEITHER = ("long", "buy", "b"), ("short", "sell", "s"), ("both", "net", "zero", "none", "")
ISOLATED, CROSS = ("isolated", "fixed", "true", "1"), ("cross", "crossed", "false", "0", "")

COUNTED = re.compile(r".+-SWAP|.+_PERP")
COUNTED_UNDER = ("contract", "instid")
COUNTED_AS = ("contracts",)
"""Where a file counts contracts: by their names (OKX, Binance COIN-M), or by its headings (Gate, OKX, ccxt)."""

PAIR = re.compile(
    r"(?:P[FI]_)?(?P<base>[A-Z0-9]+?)[-_/]?(?P<quote>USD[TC]?)(?:[-_]?(?:SWAP|PERP|PERPETUAL))?(?::[A-Z]+)?"
)
COIN = {"USD": re.compile(r"([A-Z0-9]+)-PERPETUAL"), "USDC": re.compile(r"([A-Z0-9]+)PERP")}
"""Venues' names of a perpetual, of which the desk takes the coin and the currency (Deribit's and Bybit's say one)."""

OTHER_NAMES = {"XBT": "BTC"}
LARGEST = 1e15


@dataclass(frozen=True)
class _Row:
    """One line of the file: the contract by its name there, and its side, with money as the file has it."""

    name: str
    side: Side


def load_account(path: Path, known: Mapping[str, bool], sizes: Sizes | None = None) -> Account:
    """What a file says is held; `known` are the desk's contracts and whether each is inverse.

    Args:
        path: a CSV or Parquet file.
        known: the desk's symbols, true where inverse.
        sizes: of contracts, from the store; None: there are none.

    Raises FeedError that names the line.
    """
    table = Table.open(path)
    rows = _rows(table, sizes)
    sides: dict[str, list[Side]] = {}
    for row in rows:
        symbol = _desk_symbol(row.name, known)
        sides.setdefault(symbol, []).append(_in_quote(row.side, known.get(symbol)))
    found = [
        Position(symbol, None, net(symbol, each, known.get(symbol, False)), len(each))
        for symbol, each in sides.items()
        if any(side.quantity for side in each)
    ]
    notes = [
        f"{each.symbol} stands in {each.sides} lines of {path.name}, netted to {each.held.quantity:g}"
        for each in found
        if each.sides > 1
    ]
    return Account(path.name, tuple(found), None, tuple(notes))


def _in_quote(side: Side, inverse: bool | None) -> Side:
    """A side whose profit and collateral are in quote currency; not told of a contract that the desk does not know."""
    rate = {None: math.nan, False: 1.0, True: side.mark}[inverse]
    return replace(side, profit=side.profit * rate, posted=side.posted * rate)


def _rows(table: Table, sizes: Sizes | None) -> list[_Row]:
    name = table.path.name
    owner = headings.find(table.names, headings.SYMBOLS)
    amount = headings.find(table.names, AMOUNTS)
    if owner is None or amount is None:
        what = "symbol" if owner is None else "quantity"
        raise FeedError(f"{name} has no column '{what}'; add it or rename one ({table.found})")
    others = {
        what: headings.find([each for each in table.names if each not in (owner, amount)], words)
        for what, words in (
            ("entry", ENTRIES),
            ("mark", MARKS),
            ("profit", PROFITS),
            ("posted", POSTED),
            ("size", SIZES),
            ("side", SIDES),
            ("mode", MODES),
        )
    }
    counted = headings.find([owner], COUNTED_UNDER) or headings.find([amount], COUNTED_AS)
    columns = table.columns(list(dict.fromkeys([owner, amount, *filter(None, others.values())])))
    names = [_read_name(columns, owner, row) for row in range(len(columns.frame))]
    amounts = numbers(columns, amount, "quantity")
    figures = {
        what: _numbers(columns, others[what], what, len(names))
        for what in ("entry", "mark", "profit", "posted", "size")
    }
    found = []
    for row, contract in enumerate(names):
        where = columns.where(row)
        if not np.isfinite(amounts[row]) or abs(amounts[row]) > LARGEST:
            raise FeedError(f"{where} has no quantity of {contract} that can be held; fill it in or delete the row")
        entry = figures["entry"][row]
        if entry < 0:
            raise FeedError(f"{where}: the entry price is {entry:g}; it is above zero, or blank")
        in_contracts = counted is not None or COUNTED.fullmatch(contract) is not None
        size = _size(contract, figures["size"][row], sizes, where, in_contracts=in_contracts)
        sign = _sign(_text(columns, others["side"], row), amounts[row], where)
        isolated = _isolated(_text(columns, others["mode"], row), where)
        side = Side(
            amount_of(sign * abs(float(amounts[row])), size),
            entry if entry > 0 else math.nan,
            figures["mark"][row],
            figures["profit"][row],
            isolated,
            figures["posted"][row] if isolated else math.nan,
        )
        found.append(_Row(contract, side))
    return found


def _read_name(columns: Columns, owner: str, row: int) -> str:
    try:
        return read_symbol(columns.frame[owner].iloc[row])
    except ArgumentError as error:
        raise FeedError(f"{columns.where(row)}: {error}") from error


def _numbers(columns: Columns, heading: str | None, what: str, rows: int) -> Array:
    return np.full(rows, np.nan) if heading is None else numbers(columns, heading, what)


def _text(columns: Columns, heading: str | None, row: int) -> str:
    if heading is None:
        return ""
    value = columns.frame[heading].iloc[row]
    return "" if value is None or value != value else str(value).strip().lower()


def _sign(side: str, amount: float, where: str) -> float:
    """+1 for long, -1 for short. Raises FeedError for a side that is none, or that contradicts the amount."""
    if side in NEITHER:
        return math.copysign(1.0, amount)
    if side not in (*LONG, *SHORT):
        raise FeedError(f"{where} has '{printable(side)}' as its side, which is neither long nor short; correct it")
    if side in LONG and amount < 0:
        raise FeedError(f"{where} is long and has a negative quantity; correct one of the two")
    return 1.0 if side in LONG else -1.0


def _isolated(mode: str, where: str) -> bool:
    if mode not in (*ISOLATED, *CROSS):
        raise FeedError(f"{where} has '{printable(mode)}' as its margin mode; it is cross or isolated")
    return mode in ISOLATED


def _size(contract: str, size: float, sizes: Sizes | None, where: str, *, in_contracts: bool) -> float:
    """What one of the amount is worth: 1 where it counts coins. Raises FeedError where contracts have no known size."""
    if size > 0:
        return float(size)
    if sizes is not None:
        if contract not in sizes:
            raise FeedError(f"{where}: the store has no contract {contract} of that venue; refresh from it first")
        return sizes[contract]
    if in_contracts:
        raise FeedError(
            f"{where} counts contracts of {contract}, and does not say how much one is; name the venue with --venue, "
            "from which this desk was refreshed, or add a column contractSize"
        )
    return 1.0


def _desk_symbol(name: str, known: Collection[str]) -> str:
    """The desk's symbol of a contract: as it stands where the desk has it so, else coin and currency together."""
    if name in known:
        return name
    if pair := PAIR.fullmatch(name):
        return f"{OTHER_NAMES.get(pair['base'], pair['base'])}{pair['quote']}"
    for quote, pattern in COIN.items():
        if coin := pattern.fullmatch(name):
            return f"{coin[1]}{quote}"
    of_coin = [symbol for symbol in known if (pair := PAIR.fullmatch(symbol)) and pair["base"] == name]
    return of_coin[0] if len(of_coin) == 1 else name
