"""Exposure of a book: its figures by hand, and what scaling and splitting do to them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.verify.exposure import exposure

MU, BETAS, FUNDING = [0.30, 0.10], [1.0, 1.5], [0.05, -0.02]
COVARIANCE = [[0.25, 0.06], [0.06, 0.16]]


def test_a_long_and_a_short_by_hand():
    book = exposure([0.8, -0.5], MU, COVARIANCE, BETAS, FUNDING, risk_free=0.04)
    assert book.expected_return == pytest.approx(0.04 + 0.8 * 0.26 - 0.5 * 0.06)
    assert book.volatility == pytest.approx(math.sqrt(0.64 * 0.25 + 0.25 * 0.16 - 2 * 0.4 * 0.06))
    assert book.sharpe == pytest.approx(0.178 / math.sqrt(0.152))
    assert book.beta == pytest.approx(0.8 - 0.75)
    assert book.funding == pytest.approx(0.8 * 0.05 + 0.5 * 0.02)
    assert (book.net, book.gross) == (pytest.approx(0.3), pytest.approx(1.3))


def test_nothing_held_earns_the_risk_free_rate_and_has_no_sharpe_ratio():
    book = exposure([0.0, 0.0], MU, COVARIANCE, BETAS, FUNDING, risk_free=0.04)
    assert (book.expected_return, book.volatility, book.gross) == (0.04, 0.0, 0.0)
    assert math.isnan(book.sharpe)


@given(st.floats(0.1, 5), st.lists(st.floats(-2, 2), min_size=2, max_size=2).filter(lambda w: max(map(abs, w)) > 1e-3))
def test_leverage_scales_risk_and_premium_and_leaves_the_sharpe_ratio(leverage, weights):
    one = exposure(weights, MU, COVARIANCE, BETAS, FUNDING, 0.04)
    more = exposure(leverage * np.array(weights), MU, COVARIANCE, BETAS, FUNDING, 0.04)
    assert more.sharpe == pytest.approx(one.sharpe, rel=1e-9, abs=1e-12)
    assert more.volatility == pytest.approx(leverage * one.volatility, rel=1e-9)
    assert more.beta == pytest.approx(leverage * one.beta, rel=1e-9, abs=1e-12)
    assert more.expected_return - 0.04 == pytest.approx(leverage * (one.expected_return - 0.04), rel=1e-9, abs=1e-12)


def test_two_rows_of_one_contract_are_one_position():
    ones = np.ones((2, 2))
    split = exposure([0.3, 0.2], [0.1, 0.1], 0.09 * ones, [1.2, 1.2], [0.03, 0.03])
    whole = exposure([0.5], [0.1], [[0.09]], [1.2], [0.03])
    assert vars(split) == pytest.approx(vars(whole))


@pytest.mark.parametrize("name", ["weights", "expected_returns", "covariance", "betas", "funding"])
def test_a_missing_value_is_no_zero(name):
    arguments = {"weights": [0.8, -0.5], "expected_returns": MU, "covariance": COVARIANCE}
    arguments |= {"betas": BETAS, "funding": FUNDING}
    holed = np.array(arguments[name], dtype=float)
    holed.flat[0] = np.nan
    with pytest.raises(MissingDataError, match=name):
        exposure(**{**arguments, name: holed})


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_lengths_must_agree(at):
    arguments = [[0.8, -0.5], MU, COVARIANCE, BETAS, FUNDING]
    arguments[at] = np.eye(3) if at == 2 else [0.1, 0.2, 0.3]
    with pytest.raises(ArgumentError):
        exposure(*arguments)
