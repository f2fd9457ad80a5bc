"""A band, a clock, and what answers where no model does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choices import CLOCKS, WHEN_UNANSWERED
from core.decide.limits.declared import Limits
from core.decide.policy.around.band import Banded
from core.decide.policy.around.month_stop import MonthStop
from core.decide.policy.around.timed import Timed
from core.decide.policy.clock import Clock
from core.decide.policy.models import EqualWeight
from core.decide.policy.named import Choices, policy_named
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Target
from core.decide.policy.schedule import rebalance_interval
from core.decide.policy.unanswered import Cash, in_place_of_a_model
from core.errors import ArgumentError
from core.estimate.volatility.regime import variance_regimes

RNG = np.random.default_rng(3)
RETURNS = RNG.normal(0.001, 0.01, (400, 3))
RETURNS[-100:] *= 3
OUTLOOK = Outlook(Past(RETURNS))
FREE = Limits(net=None, min_weight=-9, max_weight=9)

weights = st.lists(st.floats(-2, 2), min_size=3, max_size=3)


class Wants:
    name = "wants"

    def __init__(self, weights, **how):
        self.target = Target(np.array(weights, dtype=float), self.name, np.array(weights, dtype=float), **how)

    def __call__(self, outlook, holding):
        return self.target


class TestBanded:
    @given(weights, weights, st.floats(0, 1), st.sampled_from(["target", "edge"]))
    def test_inside_the_band_nothing_is_traded_and_outside_it_goes_where_it_aims(self, wanted, held, band, aim):
        found = Banded(Wants(wanted), band, aim)(OUTLOOK, Holding(held, limits=FREE)).weights
        for goal, now, then in zip(wanted, held, found, strict=True):
            if abs(goal - now) <= band:
                assert then == now
            elif abs(goal - now) > band + 1e-9:
                expected = goal if aim == "target" else goal + math.copysign(band, now - goal)
                assert then == pytest.approx(expected, abs=1e-12)

    @given(weights, weights)
    def test_a_band_of_nothing_is_none(self, wanted, held):
        found = Banded(Wants(wanted), 0.0, "edge")(OUTLOOK, Holding(held, limits=FREE)).weights
        np.testing.assert_allclose(found, wanted, atol=1e-11)

    def test_where_what_stays_breaks_a_cap_all_is_traded(self):
        limits = Limits(net=None, gross_max=1.0)
        drifted = Holding([0.55, 0.55, 0.0], limits=limits)
        assert Banded(Wants([0.5, 0.5, 0.0]), 0.1, "target")(OUTLOOK, drifted).weights.tolist() == [0.5, 0.5, 0.0]

    def test_what_is_urgent_knows_no_band(self):
        found = Banded(Wants([0, 0, 0], urgent=True), 0.5)(OUTLOOK, Holding([0.1, 0.1, 0.1]))
        assert found.weights.tolist() == [0, 0, 0]

    def test_bad_bands(self):
        with pytest.raises(ArgumentError, match="no_trade_band"):
            Banded(EqualWeight(), -0.1)(OUTLOOK, Holding(np.zeros(3)))
        with pytest.raises(ArgumentError, match="band_aim 'middle' is not known"):
            Banded(EqualWeight(), 0.1, "middle")(OUTLOOK, Holding(np.zeros(3)))


class TestClock:
    @pytest.mark.parametrize(
        ("held", "due", "left"), [(math.inf, True, 0), (23, False, 1), (24, True, 0), (99, True, 0)]
    )
    def test_every_so_many_hours(self, held, due, left):
        found = Clock("every", 24)(OUTLOOK, Holding(np.zeros(3), hours_held=held))
        assert (found.due, found.hours_left, found.interval) == (due, pytest.approx(left), 24)

    def test_drift_is_sooner_and_calm_later_in_a_volatile_market(self):
        market = OUTLOOK.past.benchmark
        now = float(variance_regimes(market).volatility[-1])
        usual = float(np.std(market, ddof=1))
        assert now > 1.3 * usual
        drift, calm = (Clock(kind, 24).interval(OUTLOOK) for kind in ("drift", "calm"))
        assert drift == pytest.approx(24 * (usual / now) ** 2, rel=1e-9)
        assert calm == pytest.approx(24 * (now / usual) ** 2, rel=1e-9)
        assert drift < 24 < calm

    @given(st.floats(0, 10), st.floats(0.01, 10), st.floats(1, 100))
    def test_the_two_are_each_others_mirror_between_their_bounds(self, now, usual, hours):
        for kind in ("drift", "calm"):
            assert 4 <= Clock(kind, hours).interval_at(now, usual) <= 168
        if now > 0:
            sooner = rebalance_interval(now, usual, hours, 1e-300, 1e300)
            later = rebalance_interval(now, usual, hours, 1e-300, 1e300, "calm")
            if 1e-290 < sooner < 1e290:
                assert sooner * later == pytest.approx(hours**2, rel=1e-9)

    def test_a_market_that_stands_still(self):
        assert rebalance_interval(0, 1) == 168
        assert rebalance_interval(0, 1, lean="calm") == 4

    def test_a_past_that_cannot_tell_is_one_of_usual_times(self):
        short = Outlook(Past(RETURNS[:5]))
        assert [Clock(kind, 30).interval(short) for kind in CLOCKS] == [30, 30, 30]

    @pytest.mark.parametrize("wrong", [{"kind": "sometimes"}, {"hours": 0}, {"shortest": 9, "longest": 8}])
    def test_a_clock_that_cannot_be(self, wrong):
        with pytest.raises(ArgumentError):
            Clock(**wrong)

    def test_between_its_times_the_policy_is_not_asked(self):
        policy = Timed(Wants([1, 0, 0]), Clock("every", 24))
        waiting = policy(OUTLOOK, Holding([0.3, 0, 0], hours_held=10))
        assert (waiting.weights.tolist(), waiting.waits) == ([0.3, 0, 0], "every 24 h; last traded 10 h ago")
        assert policy(OUTLOOK, Holding([0.3, 0, 0], hours_held=24)).weights.tolist() == [1, 0, 0]

    def test_a_stop_does_not_wait_for_the_clock(self):
        policy = MonthStop(Timed(EqualWeight(), Clock("every", 24)), 0.05)
        found = policy(OUTLOOK, Holding([0.3, 0.3, 0.3], hours_held=1, month_high=1.2))
        assert (found.weights.tolist(), found.waits) == ([0, 0, 0], "")


class TestUnanswered:
    GLOOMY = Outlook(Past(RETURNS, market_return=-0.5))

    @pytest.mark.parametrize(
        ("rule", "model"),
        [("cash", "cash"), ("min_variance", "mean-variance, min_variance"), ("hold", "current weights")],
    )
    def test_the_rule_decides_where_no_premium_is_worth_a_position(self, rule, model):
        target = policy_named("hybrid", Choices(when_unanswered=rule))(self.GLOOMY, Holding([0.2, 0.3, 0.5]))
        assert target.model == model
        assert [who for who, _ in target.reasons] == ["hybrid, max_sharpe", "mean-variance, max_sharpe"]

    def test_the_last_always_answers(self):
        nothing = Outlook(Past(RETURNS[:1]))
        for rule in WHEN_UNANSWERED:
            assert in_place_of_a_model(rule)[-1](nothing, Holding([0.2, 0, 0])).weights.size == 3
        with pytest.raises(ArgumentError, match="when_unanswered 'pray' is not known"):
            in_place_of_a_model("pray")

    def test_cash_keeps_what_cannot_be_traded(self):
        holding = Holding([0.2, 0.3, 0], untraded=np.array([1, 0, 0], dtype=bool))
        assert Cash()(OUTLOOK, holding).weights.tolist() == [0.2, 0, 0]
