from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.chain import Chain
from core.decide.policy.models import (
    BetaNeutral,
    CurrentWeights,
    EqualWeight,
    Hybrid,
    MeanVariance,
    VolatilityTarget,
    beta_neutral_limits,
)
from core.decide.policy.outlook import Methods, Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Target
from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.overlay import overlay
from core.decide.portfolio.risk_contribution import risk_contribution
from core.errors import ArgumentError, MissingDataError, UndefinedError
from core.estimate.covariance.methods import covariance

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


class TestMeanVariance:
    def test_it_is_the_optimum_on_the_outlook(self) -> None:
        expected = optimize(
            OUTLOOK.expected_returns, covariance(RETURNS, "ledoit_wolf", 365), "max_sharpe", Limits(risk_free=0.04)
        )
        target = MeanVariance()(OUTLOOK, CASH)
        assert target.weights == pytest.approx(expected.weights)
        assert target.baseline.tolist() == target.weights.tolist()
        assert (target.model, target.solver) == ("mean-variance, max_sharpe", expected.solver)
        assert target.certificate is not None
        assert target.certificate.worst < 1e-9

    def test_settings_choose_objective_and_estimators(self) -> None:
        outlook = Outlook(PAST, Methods("ewma", "sample"))
        expected = optimize(
            outlook.expected_returns,
            covariance(RETURNS, "sample", 365),
            "utility",
            Limits(risk_free=0.04, risk_aversion=3),
        ).weights
        target = MeanVariance("utility")(outlook, replace(CASH, limits=Limits(risk_aversion=3)))
        assert target.weights == pytest.approx(expected)

    def test_a_rate_that_the_limits_state_goes_before_that_of_the_past(self) -> None:
        expected = optimize(OUTLOOK.expected_returns, OUTLOOK.covariance, "max_sharpe", Limits(risk_free=0.2)).weights
        target = MeanVariance()(OUTLOOK, replace(CASH, limits=Limits(risk_free=0.2)))
        assert target.weights == pytest.approx(expected)

    def test_without_a_premium_it_refuses(self) -> None:
        with pytest.raises(UndefinedError, match="no positive premium"):
            MeanVariance()(GLOOMY, Holding(HELD))

    def test_too_short_a_past_is_told(self) -> None:
        with pytest.raises(MissingDataError):
            MeanVariance()(Outlook(Past(RETURNS[:1], MARKET[:1], market_return=0.4)), Holding(HELD))

    def test_the_least_variance_needs_no_expected_returns(self) -> None:
        unpriced = Outlook(Past(RETURNS, np.full(400, 0.01)))  # a benchmark that does not vary has no beta
        expected = optimize(np.zeros(4), unpriced.covariance, "min_variance").weights
        assert MeanVariance("min_variance")(unpriced, CASH).weights == pytest.approx(expected)

    def test_a_target_return_is_a_limit_like_any_other(self) -> None:
        asked = replace(CASH, limits=Limits(target_return=0.33))
        weights = MeanVariance("min_variance")(OUTLOOK, asked).weights
        assert weights @ OUTLOOK.expected_returns == pytest.approx(0.33)
        assert MeanVariance("min_variance")(OUTLOOK, CASH).weights @ OUTLOOK.expected_returns < 0.33

    def test_risk_budgets_bring_their_share_of_the_risk(self) -> None:
        weights = MeanVariance("risk_budget")(OUTLOOK, CASH).weights
        assert risk_contribution(weights, covariance(RETURNS, "ledoit_wolf", 365)) == pytest.approx([0.25] * 4)
        budgets = [0.4, 0.3, 0.2, 0.1]
        sample = Outlook(PAST, Methods(covariance="sample"))
        weights = MeanVariance("risk_budget")(sample, replace(CASH, limits=Limits(budgets=budgets))).weights
        assert risk_contribution(weights, covariance(RETURNS, "sample", 365)) == pytest.approx(budgets)


class TestHybrid:
    def test_it_is_the_optimum_tilted_by_scores(self) -> None:
        baseline = MeanVariance()(OUTLOOK, CASH).weights
        expected = overlay(baseline, OUTLOOK.scores, 0.2)
        target = Hybrid()(OUTLOOK, CASH)
        assert target.weights == pytest.approx(expected.weights)
        assert target.baseline.tolist() == baseline.tolist()
        assert (target.model, target.solver) == ("hybrid, max_sharpe", expected.solver)
        assert 0 < np.abs(target.weights - baseline).sum() <= 0.2 + 1e-9

    def test_a_cap_of_zero_is_the_optimum(self) -> None:
        assert Hybrid(cap=0)(OUTLOOK, CASH).weights == pytest.approx(MeanVariance()(OUTLOOK, CASH).weights)

    def test_it_tilts_whatever_objective_it_is_given(self) -> None:
        target = Hybrid(MeanVariance("min_variance"), 0.1)(OUTLOOK, CASH)
        assert target.model == "hybrid, min_variance"
        assert target.baseline == pytest.approx(MeanVariance("min_variance")(OUTLOOK, CASH).weights)


