from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from core.decide.limits.conflict import attainable_returns, conflicting_limits, explained
from core.decide.limits.declared import Factor, Group, Limits
from core.decide.limits.feasible_set import BOX_LIMITS, feasible_set
from core.decide.limits.remedy import remedy
from core.decide.portfolio.optimize import optimize

MU = np.array([0.0, 0.02, 0.04, 0.06, 0.08, 0.10])
N = MU.size
BETAS = np.linspace(0.5, 1.5, N)


def message(limits: Limits) -> str:
    error = explained(limits, N, MU)
    assert error is not None
    return str(error)


def test_limits_that_can_hold_are_not_explained() -> None:
    assert explained(Limits(), N, MU) is None
    assert conflicting_limits(Limits(), N, MU) == ()


def test_the_message_names_the_limits_with_their_numbers_and_a_value_that_would_do() -> None:
    assert message(Limits(max_weight=0.1)) == (
        "max_weight 0.1 x 6 contracts = 0.6 cannot reach net 1; max_weight 0.1667 would do"
    )


@pytest.mark.parametrize(
    ("limits", "conflict", "words"),
    [
        (Limits(min_weight=0.3), {"min_weight", "net"}, "min_weight 0.3 x 6 contracts = 1.8 is above net 1"),
        (Limits(net=None, min_weight=0.5, max_weight=0.3), {"min_weight", "max_weight"}, "is above max_weight 0.3"),
        (Limits(gross_max=0.5), {"gross_max", "net"}, "gross_max 0.5 and net 1"),
        (Limits(net_min=2, net_max=1), {"net"}, "the least net allowed, 2, is above the most, 1"),
        (Limits(max_step=0.1), {"max_step", "net"}, "max_step 0.1 and net 1"),
        (Limits(max_turnover=0.3), {"max_turnover", "net"}, "max_turnover 0.3 and net 1"),
        (Limits(margin_buffer=0.97, initial_margin_rates=0.05), {"margin_buffer", "net"}, "margin_buffer 0.97"),
        (Limits(betas=BETAS, target_beta=2), {"target_beta", "min_weight", "net"}, "betas 0.5 to 1.5"),
        (
            Limits(groups=(Group("group_2", np.ones(N), 0.4),)),
            {"group_2_max", "net"},
            "group_2_max 0.4 and net 1",
        ),
        (Limits(max_weight=[0.1, 0.1, 0.1, 0.1, 0.1, 0.2]), {"max_weight", "net"}, "over 6 contracts = 0.7"),
        (
            Limits(maintenance_rates=0.4, maintenance_max=0.3),
            {"maintenance_max", "net"},
            "maintenance_max 0.3 and net 1",
        ),
        (
            Limits(funding_rates=0.5, funding_buffer_days=900),
            {"funding_buffer_days", "net"},
            "funding_buffer_days 900 and net 1",
        ),
        (
            Limits(initial_margin_rates=0.9, margin_buffer=0.05, funding_rates=0.5, funding_buffer_days=73),
            {"funding_buffer_days", "net"},
            "funding_buffer_days 73",
        ),
        (
            Limits(initial_margin_rates=0.9, margin_buffer=0.2, funding_rates=0.5, funding_buffer_days=73),
            {"margin_buffer", "net"},
            "margin_buffer 0.2 and net 1",
        ),
        (
            Limits(daily_volumes=np.arange(1.0, 7), max_volume_share=0.02),
            {"max_volume_share", "net"},
            "max_volume_share 0.02 and net 1",
        ),
        (
            Limits(factors=(Factor("factor_2", BETAS, target=2.0),)),
            {"factor_2_target", "min_weight", "net"},
            "factor_2_target 2",
        ),
        (
            Limits(groups=(Group("group_1", np.array([1.0, 1, 0, 0, 0, 0]), minimum=0.7),), max_weight=0.3),
            {"group_1_min", "max_weight"},
            "group_1_min 0.7",
        ),
    ],
)
def test_the_conflict_is_the_smallest_set(limits: Limits, conflict: set[str], words: str) -> None:
    assert set(conflicting_limits(limits, N, MU)) == conflict
    assert words in message(limits)


