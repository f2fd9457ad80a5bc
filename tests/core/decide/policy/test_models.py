from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.models import (
    POLICIES,
    BetaNeutralOverlay,
    Classical,
    EqualWeight,
    Hybrid,
    MinVariance,
    RiskBudget,
    VolatilityTarget,
)
from core.decide.policy.outlook import betas, expected_returns, scores
from core.decide.policy.protocol import Book, Past, Target
from core.decide.portfolio.nearest import limits_broken
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.overlay import overlay
from core.decide.portfolio.risk_contribution import risk_contribution
from core.errors import ArgumentError, DataWarning
from core.estimate.covariance.methods import covariance

rng = np.random.default_rng(7)
MARKET = rng.normal(0.001, 0.03, 400)
RETURNS = np.outer(MARKET, [1.0, 1.2, 0.7, 1.5]) + rng.normal(0, [0.01, 0.02, 0.015, 0.03], (400, 4))
PAST = Past(
    RETURNS, MARKET, funding=[0.05, 0.1, 0.0, 0.2], implied_vols=[0.6, 0.8, 0.5, 0.7], market_return=0.4,
    risk_free=0.04,
)  # fmt: skip
CASH = Book(np.zeros(4), 1e6)
HELD = np.array([0.1, 0.2, 0.3, 0.4])


def test_the_registry_names_each_policy() -> None:
    assert list(POLICIES) == [
        "classical", "hybrid", "volatility_target", "risk_budget", "equal_weight", "beta_neutral", "min_variance",
    ]  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
class TestEachPolicy:
    def test_answers_itself_inside_the_limits(self, name: str) -> None:
        limits = Limits(net=None, min_weight=-1, max_weight=0.6, gross_max=1.5)
        target = POLICIES[name](PAST, replace(CASH, limits=limits))
        assert target.model == name.replace("_", " ")
        assert target.reasons == ()
        assert limits_broken(limits, target.weights) == ()

    def test_knows_nothing_of_what_comes_after(self, name: str) -> None:
        calm, wild = RETURNS.copy(), RETURNS.copy()
        wild[300:] *= -7
        targets = [POLICIES[name](Past(path[:300], MARKET[:300], market_return=0.4), CASH) for path in (calm, wild)]
        assert targets[0].weights.tolist() == targets[1].weights.tolist()

    def test_keeps_no_state(self, name: str) -> None:
        first = POLICIES[name](PAST, CASH).weights
        POLICIES[name](Past(RETURNS[:200], MARKET[:200], market_return=0.3), Book(HELD))
        assert POLICIES[name](PAST, CASH).weights.tolist() == first.tolist()

    def test_keeps_what_is_held_where_limits_conflict_and_says_why(self, name: str) -> None:
        target = POLICIES[name](PAST, Book(HELD, limits=Limits(max_weight=0.2, net=1, min_weight=0.1, gross_max=0.9)))
        assert (target.weights.tolist(), target.model) == (HELD.tolist(), "current weights")
        assert name.replace("_", " ") in dict(target.reasons)
        assert all("gross_max" in reason or "max_weight" in reason for _, reason in target.reasons)

    def test_does_not_hide_a_wrong_argument(self, name: str) -> None:
        with pytest.raises(ArgumentError, match="max_weight has 3 values where 4"):
            POLICIES[name](PAST, Book(HELD, limits=Limits(max_weight=[0.5, 0.5, 0.5])))


