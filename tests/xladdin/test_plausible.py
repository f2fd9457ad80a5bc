"""Dates that stand where prices should, percent points where decimals should: told from what a market shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import ArgumentError, DataWarning
from xladdin import call, catalog
from xladdin.plausible import BAR_RETURNS, Decimals, refuse_date_column

JULY = 45_474.0

RATES = {
    *("asset_returns", "market_returns", "factor_returns", "returns", "expected_returns", "expected_return"),
    *("market_return", "risk_free", "volatility", "target_volatility", "covariance", "funding", "rates"),
    *("market_shocks", "funding_shock", "idiosyncratic", "maintenance_rate", "maintenance_rates", "taker_fee"),
}
"""Arguments that are rates, returns, volatilities or variances by their name."""

COUNTED_APART = {("PERP_RISK_CONTRIBUTION", "covariance")}
"""Shares of a variance are the same in any unit."""


def serials(step: float, rows: int = 48) -> np.ndarray:
    return JULY + np.arange(rows) * step


class TestDates:
    @pytest.mark.parametrize("step", [1 / 1440, 1 / 96, 1 / 24, 1 / 6, 1 / 3, 1.0, 7.0])
    def test_bars_of_any_usual_length_are_dates(self, step):
        with pytest.raises(ArgumentError, match=r"column 1 of prices looks like dates \(45474 and so on"):
            refuse_date_column(np.column_stack([serials(step), np.linspace(60_000, 61_000, 48)]), "prices")

    def test_working_days_are_dates_and_so_are_bars_with_holes(self):
        days = JULY + np.arange(60.0)
        for calendar in (days[np.arange(60) % 7 < 5], np.delete(serials(1 / 24), [5, 6, 20]), serials(1.0, 5)):
            with pytest.raises(ArgumentError, match="close looks like dates"):
                refuse_date_column(calendar[:, np.newaxis], "close")

    def test_a_header_and_blank_rows_do_not_hide_them(self):
        column = np.r_[np.nan, serials(1 / 3), np.nan, np.nan]
        with pytest.raises(ArgumentError, match="looks like dates"):
            refuse_date_column(column[:, np.newaxis], "prices")

    def test_dates_as_text_stay_missing_and_a_column_of_them_is_told(self):
        shown = call("PERP_RETURNS", (("2024-07-01", 100.0), ("2024-07-02", 110.0)))
        assert shown == [["#N/A", pytest.approx(0.1)]]

    @pytest.mark.parametrize("seed", range(20))
    def test_prices_in_the_same_range_are_prices(self, seed):
        """Bitcoin between 30,000 and 80,000 on its tick of 0.1, walking at random, also where it only rises."""
        chance = np.random.default_rng(seed)
        walk = 50_000 + np.round(np.cumsum(chance.normal(0.2, 1.0, 200)), 1)
        rise = 50_000 + np.round(np.cumsum(chance.exponential(2.0, 200)), 1)
        refuse_date_column(np.column_stack([walk, rise]), "prices")

    @pytest.mark.parametrize(
        "column",
        [
            np.full(30, 45_000.0),
            np.arange(100.0, 120.0),
            np.arange(31_000.0, 60_000.0, 1_000.0),
            np.arange(45_000.0, 44_900.0, -1.0),
            serials(1.0, 4),
            np.array([45_000.0]),
            np.full(10, np.nan),
        ],
        ids=["flat", "low", "thousands", "falling", "too few", "one", "none"],
    )
    def test_what_is_no_calendar_is_let_through(self, column):
        refuse_date_column(column[:, np.newaxis], "prices")

    def test_no_real_market_is_taken_for_a_calendar(self, shared_data):
        """Every day, and every week, of bitcoin by the hour: 45 months, most of them between 30,000 and 80,000."""
        closes = pd.read_parquet(shared_data / "perp_1h" / "BTCUSDT_binance_1h.parquet")["close"].to_numpy(float)
        for rows in (24, 168):
            refuse_date_column(closes[: len(closes) // rows * rows].reshape(-1, rows).T, "prices")

    def test_every_block_and_vector_of_the_catalogue_refuses_them(self):
        column = tuple((value,) for value in serials(1 / 24).tolist())
        assert call("PERP_RETURNS", tuple((date[0], 100.0) for date in column)) == "#VALUE!"
        assert "column 1 of prices looks like dates" in call("PERP_WHY")
        assert call("PERP_ATR", column, column, column) == "#VALUE!"
        assert "high looks like dates" in call("PERP_WHY")

    def test_where_dates_are_asked_for_they_are_read(self):
        times = tuple((value,) for value in serials(1 / 24, 24).tolist())
        assert isinstance(call("PERP_RESAMPLE", times, tuple((float(k),) for k in range(24)), "8h"), list)


class TestPercent:
    def test_the_capital_asset_pricing_model_in_percent_points(self):
        assert call("PERP_CAPM_RETURN", 1.2, 5.0, 30.0) == pytest.approx(35)
        assert call("PERP_WHY") == (
            "risk_free is 5, which looks like percent; give decimals (0.05); "
            "market_return is 30, which looks like percent; give decimals (0.3)"
        )

    def test_decimals_are_taken_without_a_word(self):
        call("PERP_CAPM_RETURN", 1.2, 0.05, 0.30, caller="S!A1")
        assert call("PERP_WHY", "S!A1").startswith("No failure")

    def test_a_history_is_told_by_its_usual_size_and_not_by_one_wild_bar(self):
        calm = np.full((200, 1), 0.01)
        calm[7] = 3.0
        BAR_RETURNS.doubt(calm, "returns")
        with pytest.warns(DataWarning, match="returns: values are 1 in size as a rule, which looks like percent"):
            BAR_RETURNS.doubt(100 * calm, "returns")

    def test_zeros_and_gaps_do_not_hide_percent_points(self):
        rare = np.zeros((300, 2))
        rare[::50, 0] = np.nan
        rare[::8, 1] = 1.5
        with pytest.warns(DataWarning, match="funding: values are 1.5 in size"):
            Decimals(0.2, typical=True).doubt(rare, "funding")
        Decimals(0.2, typical=True).doubt(np.zeros((3, 3)), "funding")
        Decimals(0.2, typical=True).doubt(np.full((3, 3), np.nan), "funding")

    @pytest.mark.parametrize(
        ("name", "argument"),
        [
            pytest.param(spec.name, argument, id=f"{spec.name} {argument.name}")
            for spec in catalog.functions()
            for argument in spec.args
            if argument.name in RATES and (spec.name, argument.name) not in COUNTED_APART
        ],
    )
    def test_every_rate_of_the_catalogue_is_doubted_in_percent_points(self, name, argument):
        assert argument.kind.decimals is not None
        with pytest.warns(DataWarning, match=f"{argument.name}.* looks like percent; give decimals"):
            argument.kind.read(((30.0,),), argument.name)
