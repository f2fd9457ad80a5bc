from __future__ import annotations

import numpy as np
import pytest

from core.decide.hedge.cost import HedgeMarket, cheapest_exposure, nearest_exposure
from core.errors import InfeasibleError, UndefinedError


def market(held=0.0, buy=1.0, sell=1.0, low=-np.inf, high=np.inf, fully_paid=0, cash=np.inf, hedges=2) -> HedgeMarket:
    held, buy, sell, low, high = (np.full(hedges, value, float) for value in (held, buy, sell, low, high))
    return HedgeMarket(held, buy, sell, low, high, np.full(hedges, fully_paid, bool), cash)


def cheapest(hedges: HedgeMarket, loadings: list, exposure: list) -> np.ndarray:
    trades, proof = cheapest_exposure(hedges, np.array(loadings, float), np.array(exposure, float))
    assert proof.certificate.passes()
    return trades


def test_the_cheaper_side_of_two_hedges_is_traded() -> None:
    # A purchase of the first costs 1, a sale of the second (which loads -1) costs 0.5 for the same exposure.
    assert cheapest(market(sell=[9, 0.5]), [[1, -1]], [3]) == pytest.approx([0, -3])
    assert cheapest(market(sell=[9, 2.0]), [[1, -1]], [3]) == pytest.approx([3, 0])


def test_a_tie_is_broken_by_what_is_held() -> None:
    assert cheapest(market(held=[-2, 0]), [[1, 1.5]], [3]) == pytest.approx([0, 2])  # 1.5 is the cheaper per exposure
    assert cheapest(market(held=[-2, 0]), [[1, 1]], [3])[0] >= 2  # closing 2 lowers the gross; the rest is as it may be
    assert cheapest(market(held=[0, -5]), [[1, 1]], [3]) == pytest.approx([0, 3])


def test_limits_pass_the_rest_on() -> None:
    assert cheapest(market(buy=[1, 4], high=[2, 9]), [[1, 1]], [3]) == pytest.approx([2, 1])
    assert cheapest(market(buy=[1, 4], low=[-9, 2]), [[1, 1]], [3]) == pytest.approx([1, 2])
    assert cheapest(market(buy=[1, 4], fully_paid=[1, 0], cash=0.5), [[1, 1]], [3]) == pytest.approx([0.5, 2.5])


def test_nothing_may_be_traded_and_nothing_is_needed() -> None:
    assert cheapest(market(low=0, high=0), [[1, 1]], [0]).tolist() == [0, 0]
    with pytest.raises(InfeasibleError):
        cheapest(market(low=0, high=0), [[1, 1]], [3])


def test_two_hedges_that_pay_for_each_other_have_no_end() -> None:
    with pytest.raises(UndefinedError, match="the cheapest hedge has no end"):
        cheapest(market(buy=[1, 3], sell=[1, -2]), [[1, 1]], [3])
    assert cheapest(market(buy=[1, 3], sell=[1, -2], low=-5), [[1, 1]], [3]) == pytest.approx([8, -5])


def test_the_nearest_exposure_is_the_projection_on_what_the_limits_reach() -> None:
    reach = market(low=0, high=[1, 2])
    assert nearest_exposure(reach, np.eye(2), np.array([3.0, 1.5])) == pytest.approx([1, 1.5])
    assert nearest_exposure(reach, np.array([[1.0, 1.0]]), np.array([-1.0])) == pytest.approx([0], abs=1e-12)
    with pytest.raises(InfeasibleError, match="cash does not pay for what min_notional asks"):
        nearest_exposure(market(low=1, fully_paid=1, cash=1.5), np.array([[1.0, 1.0]]), np.array([3.0]))
