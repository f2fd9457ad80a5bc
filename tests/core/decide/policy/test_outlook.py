from __future__ import annotations

import numpy as np
import pytest

from core.decide.policy.outlook import betas, expected_returns, market, scores
from core.decide.policy.protocol import Past
from core.errors import MissingDataError

rng = np.random.default_rng(3)
MARKET = rng.normal(0.001, 0.02, 300)
RETURNS = np.column_stack([1.5 * MARKET, 0.5 * MARKET])


def test_without_a_benchmark_the_market_is_the_mean_of_what_is_known() -> None:
    past = Past([[0.01, 0.03], [0.02, np.nan], [np.nan, np.nan]])
    assert market(past) == pytest.approx([0.02, 0.02, np.nan], nan_ok=True)


def test_betas_are_those_of_the_benchmark() -> None:
    assert betas(Past(RETURNS, MARKET)) == pytest.approx([1.5, 0.5])
    assert betas(Past(RETURNS)) == pytest.approx([1.5, 0.5])  # the mean of both is the benchmark itself


def test_expected_returns_are_the_capm_less_funding() -> None:
    past = Past(RETURNS, MARKET, funding=[0.1, 0.02], risk_free=0.04, market_return=0.14)
    assert expected_returns(past) == pytest.approx([0.04 + 0.15 - 0.10, 0.04 + 0.05 - 0.02])


def test_a_market_return_that_is_not_stated_is_its_mean_so_far() -> None:
    assert expected_returns(Past(RETURNS, MARKET)) == pytest.approx(365 * MARKET.mean() * np.array([1.5, 0.5]))


def test_a_contract_without_history_is_named() -> None:
    with pytest.raises(MissingDataError, match="betas has no value at position 2"), pytest.warns():
        expected_returns(Past(np.column_stack([MARKET, np.full(300, np.nan)]), MARKET, market_return=0.1))


def test_scores_are_low_where_falls_outweigh_swings() -> None:
    falls = np.tile([0.01, 0.01, -0.03], 20)
    past = Past(np.column_stack([falls, -falls]))
    assert scores(past) == pytest.approx([-1, 1])


def test_scores_count_the_premium_of_options_as_much() -> None:
    falls = np.tile([0.01, 0.01, -0.03], 20)
    past = Past(np.column_stack([falls, -falls]), implied_vols=[0.9, 0.5])
    assert scores(past) == pytest.approx([0, 0], abs=1e-12)


def test_a_contract_that_does_not_move_is_scored_on_its_premium() -> None:
    past = Past(np.column_stack([MARKET, np.zeros(300)]), implied_vols=[0.0, 0.5])
    assert scores(past)[1] == pytest.approx(1)
