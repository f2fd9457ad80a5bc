from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import feasible_set, violation
from core.decide.portfolio import cvar
from core.decide.portfolio.cvar import conditional_value_at_risk
from core.decide.portfolio.cvar_descent import near_least_cvar
from core.decide.portfolio.optimize import optimize

LIMITS = {
    "long only": Limits(),
    "capped": Limits(max_weight=0.15),
    "long and short": Limits(min_weight=-0.3, max_weight=0.5, gross_max=1.6, current_weights=0.05, max_turnover=1.2),
}


def history(seed: int, rows: int, contracts: int) -> np.ndarray:
    """Independent contracts: which rows are the worst is another question for each portfolio."""
    rng = np.random.default_rng(seed)
    return rng.standard_t(4, size=(rows, contracts)) * rng.uniform(0.005, 0.02, contracts)


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("seed", range(3))
def test_it_is_allowed_and_near_the_least(limits: Limits, level: float, seed: int) -> None:
    returns = history(seed, 3000, 8)
    allowed = feasible_set(limits, 8)
    near = near_least_cvar(allowed, returns, level, np.zeros(8), least=10)
    stated = {name: getattr(limits, name) for name in ("min_weight", "max_weight", "gross_max", "max_turnover")}
    asked = Limits(**stated, current_weights=limits.current_weights, cvar_level=level)
    best = optimize(np.zeros(8), np.cov(returns.T), "cvar", asked, returns).weights
    least = conditional_value_at_risk(-returns @ best, level)
    assert violation(allowed, near) <= 1e-9
    assert least - 1e-12 <= conditional_value_at_risk(-returns @ near, level) <= 1.005 * least


def test_too_few_rows_to_choose_from_leave_the_start() -> None:
    returns, start = history(0, 30, 3), np.array([0.2, 0.3, 0.5])
    assert near_least_cvar(feasible_set(Limits(), 3), returns, 0.9, start, least=8) is start


def test_rows_that_lose_alike_have_no_bend() -> None:
    returns = np.repeat([[0.01, -0.02]], 400, axis=0)
    near = near_least_cvar(feasible_set(Limits(), 2), returns, 0.5, np.full(2, 0.5), least=7)
    assert near == pytest.approx([1, 0], abs=1e-12)


def test_a_year_of_independent_hours_takes_a_program_or_two(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    solved = cvar.solve
    monkeypatch.setattr(cvar, "solve", lambda problem: sizes.append(problem.q.size) or solved(problem))
    returns = history(1, 8760, 20)
    found = optimize(np.zeros(20), np.cov(returns.T), "cvar", Limits(max_weight=0.3), returns)
    assert len(sizes) <= 2
    assert max(sizes) <= 100
    assert found.certificate.passes(1e-9)


def test_a_book_that_is_best_in_cash_is_found() -> None:
    returns = np.random.default_rng(27).normal(size=(300, 1)) * 0.0126
    limits = Limits(min_weight=-0.5, max_weight=1.5, net=None, gross_max=2.0, cvar_level=0.9)
    assert optimize([0.0], [[1e-4]], "cvar", limits, returns).weights == pytest.approx([0.0], abs=1e-9)
