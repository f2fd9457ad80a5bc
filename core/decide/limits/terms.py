"""A term of the limits block, declared once: its field is its name, its default, its meaning, its range and its page.

    gross_max: float | None = one("largest sum of absolute weights", "sum |w_i| <= gross_max", "row of |w|")

From the declaration follow the validation of the class, the parser of the block, the docstring and the guide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, finite, number, numbers
from ...errors import ArgumentError
from ...records import dataclass

__all__ = ["Declared", "Term", "declares", "each", "one", "switch"]

Kind = Literal["one", "each", "switch"]
"""One value; one value for all contracts or one a contract; 1 for on and 0 for off."""

Bounds = Literal["", "box", "row", "row of |w|"]
"""What of the feasible set a term bounds: nothing, each weight, a sum of weights, a sum of absolute weights."""

INSIDE = 0.5
"""A value inside the range of every term that has one a contract."""

TERM = "term"


@dataclass(frozen=True)
class Term:
    """One name of the limits block: what it means, in which unit, within which range, and what it needs beside it.

    `default` holds where the term is not stated (None: it does not count), `gap` where one contract's value is blank
    (None: that value is missing). `within` has the keywords of `checks.number`. A value larger in size than `usual` is
    more often percent typed as a number.
    """

    name: str
    kind: Kind
    meaning: str
    formula: str
    bounds: Bounds
    unit: str
    default: Any
    within: Mapping[str, Any]
    needs: str
    gap: float | None
    usual: float

    @property
    def blank(self) -> float:
        """The value of a contract where the term is not stated, or has a gap."""
        return 0.0 if self.gap is None else self.gap


def one(
    meaning: str,
    formula: str = "",
    bounds: Bounds = "",
    *,
    unit: str = "",
    default: Any = None,
    needs: str = "",
    usual: float = math.inf,
    **within: float,
) -> Any:
    """The field of a term with one value.

    Args:
        meaning: what it says, a phrase.
        formula: what it makes hold.
        bounds: what of the feasible set it bounds.
        unit: of the value.
        default: where it is not stated.
        needs: the term that must stand beside it.
        usual: the largest size of a decimal; beyond it is doubted.
        within: the range, by the keywords of `checks.number`.
    """
    return _field("one", meaning, formula, bounds, unit, default, needs, None, usual, within)


def each(
    meaning: str,
    formula: str = "",
    bounds: Bounds = "",
    *,
    unit: str = "",
    default: Any = None,
    needs: str = "",
    gap: float | None = None,
    usual: float = math.inf,
    **within: float,
) -> Any:
    """The field of a term with one value for all contracts, or one a contract.

    Args:
        meaning: what it says, a phrase.
        formula: what it makes hold.
        bounds: what of the feasible set it bounds.
        unit: of the value.
        default: where it is not stated.
        needs: the term that must stand beside it.
        gap: what a contract's blank value stands for, None where it is missing.
        usual: the largest size of a decimal; beyond it is doubted.
        within: the range, by the keywords of `checks.number`.
    """
    return _field("each", meaning, formula, bounds, unit, default, needs, gap, usual, within)


def switch(meaning: str) -> Any:
    """The field of a term that is on (1) or off (0), by default off."""
    return _field("switch", meaning, "", "", "1 or 0", 0.0, "", None, math.inf, {})


def _field(
    kind: Kind,
    meaning: str,
    formula: str,
    bounds: Bounds,
    unit: str,
    default: Any,
    needs: str,
    gap: float | None,
    usual: float,
    within: Mapping[str, float],
) -> Any:
    """The dataclass field, whose name its class gives to the term later; arguments are those of `Term`."""
    term = Term("", kind, meaning, formula, bounds, unit, default, MappingProxyType(dict(within)), needs, gap, usual)
    return field(default=default, metadata={TERM: term})


@dataclass(frozen=True)
class Declared:
    """What is built of terms: each value that is stated is brought to its form and held against its range."""

    TERMS: ClassVar[Mapping[str, Term]] = MappingProxyType({})

    def __post_init__(self) -> None:
        stated = [term for name, term in self.TERMS.items() if self.states(name)]
        for term in stated:
            object.__setattr__(self, term.name, _checked(term, getattr(self, term.name)))
        for term in stated:
            if term.needs and getattr(self, term.needs) is None:
                needed = self.TERMS[term.needs]
                raise ArgumentError(f"{term.name} needs {needed.name}, {needed.meaning}; add a row '{needed.name}'")

    def changed(self, **values: Any) -> Self:
        """The same with other values of some terms, which alone are checked; many times quicker than `replace`.

        For terms that need no other and that no other needs. Raises ArgumentError.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        for name, value in values.items():
            object.__setattr__(other, name, value if value is None else _checked(self.TERMS[name], value))
        return other

    def states(self, name: str) -> bool:
        """Whether a term has a value of its own, other than its default."""
        value, default = getattr(self, name), self.TERMS[name].default
        if value is None or value is default:
            return False
        return not (isinstance(value, str) and value == default)

    def vector(self, name: str, contracts: int) -> Array:
        """A term that has one value a contract as `(N,)`, its blanks as they are meant. Raises ArgumentError.

        MissingDataError where a blank has no meaning.
        """
        value, term = getattr(self, name), self.TERMS[name]
        if value is None or isinstance(value, float):
            return _filled(contracts, term.blank if value is None else value)
        if value.size == 1 and math.isfinite(only := value.item()):
            return _filled(contracts, only)
        values = value if value.shape == (contracts,) else as_vector(value, name, contracts)
        gaps = np.isnan(values)
        if not gaps.any():
            return np.asarray(values)
        return finite(values, name) if term.gap is None else np.where(gaps, term.gap, values)


Class = TypeVar("Class", bound=type[Declared])


def declares(cls: Class) -> Class:
    """The dataclass with its terms collected in `TERMS`, and each listed in its docstring."""
    terms = {
        item.name: Term(**{**vars(item.metadata[TERM]), "name": item.name})
        for item in fields(cls)
        if TERM in item.metadata
    }
    cls.TERMS = MappingProxyType(terms)
    listed = "\n".join(f"    {term.name}: {term.meaning}" for term in terms.values())
    cls.__doc__ = f"{(cls.__doc__ or '').rstrip()}\n\n{listed}\n    "
    return cls


def _checked(term: Term, value: Any) -> float | Array:
    """The value in its form and within its range. Raises ArgumentError."""
    if term.kind == "each":
        return _vector(value, term)
    stated = number(value, term.name, **term.within)
    if term.kind == "switch" and stated not in (0.0, 1.0):
        raise ArgumentError(f"{term.name} is {stated:g}; write 1 for on or 0 for off")
    return stated


def _vector(value: ArrayLike, term: Term) -> Array:
    """`value` as a vector whose entries are in range; gaps stay. Raises ArgumentError."""
    vector = as_vector(value, term.name)
    if term.within:
        numbers(np.where(np.isnan(vector), INSIDE, vector), term.name, **term.within)
    return vector


def _filled(contracts: int, value: float) -> Array:
    vector = np.empty(contracts)
    vector.fill(value)  # a third of the time of np.full
    return vector
