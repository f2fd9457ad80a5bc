"""Which columns of an export say what, where several may say the same.

Columns of one kind agree, or one is known to be something else, which is told: `price` beside an entry may be the price
now, `margin` beside a collateral what is required, `pair` an index, `coin` what margins. Else they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

import numpy as np

from core.arrays import Array, Mask
from core.errors import AccountError
from core.records import dataclass

from ... import headings
from ...tables.decimals import Settled, by_prices
from ...tables.figures import Decimal, either, figures, text_cells
from ...tables.table import Columns, Table
from .contract_names import desk_symbol

__all__ = [
    "CONTRACT",
    "ENTRY",
    "MARK",
    "MODE",
    "NOTIONAL",
    "POSTED",
    "PROFIT",
    "QUANTITY",
    "SIDE",
    "SIZE",
    "Exported",
    "Kind",
    "apart",
]


@dataclass(frozen=True)
class Kind:
    """What a column may say; the headings it is known by, and those that give way to any of them."""

    what: str
    words: tuple[str, ...]
    give_way: tuple[str, ...] = ()


GIVE_WAY = ("pair", "coin")
CONTRACT = Kind("contract", tuple(word for word in headings.SYMBOLS if word not in GIVE_WAY), GIVE_WAY)
QUANTITY = Kind(
    "quantity",
    ("quantity", "qty", "positionamt", "position", "positionsize", "pos", "size", "szi", "contracts", "amount"),
)
ENTRY = Kind(
    "entry", ("entry", "entryprice", "avgentryprice", "avgprice", "averageprice", "avgpx", "entrypx"), ("price",)
)
MARK = Kind("price now", ("markprice", "markpx", "mark"))
PROFIT = Kind("open profit", ("unrealizedpnl", "unrealisedpnl", "unrealizedprofit", "upl", "floatingprofitloss"))
POSTED = Kind("collateral", ("collateral", "isolatedwallet", "positionbalance"), ("margin",))
SIZE = Kind("size of a contract", ("contractsize", "ctval", "quantomultiplier", "multiplier"))
NOTIONAL = Kind("notional", ("notional", "notionalusd", "notionalvalue", "positionnotional", "positionvalue"))
SIDE = Kind("side", ("side", "positionside", "posside", "direction"))
MODE = Kind("margin mode", ("marginmode", "margintype", "mgnmode", "posmarginmode", "trademode", "isolated"))

FIGURES = (QUANTITY, ENTRY, MARK, PROFIT, POSTED, SIZE, NOTIONAL)
KINDS = (CONTRACT, *FIGURES, SIDE, MODE)

SAME = 1e-6
"""Of a figure: two columns that differ by less say the same, but for their rounding."""

SAME_PRODUCT = 0.01


@dataclass(frozen=True, eq=False)
class Exported:
    """An export: its rows, the headings of each kind of column, best first, and the figures under them.

    notes  what was taken and what was left aside, a sentence each
    """

    columns: Columns
    headed: dict[Kind, list[str]]
    figures: dict[str, Array]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, words_of_sides: tuple[str, ...], prices: Mapping[str, float]) -> Exported:
        """The export in a file. A column of quantities that has only `words_of_sides` says sides.

        `prices` are those of the desk, of which some may tell how the file writes its figures.

        Raises FeedError, by the line where one is at fault.
        """
        table = Table.open(path)
        headed = {kind: headings.find_all(table.names, (*kind.words, *kind.give_way)) for kind in KINDS}
        wanted = [name for each in headed.values() for name in each]
        twice = next((name for name in wanted if table.names.count(name) > 1), None)
        if twice is not None:
            raise AccountError(f"{path.name} has two columns '{twice}'; leave one out or rename it")
        columns = table.columns(wanted, as_text=True)
        for name in [each for each in headed[QUANTITY] if _only_sides(columns, each, words_of_sides)]:
            headed[QUANTITY].remove(name)
            headed[SIDE].append(name)
        for kind, what in ((CONTRACT, "symbol"), (QUANTITY, "quantity")):
            if not headed[kind]:
                raise AccountError(f"{path.name} has no column '{what}'; add it or rename one ({table.found})")
        return cls(columns, headed, *_figures(table, columns, headed, prices))

    def cells(self, name: str) -> list[str]:
        """A column as it stands in the file."""
        return text_cells(self.columns, name)

    def texts_of(self, kind: Kind) -> list[list[str]]:
        """For each row, what the columns of a kind say, in small letters; nothing where they are blank."""
        cells = [self.cells(name) for name in self.headed[kind]]
        return [[each[row].lower() for each in cells if each[row]] for row in range(len(self.columns.frame))]

    def figures_of(self, kind: Kind, matters: Mask) -> Array:
        """What the columns of a kind say in each row that matters, NaN where none does: the first that says something.

        Where one that gives way differs, that is told. Raises AccountError where two others differ.
        """
        found, by = np.full(len(matters), np.nan), np.full(len(matters), "", dtype=object)
        for name in self.headed[kind]:
            values = np.where(matters, self.figures[name], np.nan)
            differ = np.flatnonzero(apart(values, found))
            if differ.size:
                row = int(differ[0])
                both = f"{found[row]:g} as {by[row]} and {values[row]:g} as {name}"
                if not self.gives_way(kind, name):
                    raise AccountError(
                        f"{self.columns.where(row)} has {both}; leave out the column that is not the {kind.what}"
                    )
                self.tell(f"the {kind.what} is that of {by[row]}, not of {name}", row, both)
            new = np.isnan(found) & ~np.isnan(values)
            found, by = np.where(new, values, found), np.where(new, name, by)
        return found

    def gives_way(self, kind: Kind, name: str) -> bool:
        """Whether a heading of this kind is one that may be something else beside another one."""
        return headings.find([name], kind.give_way) is not None

    def tell(self, what: str, row: int, such_as: str) -> None:
        """Note what was taken, once, with the first row where it made a difference."""
        if not any(note.startswith(what) for note in self.notes):
            self.notes.append(f"{what} ({self.columns.where(row)}: {such_as})")


def apart(one: Array | float, other: Array | float) -> Mask:
    """Where two figures differ by more than their rounding; not where one is NaN."""
    return np.abs(np.subtract(one, other)) > SAME * np.maximum(np.abs(one), np.abs(other))


def _only_sides(columns: Columns, name: str, words: tuple[str, ...]) -> bool:
    said = {text.lower() for text in text_cells(columns, name) if text}
    return bool(said) and said <= set(words)


def _figures(
    table: Table, columns: Columns, headed: dict[Kind, list[str]], prices: Mapping[str, float]
) -> tuple[dict[str, Array], list[str]]:
    """All figures, and what was assumed of how they are written. Raises FeedError for those that may be two numbers."""
    names = [name for kind in FIGURES for name in headed[kind]]
    if table.dialect is None:
        return figures(columns, names, ".").columns, []
    found = figures(columns, names)
    if not found.doubtful:
        return found.columns, []
    by_product = _by_product(columns, headed, names)
    settled = Settled(by_product) if by_product is not None else _by_prices(columns, headed, prices, found.doubtful)
    if settled is not None:
        return figures(columns, names, settled.decimal).columns, [settled.remark] if settled.remark else []
    file, doubt = table.path.name, found.doubtful
    if table.dialect.separator == ",":
        return found.columns, [
            f"{file} is read with decimal points, which no figure in it proves ('{doubt}' is not "
            f"{re.sub('[.,]', '', doubt)})"
        ]
    raise AccountError(f"{file} has '{doubt}', {either(doubt)}")


def _by_prices(
    columns: Columns, headed: dict[Kind, list[str]], prices: Mapping[str, float], doubtful: str
) -> Settled | None:
    """The one decimal sign with which entries and prices of a contract are near that of the desk."""
    told: dict[str, list[str]] = {}
    symbols = [desk_symbol(cell.upper(), prices) for cell in text_cells(columns, headed[CONTRACT][0])]
    for name in [*headed[ENTRY], *headed[MARK]]:
        for symbol, text in zip(symbols, text_cells(columns, name), strict=True):
            told.setdefault(symbol, []).append(text)
    return by_prices(told, prices, doubtful, columns.path.name) if told else None


def _by_product(columns: Columns, headed: dict[Kind, list[str]], names: list[str]) -> Decimal | None:
    """The one decimal sign with which quantity times price is the notional in all rows that have the three."""
    three = [headed[kind][:1] for kind in (QUANTITY, MARK if headed[MARK] else ENTRY, NOTIONAL)]
    if not all(three):
        return None
    fitting: list[Decimal] = []
    for decimal in (".", ","):
        read = figures(columns, names, decimal).columns
        quantity, price, notional = (np.abs(read[name]) for [name] in three)
        with np.errstate(invalid="ignore"):
            known = np.isfinite(quantity * price * notional) & (notional > 0)
            close = np.abs(quantity * price - notional) <= SAME_PRODUCT * notional
        if known.any() and close[known].all():
            fitting.append(decimal)
    return fitting[0] if len(fitting) == 1 else None