class TestClassical:
    def test_it_is_the_optimum_on_the_outlook(self) -> None:
        mu, risk = expected_returns(PAST), covariance(RETURNS, "ledoit_wolf", 365)
        expected = optimize(mu, risk, "max_sharpe", Limits(risk_free=0.04)).weights
        assert Classical()(PAST, CASH).weights == pytest.approx(expected)

    def test_settings_choose_objective_and_estimators(self) -> None:
        risk = covariance(RETURNS, "sample", 365)
        mu = expected_returns(PAST, "ewma")
        expected = optimize(mu, risk, "utility", Limits(risk_free=0.04, risk_aversion=3)).weights
        policy = Classical("utility", "sample", "ewma")
        assert policy(PAST, replace(CASH, limits=Limits(risk_aversion=3))).weights == pytest.approx(expected)

    def test_no_premium_keeps_what_is_held(self) -> None:
        target = Classical()(replace(PAST, market_return=-0.5), Book(HELD))
        assert target.weights.tolist() == HELD.tolist()
        assert [model for model, _ in target.reasons] == ["classical"]
        assert "no positive premium" in target.reasons[0][1]

    def test_too_short_a_past_keeps_what_is_held(self) -> None:
        target = Classical()(Past(RETURNS[:1], MARKET[:1], market_return=0.4), Book(HELD))
        assert (target.model, target.weights.tolist()) == ("current weights", HELD.tolist())


class TestHybrid:
    def test_it_is_the_classical_optimum_tilted_by_scores(self) -> None:
        baseline = Classical()(PAST, CASH).weights
        expected = overlay(baseline, scores(PAST), 0.2)
        target = Hybrid()(PAST, CASH)
        assert target.weights == pytest.approx(expected.weights)
        assert 0 < np.abs(target.weights - baseline).sum() / 2 <= 0.2 + 1e-9

    def test_a_cap_of_zero_is_classical(self) -> None:
        assert Hybrid(cap=0)(PAST, CASH).weights == pytest.approx(Classical()(PAST, CASH).weights)

    def test_without_any_implied_volatility_the_classical_model_answers(self) -> None:
        target = Hybrid()(replace(PAST, implied_vols=[np.nan] * 4), CASH)
        assert target.model == "classical"
        assert target.weights == pytest.approx(Classical()(PAST, CASH).weights)
        assert target.reasons == (("hybrid", "implied_vol is missing for every contract; fill in at least one"),)

    def test_a_contract_without_options_is_scored_on_its_falls(self) -> None:
        with pytest.warns(DataWarning, match="implied_vol is missing at position 3"):
            assert Hybrid()(replace(PAST, implied_vols=[0.6, 0.8, np.nan, 0.7]), CASH).model == "hybrid"

    def test_the_chain_ends_with_what_is_held(self) -> None:
        target = Hybrid()(replace(PAST, market_return=-0.5), Book(HELD))
        assert target.weights.tolist() == HELD.tolist()
        assert [model for model, _ in target.reasons] == ["hybrid", "classical"]


class TestVolatilityTarget:
    def test_inverse_volatilities_at_the_target(self) -> None:
        book = replace(CASH, limits=Limits(max_weight=5))
        weights = VolatilityTarget(0.4)(PAST, book).weights
        deviations = RETURNS.std(axis=0, ddof=1)
        assert weights * deviations == pytest.approx(np.full(4, weights[0] * deviations[0]))
        assert np.sqrt(weights @ covariance(RETURNS, "ledoit_wolf", 365) @ weights) == pytest.approx(0.4)

    def test_leverage_is_bounded(self) -> None:
        weights = VolatilityTarget(9.0, max_leverage=2)(PAST, replace(CASH, limits=Limits(max_weight=5))).weights
        assert weights.sum() == pytest.approx(2)

    def test_a_stated_net_is_kept(self) -> None:
        weights = VolatilityTarget(0.1)(PAST, replace(CASH, limits=Limits(net=1))).weights
        assert weights.sum() == pytest.approx(1)

    def test_what_does_not_move_is_not_held(self) -> None:
        still = Past(np.column_stack([RETURNS[:, 0], np.zeros(400)]))
        assert VolatilityTarget()(still, Book([0, 0])).weights[1] == 0


