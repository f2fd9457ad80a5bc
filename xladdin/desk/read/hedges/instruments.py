"""The sheet Hedges: perpetuals elsewhere, spot, bought options and stablecoins that hedge the contracts of Universe.

What is blank and follows from the rest is filled in: a price from the underlying, the volatility of an option from its
price, its price from the volatility. What cannot be is refused with its cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Mask, Times
from core.checks import nearest
from core.errors import BookError
from core.records import dataclass
from core.units import BASIS_POINT, HOURS_PER_YEAR

from ....books.workbook import Block, Workbook
from ...layout.sheets import TABLES
from ..cells import read_columns
from .option_price import Option

__all__ = ["NO_INSTRUMENTS", "Instruments", "read_instruments", "underlyings_of", "wrong_instruments"]

OF_OPTIONS = ("Strike", "Expiry", "OptionType", "ImpliedVol")


@dataclass(frozen=True)
class Instruments:
    """One entry a row of Hedges, all `(H,)`; NaN, NaT = not given.

    `underlying` is the place of its contract in the desk's universe, -1 of a stablecoin; `prices` of a unit in quote;
    `carries` decimals a year; `years` from the last close to the expiry of an option; `implied_vols` a year.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    underlying: NDArray[np.int_]
    prices: Array
    lots: Array
    fee_rates: Array
    carries: Array
    strikes: Array
    expiries: Times
    years: Array
    calls: Mask
    implied_vols: Array
    positions: Array
    hedges: Mask
    addresses: tuple[str, ...]

    def are(self, *kinds: str) -> Mask:
        """Which are of one of these kinds, `(H,)`."""
        return np.array([kind in kinds for kind in self.kinds], dtype=bool)

    @property
    def fully_paid(self) -> Mask:
        """Which are bought with cash, and cannot be sold beyond what is held."""
        return ~self.are("perp")


NO_INSTRUMENTS = Instruments(
    names=(),
    kinds=(),
    underlying=np.zeros(0, dtype=int),
    prices=np.zeros(0),
    lots=np.zeros(0),
    fee_rates=np.zeros(0),
    carries=np.zeros(0),
    strikes=np.zeros(0),
    expiries=np.zeros(0, dtype="datetime64[s]"),
    years=np.zeros(0),
    calls=np.zeros(0, dtype=bool),
    implied_vols=np.zeros(0),
    positions=np.zeros(0),
    hedges=np.zeros(0, dtype=bool),
    addresses=(),
)
"""An empty sheet Hedges."""


def underlyings_of(book: Workbook) -> tuple[str, ...]:
    """The symbols that the sheet Hedges names, as they stand there."""
    return tuple(word.strip() for word in book.table("Hedges").column("Underlying") if isinstance(word, str))


