"""The lines of an export: of each the contract, how much of it, on which side, and how it is backed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np

from core.arrays import Mask
from core.errors import AccountError, ArgumentError, listed

from ....symbols import printable, read_symbol
from ... import headings
from ..positions import Leg, Side
from .columns import CONTRACT, ENTRY, MARK, MODE, NOTIONAL, POSTED, PROFIT, QUANTITY, SIDE, SIZE, Exported, apart
from .contract_names import desk_symbol, inverse_by_name, is_kraken

__all__ = ["SIDE_WORDS", "Sizes", "legs_of"]

Sizes = Mapping[str, float]
"""Coins (or quote currency) of one contract, by any name that a venue's contract has, in capitals."""

LONG, SHORT, NEITHER = ("long", "buy", "b"), ("short", "sell", "s"), ("both", "net", "zero", "none")
SIDE_WORDS = (*LONG, *SHORT, *NEITHER)
ISOLATED, CROSS, UNSAID = ("isolated", "fixed", "true", "1"), ("cross", "crossed", "false"), ("0",)
"""Bybit's tradeMode is 1 where isolated, and 0 in a unified account however it margins."""

COUNTED = re.compile(r".+-SWAP|.+_PERP")
COUNTED_UNDER = ("contract", "instid")
COUNTED_AS = ("contracts",)
"""Where a file counts contracts: by their names (OKX, Binance COIN-M), or by its headings (Gate, OKX, ccxt)."""

WALLET_IF_ISOLATED = ("isolatedwallet",)
"""Binance: above zero in an isolated position, and zero in another one."""

LARGEST = 1e15

FAR_WORTH = 1.5
"""How many times the worth that a line states the worth that is reckoned from it may be, or the other way round."""


def legs_of(
    exported: Exported, known: Mapping[str, bool], sizes: Sizes | None, where_counted: Sizes | None = None
) -> list[Leg]:
    """The lines that hold something, quantities as the desk counts them, money as it settles. Raises AccountError."""
    columns, names = exported.columns, _contracts(exported, known)
    held = _held(exported, names)
    entries, marks, profits, own_sizes, worths = (
        exported.figures_of(kind, held).tolist() for kind in (ENTRY, MARK, PROFIT, SIZE, NOTIONAL)
    )
    isolated = _isolated(exported, held)
    posted = exported.figures_of(POSTED, np.array([each is True for each in isolated], dtype=np.bool_)).tolist()
    sides, legs, counted = exported.texts_of(SIDE), [], []
    before: dict[tuple[str, ...], str] = {}
    for row in np.flatnonzero(held).tolist():
        where, name = columns.where(row), names[row]
        if entries[row] < 0:
            raise AccountError(f"{where}: the entry price is {entries[row]:g}; it is above zero, or blank")
        long = _is_long(sides[row], where)
        size_of_all = _size(name, own_sizes[row], sizes, where)
        if_counted = None if where_counted is None else where_counted.get(name)
        amount, size = _amount(exported, row, name, size_of_all, if_counted, signed=long is None)
        if long and amount < 0:
            raise AccountError(f"{where} is long and has a negative quantity; correct one of the two")
        if long is not None:
            amount = abs(amount) if long else -abs(amount)
        told = Side(amount, entries[row], marks[row], profits[row], isolated[row], posted[row])
        leg = Leg(name, told.on_desk(size, 1.0))
        first = before.setdefault((name, *map(str, astuple(leg.side))), where)
        if first != where:
            raise AccountError(f"{where} says of {name} what {first} says; delete one of them, or add them up in one")
        inverse = inverse_by_name(name)
        _refuse_other_worth(
            leg, known.get(desk_symbol(name, known)) if inverse is None else inverse, worths[row], where
        )
        counted += [f"{name} {size:g}"] if size != 1.0 else []
        legs.append(leg)
    if counted:
        exported.notes.append(f"{columns.path.name} counts contracts, of these sizes: {listed(dict.fromkeys(counted))}")
    if (
        exported.headed[ENTRY]
        and exported.gives_way(ENTRY, exported.headed[ENTRY][0])
        and not all(map(is_kraken, names))
    ):
        exported.notes.append(
            f"the column {exported.headed[ENTRY][0]} is taken for the entry; leave it out if it is the price now"
        )
    return legs


def _contracts(exported: Exported, known: Mapping[str, bool]) -> list[str]:
    """The contract of each line. Raises AccountError for one that is none, or that two columns name otherwise."""
    first, *others = exported.headed[CONTRACT]
    names = [_symbol(exported, first, row, cell) for row, cell in enumerate(exported.cells(first))]
    for heading in others:
        for row, cell in enumerate(exported.cells(heading)):
            if not cell or desk_symbol(other := cell.upper(), known) == (symbol := desk_symbol(names[row], known)):
                continue
            if not exported.gives_way(CONTRACT, heading):
                raise AccountError(
                    f"{exported.columns.where(row)} has {names[row]} as {first} and {printable(cell)} as {heading}; "
                    "leave out the column that does not name the contract"
                )
            if other not in symbol:  # neither its coin nor what margins it
                exported.tell(
                    f"contracts are those of {first}, not of {heading}", row, f"{names[row]}, {printable(cell)}"
                )
    return names


def _symbol(exported: Exported, heading: str, row: int, cell: str) -> str:
    try:
        return read_symbol(cell)
    except ArgumentError as error:
        raise AccountError(f"{exported.columns.where(row)}: {error}") from error


