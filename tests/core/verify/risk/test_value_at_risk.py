from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.verify.risk.value_at_risk import METHODS, overlapping_sums, value_at_risk

SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, rows: int = 120, contracts: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=contracts), 0.02 * rng.standard_t(4, size=(rows, contracts))


def test_the_shortfall_of_ten_rows_by_hand() -> None:
    # The worst fifth of ten rows are the losses of 10 and 6 %: their mean is 8 %, of which BTC lost (4 + 5) / 2.
    returns = [[-0.08, -0.12], [-0.10, -0.02], *([0.01, 0.02 * k] for k in range(8))]
    found = value_at_risk([0.5, 0.5], returns, 0.8, "shortfall")
    assert found.total == pytest.approx(0.08)
    assert found.component == pytest.approx([0.045, 0.035])
    assert found.share == pytest.approx([0.5625, 0.4375])
    assert found.totals == (1.0, "", pytest.approx(0.08), 1.0)


def test_the_row_at_the_edge_of_a_shortfall_counts_by_its_part() -> None:
    losses = np.array([0.09, 0.05, 0.03, 0.02, 0.01])
    # 1.5 of five rows: all of the worst, half of the next.
    found = value_at_risk([1.0], -losses, 0.7, "shortfall")
    assert found.total == pytest.approx((0.09 + 0.5 * 0.05) / 1.5)


def test_the_normal_of_two_contracts_in_closed_form() -> None:
    weights, returns = drawn(3)
    mean, covariance = returns.mean(axis=0), np.cov(returns, rowvar=False)
    deviation = math.sqrt(weights @ covariance @ weights)
    z = 1.6448536269514722
    found = value_at_risk(weights, returns, 0.95, "parametric")
    assert found.total == pytest.approx(z * deviation - weights @ mean, rel=1e-12)
    assert found.marginal == pytest.approx(z * covariance @ weights / deviation - mean, rel=1e-10)
    beyond = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / 0.05
    assert value_at_risk(weights, returns, 0.95, "parametric_shortfall").total == pytest.approx(
        beyond * deviation - weights @ mean, rel=1e-10
    )


