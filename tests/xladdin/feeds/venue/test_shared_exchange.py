"""Real history through the loopback exchange: what the desk gets of it is what it gets of the files themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.load_panel import load_panel
from tests.recorded import binance
from tests.recorded.server import running
from tests.recorded.tape import HOUR, Candle, Listed, Tape
from tests.xladdin.feeds.venue.conftest import Bench
from xladdin.feeds.store.store import Store

SYMBOLS = ("BTCUSDT", "SOLUSDT")


class RealTape(Tape):
    """The hourly bars and settlements of two coins, up to the clock."""

    def __init__(self, folder: Path, now: float) -> None:
        coins = tuple(Listed(symbol.removesuffix("USDT")) for symbol in SYMBOLS)
        super().__init__(coins, 0, now)
        self._frames = {
            symbol: pd.read_parquet(folder / f"{symbol}_binance_1h.parquet").loc["2022-01-01":"2022-12-31"]
            for symbol in SYMBOLS
        }

    def bars(self, contract: Listed, hours: float = 1, kind: str = "bars") -> list[Candle]:
        frame = self._frames[f"{contract.base}USDT"].dropna(subset=["close"])
        seconds = frame.index.as_unit("s").asi8.tolist()
        prices = frame[["open", "high", "low", "close"]].to_numpy()
        rows = zip(seconds, prices.tolist(), frame["volume_base"].tolist(), strict=True)
        return [
            Candle(at, tuple(map(repr, each)), repr(volume))  # type: ignore[arg-type]
            for at, each, volume in rows
            if at <= self.now
        ]

    def settlements(self, contract: Listed) -> list[tuple[int, str]]:
        paid = self._frames[f"{contract.base}USDT"]["funding_settle"].dropna()
        seconds = paid.index.as_unit("s").asi8.tolist()
        return [(at, repr(rate)) for at, rate in zip(seconds, paid.tolist(), strict=True) if at <= self.now]


@pytest.mark.parametrize(
    ("now", "bars"),
    [("2022-04-05T00:30", 1000), ("2022-11-20T10:30", 900)],
    ids=["SOL lacks hours of April 2022", "SOL paid every two hours in November 2022"],
)
def test_the_exchange_and_the_files_give_the_same(shared_data: Path, tmp_path: Path, now: str, bars: int) -> None:
    folder = shared_data / "perp_1h"
    clock = float(np.datetime64(now, "s").astype(np.int64))
    with running(binance.answer, RealTape(folder, clock)) as exchange:
        panel, notes = Bench("binance", exchange, Store(tmp_path)).read(*SYMBOLS, bars=bars)
    end = str(np.datetime64(int(clock) // HOUR * HOUR, "s"))
    wanted, _ = load_panel(folder, SYMBOLS, end=end, bars=bars)
    assert (panel.times == wanted.times).all()
    assert np.array_equal(panel.prices, wanted.prices, equal_nan=True)
    assert np.array_equal(panel.funding, wanted.funding, equal_nan=True)
    words = "bars are absent" if now < "2022-06" else "its funding settled every 2 h and"
    assert any(note.startswith("SOLUSDT") and words in note for note in notes)
