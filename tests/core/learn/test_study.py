"""A study tells what was found and by what, and that nothing was found where there is nothing."""

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.learn.forecast import learned_premium, read_lessons
from core.learn.study import study

HORIZON = 6


def charged(seed=2, rows=3000):
    """Contracts that lose what funding charges them, sixty times over."""
    rng = np.random.default_rng(seed)
    market = rng.standard_t(5, rows) * 0.01
    assets = np.outer(market, [0.8, 1.0, 1.3]) + rng.normal(0, 0.006, (rows, 3))
    funding = np.repeat(rng.normal(0, 1e-4, (rows // 30, 3)), 30, axis=0)
    assets[1:] -= 60 * funding[:-1]
    return assets, market, funding


@pytest.mark.parametrize("learner", ["ridge", "boosting"])
def test_what_was_planted_matters_most_and_bends_the_right_way(learner):
    assets, market, funding = charged()
    lessons, _ = read_lessons(assets, market, HORIZON, funding)
    found = study(lessons, "premium", learner)
    assert found.better
    assert found.by_importance[0][0].startswith("funding")
    assert found.dependence is not None
    assert found.names[found.dependence.features[0]] == found.by_importance[0][0]
    means = found.dependence.answers.mean(axis=1)
    assert means[0] - means[-1] > 0.2, "who is charged loses"
    assert (np.diff(means) <= 0).all()
    assert found.verdict.startswith(f"premium by {learner}: better than the CAPM premium less funding in 5 of 5 blocks")
    assert found.unit == "volatilities of the horizon"


def test_its_score_is_that_of_the_forecast():
    assets, market, funding = charged(3)
    lessons, _ = read_lessons(assets[:, :1], market, HORIZON, funding[:, :1])
    forecast = learned_premium(assets[:, :1], market, HORIZON, funding=funding[:, :1])
    assert study(lessons, "premium").out_of_sample_r2 == pytest.approx(forecast.out_of_sample_r2[0], rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_days_have_nothing_and_the_study_says_so(seed):
    assets, market, funding = charged()
    order = np.random.default_rng(seed).permutation(len(market))
    lessons, _ = read_lessons(assets[order], market[order], HORIZON, funding)
    found = study(lessons, "premium")
    assert found.out_of_sample_r2 < 0.005
    assert "no better than the CAPM premium less funding" in found.verdict or found.folds_won < 5
    assert all(abs(lost) < 0.02 for _, lost, _ in found.by_importance)


def test_betas_are_studied_too():
    assets, market, _ = charged()
    lessons, _ = read_lessons(assets, market, HORIZON)
    found = study(lessons, "beta", "boosting")
    assert found.unit == "beta"
    assert "regime" not in found.names
    assert (found.first, found.last) == (lessons.rows[0], lessons.rows[-1])
    assert found.examples == 3 * lessons.rows.size


def test_too_little_and_wrong_names_are_refused():
    assets, market, _ = charged()
    assets[250:] = np.nan
    lessons, _ = read_lessons(charged()[0], market, HORIZON)
    with pytest.raises(ArgumentError, match="target 'alpha'"):
        study(lessons, "alpha")
    short = type(lessons)(assets, market, {}, HORIZON)
    with pytest.raises(MissingDataError, match=r"returns leave \d+ examples of premium and 300 are needed"):
        study(short, "premium")
