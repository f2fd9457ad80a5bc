"""Margin tiers: the larger a position, the more of it must be held.

A venue cuts the notional n of a position into tiers k, each with a maintenance rate r_k, an amount a_k and a largest
leverage. In the tier that holds n, min_k < n <= max_k,

    maintenance margin M(n) = n r_k - a_k        initial margin = n / max leverage_k
    a_1 = 0,   a_k = a_{k-1} + min_k (r_k - r_{k-1})

The amounts are no discount: they are what makes M continuous where one tier ends and the next begins, so that each
rate is charged only on the part of the notional that lies in its tier, as with an income tax. As the rates rise, M is
convex and no less than any of its lines, M(n) = max_k (n r_k - a_k). For an inverse contract n is counted in coin.

Source: Binance, "Leverage and Margin of USDⓈ-M Futures" and "How to Calculate Liquidation Price" (maintenance amount).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import as_matrix, as_vector, finite, together
from ..errors import ArgumentError, say
from ..records import dataclass
from ..tolerances import ACTIVE

__all__ = ["COLUMNS", "Tier", "Tiers", "tier", "tier_tables", "tiered_maintenance"]

COLUMNS = ("min_notional", "max_notional", "maintenance_rate", "maintenance_amount", "max_leverage")

AMOUNT_TOLERANCE = 1e-6
"""Difference between a stated amount and the formula's, as a share of the margin there, that is let pass: venues state
amounts to a few decimals only."""

BLOCK = 8192
"""Notionals taken at a time, so that all passes over them stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Tier:
    """What holds at N notionals, each (N,): the rate as a decimal, the amount in money, the leverage in times."""

    maintenance_rate: Array
    maintenance_amount: Array
    max_leverage: Array


@dataclass(frozen=True, eq=False)
class Tiers:
    """The K tiers of one contract, smallest notional first; each field (K,), notionals and amounts in one currency.

    NaN: the last `max_notional` may be blank (no end); `maintenance_amount` may be blank throughout (it follows from
    the rates). Raises ArgumentError that names the row (not sorted, a gap or an overlap, a rate that falls, is no
    share or is in percent, an amount off the formula) and MissingDataError (a value is missing).
    """

    min_notional: Array
    max_notional: Array
    maintenance_rate: Array
    maintenance_amount: Array
    max_leverage: Array

    def __post_init__(self) -> None:
        lows = as_vector(self.min_notional, "min_notional")
        for name in COLUMNS:
            # A frozen dataclass sets its fields this way when it brings them to their proper form.
            object.__setattr__(self, name, _column(getattr(self, name), name, len(lows)))
        for name in ("min_notional", "maintenance_rate", "max_leverage"):
            finite(getattr(self, name), name)
        self.max_notional[-1] = np.inf if np.isnan(self.max_notional[-1]) else self.max_notional[-1]
        self._check_edges()
        self._check_rates()
        self._check_leverages()
        self._check_amounts()
        for name in COLUMNS:
            getattr(self, name).setflags(write=False)

    @classmethod
    def from_rows(cls, rows: ArrayLike) -> Tiers:
        """The tiers of a block (K, 5), one tier a row, its columns as in `COLUMNS`. Raises as the class does.

        Rows without any number, such as a header or the empty rows under a table, are left out.
        """
        block = as_matrix(rows, "tiers", infinite=True)
        if block.shape[1] != len(COLUMNS):
            raise ArgumentError(
                f"tiers has {block.shape[1]} columns where {len(COLUMNS)} are needed: {', '.join(COLUMNS)}"
            )
        filled = ~np.isnan(block).all(axis=1)
        return cls(*block[filled].T)

    def at(self, notional: ArrayLike) -> tuple[Array, Array, Array]:
        """Rate, amount and largest leverage at each notional, whatever its sign and shape; NaN where it is NaN.

        A notional on an edge belongs to the lower tier. Beyond the last tier, where a position can grow but not be
        opened, the last one stands. Raises ArgumentError.
        """
        (sizes,) = together(notional=notional)
        row = np.maximum(np.searchsorted(self.min_notional, np.abs(np.nan_to_num(sizes)), side="left") - 1, 0)
        gap = np.where(np.isnan(sizes), np.nan, 0.0)
        return (self.maintenance_rate[row] + gap, self.maintenance_amount[row] + gap, self.max_leverage[row] + gap)

    def maintenance(self, notional: ArrayLike) -> Array:
        """Maintenance margin of each position, max_k (|n| r_k - a_k), of the shape of `notional`; NaN stays."""
        (sizes,) = together(notional=notional)
        flat = np.abs(sizes).reshape(-1)
        blocks = [self._greatest_line(flat[start : start + BLOCK]) for start in range(0, flat.size, BLOCK)]
        return np.concatenate(blocks).reshape(sizes.shape)

    def initial(self, notional: ArrayLike) -> Array:
        """Initial margin |n| / max leverage of each position, of the shape of `notional`; NaN stays."""
        _, _, leverage = self.at(notional)
        return np.asarray(np.abs(np.asarray(notional, dtype=np.float64)) / leverage)

    def _greatest_line(self, sizes: Array) -> Array:
        """max_k (n r_k - a_k): one pass a tier is several times quicker than looking up the tier of each position."""
        greatest: Array = sizes * self.maintenance_rate[0]
        line = np.empty_like(sizes)
        for rate, amount in zip(self.maintenance_rate[1:], self.maintenance_amount[1:], strict=True):
            np.multiply(sizes, rate, out=line)
            np.subtract(line, amount, out=line)
            np.maximum(greatest, line, out=greatest)
        return greatest

    def _check_edges(self) -> None:
        lows, highs = self.min_notional, self.max_notional
        finite(highs[:-1], "max_notional")
        if lows[0] != 0:
            raise ArgumentError(f"min_notional is {lows[0]:g} in tier row 1; the first tier must start at 0")
        for row, (low, high) in enumerate(zip(lows, highs, strict=True), start=1):
            if high <= low:
                raise ArgumentError(f"max_notional is {high:g} in tier row {row}, not above its min_notional {low:g}")
        for row, (end, start) in enumerate(zip(highs[:-1], lows[1:], strict=True), start=2):
            if abs(start - end) <= ACTIVE * end:
                continue
            if start <= lows[row - 2]:
                raise ArgumentError(f"tiers are not sorted: row {row} starts at {start:.15g}; put the smallest first")
            fault = "a gap" if start > end else "an overlap"
            raise ArgumentError(
                f"tiers have {fault}: row {row - 1} ends at {end:.15g} and row {row} starts at {start:.15g}; "
                "let each tier start where the one before ends"
            )

    def _check_rates(self) -> None:
        rates, leverages = self.maintenance_rate, self.max_leverage
        for row, (rate, leverage) in enumerate(zip(rates, leverages, strict=True), start=1):
            if not 0 < rate < 1:
                raise ArgumentError(
                    f"maintenance_rate is {rate:g} in tier row {row}; write it as a decimal below 1 (1 % = 0.01)"
                )
            if leverage > 0 and rate * leverage > 1:
                raise ArgumentError(
                    f"maintenance_rate is {rate:g} in tier row {row}, above the initial margin 1 / {leverage:g}; "
                    "is it in percent? write 1 % as 0.01"
                )
        falls = np.flatnonzero(np.diff(rates) < 0)
        if falls.size:
            row = int(falls[0]) + 2
            raise ArgumentError(
                f"maintenance_rate falls to {rates[row - 1]:g} in tier row {row}; it must rise with size"
            )

    def _check_leverages(self) -> None:
        leverages = self.max_leverage
        for row, leverage in enumerate(leverages, start=1):
            if leverage <= 0:
                raise ArgumentError(f"max_leverage is {leverage:g} in tier row {row}; it must be above 0")
            if row > 1 and leverage > leverages[row - 2]:
                raise ArgumentError(f"max_leverage rises to {leverage:g} in tier row {row}; it must fall with size")

    def _check_amounts(self) -> None:
        steps = self.min_notional[1:] * np.diff(self.maintenance_rate)
        formula = np.concatenate([[0.0], np.cumsum(steps)])
        stated = self.maintenance_amount
        if np.isnan(stated).all():
            object.__setattr__(self, "maintenance_amount", formula)
            return
        finite(stated, "maintenance_amount")
        margins = self.min_notional * self.maintenance_rate
        wrong = np.flatnonzero(np.abs(stated - formula) > AMOUNT_TOLERANCE * margins)
        if wrong.size:
            row = int(wrong[0])
            raise ArgumentError(
                f"maintenance_amount is {stated[row]:.15g} in tier row {row + 1} where the rates make it "
                f"{formula[row]:.15g}; correct it, or leave the column blank"
            )


