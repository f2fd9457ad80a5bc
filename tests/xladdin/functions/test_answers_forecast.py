"""PERP_BETA_FORECAST through the door a cell uses: two rows, one column a contract."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from xladdin import call

HORIZON = 5.0


def cells(values):
    """A block of numbers as a spreadsheet sends it."""
    return tuple(tuple(row) for row in np.atleast_2d(values).tolist())


@pytest.fixture(scope="module")
def history():
    """Returns of the market, of one whose beta is 0.4 or 1.6 for 75 rows at a time, and of one that never changes."""
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, 3000)
    lasting = rng.choice([0.4, 1.6], 40).repeat(75) * market + rng.normal(0, 0.004, 3000)
    steady = 1.2 * market + rng.normal(0, 0.004, 3000)
    return np.column_stack([market, lasting, steady])


def test_forecast_above_and_its_worth_below(history):
    shown = call("PERP_BETA_FORECAST", cells(history), cells(history[:, :1]), HORIZON)
    forecast, r2 = shown
    assert (len(forecast), len(r2)) == (3, 3)
    assert forecast[0] == pytest.approx(1)
    assert forecast[2] == pytest.approx(1.2, abs=0.1)
    assert r2[0] == 0
    assert r2[1] > 0.2
    assert r2[2] <= 0
    assert call("PERP_WHY").startswith(
        "the learned forecast is no better than the last beta out of sample; use that for column 1 (R2 0.000), 3 (R2 -0"
    )


def test_the_seed_makes_it_repeatable(history):
    arguments = cells(history[:1000, 1:2]), cells(history[:1000, :1]), HORIZON
    first, again, other = (call("PERP_BETA_FORECAST", *arguments, seed) for seed in (1.0, None, 2.0))
    assert first == again
    assert first != other


def test_a_contract_without_history_is_missing_beside_one_that_has_it(history):
    listed_late = history[:1000, 1:].copy()
    listed_late[:600, 0] = np.nan
    shown = call("PERP_BETA_FORECAST", cells(listed_late), cells(history[:1000, :1]), HORIZON)
    assert [row[0] for row in shown] == ["#N/A", "#N/A"]
    assert isinstance(shown[0][1], float)
    assert "column 1 has 400 complete rows where 600 are needed" in call("PERP_WHY")


def test_too_short_a_history_says_how_long_it_must_be(history):
    assert call("PERP_BETA_FORECAST", cells(history[:100]), cells(history[:100, :1])) == "#N/A"
    assert "asset_returns has too few complete rows, 100 where 2880 are needed" in call("PERP_WHY")


def test_without_scikit_learn_the_cell_says_how_to_get_it(history, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    assert call("PERP_BETA_FORECAST", cells(history), cells(history[:, :1]), HORIZON) == "#VALUE!"
    assert 'pip install "perpdesk[learn]"' in call("PERP_WHY")
