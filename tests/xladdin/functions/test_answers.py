"""Each sheet function through the door a cell uses: shapes, labels and figures that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xladdin import call

NA, DIV0 = -2146826246, -2146826281

PRICES = ((100.0, 50.0), (110.0, 45.0), (99.0, 54.0))
FUNDING = ((None, None), (0.01, None), (None, -0.02))

rng = np.random.default_rng(11)
MARKET = tuple((float(x),) for x in rng.standard_t(5, 120) * 0.01)
ASSETS = tuple(
    (1.3 * m[0] + float(e), 0.6 * m[0] - float(e)) for m, e in zip(MARKET, rng.normal(0, 0.005, 120), strict=True)
)


def label(table, name):
    """The row of a table or listing that carries a label, without it."""
    return next(row[1:] for row in table if row[0] == name)


def why():
    return call("PERP_WHY")


class TestReturns:
    def test_simple_returns_are_net_of_funding(self):
        assert call("PERP_RETURNS", PRICES, FUNDING) == [
            pytest.approx([0.10 - 0.01, -0.10]),
            pytest.approx([-0.10, 0.20 + 0.02]),
        ]

    def test_log_returns(self):
        shown = call("PERP_RETURNS", PRICES, FUNDING, "log")
        assert shown[0] == pytest.approx([math.log(1.1) - 0.01, math.log(0.9)])

    def test_a_short_earns_the_negative(self):
        long, short = call("PERP_RETURNS", PRICES, FUNDING), call("PERP_RETURNS", PRICES, FUNDING, "simple", "short")
        assert short == [[-value for value in row] for row in long]

    @pytest.mark.parametrize("gap", [None, "", "n/a", NA, DIV0])
    def test_a_gap_in_prices_is_missing_on_both_sides_and_never_zero(self, gap):
        shown = call("PERP_RETURNS", ((100.0,), (gap,), (120.0,), (126.0,)))
        assert shown == [["#N/A"], ["#N/A"], [pytest.approx(0.05)]]

    def test_blank_funding_means_that_none_settled(self):
        assert call("PERP_RETURNS", PRICES, ((None, None),) * 3) == call("PERP_RETURNS", PRICES)

    @pytest.mark.parametrize("cell", ["0.0100%", "0,0001", "#N/A", "n/a", -2146826246])
    def test_funding_that_is_no_number_is_missing_and_not_zero(self, cell):
        funding = ((None, None), (0.01, None), (cell, -0.02))
        plain = call("PERP_RETURNS", PRICES, FUNDING)
        shown = call("PERP_RETURNS", PRICES, funding)
        assert shown == [plain[0], ["#N/A", plain[1][1]]]
        assert "row 3, column 1: missing there, not zero; enter rates as numbers (0.0001 for 0.01 %)" in why()

    def test_an_annual_rate_says_what_it_could_not_read(self):
        shown = call("PERP_FUNDING_ANNUAL", ((0.0001,), ("0.0300%",), (0.0003,), ("x",), (None,)))
        assert shown == pytest.approx(0.0002 * 3 * 365)
        assert "rates holds '0.0300%' in row 2, column 1, and 1 more cells so: missing there" in why()

    def test_a_price_of_zero_is_named(self):
        assert call("PERP_RETURNS", ((100.0,), (0.0,))) == "#VALUE!"
        assert "row 2" in why()

    def test_annual_funding(self):
        assert call("PERP_FUNDING_ANNUAL", ((0.0001,), (0.0003,), (None,))) == pytest.approx(0.0002 * 3 * 365)
        assert call("PERP_FUNDING_ANNUAL", ((0.0001, 0.0),), 3.0, True)[0] == pytest.approx(
            [1.0001 ** (3 * 365) - 1, 0.0]
        )


class TestBeta:
    def test_one_asset_is_a_number_and_several_are_a_row(self):
        both = call("PERP_BETA", ASSETS, MARKET)
        assert call("PERP_BETA", tuple((a,) for a, _ in ASSETS), MARKET) == pytest.approx(both[0][0])
        assert np.shape(both) == (1, 2)

    def test_market_may_be_a_row(self):
        assert call("PERP_BETA", ASSETS, (tuple(m[0] for m in MARKET),)) == call("PERP_BETA", ASSETS, MARKET)

    def test_beta_is_the_slope_of_the_regression(self):
        x, y = np.array(MARKET)[:, 0], np.array(ASSETS)[:, 0]
        assert call("PERP_BETA", ASSETS, MARKET)[0][0] == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-12)

    @pytest.mark.parametrize("method", ["ols", "ewma", "downside", "upside", "EWMA "])
    def test_every_method_answers(self, method):
        assert call("PERP_BETA", ASSETS, MARKET, method)[0][0] == pytest.approx(1.3, abs=0.4)

    def test_rows_with_a_gap_are_dropped_and_said(self):
        gap = (*ASSETS[:5], (None, 0.1), *ASSETS[6:])
        without = call("PERP_BETA", ASSETS[:5] + ASSETS[6:], MARKET[:5] + MARKET[6:])
        assert call("PERP_BETA", gap, MARKET)[0][0] == pytest.approx(without[0][0], rel=1e-12)
        assert "1 of 120" in why()

    def test_beta_of_a_portfolio(self):
        assert call("PERP_BETA_PORTFOLIO", ((0.5,), (0.5,)), ((1.0, 1.4),)) == pytest.approx(1.2)


class TestCapm:
    def test_the_expected_return_of_the_fund_case(self):
        assert call("PERP_CAPM_RETURN", 1.0, 0.05, 0.12) == pytest.approx(0.12)

    def test_it_is_taken_element_by_element(self):
        assert call("PERP_CAPM_RETURN", ((0.5,), (2.0,)), 0.05, 0.12) == [[pytest.approx(0.085)], [pytest.approx(0.19)]]

    def test_the_table_has_the_labels_of_the_contract(self):
        table = call("PERP_CAPM", ASSETS, MARKET, 0.05, 8760.0)
        assert table[0] == ["", "asset_1", "asset_2"]
        assert [row[0] for row in table[1:]] == [
            "beta",
            "beta_se",
            "beta_t",
            "alpha",
            "alpha_se",
            "alpha_t",
            "r_squared",
            "residual_volatility",
            "expected_return",
            "realised_return",
            "market_premium",
            "treynor",
            "appraisal",
            "observations",
        ]
        assert label(table, "observations") == [120.0, 120.0]
        beta, premium = label(table, "beta")[0], label(table, "market_premium")[0]
        assert label(table, "expected_return")[0] == pytest.approx(0.05 + beta * premium)

    def test_a_risk_free_rate_a_row(self):
        rates = tuple((0.05,) for _ in MARKET)
        assert call("PERP_CAPM", ASSETS, MARKET, rates) == call("PERP_CAPM", ASSETS, MARKET, 0.05)


class TestSizing:
    def test_volatility_of_ten_sevenths_of_the_target_makes_the_position_30_percent_smaller(self):
        assert call("PERP_LEVERAGE", 0.5 * 10 / 7, 0.5) == pytest.approx(0.7)
        assert call("PERP_SIZE_VOL", 1_000_000.0, 100.0, 0.5 * 10 / 7, 0.5) == pytest.approx(7_000)

    def test_leverage_is_capped_and_size_is_in_whole_lots(self):
        assert call("PERP_LEVERAGE", 0.01, 0.5) == 3.0
        assert call("PERP_SIZE_VOL", 1000.0, 30.0, 0.5, 0.5, 3.0, 0.1) == pytest.approx(33.3)


class TestMargin:
    def test_an_account_by_hand(self):
        table = call("PERP_MARGIN", ((1.0, -10.0),), ((60_000.0, 3_000.0),), 20_000.0, 0.01, ((20.0, 10.0),))
        figures = {row[0]: row[1] for row in table[1:]}
        assert table[0] == ["", "value"]
        assert figures == {
            "gross": 90_000.0,
            "net": 30_000.0,
            "leverage": 4.5,
            "initial_margin": 6_000.0,
            "maintenance_margin": pytest.approx(900.0),
            "margin_ratio": pytest.approx(0.045),
            "headroom": 14_000.0,
            "distance_to_liquidation": pytest.approx((20_000 - 900) / (30_000 - 900)),
        }


class TestPortfolio:
    def test_covariance_is_annualised(self):
        hourly = np.array(call("PERP_COV", ASSETS, "sample", 1.0))
        assert np.array(call("PERP_COV", ASSETS, "sample", 8760.0)) == pytest.approx(8760 * hourly)
        assert hourly == pytest.approx(np.cov(np.array(ASSETS).T), rel=1e-10)

    def test_minimum_variance_of_two_uncorrelated_assets(self):
        assert call("PERP_OPTIMIZE", ((0.1,), (0.2,)), ((0.04, 0.0), (0.0, 0.01)), "min_variance") == [
            [pytest.approx(0.2)],
            [pytest.approx(0.8)],
        ]

    def test_limits_come_as_rows_of_a_name_and_values(self):
        limits = (("net", None, None), ("gross_max", 2.0, None), ("betas", 1.0, 1.5), ("target_beta", 0.7, None))
        weights = call("PERP_OPTIMIZE", ((0.1, 0.2),), ((0.04, 0.01), (0.01, 0.09)), "max_sharpe", limits)
        assert weights[0][0] + 1.5 * weights[0][1] == pytest.approx(0.7, abs=1e-9)

    def test_infeasible_limits_are_explained(self):
        limits = (("max_weight", 0.1),)
        assert call("PERP_OPTIMIZE", ((0.1,) * 6,), np.eye(6), "min_variance", limits) == "#NUM!"
        assert "max_weight" in why()
        assert "net 1" in why()

    def test_an_unknown_limit_lists_the_nearest(self):
        assert call("PERP_OPTIMIZE", ((0.1, 0.2),), np.eye(2), "min_variance", (("gross", 2.0),)) == "#VALUE!"
        assert "gross_max" in why()


class TestHedge:
    def test_the_fund_case(self):
        listing = call("PERP_HEDGE", 100e6, 1.4, 1.1, 0.9)
        assert listing[0] == ["hedge", "trade_notional", "trade_contracts", "cost", "beta_before", "beta_after"]
        assert listing[1][1] == pytest.approx(-33_333_333.33, abs=0.01)
        assert listing[1][2] == "#N/A"
        assert listing[1][4:] == [pytest.approx(1.4), pytest.approx(1.1)]

    def test_contracts_and_cost(self):
        _, row = call("PERP_HEDGE", 100e6, 1.4, 1.1, 0.9, None, 60_000.0, 0.001, 5.0)
        assert row[2] == pytest.approx(-33_333_333.33 / 60_000, abs=0.001)
        assert row[3] == pytest.approx(abs(row[1]) * 5e-4)


class TestStress:
    def test_a_book_by_hand(self):
        listing = call(
            "PERP_STRESS", ((1.0, -10.0),), ((60_000.0, 3_000.0),), ((1.0, 1.2),), 20_000.0, ((-0.1,), (0.05,))
        )
        assert listing[0] == [
            "market_shock",
            "pnl",
            "funding",
            "equity_after",
            "margin_ratio",
            "liquidated",
            "first_liquidated",
            "shortfall",
        ]
        assert listing[1][:4] == [-0.1, pytest.approx(-6_000 + 3_600), 0.0, pytest.approx(17_600)]
        assert listing[1][4] == pytest.approx((54_000 + 26_400) * 0.01 / 17_600)
        assert listing[1][5:] == [0.0, "#N/A", 0.0]

    def test_the_first_liquidated_is_named_by_its_column(self):
        _, row = call("PERP_STRESS", ((1.0, 10.0),), ((60_000.0, 3_000.0),), ((1.0, 1.5),), 20_000.0, -0.25)
        assert row[5] == 2.0 or row[5] == 1.0
        assert row[6] == 1.0
        assert row[7] > 0
