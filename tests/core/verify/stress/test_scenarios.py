"""Stress: by-hand revaluation, funding, overrides, liquidations and bad input. Fine paths: tests/oracles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.market.margin import margin
from core.market.tiers import Tiers
from core.verify.stress.scenarios import BANKRUPT
from tests.verify_by_parts import stress

NAN = np.nan
# No venue has a lot below a billionth of a coin; the smallest numbers of all are no longer exact to nine digits.
quantities = st.floats(-5, 5).filter(lambda quantity: quantity == 0 or abs(quantity) > 1e-9)
books = st.lists(st.tuples(quantities, st.floats(0.5, 50), st.floats(-1, 2.5)), min_size=1, max_size=6)
BELOW_ALREADY = pytest.mark.filterwarnings("ignore:the account lacks")


def test_profit_is_a_revaluation_by_hand():
    quantities, prices, betas = [2, -10, 100], [60_000, 3_000, 150], [1.0, 1.2, 1.5]
    result = stress(quantities, prices, betas, 100_000, [-0.1, 0.05])
    # Fall of 10 %: BTC 54,000, ETH 2,640, SOL 127.5. Rise of 5 %: BTC 63,000, ETH 3,180, SOL 161.25.
    np.testing.assert_allclose(result.contract_pnl, [[-12_000, 3_600, -2_250], [6_000, -1_800, 1_125]], rtol=1e-12)
    np.testing.assert_allclose(result.pnl, [-10_650, 5_325], rtol=1e-12)
    np.testing.assert_allclose(result.equity_after, [89_350, 105_325], rtol=1e-12)
    maintenance = 0.01 * np.array([108_000 + 26_400 + 12_750, 126_000 + 31_800 + 16_125])
    np.testing.assert_allclose(result.margin_ratio, maintenance / result.equity_after, rtol=1e-12)
    assert result.liquidated.tolist() == [0, 0]
    assert np.isnan(result.first_liquidated).all()
    assert result.shortfall.tolist() == [0, 0]


def test_longs_pay_the_funding_shock_and_shorts_receive_it():
    result = stress([1, -3], [100, 100], [1, 1], 1000, [-0.1, -0.1], funding_shock=[0.01, -0.01])
    np.testing.assert_allclose(result.funding, [2, -2])
    np.testing.assert_allclose(result.equity_after, 1000 + result.pnl + result.funding)
    np.testing.assert_allclose(result.total_pnl, [20 + 2, 20 - 2])


def test_beta_shift_and_own_return_add_to_the_move():
    result = stress([1], [100], [1.0], 1000, [-0.1, 0.1], beta_shift=[0.5, 0.0], idiosyncratic=0.02)
    np.testing.assert_allclose(result.pnl, [-13, 12])


def test_an_override_replaces_the_move_of_its_contract():
    result = stress([1, 1], [100, 100], [1, 1], 1000, [-0.1, -0.1], overrides=[[NAN, -0.99], [0.3, NAN]])
    np.testing.assert_allclose(result.contract_pnl, [[-10, -99], [30, -10]])


def test_a_price_cannot_lose_more_than_itself():
    result = stress([1, -1], [100, 100], [3, 5], 1000, [-0.5])
    np.testing.assert_allclose(result.contract_pnl, [[-100, 100]])


def test_a_contract_not_held_needs_neither_price_nor_beta():
    result = stress([1, 0], [100, NAN], [1, NAN], 1000, [-0.1])
    np.testing.assert_array_equal(result.contract_pnl, [[-10, 0]])


def test_an_empty_book_has_nothing_to_lose():
    result = stress([0], [100], [1], 1000, [-0.5])
    assert (result.pnl[0], result.margin_ratio[0], result.liquidated[0]) == (0, 0, 0)


class TestLiquidation:
    def test_the_greatest_loser_goes_first_and_can_save_the_rest(self):
        # Equity 30 carries 200. At -10 % the second has lost 20 and the first 10: the account stands at 0.
        result = stress([1, 1], [100, 100], [1, 2], 30, [-0.1], maintenance_rates=0.05)
        # 30 - 30 l = 10 - 1.5 l  ->  l = 20 / 28.5: the second is closed at -14.04, and
        # 30 - 14.035 - 10 l = 5 - 0.5 l  ->  l = 1.154, beyond the shock: the first survives.
        assert result.liquidated.tolist() == [1]
        assert result.first_liquidated.tolist() == [2]
        assert result.shortfall[0] == pytest.approx(0.05 * (90 + 80) - 0)

    def test_a_deeper_shock_takes_both(self):
        result = stress([1, 1], [100, 100], [1, 2], 30, [-0.05, -0.1, -0.2], maintenance_rates=0.05)
        assert result.liquidated.tolist() == [0, 1, 2]
        np.testing.assert_array_equal(result.first_liquidated, [NAN, 2, 2])

    def test_a_position_can_be_closed_on_the_way_to_a_move_that_it_would_have_survived(self):
        # The hedge earns on the way down as the long loses: no liquidation. Without it there is one.
        hedged = stress([1, -1], [100, 100], [1, 1], 10, [-0.5])
        bare = stress([1, 0], [100, 100], [1, 1], 10, [-0.5])
        assert (hedged.liquidated[0], bare.liquidated[0]) == (0, 1)

    def test_an_account_below_maintenance_already_is_liquidated_at_once(self):
        with pytest.warns(DataWarning, match="lacks 0.5 of its maintenance margin before any shock"):
            result = stress([1, 1], [100, 100], [1, 2], 1.5, [-0.1])
        assert result.first_liquidated[0] == 2
        assert result.liquidated[0] == 2

    def test_an_account_below_maintenance_stops_when_one_closing_is_enough(self):
        with pytest.warns(DataWarning):
            result = stress([1, 1], [100, 100], [-1, 0.1], 1.5, [-0.1])  # maintenance 2 > 1.5; the first gains
        assert result.first_liquidated[0] == 2
        assert result.liquidated[0] == 1

    def test_standing_exactly_at_maintenance_is_not_liquidated(self):
        # 100 + 300 x = 3 (1 + x) at x = -97/297.
        edge = -97 / 297
        result = stress([3], [100], [1], 100, [edge, edge - 1e-6, edge + 1e-6])
        assert result.liquidated.tolist() == [0, 1, 0]

    def test_without_maintenance_the_first_closes_where_equity_is_gone_and_a_gain_ends_it(self):
        # 10 - 20 l + 5 l = 0 at l = 2/3. The loser is closed there, and what is left only gains.
        result = stress([1, -1], [100, 100], [2, 0.5], 10, [-0.1], maintenance_rates=0)
        assert (result.liquidated[0], result.first_liquidated[0]) == (1, 1)

    def test_a_rise_liquidates_a_short(self):
        result = stress([-3], [100], [1], 100, [0.3, 0.34])
        assert result.liquidated.tolist() == [0, 1]

    def test_funding_can_tip_the_account(self):
        dear = stress([3], [100], [1], 100, [-0.3], funding_shock=[0.05])
        assert (dear.liquidated[0], stress([3], [100], [1], 100, [-0.3]).liquidated[0]) == (1, 0)

    def test_no_equity_left_is_the_highest_ratio_and_a_shortfall(self):
        result = stress([5], [100], [1], 100, [-0.5])
        assert result.margin_ratio[0] == BANKRUPT
        assert result.shortfall[0] == pytest.approx(150 + 2.5)

    def test_ratios_sort_from_the_safest_to_the_bankrupt(self):
        # Equity of 100, 50, 1e-4 (not even a thousandth of the maintenance of 2) and less than nothing.
        shocks = [0.0, -0.25, -0.5 + 5e-7, -0.6, -1.0]
        result = stress([2], [100], [1], 100, shocks, 0.02)
        np.testing.assert_allclose(result.margin_ratio, [0.04, 0.06, BANKRUPT, BANKRUPT, BANKRUPT])

    @BELOW_ALREADY
    @given(st.floats(-0.99, 1.0), st.floats(-5, 5), st.floats(0.1, 10))
    def test_one_position_is_liquidated_beyond_its_distance_and_not_before(self, shock, quantity, price):
        account = margin([quantity], [price], 10)
        result = stress([quantity], [price], [1], 10, [shock])
        adverse = account.net * shock < 0
        beyond = adverse and abs(shock) > account.distance_to_liquidation * (1 + 1e-9)
        before = not adverse or not abs(shock) > account.distance_to_liquidation * (1 - 1e-9)
        assert not (beyond and result.liquidated[0] == 0)
        assert not (before and result.liquidated[0] == 1)


@BELOW_ALREADY
@given(books, st.floats(5, 500), st.floats(-0.9, 0.9), st.sampled_from([2.0**-20, 2.0**20]))
def test_scaling_positions_and_equity_together_changes_no_ratio(book, equity, shock, scale):
    quantities, prices, betas = np.transpose(book)
    small, large = (
        stress(quantities * times, prices, betas, equity * times, shock, 0.02, liquidation_fee=0.001)
        for times in (1, scale)
    )
    np.testing.assert_allclose(large.margin_ratio, small.margin_ratio, rtol=1e-9)
    np.testing.assert_allclose(large.path_equity, small.path_equity * scale, rtol=1e-9, atol=1e-9 * equity * scale)
    assert large.liquidated[0] == small.liquidated[0]


class TestAccounts:
    def test_isolated_collateral_is_lost_with_its_position(self):
        # 30 - 100 l x 0.5 = 5 (1 - 0.5 l) at l = 25 / 47.5; what is left then, the maintenance, is lost.
        result = stress([1, 1], [100, 100], [1, 0.1], 100, -0.5, 0.05, isolated=[30, NAN])
        path = result.path(0)
        assert [(each.column, each.reason, each.left) for each in path.closings] == [(1, "isolated", 0.0)]
        assert path.closings[0].share == pytest.approx(25 / 47.5)
        assert path.closings[0].price == pytest.approx(100 * (1 - 0.5 * 25 / 47.5))
        assert result.lost[0] == pytest.approx(5 * (1 - 0.5 * 25 / 47.5))
        assert result.path_equity[0] == pytest.approx(70 - 5)
        assert result.equity_after[0] == pytest.approx(100 - 55)

    def test_fees_take_the_account_lower(self):
        free = stress([3], [100], [1], 100, -0.5, 0.05)
        charged = stress([3], [100], [1], 100, -0.5, 0.05, liquidation_fee=0.01)
        price = charged.path(0).closings[0].price
        assert charged.fees[0] == pytest.approx(0.01 * 3 * price)
        assert charged.path_equity[0] == pytest.approx(free.path_equity[0] - charged.fees[0])

    def test_a_stop_is_met_before_the_liquidation(self):
        result = stress([3], [100], [1], 100, [-0.1, -0.5], 0.05, stops=[85])
        assert result.stopped.tolist() == [0, 1]
        assert result.liquidated.tolist() == [0, 0]
        np.testing.assert_allclose(result.path_equity, [70, 55])
        assert result.path(1).closings[0].reason == "stop"
        assert result.path(1).closings[0].price == pytest.approx(85)

    def test_tiers_take_a_position_down_step_by_step(self):
        tiers = Tiers([0, 100], [100, NAN], [0.01, 0.1], [NAN, NAN], [50, 10])
        result = stress([4], [100], [1], 100, -0.4, tiers=tiers)
        # 100 - 400 m = 0.1 x 400 (1 - m) - 9 at m = 69/360: cut to a notional of 100, which 31 - ... carries on.
        first = result.path(0).closings[0]
        assert first.share * 0.4 == pytest.approx(69 / 360)
        assert first.left * 4 * first.price == pytest.approx(100)
        assert result.liquidated[0] == 1
        whole = stress([4], [100], [1], 100, -0.4, 0.1)
        assert result.path_equity[0] != pytest.approx(whole.path_equity[0])

    def test_an_inverse_long_is_worth_its_notional_times_the_move(self):
        result = stress([10], [50_000], [1], 500, [-0.1, 0.1], inverse=True, multipliers=100)
        np.testing.assert_allclose(result.pnl, [-100, 100])
        # Its maintenance stays 1 % of 1000 whatever the price.
        np.testing.assert_allclose(result.margin_ratio, [10 / 400, 10 / 600])

    @given(st.floats(1e-6, 1e-4), st.floats(-3, 3).filter(lambda x: abs(x) > 0.1))
    def test_linear_and_inverse_agree_for_small_moves(self, move, value):
        linear = stress([value], [100], [1], 1000, move)
        inverse = stress([value], [100], [1], 1000, move, inverse=True, multipliers=100)
        assert linear.pnl[0] == pytest.approx(inverse.pnl[0], rel=1e-9)
        assert linear.margin_ratio[0] == pytest.approx(inverse.margin_ratio[0], rel=3e-4)

    def test_isolated_of_one_contract_is_cross_of_one(self):
        cross = stress([3], [100], [1], 100, [-0.2, -0.33, -0.5])
        alone = stress([3], [100], [1], 100, [-0.2, -0.33, -0.5], isolated=[100])
        np.testing.assert_array_equal(alone.liquidated, cross.liquidated)
        np.testing.assert_allclose(alone.shortfall, cross.shortfall)
        assert alone.path(2).closings[0].share == pytest.approx(cross.path(2).closings[0].share, rel=1e-12)

    @given(books, st.floats(20, 500), st.floats(-0.9, 0.9))
    @BELOW_ALREADY
    def test_long_and_short_are_mirrors(self, book, equity, shock):
        """Without maintenance, a short in a rise is a long in a fall."""
        quantities, prices, betas = np.transpose(book)
        one = stress(quantities, prices, np.clip(betas, -1, 1), equity, shock, 0)
        other = stress(-quantities, prices, np.clip(betas, -1, 1), equity, -shock, 0)
        np.testing.assert_allclose(other.equity_after, one.equity_after, rtol=1e-12)
        assert other.liquidated[0] == one.liquidated[0]

    @given(books, st.floats(20, 500), st.floats(-0.9, 0.9), st.floats(-0.05, 0.05))
    @BELOW_ALREADY
    def test_nothing_is_lost_but_what_is_accounted_for(self, book, equity, shock, funding):
        quantities, prices, betas = np.transpose(book)
        isolated = [NAN, *[equity / 8] * (len(book) - 1)]
        result = stress(
            quantities, prices, betas, equity, shock, 0.02, funding, isolated=isolated, liquidation_fee=0.002
        )
        path, gross = result.path(0), equity + np.abs(quantities * prices).sum()
        parts = path.pnl + path.funding - path.fees - path.lost
        assert result.path_equity[0] == pytest.approx(equity + parts.sum(), abs=1e-9 * gross)
        assert (path.lost >= -1e-9 * gross).all()
        # Without a gap nobody loses more than the collateral.
        own = (np.array(isolated) + parts)[1:]
        assert (own >= -1e-9 * gross).all()


@BELOW_ALREADY
@given(books, st.floats(5, 500), st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=4))
def test_shocks_do_not_know_of_one_another(book, equity, shocks):
    quantities, prices, betas = np.transpose(book)
    together = stress(quantities, prices, betas, equity, shocks)
    for row, shock in enumerate(shocks):
        alone = stress(quantities, prices, betas, equity, shock)
        assert together.liquidated[row] == alone.liquidated[0]
        assert together.equity_after[row] == pytest.approx(alone.equity_after[0], rel=1e-12, abs=1e-9)


@BELOW_ALREADY
@given(books, st.floats(5, 500), st.floats(-0.9, 0.9), st.sampled_from([2.0**-20, 2.0**20]))
def test_the_currency_changes_money_and_no_liquidation(book, equity, shock, rate):
    quantities, prices, betas = np.transpose(book)
    here = stress(quantities, prices, betas, equity, shock)
    there = stress(quantities, prices * rate, betas, equity * rate, shock)
    np.testing.assert_allclose(there.equity_after, here.equity_after * rate, rtol=1e-12)
    assert there.liquidated[0] == here.liquidated[0]


@BELOW_ALREADY
@given(books, st.floats(5, 500), st.floats(-0.9, 0.9))
def test_more_equity_never_liquidates_more(book, equity, shock):
    quantities, prices, betas = np.transpose(book)
    assert (
        stress(quantities, prices, betas, equity * 2, shock).liquidated[0]
        <= stress(quantities, prices, betas, equity, shock).liquidated[0]
    )


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"quantities": [1, NAN]}, MissingDataError, "quantities has no value at position 2"),
        ({"prices": [100]}, ArgumentError, "quantities has 2 rows and prices has 1"),
        ({"prices": [100, NAN]}, MissingDataError, "prices has no value at position 2"),
        ({"prices": [100, -1]}, ArgumentError, "prices is -1 at position 2"),
        ({"betas": [1]}, ArgumentError, "quantities has 2 rows and betas has 1"),
        ({"betas": [1, NAN]}, MissingDataError, "betas has no value at position 2"),
        ({"equity": 0}, ArgumentError, "equity is 0"),
        ({"equity": NAN}, ArgumentError, "equity must be a finite number"),
        ({"market_shocks": []}, ArgumentError, "market_shocks is empty"),
        ({"market_shocks": [-1.5]}, ArgumentError, "market_shocks is -1.5; it must be at least -1"),
        ({"market_shocks": [NAN]}, MissingDataError, "market_shocks has no value"),
        ({"maintenance_rates": [0.01] * 3}, ArgumentError, "maintenance_rates has 3 values where 2"),
        ({"maintenance_rates": -0.01}, ArgumentError, "maintenance_rates is -0.01"),
        ({"maintenance_rates": 1}, ArgumentError, "maintenance_rates is 1 at position 1; it must be below 1"),
        ({"funding_shock": [0.1, 0.1, 0.1]}, ArgumentError, "funding_shock has 3 values where 2"),
        ({"funding_shock": NAN}, MissingDataError, "funding_shock has no value"),
        ({"beta_shift": [0.1] * 3}, ArgumentError, "beta_shift has 3 values where 2"),
        ({"idiosyncratic": [0.1] * 3}, ArgumentError, "idiosyncratic has 3 values where 2"),
        ({"overrides": [[NAN, NAN], [NAN, -7]]}, ArgumentError, "overrides is -7 at row 2, column 2"),
        ({"overrides": [[0.1, 0.1]]}, ArgumentError, "overrides is 1 x 2 where there are 2 shocks and 2 contracts"),
    ],
)
def test_bad_input_is_refused_by_name(changes, error, words):
    fields = {"quantities": [1, 2], "prices": [100, 50], "betas": [1, 1], "equity": 100, "market_shocks": [-0.1, 0.1]}
    with pytest.raises(error, match=words):
        stress(**(fields | changes))
