"""A heading above the limits block is passed over; everything else that is no limit is an error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.errors import ArgumentError, DataWarning

BELOW = ("max_weight", 0.4, None)


@pytest.mark.parametrize(
    "heading",
    [
        ("limit", "value", None),
        ("Limits", "Value", ""),
        ("name", "BTCUSDT", "ETHUSDT"),
        ("", "BTCUSDT", "ETHUSDT"),
        (None, "1000PEPEUSDT", "ETHUSDT"),
        ("Constraint", "all", float("nan")),
    ],
)
@pytest.mark.parametrize("above", [[], [(None, "", float("nan"))]])
def test_a_heading_is_passed_over(heading: tuple[Any, ...], above: list[tuple[Any, ...]]) -> None:
    limits = Limits.from_rows([*above, heading, BELOW], 2)
    assert limits.vector("max_weight", 2).tolist() == [0.4, 0.4]
    assert Limits.from_rows([*above, heading], 2).vector("max_weight", 2).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (("max_wieght", "value"), "'max_wieght' holds 'value'"),
        (("max_weight", "value"), "'max_weight' holds 'value'"),
        (("group_1", "BTC"), "'group_1' holds 'BTC'"),
        (("leverage", 3), "'leverage' is not known"),
        (("leverage", "3x"), "'leverage' holds '3x'"),
        (("leverage", "40 %"), "'leverage' holds '40 %'"),
        (("leverage", "1,5"), "'leverage' holds '1,5'"),
        (("leverage", None), "'leverage' is not known"),
        (("limit", "value", 1), "'limit' holds 'value'"),
        ((None, "value", 1), "'' holds 'value'"),
    ],
)
def test_a_first_row_that_may_be_meant_as_a_limit_is_an_error(first: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Limits.from_rows([first, BELOW], 2)


def test_words_further_down_are_an_error() -> None:
    with pytest.raises(ArgumentError, match="'limit' holds 'value'"):
        Limits.from_rows([BELOW, ("limit", "value")], 2)


def test_a_number_in_any_type_is_no_heading() -> None:
    with pytest.raises(ArgumentError, match="'leverage' is not known"):
        Limits.from_rows([("leverage", np.float64(3)), BELOW], 2)


@pytest.mark.parametrize(
    "row",
    [
        ("target_return", 30.0),
        ("target_volatility", 40.0),
        ("risk_free", 4.0),
        ("max_turnover", 30.0),
        ("max_weight", 0.4, 50.0),
        ("turnover_cost", 5.0),
    ],
)
def test_percent_points_in_a_row_are_doubted_and_taken_as_they_stand(row: tuple[Any, ...]) -> None:
    with pytest.warns(DataWarning, match=f"{row[0]} is {row[-1]:g}.* looks like percent"):
        limits = Limits.from_rows([row], 2)
    assert np.ravel(getattr(limits, row[0])).tolist()[-1] == row[-1]


@pytest.mark.parametrize("row", [("target_return", 3.0), ("max_weight", 3.0), ("gross_max", 10.0)])
def test_decimals_that_desks_use_are_not_doubted(row: tuple[Any, ...], recwarn: pytest.WarningsRecorder) -> None:
    Limits.from_rows([row], 2)
    assert not recwarn.list
