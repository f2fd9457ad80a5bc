"""A hedge beside a book: its exposures to their targets, by hand and by an independent regression."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from core.decide.limits.declared import Limits
from core.decide.policy.around.ceiling import VolatilityCeiling
from core.decide.policy.around.hedged import Hedged, on_contracts, stated
from core.decide.policy.around.steady import SteadyVolatility
from core.decide.policy.models import EqualWeight
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding
from core.errors import ArgumentError, MissingDataError

RNG = np.random.default_rng(11)
DRIVERS = RNG.normal(0, 0.02, (400, 2))
RETURNS = np.column_stack([DRIVERS, DRIVERS @ [[0.5, 0.2, 1.1], [0.8, 1.3, 0.1]] + RNG.normal(0, 0.01, (400, 3))])
OUTLOOK = Outlook(Past(RETURNS, RETURNS[:, 0]))
LIMITS = Limits(max_weight=[0, 0, 1, 1, 1], turnover_cost=5e-4)
CASH = Holding(np.zeros(5), limits=LIMITS)


def test_one_factor_brings_beta_to_its_target():
    found = Hedged(EqualWeight(), (0,), targets=0.25)(OUTLOOK, CASH)
    assert found.baseline == pytest.approx([0, 0, 1 / 3, 1 / 3, 1 / 3], abs=1e-12)
    assert found.weights @ OUTLOOK.betas == pytest.approx(0.25, abs=1e-12)
    assert found.weights[2:] == pytest.approx(found.baseline[2:])
    assert found.hedge == pytest.approx(found.weights - found.baseline)
    assert found.model == "equal weight, hedged"


@pytest.mark.parametrize("halflife", [None, 60])
def test_several_factors_are_hedged_with_the_loadings_of_one_regression(halflife):
    found = Hedged(EqualWeight(), (0, 1), 0.0, on_contracts((0, 1), halflife))(OUTLOOK, CASH)
    ages = np.ones(400) if halflife is None else 0.5 ** (np.arange(400)[::-1] / halflife)
    fit = sm.WLS(RETURNS[:, 2:].mean(axis=1), sm.add_constant(RETURNS[:, :2]), ages).fit()
    assert found.hedge[:2] == pytest.approx(-fit.params[1:], rel=1e-9)
    left = np.average(RETURNS @ found.weights, weights=ages)
    residual = RETURNS @ found.weights - left
    assert np.average(residual[:, None] * RETURNS[:, :2], weights=ages, axis=0) == pytest.approx([0, 0], abs=1e-12)


def test_stated_loadings_do_not_move_with_the_past():
    betas = [1, 1.2, 1.5, 0.9, 0.6]
    for rows in (100, 400):
        found = Hedged(EqualWeight(), (0,), 0.0, stated(betas))(Outlook(Past(RETURNS[:rows])), CASH)
        assert found.hedge[0] == pytest.approx(-1.0, abs=1e-12)


class TestApart:
    """An overlay book: what the book's own limits could not hold of the hedge contracts."""

    def policy(self, aim="target"):
        return Hedged(EqualWeight(), (0,), 0.0, stated([1, 1, 1.5, 0.9, 0.6]), apart=True, band=0.05, aim=aim)

    def test_inside_its_band_the_hedge_stays(self):
        found = self.policy()(OUTLOOK, Holding([-0.96, 0, 0.3, 0.3, 0.3], limits=LIMITS))
        assert found.hedge.tolist() == [-0.96, 0, 0, 0, 0]

    @pytest.mark.parametrize(("aim", "goal"), [("target", -1.0), ("edge", -0.95)])
    def test_outside_it_goes_where_it_aims(self, aim, goal):
        found = self.policy(aim)(OUTLOOK, Holding([-0.9, 0, 0.3, 0.3, 0.3], limits=LIMITS))
        assert found.hedge[0] == pytest.approx(goal, abs=1e-12)

    def test_in_the_book_it_is_made_anew(self):
        found = Hedged(EqualWeight(), (0,), 0.0, stated([1, 1, 1.5, 0.9, 0.6]))(
            OUTLOOK, Holding([-0.96, 0, 0.3, 0.3, 0.3], limits=LIMITS)
        )
        assert found.hedge[0] == pytest.approx(-1.0, abs=1e-12)


def test_both_together_fit_the_margin():
    limits = LIMITS.changed(initial_margin_rates=0.4, margin_buffer=0.5)
    found = Hedged(EqualWeight(), (0,), 0.0, stated([1, 1, 1.5, 0.9, 0.6]))(
        OUTLOOK, Holding(np.zeros(5), limits=limits)
    )
    assert np.abs(found.weights).sum() * 0.4 == pytest.approx(0.5)
    assert found.weights @ [1, 1, 1.5, 0.9, 0.6] == pytest.approx(0, abs=1e-12)


def test_a_ceiling_scales_book_and_hedge_together():
    plain = Hedged(EqualWeight(), (0,))(OUTLOOK, CASH)
    held = VolatilityCeiling(Hedged(EqualWeight(), (0,)), 0.05)(OUTLOOK, CASH)
    assert held.weights == pytest.approx(held.scale * plain.weights)
    assert held.scale < 1


def test_a_steady_volatility_makes_both_larger_up_to_the_limits_of_the_book():
    hedged = Hedged(EqualWeight(), (0,), 0.0, stated([1, 1, 1.5, 0.9, 0.6]))
    free = SteadyVolatility(hedged, 0.4)(OUTLOOK, CASH)
    assert free.scale > 1
    assert np.sqrt(free.weights @ OUTLOOK.covariance @ free.weights) == pytest.approx(0.4, rel=1e-9)
    assert free.hedge[0] == pytest.approx(-free.scale)
    capped = SteadyVolatility(hedged, 5.0)(OUTLOOK, CASH)
    assert capped.weights[2:] == pytest.approx([1, 1, 1], rel=1e-9)
    assert capped.hedge[0] == pytest.approx(-3.0, rel=1e-9)


def test_a_hedge_keeps_its_place_where_others_are_left_out():
    known = np.array([0, 1, 1, 1, 1], dtype=bool)
    some = Outlook(Past(RETURNS[:, 1:], RETURNS[:, 0]))
    found = Hedged(EqualWeight(), (0, 1))(some, Holding(np.zeros(4), limits=LIMITS.select(known), among=known))
    assert found.hedge[1:].tolist() == [0, 0, 0]
    assert found.weights @ some.betas == pytest.approx(0, abs=1e-12)
    with pytest.raises(MissingDataError, match="no contract to hedge with"):
        Hedged(EqualWeight(), (0,))(some, Holding(np.zeros(4), limits=LIMITS.select(known), among=known))


def test_a_hedge_that_cannot_be_traded_is_none():
    holding = Holding(np.zeros(5), limits=LIMITS, untraded=np.array([1, 0, 0, 0, 0], dtype=bool))
    assert Hedged(EqualWeight(), (0, 1))(OUTLOOK, holding).hedge[0] == 0


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"hedges": ()}, "hedges is empty"),
        ({"hedges": (9,)}, "hedges is 9"),
        ({"band": -1}, "hedge_band"),
        ({"aim": "up"}, "band_aim"),
        ({"targets": [0.1, 0.2]}, "targets has 2 values"),
        ({"loadings": stated([1.0, 2.0])}, "loadings has 2 columns"),
    ],
)
def test_bad_input(wrong, reason):
    with pytest.raises(ArgumentError, match=reason):
        Hedged(EqualWeight(), **{"hedges": (0,), **wrong})(OUTLOOK, CASH)
