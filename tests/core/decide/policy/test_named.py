from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.choices import POLICIES
from core.decide.limits.declared import Limits
from core.decide.policy.learned_premia import LearnedPremia
from core.decide.policy.models import BetaNeutral, EqualWeight, Hybrid, MeanVariance, VolatilityTarget
from core.decide.policy.named import Choices, Sizes, policy_named
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Policy
from core.decide.portfolio.nearest import limits_broken
from core.errors import ArgumentError, InfeasibleError, UndefinedError

rng = np.random.default_rng(7)
MARKET = rng.normal(0.001, 0.03, 400)
RETURNS = np.outer(MARKET, [1.0, 1.2, 0.7, 1.5]) + rng.normal(0, [0.01, 0.02, 0.015, 0.03], (400, 4))
PAST = Past(
    RETURNS, MARKET, funding=[0.05, 0.1, 0.0, 0.2], implied_vols=[0.6, 0.8, 0.5, 0.7], market_return=0.4,
    risk_free=0.04,
)  # fmt: skip
OUTLOOK = Outlook(PAST)
GLOOMY = Outlook(replace(PAST, market_return=-0.5))
CASH = Holding(np.zeros(4), 1e6)
HELD = np.array([0.1, 0.2, 0.3, 0.4])
CONFLICT = Limits(max_weight=0.2, net=1, min_weight=0.1, gross_max=0.9)

BEST: dict[str, Policy] = {
    "classical": MeanVariance(),
    "hybrid": Hybrid(),
    "learned": LearnedPremia(),
    "min_variance": MeanVariance("min_variance"),
    "risk_budget": MeanVariance("risk_budget"),
    "volatility_target": VolatilityTarget(),
    "equal_weight": EqualWeight(),
    "beta_neutral": BetaNeutral(),
}
"""What each name asks first."""


def test_every_name_has_a_model() -> None:
    assert tuple(BEST) == POLICIES


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="policy"):
        policy_named("clasical")


@pytest.mark.parametrize("name", POLICIES)
class TestEachPolicy:
    def test_its_model_answers_inside_the_limits(self, name: str) -> None:
        limits = Limits(net=None, min_weight=-1, max_weight=0.6, gross_max=1.5)
        holding = replace(CASH, limits=limits)
        target = policy_named(name)(OUTLOOK, holding)
        alone = BEST[name](OUTLOOK, holding)
        assert target.weights.tolist() == alone.weights.tolist()
        if name == "learned":  # there is nothing that it could have learned from
            assert (target.model, target.reasons) == (MeanVariance().name, alone.reasons)
            assert "nothing is learned yet: no history beyond the window" in target.reasons[0][1]
        else:
            assert (target.model, target.reasons) == (BEST[name].name, ())
        assert limits_broken(limits, target.weights) == ()
        assert target.certificate is not None

    def test_knows_nothing_of_what_comes_after(self, name: str) -> None:
        calm, wild = RETURNS.copy(), RETURNS.copy()
        wild[300:] *= -7
        pasts = [Past(path[:300], MARKET[:300], market_return=0.4) for path in (calm, wild)]
        targets = [policy_named(name)(Outlook(past), CASH) for past in pasts]
        assert targets[0].weights.tolist() == targets[1].weights.tolist()

    def test_keeps_no_state(self, name: str) -> None:
        policy = policy_named(name)
        first = policy(OUTLOOK, CASH).weights
        policy(Outlook(Past(RETURNS[:200], MARKET[:200], market_return=0.3)), Holding(HELD))
        assert policy(Outlook(PAST), CASH).weights.tolist() == first.tolist()

    def test_keeps_what_is_held_where_limits_conflict_and_says_why(self, name: str) -> None:
        target = policy_named(name)(OUTLOOK, Holding(HELD, limits=CONFLICT))
        assert (target.weights.tolist(), target.model) == (HELD.tolist(), "current weights")
        assert BEST[name].name in dict(target.reasons)
        assert all("gross_max" in reason or "max_weight" in reason for _, reason in target.reasons)

    def test_refuses_where_it_may_not_fall_back(self, name: str) -> None:
        with pytest.raises(InfeasibleError, match=r"gross_max|max_weight"):
            policy_named(name, Choices(falls_back=False))(OUTLOOK, Holding(HELD, limits=CONFLICT))

    def test_does_not_hide_a_wrong_argument(self, name: str) -> None:
        with pytest.raises(ArgumentError, match="max_weight has 3 values where 4"):
            policy_named(name)(OUTLOOK, Holding(HELD, limits=Limits(max_weight=[0.5, 0.5, 0.5])))

    def test_a_ceiling_holds_it_smaller_but_never_what_is_held(self, name: str) -> None:
        policy, free = (
            policy_named(name, Choices(sizes=Sizes(volatility_ceiling=0.05))),
            policy_named(name)(OUTLOOK, CASH),
        )
        target = policy(OUTLOOK, CASH)
        assert np.sqrt(target.weights @ OUTLOOK.covariance @ target.weights) <= 0.05 + 1e-12
        assert target.weights == pytest.approx(target.scale * free.weights)
        assert policy(OUTLOOK, Holding(HELD, limits=CONFLICT)).weights.tolist() == HELD.tolist()


class TestFallingBack:
    def test_from_the_hybrid_down_to_the_least_variance(self) -> None:
        target = policy_named("hybrid", Choices(objective="utility"))(GLOOMY, CASH)
        assert target.reasons == ()  # utility always has an optimum
        target = policy_named("hybrid")(GLOOMY, CASH)
        assert target.model == "mean-variance, min_variance"
        assert [model for model, _ in target.reasons] == ["hybrid, max_sharpe", "mean-variance, max_sharpe"]
        assert all("no positive premium" in reason for _, reason in target.reasons)

    def test_a_refusal_is_that_of_the_model_that_was_chosen(self) -> None:
        with pytest.raises(UndefinedError, match="no positive premium"):
            policy_named("classical", Choices(falls_back=False))(GLOOMY, CASH)

    def test_a_book_of_risk_alone_does_not_turn_into_another(self) -> None:
        target = policy_named("beta_neutral", Choices(hedge=1))(Outlook(Past(RETURNS[:1], MARKET[:1])), Holding(HELD))
        assert (target.model, target.weights.tolist()) == ("current weights", HELD.tolist())


class TestChoices:
    def test_each_reaches_its_model(self) -> None:
        choices = Choices("min_variance", 0.05, 0.2, 1.5, 2, 0.3)
        hybrid = policy_named("hybrid", choices)(OUTLOOK, CASH)
        assert hybrid.weights.tolist() == Hybrid(MeanVariance("min_variance"), 0.05)(OUTLOOK, CASH).weights.tolist()
        steady = policy_named("volatility_target", choices)(OUTLOOK, CASH)
        assert steady.weights.tolist() == VolatilityTarget(0.2, 1.5)(OUTLOOK, CASH).weights.tolist()
        neutral = policy_named("beta_neutral", choices)(OUTLOOK, CASH)
        assert neutral.weights.tolist() == BetaNeutral(hedge=2, target_beta=0.3)(OUTLOOK, CASH).weights.tolist()
