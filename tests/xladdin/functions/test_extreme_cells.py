"""Every function under cells that are extreme but possible: a cell value comes back, and a reason a person can read.

Each case takes arguments that are good and spoils some of their cells, by a fixed seed. PERPDESK_EXTREME_CASES asks for
more cases of each function than the few that every run tries.
"""

from __future__ import annotations

import math
import os
import random
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.xladdin.functions.test_bad_input import GOOD
from xladdin import call, catalog

CASES = int(os.environ.get("PERPDESK_EXTREME_CASES", "8"))
SLOW = {"PERP_BETA_FORECAST": 16, "PERP_STRESS_MONTE_CARLO": 4, "PERP_REGIME": 2}
"""By how much fewer cases are tried of what takes long to answer."""

SIZES = (
    *(1e308, -1e308, 1e160, -1e160, 1e155, 1e100, 1e-100, 1e-160, -1e-308, 1e-320, 5e-324),
    *(1e49, -1e49, 1e30, 1e20, 1e9, 1e7, 1e-9, -1e-30, 1e-49),
)
OTHERS = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 100.0, 45_000.0),
    *(10**400, -(10**400), 10**5000, Decimal("sNaN"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e400")),
    *(math.nan, math.inf, -math.inf, True, False, None, "", " ", "text", "1", "#N/A", -2146826246, -2146826281),
    *(Decimal("0.1"), datetime(2024, 7, 1, 8)),
)
EXTREMES = (*SIZES, *OTHERS)

INTERNAL = re.compile(
    r"failed inside PerpDesk|Traceback|encountered|ufunc|numpy|scipy|daqp|float64|dtype|ndarray|\barrays?\b|broadcast"
    r"|None|datetime\.|Decimal\(|<class|LinAlg|[Ss]ingular|\bobject\b|operand|\bnan\b|\binf\b|math domain|[Mm]emory"
)
"""Words of the machinery, which are no reason to a person."""


def spoiled(argument: Any, chance: random.Random) -> Any:
    """A good argument with a cell, a column, a row or all of it made extreme, larger, smaller, shorter or repeated."""
    if not isinstance(argument, tuple):
        return chance.choice(EXTREMES)
    rows = [list(row) for row in argument]
    extreme, row, column = chance.choice(EXTREMES), chance.randrange(len(rows)), chance.randrange(len(rows[0]))
    match chance.randrange(7):
        case 0:
            rows[row][column] = extreme
        case 1:
            for each in rows:
                each[column] = extreme
        case 2:
            rows[row] = [extreme] * len(rows[0])
        case 3:
            size = chance.choice(SIZES)
            rows = [[cell * size if isinstance(cell, float) else cell for cell in each] for each in rows]
        case 4:
            rows = [[chance.choice(EXTREMES) if chance.random() < 0.2 else cell for cell in each] for each in rows]
        case 5:
            rows = rows[: row + 1]
        case _:
            rows = [[extreme] * len(rows[0]) for _ in rows]
    return tuple(map(tuple, rows))


def cases() -> list[Any]:
    return [
        pytest.param(name, seed, id=f"{name}-{seed}")
        for name in GOOD
        for seed in range(max(1, CASES // SLOW.get(name, 1)))
    ]


@pytest.mark.parametrize(("name", "seed"), cases())
def test_a_cell_value_comes_back_and_a_reason_in_plain_words(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    arguments = dict(GOOD[name])
    for changed in chance.sample(sorted(arguments), min(len(arguments), chance.choice((1, 1, 2, 3)))):
        arguments[changed] = spoiled(arguments[changed], chance)
    shown = call(name, *(arguments.get(argument.name) for argument in catalog.function(name).args), caller="Sheet!A1")

    values = [value for row in shown for value in row] if isinstance(shown, list) else [shown]
    assert all(isinstance(value, str) or (isinstance(value, float) and math.isfinite(value)) for value in values)
    reason = call("PERP_WHY", "Sheet!A1")
    assert not INTERNAL.search(reason), reason
    assert len(reason) < 1_000, reason
    if isinstance(shown, str) and shown.startswith("#"):
        assert shown in ("#N/A", "#VALUE!", "#NUM!")
        assert not reason.startswith("No failure"), reason


@pytest.mark.parametrize("method", ["sample", "ewma", "garch"])
@pytest.mark.parametrize("size", [1e-40, 1e-9, 1e9, 1e40])
def test_among_the_sizes_that_are_let_through_a_volatility_grows_with_its_returns(size: float, method: str) -> None:
    returns = GOOD["PERP_VOL"]["returns"]
    plain = call("PERP_VOL", returns, method)
    scaled = call("PERP_VOL", tuple(tuple(cell * size for cell in row) for row in returns), method)
    assert scaled == [pytest.approx([size * value for value in plain[0]], rel=1e-6)]