def read_instruments(
    book: Workbook, symbols: Sequence[str], prices: Array, last_close: np.datetime64, risk_free: float
) -> Instruments:
    """The instruments on contracts `symbols` `(N,)` at `prices`. Raises BookError that names the cell to mend."""
    block = book.table("Hedges")
    if not block.rows:
        return NO_INSTRUMENTS
    column = read_columns(block, TABLES["Hedges"])
    for problem in wrong_instruments(block, column, symbols):
        raise BookError(problem)
    number = {
        name: np.array(column[name], dtype=np.float64)
        for name in TABLES["Hedges"].header
        if TABLES["Hedges"].column(name).kind == "number"
    }
    underlying = np.array([symbols.index(name) if name else -1 for name in column["Underlying"]], dtype=int)
    spots = np.where(underlying >= 0, prices[underlying], 1.0)
    expiries = np.array(
        [each if isinstance(each, datetime) else None for each in column["Expiry"]], dtype="datetime64[s]"
    )
    years = (expiries - last_close) / np.timedelta64(3600, "s") / HOURS_PER_YEAR
    paid, implied = number["Price"].copy(), number["ImpliedVol"].copy()
    for row, kind in enumerate(column["Kind"]):
        if kind != "option":
            paid[row] = spots[row] if np.isnan(paid[row]) else paid[row]
            continue
        if not years[row] > 0:
            raise BookError(
                f"{block.address(row, 'Expiry')}: {column['Instrument'][row]} has expired by the last close, "
                f"{last_close.item():%Y-%m-%d %H:%M}; remove its row, and add what it brought to Equity"
            )
        carry = np.nan_to_num(number["CarryAnnual"][row])
        terms = Option(
            name=column["Instrument"][row],
            forward=float(spots[row] * np.exp(carry * years[row])),
            spot=float(spots[row]),
            strike=float(number["Strike"][row]),
            years=float(years[row]),
            call=column["OptionType"][row] == "call",
            rate=risk_free,
            address=block.address(row, "Price"),
        )
        paid[row], implied[row] = terms.priced(float(paid[row]), float(implied[row]))
    return Instruments(
        names=tuple(column["Instrument"]),
        kinds=tuple(column["Kind"]),
        underlying=underlying,
        prices=paid,
        lots=number["Lot"],
        fee_rates=number["FeeBps"] * BASIS_POINT,
        carries=number["CarryAnnual"],
        strikes=number["Strike"],
        expiries=expiries,
        years=years,
        calls=np.array([side == "call" for side in column["OptionType"]]),
        implied_vols=implied,
        positions=number["Position"],
        hedges=np.array(column["Hedge"]) == "Y",
        addresses=tuple(block.address(row, "Instrument") for row in range(len(block.rows))),
    )


def wrong_instruments(block: Block, column: Mapping[str, list[Any]], symbols: Sequence[str]) -> Iterator[str]:
    """What is wrong between the cells of Hedges, each of which is right: one sentence each."""
    names, contracts = [name.casefold() for name in column["Instrument"]], [symbol.casefold() for symbol in symbols]
    for row, name in enumerate(column["Instrument"]):
        kind, underlying = column["Kind"][row], column["Underlying"][row]
        if names[row] in names[:row] or names[row] in contracts:
            where = "on Universe too" if names[row] in contracts else "twice on Hedges"
            yield f"{block.address(row, 'Instrument')}: {name} stands {where}; give it a name of its own"
        if kind == "stablecoin" and underlying:
            yield f"{block.address(row, 'Underlying')}: a stablecoin has no underlying; clear {underlying}"
        if kind != "stablecoin" and underlying not in symbols:
            said = (
                f"'{underlying}' is no symbol of Universe{nearest(underlying, symbols)}" if underlying else "is blank"
            )
            yield f"{block.address(row, 'Underlying')}: {said}; enter the contract that {name} moves with"
        if column["Price"][row] == 0:
            yield f"{block.address(row, 'Price')} is 0; enter what {name} costs, or leave it blank"
        if column["Position"][row] < 0 and kind != "perp":
            margin = "a sold option needs margin by rules of its venue that are not known here, " * (kind == "option")
            yield (
                f"{block.address(row, 'Position')} is negative: {margin}only a perp can be held short; enter what is "
                "held, or 0"
            )
        yield from _wrong_option(block, column, row)


def _wrong_option(block: Block, column: Mapping[str, list[Any]], row: int) -> Iterator[str]:
    name, is_option = column["Instrument"][row], column["Kind"][row] == "option"
    given = [heading for heading in OF_OPTIONS if not _is_unknown(column[heading][row])]
    if not is_option:
        for heading in given:
            kind = column["Kind"][row]
            yield f"{block.address(row, heading)}: {name} is a {kind}, and only an option has that; clear it"
        return
    for heading in OF_OPTIONS[:3]:
        if heading not in given or column[heading][row] == 0:
            yield f"{block.address(row, heading)} is needed of the option {name}; fill it in"
    if _is_unknown(column["ImpliedVol"][row]) and _is_unknown(column["Price"][row]):
        yield f"{block.address(row, 'ImpliedVol')}: {name} has neither Price nor ImpliedVol; enter one of them"


def _is_unknown(value: Any) -> bool:
    return bool(value == "" or value != value)
