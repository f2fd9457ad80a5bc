"""From look to look: what is told is what has changed.

A line that is crossed is told once, and once more when the book is well back inside, so that one that stands on its
line does not call at every look. A regime is told when it begins later than the one before and swings otherwise: where
it began is estimated anew at each look, and moves by a bar or two.
"""

from __future__ import annotations

import math
from dataclasses import field

from core.records import dataclass

from ..day.market_state import MarketState
from .seen import Seen

__all__ = ["Change", "Watched"]

OTHERWISE = 1.25
"""Ratio of two volatilities from which on one regime is not the other."""

WELL_BACK = 0.95
"""Load below which a line that was crossed counts as kept again."""


@dataclass(frozen=True)
class Change:
    """Something to tell: of which line (or the regime), what, and whether it is crossed now."""

    name: str
    message: str
    crossed: bool


@dataclass
class Watched:
    """What was told so far."""

    crossed: dict[str, bool] = field(default_factory=dict)
    regime: MarketState | None = None

    @property
    def beyond(self) -> tuple[str, ...]:
        """The lines that are crossed."""
        return tuple(name for name, is_crossed in self.crossed.items() if is_crossed)

    def changes(self, seen: Seen) -> list[Change]:
        """What this look tells that the looks before it have not."""
        found = []
        for line in seen.lines:
            before = self.crossed.get(line.name, False)
            after = line.load > (WELL_BACK if before else 1.0)
            if after != before:
                found.append(Change(line.name, line.crossed if after else line.back, after))
            self.crossed[line.name] = after
        seen_now = {line.name for line in seen.lines}
        for name in [each for each in self.beyond if each not in seen_now]:
            found.append(Change(name, f"{name}: nothing is held that could be beyond its line", False))
            self.crossed[name] = False
        return [*found, *self._regime(seen)]

    def _regime(self, seen: Seen) -> list[Change]:
        """A change of the benchmark's volatility; of the first look it is only noted."""
        market, before = seen.market, self.regime
        if before is None or market.regime_began <= before.regime_began:
            self.regime = before or market
            return []
        ratio = market.regime_volatility / before.regime_volatility if before.regime_volatility > 0 else math.inf
        if 1 / OTHERWISE < ratio < OTHERWISE:
            return []
        self.regime = market
        reset = (
            "the window begins there by itself (RegimeWindow is Y)"
            if seen.regime_window
            else f"reset the window: Window {market.regime_bars} on Settings, or RegimeWindow Y"
        )
        return [
            Change(
                "regime",
                f"the benchmark swings otherwise since {market.regime_began:%Y-%m-%d %H:%M} UTC: "
                f"{market.regime_volatility:.0%} a year, and {before.regime_volatility:.0%} before; {reset}",
                True,
            )
        ]
