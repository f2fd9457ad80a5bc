"""The weights of a model before and after its tilt, and what judges each."""

from __future__ import annotations

from dataclasses import dataclass

from ..tables import Vector
from .optimum import Programme

__all__ = ["Book"]


@dataclass(frozen=True)
class Book:
    """Weights `(N,)` before and after the model's tilt, and the programme of each; None where nothing was sought."""

    baseline: Vector
    final: Vector
    judge_of_baseline: Programme | None
    judge_of_final: Programme | None
    scale: float = 1.0
    """What is left of the whole once it is held to a volatility."""
