"""The contracts of files on one clock, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.market.panel import Panel
from xladdin.feeds.files import FileFeed
from xladdin.feeds.panel import End, collect

__all__ = ["load_panel"]


def load_panel(
    source: Path | str,
    symbols: Sequence[str] | None = None,
    end: End | None = None,
    bars: int | None = None,
    funding: str = "auto",
) -> tuple[Panel, tuple[str, ...]]:
    """What Refresh makes of a file or folder, and in words what is missing, was assumed or was dropped."""
    return collect(FileFeed(source, funding), symbols, end, bars)
