"""What makes a book larger or smaller: by brute force, by scale and permutation, and never beyond what caps it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choices import TILTS
from core.decide.limits.declared import Group, Limits
from core.decide.policy.around.buffer import Buffered
from core.decide.policy.around.month_stop import MonthStop
from core.decide.policy.around.sizes import caps_of, largest_scale
from core.decide.policy.around.steady import SteadyVolatility
from core.decide.policy.around.tilts import Tilted
from core.decide.policy.models import EqualWeight, MeanVariance
from core.decide.policy.outlook import Methods, Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Target
from core.decide.portfolio.nearest import limits_broken
from core.errors import ArgumentError

RNG = np.random.default_rng(7)
RETURNS = RNG.normal(0.001, [0.02, 0.03, 0.05, 0.01], (300, 4))
OUTLOOK = Outlook(Past(RETURNS, market_return=0.5), Methods(halflife=20))
CASH = Holding(np.zeros(4))
NOTHING = np.zeros(4, dtype=bool)


class Wants:
    """A policy with one answer."""

    name = "wants"

    def __init__(self, weights):
        self.weights = np.array(weights, dtype=float)

    def __call__(self, outlook, holding):
        return Target(self.weights, self.name, self.weights)


def swing(weights, outlook=OUTLOOK):
    return float(np.sqrt(weights @ outlook.covariance @ weights))


class TestSteadyVolatility:
    def test_up_and_down_to_the_target(self):
        limits = Limits(gross_max=50, max_weight=50, min_weight=-50)
        for weights in ([0.1, 0.2, 0.0, 0.1], [3, -2, 1, 0.5]):
            target = SteadyVolatility(Wants(weights), 0.3)(OUTLOOK, Holding(np.zeros(4), limits=limits))
            assert swing(target.weights) == pytest.approx(0.3, rel=1e-12)
            assert target.weights == pytest.approx(target.scale * np.array(weights), rel=1e-12)
            assert target.sized == (("the volatility target", target.scale),)

    @given(st.integers(0, 10_000))
    def test_never_beyond_a_cap_and_no_larger_book_would_be(self, seed):
        rng = np.random.default_rng(seed)
        weights = rng.uniform(-0.3, 0.3, 4)
        limits = Limits(
            net=None,
            gross_max=rng.uniform(1.3, 4),
            min_weight=-rng.uniform(0.3, 2, 4),
            max_weight=rng.uniform(0.3, 2, 4),
            margin_buffer=0.2,
            initial_margin_rates=rng.uniform(0.05, 0.5, 4),
            max_turnover=rng.uniform(1.5, 5),
            groups=(Group("group_1", np.array([1.0, 1, 0, 0]), maximum=rng.uniform(0.6, 2)),),
        )
        holding = Holding(np.zeros(4), limits=limits)
        found = SteadyVolatility(Wants(weights), 1.0)(OUTLOOK, holding)
        caps = caps_of(limits.changed(current_weights=np.zeros(4)), 4, NOTHING)
        assert limits_broken(caps, found.weights) == ()
        grid = np.linspace(1, 1.0 / swing(weights), 400) if swing(weights) < 1 else np.ones(1)
        best = next((s for s in grid[::-1] if not limits_broken(caps, s * weights)), 1.0)
        if swing(weights) < 1:
            assert best - 1e-9 <= found.scale <= best + (grid[1] - grid[0]) + 1e-9

    def test_what_cannot_be_traded_stays_and_the_rest_grows_around_it(self):
        holding = Holding([0, 0, 0.1, 0], limits=Limits(max_weight=20), untraded=np.array([0, 0, 1, 0], dtype=bool))
        target = SteadyVolatility(Wants([0.1, 0.1, 0.1, 0.1]), 0.6)(OUTLOOK, holding)
        assert target.weights[2] == 0.1
        assert target.scale > 1
        assert swing(target.weights) == pytest.approx(0.6, rel=1e-12)

    def test_the_order_of_contracts_does_not_matter(self):
        order = [2, 0, 3, 1]
        limits = Limits(max_weight=[0.3, 0.5, 0.4, 0.9])
        mixed = Outlook(Past(RETURNS[:, order], market_return=0.5))
        plain = Outlook(OUTLOOK.past)
        whole = SteadyVolatility(Wants([0.1, 0.2, 0.3, 0.1]), 2.0)(plain, Holding(np.zeros(4), limits=limits))
        other = SteadyVolatility(Wants(np.array([0.1, 0.2, 0.3, 0.1])[order]), 2.0)(
            mixed, Holding(np.zeros(4), limits=limits.changed(max_weight=np.array([0.3, 0.5, 0.4, 0.9])[order]))
        )
        assert other.weights == pytest.approx(whole.weights[order], rel=1e-9)

    def test_a_tail_cap_stops_the_growth(self):
        limits = Limits(max_weight=50, cvar_max=0.02)
        target = SteadyVolatility(Wants([0.1] * 4), 3.0)(OUTLOOK, Holding(np.zeros(4), limits=limits))
        losses = np.sort(-RETURNS @ target.weights)[-15:]
        assert losses.mean() == pytest.approx(0.02, rel=1e-6)

    def test_no_book_has_no_size(self):
        assert SteadyVolatility(Wants([0] * 4), 0.3)(OUTLOOK, CASH).weights.tolist() == [0] * 4

    def test_weights_beyond_their_caps_are_not_made_larger(self):
        wanted = Target(np.array([2.0, 0, 0, 0]), "wants", np.zeros(4))
        assert largest_scale(wanted, CASH, 3.0, RETURNS) == 1.0

    def test_a_target_below_zero_is_refused(self):
        with pytest.raises(ArgumentError, match="target_volatility"):
            SteadyVolatility(EqualWeight(), -0.1)(OUTLOOK, CASH)


class TestCaps:
    def test_of_a_fixed_sum_nothing_is_left_and_of_a_cap_all(self):
        limits = Limits(
            net=1.0,
            min_weight=[0.1, -0.2, 0, 0],
            max_weight=[0.5, -0.1, 1, 1],
            gross_max=2,
            groups=(
                Group("group_1", np.ones(4), minimum=0.2, maximum=0.9),
                Group("group_2", np.ones(4), target=0.3),
            ),
        )
        caps = caps_of(limits, 4, np.array([0, 0, 0, 1], dtype=bool))
        assert (caps.net_range(), caps.gross_max) == ((-np.inf, np.inf), 2)
        assert np.asarray(caps.min_weight).tolist() == [0, -0.2, 0, 0]
        assert np.asarray(caps.max_weight).tolist() == [0.5, 0, 1, 1]
        assert [(each.name, each.minimum, each.maximum) for each in caps.groups] == [("group_1", None, 0.9)]


class TestTilted:
    @pytest.mark.parametrize("by", TILTS)
    def test_by_a_loop(self, by):
        wanted = np.array([0.4, 0.3, -0.2, 0.1])
        limits = Limits(net=None, min_weight=-5, max_weight=5)
        found = Tilted(Wants(wanted), by, most=1.4, reference=0.3)(OUTLOOK, Holding(np.zeros(4), limits=limits))
        for place, weight in enumerate(wanted):
            if by == "premium":
                pay = np.sign(weight) * OUTLOOK.expected_returns[place]
                times = min(max(pay / 0.3, 0), 1.4)
            else:
                series = RETURNS[:, place]
                ages = 0.5 ** (np.arange(300)[::-1] / 20)
                mean = (ages * series).sum() / ages.sum()
                spread = (ages * (series - mean) ** 2).sum() / (ages.sum() - (ages**2).sum() / ages.sum())
                times = min(series.std(ddof=1) / np.sqrt(spread), 1.4)
            assert found.weights[place] == pytest.approx(times * weight, rel=1e-9)
        assert found.scale == pytest.approx(np.abs(found.weights).sum() / np.abs(wanted).sum())
        assert found.baseline.tolist() == wanted.tolist()

    def test_a_larger_weight_stays_inside_its_limit(self):
        calm = RETURNS.copy()
        calm[-60:] /= 4
        found = Tilted(Wants([0.9, 0.1, 0, 0]), "volatility", most=3)(Outlook(Past(calm), Methods(halflife=10)), CASH)
        assert found.weights[0] == pytest.approx(1.0)

    def test_a_contract_that_never_moved_is_left_as_it_is(self):
        still = RETURNS.copy()
        still[:, 3] = 0
        found = Tilted(Wants([0.1, 0.1, 0.1, 0.3]), "volatility")(Outlook(Past(still)), CASH)
        assert found.weights[3] == 0.3

    def test_what_it_goes_by_must_be_known(self):
        with pytest.raises(ArgumentError, match="leverage_tilt 'moon' is not known"):
            Tilted(EqualWeight(), "moon")(OUTLOOK, CASH)


class TestBuffered:
    @pytest.mark.parametrize(("equity", "share"), [(1.0, 0.9), (0.9, 0.9 * 0.5 / 0.9), (0.8, 0.0), (0.7, 0.0)])
    def test_by_hand(self, equity, share):
        holding = Holding(np.zeros(4), equity=equity, peak=1.0)
        target = Buffered(EqualWeight(), 0.2, reserve=0.1)(OUTLOOK, holding)
        assert target.weights == pytest.approx([share / 4] * 4)
        assert target.urgent == (share == 0)

    def test_without_a_peak_equity_is_its_own(self):
        assert Buffered(EqualWeight(), 0.2)(OUTLOOK, CASH).scale == 1

    @given(st.integers(0, 1000), st.floats(0.02, 0.5), st.floats(0.2, 5))
    def test_on_a_path_of_small_steps_equity_never_falls_below_its_floor(self, seed, worst, leverage):
        """Looked at after every step, a book of leverage L passes the floor only by a step of more than D / L."""
        rng = np.random.default_rng(seed)
        step = 0.5 * worst / leverage
        equity = peak = 1.0
        policy = Buffered(Wants([leverage, 0, 0, 0]), worst)
        for move in rng.uniform(-step, 0.9 * step, 400):
            weights = policy(OUTLOOK, Holding(np.zeros(4), equity=equity, peak=peak)).weights
            equity *= 1 + float(weights[0]) * move
            peak = max(peak, equity)
            assert equity >= (1 - worst) * peak * (1 - 1e-12)


class TestMonthStop:
    def policy(self):
        return MonthStop(MeanVariance("min_variance"), 0.06)

    @pytest.mark.parametrize(("high", "low", "out"), [(1.0, 0.95, False), (1.0, 0.9399, True), (1.1, 1.0, True)])
    def test_it_is_out_once_the_month_has_fallen_so_far(self, high, low, out):
        holding = Holding([0.5, 0.5, 0, 0], equity=low, month_high=high, month_low=low)
        target = self.policy()(OUTLOOK, holding)
        assert (not target.weights.any(), target.urgent) == (out, out)

    def test_it_stays_out_though_equity_has_come_back(self):
        holding = Holding(np.zeros(4), equity=0.99, month_high=1.0, month_low=0.93)
        assert not self.policy()(OUTLOOK, holding).weights.any()

    def test_it_answers_where_the_policy_could_not(self):
        nothing = Outlook(Past(RETURNS[:1]))
        assert not self.policy()(nothing, Holding(np.zeros(4), month_high=2.0)).weights.any()

    def test_what_cannot_be_traded_stays(self):
        holding = Holding([0.2, 0, 0, 0], month_high=2.0, untraded=np.array([1, 0, 0, 0], dtype=bool))
        assert self.policy()(OUTLOOK, holding).weights.tolist() == [0.2, 0, 0, 0]

    @pytest.mark.parametrize("loss", [0, 1, -0.1])
    def test_a_loss_that_is_none_is_refused(self, loss):
        with pytest.raises(ArgumentError, match="month_stop"):
            MonthStop(EqualWeight(), loss)(OUTLOOK, CASH)
