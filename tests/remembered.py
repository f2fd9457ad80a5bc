"""What many tests ask of the same numbers is computed once in a process.

    from tests.remembered import remembering

The sample desk is estimated anew by each job of each test; most of a job is the climbs of GARCH and the search for
regimes over rows that another test had before. Both are functions of numbers alone, held to their sources in
`tests/core`. They still run whenever a number is another, and where loops are compiled.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np
import pytest

from core.estimate.volatility import garch, regime
from core.numeric.compiled import worth_compiling

__all__ = ["remembering"]

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def remembering(patch: pytest.MonkeyPatch) -> None:
    """Let the fits of GARCH and the cuts into regimes be remembered, until the patch is undone."""
    patch.setattr(garch, "_best", FITS)
    patch.setattr(regime, "variance_starts", CUTS)


def _remembered(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """The function, answering with a copy where it was asked the same to the last bit."""
    answers: dict[object, Answer] = {}

    @wraps(function)
    def answer(*given: Asked.args, **named: Asked.kwargs) -> Answer:
        asked = (*map(_told_apart, given), *((name, _told_apart(each)) for name, each in named.items()))
        known = worth_compiling(0), *asked
        if known not in answers:
            answers[known] = function(*given, **named)
        return copy.deepcopy(answers[known])

    return answer


def _told_apart(value: object) -> object:
    """What two equal arguments have in common and no two others."""
    return (value.shape, value.dtype.str, value.tobytes()) if isinstance(value, np.ndarray) else value


FITS = _remembered(garch._best)
CUTS = _remembered(regime.variance_starts)
