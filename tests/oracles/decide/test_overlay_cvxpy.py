"""The overlay against cvxpy with Clarabel: the portfolio nearest to the full tilt, limits and cap in its own words."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.overlay import overlay

PRECISE = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}


@pytest.mark.parametrize("seed", range(40))
def test_the_answer_is_the_projection(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, cap = int(rng.integers(2, 16)), float(rng.uniform(0.05, 0.6))
    shorts, free_net, turnover = seed % 2 == 1, seed % 3 == 0, (0.7 if seed % 5 == 0 else 1.2) * cap
    baseline = rng.dirichlet(np.ones(n)) * (np.where(rng.random(n) < 0.4, -1, 1) if shorts else 1)
    scores, betas = rng.normal(size=n), rng.normal(1.0, 0.3, n)
    gross = float(np.abs(baseline).sum())
    low, high, steps = -0.6 if shorts else 0.0, float(np.abs(baseline).max()) * 1.1, rng.uniform(0.05, 0.3, n)
    limits = Limits(
        net=None if free_net else float(baseline.sum()),
        min_weight=np.minimum(low, baseline),
        max_weight=high,
        gross_max=1.05 * gross,
        betas=betas,
        target_beta=float(baseline @ betas),
        beta_tolerance=0.05,
        max_step=steps,
        current_weights=baseline,
        max_turnover=turnover * gross,
    )
    tilted = overlay(baseline, scores, cap, limits)

    z = (scores - scores.mean()) / scores.std()
    wanted = baseline + cap * gross * z / np.abs(z).sum()
    w = cp.Variable(n)
    shift = w - baseline
    rules = [
        w >= np.minimum(low, baseline),
        w <= high,
        cp.norm1(w) <= 1.05 * gross,
        cp.abs(betas @ shift) <= 0.05,
        cp.abs(shift) <= steps,
        cp.norm1(shift) <= turnover * gross,
        cp.norm1(shift) <= cap * gross,
    ]
    if not free_net:
        rules.append(cp.sum(shift) == 0)
    distance = cp.sum_squares(w - wanted)
    cp.Problem(cp.Minimize(distance), rules).solve(solver=cp.CLARABEL, **PRECISE)
    # Where the full tilt lies on the cap, the cap's multiplier is 0 and an interior point stops the root of its
    # tolerance short of it; so the answer must keep every rule and be as near, which pins it down.
    theirs, distance_of_theirs = w.value, distance.value
    w.value = tilted.weights
    assert max(float(np.max(rule.violation())) for rule in rules) <= 1e-10
    assert distance.value <= distance_of_theirs + 1e-11
    assert tilted.weights == pytest.approx(theirs, abs=1e-6)