def test_limits_that_have_no_part_in_the_conflict_are_not_named() -> None:
    crowded = Limits(max_weight=0.1, gross_max=3, betas=BETAS, target_beta=1, max_turnover=2, target_return=0.0)
    assert set(conflicting_limits(crowded, N, MU)) == {"max_weight", "net"}


def test_a_target_return_out_of_reach_names_the_range() -> None:
    assert "target_return 0.5 is outside the attainable range 0 to 0.1 under" in message(Limits(target_return=0.5))
    assert attainable_returns(Limits(max_weight=0.5, risk_free=0.03), N, MU - 0.03) == pytest.approx((0.01, 0.09))


def test_the_attainable_range_is_net_of_cost() -> None:
    poorest, richest = attainable_returns(Limits(turnover_cost=0.01), N, MU)
    assert (poorest, richest) == pytest.approx((-0.01, 0.09))


@pytest.mark.parametrize(
    "stated",
    [
        {"max_weight": 0.1},
        {"min_weight": 0.3},
        {"gross_max": 0.5},
        {"max_step": 0.1},
        {"max_turnover": 0.3},
        {"margin_buffer": 0.97, "initial_margin_rates": 0.07},
        {"betas": BETAS, "target_beta": 2},
        {"betas": BETAS, "target_beta": 0.1, "beta_tolerance": 0.05},
        {"betas": BETAS, "target_beta": 1.45, "max_weight": 0.3},
        {"target_return": 0.5, "max_weight": 0.3},
        {"target_return": 0.3, "min_weight": -0.5, "gross_max": 1.7},
        {"max_weight": 1 / 7},
        {"betas": np.linspace(0.98765, 0.98766, N), "target_beta": 2},
        {"net_min": 2, "max_weight": 0.2},
        {"maintenance_rates": 0.4, "maintenance_max": 0.3},
        {"funding_rates": 0.5, "funding_buffer_days": 900},
        {"funding_rates": BETAS, "funding_buffer_days": 900, "initial_margin_rates": 0.1, "margin_buffer": 0.2},
        {"initial_margin_rates": 0.9, "margin_buffer": 0.2, "funding_rates": 0.25, "funding_buffer_days": 73},
        {"daily_volumes": np.arange(1.0, 7), "max_volume_share": 0.02},
        {"net": 0, "min_weight": -1, "gross_max": 0.5, "betas": BETAS, "target_beta": 1},
    ],
)
def test_the_value_that_would_do_does(stated: dict) -> None:
    remedy = re.search(r"; (\w+) (-?[\d.]+) would do$", message(Limits(**stated)))
    assert remedy is not None
    mended = Limits(**{**stated, remedy[1]: float(remedy[2])})
    assert explained(mended, N, MU) is None
    optimize(MU, np.eye(N), "min_variance", mended)


@pytest.mark.parametrize(
    ("stated", "name", "nearest"),
    [
        ({"maintenance_rates": 0.4, "maintenance_max": 0.3}, "maintenance_max", 0.4),
        ({"funding_rates": 0.5, "funding_buffer_days": 900}, "funding_buffer_days", 730),
        ({"daily_volumes": np.arange(1.0, 7), "max_volume_share": 0.02}, "max_volume_share", 1 / 21),
        ({"initial_margin_rates": 0.9, "margin_buffer": 0.2}, "margin_buffer", 0.1),
        ({"max_weight": 0.3, "betas": BETAS, "target_beta": 1.4}, "target_beta", 1.26),
        ({"net_min": 2, "net_max": 3, "max_weight": 0.2, "min_weight": 0.1}, "max_weight", 1 / 3),
    ],
)
def test_the_value_that_would_do_is_the_nearest(stated: dict, name: str, nearest: float) -> None:
    found = remedy(name, Limits(**stated), N, MU)
    assert found.startswith(name + " ")
    assert float(found.split()[1]) == pytest.approx(nearest, rel=1e-3)


