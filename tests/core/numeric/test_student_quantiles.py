"""Student's quantiles by normal scores: those of the closed form, elsewhere those of scipy."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import t

from core.numeric.student_quantiles import student_quantiles


def middles(count):
    return (np.arange(count) + 0.5) / count


@pytest.mark.parametrize("count", [100, 101, 8_760, 100_000])
def test_with_two_degrees_they_are_those_of_the_closed_form(count):
    p = middles(count)
    np.testing.assert_allclose(
        student_quantiles(2.0, ndtri(p)), (p - 0.5) * np.sqrt(2 / (p * (1 - p))), rtol=1e-11, atol=1e-15
    )


@pytest.mark.parametrize("degrees", [2.7, 4.0, 12.5, 100.0])
@pytest.mark.parametrize("count", [100, 101, 8_760, 100_000])
def test_they_are_those_of_scipy_which_leaves_eleven_digits_about_the_median(degrees, count):
    found = student_quantiles(degrees, ndtri(middles(count)))
    np.testing.assert_allclose(found, t.ppf(middles(count), degrees), rtol=1e-11, atol=5e-12)