@pytest.mark.parametrize("method", METHODS)
@given(seed=SEEDS, level=st.floats(0.6, 0.9), horizon=st.integers(1, 7))
@settings(max_examples=25)
def test_what_a_contract_brings_is_its_weight_times_the_slope(
    method: str, seed: int, level: float, horizon: int
) -> None:
    weights, returns = drawn(seed)
    found = value_at_risk(weights, returns, level, method, horizon)
    assert found.component.sum() == pytest.approx(found.total, rel=1e-10)
    step = 1e-7
    for contract in range(weights.size):
        moved = step * np.eye(weights.size)[contract]
        up, down = (
            value_at_risk(weights + side * moved, returns, level, method, horizon).total for side in (1.0, -1.0)
        )
        assert (up - down) / (2 * step) == pytest.approx(found.marginal[contract], rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
@given(seed=SEEDS, size=st.floats(1e-4, 1e4))
@settings(max_examples=25)
def test_a_book_of_another_size_or_order_has_the_same_shares(method: str, seed: int, size: float) -> None:
    weights, returns = drawn(seed)
    found = value_at_risk(weights, returns, 0.9, method)
    larger = value_at_risk(size * weights, returns, 0.9, method)
    assert larger.total == pytest.approx(size * found.total, rel=1e-9)
    assert larger.share == pytest.approx(found.share, rel=1e-7)
    rng = np.random.default_rng(seed)
    order, rows = rng.permutation(weights.size), rng.permutation(len(returns))
    other = value_at_risk(weights[order], returns[rows][:, order], 0.9, method)
    assert other.component == pytest.approx(found.component[order], rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("method", METHODS)
@given(seed=SEEDS, part=st.floats(0.1, 0.9))
@settings(max_examples=25)
def test_a_contract_in_two_lines_brings_what_it_brought_in_one(method: str, seed: int, part: float) -> None:
    weights, returns = drawn(seed)
    whole = value_at_risk(weights, returns, 0.9, method)
    split = value_at_risk(
        np.append(part * weights[0], [(1 - part) * weights[0], *weights[1:]]),
        np.column_stack([returns[:, 0], returns]),
        0.9,
        method,
    )
    assert split.total == pytest.approx(whole.total, rel=1e-9)
    assert split.component[:2].sum() == pytest.approx(whole.component[0], rel=1e-9, abs=1e-15)
    assert split.component[2:] == pytest.approx(whole.component[1:], rel=1e-9, abs=1e-15)


def test_rows_that_lose_the_same_share_what_they_count_whatever_their_order() -> None:
    # Both books lose 1 % in four of six rows, once by the one contract and once by the other.
    returns = np.array([[-0.01, 0.0], [0.0, -0.01], [-0.01, 0.0], [0.0, -0.01], [0.01, 0.0], [0.0, 0.01]])
    for method in ("historical", "shortfall"):
        found = value_at_risk([1.0, 1.0], returns, 0.8, method)
        assert found.share == pytest.approx([0.5, 0.5])
        assert value_at_risk([1.0, 1.0], returns[::-1], 0.8, method).component == pytest.approx(found.component)


def test_a_hedge_takes_risk_away() -> None:
    market = 0.02 * np.random.default_rng(5).normal(size=500)
    returns = np.column_stack([market, market])
    for method in METHODS:
        found = value_at_risk([1.0, -0.4], returns, 0.95, method)
        assert found.component[1] < 0
        assert found.total == pytest.approx(value_at_risk([0.6], market, 0.95, method).total, rel=1e-9)


def test_a_contract_that_is_not_held_has_a_slope_and_brings_nothing() -> None:
    weights, returns = drawn(8)
    weights[2] = 0.0
    for method in METHODS:
        found = value_at_risk(weights, returns, 0.9, method)
        bought = value_at_risk(weights + 1e-7 * np.eye(4)[2], returns, 0.9, method)
        assert found.component[2] == found.share[2] == 0
        assert found.marginal[2] == pytest.approx((bought.total - found.total) / 1e-7, rel=1e-3, abs=1e-5)


def test_rows_with_a_gap_are_left_out_and_counted() -> None:
    weights, returns = drawn(9)
    holes = returns.copy()
    holes[[3, 40], [0, 2]] = np.nan
    with pytest.warns(DataWarning, match="returns: 2 of 120 rows dropped"):
        found = value_at_risk(weights, holes, 0.9)
    assert found.rows == 118
    assert found.total == pytest.approx(value_at_risk(weights, np.delete(returns, [3, 40], axis=0), 0.9).total)
    # A stretch of three rows that holds the gap is none: three of them hold row 3, three row 40.
    with pytest.warns(DataWarning, match="returns over 3 rows: 6 of 118 rows dropped"):
        assert value_at_risk(weights, holes, 0.8, "shortfall", 3).rows == 112


def test_what_is_not_held_may_be_young() -> None:
    weights, returns = drawn(10)
    weights[1], returns[:100, 1] = 0.0, np.nan
    found = value_at_risk(weights, returns, 0.9)
    assert found.rows == 120
    assert np.isnan(found.marginal).tolist() == [False, True, False, False]
    assert found.component[1] == 0


@given(st.integers(1, 40))
def test_sums_by_doubling_are_the_sums(horizon: int) -> None:
    returns = np.random.default_rng(horizon).normal(size=(60, 2))
    plain = [returns[row : row + horizon].sum(axis=0) for row in range(60 - horizon + 1)]
    assert overlapping_sums(returns, horizon) == pytest.approx(np.array(plain), rel=1e-12, abs=1e-12)


def test_a_bad_tick_leaves_no_trace_in_the_sums_without_it() -> None:
    returns = np.full((50, 1), 0.001)
    returns[10] = 1e9
    assert (overlapping_sums(returns, 8)[11:] == overlapping_sums(returns[11:], 8)).all()


def test_a_short_tail_is_said() -> None:
    weights, returns = drawn(11)
    with pytest.warns(DataWarning, match=r"level 0.99 looks at the worst 0.01 of 28 stretches"):
        value_at_risk(weights, returns[:115], 0.99, "shortfall", 4)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"weights": [0.5, np.nan]}, MissingDataError, "weights has no value at position 2"),
        ({"weights": [0.5]}, ArgumentError, "returns has 2 columns where 1 are needed"),
        ({"weights": [0.0, 0.0]}, UndefinedError, "weights are all 0"),
        ({"level": 0.05}, ArgumentError, "level is 0.05; it must be at least 0.5"),
        ({"level": 95}, ArgumentError, "level is 95; it must be below 1"),
        ({"method": "normal"}, ArgumentError, "method 'normal' is not known"),
        ({"horizon": 0}, ArgumentError, "horizon is 0; it must be at least 1"),
        ({"horizon": 1.5}, ArgumentError, "horizon is 1.5; it must be a whole number"),
        ({"horizon": 20}, MissingDataError, "returns has too few complete rows, 20 where 21 are needed"),
        ({"returns": np.full((20, 2), np.nan)}, MissingDataError, "returns has too few complete rows, 0"),
        ({"returns": np.full((20, 2), 0.01), "method": "parametric"}, UndefinedError, "without variance"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    good = {"weights": [0.5, 0.5], "returns": 0.01 * np.random.default_rng(1).normal(size=(20, 2))}
    with pytest.raises(error, match=message):
        value_at_risk(**{**good, **changes})
