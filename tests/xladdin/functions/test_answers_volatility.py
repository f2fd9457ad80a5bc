"""Volatility, GARCH, true range, variance premium and regimes through the door a cell uses: figures by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xladdin import call

NA = -2146826246

RETURNS = ((0.02, 0.04), (-0.01, 0.00), (0.03, -0.02))


def column(values):
    return tuple((float(value),) for value in values)


def row(table, name):
    """The row of a table or listing that carries a label, without it."""
    return next(each[1:] for each in table if each[0] == name)


def why():
    return call("PERP_WHY")


def clustered(rows=400, seed=3):
    rng = np.random.default_rng(seed)
    h = square = 1.0
    values = []
    for shock in rng.normal(size=rows):
        h = 0.05 + 0.15 * square + 0.8 * h
        values.append(h**0.5 * shock)
        square = values[-1] ** 2
    return 0.01 * np.array(values)


class TestVolatility:
    def test_the_sample(self):
        first = math.sqrt((0.02**2 + 0.01**2 + 0.03**2 - 3 * (0.04 / 3) ** 2) / 2)
        second = math.sqrt((0.04**2 + 0.02**2 - 3 * (0.02 / 3) ** 2) / 2)
        assert call("PERP_VOL", RETURNS) == [pytest.approx([first * 365**0.5, second * 365**0.5])]

    def test_of_one_contract_it_is_one_number(self):
        assert call("PERP_VOL", column([0.0, 0.02]), "sample", 1.0) == pytest.approx(0.02 / 2**0.5)

    def test_exponential_weights(self):
        # Weights 1/2 and 1: mean 0.02, mean square deviation 2e-4, times 1 / (1 - 5/9).
        assert call("PERP_VOL", column([0.0, 0.03]), "ewma", 1.0, 1.0) == pytest.approx((2e-4 / (4 / 9)) ** 0.5)

    def test_garch_is_that_of_the_garch_table(self):
        returns = column(clustered())
        assert call("PERP_VOL", returns, "garch") == row(call("PERP_GARCH", returns), "volatility_now")[0]

    def test_a_gap_is_left_out_and_said(self):
        assert call("PERP_VOL", ((0.0,), (NA,), (0.02,)), "sample", 1.0) == pytest.approx(0.02 / 2**0.5)
        assert why() == "returns: 1 of 3 rows dropped because a value is missing"


class TestGarch:
    LABELS = (
        *("", "mu", "omega", "alpha", "beta", "persistence", "log_likelihood", "se_mu", "se_omega", "se_alpha"),
        *("se_beta", "volatility_now", "volatility_horizon", "volatility_long_run"),
    )

    def test_the_table_has_the_labels_of_the_contract(self):
        table = call("PERP_GARCH", tuple(zip(clustered(), clustered(seed=4), strict=True)))
        assert [each[0] for each in table] == [*self.LABELS]
        assert table[0] == ["", "asset_1", "asset_2"]
        assert all(isinstance(value, float) for each in table[1:] for value in each[1:])

    def test_its_figures_hang_together(self):
        table = call("PERP_GARCH", column(clustered()), 24.0, 8760.0)
        figure = {name: row(table, name)[0] for name in self.LABELS[1:]}
        assert figure["persistence"] == pytest.approx(figure["alpha"] + figure["beta"])
        long_run = math.sqrt(8760 * figure["omega"] / (1 - figure["persistence"]))
        assert figure["volatility_long_run"] == pytest.approx(long_run)
        decay = sum(figure["persistence"] ** k for k in range(24)) / 24
        horizon = long_run**2 + decay * (figure["volatility_now"] ** 2 - long_run**2)
        assert figure["volatility_horizon"] == pytest.approx(math.sqrt(horizon))

    def test_what_does_not_exist_is_not_available(self):
        returns = np.tile([0.01, -0.03, 0.012, 0.028, -0.011, -0.029], 20)
        table = call("PERP_GARCH", column(returns))
        assert row(table, "alpha") == [0.0]
        assert row(table, "se_alpha") == ["#N/A"]
        assert "volatility does not cluster" in why()


class TestTrueRange:
    def test_by_hand(self):
        # True ranges 2, 6 (a gap up), 5 (a gap down); then (4 x 1 + 5) / 2.
        shown = call("PERP_ATR", column([3, 7, 4]), column([1, 6, 2]), column([1, 7, 3]), 2.0)
        assert shown == [["#N/A"], [4.0], [4.5]]

    def test_the_default_is_fourteen_bars(self):
        shown = call("PERP_ATR", column(range(3, 23)), column(range(1, 21)), column(range(2, 22)))
        assert shown[:13] == [["#N/A"]] * 13
        assert shown[13:] == [[2.0]] * 7


class TestVariancePremium:
    def test_implied_less_realised(self):
        shown = call("PERP_VRP", ((0.8, 0.7),), RETURNS)
        assert shown == [pytest.approx([0.64 - 365 * 14e-4 / 3, 0.49 - 365 * 20e-4 / 3])]

    def test_it_stands_as_the_implied_volatilities_stand(self):
        assert call("PERP_VRP", ((0.8,), (0.7,)), RETURNS) == [[x] for x in call("PERP_VRP", ((0.8, 0.7),), RETURNS)[0]]

    def test_net_of_funding(self):
        funding = ((0.01, None), (None, None), (-0.01, None))
        shown = call("PERP_VRP", ((0.8, 0.7),), RETURNS, 365.0, funding)
        assert shown[0][0] == pytest.approx(0.64 - 365 * 18e-4 / 3)
        assert shown[0][1] == call("PERP_VRP", ((0.8, 0.7),), RETURNS)[0][1]

    def test_percent_points_are_said(self):
        assert isinstance(call("PERP_VRP", 62.5, column([0.01, 0.02])), float)
        assert why() == "implied_vol is 62.5, which looks like percent; give decimals (0.625)"

    def test_the_tilt(self):
        assert call("PERP_TILT", ((0.1,), (0.2,)), ((0.3,), (-0.5,))) == [pytest.approx([0.13]), pytest.approx([0.15])]
        assert call("PERP_TILT", 0.1, 0.3, 0.5) == pytest.approx(0.25)


class TestRegimes:
    def test_a_planted_change(self):
        returns = [0.01, -0.01] * 60 + [0.03, -0.03] * 40
        assert call("PERP_REGIME", column(returns)) == [
            ["regime", "start_row", "end_row", "volatility"],
            [1.0, 1.0, 120.0, pytest.approx(0.01)],
            [2.0, 121.0, 200.0, pytest.approx(0.03)],
        ]

    def test_a_price_too_high_leaves_one(self):
        returns = [0.01, -0.01] * 60 + [0.03, -0.03] * 40
        shown = call("PERP_REGIME", column(returns), 48.0, 1e6)
        assert shown[1:] == [[1.0, 1.0, 200.0, pytest.approx(math.sqrt((120 * 1e-4 + 80 * 9e-4) / 200))]]
