"""How the exchange reduces a position, by hand: tiers, fees, and who pays with what."""

import numpy as np
import pytest

from core.market.tiers import Tiers
from core.verify.path.book import as_book
from core.verify.path.statement import CROSS, ISOLATED, Statement

NAN = np.nan
TIERS = Tiers([0, 50, 200], [50, 200, NAN], [0.005, 0.02, 0.06], [NAN] * 3, [50, 25, 10])


def reduced(book, ratio, own=np.inf, times=1):
    statement = Statement(book.account, 1)
    cell = (np.array([0]), np.array([0]))
    for bar in range(times):
        reason = np.array([CROSS if np.isinf(own) else ISOLATED])
        statement.reduce(cell, np.array([ratio]), np.array([own]), np.array([float(bar)]), reason)
    return statement


def test_each_reduction_goes_down_a_tier_and_the_lowest_closes_the_whole():
    book = as_book([4], [100], 100, tiers=TIERS, liquidation_fee=0.01)
    for times, left, fee in ((1, 200, 1.6), (2, 50, 3.1), (3, 0, 3.6)):
        statement = reduced(book, 0.9, times=times)
        assert statement.shares[0, 0] * 360 == pytest.approx(left)
        assert statement.fees[0, 0] == pytest.approx(fee)
        assert statement.closings.moment.tolist() == list(range(times))


def test_an_inverse_position_is_counted_in_coin():
    # 400 quote at a price of 2: 200 coins, the second tier; at half the price 400 coins, the third.
    book = as_book([4], [2], 1_000, tiers=TIERS, inverse=True, multipliers=100)
    assert reduced(book, 1.0).shares[0, 0] == pytest.approx(50 / 200)
    assert reduced(book, 0.5).shares[0, 0] == pytest.approx(200 / 400)


@pytest.mark.parametrize(("own", "fee", "lost"), [(5.0, 1.0, 4.0), (0.5, 0.5, 0.0), (-3.0, 0.0, -3.0)])
def test_a_position_alone_pays_with_its_collateral_and_loses_the_rest(own, fee, lost):
    book = as_book([1], [100], 100, isolated=[10], liquidation_fee=0.01)
    statement = reduced(book, 1.0, own)
    assert (statement.fees[0, 0], statement.lost[0, 0]) == (pytest.approx(fee), pytest.approx(lost))
    assert statement.shares[0, 0] == 0


def test_a_statement_without_events_has_none():
    statement = Statement(as_book([1], [100], 100).account, 3)
    assert statement.closings.copy.size == 0
    assert [each.tolist() for each in statement.first_liquidated] == [[-1, -1, -1]] * 2
    np.testing.assert_array_equal(statement.equity, [100, 100, 100])
