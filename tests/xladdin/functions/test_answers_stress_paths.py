"""Worst windows and Monte Carlo through the door a cell uses: figures by hand and of all paths there are."""

from __future__ import annotations

import numpy as np
import pytest

from xladdin import call

PRICES = tuple((price,) for price in (100.0, 50.0, 60.0, 55.0, 70.0))


def as_dict(table):
    return dict(table[1:])


class TestHistory:
    def test_the_worst_windows_are_listed_worst_first(self):
        header, first, second = call("PERP_STRESS_HISTORY", 2.0, 10.0, 15.0, PRICES, 1.0, 2.0)
        assert header == ["window", "start_row", "end_row", "pnl", "equity_after", "liquidated"]
        assert first == [1, 1, 2, pytest.approx(-10.0), pytest.approx(5.0), 0]
        assert second == [2, 3, 4, pytest.approx(20 * (55 / 60 - 1)), pytest.approx(15 - 5 / 3), 0]

    def test_defaults_are_one_row_and_ten_windows(self):
        assert (
            call("PERP_STRESS_HISTORY", 2.0, 10.0, 15.0, PRICES)[1:]
            == call("PERP_STRESS_HISTORY", 2.0, 10.0, 15.0, PRICES, 1.0, 10.0, 0.01)[1:]
        )

    def test_a_liquidation_on_the_way_is_a_one(self):
        _, row = call("PERP_STRESS_HISTORY", 2.0, 10.0, 9.0, ((100.0,), (50.0,), (90.0,)), 2.0)
        assert row == [1, 1, 3, pytest.approx(-2.0), pytest.approx(7.0), 1]

    def test_a_short_gains_when_prices_fall(self):
        _, row = call("PERP_STRESS_HISTORY", -2.0, 10.0, 15.0, PRICES, 1.0, 1.0)
        assert row[1:4] == [4, 5, pytest.approx(-20 * (70 / 55 - 1))]

    def test_a_window_with_a_gap_is_left_out_and_the_cell_can_be_asked_why(self):
        gappy = ((100.0,), (None,), (60.0,), (55.0,))
        _, row = call("PERP_STRESS_HISTORY", 2.0, 10.0, 15.0, gappy)
        assert row[1:3] == [3, 4]
        assert "2 of 3 windows left out because a price is missing" in call("PERP_WHY")


NAMES = ("var_95", "var_99", "es_95", "es_99", "probability_of_liquidation", "capital_for_99")


class TestMonteCarlo:
    def test_one_bar_of_three_rows(self):
        """Losses of 10, -2 and -5 on 100 with a third of the chance each; 0.9 of maintenance at the loss of 10."""
        table = call("PERP_STRESS_MONTE_CARLO", 1.0, 100.0, 10.5, ((-0.1,), (0.02,), (0.05,)), 50_000.0, 1.0)
        assert [row[0] for row in table] == ["", *NAMES]
        found = as_dict(table)
        for name in NAMES[:4]:
            assert found[name] == pytest.approx(10.0)
        assert found["probability_of_liquidation"] == pytest.approx(1 / 3, abs=0.01)
        assert found["capital_for_99"] == pytest.approx(10.9)

    def test_defaults_and_seeds(self):
        returns = tuple((float(x),) for x in np.random.default_rng(1).normal(0, 0.01, 50))
        usual = call("PERP_STRESS_MONTE_CARLO", 1.0, 100.0, 20.0, returns)
        assert usual == call("PERP_STRESS_MONTE_CARLO", 1.0, 100.0, 20.0, returns, 10_000.0, 24.0, 1.0, 0.01)
        assert usual != call("PERP_STRESS_MONTE_CARLO", 1.0, 100.0, 20.0, returns, 10_000.0, 24.0, 2.0, 0.01)
        found = as_dict(usual)
        assert 0 < found["var_95"] < found["es_95"] < found["es_99"]
        assert found["var_95"] < found["var_99"] < found["es_99"]
        assert found["var_99"] < found["capital_for_99"]

    def test_rows_with_gaps_are_left_out_and_the_cell_can_be_asked_why(self):
        returns = ((0.01, 0.02), (None, 0.01), (-0.02, -0.01), (0.01, 0.0))
        assert call("PERP_STRESS_MONTE_CARLO", ((1.0, 1.0),), ((10.0, 10.0),), 50.0, returns, 10.0)[0][0] == ""
        assert "returns: 1 of 4 rows dropped because a value is missing" in call("PERP_WHY")

    def test_an_account_below_its_maintenance_says_so(self):
        table = call("PERP_STRESS_MONTE_CARLO", 1.0, 100.0, 0.5, ((0.01,), (-0.01,)), 10.0, 1.0)
        assert as_dict(table)["probability_of_liquidation"] == 1
        assert "below its maintenance margin already" in call("PERP_WHY")
