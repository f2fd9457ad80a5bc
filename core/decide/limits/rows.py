"""Limits as a spreadsheet states them: rows of a name, then one value or one value a contract.

    max_weight     0.4                          one value: the same for every contract
    betas          1.0    1.2    0.8            one a contract
    group_1        1      1      0              a group's members, then the limits of their sum
    group_1_max    0.6
    factor_1       0.3    -0.1   0.5            a factor's loadings, then the limits of the exposure
    factor_1_min   -0.1

A heading may stand above: limit, value, or the symbols of the contracts. Cells may be blank (None, "" or NaN). A row
whose values are all blank counts as not stated, but for `net`, which is then free. Percent typed as a number (30 for
30 %) is taken as it stands, and a DataWarning names its row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from ...arrays import Array
from ...checks import doubt_percent, nearest
from ...errors import ArgumentError
from .exposure import SIDES, Factor, Group
from .terms import Term

__all__ = ["arguments"]

EXPOSURES = ("group_1", "group_1_max", "group_1_min", "factor_1", "factor_1_max", "factor_1_min", "factor_1_target")
"""The names of exposures, with the number 1 for any number; a group has no target."""


def arguments(rows: Sequence[Sequence[Any]], contracts: int, terms: Mapping[str, Term]) -> dict[str, Any]:
    """What each stated row says, by name; groups and factors come as tuples named `groups` and `factors`.

    `terms` are what a row may state. Raises ArgumentError that names the row.
    """
    known = [*terms, *EXPOSURES]
    stated = _values_by_name(_without_heading(rows, known))
    width = max((len(row) - 1 for row in rows), default=0)
    read: dict[str, Any] = {}
    for name, values in stated.items():
        if _is_exposure(name):
            continue
        if name not in terms:
            raise ArgumentError(
                f"limits row '{name}' is not known{nearest(name, known)}; the names are: {', '.join(known)}"
            )
        if values:
            read[name] = _read(terms[name], values, contracts, width)
            doubt_percent(np.atleast_1d(read[name]), name, terms[name].usual)
        elif name == "net":
            read["net"] = None
    exposures = [_exposure(name, stated, contracts) for name in _exposure_names(stated)]
    return read | {
        "groups": tuple(exposure for exposure in exposures if isinstance(exposure, Group)),
        "factors": tuple(exposure for exposure in exposures if not isinstance(exposure, Group)),
    }


def _without_heading(rows: Sequence[Sequence[Any]], known: Collection[str]) -> Sequence[Sequence[Any]]:
    """The rows without a first one of words only, such as limit, value or the symbols of the contracts.

    A row that begins with a limit's name or one like it is none, nor is one that holds a number, however written.
    """
    first = next((place for place, row in enumerate(rows) if any(_is_filled(cell) for cell in row)), None)
    if first is None:
        return rows
    name, *others = rows[first]
    beside = [cell for cell in others if _is_filled(cell)]
    words = all(isinstance(cell, str) and not _reads_as_number(cell) for cell in beside)
    if not beside or not words or _resembles(_name(name), known):
        return rows
    return rows[first + 1 :]


def _resembles(name: str, known: Collection[str]) -> bool:
    return _is_exposure(name) or name in known or bool(nearest(name, known))


def _reads_as_number(text: str) -> bool:
    """Whether a person would take the text for a number: 0.4, 40 %, 3x, 1,5."""
    return re.fullmatch(r"[-+]?[\d.,'\s]*\d[\d.,'\s]*(e[-+]?\d+)?\s*[%x]?", text.strip().lower()) is not None


def _is_filled(cell: Any) -> bool:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return False
    return not (isinstance(cell, float) and np.isnan(cell))


def _is_exposure(name: str) -> bool:
    return re.sub(r"_[1-9]\d*", "_1", name) in EXPOSURES


def _name(cell: Any) -> str:
    return "" if cell is None else str(cell).strip().lower()


def _values_by_name(rows: Sequence[Sequence[Any]]) -> dict[str, list[float | None]]:
    """Each named row's values, blanks at the end cut off."""
    stated: dict[str, list[float | None]] = {}
    for position, row in enumerate(rows, start=1):
        name = _name(row[0]) if row else ""
        values = [_value(cell, name, column) for column, cell in enumerate(row[1:], start=1)]
        while values and values[-1] is None:
            values.pop()
        if not name:
            if values:
                raise ArgumentError(f"limits row {position} has values but no name; write the limit's name in front")
            continue
        if name in stated:
            raise ArgumentError(f"limits row '{name}' is stated twice; keep one of them")
        stated[name] = values
    return stated


def _value(cell: Any, name: str, column: int) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        value = float(cell)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"limits row '{name}' holds {cell!r} as value {column}; write a number or leave it blank"
        ) from None
    return None if np.isnan(value) else value


def _scalar(name: str, values: list[float | None]) -> float:
    value = values[0]
    if len(values) != 1 or value is None:
        raise ArgumentError(f"limits row '{name}' takes one value, written right beside the name")
    return value


def _read(term: Term, values: list[float | None], contracts: int, width: int) -> float | Array:
    """One value, or one a contract; the last cells may be blank where a gap has a meaning and the block is wide."""
    if term.kind != "each":
        return _scalar(term.name, values)
    vector = np.array([np.nan if value is None else value for value in values])
    if len(vector) == 1:
        return vector
    blanks = term.gap is not None and width >= contracts
    if len(vector) > contracts or (len(vector) < contracts and not blanks):
        raise ArgumentError(f"limits row '{term.name}' has {len(vector)} values; it takes 1 or {contracts}")
    return np.concatenate([vector, np.full(contracts - len(vector), np.nan)])


def _exposure_names(stated: dict[str, list[float | None]]) -> list[str]:
    """The names of groups and factors, in the order of the rows, whichever of their rows has a value."""
    found = [re.match(r"(group|factor)_[1-9]\d*", name) for name, values in stated.items() if values]
    return list(dict.fromkeys(match[0] for match in found if match))


def _exposure(name: str, stated: dict[str, list[float | None]], contracts: int) -> Factor:
    values = stated.get(name)
    sides = {suffix: stated[name + suffix] for suffix in SIDES if stated.get(name + suffix)}
    if not values:
        raise ArgumentError(f"limits row '{name}{next(iter(sides))}' needs a row '{name}' with one value a contract")
    if not sides:
        raise ArgumentError(f"limits row '{name}' needs a row '{name}_max' or '{name}_min' that limits its sum")
    numbers = {SIDES[suffix]: _scalar(name + suffix, value) for suffix, value in sides.items()}
    if name.startswith("group_"):
        return Group(name, _members(name, values, contracts), **numbers)
    loadings = [value for value in values if value is not None]
    if len(loadings) != contracts or len(values) != contracts:
        raise ArgumentError(f"limits row '{name}' has {len(loadings)} values; it takes one for each of {contracts}")
    return Factor(name, np.array(loadings), **numbers)


def _members(name: str, values: list[float | None], contracts: int) -> Array:
    """1 and 0 for each contract `(N,)`; a blank is 0."""
    members = np.array([0.0 if value is None else value for value in values])
    if len(members) > contracts or not np.isin(members, (0.0, 1.0)).all() or not members.any():
        raise ArgumentError(f"limits row '{name}' takes 1 (in the group) or 0 for each of the {contracts} contracts")
    return np.concatenate([members, np.zeros(contracts - len(members))])
