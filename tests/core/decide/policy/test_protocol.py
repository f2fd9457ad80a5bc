from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.protocol import Holding
from core.errors import ArgumentError, MissingDataError


def test_limits_count_from_what_is_held() -> None:
    holding = Holding([0.4, 0.6], limits=Limits(max_step=0.1, current_weights=[1, 0]))
    assert holding.limits.current_weights.tolist() == [0.4, 0.6]
    assert holding.limits.max_step.tolist() == [0.1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0.4, np.nan],), MissingDataError, "weights has no value at position 2"),
        (([0.4], 0), ArgumentError, "equity is 0; it must be above 0"),
        (([0.4], np.inf), ArgumentError, "equity must be a finite number"),
    ],
)
def test_a_bad_holding_is_named(arguments: tuple, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Holding(*arguments)
