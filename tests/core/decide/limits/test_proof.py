from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import feasible_set, violation
from core.decide.limits.proof import Proof, least_mix, portfolio_or_proof

MU = np.array([0.1, 0.2, 0.3, 0.4])


def test_a_portfolio_that_keeps_all_limits_is_shown() -> None:
    limits = Limits(min_weight=-0.5, gross_max=1.6, betas=[0.5, 1, 1.5, 2], target_beta=1.9, max_turnover=1.7)
    allowed = feasible_set(limits, 4, MU)
    weights = portfolio_or_proof(allowed)
    assert isinstance(weights, np.ndarray)
    assert violation(allowed, weights) <= 1e-8


def test_a_proof_names_the_limits_and_the_bounds_it_needs() -> None:
    found = portfolio_or_proof(feasible_set(Limits(max_weight=0.2, gross_max=3), 4))
    assert isinstance(found, Proof)
    assert found.names == ("net",)
    assert found.violation == pytest.approx(0.2)
    assert found.at_upper.all()
    assert not found.at_lower.any()


def test_no_limits_across_contracts_leave_every_portfolio() -> None:
    assert isinstance(portfolio_or_proof(feasible_set(Limits(net=None), 4)), np.ndarray)


@given(st.integers(0, 10**6))
def test_a_proof_is_below_every_portfolio(seed: int) -> None:
    rng = np.random.default_rng(seed)
    current = rng.uniform(-0.3, 0.3, 4)
    limits = Limits(
        net=rng.choice([None, 0.5, 1.0]),
        min_weight=-0.5,
        max_weight=0.5,
        gross_max=rng.uniform(0.1, 1.5),
        current_weights=current,
        max_turnover=rng.uniform(0.1, 1),
        target_return=rng.uniform(0, 0.6),
        turnover_cost=0.01,
    )
    found = portfolio_or_proof(feasible_set(limits, 4, MU))
    if isinstance(found, Proof):
        for weights in rng.uniform(-0.5, 0.5, (50, 4)):
            assert violation(feasible_set(limits, 4, MU), weights) > 0
        assert least_mix(feasible_set(limits, 4, MU), found) == pytest.approx(found.violation)
    else:
        assert violation(feasible_set(limits, 4, MU), found) <= 1e-8
