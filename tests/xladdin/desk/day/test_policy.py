"""Every policy is traded from the desk by its name in Settings, and is the one that the core has under that name."""

from __future__ import annotations

import numpy as np
import pytest

from core.choices import POLICIES
from core.decide.limits.declared import Limits
from core.decide.policy.named import Choices, policy_named
from core.decide.policy.protocol import Holding
from core.errors import BookError, InfeasibleError
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.day.estimates import estimate
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings

MODELS = {
    "classical": "mean-variance, max_sharpe",
    "hybrid": "hybrid, max_sharpe",
    "learned": "learned, max_sharpe",
    "min_variance": "mean-variance, min_variance",
    "risk_budget": "mean-variance, risk_budget",
    "volatility_target": "volatility target",
    "equal_weight": "equal weight",
    "beta_neutral": "beta neutral",
}
"""What Runs calls the model that each policy asks first."""

SIZES_ITSELF = ("volatility_target", "beta_neutral")


def numbers(book, column, table="Weights"):
    return np.array(book.table(table).column(column), dtype=np.float64)


def last_run(book, column):
    return book.table("Runs").column(column)[-1]


def test_the_desk_offers_what_the_core_has() -> None:
    assert tuple(MODELS) == POLICIES


@pytest.mark.parametrize("name", POLICIES)
def test_the_weights_are_those_of_the_core_policy_of_that_name(book, name):
    book.write_value("Model", name)
    if name == "volatility_target":
        book.write_value("VolTarget", 0.5)
    report = jobs.rebalance(book, NOW)
    with heard_warnings():
        desk = read_desk(book)
        outlook = estimate(desk).outlook
    universe = desk.universe
    held = universe.positions * universe.prices / desk.settings.equity
    limits = Limits(
        net=None if name in SIZES_ITSELF else 1,
        gross_max=2,
        min_weight=universe.min_weights,
        max_weight=universe.max_weights,
        turnover_cost=universe.cost_rates,
        risk_free=0.05,
        initial_margin_rates=universe.initial_margin_rates,
        margin_buffer=0.3,
    )
    hedge = universe.symbols.index("BTCUSDT")
    choices = Choices(target_volatility=0.5, max_leverage=2, hedge=hedge)
    with heard_warnings():
        target = policy_named(name, choices)(outlook, Holding(held, limits=limits))
    np.testing.assert_allclose(numbers(book, "Final"), target.weights, atol=1e-12)
    np.testing.assert_allclose(numbers(book, "Baseline"), target.baseline, atol=1e-12)
    answers = f"{MODELS['classical']} (fallback)" if name == "learned" else MODELS[name]  # its history is too short
    assert (last_run(book, "Model"), last_run(book, "Solver")) == (answers, target.solver)
    assert last_run(book, "Certificate") <= 1e-8
    assert report.passed, report.verdict


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_without_an_answer_says_why_and_what_is_held_stays(book, name):
    book.write_value("Model", name)
    book.write_value("VolTarget", 0.5)
    book.write_table("Limits", [["min_weight", 0.3]], TABLES["Limits"].header)
    report = jobs.rebalance(book, NOW)
    assert last_run(book, "Model") == "current weights (fallback)"
    assert any(f"{MODELS[name]} has no answer" in said and "min_weight" in said for said in report.warnings)
    np.testing.assert_allclose(numbers(book, "Final"), numbers(book, "Current"), rtol=1e-12)
    assert "A model chose the weights" in report.verdict
    book.write_value("FallbackAllowed", "N")
    with pytest.raises(InfeasibleError, match="min_weight"):
        jobs.rebalance(book, NOW)


def test_beta_neutral_is_neutral_by_the_betas_of_the_estimates(book):
    book.write_value("Model", "beta_neutral")
    jobs.rebalance(book, NOW)
    assert numbers(book, "Final") @ numbers(book, "Beta", "Estimates") == pytest.approx(0, abs=1e-9)
    book.write_value("PortfolioBeta", 0.25)
    assert jobs.rebalance(book, NOW).passed
    assert numbers(book, "Final") @ numbers(book, "Beta", "Estimates") == pytest.approx(0.25, abs=1e-9)


class TestHedgeOfBetaNeutral:
    def exclude_the_benchmark(self, book, hedge):
        block = book.table("Universe")
        rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
        for row in rows:
            row["Hedge"] = "Y" if row["Symbol"] == hedge else "N"
            if row["Symbol"] == "BTCUSDT":
                row |= {"Include": "N", "Position": 0.0}
        book.write_table("Universe", [list(row.values()) for row in rows])
        book.write_value("Model", "beta_neutral")

    def test_without_the_benchmark_it_is_the_contract_marked_hedge(self, book):
        self.exclude_the_benchmark(book, "ETHUSDT")
        report = jobs.rebalance(book, NOW)
        weights = dict(zip(book.table("Weights").column("Symbol"), numbers(book, "Final"), strict=True))
        assert report.passed, report.verdict
        assert weights.pop("ETHUSDT") < 0
        assert np.array(list(weights.values())) == pytest.approx(1 / 7)

    def test_where_there_is_none_the_desk_says_what_to_mark(self, book):
        self.exclude_the_benchmark(book, "none")
        with pytest.raises(BookError, match="sheet 'Universe': model beta_neutral has nothing to hedge with; include"):
            jobs.rebalance(book, NOW)


class TestVolatilityTarget:
    def test_it_needs_its_target(self, book):
        book.write_value("Model", "volatility_target")
        with pytest.raises(BookError, match="sheet 'Settings': model volatility_target needs VolTarget; fill it in"):
            jobs.rebalance(book, NOW)

    def test_it_seeks_the_target_and_is_not_scaled_down_to_it(self, book):
        book.write_value("Model", "volatility_target")
        book.write_value("VolTarget", 0.5)
        jobs.rebalance(book, NOW)
        with heard_warnings():
            risk = estimate(read_desk(book)).covariance
        final = numbers(book, "Final")
        assert np.sqrt(final @ risk @ final) == pytest.approx(0.5)
        assert "held at" not in last_run(book, "Model")


def test_a_model_that_seeks_no_objective_asks_for_none_of_its_cells(book):
    book.write_value("Model", "equal_weight")
    book.write_value("Objective", "target_volatility")
    assert jobs.rebalance(book, NOW).passed
    np.testing.assert_allclose(numbers(book, "Final"), 1 / 8, rtol=1e-12)
    book.write_value("VolTarget", 0.2)
    jobs.rebalance(book, NOW)
    assert last_run(book, "Model").startswith("equal weight, held at ")
