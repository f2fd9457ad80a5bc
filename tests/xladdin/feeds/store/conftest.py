"""A store in a temporary folder, and rows for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.arrays import Array, Times
from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.store.store import Store

HOURLY = SeriesKey("bybit", "BTCUSDT", "bars", 1)
FUNDING = SeriesKey("bybit", "BTCUSDT", "funding")
START = 1_700_000_000 // 3600 * 3600


def hours(first: int, count: int) -> Times:
    """So many opens, from the first-th hour on."""
    return (START + 3600 * (first + np.arange(count))).astype("datetime64[s]")


def candles(first: int, count: int, seed: int = 0) -> Array:
    """Rows of bars: those of an hour are the same whichever come with them."""
    rows = [np.random.default_rng([seed, hour]).uniform(1, 2, 5) for hour in range(first, first + count)]
    return np.array(rows).reshape(count, 5)


def span(first: int, count: int) -> tuple[int, int]:
    return START + 3600 * first, START + 3600 * (first + count)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")
