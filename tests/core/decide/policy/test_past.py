from __future__ import annotations

import numpy as np
import pytest

from core.decide.policy.past import Past
from core.errors import ArgumentError, MissingDataError

RETURNS = np.array([[0.01, 0.02], [-0.01, 0.01], [0.02, -0.02]])


def test_one_funding_rate_is_that_of_each_contract() -> None:
    assert Past(RETURNS, funding=0.1).funding.tolist() == [0.1, 0.1]


def test_without_a_benchmark_the_market_is_the_mean_of_what_is_known() -> None:
    past = Past([[0.01, 0.03], [0.02, np.nan], [np.nan, np.nan]])
    assert past.benchmark == pytest.approx([0.02, 0.02, np.nan], nan_ok=True)
    assert past.benchmark_return == pytest.approx(0.02 * 365)


def test_a_market_that_is_given_is_the_benchmark() -> None:
    past = Past(RETURNS, [0.1, np.nan, 0.3], periods_per_year=10)
    assert past.benchmark == pytest.approx([0.1, np.nan, 0.3], nan_ok=True)
    assert past.benchmark_return == pytest.approx(2.0)
    assert Past(RETURNS, market_return=0.25).benchmark_return == 0.25


def test_a_selection_keeps_what_belongs_to_its_contracts_and_the_same_benchmark() -> None:
    past = Past(RETURNS, funding=[0.1, 0.2], implied_vols=[0.5, 0.6], views=[np.nan, 0.3])
    part = past.select(np.array([False, True]))
    assert part.returns.tolist() == RETURNS[:, 1:].tolist()
    assert (part.funding.tolist(), part.implied_vols.tolist(), part.views.tolist()) == ([0.2], [0.6], [0.3])
    assert part.benchmark.tolist() == past.benchmark.tolist()
    assert part.benchmark_return == past.benchmark_return


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"returns": "x"}, ArgumentError, "returns must hold numbers"),
        ({"returns": [[np.inf]]}, ArgumentError, "returns is infinite in row 1"),
        ({"market_returns": [0.1]}, ArgumentError, "returns has 3 rows and market_returns has 1"),
        ({"funding": [0.1, np.nan]}, MissingDataError, "funding has no value at position 2"),
        ({"funding": [0.1, 0.1, 0.1]}, ArgumentError, "funding has 3 values where 2"),
        ({"implied_vols": [0.5, 0.5, 0.5]}, ArgumentError, "implied_vols has 3 values where 2"),
        ({"views": [0.5, 0.5, 0.5]}, ArgumentError, "views has 3 values where 2"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"risk_free": np.nan}, ArgumentError, "risk_free must be a finite number"),
        ({"market_return": "x"}, ArgumentError, "market_return must be a number"),
    ],
)
def test_a_bad_past_is_named(changes: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Past(**{"returns": RETURNS, **changes})
