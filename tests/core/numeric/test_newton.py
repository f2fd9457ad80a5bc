"""Newton's method between bounds: known minima, bounds that hold, and a Hessian that is no help."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.newton import minimise


class Slope(NamedTuple):
    value: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray


class Found(NamedTuple):
    point: np.ndarray
    free: np.ndarray
    decrement: float


def minimum(value, slope, start, lower, upper):
    """One search of one function that is told of one point."""

    def values(points, _):
        return np.array([value(x) for x in points])

    def slopes(points, _):
        return Slope(*(np.array(each, dtype=float) for each in zip(*(slope(x) for x in points), strict=True)))

    found = minimise(values, slopes, np.reshape(start, (1, 1, -1)).astype(float), lower, upper)
    return Found(found.points[0], found.free[0], float(found.decrement[0]))


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
    found = minimum(*quadratic(P, target), np.zeros(2), -FREE, FREE)
    np.testing.assert_allclose(found.point, target, rtol=1e-14)
    assert found.free.all()
    assert found.decrement < 1e-18


@pytest.mark.parametrize("start", [(-1.2, 1.0), (3.0, -5.0), (0.0, 2.0)])
def test_the_curved_valley_of_rosenbrock(start):
    found = minimum(rosenbrock, rosenbrock_slope, np.array(start), -FREE, FREE)
    np.testing.assert_allclose(found.point, [1, 1], rtol=1e-9)


def test_a_bound_holds_and_says_so():
    found = minimum(rosenbrock, rosenbrock_slope, np.zeros(2), -FREE, np.array([0.5, np.inf]))
    np.testing.assert_allclose(found.point, [0.5, 0.25], rtol=1e-9)
    assert found.free.tolist() == [False, True]


def test_a_start_outside_is_brought_in():
    P = np.eye(2)
    found = minimum(*quadratic(P, np.array([9.0, 9.0])), np.array([-5.0, 50.0]), np.zeros(2), np.ones(2))
    assert found.point.tolist() == [1.0, 1.0]
    assert not found.free.any()
    assert found.decrement == 0


def test_where_the_curvature_is_negative_its_size_leads_downhill():
    def value(x):
        return float(np.cos(x).sum())

    def slope(x):
        return Slope(value(x), -np.sin(x), np.diag(-np.cos(x)))

    found = minimum(value, slope, np.array([0.3]), np.array([-1.0]), np.array([6.0]))
    assert found.point[0] == pytest.approx(np.pi, rel=1e-9)


def test_a_saddle_is_left():
    def value(x):
        return float(x[0] ** 2 - x[1] ** 2 + x[1] ** 4)

    def slope(x):
        gradient = np.array([2 * x[0], -2 * x[1] + 4 * x[1] ** 3])
        return Slope(value(x), gradient, np.diag([2.0, -2 + 12 * x[1] ** 2]))

    found = minimum(value, slope, np.array([1.0, 1e-3]), -FREE, FREE)
    np.testing.assert_allclose(found.point, [0, 0.5**0.5], atol=1e-9)


def test_no_minimum_is_told_by_the_decrement():
    flat = minimum(
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
    found = minimum(*quadratic(P, target), rng.uniform(-1, 1, 4), np.full(4, -1.0), np.ones(4))
    gradient = P @ (found.point - target)
    moved = np.clip(found.point - gradient, -1, 1)
    np.testing.assert_allclose(moved, found.point, atol=1e-8)


def two_wells(x):
    """Least at -1, where it is 0, and at 1.5, where it is higher."""
    return float((x[0] + 1) ** 2 * ((x[0] - 1.5) ** 2 + 0.3))


def two_wells_slope(x):
    a, b = x[0] + 1, x[0] - 1.5
    gradient = 2 * a * (b**2 + 0.3) + 2 * a**2 * b
    return Slope(two_wells(x), np.array([gradient]), np.array([[2 * (b**2 + 0.3) + 8 * a * b + 2 * a**2]]))


def test_many_functions_are_searched_from_many_starts_side_by_side():
    """Function i is the two wells moved by i; starts on either side find either well, and repeated ones are led."""
    shifts, asked = np.array([0.0, 3.0, -7.0]), []

    def values(points, which):
        return np.array([two_wells(x - shifts[i]) for x, i in zip(points, which, strict=True)])

    def slopes(points, which):
        asked.append(len(points))
        each = [two_wells_slope(x - shifts[i]) for x, i in zip(points, which, strict=True)]
        return Slope(*(np.array(part, dtype=float) for part in zip(*each, strict=True)))

    starts = np.array([-3.0, -2.0, 3.0, 2.5, 2.0])[np.newaxis, :, np.newaxis] + shifts[:, np.newaxis, np.newaxis]
    found = minimise(values, slopes, starts, np.array([-np.inf]), np.array([np.inf]))
    points = found.points.reshape(3, 5) - shifts[:, np.newaxis]
    np.testing.assert_allclose(points[:, :2], -1, atol=1e-8)
    np.testing.assert_allclose(points[:, 2:], points[:, 2:3] * np.ones(3), atol=1e-8)
    assert 0.9 < points[0, 2] < 1.5
    assert (found.decrement < 1e-16).all()
    alone = minimise(values, slopes, starts[:, :1], np.array([-np.inf]), np.array([np.inf]))
    np.testing.assert_array_equal(alone.points.reshape(3), found.points.reshape(3, 5)[:, 0])
    assert asked[0] == 15


def test_a_search_that_meets_no_number_ends_and_the_others_go_on():
    def values(points, which):
        return np.where(which == 0, np.nan, (points[:, 0] - 2) ** 2)

    def slopes(points, which):
        value = values(points, which)
        gradient = np.where(which == 0, np.nan, 2 * (points[:, 0] - 2))[:, np.newaxis]
        return Slope(value, gradient, np.full((len(points), 1, 1), 2.0))

    found = minimise(values, slopes, np.zeros((2, 1, 1)), np.array([-9.0]), np.array([9.0]))
    assert found.decrement[0] == np.inf
    assert found.points[1, 0] == pytest.approx(2)
