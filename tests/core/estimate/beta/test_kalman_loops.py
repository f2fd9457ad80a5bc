"""The filter of numpy and of the compiled loop: one and the same, and what a brute-force posterior says."""

import numpy as np
import pytest

from core.estimate.beta import kalman_loops as kernels


def sample(rows=200, columns=4, gaps=0.0, seed=8):
    rng = np.random.default_rng(seed)
    x = rng.normal(0.1, 1, rows)
    y = x[:, np.newaxis] * (1 + rng.normal(0, 0.05, (rows, columns)).cumsum(axis=0)) + rng.normal(size=(rows, columns))
    y[rng.random(y.shape) < gaps] = np.nan
    x[rng.random(rows) < gaps / 2] = np.nan
    return y, x


@pytest.fixture
def by_loop(monkeypatch):
    monkeypatch.setattr(kernels, "worth_compiling", lambda elements: True)


@pytest.fixture
def by_numpy(monkeypatch):
    monkeypatch.setattr(kernels, "worth_compiling", lambda elements: False)


RATIOS = np.array([0.0, 1e-6, 1e-3, 5.0])
OTHERS = np.array([1e-2, 0.0, 1e-3, 1e-5])


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_numpy_and_the_loop_agree(monkeypatch, gaps):
    y, x = sample(gaps=gaps)
    answers, sums = [], []
    for compiled in (False, True):
        monkeypatch.setattr(kernels, "worth_compiling", lambda elements, compiled=compiled: compiled)
        with np.errstate(invalid="ignore"):
            answers.append(kernels.filter_lines(y, x, OTHERS, RATIOS))
            sums.append(kernels.likelihood_sums(y, x, np.stack([OTHERS, RATIOS]), np.stack([RATIOS, OTHERS[::-1]])))
    (estimates, line), (looped, looped_line) = answers
    np.testing.assert_allclose(looped, estimates, rtol=1e-10, atol=1e-12)
    for name, ours, loops in zip(line._fields, line, looped_line, strict=True):
        np.testing.assert_allclose(loops, ours, rtol=1e-11, atol=1e-11, err_msg=name)
    for ours, loops in zip(*sums, strict=True):
        np.testing.assert_allclose(loops, ours, rtol=1e-11)


def _posterior(y, x, q_a, q_b):
    """Intercept, slope and its variance at the last row: weighted least squares with the walk in the errors.

    Seen from the last line, row t errs by its own noise and by all steps since; two rows share the steps after both.
    """
    size = len(y)
    rows = np.column_stack([np.ones(size), x])
    since = np.minimum.outer(np.arange(size)[::-1], np.arange(size)[::-1])
    noise = np.eye(size) + since * (rows @ np.diag([q_a, q_b]) @ rows.T)
    weight = np.linalg.solve(noise, rows)
    covariance = np.linalg.inv(rows.T @ weight)
    return *(covariance @ weight.T @ y), covariance[1, 1]


@pytest.mark.parametrize(("q_a", "q_b"), [*zip(OTHERS, RATIOS, strict=True)])
@pytest.mark.parametrize("rows", [2, 3, 10, 60])
def test_the_filter_is_the_generalised_least_squares_of_all_rows(by_numpy, rows, q_a, q_b):
    y, x = sample(rows, 1)
    estimates, _ = kernels.filter_lines(y, x, np.array([q_a]), np.array([q_b]))
    np.testing.assert_allclose(estimates[:, -1, 0], _posterior(y[:, 0], x, q_a, q_b), rtol=1e-9)


@pytest.mark.parametrize("door", ["by_numpy", "by_loop"])
def test_nothing_is_known_until_two_x_differ(request, door):
    request.getfixturevalue(door)
    y, x = sample(30, 1)
    x[:10] = 0.7
    estimates, line = kernels.filter_lines(y, x, np.array([1e-3]), np.array([1e-3]))
    np.testing.assert_array_equal(np.isnan(estimates[1, :, 0]), np.arange(30) < 10)
    assert line.innovations == 19


@pytest.mark.parametrize("door", ["by_numpy", "by_loop"])
def test_a_missing_row_only_lets_time_pass(request, door):
    request.getfixturevalue(door)
    y, x = sample(50, 1)
    y[30:40] = np.nan
    (_, slope, variance), line = kernels.filter_lines(y, x, np.array([0.01]), np.array([0.01]))
    np.testing.assert_allclose(slope[29:40, 0], slope[29, 0], rtol=1e-12)
    assert (np.diff(variance[29:40, 0]) > 0).all()
    assert line.innovations == 50 - 10 - 2


def test_one_row_at_a_time_is_all_rows_at_once(by_loop):
    y, x = sample(40, gaps=0.1)
    estimates, line = kernels.filter_lines(y, x, OTHERS, RATIOS)
    step = kernels.no_line(4)
    with np.errstate(invalid="ignore"):
        for t in range(40):
            step = kernels.next_line(step, y[t], x[t], OTHERS, RATIOS)
    np.testing.assert_allclose(step.estimates, estimates[:, -1], rtol=1e-11)
    np.testing.assert_allclose(step.logarithms, line.logarithms, rtol=1e-11)


def test_variances_of_many_wild_rows_do_not_overflow(by_loop):
    y, x = sample(64, 1)
    x[20:40] = np.where(np.arange(20) % 2, 1e12, -1e-12)
    _, line = kernels.filter_lines(y, x, np.array([1.0]), np.array([1.0]))
    assert np.isfinite(line.logarithms).all()
