"""The GARCH likelihood: numpy and the compiled loop agree, and both with a recursion and differences written out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.estimate.volatility import garch_loops
from core.estimate.volatility.garch_arrays import Room, score_products
from core.estimate.volatility.garch_loops import kernel_for
from core.numeric import compiled

PARAMETERS = [
    (0.02, 0.05, 0.10, 0.85),
    (-0.3, 0.4, 0.6, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.01, 1e-6, 0.05, 0.95),
    (0.0, 0.3, 0.0, 0.7),
]


FIRST = np.zeros(1, dtype=np.intp)


class One:
    """A kernel asked for one model at a time."""

    def __init__(self, kernel):
        self.kernel = kernel

    def likelihood(self, parameters, x):
        return float(self.kernel.likelihood(parameters[np.newaxis], x[np.newaxis], FIRST)[0])

    def derivatives(self, parameters, x):
        found = self.kernel.derivatives(parameters[np.newaxis], x[np.newaxis], FIRST)
        return type(found)(*(each[0] for each in found))


NUMPY, COMPILED = One(garch_loops.NUMPY), One(garch_loops.COMPILED)


def returns(size=400, seed=3):
    values = np.random.default_rng(seed).standard_t(4, size)
    return (values - values.mean()) / values.std()


def written_out(parameters, x):
    mu, omega, alpha, beta = parameters
    square = h = sum((each - mu) ** 2 for each in x) / len(x)
    total = 0.0
    for each in x:
        h = omega + alpha * square + beta * h
        square = (each - mu) ** 2
        total += (math.log(2 * math.pi) + math.log(h) + square / h) / 2
    return total, omega + alpha * square + beta * h


@pytest.mark.parametrize("kernel", [NUMPY, COMPILED], ids=["numpy", "compiled"])
@pytest.mark.parametrize("parameters", PARAMETERS)
class TestEachKernel:
    def test_the_value_and_the_next_variance_are_those_of_the_recursion(self, kernel, parameters):
        x = returns()
        value, following = written_out(parameters, x)
        found = kernel.derivatives(np.array(parameters), x)
        assert found.value == pytest.approx(value, rel=1e-12)
        assert found.next_variance == pytest.approx(following, rel=1e-12)
        assert kernel.likelihood(np.array(parameters), x) == pytest.approx(value, rel=1e-12)

    def test_gradient_and_hessian_are_the_differences(self, kernel, parameters):
        x, point = returns(), np.array(parameters)
        found = kernel.derivatives(point, x)
        scale = np.sqrt(np.abs(np.diag(found.hessian)))  # everything in units of one over it, as standard errors are
        moves = np.diag(1e-5 / scale)
        ahead = [kernel.derivatives(point + move, x) for move in moves]
        behind = [kernel.derivatives(point - move, x) for move in moves]
        values = np.array([first.value - last.value for first, last in zip(ahead, behind, strict=True)])
        gradients = np.array([first.gradient - last.gradient for first, last in zip(ahead, behind, strict=True)])
        np.testing.assert_allclose(found.gradient / scale, values / 2e-5, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(found.hessian / np.outer(scale, scale), gradients / scale / 2e-5, atol=1e-6)

    def test_a_bar_more_or_less_than_sixteen_changes_nothing(self, kernel, parameters):
        """The loop takes one logarithm for sixteen variances."""
        for size in (1, 15, 16, 17, 33):
            x = returns()[:size]
            assert kernel.likelihood(np.array(parameters), x) == pytest.approx(
                written_out(parameters, x)[0], rel=1e-12, abs=1e-12
            )


@given(
    seed=st.integers(0, 10_000),
    size=st.integers(3, 300),  # of two the gradient at their mean is nothing but rounding
    mu=st.floats(-1, 1),
    omega=st.floats(1e-10, 2),
    p=st.floats(0, 1),
    w=st.floats(0, 1),
)
def test_numpy_and_the_compiled_loop_agree(seed, size, mu, omega, p, w):
    point, x = np.array([mu, omega, p * w, p * (1 - w)]), returns(size, seed)
    first, second = NUMPY.derivatives(point, x), COMPILED.derivatives(point, x)
    for ours, theirs in zip(first, second, strict=True):
        size_of = np.abs(theirs).max()
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11 * size_of)
    assert NUMPY.likelihood(point, x) == pytest.approx(COMPILED.likelihood(point, x), rel=1e-11)


def test_the_scores_are_the_differences_bar_by_bar_and_sum_to_the_gradient():
    x, point = returns(60), np.array(PARAMETERS[0])

    def terms(parameters):
        """Of each bar, from what the bars up to it add; the start is that of the whole series."""
        mu, omega, alpha, beta = parameters
        h = square = np.mean((x - mu) ** 2)
        values = []
        for each in x:
            h = omega + alpha * square + beta * h
            square = (each - mu) ** 2
            values.append((math.log(2 * math.pi) + math.log(h) + square / h) / 2)
        return np.array(values)

    scores = np.array([(terms(point + move) - terms(point - move)) / 2e-6 for move in 1e-6 * np.eye(4)])
    np.testing.assert_allclose(score_products(point, x), scores @ scores.T, rtol=1e-6)
    np.testing.assert_allclose(NUMPY.derivatives(point, x).gradient, scores.sum(axis=1), rtol=1e-5)


def test_the_score_products_are_near_the_hessian_where_the_model_is_right():
    rng = np.random.default_rng(5)
    omega, alpha, beta = 0.05, 0.1, 0.85
    h, square, x = 1.0, 1.0, []
    for each in rng.normal(size=20_000):
        h = omega + alpha * square + beta * h
        x.append(math.sqrt(h) * each)
        square = x[-1] ** 2
    point, series = np.array([0.0, omega, alpha, beta]), np.array(x)
    hessian = NUMPY.derivatives(point, series).hessian
    scale = np.sqrt(np.outer(np.diag(hessian), np.diag(hessian)))
    np.testing.assert_allclose(score_products(point, series) / scale, hessian / scale, atol=0.1)


def test_the_switch_looks_at_the_work_and_at_what_is_loaded(monkeypatch):
    monkeypatch.setattr(compiled.loops, "there", True)
    assert kernel_for(10, 1) is garch_loops.COMPILED
    monkeypatch.setattr(compiled.loops, "there", False)
    assert kernel_for(8760, 1) is garch_loops.NUMPY
    assert kernel_for(100 * 8760, 100) is garch_loops.COMPILED
    assert kernel_for(500 * 100, 500) is garch_loops.COMPILED, "many short series cost numpy their calls"
    assert kernel_for(50 * 100, 50) is garch_loops.NUMPY


@pytest.mark.parametrize("size", [2, 63, 400, 3000])
@pytest.mark.parametrize("kernel", [garch_loops.NUMPY, garch_loops.COMPILED], ids=["numpy", "compiled"])
@pytest.mark.parametrize("count", [1, 3, 20, 37])
def test_models_side_by_side_are_each_what_they_are_alone(kernel, size, count):
    points = np.array(PARAMETERS * 8)[:count]
    block = np.array([returns(size, seed) for seed in range(len(points))])
    of = np.random.default_rng(size).permutation(len(points))
    together, values = kernel.derivatives(points, block, of), kernel.likelihood(points, block, of)
    for place, (point, row) in enumerate(zip(points, of, strict=True)):
        alone = One(kernel).derivatives(point, block[row])
        for ours, theirs in zip((each[place] for each in together), alone, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12 * np.abs(theirs).max())
        assert values[place] == pytest.approx(alone.value, rel=1e-12)


def test_a_room_that_others_have_left_changes_nothing():
    points = np.array(PARAMETERS * 2)
    block = np.array([returns(63, seed) for seed in range(len(points))])
    of, room, kernel = np.arange(len(points)), Room(4, 63), garch_loops.NUMPY
    kernel.derivatives(points[::-1], block, of, room)
    np.testing.assert_array_equal(
        kernel.likelihood(points, block, of, room), kernel.likelihood(points, block, of, Room(4, 63))
    )
    for used, fresh in zip(
        kernel.derivatives(points, block, of, room), kernel.derivatives(points, block, of, Room(4, 63)), strict=True
    ):
        np.testing.assert_array_equal(used, fresh)
