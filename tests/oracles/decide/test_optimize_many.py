"""Two thousand random and degenerate problems against piqp, which is given each problem in a statement of our own here.

A feasible portfolio can be no better than the optimum, so two checks are enough: ours keeps every limit (looked at
here, without the optimiser's own words), and piqp finds nothing better, to 1e-9 of the size of the objective's terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import piqp
import pytest

from core.decide.limits.declared import Group, Limits
from core.decide.portfolio.optimize import Optimum, optimize
from core.errors import UndefinedError

SEEDS = (1576, *range(2000, 3999))
LARGEST = 200
MANY_SMALL, MORE_LARGE = 3.0, 2.2
"""n = 200 ** (u ** exponent) with u uniform: half of all problems below n = 2, or below n = 3 in every fourth."""

ACCURACY = 1e-9
SMALL_POSITION = 0.03
OBJECTIVES = ("min_variance", "utility", "target_return", "max_sharpe")


def factor_model(rng: np.random.Generator, n: int) -> np.ndarray:
    returns = 0.02 * rng.normal(size=(3 * n + 5, n)) + 0.03 * rng.normal(size=(3 * n + 5, 1))
    return np.cov(returns.T).reshape(n, n) * 365


def hourly(rng: np.random.Generator, n: int) -> np.ndarray:
    covariance = factor_model(rng, n)
    return covariance * (4e-10 / covariance.diagonal().mean())


def tied(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.full((n, n), 0.2) + 0.3 * np.eye(n)


def singular(rng: np.random.Generator, n: int) -> np.ndarray:
    returns = 0.3 * rng.normal(size=(max(n // 2, 1), n))
    return returns.T @ returns / len(returns)


def duplicates(rng: np.random.Generator, n: int) -> np.ndarray:
    same = rng.integers(0, (n + 1) // 2, n)
    return factor_model(rng, n)[np.ix_(same, same)]


def with_stablecoin(rng: np.random.Generator, n: int) -> np.ndarray:
    covariance = factor_model(rng, n)
    covariance[0] = covariance[:, 0] = 0.0
    return covariance


def unrelated(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.diag(10.0 ** rng.uniform(-3, 1, n))


KINDS: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    *(factor_model, hourly, tied, singular, duplicates, with_stablecoin, unrelated),
)


@dataclass(frozen=True)
class Problem:
    """Limits |sums| as lists: (factors, anchors, most) of absolute sums, (loadings, least, most) of plain ones."""

    mu: np.ndarray
    covariance: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    plain: list[tuple[np.ndarray, float, float]]
    absolute: list[tuple[np.ndarray, np.ndarray, float]]
    current: np.ndarray
    cost: np.ndarray
    limits: Limits

    def excess(self, w: np.ndarray) -> float:
        return float(self.mu @ w - self.cost @ np.abs(w - self.current))


def feasible_weights(rng: np.random.Generator, lower: np.ndarray, upper: np.ndarray, shorts: bool) -> np.ndarray:
    """Any portfolio within the bounds; one without shorts is fully invested."""
    if shorts:
        return rng.uniform(lower, upper)
    w = np.minimum(upper, rng.dirichlet(np.ones(upper.size)))
    room = upper - w
    return w + room * ((1 - w.sum()) / room.sum() if room.sum() > 0 else 0.0)


def problem(seed: int) -> tuple[Problem, str, float]:
    rng = np.random.default_rng(seed)
    n = round(LARGEST ** (rng.random() ** (MORE_LARGE if seed % 4 == 0 else MANY_SMALL)))
    covariance = KINDS[int(rng.integers(len(KINDS)))](rng, n)
    scale = float(covariance.diagonal().mean())
    mu = rng.choice([np.round(rng.normal(0.3, 0.5, n), 1), rng.normal(0.3, 0.5, n), np.full(n, 0.2)]) * scale
    shorts = bool(rng.random() < 0.5)
    cap = float(rng.choice([1 / n, min(2 / n, 1.0), rng.uniform(min(1.5 / n, 1.0), 1.0)]))
    upper = np.full(n, cap)
    lower = -upper * rng.choice([0.5, 1.0]) if shorts else np.zeros(n)
    held = feasible_weights(rng, lower, upper, shorts)
    current = held + rng.normal(size=n) * 0.1 / n if rng.random() < 0.5 else np.zeros(n)

    stated: dict[str, object] = {"min_weight": lower, "max_weight": upper, "current_weights": current}
    plain: list[tuple[np.ndarray, float, float]] = []
    absolute: list[tuple[np.ndarray, np.ndarray, float]] = []
    zero = np.zeros(n)
    net = float(held.sum()) if shorts else 1.0
    if shorts and rng.random() < 0.5:
        stated["net"] = None
    else:
        stated["net"] = net
        plain.append((np.ones(n), net, net))
    if rng.random() < 0.4:
        most = float(np.abs(held).sum() * rng.choice([1.0, 1.3]))
        stated["gross_max"] = most
        absolute.append((np.ones(n), zero, most))
    if rng.random() < 0.3:
        rates = rng.choice([0.02, 0.05, 0.1], n)
        rates = rates / max(1.0, 1.1 * float(rates @ np.abs(held)))
        buffer = float(max(1 - rates @ np.abs(held) * 1.1, 0.0))
        stated |= {"initial_margin_rates": rates, "margin_buffer": buffer}
        absolute.append((rates, zero, 1 - buffer))
    if rng.random() < 0.3:
        most = float(np.abs(held - current).sum() * 1.1)
        stated["max_turnover"] = most
        absolute.append((np.ones(n), current, most))
    if rng.random() < 0.4:
        betas, band = rng.normal(1, 0.4, n), float(rng.choice([0.0, 0.1]))
        stated |= {"betas": betas, "target_beta": float(betas @ held), "beta_tolerance": band}
        plain.append((betas, float(betas @ held) - band, float(betas @ held) + band))
    if rng.random() < 0.2:
        members = (rng.random(n) < 0.4).astype(float)
        members[0] = 1.0
        most = float(members @ held)
        stated["groups"] = (Group("group_1", members, most),)
        plain.append((members, -np.inf, most))
    if rng.random() < 0.5:
        stated["turnover_cost"] = rng.uniform(0, 0.02, n) * scale
    cost = np.asarray(stated.get("turnover_cost", np.zeros(n)))
    stated["risk_aversion"] = float(rng.choice([0.5, 2.0, 10.0]))

    objective = str(rng.choice(OBJECTIVES))
    case = Problem(mu, covariance, lower, upper, plain, absolute, current, cost, Limits(**stated))
    target = 0.0
    if objective == "target_return":
        low, high = sorted((case.excess(by_piqp(case, "most", 0.0)), case.excess(held)))
        target = float(rng.choice([low, low + 0.6 * (high - low), high - 1e-9 * abs(high - low)]))
        case = replace(case, limits=Limits(**stated, target_return=target))
    return case, objective, target


def by_piqp(case: Problem, objective: str, target: float) -> np.ndarray:
    """Weights by piqp in the variables (y, k, t): w = y / k, and t for each |w - a|; k is fixed at 1 but for Sharpe."""
    n, scale = case.mu.size, float(case.covariance.diagonal().mean()) or 1.0
    anchors = [anchor for _, anchor, _ in case.absolute] + ([case.current] if case.cost.any() else [])
    anchors = list({id(anchor): anchor for anchor in anchors}.values())
    size = n + 1 + n * len(anchors)
    each, k = np.eye(size), n
    rows: list[np.ndarray] = []
    earned = np.append(case.mu, np.zeros(size - n)) / scale
    sums = np.zeros((len(case.absolute), size))
    for j, anchor in enumerate(anchors):  # t >= y - a k and t >= a k - y
        t = each[n + 1 + j * n : n + 1 + (j + 1) * n]
        shifted = each[:n] - np.outer(anchor, each[k])
        rows += [*(shifted - t), *(-shifted - t)]
        earned -= case.cost @ t / scale if anchor is case.current else 0.0
        for place, (factors, measured_from, most) in enumerate(case.absolute):
            if measured_from is anchor:
                sums[place] = factors @ t - most * each[k]
    rows += [*sums, *(each[:n] - np.outer(case.upper, each[k])), *(np.outer(case.lower, each[k]) - each[:n])]
    equations = []
    for loadings, least, most in case.plain:
        padded = np.append(loadings, np.zeros(size - n))
        if least == most:
            equations.append(padded - most * each[k])
            continue
        rows += [padded - most * each[k]] if np.isfinite(most) else []
        rows += [least * each[k] - padded] if np.isfinite(least) else []
    P, q = np.zeros((size, size)), np.zeros(size)
    P[:n, :n] = case.covariance / scale
    values, zeros = [0.0] * len(rows), [0.0] * len(equations)
    if objective == "max_sharpe":
        rows.append(-earned)
        values.append(-1.0)
    else:
        equations.append(each[k])
        zeros.append(1.0)
    if objective == "target_return":
        rows.append(target / scale * each[k] - earned)
        values.append(0.0)
    if objective == "utility":
        P, q = P * case.limits.risk_aversion, -earned
    if objective == "most":
        P, q = np.zeros((size, size)), -earned
    solver = piqp.DenseSolver()
    solver.settings.eps_abs = solver.settings.eps_rel = 1e-11
    solver.settings.max_iter = 200
    solver.setup(P, q, np.array(equations).reshape(-1, size), np.array(zeros), np.array(rows), None, np.array(values))
    solver.solve()
    x = np.asarray(solver.result.x)
    return x[:n] / x[k] if x[k] > 0 else np.full(n, np.nan)


def broken(case: Problem, w: np.ndarray, target: float, objective: str) -> float:
    """By how much `w` breaks the worst limit, relative to the size of the limit's terms where that is above 1."""
    missed = [np.max(case.lower - w), np.max(w - case.upper)]
    missed += [max(least - loadings @ w, loadings @ w - most) for loadings, least, most in case.plain]
    missed += [factors @ np.abs(w - anchor) - most for factors, anchor, most in case.absolute]
    if objective == "target_return":
        missed.append((target - case.excess(w)) / max(float(np.abs(case.mu).max()), float(case.cost.max()), 1e-300))
    return float(max(missed)) / max(1.0, float(np.abs(w).sum()))


