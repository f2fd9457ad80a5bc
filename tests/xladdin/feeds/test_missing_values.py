"""What a file says is missing is missing: a blank funding means that none settled, `#N/A` that its rate is unknown."""

from __future__ import annotations

import numpy as np
import pytest

from tests.load_panel import load_panel
from tests.xladdin.feeds.conftest import Folders

WORDS = ("#N/A", "n/a", "NaN", "null", "NULL", "<NA>", "None")
RATES = ("0.0001", "0.0002", "", "0.0003", "0.0001", "0.0002")


def text(rates: tuple[str, ...], separator: str = ",") -> str:
    """Daily closes 100, 101, ... and the rate settled as each bar opens."""
    lines = [f"2024-01-0{day + 1}{separator}{100 + day}{separator}{rate}" for day, rate in enumerate(rates)]
    return "\n".join([separator.join(("time", "close", "funding_rate")), *lines]) + "\n"


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("word", WORDS)
def test_a_word_for_missing_is_a_rate_that_is_missing_and_said(folder_of: Folders, word: str, separator: str) -> None:
    rates = (*RATES[:3], word, word, RATES[5])
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": text(rates, separator)}), funding="settled")
    np.testing.assert_array_equal(panel.unread()[:, 0], [False, False, True, True, False, False])
    np.testing.assert_array_equal(np.isnan(panel.returns()[:, 0]), [False, True, True, False, False])
    assert any(
        f"BTCUSDT: BTCUSDT.csv line 5 has '{word}' as funding, and 1 more rows hold no number either: that funding is "
        "missing, not zero" in note
        for note in notes
    )


def test_a_blank_rate_is_none_settled_without_a_word(folder_of: Folders) -> None:
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": text(RATES)}), funding="settled")
    assert not panel.unread().any()
    assert np.isfinite(panel.returns()).all()
    assert not any("missing" in note for note in notes)


def test_a_rate_missing_in_a_funding_file_is_missing_in_its_bar(folder_of: Folders) -> None:
    prices = "time,close\n" + "".join(f"2024-01-0{day},{100 + day}\n" for day in range(1, 7))
    rates = "time,funding_rate\n" + "".join(
        f"2024-01-0{day} {hour}:00:04,{'#N/A' if (day, hour) == (3, '08') else '0.0001'}\n"
        for day in range(1, 7)
        for hour in ("00", "08", "16")
    )
    folder = folder_of({"BTCUSDT.csv": prices, "BTCUSDT_funding.csv": rates})
    panel, notes = load_panel(folder, funding="settled")
    hit = panel.times == np.datetime64("2024-01-04T00:00")
    np.testing.assert_array_equal(panel.unread()[:, 0], hit)
    assert any("BTCUSDT_funding.csv line 9 has '#N/A' as funding: that" in note for note in notes)


@pytest.mark.parametrize("word", WORDS)
def test_a_price_that_is_missing_is_a_gap_that_is_said(folder_of: Folders, word: str) -> None:
    lines = text(RATES).replace(",102,", f",{word},")
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": lines}), funding="settled")
    assert np.flatnonzero(np.isnan(panel.prices[:, 0])).tolist() == [2]
    assert any("1 of 6 bars have no price" in note for note in notes)


def test_funding_of_which_every_rate_is_missing_is_missing_throughout(folder_of: Folders) -> None:
    panel, notes = load_panel(folder_of({"BTCUSDT.csv": text(("NaN",) * 6)}), funding="settled")
    assert panel.unread()[:-1].all()
    assert any("line 2 has 'NaN' as funding, and 5 more rows" in note for note in notes)
