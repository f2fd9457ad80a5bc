"""Programs of a fixed sum, as the Python that they are: closed forms, and what the general routes find and certify."""

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import excess_return, feasible_set, lifted
from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.fixed_sum import greatest_ratio, least
from core.numeric.quadratic.solve import QuadraticProgram, solve

WIDE = np.full(4, 100.0)
RNG = np.random.default_rng(2)
ROOT = RNG.normal(size=(4, 4))
P = ROOT @ ROOT.T + np.eye(4)
NOTHING = np.zeros(4)
GAIN = np.array([0.5, 1.0, 0.2, 0.8])


def asked(loop, risk, gain, cost, kink, lower, upper, total):
    """Whether it settled, x, and the residuals of the certificate."""
    parts = [np.ascontiguousarray(part, dtype=float) for part in (risk, gain, cost, kink, lower, upper)]
    settled, left, x, y, z, program = loop(*parts, total)
    names = ("q", "rows", "row_lower", "row_upper", "lower", "upper", "folded")
    found = certify(QuadraticProgram(P=parts[0], **dict(zip(names, program, strict=True))), x, y, z)
    return settled, x[: len(parts[0])], np.array([found.worst, left])


def test_the_least_variance_between_wide_bounds_is_the_closed_form():
    settled, x, residuals = asked(least, P, NOTHING, NOTHING, NOTHING, -WIDE, WIDE, 1.0)
    expected = np.linalg.solve(P, np.ones(4))
    assert settled
    assert residuals.max() < 1e-14
    np.testing.assert_allclose(x, expected / expected.sum(), rtol=1e-13)


def test_the_greatest_ratio_between_wide_bounds_is_the_tangency_portfolio():
    settled, x, residuals = asked(greatest_ratio, P, GAIN, NOTHING, NOTHING, -WIDE, WIDE, 1.0)
    expected = np.linalg.solve(P, GAIN)
    assert settled
    assert residuals.max() < 1e-12
    np.testing.assert_allclose(x, expected / expected.sum(), rtol=1e-11)


def test_what_costs_more_than_it_brings_is_not_traded():
    held = np.array([0.4, 0.3, 0.2, 0.1])
    settled, x, _ = asked(least, P, GAIN, NOTHING + 50.0, held, NOTHING, NOTHING + 1, 1.0)
    assert settled
    np.testing.assert_allclose(x, held, atol=1e-15)


def test_two_contracts_trade_as_far_as_the_cost_lets_them():
    # x^2 / 2 + (1 - x)^2 / 2 + c (x + x) from (0, 1): slope 2 x - 1 + 2 c = 0
    settled, x, _ = asked(least, np.eye(2), [0, 0], [0.2, 0.2], [0.0, 1.0], [0, 0], [1, 1], 1.0)
    assert settled
    np.testing.assert_allclose(x, [0.3, 0.7], atol=1e-15)


@pytest.mark.parametrize("seed", range(40))
def test_optimum_and_certificate_are_those_of_the_general_program(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    sample = rng.normal(size=(3 * n, n)) * rng.uniform(0.3, 3, n)
    risk = sample.T @ sample / (3 * n)
    held = rng.normal(size=n) / n
    limits = Limits(
        min_weight=-rng.uniform(0, 1, n),
        max_weight=rng.uniform(1.2 / n, 2, n),
        turnover_cost=rng.uniform(0, 0.4, n),
        current_weights=held,
    )
    premium = rng.normal(size=n)
    allowed = feasible_set(limits, n, premium)
    linear = -excess_return(limits, allowed, premium).coefficients
    program = QuadraticProgram.over(allowed, risk, linear, allowed.kink_contract)
    general = solve(program)
    cost, lower, upper = limits.vector("turnover_cost", n), allowed.lower[:n], allowed.upper[:n]
    settled, x, residuals = asked(least, risk, premium, cost, held, lower, upper, 1.0)
    assert settled
    assert residuals.max() <= 1e-10
    np.testing.assert_allclose(x, general.x[:n], atol=1e-11)
    there = certify(program, lifted(allowed, x), general.row_multipliers, general.bound_multipliers)
    assert there.passes(1e-9)


@pytest.mark.parametrize(
    ("lower", "upper", "total"),
    [(NOTHING, NOTHING + 0.2, 1.0), (NOTHING + 0.3, NOTHING + 1, 1.0), (NOTHING - 1, NOTHING - 0.5, 0.0)],
)
def test_a_sum_out_of_reach_does_not_settle(lower, upper, total):
    for loop in (least, greatest_ratio):
        assert not asked(loop, P, GAIN, NOTHING, NOTHING, lower, upper, total)[0]


def test_repeated_contracts_and_no_premium_are_left_to_other_routes():
    same = np.ones((4, 4))
    assert not asked(least, same, GAIN, NOTHING, NOTHING, -WIDE, WIDE, 1.0)[0]
    assert not asked(greatest_ratio, P, -GAIN, NOTHING, NOTHING, NOTHING, NOTHING + 1, 1.0)[0]


def test_fixed_weights_stay_and_the_others_share_the_rest():
    lower, upper = np.array([0.25, 0, 0, 0]), np.array([0.25, 1, 1, 1])
    settled, x, residuals = asked(least, P, NOTHING, NOTHING, NOTHING, lower, upper, 1.0)
    assert settled
    assert x[0] == 0.25
    assert x.sum() == pytest.approx(1, abs=1e-15)
    assert residuals.max() <= 1e-10


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_units_change_nothing(scale):
    settled, x, residuals = asked(greatest_ratio, scale * P, GAIN, NOTHING + 0.05, NOTHING, NOTHING, NOTHING + 1, 1.0)
    _, usual, _ = asked(greatest_ratio, P, GAIN, NOTHING + 0.05, NOTHING, NOTHING, NOTHING + 1, 1.0)
    assert settled
    assert residuals.max() <= 1e-10
    np.testing.assert_allclose(x, usual, atol=1e-12)
