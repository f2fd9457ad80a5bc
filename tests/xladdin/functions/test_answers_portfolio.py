"""Answers of PERP_OPTIMIZE beyond the classical objectives, each against a closed form or a formula of its own."""

from __future__ import annotations

import re

import numpy as np
import pytest

from xladdin import call

MU = ((0.12, 0.25, 0.40),)
SIGMA = ((0.25, 0.18, 0.16), (0.18, 0.36, 0.24), (0.16, 0.24, 0.64))
UNCORRELATED = ((0.04, 0.0, 0.0), (0.0, 0.16, 0.0), (0.0, 0.0, 0.64))
RETURNS = tuple(map(tuple, np.random.default_rng(1).multivariate_normal(np.zeros(3), np.array(SIGMA) / 365, 250)))


def block(limits: tuple) -> tuple:
    """Rows of one length, as a sheet sends them."""
    return tuple(row + (None,) * (4 - len(row)) for row in limits)


def weights(objective: str, *limits: tuple, covariance: tuple = SIGMA, returns: tuple | None = None) -> np.ndarray:
    found = call("PERP_OPTIMIZE", MU, covariance, objective, block(limits), returns)
    assert not isinstance(found, str), found
    return np.array(found).ravel()


def reason(objective: str, *limits: tuple) -> str:
    assert call("PERP_OPTIMIZE", MU, SIGMA, objective, block(limits)) == "#NUM!"
    return str(call("PERP_WHY"))


def test_target_volatility_is_reached() -> None:
    found = weights("target_volatility", ("target_volatility", 0.6))
    assert np.sqrt(found @ np.array(SIGMA) @ found) == pytest.approx(0.6, rel=1e-9)
    assert found.sum() == pytest.approx(1.0)


def test_risk_parity_of_uncorrelated_contracts() -> None:
    assert weights("risk_budget", covariance=UNCORRELATED) == pytest.approx(np.array([4, 2, 1]) / 7, abs=1e-9)
    shares = weights("risk_budget", ("budgets", 0.64, 0.32, 0.04), covariance=UNCORRELATED)
    expected = np.sqrt([0.64, 0.32, 0.04]) / [0.2, 0.4, 0.8]
    assert shares == pytest.approx(expected / expected.sum(), abs=1e-9)


def test_robust_with_no_uncertainty_is_utility() -> None:
    plain = weights("utility", ("risk_aversion", 2))
    assert weights("robust", ("risk_aversion", 2), ("uncertainty", 0)) == pytest.approx(plain, abs=1e-9)
    doubted = weights("robust", ("risk_aversion", 2), ("uncertainty", 0, 0, 0.4))
    assert doubted[2] < plain[2]


def test_cvar_is_least_and_its_limit_holds() -> None:
    def tail(found: np.ndarray) -> float:
        worst = np.sort(-np.array(RETURNS) @ found)[::-1]
        return float((worst[:12].sum() + 0.5 * worst[12]) / 12.5)

    safest = weights("cvar", returns=RETURNS)
    draws = np.random.default_rng(2).dirichlet(np.ones(3), 300)
    assert tail(safest) <= min(tail(w) for w in draws) + 1e-12
    most = tail(safest) * 1.05
    assert tail(weights("max_sharpe", ("cvar_max", most), returns=RETURNS)) <= most * (1 + 1e-9)


def test_every_limit_of_the_contract_is_heard() -> None:
    limits = (
        ("net", None),
        ("min_weight", -1),
        ("max_weight", 2),
        ("initial_margin_rates", 0.1),
        ("maintenance_rates", 0.05),
        ("maintenance_max", 0.1),
        ("funding_rates", 0.2, -0.1, 0.3),
        ("funding_buffer_days", 30),
        ("daily_volumes", 10, 10, 10),
        ("max_volume_share", 0.09),
        ("factor_1", 1, -1, 0),
        ("factor_1_target", 0.1),
        ("group_1", 0, 1, 1),
        ("group_1_min", 0.2),
        ("market_impact", 0.01),
        ("risk_aversion", 0.5),
    )
    found = weights("utility", *limits)
    assert 0.05 * np.abs(found).sum() <= 0.1 + 1e-9
    assert np.abs(found).max() <= 0.9 + 1e-9
    assert found[0] - found[1] == pytest.approx(0.1, abs=1e-9)
    assert found[1] + found[2] >= 0.2 - 1e-9


@pytest.mark.parametrize(
    ("objective", "limits", "words"),
    [
        ("target_volatility", [("target_volatility", 0.1)], "target_volatility 0.1 is below 0.4"),
        ("min_variance", [("target_return", 0.5)], "attainable range 0.12 to 0.4"),
        ("max_sharpe", [("risk_free", 0.9)], "no positive premium"),
        (
            "utility",
            [("maintenance_rates", 0.5), ("maintenance_max", 0.2)],
            "maintenance_max 0.2 and net 1 cannot hold together; maintenance_max 0.5 would do",
        ),
    ],
)
def test_what_is_impossible_is_told_with_a_way_out(objective: str, limits: list, words: str) -> None:
    assert re.search(re.escape(words), reason(objective, *limits))
