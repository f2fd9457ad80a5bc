"""What is held of the sheet Hedges, beside the margin account: its profit in a scenario, and along a past day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..inferred.instruments import Instrument, exposures_of, scenario_profit, tied_up
from ..inputs import Inputs

__all__ = ["Beside", "beside_of"]


@dataclass(frozen=True)
class Beside:
    """The instruments that are held, and how many units of each; what of Equity they `tied` up."""

    instruments: Sequence[Instrument]
    units: Sequence[float]
    tied: float

    def scenario(self, scenario: Mapping[Any, Any], move_of: Callable[[str], float]) -> list[tuple[str, float, float]]:
        """Name, profit of prices and funding of each; `move_of` a symbol in this scenario."""
        moves = {each.under: move_of(each.under) for each in self.instruments if each.under}
        rows = []
        for each, count in zip(self.instruments, self.units, strict=True):
            made, settled = scenario_profit(each, scenario, moves)
            rows.append((each.name, count * made, count * settled))
        return rows

    def after(self, moves: Mapping[str, float], hours: float) -> float:
        """Profit of all of them where underlyings have moved so far in so many hours; NaN where one is not known."""
        return sum(
            count * each.profit(moves.get(each.under, 0.0), hours=hours)
            for each, count in zip(self.instruments, self.units, strict=True)
        )

    @property
    def exposures(self) -> dict[str, float]:
        """By symbol, in money."""
        return exposures_of(self.instruments, self.units)

    @property
    def unders(self) -> list[str]:
        """The symbols that they move with."""
        return [each.under for each in self.instruments if each.under]


def beside_of(inputs: Inputs, instruments: Sequence[Instrument], units: Sequence[float]) -> Beside:
    """Of all rows of Hedges those that are held."""
    held = [(each, count) for each, count in zip(instruments, units, strict=True) if count]
    those, counts = [each for each, _ in held], [count for _, count in held]
    return Beside(those, counts, tied_up(inputs, those, counts))
