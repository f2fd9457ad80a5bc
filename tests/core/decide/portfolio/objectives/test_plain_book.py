"""Plain books by their own loops: the weights of the ordinary way, and whatever is not plain left to it."""

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.limits.exposure import Group
from core.decide.portfolio import optimize as room
from core.decide.portfolio.objectives import plain_book
from core.decide.portfolio.objectives.registry import objective_named
from core.decide.portfolio.optimize import optimize
from core.errors import SolveError

OBJECTIVES = ("min_variance", "utility", "max_sharpe")


@pytest.fixture(autouse=True)
def by_the_loops(monkeypatch):
    """The loops answer, as the Python that they are."""
    monkeypatch.setattr(plain_book, "worth_compiling", lambda elements: True)
    monkeypatch.setattr(plain_book, "compiled", lambda loop: loop)


def ordinary(monkeypatch, *arguments):
    with monkeypatch.context() as patched:
        patched.setattr(room, "plain_answer", lambda sought: None)
        return answered(*arguments)


def answered(*arguments):
    try:
        return optimize(*arguments)
    except SolveError as error:
        return str(error)


def book(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.choice([1, 2, 3, 5, 8, 12]))
    sample = rng.normal(size=(3 * n + 2, n)) * rng.uniform(0.2, 3, n) * 0.02 + 0.02 * rng.normal(size=(3 * n + 2, 1))
    covariance = sample.T @ sample * rng.choice([1.0, 365.0])
    stated = {
        "min_weight": 0.0 if seed % 2 else -rng.uniform(0.05, 1, n),
        "max_weight": rng.uniform(1.2 / n, 1.2 / n + 1, n),
        "current_weights": rng.dirichlet(np.ones(n)) if seed % 3 else rng.normal(size=n) / n,
        "net": float(rng.choice([1.0, 0.5])),
        "risk_aversion": float(rng.uniform(0.5, 5)),
    }
    if seed % 4:
        stated["turnover_cost"] = rng.uniform(0, 0.02, n) * covariance.max()
    if seed % 5 == 0:
        stated["max_step"] = rng.uniform(0.01, 0.5)
    return rng.normal(0.1, 0.4, n) * covariance.max() * 3, covariance, Limits(**stated)


@pytest.mark.parametrize("seed", range(60))
def test_the_ordinary_way_finds_the_same(seed, monkeypatch):
    mu, covariance, limits = book(seed)
    for objective in OBJECTIVES:
        ours = answered(mu, covariance, objective, limits)
        other = ordinary(monkeypatch, mu, covariance, objective, limits)
        if isinstance(other, str):
            assert ours == other
            continue
        assert ours.solver == "pairs"
        assert ours.certificate.passes(1e-10)
        np.testing.assert_allclose(ours.weights, other.weights, atol=1e-9)
        assert ours.sharpe == pytest.approx(other.sharpe, rel=1e-12)
        assert ours.expected_return == pytest.approx(other.expected_return, abs=1e-12 * np.abs(mu).max())


MU, COVARIANCE = np.array([0.1, 0.2, 0.3]), np.diag([0.1, 0.2, 0.4])


@pytest.mark.parametrize(
    "stated",
    [
        {"gross_max": 1.5}, {"net": None}, {"net_min": 0.5}, {"max_turnover": 2}, {"target_return": 0.1},
        {"betas": [1, 1, 1], "target_beta": 1}, {"groups": (Group("group_1", [1, 1, 0], maximum=0.5),)},
        {"market_impact": 0.01}, {"initial_margin_rates": 0.1, "margin_buffer": 0.7}, {"maintenance_rates": 0.01},
        {"funding_rates": 0.1, "funding_buffer_days": 3},
    ],
)  # fmt: skip
def test_a_book_with_other_limits_is_not_plain(stated):
    found = optimize(MU, COVARIANCE, "utility", Limits(min_weight=-1.0, **stated))
    assert found.solver != "pairs"


def test_no_other_objective_is_asked_here():
    limits = Limits(target_volatility=0.4, uncertainty=0.1)
    returns = np.random.default_rng(0).normal(size=(60, 3)) * 0.3
    for objective in ("target_volatility", "robust", "cvar", "risk_budget"):
        assert optimize(MU, COVARIANCE, objective, limits, returns).solver != "pairs"
    assert optimize(MU, COVARIANCE, "utility", Limits(cvar_max=5.0), returns).solver != "pairs"


@pytest.mark.parametrize("covariance", [np.ones((3, 3)), np.zeros((3, 3)), np.diag([0.1, 0.0, 0.2])])
def test_a_covariance_without_an_inverse_goes_the_ordinary_way(covariance, monkeypatch):
    for objective in OBJECTIVES:
        ours = answered(MU, covariance, objective, Limits(max_weight=0.6))
        other = ordinary(monkeypatch, MU, covariance, objective, Limits(max_weight=0.6))
        assert getattr(ours, "solver", ours) == getattr(other, "solver", other)


def test_a_net_of_nothing_has_no_scale_and_goes_the_ordinary_way():
    assert optimize(MU, COVARIANCE, "max_sharpe", Limits(min_weight=-1.0, net=0.0)).solver != "pairs"


@pytest.mark.parametrize("seed", range(40))
def test_a_limit_out_of_reach_is_none_and_one_in_reach_is(seed):
    """Against the largest gross that a linear programme finds: longs and shorts apart, their difference the net."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    low, high = -rng.uniform(0, 0.6, n) * (rng.random(n) < 0.5), rng.uniform(0.2, 0.8, n)
    net = float(rng.uniform(low.sum(), high.sum()))
    found = linprog(
        -np.ones(2 * n),
        A_eq=np.concatenate([np.ones(n), -np.ones(n)])[np.newaxis],
        b_eq=[net],
        bounds=[*zip(np.zeros(n), high, strict=True), *zip(np.zeros(n), -low, strict=True)],
    )
    gross, kind = -found.fun, objective_named("utility")
    stated = {"min_weight": low, "max_weight": high, "net": net, "initial_margin_rates": 0.1}
    assert plain_book.PlainBook.of(kind, Limits(**stated, gross_max=gross + 1e-6), n) is not None
    assert plain_book.PlainBook.of(kind, Limits(**stated, gross_max=gross - 1e-6), n) is None
    assert plain_book.PlainBook.of(kind, Limits(**stated, margin_buffer=1 - 0.1 * (gross + 1e-6)), n) is not None
    assert plain_book.PlainBook.of(kind, Limits(**stated, margin_buffer=1 - 0.1 * (gross - 1e-6)), n) is None
    assert plain_book.PlainBook.of(kind, Limits(**stated, gross_max=gross + 1, max_turnover=9.0), n) is None
