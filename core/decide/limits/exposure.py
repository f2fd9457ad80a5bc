"""A limit on a weighted sum of the weights: a factor, a sector, any exposure that is linear in the portfolio.

    minimum <= sum loading_i w_i <= maximum          or          sum loading_i w_i = target

A group is the factor whose loadings are one for its members and zero for the others: it limits the sum of their
weights. Each side carries a name of its own (`factor_1_max`), so that a conflict can say which one to move.

Source: Grinold and Kahn, Active Portfolio Management (2000), ch. 3 (factor exposures of a portfolio).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

import numpy as np

from ...arrays import Array
from ...checks import as_vector, number
from ...errors import ArgumentError
from ...records import dataclass

__all__ = ["SIDES", "Factor", "Group"]

SIDES = {"_max": "maximum", "_min": "minimum", "_target": "target"}
"""What follows a factor's name in the name of a limit, and the side that it states."""


@dataclass(frozen=True)
class Factor:
    """The exposure `loadings @ weights`, loadings `(N,)`, and what it may be; None is not limited.

    Raises ArgumentError where no side is stated, or a target beside a minimum or maximum.
    """

    name: str
    loadings: Array
    maximum: float | None = None
    minimum: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "loadings", as_vector(self.loadings, self.name))
        stated = [suffix for suffix, side in SIDES.items() if getattr(self, side) is not None]
        for suffix in stated:
            object.__setattr__(self, SIDES[suffix], number(getattr(self, SIDES[suffix]), self.name + suffix))
        if not stated:
            raise ArgumentError(f"{self.name} limits nothing; add {self.name}_max or {self.name}_min")
        if "_target" in stated and len(stated) > 1:
            raise ArgumentError(f"{self.name}_target fixes the exposure; leave out {self.name}{stated[0]}")

    def sides(self) -> Iterator[tuple[str, float, float]]:
        """Each side's name, and the least and the greatest exposure that it allows."""
        if self.maximum is not None:
            yield f"{self.name}_max", -np.inf, self.maximum
        if self.minimum is not None:
            yield f"{self.name}_min", self.minimum, np.inf
        if self.target is not None:
            yield f"{self.name}_target", self.target, self.target

    def value(self, side_name: str) -> float | None:
        """What the side of that name (`factor_1_max`) states; None where it is another factor's or not stated."""
        side = SIDES.get(side_name.removeprefix(self.name))
        stated: float | None = None if side is None else getattr(self, side)
        return stated

    def with_value(self, side_name: str, value: float) -> Self:
        """The factor with the side of that name at `value`; unchanged where the name is another factor's."""
        side = SIDES.get(side_name.removeprefix(self.name))
        change: dict[str, Any] = {} if side is None else {side: value}
        return replace(self, **change)


@dataclass(frozen=True)
class Group(Factor):
    """Contracts whose weights together are limited; `loadings` `(N,)` are 1 for the members and 0 for the others."""
