"""Newton's method between bounds: known minima, bounds that hold, and a Hessian that is no help."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.newton import minimise


class Slope(NamedTuple):
    value: float
    gradient: np.ndarray
    hessian: np.ndarray


def quadratic(P, target):
    def value(x):
        return float((x - target) @ P @ (x - target)) / 2

    return value, lambda x: Slope(value(x), P @ (x - target), P)


def rosenbrock(x):
    return float((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)


def rosenbrock_slope(x):
    valley = x[1] - x[0] ** 2
    gradient = np.array([-2 * (1 - x[0]) - 400 * x[0] * valley, 200 * valley])
    hessian = np.array([[2 - 400 * valley + 800 * x[0] ** 2, -400 * x[0]], [-400 * x[0], 200.0]])
    return Slope(rosenbrock(x), gradient, hessian)


FREE = np.full(2, np.inf)


def test_a_quadratic_takes_one_step():
    P, target = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([4.0, -1.0])
    found = minimise(*quadratic(P, target), np.zeros(2), -FREE, FREE)
    np.testing.assert_allclose(found.point, target, rtol=1e-14)
    assert found.free.all()
    assert found.decrement < 1e-18


@pytest.mark.parametrize("start", [(-1.2, 1.0), (3.0, -5.0), (0.0, 2.0)])
def test_the_curved_valley_of_rosenbrock(start):
    found = minimise(rosenbrock, rosenbrock_slope, np.array(start), -FREE, FREE)
    np.testing.assert_allclose(found.point, [1, 1], rtol=1e-9)


def test_a_bound_holds_and_says_so():
    found = minimise(rosenbrock, rosenbrock_slope, np.zeros(2), -FREE, np.array([0.5, np.inf]))
    np.testing.assert_allclose(found.point, [0.5, 0.25], rtol=1e-9)
    assert found.free.tolist() == [False, True]


def test_a_start_outside_is_brought_in():
    P = np.eye(2)
    found = minimise(*quadratic(P, np.array([9.0, 9.0])), np.array([-5.0, 50.0]), np.zeros(2), np.ones(2))
    assert found.point.tolist() == [1.0, 1.0]
    assert not found.free.any()
    assert found.decrement == 0


def test_where_the_curvature_is_negative_its_size_leads_downhill():
    def value(x):
        return float(np.cos(x).sum())

    def slope(x):
        return Slope(value(x), -np.sin(x), np.diag(-np.cos(x)))

    found = minimise(value, slope, np.array([0.3]), np.array([-1.0]), np.array([6.0]))
    assert found.point[0] == pytest.approx(np.pi, rel=1e-9)


def test_a_saddle_is_left():
    def value(x):
        return float(x[0] ** 2 - x[1] ** 2 + x[1] ** 4)

    def slope(x):
        gradient = np.array([2 * x[0], -2 * x[1] + 4 * x[1] ** 3])
        return Slope(value(x), gradient, np.diag([2.0, -2 + 12 * x[1] ** 2]))

    found = minimise(value, slope, np.array([1.0, 1e-3]), -FREE, FREE)
    np.testing.assert_allclose(found.point, [0, 0.5**0.5], atol=1e-9)


def test_no_minimum_is_told_by_the_decrement():
    flat = minimise(
        lambda x: float(-x[0]),
        lambda x: Slope(float(-x[0]), np.array([-1.0]), np.zeros((1, 1))),
        np.zeros(1),
        -FREE[:1],
        FREE[:1],
    )
    assert flat.decrement == np.inf


@given(st.integers(0, 10_000))
def test_a_convex_quadratic_in_a_box_ends_where_no_move_helps(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(6, 4))
    P, target = A.T @ A + 0.01 * np.eye(4), rng.normal(0, 2, 4)
    found = minimise(*quadratic(P, target), rng.uniform(-1, 1, 4), np.full(4, -1.0), np.ones(4))
    gradient = P @ (found.point - target)
    moved = np.clip(found.point - gradient, -1, 1)
    np.testing.assert_allclose(moved, found.point, atol=1e-8)
