from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.protocol import Book, Past
from core.errors import ArgumentError, MissingDataError

RETURNS = np.array([[0.01, 0.02], [-0.01, 0.01], [0.02, -0.02]])


def test_one_funding_rate_is_that_of_each_contract() -> None:
    assert Past(RETURNS, funding=0.1).funding.tolist() == [0.1, 0.1]


def test_limits_count_from_what_is_held() -> None:
    book = Book([0.4, 0.6], limits=Limits(max_step=0.1, current_weights=[1, 0]))
    assert book.limits.current_weights.tolist() == [0.4, 0.6]
    assert book.limits.max_step.tolist() == [0.1]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"returns": "x"}, ArgumentError, "returns must hold numbers"),
        ({"returns": [[np.inf]]}, ArgumentError, "returns is infinite in row 1"),
        ({"market_returns": [0.1]}, ArgumentError, "returns has 3 rows and market_returns has 1"),
        ({"funding": [0.1, np.nan]}, MissingDataError, "funding has no value at position 2"),
        ({"funding": [0.1, 0.1, 0.1]}, ArgumentError, "funding has 3 values where 2"),
        ({"implied_vols": [0.5, 0.5, 0.5]}, ArgumentError, "implied_vols has 3 values where 2"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"risk_free": np.nan}, ArgumentError, "risk_free must be a finite number"),
        ({"market_return": "x"}, ArgumentError, "market_return must be a number"),
    ],
)
def test_a_bad_past_is_named(changes: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Past(**{"returns": RETURNS, **changes})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0.4, np.nan],), MissingDataError, "weights has no value at position 2"),
        (([0.4], 0), ArgumentError, "equity is 0; it must be above 0"),
        (([0.4], np.inf), ArgumentError, "equity must be a finite number"),
    ],
)
def test_a_bad_book_is_named(arguments: tuple, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Book(*arguments)
