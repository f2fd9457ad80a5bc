"""Answers of PERP_VAR as a sheet sees them: its rows, its total, and the reasons of PERP_WHY."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats.mstats import hdquantiles

from xladdin import call

RETURNS = tuple(map(tuple, (0.02 * np.random.default_rng(4).standard_t(5, size=(200, 3))).tolist()))
WEIGHTS = (0.8, 0.5, -0.3)


def test_one_row_a_contract_and_a_total() -> None:
    header, *rows, last = call("PERP_VAR", (WEIGHTS,), RETURNS)
    assert header == ["contract", "weight", "marginal", "component", "share"]
    assert [row[0] for row in rows] == [1.0, 2.0, 3.0]
    assert [row[1] for row in rows] == list(WEIGHTS)
    second = float(hdquantiles(-np.array(RETURNS) @ WEIGHTS, prob=[0.95])[0])
    assert last == ["total", pytest.approx(1.0), "", pytest.approx(second, rel=1e-9), pytest.approx(1.0)]
    assert sum(row[3] for row in rows) == pytest.approx(second, rel=1e-9)
    assert [row[1] * row[2] for row in rows] == pytest.approx([row[3] for row in rows])


def test_a_column_of_weights_is_as_good_as_a_row() -> None:
    assert call("PERP_VAR", tuple((w,) for w in WEIGHTS), RETURNS) == call("PERP_VAR", (WEIGHTS,), RETURNS)


def test_rows_with_a_gap_are_said() -> None:
    holes = (*RETURNS[:50], (0.01, None, 0.02), (0.01, "n/a", 0.02), *RETURNS[50:])
    assert call("PERP_VAR", (WEIGHTS,), holes, caller="Risk!B2") == call("PERP_VAR", (WEIGHTS,), RETURNS)
    assert "returns: 2 of 202 rows dropped because a value is missing; column 2 lacks 2" in call("PERP_WHY", "Risk!B2")


def test_two_weeks_of_a_short_history_are_doubted() -> None:
    assert call("PERP_VAR", (WEIGHTS,), RETURNS, 0.99, "shortfall", 14, caller="Risk!B3") != "#N/A"
    assert "the worst 0.01 of 13.36 stretches that do not overlap" in call("PERP_WHY", "Risk!B3")


def test_a_contract_that_is_not_held_and_young_has_no_marginal() -> None:
    young = tuple((*row[:2], None) for row in RETURNS)
    rows = call("PERP_VAR", ((0.8, 0.5, 0.0),), young)
    assert rows[3] == [3.0, 0.0, "#N/A", 0.0, 0.0]