def _held(exported: Exported, names: Sequence[str]) -> Mask:
    """Which lines hold something. Raises AccountError for one without a quantity."""
    amounts = np.abs([exported.figures[heading] for heading in exported.headed[QUANTITY]])
    bad = np.flatnonzero(np.isnan(amounts).all(axis=0) | (amounts > LARGEST).any(axis=0))
    if bad.size:
        raise AccountError(
            f"{exported.columns.where(bad[0])} has no quantity of {names[bad[0]]} that can be held; fill it in or "
            "delete the row"
        )
    return np.asarray((amounts > 0).any(axis=0))


def _is_long(texts: Sequence[str], where: str) -> bool | None:
    """Whether a line is long, by all that says so; None where its sign does. Raises AccountError."""
    strange = next((text for text in texts if text not in SIDE_WORDS), None)
    if strange is not None:
        raise AccountError(
            f"{where} has '{printable(strange)}' as its side, which is neither long nor short; correct it"
        )
    said = {text in LONG for text in texts if text not in NEITHER}
    if len(said) > 1:
        raise AccountError(
            f"{where} is long by one column and short by another; leave out the one that is no side of it"
        )
    return next(iter(said), None)


def _amount(
    exported: Exported, row: int, name: str, size: float | None, if_counted: float | None, *, signed: bool
) -> tuple[float, float]:
    """What a line holds, and the size of each in coins: of a column of coins it is 1.

    Raises AccountError where columns differ that should say the same, or where contracts have no known size.
    """
    where = exported.columns.where(row)
    contracts = headings.find(exported.headed[QUANTITY], COUNTED_AS)
    given = {
        heading: float(exported.figures[heading][row])
        for heading in sorted(exported.headed[QUANTITY], key=lambda heading: heading == contracts)
        if not math.isnan(exported.figures[heading][row])
    }
    contracts = contracts if contracts in given else None
    first, amount = next(iter(given.items()))

    def differs(heading: str, times: float = 1.0) -> bool:
        one, other = amount, given[heading] * times
        return bool(apart(one, other) if signed else apart(abs(one), abs(other)))

    others = [heading for heading in given if differs(heading)]
    of_each = if_counted if size is None else size
    if others == [contracts] and of_each is not None and not differs(others[0], of_each):
        such_as = f"{amount:g} as {first} and {given[others[0]]:g} as {others[0]}, of {of_each:g} each"
        exported.tell(f"quantities are those of {first}, not of {others[0]}", row, such_as)
        return amount, 1.0
    if others:
        unknown = ", and nothing says how much a contract is" if contracts and of_each is None else ""
        also = f" of {of_each:g} each" if others[0] == contracts and of_each is not None else ""
        raise AccountError(
            f"{where} has {amount:g} as {first} and {given[others[0]]:g} as {others[0]}{also}{unknown}; leave out the "
            "column that is not the quantity" + (", or add a column contractSize" if unknown else "")
        )
    if size is not None:
        return amount, size
    in_contracts = contracts or COUNTED.fullmatch(name) or headings.find(exported.headed[CONTRACT], COUNTED_UNDER)
    if in_contracts and if_counted is not None:
        return amount, if_counted
    if in_contracts:
        raise AccountError(
            f"{where} counts contracts of {name}, and does not say how much one is; read it by `perpdesk positions` "
            "with --file and --venue, from which this desk was refreshed, or add a column contractSize"
        )
    return amount, 1.0


def _size(name: str, own: float, sizes: Sizes | None, where: str) -> float | None:
    """How much one contract is, by the file or the store; None where neither says."""
    if own > 0:
        return own
    if sizes is not None and name not in sizes:
        raise AccountError(f"{where}: the store has no contract {name} of that venue; refresh from it first")
    return None if sizes is None else sizes[name]


def _isolated(exported: Exported, held: Mask) -> list[bool | None]:
    """How each line that holds something is backed; None where the file does not say. Raises AccountError."""
    found: list[bool | None] = []
    for row, texts in enumerate(exported.texts_of(MODE)):
        where = exported.columns.where(row)
        strange = next((text for text in texts if held[row] and text not in (*ISOLATED, *CROSS, *UNSAID)), None)
        if strange is not None:
            raise AccountError(f"{where} has '{printable(strange)}' as its margin mode; it is cross or isolated")
        said = {text in ISOLATED for text in texts if text not in UNSAID}
        if held[row] and len(said) > 1:
            raise AccountError(f"{where} is isolated by one column and cross by another; leave out the one that is not")
        found.append(next(iter(said), None) if held[row] else None)
    for heading in headings.find_all(exported.headed[POSTED], WALLET_IF_ISOLATED):
        wallets = exported.figures[heading].tolist()
        found = [
            wallet > 0 if each is None and wallet >= 0 else each for each, wallet in zip(found, wallets, strict=True)
        ]
    return found


def _refuse_other_worth(leg: Leg, inverse: bool | None, stated: float, where: str) -> None:
    """Raises AccountError where a line is worth something else than it states: its quantity counts something else.

    What is stated of an inverse contract may be in quote currency or in coin, at the price now or at the entry.
    """
    side = leg.side
    prices = np.array([price for price in (side.mark, side.entry) if price > 0])
    if inverse is None or not prices.size or not stated:
        return
    reckoned = abs(side.quantity) * (np.append(1 / prices, 1.0) if inverse else prices)
    if math.isnan(stated) or (np.abs(np.log(reckoned / abs(stated))) <= math.log(FAR_WORTH)).any():
        return
    raise AccountError(
        f"{where}: {abs(side.quantity):,.6g} of {leg.name} at {prices[0]:,.6g} are worth {reckoned[0]:,.6g}, and it "
        f"says {abs(stated):,.6g}; its quantity counts something else (USD, contracts); state it in coins, or of "
        "an inverse contract in USD"
    )
