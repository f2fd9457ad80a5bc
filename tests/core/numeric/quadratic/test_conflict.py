from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.errors import NotConvergedError
from core.numeric.quadratic.conflict import Disproof, Sides, is_impossible, point_or_disproof
from core.numeric.quadratic.program import QuadraticProgram

NO_FOLDS = np.zeros(0, dtype=np.intp)


def sides_of(rows: np.ndarray, most: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Sides:
    return Sides.of(rows, most, lower, upper, NO_FOLDS, np.zeros(0))[0]


def long_short(net: float, gross: float) -> QuadraticProgram:
    """Three variables within -1 and 1, folded at zero: their sum is `net`, that of their sizes at most `gross`."""
    n = 3
    ties = np.hstack([np.eye(n), -np.eye(n)])
    stated = np.array([[1.0] * n + [0.0] * n, [-1.0] * n + [2.0] * n])
    return QuadraticProgram(
        P=np.eye(n),
        q=np.zeros(2 * n),
        rows=np.vstack([ties, stated]),
        row_lower=np.array([-np.inf] * n + [net, -np.inf]),
        row_upper=np.array([0.0] * n + [net, gross]),
        lower=np.array([-1.0] * n + [0.0] * n),
        upper=np.ones(2 * n),
        folded=np.arange(n),
    )


def test_a_sum_beyond_the_bounds_is_disproved_by_as_much() -> None:
    found = point_or_disproof(sides_of(-np.ones((1, 4)), -np.ones(1), np.zeros(4), np.full(4, 0.2)))
    assert isinstance(found, Disproof)
    assert found.multipliers == pytest.approx([1.0])
    assert found.violation == pytest.approx(1 - 4 * 0.2)


def test_without_sides_every_point_of_the_box_does() -> None:
    assert isinstance(point_or_disproof(sides_of(np.zeros((0, 2)), np.zeros(0), np.zeros(2), np.ones(2))), np.ndarray)


@given(st.integers(0, 10**6))
def test_the_answer_is_a_point_that_keeps_all_or_a_mix_that_none_keeps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    rows, most, lower = rng.normal(size=(m, n)), rng.normal(size=m) - 0.5, -rng.random(n)
    sides = sides_of(rows, most, lower, lower + rng.random(n))
    found = point_or_disproof(sides)
    if isinstance(found, Disproof):
        corners = np.array(np.meshgrid(*sides.ends.T)).reshape(n, -1)
        assert (found.multipliers @ (sides.rows @ corners - sides.most[:, None])).min() == pytest.approx(
            found.violation
        )
        assert found.violation > 0
        assert found.multipliers.min() >= 0
    else:
        assert (rows @ found - most).max() <= 1e-8
        assert (found >= lower - 1e-12).all()


def test_the_points_tried_help_in_a_wider_box() -> None:
    found = point_or_disproof(sides_of(-np.ones((1, 2)), -np.ones(1), np.zeros(2), np.full(2, 0.4)))
    assert isinstance(found, Disproof)
    wider = sides_of(-np.ones((1, 2)), -np.ones(1), np.zeros(2), np.full(2, 0.6))
    assert isinstance(point_or_disproof(wider, found.tried), np.ndarray)


@given(st.integers(0, 10**6))
def test_without_bounds_the_verdict_is_that_of_a_linear_program(seed: int) -> None:
    """Variables with one bound, both or none, against another solver; what it finds all but feasible is left out."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 6)), int(rng.integers(1, 7))
    rows, most = rng.normal(size=(m, n)), rng.normal(size=m) - 0.3
    rows /= np.abs(rows).max(axis=1, keepdims=True)
    lower = np.where(rng.random(n) < 0.5, -rng.random(n), -np.inf)
    upper = np.where(rng.random(n) < 0.5, rng.random(n), np.inf)
    give = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.column_stack([rows, -np.ones(m)]),
        b_ub=most,
        bounds=[*zip(lower, upper, strict=True), (0.0, None)],
    ).fun
    problem = QuadraticProgram(
        P=np.zeros((n, n)),
        q=np.zeros(n),
        rows=rows,
        row_lower=np.full(m, -np.inf),
        row_upper=most,
        lower=lower,
        upper=upper,
    )
    assume(give < 1e-12 or give > 1e-6)
    assert is_impossible(problem) == (give > 1e-6)


def test_absolute_values_count_in_a_proof() -> None:
    assert is_impossible(long_short(net=1.5, gross=1.2))
    assert not is_impossible(long_short(net=1.2, gross=1.5))


def test_a_conflict_within_rounding_is_none() -> None:
    assert not is_impossible(long_short(net=1.2 + 1e-11, gross=1.2))


def test_a_row_that_a_fold_could_loosen_is_not_judged() -> None:
    problem = long_short(net=1.5, gross=1.2)
    loosened = problem.rows.copy()
    loosened[-1, 3:] = -2.0
    assert not is_impossible(replace(problem, rows=loosened))


def test_a_search_without_end_proves_nothing() -> None:
    assert is_impossible(long_short(net=1.5, gross=1.2))
    assert not is_impossible(long_short(net=1.5, gross=1.2), most_cuts=0)
    with pytest.raises(NotConvergedError):
        point_or_disproof(sides_of(np.ones((1, 2)), np.ones(1), np.zeros(2), np.ones(2)), most_cuts=0)
