"""What a campaign is: many seeded cases, what each counted, and the bar that the counts are held to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Campaign", "Tally"]

SHOWN = 12
"""Faults that are told one by one; of more only the number."""


@dataclass
class Tally:
    """What the cases of one campaign came to. A fault breaks the bar, a count is told, a skip has its reason."""

    cases: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: float = 0.0
    skipped: str = ""

    def case(self, seconds: float = 0.0, megabytes: float = 0.0) -> None:
        """One more case, with the CPU seconds and the MB at its peak where they are measured."""
        self.cases += 1
        self.seconds, self.megabytes = max(self.seconds, seconds), max(self.megabytes, megabytes)

    def fault(self, where: str, what: str) -> None:
        """Something that must never happen, with the seed or the name that shows it again."""
        self.faults.append(f"{where}: {what}")

    @property
    def verdict(self) -> str:
        """held, MISSED or skipped."""
        if self.faults or (not self.cases and not self.skipped):
            return "MISSED"
        return "skipped" if self.skipped else "held"

    def line(self, name: str) -> str:
        """The campaign's line of the table."""
        counted = ", ".join(f"{number:,} {what}" for what, number in self.counts.items())
        worst = f"{self.seconds:7.2f} s {self.megabytes:6.0f} MB"
        return f"{name:12} {self.cases:>9,} {worst}  {self.verdict:8} {self.skipped or counted}"

    def told(self) -> list[str]:
        """The faults, the first of them one by one."""
        more = len(self.faults) - SHOWN
        return self.faults[:SHOWN] + ([f"and {more:,} more"] if more > 0 else [])


@dataclass(frozen=True)
class Campaign:
    """A campaign: `run(cases, seed)` tries so many cases of that seed."""

    run: Callable[[int, int], Tally]
    short: int
    long: int
    bar: str
