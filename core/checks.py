"""Guards shared by the whole core: shape, finiteness, alignment, enough data, positive semidefinite.

Each guard takes the name of the argument it looks at, so that its message can say which one to mend, and
returns the array in the form the caller works with (float64, `(T, N)` or `(N,)`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import Array, Mask
from .errors import ArgumentError, MissingDataError, say
from .tolerances import RANK, REPORTED

__all__ = [
    "aligned",
    "as_covariance",
    "as_matrix",
    "as_vector",
    "choice",
    "common_size",
    "complete_rows",
    "doubt_percent",
    "enough",
    "finite",
    "for_held",
    "nearest",
    "number",
    "numbers",
    "place_of",
    "positive_prices",
    "prices_for_held",
    "together",
    "whole",
]


def as_matrix(values: ArrayLike, name: str, *, infinite: bool = False) -> Array:
    """`values` as float64 `(T, N)`; one dimension becomes one column. NaN stays. Raises ArgumentError.

    An infinity is refused, unless the caller says by `infinite` that it will find it on its own.
    """
    matrix = _as_float(values, name)
    if matrix.ndim < 2:
        matrix = matrix.reshape(-1, 1)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ArgumentError(f"{name} must be a block of rows and columns, not of shape {matrix.shape}")
    if not infinite and np.isinf(matrix).any():
        row, column = np.argwhere(np.isinf(matrix))[0] + 1
        raise ArgumentError(f"{name} is infinite in row {row}, column {column}; clear or correct that value")
    return matrix


def as_vector(values: ArrayLike, name: str, length: int | None = None, each: str = "contract") -> Array:
    """`values` as float64 `(N,)`, from a row or a column. NaN stays. A scalar fills `length`, one `each`.

    Raises ArgumentError.
    """
    vector = _as_float(values, name)
    if vector.ndim > 1 and sum(side > 1 for side in vector.shape) > 1:
        raise ArgumentError(f"{name} must be one row or one column, not a block of shape {vector.shape}")
    vector = vector.reshape(-1)
    if vector.size == 0:
        raise ArgumentError(f"{name} is empty; select at least one value")
    if length is not None and vector.size == 1:
        vector = np.full(length, vector[0])
    if length is not None and vector.size != length:
        raise ArgumentError(f"{name} has {vector.size} values where {length} are needed, one for each {each}")
    if np.isinf(vector).any():
        position = int(np.argmax(np.isinf(vector))) + 1
        raise ArgumentError(f"{name} is infinite at position {position}; correct that value")
    return vector


def number(
    value: float,
    name: str,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
) -> float:
    """`value` as a finite float inside the bounds given. Raises ArgumentError that states the bound it broke."""
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"{name} must be a number, not {value!r}") from None
    if not np.isfinite(result):
        raise ArgumentError(f"{name} must be a finite number; correct that value")
    _within(np.array([result]), name, above=above, at_least=at_least, below=below, at_most=at_most)
    return result


def whole(value: float, name: str, *, at_least: float | None = None, at_most: float | None = None) -> int:
    """`value` as an int inside the bounds given; a fraction is refused, not rounded. Raises ArgumentError."""
    result = number(value, name, at_least=at_least, at_most=at_most)
    if result != int(result):
        raise ArgumentError(f"{name} is {result:g}; it must be a whole number")
    return int(result)


def numbers(
    values: ArrayLike,
    name: str,
    length: int | None = None,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
    each: str = "contract",
) -> Array:
    """`values` as a `(N,)` vector without gaps, one `each`, inside the bounds.

    Args:
        values: one row, one column or one number.
        name: what the caller calls them, for the message.
        length: how many are needed, N; one number then stands for all. None takes as many as there are.
        above: each value must be above this.
        at_least: each value must be this or more.
        below: each value must be below this.
        at_most: each value must be this or less.
        each: what there must be one value for, in the singular, for the message.

    Raises ArgumentError, MissingDataError.
    """
    vector = finite(as_vector(values, name, length, each), name)
    _within(vector, name, above=above, at_least=at_least, below=below, at_most=at_most)
    return vector


def finite(values: Array, name: str) -> Array:
    """`values` unchanged when no entry is missing. Raises MissingDataError that names the first gap."""
    present = np.isfinite(values)
    if present.all():
        return values
    gap = _place(np.argwhere(~present)[0])
    raise MissingDataError(f"{name} has no value at {gap}; fill it in or leave that contract out")


def positive_prices(prices: Array, name: str = "prices") -> Array:
    """`prices` unchanged when each is above zero or missing (NaN). Raises ArgumentError naming the first bad one."""
    bad = prices <= 0
    if bad.any():
        first = np.argwhere(bad)[0]
        raise ArgumentError(
            f"{name} is {prices[tuple(first)]:g} at {_place(first)}; a price must be above zero, leave it blank if it "
            "is unknown"
        )
    return prices


def aligned(first: NDArray[Any], first_name: str, second: NDArray[Any], second_name: str) -> None:
    """Nothing when both have as many rows. Raises ArgumentError."""
    if len(first) != len(second):
        raise ArgumentError(
            f"{first_name} has {len(first)} rows and {second_name} has {len(second)}; select the same rows for both"
        )


def for_held(values: ArrayLike, name: str, held: Mask) -> Array:
    """One value a contract, `(N,)`, 1 where nothing is `held`: what is not held needs none.

    Raises ArgumentError (not as many values as quantities) and MissingDataError (a held contract has none).
    """
    vector = as_vector(values, name)
    aligned(held, "quantities", vector, name)
    return finite(np.where(held, vector, 1.0), name)


def prices_for_held(prices: ArrayLike, name: str, held: Mask) -> Array:
    """As `for_held`, and each price above zero."""
    return positive_prices(for_held(prices, name, held), name)


def common_size(*arguments: ArrayLike) -> int:
    """How many contracts arguments speak of together that are each one for all or one a contract."""
    return max(np.size(argument) for argument in arguments)


def together(**values: ArrayLike) -> tuple[Array, ...]:
    """The named values as float arrays broadcast to one shape; scalars stay scalars. Raises ArgumentError."""
    arrays = [as_matrix(value, name).reshape(np.shape(value)) for name, value in values.items()]
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(values, arrays, strict=True))
        raise ArgumentError(f"the shapes do not fit together: {shapes}; select as many values for each") from None


def enough(observations: int, needed: int, name: str) -> None:
    """Nothing when there are `needed` complete observations. Raises MissingDataError."""
    if observations < needed:
        raise MissingDataError(
            f"{name} has too few complete rows, {observations} where {needed} are needed; select a longer history"
        )


def complete_rows(values: Array, name: str) -> Mask:
    """Which rows of `values` (T, N) have no gap, `(T,)`. A DataWarning says how many fall out and who lacks most."""
    present = np.isfinite(values)
    if present.all():  # several times quicker than row by row
        return np.ones(len(values), dtype=np.bool_)
    complete = np.asarray(present.all(axis=1))
    dropped = len(complete) - int(complete.sum())
    message = f"{name}: {dropped} of {len(complete)} rows dropped because a value is missing"
    if values.shape[1] > 1:
        gaps = (~present).sum(axis=0)
        message += f"; column {gaps.argmax() + 1} lacks {gaps.max()}, the most"
    say(message)
    return complete


def as_covariance(covariance: ArrayLike, size: int | None = None, name: str = "covariance") -> Array:
    """`covariance` as a symmetric positive semidefinite `(N, N)` matrix. Raises ArgumentError, MissingDataError."""
    matrix = as_matrix(covariance, name, infinite=True)
    if not np.isfinite(matrix).all():
        finite(as_matrix(matrix, name), name)  # one of the two says where
    rows, columns = matrix.shape
    if rows != columns:
        raise ArgumentError(f"{name} has {rows} rows and {columns} columns; it must be square")
    if size is not None and rows != size:
        raise ArgumentError(f"{name} is {rows} x {rows} where {size} x {size} is needed, one row for each contract")
    if not (matrix == matrix.T).all():
        if np.abs(matrix - matrix.T).max() > REPORTED * np.abs(matrix).max():
            raise ArgumentError(f"{name} is not symmetric; select the whole matrix, rows and columns in the same order")
        matrix = (matrix + matrix.T) / 2
    # A Cholesky factor is far quicker than the eigenvalues, which only the message needs; most have one as they stand.
    if not _has_factor(matrix):
        raised = matrix.copy()
        raised.flat[:: rows + 1] += RANK * (float(np.abs(matrix).max()) or 1.0) * rows
        if not _has_factor(raised):
            smallest = float(np.linalg.eigvalsh(matrix)[0])
            raise ArgumentError(
                f"{name} is not positive semidefinite (eigenvalue {smallest:.3g}); estimate it with PERP_COV"
            )
    return matrix


def _has_factor(matrix: Array) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def doubt_percent(values: Array, name: str, largest: float) -> None:
    """Say through a DataWarning where a value is larger, in size, than the `largest` a decimal is known to be."""
    large = np.abs(values) > largest
    if large.any():
        value = float(values[large][0])
        say(f"{name} is {value:g}{place_of(large)}, which looks like percent; give decimals ({value / 100:g})")


def place_of(marked: Mask) -> str:
    """` at position 2` or ` at row 3, column 1`, the first that is marked; nothing where there is one entry only."""
    return f" at {_place(np.argwhere(marked)[0])}" if marked.size > 1 else ""


def choice(value: str, name: str, options: Iterable[str]) -> str:
    """The option that `value` names, whatever its case. Raises ArgumentError that lists all and the nearest."""
    known = list(options)
    wanted = str(value).strip().lower()
    if wanted in known:
        return wanted
    raise ArgumentError(f"{name} '{value}' is not known{nearest(wanted, known)}; choose one of: {', '.join(known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the known word nearest to `word`, or nothing when none is near."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _as_float(values: ArrayLike, name: str) -> NDArray[Any]:
    wrong = f"{name} must hold numbers only, in rows of equal length"
    try:
        plain = np.asarray(values)
        if plain.dtype.kind in "mMc":  # NumPy would read a date as its count of seconds
            raise ArgumentError(wrong)
        return np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(wrong) from None


def _place(index: NDArray[np.intp]) -> str:
    if len(index) == 1:
        return f"position {index[0] + 1}"
    return f"row {index[0] + 1}, column {index[1] + 1}"


def _within(
    vector: Array, name: str, *, above: float | None, at_least: float | None, below: float | None, at_most: float | None
) -> None:
    """Nothing when each entry keeps the bounds. Raises ArgumentError that names the first one that does not."""
    for outside, bound, words in (
        (np.less_equal, above, "above"),
        (np.less, at_least, "at least"),
        (np.greater_equal, below, "below"),
        (np.greater, at_most, "at most"),
    ):
        if bound is not None and outside(vector, bound).any():
            first = int(np.argmax(outside(vector, bound)))
            place = f" at position {first + 1}" if vector.size > 1 else ""
            raise ArgumentError(f"{name} is {vector[first]:g}{place}; it must be {words} {bound:g}")
