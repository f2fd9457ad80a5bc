"""The beta functions through the door a cell uses: shapes, labels and figures that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from xladdin import call

rng = np.random.default_rng(12)
MARKET = tuple((float(x),) for x in rng.normal(0, 0.01, 60))
ASSETS = tuple(
    (1.3 * m[0] + float(e), 0.6 * m[0] - float(e), float(e))
    for m, e in zip(MARKET, rng.normal(0, 0.005, 60), strict=True)
)


def column(block, number):
    return tuple((row[number],) for row in block)


class TestBeta:
    @pytest.mark.parametrize("method", ["shrunk", "kalman", "huber"])
    def test_every_new_method_answers(self, method):
        shown = call("PERP_BETA", ASSETS, MARKET, method)
        assert shown == [[pytest.approx(1.3, abs=0.3), pytest.approx(0.6, abs=0.3), pytest.approx(0, abs=0.3)]]

    def test_shrunk_betas_of_one_contract_lie_between_ols_and_one(self):
        asset = column(ASSETS, 0)
        assert 1 < call("PERP_BETA", asset, MARKET, "shrunk") < call("PERP_BETA", asset, MARKET)

    def test_kalman_is_the_last_row_of_the_filter(self):
        latest = call("PERP_BETA", ASSETS, MARKET, "kalman")[0]
        assert latest == pytest.approx(call("PERP_BETA_KALMAN", ASSETS, MARKET)[-1], rel=1e-12)


class TestRolling:
    def test_a_window_of_two_is_the_line_through_two_points(self):
        shown = call("PERP_BETA_ROLLING", ((0.01,), (0.03,), (0.02,)), ((0.01,), (0.02,), (0.04,)), 2.0)
        assert shown == [["#N/A"], [pytest.approx(2)], [pytest.approx(-0.5)]]

    def test_min_periods_shortens_the_warm_up(self):
        full, early = (
            call("PERP_BETA_ROLLING", ASSETS, MARKET, 20.0),
            call("PERP_BETA_ROLLING", ASSETS, MARKET, 20.0, 5.0),
        )
        assert [row[0] == "#N/A" for row in full] == [t < 19 for t in range(60)]
        assert [row[0] == "#N/A" for row in early] == [t < 4 for t in range(60)]
        assert full[19:] == early[19:]
        assert full[-1] == pytest.approx(call("PERP_BETA", ASSETS[-20:], MARKET[-20:])[0], rel=1e-11)

    def test_a_gap_is_said_with_the_way_out(self):
        gap = (*ASSETS[:30], (None, 0.0, 0.0), *ASSETS[31:])
        shown = call("PERP_BETA_ROLLING", gap, MARKET, 20.0)
        assert [t for t, row in enumerate(shown) if row[0] == "#N/A"] == [*range(19), *range(30, 50)]
        assert "min_periods is all 20 rows; give fewer to allow gaps" in call("PERP_WHY")


class TestKalman:
    def test_two_rows_make_a_line_and_none_is_there_before(self):
        shown = call("PERP_BETA_KALMAN", ASSETS, MARKET)
        assert np.shape(shown) == (60, 3)
        assert shown[0] == ["#N/A"] * 3
        x, y = (column(ASSETS, 0)[k][0] for k in (0, 1)), [MARKET[k][0] for k in (0, 1)]
        first, second = x
        assert shown[1][0] == pytest.approx((second - first) / (y[1] - y[0]))

    def test_a_line_that_stands_still_ends_at_the_beta_of_all_rows(self):
        # With so long a history of an exact line there is no noise, and nothing walks.
        exact = tuple((0.001 + 1.5 * m[0],) for m in MARKET)
        assert call("PERP_BETA_KALMAN", exact, MARKET)[-1][0] == pytest.approx(1.5, rel=1e-9)

    def test_bands_are_beta_lower_upper_of_one_contract(self):
        asset = column(ASSETS, 0)
        bands = call("PERP_BETA_KALMAN", asset, MARKET, 0.001, True)
        plain = call("PERP_BETA_KALMAN", asset, MARKET, 0.001)
        assert [row[0] for row in bands] == [row[0] for row in plain]
        for beta, lower, upper in bands[1:]:
            assert lower < beta < upper
            assert upper - beta == pytest.approx(beta - lower)


class TestFactors:
    def test_the_table_has_the_labels_of_the_contract(self):
        factors = tuple((m[0], float(f)) for m, f in zip(MARKET, rng.normal(0, 0.01, 60), strict=True))
        table = call("PERP_BETA_FACTORS", ASSETS, factors)
        assert table[0] == ["", "asset_1", "asset_2", "asset_3"]
        labels = ["alpha", "beta_1", "beta_2", "t_alpha", "t_1", "t_2", "r_squared", "residual_volatility"]
        assert [row[0] for row in table[1:]] == labels
        assert table[2][1:] == [pytest.approx(b, abs=0.3) for b in (1.3, 0.6, 0.0)]

    def test_an_exact_mixture_by_hand(self):
        factors = ((0.01, 0.02), (-0.02, 0.01), (0.03, -0.01), (0.0, 0.03), (0.01, -0.02))
        asset = tuple((0.001 + 2 * f - 0.5 * g,) for f, g in factors)
        table = {row[0]: row[1] for row in call("PERP_BETA_FACTORS", asset, factors)[1:]}
        assert table["alpha"] == pytest.approx(0.001)
        assert table["beta_1"] == pytest.approx(2)
        assert table["beta_2"] == pytest.approx(-0.5)
        assert table["r_squared"] == pytest.approx(1)
        assert table["t_1"] == "#N/A"

    def test_one_factor_is_the_beta(self):
        table = call("PERP_BETA_FACTORS", ASSETS, MARKET)
        assert table[2][1:] == pytest.approx(call("PERP_BETA", ASSETS, MARKET)[0], rel=1e-12)
        weighted = call("PERP_BETA_FACTORS", ASSETS, MARKET, 10.0)
        assert weighted[2][1:] == pytest.approx(call("PERP_BETA", ASSETS, MARKET, "ewma", 10.0)[0], rel=1e-11)
