"""Scenarios in blocks: as many rows at a time as the cache of a processor holds."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["blocks"]

BLOCK = 1 << 18
"""Scenarios x contracts that are worked on at once: two megabytes an array, near what a processor keeps at hand."""


def blocks(scenarios: int, contracts: int) -> Iterator[slice]:
    """Rows of each block, one after the other."""
    rows = max(BLOCK // contracts, 1)
    for first in range(0, scenarios, rows):
        yield slice(first, min(first + rows, scenarios))
