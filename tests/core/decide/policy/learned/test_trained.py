from __future__ import annotations

import numpy as np
import pytest

from tests.trained_policy import trained_tilt

ORIGIN = trained_tilt().provenance
SYMBOLS, BASE = ORIGIN.symbols, dict(ORIGIN.base)
HOURS = np.arange(np.datetime64("2024-06-29T00:00:00"), np.datetime64("2024-07-02T00:00:00"), np.timedelta64(1, "h"))


def test_it_may_be_judged_on_the_rows_after_its_last() -> None:
    row = ORIGIN.first_row_after(HOURS)
    assert str(HOURS[row]) == "2024-06-30T01:00:00"
    assert ORIGIN.first_row_after(HOURS[:10]) == 10
    assert ORIGIN.first_row_after(HOURS + np.timedelta64(30, "D")) == 0


@pytest.mark.parametrize(
    ("symbols", "base", "why"),
    [
        (SYMBOLS, BASE, ""),
        (SYMBOLS[::-1], BASE, ""),
        (("BTCUSDT",), BASE, "it was trained on BTCUSDT, ETHUSDT and the book has BTCUSDT; train it on those"),
        (
            SYMBOLS,
            {**BASE, "window": "100"},
            "its base had window 720 and Settings have 100; train it again, or set that back",
        ),
        (
            SYMBOLS,
            {"objective": "utility"},
            "its base had objective max_sharpe and Settings have utility, and 1 more differ; train it again, or set "
            "that back",
        ),
    ],
)
def test_it_is_for_its_own_contracts_and_base(symbols: tuple[str, ...], base: dict[str, str], why: str) -> None:
    assert ORIGIN.unlike(symbols, base) == why
