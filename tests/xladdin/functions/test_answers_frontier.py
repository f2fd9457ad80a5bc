"""The frontier through the door a cell uses: figures by hand."""

from __future__ import annotations

import pytest

from xladdin import call

MEANS = ((0.1, 0.3),)
COVARIANCE = ((0.04, 0.0), (0.0, 0.16))


def test_each_portfolio_is_a_row_of_return_volatility_sharpe_and_weights():
    """Two without correlation: least variance at 0.8 and 0.2, most return all in the second."""
    header, *rows = call("PERP_FRONTIER", MEANS, COVARIANCE, 3)
    assert header == ["return", "volatility", "sharpe", "w_1", "w_2"]
    assert rows == [
        pytest.approx([0.14, 0.032**0.5, 0.14 / 0.032**0.5, 0.8, 0.2]),
        pytest.approx([0.22, 0.064**0.5, 0.22 / 0.064**0.5, 0.4, 0.6]),
        pytest.approx([0.3, 0.4, 0.75, 0.0, 1.0]),
    ]


def test_there_are_fifty_unless_a_number_is_given_and_limits_hold():
    rows = call("PERP_FRONTIER", MEANS, COVARIANCE, None, (("max_weight", 0.7), ("risk_free", 0.04)))
    assert len(rows) == 51
    assert rows[1][3:] == pytest.approx([0.7, 0.3])
    assert rows[-1][3:] == pytest.approx([0.3, 0.7])
    assert rows[-1][2] == pytest.approx((0.24 - 0.04) / rows[-1][1])


def test_a_portfolio_without_risk_has_no_number_for_a_sharpe_ratio():
    rows = call("PERP_FRONTIER", MEANS, ((0.0, 0.0), (0.0, 0.16)), 2)
    assert rows[1][:3] == [pytest.approx(0.1), 0.0, "#NUM!"]
