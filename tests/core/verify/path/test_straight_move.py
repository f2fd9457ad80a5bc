"""Prices on a straight way: the events of one account, each at its root, by hand. Brute force: tests/oracles."""

import numpy as np
import pytest

from core.verify.path.account import Account, needs
from core.verify.path.cross_move import move_straight
from core.verify.path.statement import CROSS, ISOLATED, STOP
from core.verify.path.straight_move import stop_shares

NAN = np.nan


def account(values, equity, *, rates=((0.05,),), edges=((0.0,),), amounts=((0.0,),), linear=True, **changes):
    size = len(values)
    spread = [np.array(each) * np.ones(size) for each in (rates, amounts, edges)]
    fields = {"isolated": np.full(size, NAN), "fees": np.zeros(size), "stops": np.full(size, NAN)}
    return Account(
        values=np.array(values, dtype=float),
        linear=np.full(size, linear),
        rates=spread[0],
        amounts=spread[1],
        edges=spread[2],
        equity=equity,
        **(fields | {name: np.array(value, dtype=float) for name, value in changes.items()}),
    )


def went(book, returns, funding=0.0):
    return move_straight(book, np.array([returns], dtype=float), np.array([funding]))


TWO_TIERS = {"rates": ((0.02,), (0.1,)), "edges": ((0.0,), (100.0,)), "amounts": ((0.0,), (8.0,))}


def test_nothing_happens_where_headroom_is_left():
    moved = went(account([100], 50), [-0.2], 0.01)
    assert moved.closings.copy.size == 0
    assert (moved.shares[0, 0], moved.pnl[0, 0], moved.funding[0, 0]) == (1, -20, -1)


def test_a_stop_an_isolated_and_a_cross_breach_come_in_their_order():
    book = account([100, 100, 100], 30, isolated=[NAN, 10, NAN], stops=[NAN, NAN, 0.98])
    moved = went(book, [-0.4, -0.4, -0.4])
    assert moved.closings.reason.tolist() == [STOP, ISOLATED, CROSS]
    assert moved.closings.column.tolist() == [2, 1, 0]
    # The stop at 0.02/0.4; 10 - 40 l = 5 (1 - 0.4 l); the cross account has 18 left: 18 - 40 l = 5 (1 - 0.4 l).
    np.testing.assert_allclose(moved.closings.moment, [0.05, 5 / 38, 13 / 38])
    np.testing.assert_allclose(moved.pnl[0], [-40 * 13 / 38, -200 / 38, -2])
    np.testing.assert_allclose(moved.lost[0], [0, 10 - 200 / 38, 0])


def test_newton_crosses_the_edge_of_a_tier_and_stands_on_the_root():
    # A short of 90 grows into the tier above: 30 - 90 m = 0.1 x 90 (1 + m) - 8 at m = 29/99, a notional of 116.
    moved = went(account([-90], 30, **TWO_TIERS), [0.6])
    assert moved.closings.moment[0] * 0.6 == pytest.approx(29 / 99, rel=1e-14)
    assert moved.closings.left[0] * 90 * (1 + 29 / 99) == pytest.approx(100)
    # What is left grows over the edge once more, and breaches again; a tier below the last is now no position at all.
    kept = 100 / (1 + 29 / 99)
    equity = 30 - (90 - kept) * 29 / 99
    assert moved.closings.moment[1] * 0.6 == pytest.approx((equity + 8 - 0.1 * kept) / (1.1 * kept), rel=1e-14)
    assert moved.closings.left[1] == 0


def test_each_liquidation_goes_at_least_one_tier_down():
    moved = went(account([400], 60, **TWO_TIERS), [-0.9])
    assert moved.closings.reason.tolist() == [CROSS, CROSS]
    assert 0 < moved.closings.left[0] < 1
    assert moved.closings.left[1] == 0


def test_fees_of_a_position_alone_end_with_its_collateral():
    moved = went(account([100], 10, isolated=[10], fees=[0.2]), [-0.5])
    assert moved.pnl[0, 0] - moved.fees[0, 0] - moved.lost[0, 0] == pytest.approx(-10)
    assert moved.lost[0, 0] == pytest.approx(0)


def test_needs_of_an_inverse_position_fall_with_the_discount_of_its_tier():
    book = account([200], 50, linear=False, **TWO_TIERS)
    # In coin the notional falls as the price rises: at 200 / 2 it stands on the edge, where both lines agree.
    np.testing.assert_allclose(needs(book, np.array([1.0])), [0.1 * 200 - 8])
    np.testing.assert_allclose(needs(book, np.array([2.0])), [0.02 * 200])


def test_stops_are_reached_from_their_side_only():
    book = account([100, -100, 100, 100], 500, stops=[0.9, 1.1, 1.05, NAN])
    shares = stop_shares(book, np.array([[-0.2, 0.4, 0.1, -0.5], [0.2, -0.4, -0.1, 0.5]]))
    np.testing.assert_allclose(shares, [[0.5, 0.25, 0, np.inf], [np.inf, np.inf, 0, np.inf]])


def test_scenarios_do_not_know_of_one_another():
    rng = np.random.default_rng(1)
    book = account(rng.normal(0, 100, 6), 80, isolated=[NAN, 20, NAN, 10, NAN, NAN], **TWO_TIERS)
    returns, funding = rng.normal(0, 0.3, (40, 6)), rng.normal(0, 0.01, 40)
    together = move_straight(book, returns, funding)
    for row in range(40):
        alone = move_straight(book, returns[[row]], funding[[row]])
        for name in ("shares", "pnl", "funding", "fees", "lost"):
            np.testing.assert_array_equal(getattr(together, name)[row], getattr(alone, name)[0])
        mine = together.closings.copy == row
        np.testing.assert_array_equal(together.closings.column[mine], alone.closings.column)
        np.testing.assert_array_equal(together.closings.moment[mine], alone.closings.moment)
