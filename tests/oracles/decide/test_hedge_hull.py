"""The stock index futures hedge of Hull, Options, Futures, and Other Derivatives, section 3.5.

A portfolio of $5,050,000 with a beta of 1.5; the futures price is 1,010 and a contract is for $250 times the index.
"""

from __future__ import annotations

import pytest

from core.decide.hedge.beta import hedge_beta
from core.decide.hedge.dynamic import dynamic_hedge
from core.decide.hedge.factors import hedge_factors
from core.decide.hedge.overlay_book import OverlayBook

PORTFOLIO, BETA, FUTURES, MULTIPLIER = 5_050_000.0, 1.5, 1_010.0, 250.0


@pytest.mark.parametrize(("target", "contracts"), [(0.0, -30), (0.75, -15), (2.0, 10)])
def test_the_number_of_contracts(target: float, contracts: int) -> None:
    value = FUTURES * MULTIPLIER
    beta = hedge_beta([PORTFOLIO], [BETA], target, [1.0], prices=[value], lot_sizes=[1])
    factor = hedge_factors([PORTFOLIO], [BETA], [1.0], target, prices=value, lot_sizes=1)
    path = dynamic_hedge([PORTFOLIO], [[BETA]], target, [[1.0]], prices=[[value]], lot_sizes=1)
    assert beta.trade_contracts.tolist() == factor.trade_contracts.tolist() == [contracts]
    assert path.trades[0] / value == pytest.approx([contracts])
    assert beta.miss == pytest.approx(0.0, abs=1e-12)


def test_the_gain_of_the_short_futures() -> None:
    """Three months on the index has fallen to 900 and the futures to 902: the hedge has earned $810,000."""
    book = OverlayBook.empty(1).trade(-30 * MULTIPLIER, FUTURES)
    assert book.mark(902.0).total == pytest.approx([810_000.0])