def loss(case: Problem, objective: str, w: np.ndarray) -> tuple[float, float]:
    """What `objective` minimises, and the size of its terms; at least that of a small position in a mean contract."""
    variance, terms = w @ case.covariance @ w, np.abs(w) @ np.abs(case.covariance) @ np.abs(w)
    terms = max(terms, SMALL_POSITION**2 * float(case.covariance.diagonal().mean()))
    if objective == "utility":
        half = case.limits.risk_aversion / 2
        paid = np.abs(case.mu) @ np.abs(w) + case.cost @ np.abs(w - case.current)
        return half * variance - case.excess(w), half * terms + paid
    if objective == "max_sharpe":
        return float(variance / case.excess(w) ** 2), float(terms / case.excess(w) ** 2)
    return float(variance), float(terms)


def judged(case: Problem, objective: str, target: float, ours: Optimum) -> None:
    assert ours.certificate.passes(1e-8)
    assert broken(case, ours.weights, target, objective) <= ACCURACY
    peer = by_piqp(case, objective, target)
    if not broken(case, peer, target, objective) <= 1e-11 or (objective == "max_sharpe" and case.excess(peer) <= 0):
        return  # a peer outside the limits is no witness
    value, size = loss(case, objective, ours.weights)
    assert value <= loss(case, objective, peer)[0] + ACCURACY * size


@pytest.mark.parametrize("seed", SEEDS)
def test_no_problem_is_wrong_or_uncertified(seed: int) -> None:
    case, objective, target = problem(seed)
    most = case.excess(by_piqp(case, "most", 0.0)) if objective == "max_sharpe" else np.inf
    if most <= ACCURACY * float(np.abs(case.mu).max()):
        with pytest.raises(UndefinedError, match="no positive premium"):
            optimize(case.mu, case.covariance, objective, case.limits)
        return
    judged(case, objective, target, optimize(case.mu, case.covariance, objective, case.limits))
