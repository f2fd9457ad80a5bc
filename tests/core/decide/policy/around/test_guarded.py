from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.policy.around.guarded import Guarded
from core.decide.policy.learned.judgement import Judgement, judge
from core.decide.policy.models import EqualWeight, MeanVariance
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Excess, Holding, Policy, Target
from core.decide.portfolio.nearest import limits_broken
from core.errors import ArgumentError, SolveError

rng = np.random.default_rng(5)
OUTLOOK = Outlook(Past(rng.normal(0.002, [0.02, 0.03, 0.05], (300, 3)), market_return=0.5))
CASH = Holding(np.zeros(3))
GOOD = judge(0.002 + rng.normal(0.0, 0.005, 200))
POOR = judge(rng.normal(-0.001, 0.005, 200))


@dataclass(frozen=True)
class Wants:
    """A learner that wants the same whatever happens."""

    weights: tuple[float, ...]
    name: str = "the learner"

    def __call__(self, outlook: Outlook, holding: Holding, base: Target) -> Array:
        return np.array(self.weights)


@dataclass(frozen=True)
class Refuses:
    name: str = "the learner"

    def __call__(self, outlook: Outlook, holding: Holding, base: Target) -> Array:
        raise SolveError("nothing was learned of this")


def guarded(*weights: float, judgement: Judgement = GOOD, cap: float = 0.2, base: Policy | None = None) -> Guarded:
    return Guarded(Wants(weights), base or EqualWeight(), judgement, cap)


def test_a_small_tilt_is_held_as_it_is() -> None:
    target = guarded(0.4, 0.3, 0.3)(OUTLOOK, CASH)
    assert target.weights == pytest.approx([0.4, 0.3, 0.3])
    assert (target.model, target.reasons) == ("the learner", ())
    assert target.baseline.tolist() == [1 / 3] * 3


def test_a_large_one_is_held_as_far_as_the_cap_goes_one_way() -> None:
    target = guarded(1.0, 0.0, 0.0)(OUTLOOK, CASH)
    assert target.weights == pytest.approx([1 / 3 + 0.2, 1 / 3 - 0.1, 1 / 3 - 0.1])


def test_limits_go_before_the_tilt() -> None:
    limits = Limits(net=1.0, max_weight=[0.4, 1.0, 1.0])
    target = guarded(1.0, 0.0, 0.0)(OUTLOOK, Holding(np.zeros(3), limits=limits))
    assert target.weights == pytest.approx([0.4, 0.3, 0.3])


@settings(max_examples=60, deadline=None)
@given(
    wanted=st.lists(st.floats(-2, 2), min_size=3, max_size=3),
    most=st.lists(st.floats(0.34, 1), min_size=3, max_size=3),
    cap=st.floats(0, 1),
)
def test_the_book_keeps_cap_and_limits_whatever_is_wanted(wanted: list[float], most: list[float], cap: float) -> None:
    limits = Limits(net_min=0.5, net_max=1.2, gross_max=1.2, max_weight=most, max_turnover=1.5)
    target = guarded(*wanted, cap=cap)(OUTLOOK, Holding(np.zeros(3), limits=limits))
    shift = target.weights - target.baseline
    gross = np.abs(target.baseline).sum()
    rounding = 8 * np.finfo(float).eps  # of the weights, of which the shift is a difference
    assert max(np.maximum(shift, 0).sum(), np.maximum(-shift, 0).sum()) <= cap * gross * (1 + 1e-9) + rounding
    assert limits_broken(limits, target.weights) == ()


def test_a_contract_that_is_not_traded_stays() -> None:
    holding = Holding(np.array([1 / 3, 0.0, 0.0]), untraded=np.array([True, False, False]))
    assert guarded(0.1, 0.5, 0.4)(OUTLOOK, holding).weights[0] == pytest.approx(1 / 3)


def test_the_base_answers_where_the_judgement_is_against_the_model_and_says_so() -> None:
    target = guarded(0.4, 0.3, 0.3, judgement=POOR)(OUTLOOK, CASH)
    assert target.weights.tolist() == [1 / 3] * 3
    assert target.model == "equal weight"
    (who, why), *rest = target.reasons
    assert (who, rest, target.paper) == ("the learner", [], None)
    assert why.startswith("its guard keeps the base: on 200 days that it had not learned from its excess")


def test_the_base_answers_where_the_model_cannot() -> None:
    target = Guarded(Refuses(), EqualWeight(), GOOD)(OUTLOOK, CASH)
    assert target.reasons == (("the learner", "nothing was learned of this"),)
    assert target.weights.tolist() == [1 / 3] * 3


def test_limits_in_conflict_are_the_bases_to_tell() -> None:
    limits = Limits(net=1.0, max_weight=0.1)
    with pytest.raises(SolveError, match="max_weight"):
        guarded(0.4, 0.3, 0.3)(OUTLOOK, Holding(np.zeros(3), limits=limits))


@pytest.mark.parametrize(
    ("excess", "why"),
    [
        (Excess(-0.021, 0.1), "its kill switch acts: -2.10% against the base in 90 days, below -2.00%"),
        (Excess(0.05, -0.03), "its kill switch acts: what was followed of it lost 3.00% in 365 days, above 1.00%"),
    ],
)
def test_the_kill_switch_hands_over_to_the_base_and_the_paper_account_goes_on(excess: Excess, why: str) -> None:
    target = guarded(0.4, 0.3, 0.3)(OUTLOOK, replace(CASH, excess=excess))
    assert target.weights.tolist() == [1 / 3] * 3
    assert target.reasons == (("the learner", why),)
    assert target.paper is not None
    assert (target.paper.followed, target.paper.learned.round(9).tolist()) == (False, [0.4, 0.3, 0.3])


def test_a_loss_within_the_share_of_the_cap_changes_nothing() -> None:
    target = guarded(0.4, 0.3, 0.3)(OUTLOOK, replace(CASH, excess=Excess(-0.0199, -0.0099)))
    assert target.model == "the learner"
    assert target.paper is not None
    assert target.paper.followed


def test_a_smaller_cap_allows_a_smaller_loss() -> None:
    assert guarded(0.4, 0.3, 0.3, cap=0.1)(OUTLOOK, replace(CASH, excess=Excess(-0.015, 0.0))).reasons


def test_a_base_that_waits_is_left_waiting() -> None:
    @dataclass(frozen=True)
    class Waits:
        name: str = "the base"

        def __call__(self, outlook: Outlook, holding: Holding) -> Target:
            return Target(holding.held, self.name, holding.held, waits="not yet")

    assert guarded(0.4, 0.3, 0.3, base=Waits())(OUTLOOK, CASH).waits == "not yet"


def test_a_cap_beyond_the_gross_is_refused() -> None:
    with pytest.raises(ArgumentError, match="cap is"):
        guarded(0.4, 0.3, 0.3, cap=1.5)(OUTLOOK, CASH)


def test_a_tilt_of_an_optimum_costs_its_certificate_nothing() -> None:
    base = MeanVariance("min_variance")
    target = guarded(0.5, 0.3, 0.2, base=base)(OUTLOOK, CASH)
    assert target.baseline == pytest.approx(base(OUTLOOK, CASH).weights)
    assert target.certificate is not None
    assert target.certificate.worst < 1e-9
