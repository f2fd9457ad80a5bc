"""The shapes a result can take on the sheet: each turns what the core returns into what the cells show.

Two of them carry labels, so that a person can read the spill and INDEX or XLOOKUP can find a figure: a `Table` has
its statistics down the first column, a `Listing` has one item a row under a header.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import KW_ONLY, fields
from typing import Any

import numpy as np

from core.records import dataclass

from . import cells

__all__ = ["Dated", "Listing", "Listings", "Matrix", "Portfolios", "Result", "Single", "Table", "Vector"]


@dataclass(frozen=True)
class Result:
    """How a result is laid out in cells."""

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """What the core returned as `cells.shown` takes it; `arguments` are the cells as they were sent."""
        raise NotImplementedError


@dataclass(frozen=True)
class Single(Result):
    """One number or one text."""

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The value itself."""
        return value


@dataclass(frozen=True)
class Matrix(Result):
    """A block, rows and columns as the core has them."""

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The block itself."""
        return np.asarray(value, dtype=np.float64)


@dataclass(frozen=True)
class Dated(Result):
    """A block beside its times: what the core returns as (times, block), the times as serial numbers of the sheet."""

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The times as the first column, then the block; a sheet shows them as dates once formatted so."""
        times, block = value
        return np.column_stack([cells.to_serials(times), block])


@dataclass(frozen=True)
class Vector(Result):
    """N values in the orientation of the first vector argument; a row where that was a T x N block."""

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """A column when the first range sent was one column, a row otherwise."""
        vector = np.asarray(value, dtype=np.float64).reshape(-1)
        shapes = (cells.shape(argument) for argument in arguments)
        rows, columns = next((shape for shape in shapes if shape != (1, 1)), (1, 1))
        return vector.reshape(-1, 1) if columns == 1 and rows == vector.size else vector.reshape(1, -1)


@dataclass(frozen=True)
class Table(Result):
    """Statistics down the first column, one column a contract (`asset_1`, ...) or one column `value`.

    A field that is a block `(K, N)` fills K rows: `beta_1`, `beta_2`, ...
    """

    _: KW_ONLY
    per_asset: bool

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The fields of the core's dataclass, in their order, under a header row."""
        rows: list[tuple[str, list[Any]]] = []
        for field in fields(value):
            statistic = np.atleast_1d(getattr(value, field.name))
            if statistic.ndim == 1:
                rows.append((field.name, statistic.tolist()))
            else:
                rows.extend((f"{field.name}_{k}", values.tolist()) for k, values in enumerate(statistic, start=1))
        width = max(len(values) for _, values in rows)
        header = [f"asset_{i + 1}" for i in range(width)] if self.per_asset else ["value"]
        # A figure of all contracts together stands alone in its row; the cells beside it show nothing.
        return [["", *header], *([name, *values, *[""] * (width - len(values))] for name, values in rows)]


@dataclass(frozen=True)
class Listing(Result):
    """A header row, then one item a row, under a first column if one is asked for.

    That column is 1, 2, ... under the header `numbered`, or factor_1, factor_2, ... under the header factor `named`.
    With `totals`, a field that holds one figure a column, a row "total" follows the numbered ones.
    """

    columns: tuple[str, ...]
    _: KW_ONLY
    numbered: str | None = None
    named: str | None = None
    totals: str | None = None

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The named fields of the core's dataclass side by side; a scalar field is the same on each row."""
        columns = np.broadcast_arrays(*(np.atleast_1d(getattr(value, name)) for name in self.columns))
        items: list[list[Any]] = [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        if self.named is not None:
            named = ([f"{self.named}_{i}", *row] for i, row in enumerate(items, start=1))
            return [[self.named, *self.columns], *named]
        if self.numbered is not None:
            last = [["total", *getattr(value, self.totals)]] if self.totals is not None else []
            return [[self.numbered, *self.columns], *([float(i), *row] for i, row in enumerate(items, start=1)), *last]
        return [list(self.columns), *items]


@dataclass(frozen=True)
class Listings(Result):
    """Several listings of one result below each other, each under its own header; short rows end in empty texts."""

    parts: tuple[Listing, ...]

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The rows of each part in turn, all as wide as the widest."""
        rows = [row for part in self.parts for row in part.lay_out(value, arguments)]
        width = max(len(row) for row in rows)
        return [row + [""] * (width - len(row)) for row in rows]


@dataclass(frozen=True)
class Portfolios(Result):
    """A header row, then one portfolio a row: its `figures`, each (header, field of the result), then w_1, ..., w_N."""

    figures: tuple[tuple[str, str], ...]

    def lay_out(self, value: Any, arguments: Sequence[object]) -> Any:
        """The figures `(K,)` and the `weights` `(K, N)` of the core's dataclass side by side."""
        rows = np.column_stack([*(getattr(value, field) for _, field in self.figures), value.weights])
        return [[*(name for name, _ in self.figures), *_names_of_weights(value.weights.shape[1])], rows]


@functools.cache
def _names_of_weights(contracts: int) -> tuple[str, ...]:
    return tuple(f"w_{i + 1}" for i in range(contracts))
