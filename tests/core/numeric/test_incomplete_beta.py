from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc

from core.numeric.incomplete_beta import incomplete_beta

EDGES = np.linspace(0.0, 1.0, 201)


@given(st.floats(0.02, 5e3), st.floats(0.02, 5e3))
@settings(max_examples=40)
def test_it_is_scipys(a: float, b: float) -> None:
    assert incomplete_beta(a, b, EDGES) == pytest.approx(betainc(a, b, EDGES), rel=1e-12, abs=1e-15)


def test_closed_forms() -> None:
    assert incomplete_beta(1.0, 1.0, EDGES) == pytest.approx(EDGES)
    assert incomplete_beta(3.0, 1.0, EDGES) == pytest.approx(EDGES**3, abs=1e-14)
    assert incomplete_beta(0.5, 0.5, EDGES) == pytest.approx(2 / np.pi * np.arcsin(np.sqrt(EDGES)), abs=1e-14)


@pytest.mark.parametrize("rows", [10, 500, 8_760, 50_000])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99, 0.999])
def test_the_weights_of_a_quantile_of_many_rows(rows: int, level: float) -> None:
    edges = np.arange(rows + 1) / rows
    law = ((rows + 1) * (1 - level), (rows + 1) * level)
    found, second = (np.diff(function(*law, edges)) for function in (incomplete_beta, betainc))
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert np.abs(found - second).max() <= 1e-10 * second.max()


def test_ends_and_nothing() -> None:
    assert incomplete_beta(2.0, 3.0, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert incomplete_beta(2.0, 3.0, np.zeros(0)).size == 0
