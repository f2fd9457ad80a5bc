"""The second line of least squares, where it is all but exact."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xladdin.second_opinion.inferred.betas import line_of


def test_the_error_of_a_contract_that_moves_as_the_benchmark_is_none() -> None:
    """One minus its squared correlation is of the size of roundings, and the root of that is 1e-8."""
    market = pd.Series(np.random.default_rng(2).normal(0, 0.005, 720))
    assert line_of(market.copy(), market).stderr < 1e-15
    assert line_of(3 * market + 0.001, market).stderr < 1e-15


def test_the_error_of_any_other_is_that_of_the_textbook() -> None:
    """y = 1, 2, 1.3, 3.75, 2.25 at x = 1 .. 5: slope 0.425, and residuals that come to 2.79075."""
    x, y = pd.Series([1.0, 2, 3, 4, 5]), pd.Series([1.0, 2, 1.3, 3.75, 2.25])
    assert line_of(y, x).slope == pytest.approx(0.425, rel=1e-12)
    assert line_of(y, x).stderr == pytest.approx((2.79075 / 3 / 10) ** 0.5, rel=1e-12)
