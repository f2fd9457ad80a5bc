from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.portfolio.nearest import limits_broken
from core.decide.size.margin_fit import fits_margin
from core.errors import ArgumentError, MissingDataError


def test_what_fits_stays_as_it_is() -> None:
    fit = fits_margin([1.0, -2.0], [0.1, 0.2], 0.3)
    assert (fit.weights.tolist(), fit.scale) == ([1.0, -2.0], 1.0)
    assert fit.initial_margin == pytest.approx(0.5)


def test_what_does_not_fit_is_scaled_down_alike() -> None:
    fit = fits_margin([3.0, -2.0], [0.1, 0.25], 0.6)
    assert (fit.scale, fit.initial_margin) == pytest.approx((0.5, 0.4))
    assert fit.weights == pytest.approx([1.5, -1.0])


def test_without_margin_anything_fits() -> None:
    assert fits_margin([100], 0).scale == 1
    assert fits_margin([0, 0], 0.1).initial_margin == 0


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6), st.floats(0, 1), st.floats(0, 0.99))
def test_the_limit_of_the_optimiser_holds(weights: list, rate: float, buffer: float) -> None:
    fit = fits_margin(weights, rate, buffer)
    limits = Limits(net=None, min_weight=-50, max_weight=50, initial_margin_rates=rate, margin_buffer=buffer)
    assert limits_broken(limits, fit.weights) == ()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([np.nan], 0.1), MissingDataError, "weights has no value"),
        (([1.0], -0.1), ArgumentError, "initial_margin_rates is -0.1"),
        (([1.0], [0.1, 0.1]), ArgumentError, "initial_margin_rates has 2 values where 1"),
        (([1.0], 0.1, 1.0), ArgumentError, "margin_buffer is 1; it must be below 1"),
        (([1.0], 0.1, -0.1), ArgumentError, "margin_buffer is -0.1"),
    ],
)
def test_bad_input_is_named(arguments: tuple, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fits_margin(*arguments)
