"""Runs side by side: the figures of the parts it is made of, over the same bars, and words."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.models import EqualWeight
from core.decide.policy.named import policy_named
from core.errors import ArgumentError, DataWarning
from core.verify.backtest.backtest import backtest
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.side_by_side import side_by_side
from core.verify.performance.comparison import compare
from core.verify.performance.deflated_sharpe import deflated_sharpe
from core.verify.performance.overfitting import overfitting
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms

RNG = np.random.default_rng(5)
PRICES = 100 * np.exp(np.cumsum(RNG.normal(0, [0.01, 0.02, 0.03], (300, 3)), axis=0))
WINDOW = 40


def run(policy, limits=None, prices=PRICES, first=None, trials=1):
    decisions = Decisions(as_history(prices, None, None, 365.0), policy, WINDOW, limits or Limits(risk_free=0.02))
    return backtest(decisions, Terms(fee=5e-4), 8, trials, first=first)


def test_it_is_made_of_comparison_deflation_and_overfitting_over_the_same_bars():
    runs = {
        "least risk": run(policy_named("min_variance"), trials=4),
        "equal weight": run(EqualWeight(), first=60),
        "half": run(EqualWeight(), Limits(net=0.5)),
    }
    found = side_by_side(runs, paths=200, seed=3)
    returns = [each.ledger.returns_since(60) for each in runs.values()]
    traded = [each.ledger.turnover[60:].copy() for each in runs.values()]
    for series in traded:
        series[1] += series[0]
    expected = compare(returns[0], returns[1], (traded[0][1:], traded[1][1:]), 0.02, 365, 200, 3)
    assert found.comparisons["equal weight"] == expected
    assert list(found.comparisons) == ["equal weight", "half"]
    assert found.over["half"] == deflated_sharpe(returns[0], 4, returns[2])
    assert found.overfitting.probability == overfitting(np.column_stack(returns)).probability
    assert found.comparisons["half"].of("max_drawdown").first == pytest.approx(
        found.comparisons["equal weight"].of("max_drawdown").first
    )
    sentences = found.sentences
    assert len(sentences) == 3
    assert sentences[0].startswith("least risk against equal weight: Sharpe ratio ")
    assert sentences[2].startswith("the best of 3 runs in one half of the bars was in the lower half")
    assert "of 12,870 splits (probability of backtest overfitting)" in sentences[2]


def test_the_same_run_twice_has_nothing_over_itself():
    own = run(EqualWeight())
    found = side_by_side({"a": own, "b": run(EqualWeight())}, paths=100)
    assert np.isnan(found.over["b"])
    assert found.comparisons["b"].of("sharpe").verdict == "not distinguishable"
    assert found.overfitting is None
    other = run(policy_named("min_variance"))
    once, twice = (
        side_by_side(runs, paths=100).overfitting for runs in ({"a": own, "c": other}, {"a": own, "b": own, "c": other})
    )
    np.testing.assert_array_equal(once.logits, twice.logits)


def test_too_few_bars_for_splits_are_said():
    short = PRICES[: WINDOW + 26]
    with pytest.warns(DataWarning, match="the probability of backtest overfitting cannot be told: returns has too few"):
        found = side_by_side(
            {"a": run(policy_named("min_variance"), prices=short), "b": run(EqualWeight(), prices=short)}, paths=100
        )
    assert found.overfitting is None
    assert len(found.sentences) == 1


def test_bad_input():
    own = run(EqualWeight())
    with pytest.raises(ArgumentError, match="two or more, over the same rows"):
        side_by_side({"a": own})
    with pytest.raises(ArgumentError, match="two or more, over the same rows"):
        side_by_side({"a": own, "b": run(EqualWeight(), prices=PRICES[:200])})
