"""One clock for contracts with different listings, gaps and settlement intervals: joined, counted, never filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market.resample import resample
from tests.load_panel import load_panel
from xladdin.feeds.feed import History
from xladdin.feeds.panel import join

NAN = float("nan")
MIDNIGHT = np.datetime64("2022-11-09T00:00", "s")


def hours(*values: int) -> np.ndarray:
    return MIDNIGHT + np.array(values) * np.timedelta64(3600, "s")


def history(symbol: str, first: int, last: int, every: tuple[int, ...], without: tuple[int, ...] = ()) -> History:
    """Hourly closes from `first` to `last`, and a rate of one basis point at the instants `every`."""
    rows = [hour for hour in range(first, last + 1) if hour not in without]
    closes = 100 + 0.01 * np.array(rows, dtype=float)
    return History(symbol, hours(*rows), closes, hours(*every), np.full(len(every), 1e-4), 1.0, ())


@pytest.fixture
def panel_and_notes() -> tuple:
    old = history("OLD", 1, 48, tuple(range(8, 49, 8)))
    late = history("NEW", 13, 48, (16, 18, 20, 22, 24, 32, 40, 48), without=(30, 31))
    return join([old, late])


def test_a_late_listing_begins_with_gaps_that_are_counted(panel_and_notes: tuple) -> None:
    panel, notes = panel_and_notes
    assert panel.prices.shape == (48, 2)
    assert np.isnan(panel.prices[:12, 1]).all()
    assert np.isfinite(panel.prices[:, 0]).all()
    # 12 returns before the second price of the newcomer, and 3 around its two absent hours.
    assert panel.missing() == {"OLD": 0, "NEW": 12 + 3}
    assert notes == (
        "NEW: first bar closes 2022-11-09 13:00, 12 bars after the window begins",
        "NEW: 2 bars are absent between its first and last",
    )


def test_each_contract_pays_at_its_own_instants(panel_and_notes: tuple) -> None:
    panel, _ = panel_and_notes
    settled = [np.flatnonzero(np.isfinite(panel.funding[:, column])) + 1 for column in range(2)]
    assert settled[0].tolist() == [8, 16, 24, 32, 40, 48]
    assert settled[1].tolist() == [16, 18, 20, 22, 24, 32, 40, 48]
    returns = panel.returns()
    moves = panel.prices[1:] / panel.prices[:-1] - 1
    np.testing.assert_allclose(moves[22] - returns[22], 1e-4, rtol=1e-9, err_msg="the settlement of hour 24")
    np.testing.assert_allclose(moves[23] - returns[23], 0, atol=1e-15, err_msg="none settled in the hour after")
    np.testing.assert_allclose(panel.funding_annual(), [6e-4 * 8760 / 47, 8e-4 * 8760 / 35])


@pytest.mark.parametrize(
    ("instants", "words"),
    [
        ((-48, -40), "none of its 2 funding rates, 2022-11-07 00:00 to 2022-11-07 08:00, settled in the window"),
        ((40, 48), "its funding begins 2022-11-10 16:00 and its prices 2022-11-09 01:00"),
        ((8, 16), "its funding ends 2022-11-09 16:00 and its prices 2022-11-11 00:00"),
    ],
)
def test_funding_that_misses_the_window_or_part_of_it_is_said(instants: tuple[int, ...], words: str) -> None:
    _, notes = join([history("OLD", 1, 48, instants)])
    assert any(words in note for note in notes)


def test_coarser_bars_of_the_panel_hold_the_same_settlements(panel_and_notes: tuple) -> None:
    panel, _ = panel_and_notes
    closes, funding = resample(panel.times, panel.funding, "1d", "sum")
    np.testing.assert_array_equal(closes, hours(24, 48))
    np.testing.assert_allclose(funding, [[3e-4, 5e-4], [3e-4, 3e-4]])
    _, prices = resample(panel.times, panel.prices, "8h")
    assert np.isnan(prices[0, 1]), "no price before the listing"
    np.testing.assert_array_equal(prices[1:, 1], panel.prices[15::8, 1])


def test_a_window_after_the_listing_has_no_gap(panel_and_notes: tuple) -> None:
    panel, _ = panel_and_notes
    assert panel.last(16).missing() == {"OLD": 0, "NEW": 0}
    assert panel.last(20).missing() == {"OLD": 0, "NEW": 3}


def test_eight_coins_listed_over_nine_months(shared_data: Path) -> None:
    panel, notes = load_panel(shared_data / "perp_8h_binance_8coins.csv.gz")
    frame = pd.read_csv(shared_data / "perp_8h_binance_8coins.csv.gz", parse_dates=["timestamp"])
    listed = frame.groupby("symbol")["timestamp"].min().dt.tz_localize(None) + pd.Timedelta("8h")
    before = {symbol: int((panel.times < listed[symbol].to_datetime64()).sum()) for symbol in panel.symbols}
    assert before["BTCUSDT"] == before["ETHUSDT"] == 0 < before["LTCUSDT"] < before["SOLUSDT"]
    assert panel.missing() == before, "each row before the listing costs one return, and nothing else is missing"
    for column, symbol in enumerate(panel.symbols):
        assert np.isnan(panel.prices[: before[symbol], column]).all()
        assert any(note.startswith(f"{symbol}: first bar") for note in notes) == bool(before[symbol])


@pytest.mark.parametrize("source", ["perp_8h_binance_8coins.csv.gz", "perp_1d_binance_8coins.csv"])
def test_sol_is_summed_and_the_others_are_as_ever_in_november_2022(shared_data: Path, source: str) -> None:
    panel, _ = load_panel(shared_data / source, ["BTCUSDT", "SOLUSDT"], end="2022-11-17")
    rows = (panel.times > np.datetime64("2022-11-10")) & (panel.times <= np.datetime64("2022-11-18"))
    table = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    stamps = table["timestamp"].dt.tz_localize(None)
    inside = table[(stamps > "2022-11-10") & (stamps <= "2022-11-18")].groupby("symbol")["funding_rate"]
    assert inside.size()[["BTCUSDT", "SOLUSDT"]].tolist() == [24, 95]
    np.testing.assert_allclose(panel.funding[rows].sum(axis=0), inside.sum()[["BTCUSDT", "SOLUSDT"]], rtol=1e-9)
