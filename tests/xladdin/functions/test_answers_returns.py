"""Funding forecasts, resampling and what a premium pays for, through the door a cell uses: figures by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from xladdin import call

NA = -2146826246

FIRST_OF_JULY = 45474.0
"""2024-07-01 as a sheet stores it."""

HOURS = tuple((FIRST_OF_JULY + hour / 24,) for hour in range(1, 9))
PRICES = tuple((float(price),) for price in (3, 1, 4, 1, 5, 9, 2, 6))


def why():
    return call("PERP_WHY")


class TestFundingForecast:
    def test_a_rate_that_stands_still_is_paid_at_each_settlement(self):
        assert call("PERP_FUNDING_FORECAST", ((0.0001,),) * 30) == pytest.approx(0.0003)
        assert call("PERP_FUNDING_FORECAST", ((0.0001,),) * 30, 21.0) == pytest.approx(0.0021)

    def test_it_returns_to_its_level_as_fast_as_it_did_before(self):
        # Without decay the level is the mean. Pairs (0, 4), (4, 2), (2, 2) about the means 0, 2, 2 of what came
        # before: phi = (0 x 4 + 2 x 0 + 0 x 0) / 4 = 0, so each settlement is expected at the level.
        level = (0 + 4 + 2 + 2 + 7) / 5
        rates = tuple((x * 1e-4,) for x in (0.0, 4.0, 2.0, 2.0, 7.0))
        assert call("PERP_FUNDING_FORECAST", rates, 2.0, 1e9) == pytest.approx(2 * level * 1e-4)
        # Pairs (0, 4), (4, 3), (3, 3) about 0, 2, 7/3: phi = (2 x 1 + 2/3 x 2/3) / (4 + 4/9) = 0.55, the level is 2.5.
        rates = tuple((x * 1e-4,) for x in (0.0, 4.0, 3.0, 3.0))
        expected = 2.5 + 0.55 * 0.5 + 2.5 + 0.55**2 * 0.5
        assert call("PERP_FUNDING_FORECAST", rates, 2.0, 1e9) == pytest.approx(expected * 1e-4)

    def test_several_contracts_are_a_row_and_blanks_are_no_settlements(self):
        rates = ((0.0001, 0.0003), (None, 0.0003), (0.0001, 0.0003), (NA, 0.0003))
        assert call("PERP_FUNDING_FORECAST", rates) == [[pytest.approx(0.0003), pytest.approx(0.0009)]]
        assert "2 of 4 left out in column 1" in why()


class TestResample:
    def test_closes_come_first_and_then_the_values(self):
        assert call("PERP_RESAMPLE", HOURS, PRICES, "4h", caller="Prices!D2") == [
            [FIRST_OF_JULY + 4 / 24, 1.0],
            [FIRST_OF_JULY + 8 / 24, 6.0],
        ]
        assert call("PERP_WHY", "Prices!D2").startswith("No failure")

    @pytest.mark.parametrize(
        ("how", "bar"), [("last", [6.0]), ("sum", [31.0]), ("mean", [3.875]), ("ohlc", [3.0, 9.0, 1.0, 6.0])]
    )
    def test_each_way_of_joining(self, how, bar):
        assert call("PERP_RESAMPLE", HOURS, PRICES, "8h", how) == [[FIRST_OF_JULY + 8 / 24, *bar]]

    def test_dates_as_excel_hands_them_over(self):
        times = tuple((datetime(2024, 7, 1) + timedelta(hours=hour),) for hour in range(1, 9))
        assert call("PERP_RESAMPLE", times, PRICES, "4h") == call("PERP_RESAMPLE", HOURS, PRICES, "4h")

    def test_times_may_be_a_row(self):
        row = (tuple(hour[0] for hour in HOURS),)
        assert call("PERP_RESAMPLE", row, PRICES, "4h") == call("PERP_RESAMPLE", HOURS, PRICES, "4h")

    def test_a_bar_that_is_not_whole_is_shown_and_stated(self):
        shown = call("PERP_RESAMPLE", HOURS[:6], PRICES[:6], "4h", "sum")
        assert shown == [[FIRST_OF_JULY + 4 / 24, 9.0], [FIRST_OF_JULY + 8 / 24, 14.0]]
        assert "1 of 2 bars are partial, rows 1h apart are missing in them (the first closes 2024-07-01 08:00)" in why()

    def test_what_is_missing_is_not_zero(self):
        blank = ((None, 1.0),) * 4 + ((2.0, 1.0),) * 4
        assert call("PERP_RESAMPLE", HOURS, blank, "4h", "sum") == [
            [FIRST_OF_JULY + 4 / 24, "#N/A", 4.0],
            [FIRST_OF_JULY + 8 / 24, 8.0, 4.0],
        ]


class TestPremium:
    def test_the_table_by_hand(self):
        table = call("PERP_CAPM_PREMIUM", ((0.15, 0.10),), ((1.0, 1.2),), 0.05, 0.12, ((0.5, 0.5),), 0.15)
        assert table == [
            ["", "asset_1", "asset_2"],
            ["required_return", pytest.approx(0.12), pytest.approx(0.134)],
            ["excess", pytest.approx(0.03), pytest.approx(-0.034)],
            ["sharpe", pytest.approx(0.2), pytest.approx(0.1)],
            ["pays", 1.0, 0.0],
        ]

    def test_without_a_volatility_there_is_no_sharpe_ratio(self):
        table = call("PERP_CAPM_PREMIUM", 0.15, 1.0, 0.05, 0.12)
        assert table[3:] == [["sharpe", "#N/A"], ["pays", 1.0]]


def test_newey_west_changes_errors_and_t_of_the_capm_and_nothing_else():
    rng = np.random.default_rng(1)
    market = rng.normal(0, 0.01, 80)
    cells = tuple((float(x),) for x in 1.2 * market + np.convolve(rng.normal(0, 0.01, 82), np.ones(3), "valid"))
    series = tuple((float(x),) for x in market)
    classical = call("PERP_CAPM", cells, series, 0.05, 365.0, True)
    robust = call("PERP_CAPM", cells, series, 0.05, 365.0, True, "newey_west")
    assert [row[0] for row in robust] == [row[0] for row in classical]
    different = [new[0] for old, new in zip(classical, robust, strict=True) if new != old]
    assert different == ["beta_se", "beta_t", "alpha_se", "alpha_t"]
