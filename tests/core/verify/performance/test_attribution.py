"""Attribution: sums, an independent regression, and the order of bars."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.verify.performance.attribution import attribute, linked

RNG = np.random.default_rng(2)
MARKET = RNG.normal(0.0005, 0.02, 250)
OWN = RNG.normal(0.0002, 0.01, 250) + 0.8 * MARKET
FUNDING, COSTS = RNG.normal(0.0001, 0.0002, 250), np.abs(RNG.normal(0, 0.0001, 250))


def parts_of(found):
    return [found.beta_part, found.alpha_part, found.funding_part, found.cost_part]


def test_parts_sum_to_the_total_which_is_the_compounded_return():
    found = attribute(OWN, MARKET, FUNDING, COSTS, 0.04, 365)
    assert found.total == pytest.approx(np.prod(1 + OWN) - 1, rel=1e-12)
    assert math.fsum(parts_of(found)) == pytest.approx(found.total, rel=1e-12)


def test_the_regression_is_that_of_statsmodels():
    found = attribute(OWN, MARKET, FUNDING, COSTS, 0.04, 365)
    rate = 0.04 / 365
    fit = sm.OLS(OWN - FUNDING + COSTS - rate, sm.add_constant(MARKET - rate)).fit(
        cov_type="HAC", cov_kwds={"maxlags": math.floor(4 * (250 / 100) ** (2 / 9))}
    )
    assert found.beta == pytest.approx(fit.params[1], rel=1e-10)
    assert found.alpha_t == pytest.approx(fit.tvalues[0], rel=1e-10)


def test_parts_by_a_loop_of_logarithms():
    found = attribute(OWN, MARKET, FUNDING, COSTS)
    whole, linking = found.total, 0.0
    sums = [0.0] * 4
    for r, m, f, c in zip(OWN, MARKET, FUNDING, COSTS, strict=True):
        weight = math.log(1 + r) / r
        linking += math.log(1 + r)
        for place, part in enumerate((found.beta * m, r - f + c - found.beta * m, f, -c)):
            sums[place] += weight * part
    np.testing.assert_allclose(parts_of(found), [part * whole / linking for part in sums], rtol=1e-10)


def test_a_levered_market_without_skill_is_all_beta():
    found = attribute(1.5 * MARKET, MARKET)
    assert found.beta == pytest.approx(1.5, rel=1e-12)
    assert found.beta_part == pytest.approx(found.total, rel=1e-12)
    assert found.alpha_part == pytest.approx(0, abs=1e-12)


def test_signs_of_funding_and_costs():
    found = attribute(OWN + 0.001 - 0.0005, MARKET, 0.001, 0.0005)
    assert found.funding_part > 0 > found.cost_part
    assert found.funding_part == pytest.approx(-2 * found.cost_part, rel=1e-12)


@given(st.permutations(range(40)))
def test_the_order_of_bars_does_not_matter(order):
    kept = attribute(OWN[:40], MARKET[:40], FUNDING[:40], COSTS[:40])
    mixed = attribute(OWN[order], MARKET[order], FUNDING[order], COSTS[order])
    np.testing.assert_allclose(parts_of(mixed), parts_of(kept), rtol=1e-9, atol=1e-12)


def test_a_total_of_nothing_and_bars_of_nothing_have_parts_still():
    total, parts = linked(np.array([[0.25, 0.0], [-0.3, 0.1], [0.1, -0.1]]), np.array([0.25, -0.2, 0.0]))
    assert total == pytest.approx(0, abs=1e-15)
    assert parts.sum() == pytest.approx(0, abs=1e-15)
    assert np.abs(parts).min() > 0.01


def test_a_row_with_a_gap_is_left_out_and_said():
    gappy = OWN.copy()
    gappy[7] = np.nan
    with pytest.warns(DataWarning, match="1 of 250 rows dropped"):
        found = attribute(gappy, MARKET, FUNDING, COSTS)
    assert found == attribute(*(np.delete(values, 7) for values in (OWN, MARKET, FUNDING, COSTS)))


@pytest.mark.parametrize(
    ("changed", "error", "reason"),
    [
        ({"market_returns": MARKET[:5]}, ArgumentError, "portfolio_returns has 250 rows and market_returns has 5"),
        ({"market_returns": np.full(250, 0.01)}, UndefinedError, "market_returns are constant"),
        ({"portfolio_returns": np.r_[-1.0, OWN[1:]]}, UndefinedError, "portfolio_returns is -1 at row 1: all was lost"),
        ({"costs": np.r_[-0.1, COSTS[1:]]}, ArgumentError, "costs is -0.1 at position 1"),
        ({"funding": FUNDING[:9]}, ArgumentError, "funding has 9 values where 250"),
        ({"risk_free": [0.1, 0.2]}, ArgumentError, "risk_free has 2 values"),
        ({"periods_per_year": 0}, ArgumentError, "periods_per_year is 0"),
        ({"portfolio_returns": np.full(250, np.nan)}, MissingDataError, "portfolio_returns has too few complete rows"),
    ],
)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_bad_input(changed, error, reason):
    with pytest.raises(error, match=reason):
        attribute(**{"portfolio_returns": OWN, "market_returns": MARKET, **changed})
