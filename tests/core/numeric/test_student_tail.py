"""The tail of Student's t, held to scipy's incomplete beta function near, far and beyond its row."""

import numpy as np
import pytest
from scipy import stats

from core.numeric.student_tail import REACH, StudentTail


@pytest.mark.parametrize("degrees", [1.0, 2.0, 3.7, 8.0, 30.0, 100.0])
@pytest.mark.parametrize("nearest", [0.7, 1.3, 2.1])
def test_shares_are_those_of_scipy(degrees, nearest):
    points = nearest * np.append(REACH ** np.linspace(0, 1, 5001), [1.01 * REACH, 10 * REACH])
    found = StudentTail.of(degrees, nearest).log_share(points)
    np.testing.assert_allclose(found, stats.t.logcdf(-points, degrees), rtol=1e-12, atol=1e-13)


def test_with_one_degree_it_is_the_law_of_cauchy():
    points = np.geomspace(1, 1e6, 200)
    found = np.exp(StudentTail.of(1.0, 1.0).log_share(points))
    np.testing.assert_allclose(found, np.arctan2(1, points) / np.pi, rtol=1e-12)