class TestVolatilityTarget:
    def test_inverse_volatilities_at_the_target(self) -> None:
        weights = VolatilityTarget(0.4)(OUTLOOK, replace(CASH, limits=Limits(max_weight=5))).weights
        deviations = RETURNS.std(axis=0, ddof=1)
        assert weights * deviations == pytest.approx(np.full(4, weights[0] * deviations[0]))
        assert np.sqrt(weights @ covariance(RETURNS, "ledoit_wolf", 365) @ weights) == pytest.approx(0.4)

    def test_leverage_is_bounded(self) -> None:
        target = VolatilityTarget(9.0, max_leverage=2)(OUTLOOK, replace(CASH, limits=Limits(max_weight=5)))
        assert target.weights.sum() == pytest.approx(2)

    def test_a_stated_net_is_kept(self) -> None:
        weights = VolatilityTarget(0.1)(OUTLOOK, replace(CASH, limits=Limits(net=1))).weights
        assert weights.sum() == pytest.approx(1)

    def test_what_does_not_move_is_not_held(self) -> None:
        still = Outlook(Past(np.column_stack([RETURNS[:, 0], np.zeros(400)])))
        assert VolatilityTarget()(still, Holding([0, 0])).weights[1] == 0


class TestEqualWeight:
    def test_the_same_in_each(self) -> None:
        assert EqualWeight()(OUTLOOK, CASH).weights.tolist() == [0.25] * 4

    def test_it_needs_no_history(self) -> None:
        assert EqualWeight()(Outlook(Past(np.full((1, 4), np.nan))), CASH).weights.tolist() == [0.25] * 4

    def test_the_net_is_that_of_the_limits(self) -> None:
        assert EqualWeight()(OUTLOOK, replace(CASH, limits=Limits(net_max=0.6))).weights == pytest.approx([0.15] * 4)
        assert EqualWeight()(OUTLOOK, replace(CASH, limits=Limits(net_min=2))).weights == pytest.approx([0.5] * 4)

    def test_what_a_limit_takes_the_others_share(self) -> None:
        limited = replace(CASH, limits=Limits(max_weight=[0.1, 1, 1, 1]))
        assert EqualWeight()(OUTLOOK, limited).weights == pytest.approx([0.1, 0.3, 0.3, 0.3])


class TestBetaNeutral:
    def test_the_hedge_takes_the_beta_away(self) -> None:
        target, slopes = BetaNeutral()(OUTLOOK, CASH), OUTLOOK.betas
        assert target.weights @ slopes == pytest.approx(0, abs=1e-9)
        # Single hedge in closed form: -(sum of 0.25 beta) / beta of the hedge, beside 0.25 of the core.
        assert target.weights[0] == pytest.approx(0.25 - 0.25 * slopes.sum() / slopes[0])
        assert target.weights[1:].tolist() == [0.25] * 3
        assert target.baseline.tolist() == [0.25] * 4

    def test_another_hedge_and_another_target(self) -> None:
        target = BetaNeutral(MeanVariance("min_variance"), hedge=3, target_beta=0.3)(OUTLOOK, CASH)
        assert target.weights @ OUTLOOK.betas == pytest.approx(0.3)
        core = MeanVariance("min_variance")(OUTLOOK, CASH).weights
        assert target.weights[:3] == pytest.approx(core[:3])

    def test_gross_holds_for_both_books_together(self) -> None:
        target = BetaNeutral()(OUTLOOK, replace(CASH, limits=Limits(gross_max=1.2)))
        assert np.abs(target.weights).sum() == pytest.approx(1.2)
        assert target.weights @ OUTLOOK.betas == pytest.approx(0, abs=1e-9)

    def test_a_beta_among_the_limits_does_not_bend_the_core(self) -> None:
        limits = Limits(betas=OUTLOOK.betas, target_beta=0.4)
        target = BetaNeutral(target_beta=0.4)(OUTLOOK, replace(CASH, limits=limits))
        assert target.weights[1:].tolist() == [0.25] * 3
        assert target.weights @ OUTLOOK.betas == pytest.approx(0.4)

    def test_limits_a_contract_are_left_as_they_were(self) -> None:
        limits = Limits(min_weight=[0.0, 0.1, 0.1, 0.1], max_weight=[0.4] * 4)
        BetaNeutral()(OUTLOOK, replace(CASH, limits=limits))
        assert (limits.min_weight.tolist(), limits.max_weight.tolist()) == ([0.0, 0.1, 0.1, 0.1], [0.4] * 4)

    def test_what_the_core_could_not_do_is_told(self) -> None:
        target = BetaNeutral(Chain((MeanVariance(), CurrentWeights())))(GLOOMY, Holding(HELD))
        assert target.model == "beta neutral"
        assert [model for model, _ in target.reasons] == ["mean-variance, max_sharpe"]

    @pytest.mark.parametrize("hedge", [-1, 4, 1.5])
    def test_the_hedge_is_one_of_the_contracts(self, hedge: float) -> None:
        with pytest.raises(ArgumentError, match="hedge is "):
            BetaNeutral(hedge=hedge)(OUTLOOK, CASH)

    def test_a_policy_of_ones_own_can_be_the_core(self) -> None:
        class Half:
            name = "half"

            def __call__(self, outlook: Outlook, holding: Holding) -> Target:
                weights = np.array([0.0, 0.5, 0.0, 0.0])
                return Target(weights, self.name, weights)

        assert BetaNeutral(Half())(OUTLOOK, CASH).weights[1:].tolist() == [0.5, 0, 0]

    def test_its_limits_make_room_for_the_hedge_and_nothing_else(self) -> None:
        weights = np.array([-0.8, 0.3, 0.6, 0.2])
        limits = beta_neutral_limits(Limits(max_weight=0.5), weights, OUTLOOK.betas, 0, 0.1)
        assert limits.min_weight.tolist() == [-0.8, 0, 0, 0]
        assert limits.max_weight.tolist() == [0.5] * 4
        assert (limits.net, limits.target_beta) == (None, 0.1)


def test_current_weights_are_what_is_held() -> None:
    target = CurrentWeights()(OUTLOOK, Holding(HELD))
    assert (target.weights.tolist(), target.model, target.certificate) == (HELD.tolist(), "current weights", None)
