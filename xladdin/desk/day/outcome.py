"""Outcome: what a job says of its work, in one line and in the run log."""

from __future__ import annotations

from core.records import dataclass

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """One sentence; the model that answered, by which solver and with what certificate, where there is one."""

    headline: str
    model: str = ""
    solver: str = ""
    certificate: float | None = None
