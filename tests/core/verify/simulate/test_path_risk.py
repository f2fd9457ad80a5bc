"""Figures over paths against their definitions, path by path."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.verify.simulate.path_risk import path_risk, path_risk_errors

losses_of_paths = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=260).map(np.array)


@given(losses_of_paths)
def test_value_at_risk_is_the_smallest_loss_with_few_enough_paths_beyond(losses):
    found = path_risk(losses, losses, losses > 0)
    for figure, part in ((found.var_95, 20), (found.var_99, 100), (found.capital_for_99, 100)):
        candidates = [loss for loss in losses if part * (losses > loss).sum() <= losses.size]
        assert figure == min(candidates)


@given(losses_of_paths)
def test_expected_shortfall_is_the_mean_of_the_worst_share(losses):
    found = path_risk(losses, losses, losses > 0)
    for figure, part in ((found.es_95, 20), (found.es_99, 100)):
        # Each path counts `part` times: the worst one in `part` of the copies are then a whole number of them.
        copies = np.sort(np.repeat(losses, part))[-losses.size :]
        np.testing.assert_allclose(figure, copies.mean(), rtol=1e-12, atol=1e-12)


@given(losses_of_paths)
def test_shortfall_is_at_least_the_value_at_risk_and_grows_with_the_level(losses):
    found = path_risk(losses, losses, losses > 0)
    assert found.var_95 <= found.var_99 <= found.es_99 + 1e-9
    assert found.var_95 <= found.es_95 <= found.es_99 + 1e-9
    assert found.probability_of_liquidation == (losses > 0).sum() / losses.size


def test_standard_errors_of_normal_losses_are_those_of_the_textbook():
    """Of a quantile q: sqrt(level (1 - level) / S) / density(q). Each estimate is rough, their mean is not."""
    count, runs = 10_000, 400
    samples = np.random.default_rng(3).standard_normal((runs, count))
    errors = [path_risk_errors(losses, losses, losses > 1) for losses in samples]

    def typical(name):
        return np.mean([getattr(each, name) for each in errors])

    for name, level in (("var_95", 0.95), ("var_99", 0.99), ("capital_for_99", 0.99)):
        density = stats.norm.pdf(stats.norm.ppf(level))
        np.testing.assert_allclose(typical(name), math.sqrt(level * (1 - level) / count) / density, rtol=0.05)
    for name, level in (("es_95", 0.95), ("es_99", 0.99)):
        quantile = stats.norm.ppf(level)
        first, second = (stats.norm.expect(lambda x, n=n, q=quantile: (x - q) ** n, lb=quantile) for n in (1, 2))
        np.testing.assert_allclose(typical(name), math.sqrt((second - first**2) / count) / (1 - level), rtol=0.03)
    share = (samples[0] > 1).mean()
    assert errors[0].probability_of_liquidation == math.sqrt(share * (1 - share) / count)


def test_too_few_paths_have_no_standard_errors():
    for count in (1, 15):
        errors = path_risk_errors(np.arange(count) * 1.0, np.arange(count) * 1.0, np.zeros(count, dtype=bool))
        assert math.isnan(errors.var_99)
        assert math.isnan(errors.capital_for_99)
    assert math.isnan(path_risk_errors(np.ones(1), np.ones(1), np.ones(1, dtype=bool)).es_95)
