"""The daily volume of a contract comes from its files where they say it, and stays as it is elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from tests.xladdin.desk.conftest import NOW
from tests.xladdin.desk.day.refresh.test_own_data import rows
from xladdin.desk import jobs

CLOSE, COINS = 50.0, 4.0


@pytest.fixture
def refreshed(book, tmp_path):
    """Refresh with hourly bars of one price and one volume a bar, under the headings given; what Universe says."""

    def run(heading: str, volume: float, days: int = 40, **options):
        times = np.datetime64("2024-06-01T00:00") + np.arange(24 * days) * np.timedelta64(1, "h")
        closes = CLOSE + np.arange(len(times)) % 2 * 1e-9
        for symbol in ("BTCUSDT", "ETHUSDT"):
            lines = [f"{time},{close:.10f},{volume}" for time, close in zip(times, closes, strict=True)]
            (tmp_path / f"{symbol}.csv").write_text(f"time,close,{heading}\n" + "\n".join(lines) + "\n")
        jobs.refresh(book, tmp_path, ("BTCUSDT", "ETHUSDT"), now=NOW, **options)
        return rows(book)["ETHUSDT"]["DailyVolume"]

    return run


@pytest.mark.parametrize("heading", ["quote_volume", "turnover", "Volume USDT"])
def test_a_quote_volume_is_summed_by_the_day(refreshed, heading):
    assert refreshed(heading, 1000.0) == pytest.approx(24_000.0)


def test_a_volume_in_coin_counts_at_the_close(refreshed):
    assert refreshed("volume", COINS) == pytest.approx(24 * COINS * CLOSE, rel=1e-9)


def test_bars_after_the_end_do_not_count(refreshed):
    assert refreshed("turnover", 1000.0, end="2024-06-05") == pytest.approx(24_000.0)


def test_without_a_volume_in_the_files_the_cell_stays(refreshed, edit):
    edit("Universe", 1, "DailyVolume", 123.0)
    assert refreshed("open_interest", 5.0) == 123.0
