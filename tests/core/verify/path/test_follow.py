"""A path bar by bar: by hand, against the straight path, and what holds on every path."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.market.tiers import Tiers
from tests.verify_by_parts import follow, stress

NAN = np.nan
TIERS = Tiers([0, 50, 200], [50, 200, NAN], [0.005, 0.02, 0.06], [NAN] * 3, [50, 25, 10])


def falling(*levels):
    return np.array(levels, dtype=float)[:, np.newaxis]


def test_profit_and_funding_by_hand():
    result = follow([2, -1], [[100, 50], [90, 55], [95, 40]], 1000, funding_rates=[0.01, 0.02])
    # Longs pay at each bar's price, shorts receive: 1.8 + 1.9 paid, 1.1 + 0.8 received.
    np.testing.assert_allclose(result.pnl[-1], [-10, 10])
    np.testing.assert_allclose(result.funding[-1], [-3.7, 1.9])
    np.testing.assert_allclose(result.equity, [1000, 1000 - 25 - 1.8 + 1.1, 1000 - 3.7 + 1.9])
    np.testing.assert_allclose(result.maintenance, [2.5, 2.35, 2.3])
    assert result.order == ()
    assert np.isnan(result.closed_bar).all()


def test_the_greatest_loser_goes_first_at_the_price_of_the_bar_and_for_the_fee():
    result = follow([1, 1], [[100, 100], [95, 90], [90, 82]], 30, 0.05, liquidation_fee=0.001)
    # At 90 and 82 the account has 2 and needs 8.6: the second goes for 0.082, then the first for 0.09.
    assert result.order == (2, 1)
    np.testing.assert_allclose(result.fees[-1], [0.09, 0.082])
    np.testing.assert_allclose(result.equity, [30, 15, 30 - 28 - 0.172])
    np.testing.assert_allclose(result.closed_bar, [2, 2])


def test_closing_one_can_save_the_other():
    result = follow([1, 1], [[100, 100], [99, 80], [99, 50]], 25, 0.03)
    assert result.liquidated.tolist() == [False, True]
    np.testing.assert_allclose(result.equity, [25, 4, 4])


def test_an_isolated_position_loses_its_collateral_and_no_more():
    result = follow([3, 1], np.hstack([falling(100, 80, 50), falling(10, 10, 10)]), 200, 0.05, isolated=[100, NAN])
    # At 50 it has lost 150 of its 100: the exchange bears 50.
    assert result.final_equity == pytest.approx(100)
    np.testing.assert_allclose(result.lost[-1], [-50, 0])
    early = follow([3], falling(100, 70), 100, 0.05, isolated=[100])
    assert early.final_equity == pytest.approx(0)
    np.testing.assert_allclose(early.lost[-1], [10])


def test_a_stop_closes_at_its_level_before_any_liquidation():
    result = follow([3], falling(100, 90, 60), 100, stops=[80])
    assert result.final_equity == pytest.approx(40, rel=1e-12)
    assert (result.closed_bar[0], result.order) == (2, ())
    assert result.stopped.tolist() == [True]
    short = follow([-3], falling(100, 140), 100, stops=[110])
    assert short.final_equity == pytest.approx(70)


def test_a_price_beyond_the_stop_already_closes_at_once():
    result = follow([3, -3], [[100, 100], [50, 150]], 100, stops=[120, 90])
    assert result.final_equity == 100
    np.testing.assert_allclose(result.closed_bar, [0, 0])


def test_a_stopped_isolated_position_gives_its_collateral_back():
    book = {"isolated": [30, NAN], "stops": [90, NAN]}
    path = [[100, 100], [80, 100], [80, 75]]
    result = follow([1, 2], path, 60, 0.05, **book)
    # 60 - 10 at the stop, then 50 lost on the other two: what came back carried them until then.
    assert result.final_equity == pytest.approx(0)
    assert result.order == (2,)


def test_a_large_position_is_reduced_tier_by_tier():
    # 4 coins at 90 are 360: it needs 0.06 x 360 - 8.75 = 12.85. With 50 - 40 = 10 it is cut to 200, which needs 3.25.
    result = follow([4], falling(100, 90, 89), 50, tiers=TIERS)
    np.testing.assert_allclose(result.open_shares[:, 0], [1, 200 / 360, 200 / 360])
    assert result.final_equity == pytest.approx(10 - 200 / 90)
    assert np.isnan(result.closed_bar[0])
    assert result.liquidated[0]


def test_an_account_below_maintenance_now_is_liquidated_in_bar_0():
    result = follow([1], falling(100, 200), 4, 0.05)
    assert (result.final_equity, result.closed_bar[0]) == (4, 0)


def test_contracts_not_held_need_no_price():
    result = follow([1, 0], [[100, NAN], [90, NAN]], 1000)
    assert result.final_equity == 990


ACCOUNTS = [
    {},
    {"isolated": [25, NAN, 20]},
    {"tiers": TIERS},
    {"tiers": TIERS, "isolated": [25, NAN, 20]},
    {"stops": [90, NAN, 57], "liquidation_fee": 0.003},
    {"inverse": [True, False, True], "multipliers": [100, 1, 50], "liquidation_fee": 0.003},
]


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("shock", [-0.35, -0.2, 0.25])
def test_fine_bars_along_a_straight_line_are_the_straight_path(account, shock):
    quantities, prices, betas = np.array([1.0, 2.0, -1.0]), np.array([100.0, 40.0, 50.0]), np.array([1.2, 1.0, 0.8])
    steps = np.linspace(0, 1, 3_001)[:, np.newaxis]
    along = follow(quantities, prices * (1 + steps * betas * shock), 80, 0.03, **account)
    at_once = stress(quantities, prices, betas, 80, shock, 0.03, **account)
    assert along.final_equity == pytest.approx(at_once.path_equity[0], abs=0.2)
    assert along.liquidated.sum() == at_once.liquidated[0]
    assert along.stopped.sum() == at_once.stopped[0]
    if along.order:
        assert along.order[0] == at_once.first_liquidated[0]


paths = st.lists(st.tuples(*[st.floats(-0.3, 0.3)] * 3), min_size=1, max_size=12)
held = st.tuples(*[st.integers(-3000, 3000).map(lambda thousandths: thousandths / 1000)] * 3)


def prices_of(moves):
    return np.vstack([[100, 50, 20], [100, 50, 20] * np.cumprod(1 + np.array(moves), axis=0)])


@given(held, paths, st.floats(10, 500), st.sampled_from(ACCOUNTS[1:]))
def test_nothing_is_lost_but_what_is_accounted_for(quantities, moves, equity, account):
    account = {
        **account,
        "isolated": [NAN if np.isnan(each) else equity / 4 for each in account.get("isolated", [NAN] * 3)],
    }
    prices = prices_of(moves)
    result = follow(quantities, prices, equity, 0.02, funding_rates=0.001, **account)
    parts = result.pnl + result.funding - result.fees - result.lost
    np.testing.assert_allclose(result.equity, equity + parts.sum(axis=1), rtol=0, atol=1e-9 * (equity + 1000))
    # What is open at the end keeps its maintenance; what is closed is closed for good.
    assert (np.diff(result.open_shares, axis=0) <= 0).all()
    if not np.isfinite(account["isolated"]).any():
        assert (
            result.final_equity >= result.maintenance[-1] - 1e-9 * (equity + 1000) or not result.open_shares[-1].any()
        )
    assert (np.isfinite(result.closed_bar) == (result.open_shares[-1] == 0) & (np.array(quantities) != 0)).all()


@given(held, paths, st.floats(10, 500), st.sampled_from([2.0**-10, 2.0**10]))
def test_scaling_positions_and_equity_together_changes_no_share(quantities, moves, equity, scale):
    prices = prices_of(moves)
    small = follow(quantities, prices, equity, 0.02, liquidation_fee=0.001)
    large = follow(np.array(quantities) * scale, prices, equity * scale, 0.02, liquidation_fee=0.001)
    np.testing.assert_array_equal(large.open_shares, small.open_shares)
    np.testing.assert_allclose(large.equity, small.equity * scale, rtol=1e-9, atol=1e-9 * equity * scale)


@given(st.floats(-3, 3).filter(lambda q: abs(q) > 0.1), paths, st.floats(10, 500))
def test_one_position_is_closed_in_the_same_bar_isolated_or_cross(quantity, moves, equity):
    prices = prices_of(moves)[:, :1]
    cross = follow([quantity], prices, equity, 0.02)
    alone = follow([quantity], prices, equity, 0.02, isolated=[equity])
    np.testing.assert_array_equal(alone.closed_bar, cross.closed_bar)
    assert alone.final_equity == pytest.approx(cross.final_equity if np.isnan(cross.closed_bar[0]) else 0, abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"prices": [[100, NAN], [90, 50]]}, MissingDataError, "prices has no value at position 2"),
        ({"prices": [[100, 50], [95, 55], [90, NAN]]}, MissingDataError, "prices has no value at row 2, column 2"),
        ({"prices": [[100, 50], [95, 55], [90, 0]]}, ArgumentError, "prices is 0 at row 2, column 2"),
        ({"prices": [[100], [90]]}, ArgumentError, "quantities has 2 rows and prices has 1"),
        ({"equity": -5}, ArgumentError, "equity is -5"),
        ({"maintenance_rates": 2}, ArgumentError, "maintenance_rates is 2"),
        ({"funding_rates": [0.1, 0.1, 0.1]}, ArgumentError, r"funding_rates has shape \(3,\)"),
        ({"funding_rates": [0.1, NAN]}, MissingDataError, "funding_rates has gaps"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"quantities": [1, 2], "prices": [[100, 50], [90, 55]], "equity": 100}
    with pytest.raises(error, match=words):
        follow(**(fields | changes))
