from __future__ import annotations

import numpy as np
import pytest

from core.decide.policy.ceiling import VolatilityCeiling
from core.decide.policy.chain import Chain
from core.decide.policy.models import CurrentWeights, EqualWeight, Hybrid
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding
from core.errors import ArgumentError

rng = np.random.default_rng(5)
OUTLOOK = Outlook(Past(rng.normal(0.002, [0.02, 0.03, 0.05], (300, 3)), market_return=0.5))
CASH = Holding(np.zeros(3))
SWINGS = float(np.sqrt(OUTLOOK.covariance.mean()))
"""Volatility of equal weights: the square root of the mean of all covariances."""


def test_a_book_above_the_ceiling_is_scaled_down_to_it() -> None:
    target = VolatilityCeiling(EqualWeight(), SWINGS / 4)(OUTLOOK, CASH)
    assert target.weights == pytest.approx([1 / 12] * 3)
    assert target.scale == pytest.approx(0.25)
    assert target.baseline.tolist() == [1 / 3] * 3
    assert np.sqrt(target.weights @ OUTLOOK.covariance @ target.weights) == pytest.approx(SWINGS / 4)


def test_a_book_below_it_stays() -> None:
    target = VolatilityCeiling(EqualWeight(), SWINGS * 1.01)(OUTLOOK, CASH)
    assert (target.weights.tolist(), target.scale) == ([1 / 3] * 3, 1.0)


def test_a_tilt_keeps_the_baseline_it_was_put_upon() -> None:
    free = Hybrid()(OUTLOOK, CASH)
    held = VolatilityCeiling(Hybrid(), 0.1)(OUTLOOK, CASH)
    assert held.baseline.tolist() == free.baseline.tolist()
    assert held.weights == pytest.approx(held.scale * free.weights)


def test_ceilings_upon_each_other_tell_what_they_took_together() -> None:
    target = VolatilityCeiling(VolatilityCeiling(EqualWeight(), SWINGS / 2), SWINGS / 8)(OUTLOOK, CASH)
    assert target.scale == pytest.approx(1 / 8)


def test_an_empty_book_has_nothing_to_scale() -> None:
    assert VolatilityCeiling(CurrentWeights(), 0.1)(OUTLOOK, CASH).weights.tolist() == [0, 0, 0]


def test_it_goes_by_the_name_of_its_policy_and_passes_reasons_on() -> None:
    gloomy = Outlook(Past(OUTLOOK.returns, market_return=-0.5))
    policy = VolatilityCeiling(Chain((Hybrid(), EqualWeight())), 0.1)
    assert policy.name == "hybrid, max_sharpe"
    assert [model for model, _ in policy(gloomy, CASH).reasons] == ["hybrid, max_sharpe"]


def test_a_ceiling_below_zero_is_refused() -> None:
    with pytest.raises(ArgumentError, match="target_volatility"):
        VolatilityCeiling(EqualWeight(), -0.1)(OUTLOOK, CASH)
