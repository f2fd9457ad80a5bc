"""Stretches of time that have been read, so that a gap that the venue has is told from one that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Span", "missing", "united"]

Span = tuple[int, int]
"""From the first second to the one after the last, UTC, since 1970."""


def united(spans: Iterable[Span]) -> list[Span]:
    """The same seconds in as few spans as can be, the earliest first."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def missing(wanted: Span, covered: Iterable[Span]) -> list[Span]:
    """What of `wanted` no span covers, the earliest first."""
    start, end = wanted
    gaps: list[Span] = []
    for first, last in united(covered):
        if first > start:
            gaps.append((start, min(first, end)))
        start = max(start, last)
    return [gap for gap in [*gaps, (start, end)] if gap[0] < gap[1]]
