"""The overlay beside a re-solve in cvxpy, and what one rebalance of each policy takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from core.choices import POLICIES
from core.decide.limits.declared import Limits
from core.decide.policy.models import MeanVariance
from core.decide.policy.named import policy_named
from core.decide.policy.outlook import Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding, Policy
from core.decide.portfolio.overlay import overlay

Row = tuple[str, float, list[tuple[str, float]], float | None, str]
"""Work, our seconds, the peers' seconds, the floor in seconds where there is one, and the bar."""

HOURS, CONTRACTS, CAP = 720, 20, 0.2


def policy_rows() -> list[Row]:
    """The overlay of twenty contracts, and a rebalance of each policy with its estimates from a month of hours."""
    rng = np.random.default_rng(1)
    market = rng.normal(1e-4, 0.006, HOURS)
    returns = np.outer(market, rng.uniform(0.6, 1.6, CONTRACTS)) + rng.normal(0, 0.004, (HOURS, CONTRACTS))
    past = Past(
        returns,
        market,
        funding=rng.normal(0.05, 0.02, CONTRACTS),
        implied_vols=rng.uniform(0.4, 0.8, CONTRACTS),
        periods_per_year=8760.0,
        market_return=0.3,
    )
    holding = Holding(np.zeros(CONTRACTS), 1e6, Limits(max_weight=0.2, gross_max=3.0))
    rebalances: list[Row] = [
        (f"rebalance, {name}, n = {CONTRACTS}", _rebalance(policy_named(name), past, holding), [], None, "")
        for name in POLICIES
    ]
    return [_overlay(past, holding), *rebalances]


def _rebalance(policy: Policy, past: Past, holding: Holding) -> float:
    """Seconds of one rebalance, its estimates made anew."""
    return _median(lambda: policy(Outlook(past), holding))


def _overlay(past: Past, holding: Holding) -> Row:
    """Peers state the same projection once, with the tilt as a parameter, and solve it again for each."""
    import cvxpy as cp

    outlook = Outlook(past)
    baseline, score = MeanVariance()(outlook, holding).weights, outlook.scores
    ours = overlay(baseline, score, CAP, holding.limits)
    wanted, w = cp.Parameter(CONTRACTS), cp.Variable(CONTRACTS)
    problem = cp.Problem(
        cp.Minimize(cp.sum_squares(w - wanted)),
        [cp.sum(w) == 1, w >= 0, w <= 0.2, cp.norm1(w) <= 3, cp.norm1(w - baseline) <= CAP],
    )
    wanted.value = baseline + ours.scale * ours.scores
    problem.solve(solver=cp.CLARABEL)
    assert np.abs(w.value - ours.weights).max() < 1e-6
    peers = [("cvxpy re-solve, Clarabel", _median(lambda: problem.solve(solver=cp.CLARABEL), turns=20))]
    return f"overlay, n = {CONTRACTS}", _median(lambda: overlay(baseline, score, CAP, holding.limits)), peers, None, ""


def _median(work: Callable[[], object], turns: int = 100) -> float:
    work()
    taken = []
    for _ in range(turns):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