class TestRiskBudget:
    def test_equal_shares_of_the_risk(self) -> None:
        weights = RiskBudget()(PAST, CASH).weights
        assert risk_contribution(weights, covariance(RETURNS, "ledoit_wolf", 365)) == pytest.approx([0.25] * 4)

    def test_stated_budgets(self) -> None:
        budgets = [0.4, 0.3, 0.2, 0.1]
        weights = RiskBudget("sample")(PAST, replace(CASH, limits=Limits(budgets=budgets))).weights
        assert risk_contribution(weights, covariance(RETURNS, "sample", 365)) == pytest.approx(budgets)


class TestMinVariance:
    def test_it_is_the_optimum_of_that_name(self) -> None:
        expected = optimize(np.zeros(4), covariance(RETURNS, "ledoit_wolf", 365), "min_variance").weights
        assert MinVariance()(PAST, CASH).weights == pytest.approx(expected)

    def test_a_target_return_does_not_concern_it(self) -> None:
        asked = replace(CASH, limits=Limits(target_return=9.0))
        assert MinVariance()(PAST, asked).weights == pytest.approx(MinVariance()(PAST, CASH).weights)


class TestEqualWeight:
    def test_the_same_in_each(self) -> None:
        assert EqualWeight()(PAST, CASH).weights.tolist() == [0.25] * 4

    def test_the_net_is_that_of_the_limits(self) -> None:
        assert EqualWeight()(PAST, replace(CASH, limits=Limits(net_max=0.6))).weights == pytest.approx([0.15] * 4)
        assert EqualWeight()(PAST, replace(CASH, limits=Limits(net_min=2))).weights == pytest.approx([0.5] * 4)

    def test_what_a_limit_takes_the_others_share(self) -> None:
        limited = replace(CASH, limits=Limits(max_weight=[0.1, 1, 1, 1]))
        assert EqualWeight()(PAST, limited).weights == pytest.approx([0.1, 0.3, 0.3, 0.3])


class TestBetaNeutralOverlay:
    def test_the_hedge_takes_the_beta_away(self) -> None:
        target, slopes = BetaNeutralOverlay()(PAST, CASH), betas(PAST)
        assert target.weights @ slopes == pytest.approx(0, abs=1e-9)
        # Single hedge in closed form: -(sum of 0.25 beta) / beta of the hedge, beside 0.25 of the core.
        assert target.weights[0] == pytest.approx(0.25 - 0.25 * slopes.sum() / slopes[0])
        assert target.weights[1:].tolist() == [0.25] * 3

    def test_another_hedge_and_another_target(self) -> None:
        policy = BetaNeutralOverlay(MinVariance(), hedge=3, target_beta=0.3)
        target = policy(PAST, CASH)
        assert target.weights @ betas(PAST) == pytest.approx(0.3)
        assert target.weights[:3] == pytest.approx(MinVariance()(PAST, CASH).weights[:3])

    def test_gross_holds_for_both_books_together(self) -> None:
        limits = Limits(gross_max=1.2)
        target = BetaNeutralOverlay()(PAST, replace(CASH, limits=limits))
        assert np.abs(target.weights).sum() == pytest.approx(1.2)
        assert target.weights @ betas(PAST) == pytest.approx(0, abs=1e-9)

    def test_what_the_core_could_not_do_is_told(self) -> None:
        target = BetaNeutralOverlay(Classical())(replace(PAST, market_return=-0.5), Book(HELD))
        assert target.model == "beta neutral"
        assert [model for model, _ in target.reasons] == ["classical"]

    @pytest.mark.parametrize("hedge", [-1, 4, 1.5])
    def test_the_hedge_is_one_of_the_contracts(self, hedge: float) -> None:
        with pytest.raises(ArgumentError, match="hedge is "):
            BetaNeutralOverlay(hedge=hedge)(PAST, CASH)

    def test_a_policy_of_ones_own_can_be_the_core(self) -> None:
        def half(past: Past, book: Book) -> Target:
            return Target(np.array([0.0, 0.5, 0.0, 0.0]), "half")

        weights = BetaNeutralOverlay(half)(PAST, CASH).weights
        assert weights[1:].tolist() == [0.5, 0, 0]