def test_factors_and_groups_are_moved_by_name() -> None:
    limits = Limits(
        groups=(Group("group_1", np.ones(N), maximum=0.5),),
        factors=(Factor("factor_3", BETAS, minimum=0.2),),
    )
    assert message(limits) == "group_1_max 0.5 and net 1 cannot hold together; group_1_max 1 would do"


@given(st.integers(0, 10**6))
def test_the_conflict_is_irreducible(seed: int) -> None:
    limits, contracts, premium = random_limits(seed)
    conflict = conflicting_limits(limits, contracts, premium)
    names = {name for name in feasible_set(limits, contracts, premium).names if name} | set(BOX_LIMITS)
    assert bool(conflict) != holds(limits, contracts, premium, [])
    if conflict:
        others = sorted(names - set(conflict))
        assert not holds(limits, contracts, premium, others)
        assert all(holds(limits, contracts, premium, [*others, name]) for name in conflict)


def holds(limits: Limits, contracts: int, premium: np.ndarray, without: list[str]) -> bool:
    """Whether limits can hold, by the linear program of another solver."""
    allowed = feasible_set(limits, contracts, premium, without=without)
    if (allowed.lower > allowed.upper).any() or (allowed.row_lower > allowed.row_upper).any():
        return False
    found = milp(
        np.zeros(allowed.lower.size),
        constraints=LinearConstraint(allowed.rows, allowed.row_lower, allowed.row_upper),
        bounds=Bounds(allowed.lower, allowed.upper),
    )
    assert found.status in (0, 2)
    return bool(found.status == 0)


def random_limits(seed: int) -> tuple[Limits, int, np.ndarray]:
    """Limits of many kinds that mostly conflict."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    stated: dict = {"min_weight": rng.choice([-0.5, 0.0, 0.1]), "max_weight": rng.uniform(0.1, 1.0, n)}
    some = {
        "gross_max": rng.uniform(0.3, 2),
        "net": rng.choice([0.0, 0.5, 1.0, 2.0]),
        "current_weights": rng.dirichlet(np.ones(n)),
        "max_step": rng.uniform(0.01, 0.5),
        "max_turnover": rng.uniform(0.05, 1),
        "target_return": rng.uniform(-0.1, 0.4),
        "turnover_cost": 0.01,
        "groups": (Group("group_1", np.ones(n), minimum=0.6),),
        "factors": (Factor("factor_1", rng.normal(size=n), target=0.3),),
    }
    stated |= {name: value for name, value in some.items() if rng.random() < 0.4}
    pairs = [
        {"betas": rng.normal(1, 0.4, n), "target_beta": rng.choice([0.0, 0.5, 1.5])},
        {"initial_margin_rates": 0.3, "margin_buffer": rng.uniform(0, 0.9)},
        {"maintenance_rates": 0.2, "maintenance_max": rng.uniform(0.05, 0.4)},
        {"funding_rates": rng.normal(0.1, 0.3, n), "funding_buffer_days": 300},
        {"daily_volumes": rng.uniform(0.5, 5, n), "max_volume_share": rng.uniform(0.05, 0.4)},
    ]
    for pair in pairs:
        stated |= pair if rng.random() < 0.3 else {}
    return Limits(**stated), n, rng.normal(0.1, 0.2, n)


def test_uneven_caps_are_raised_together() -> None:
    uneven = Limits(max_weight=[0.1, 0.1, 0.1, 0.1, 0.1, 0.2])
    assert message(uneven).endswith("max_weight raised by 0.05 for each contract would do")


def test_two_conflicts_at_once_say_that_one_change_is_not_enough() -> None:
    both = Limits(
        max_weight=0.1, groups=(Group("group_1", np.array([1.0, 0, 0, 0, 0, 0]), -0.5),), net=1, gross_max=0.2
    )
    assert message(both).endswith("other limits conflict as well, so widen more than one")
