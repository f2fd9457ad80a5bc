from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.around.ceiling import VolatilityCeiling
from core.decide.policy.chain import Chain
from core.decide.policy.models import CurrentWeights, EqualWeight, Hybrid
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Target
from core.errors import ArgumentError, DataWarning

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


def pinned(held: float, ceiling: float) -> Target:
    """Equal weights of two contracts beside a third that is held and not traded, below a ceiling."""
    limits = Limits(net="default", min_weight=[-2, -2, held], max_weight=[2, 2, held])
    return VolatilityCeiling(EqualWeight(), ceiling)(OUTLOOK, Holding(np.array([0.0, 0.0, held]), limits=limits))


def test_what_is_not_traded_stays_and_the_rest_is_scaled_around_it() -> None:
    free = pinned(0.2, 10.0)
    ceiling = 0.8 * float(np.sqrt(free.weights @ OUTLOOK.covariance @ free.weights))
    target = pinned(0.2, ceiling)
    assert target.weights[2] == pytest.approx(0.2, abs=1e-12)
    assert target.weights[:2] == pytest.approx(target.scale * free.weights[:2])
    assert 0 < target.scale < 1
    assert np.sqrt(target.weights @ OUTLOOK.covariance @ target.weights) == pytest.approx(ceiling)


def test_where_what_is_not_traded_swings_too_much_by_itself_nothing_is_added() -> None:
    with pytest.warns(DataWarning, match="swings above the volatility ceiling by itself"):
        target = pinned(0.9, 1e-6)
    assert target.weights.tolist() == pytest.approx([0, 0, 0.9])


def test_a_ceiling_below_zero_is_refused() -> None:
    with pytest.raises(ArgumentError, match="target_volatility"):
        VolatilityCeiling(EqualWeight(), -0.1)(OUTLOOK, CASH)
