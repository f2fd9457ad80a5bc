"""Answers of the stress functions as cells."""

import pytest

from xladdin import call


class TestReverse:
    def test_one_long_by_hand(self):
        # 20,000 + 60,000 x = 600 (1 + x) at x = -19,400/59,400.
        table = call("PERP_STRESS_REVERSE", 1.0, 60_000.0, 1.0, 20_000.0)
        assert table[0] == ["", "asset_1"]
        assert table[1] == ["adverse_shock", pytest.approx(-19_400 / 59_400)]
        assert table[2] == ["price", pytest.approx(60_000 * 40_000 / 59_400)]

    def test_the_table_has_the_price_of_each_contract(self):
        table = call("PERP_STRESS_REVERSE", ((1.0, -3.0),), ((60_000.0, 3_000.0),), ((1.0, 1.2),), 20_000.0)
        shock = table[1][1]
        assert table[1] == ["adverse_shock", shock, ""]
        assert table[2] == ["price", pytest.approx(60_000 * (1 + shock)), pytest.approx(3_000 * (1 + 1.2 * shock))]

    def test_stressed_there_equity_is_the_maintenance_margin(self):
        book = (((1.0, -3.0),), ((60_000.0, 3_000.0),), ((1.0, 1.2),), 20_000.0)
        shock = call("PERP_STRESS_REVERSE", *book)[1][1]
        _, row = call("PERP_STRESS", *book, shock)
        assert row[4] == pytest.approx(1, rel=1e-9)

    def test_what_nothing_can_liquidate_is_not_available(self):
        table = call("PERP_STRESS_REVERSE", 1.0, 60_000.0, 1.0, 100_000.0)
        assert [row[1] for row in table[1:]] == ["#N/A", "#N/A"]


class TestStress:
    def test_two_contracts_by_hand(self):
        # Moves of -0.1 x (1 + 0.2) - 0.01 and -0.1 x (1.5 + 0.2) + 0.02 on 60,000 long and 30,000 short.
        _, row = call(
            "PERP_STRESS", ((1.0, -10.0),), ((60_000.0, 3_000.0),), ((1.0, 1.5),), 20_000.0, -0.1, 0.02, 0.001, 0.2,
            ((-0.01, 0.02),),
        )  # fmt: skip
        moves = -0.13, -0.15
        pnl, funding = 60_000 * moves[0] - 30_000 * moves[1], -0.001 * 30_000
        equity = 20_000 + pnl + funding
        ratio = 0.02 * (60_000 * (1 + moves[0]) + 30_000 * (1 + moves[1])) / equity
        assert row == [-0.1, *map(pytest.approx, (pnl, funding, equity, ratio)), 0.0, "#N/A", 0.0]

    def test_without_equity_the_margin_ratio_sorts_last_even_where_prices_are_zero(self):
        for rate in (0.01, 0.0):
            _, row = call("PERP_STRESS", 1.0, 100.0, 1.0, 50.0, -1.0, rate)
            assert row[3:5] == [pytest.approx(-50.0), 1000.0]

    def test_no_funding_is_a_plain_zero(self):
        _, row = call("PERP_STRESS", 1.0, 100.0, 1.0, 50.0, -0.1)
        assert str(row[2]) == "0.0"

    @pytest.mark.parametrize("quantities", [(1.0, 4.0), (-1.0, -4.0), (2.0, -9.0)])
    def test_at_the_reverse_shock_equity_is_the_maintenance_margin(self, quantities):
        book = ((quantities,), ((60_000.0, 3_000.0),), ((1.0, 1.3),), 30_000.0)
        (_, shock, _), (_, *prices) = call("PERP_STRESS_REVERSE", *book)[1:]
        _, row = call("PERP_STRESS", *book, shock)
        maintenance = 0.01 * sum(abs(q) * p for q, p in zip(quantities, prices, strict=True))
        assert row[3] == pytest.approx(maintenance, rel=1e-9)
        assert row[4] == pytest.approx(1.0, rel=1e-9)


def test_an_account_below_maintenance_is_liquidated_and_says_why():
    _, row = call("PERP_STRESS", 1.0, 60_000.0, 1.0, 500.0, -0.01)
    assert row[5:7] == [1.0, 1.0]
    assert "lacks 100 of its maintenance margin before any shock" in call("PERP_WHY")
