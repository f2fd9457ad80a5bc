"""The median is numpy's, and no process loads numpy.ma for it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.numeric.median import median
from tests.source_tree import ROOT

NUMBERS = st.floats(-1e300, 1e300) | st.sampled_from([np.inf, -np.inf, 0.0, -0.0])


@given(arrays(np.float64, st.integers(1, 40), elements=NUMBERS))
def test_it_is_that_of_numpy_to_the_last_digit(values):
    with np.errstate(invalid="ignore"):
        assert np.array_equal(median(values), np.median(values), equal_nan=True)


@pytest.mark.parametrize("values", [[], [np.nan], [1.0, np.nan], [np.nan, 2.0, 3.0], [np.inf, np.nan, -np.inf]])
def test_nan_is_not_passed_over(values):
    assert np.isnan(median(np.array(values, dtype=float)))


def test_the_numbers_stay_in_their_order():
    values = np.array([3.0, 1.0, 2.0])
    assert median(values) == 2.0
    assert values.tolist() == [3.0, 1.0, 2.0]


def test_it_loads_no_masked_arrays():
    script = "import sys, numpy; from core.numeric.median import median; median(numpy.ones(3)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "numpy.ma" not in done.stdout.split()