def tier_tables(tiers: Tiers | Sequence[Tiers], size: int, each: str = "contract") -> list[Tiers]:
    """One table for all of `size` contracts, or one for `each`. Raises ArgumentError."""
    tables = [tiers] if isinstance(tiers, Tiers) else list(tiers)
    if len(tables) not in (1, size):
        raise ArgumentError(f"tiers has {len(tables)} tables where {size} are needed, one for each {each}")
    return tables


def tiered_maintenance(tables: Sequence[Tiers], notionals: Array) -> Array:
    """Maintenance margin of each notional `(N,)` by one table for all or its own."""
    parts = np.split(notionals, len(tables))
    return np.concatenate([table.maintenance(part) for table, part in zip(tables, parts, strict=True)])


def tier(notional: ArrayLike, tiers: Tiers | ArrayLike) -> Tier:
    """The tier of each notional, whatever its sign: (N,) -> fields (N,); NaN where the notional is missing.

    `tiers` is a `Tiers` or a block as in `Tiers.from_rows`. Beyond the last tier the last one stands, and a
    DataWarning says so. Raises as `Tiers` does.
    """
    table = tiers if isinstance(tiers, Tiers) else Tiers.from_rows(tiers)
    sizes = as_vector(notional, "notional")
    beyond = np.abs(sizes) > table.max_notional[-1]
    if beyond.any():
        first = int(np.argmax(beyond))
        say(
            f"notional {sizes[first]:.15g} at position {first + 1} is beyond the last tier, which ends at "
            f"{table.max_notional[-1]:.15g}; the venue opens no such position, and the last tier is shown"
        )
    return Tier(*table.at(sizes))


def _column(values: ArrayLike, name: str, length: int) -> Array:
    """A copy of one column, `(length,)`. Raises ArgumentError."""
    column = as_matrix(values, name, infinite=True).reshape(-1).copy()
    if column.size != length:
        raise ArgumentError(f"{name} has {column.size} rows where min_notional has {length}; give one value a tier")
    if np.isinf(column[:-1]).any() or (name != "max_notional" and np.isinf(column[-1])):
        raise ArgumentError(f"{name} is infinite; only the last max_notional may have no end")
    return column
