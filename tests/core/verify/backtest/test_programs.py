"""Decisions by programs known before the walk: what the ordinary way decides, and nothing of what comes after."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.limits.exposure import Group
from core.decide.policy.models import EqualWeight, Hybrid, MeanVariance
from core.decide.policy.named import Choices, Sizes, policy_named
from core.decide.policy.outlook import Methods
from core.decide.portfolio.objectives import plain_book
from core.errors import ArgumentError, UndefinedError
from core.verify.backtest import backtest as room
from core.verify.backtest.backtest import backtest
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.programs import programmed
from core.verify.walk import programmed_loop, stretch_loops, traded_account
from core.verify.walk.history import as_history
from core.verify.walk.programmed import Programmed
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

BARS, CONTRACTS, WINDOW, EVERY = 400, 5, 60, 8
LIMITS = Limits(max_weight=0.6, turnover_cost=5e-4, risk_aversion=3.0)
OBJECTIVES = ("min_variance", "utility", "max_sharpe")

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


@pytest.fixture(autouse=True)
def by_the_loops(monkeypatch):
    """The loops answer, as the Python that they are."""
    monkeypatch.setattr(traded_account, "worth_compiling", lambda elements: True)
    for module in (stretch_loops, programmed_loop):
        monkeypatch.setattr(module, "compiled", lambda loop: loop)


def market(seed=0, fall=0.0):
    rng = np.random.default_rng(seed)
    common = rng.normal(3e-4, 0.01, (BARS, 1)) * rng.uniform(0.6, 1.4, CONTRACTS)
    common[250] -= fall
    prices = 100 * np.exp(np.cumsum(common + rng.normal(0, 0.005, (BARS, CONTRACTS)), axis=0))
    rates = np.where((np.arange(BARS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 3e-4, prices.shape), 0.0)
    return prices, rates


def run(prices, rates, objective="utility", terms=None, limits=LIMITS, methods=None, market=None):
    history = as_history(prices, rates, market)
    decisions = Decisions(history, MeanVariance(objective), WINDOW, limits, methods or Methods())
    return backtest(decisions, terms or Terms(fee=5e-4), EVERY)


def solve_by_the_same_steps(monkeypatch):
    """Both ways: whether what is left of a weight is 0 or 1e-16 decides who is closed."""
    monkeypatch.setattr(plain_book, "worth_compiling", lambda elements: True)
    monkeypatch.setattr(plain_book, "compiled", lambda loop: loop)


def ordinary(monkeypatch, *arguments, **named):
    with monkeypatch.context() as patched:
        patched.setattr(room, "programmed", lambda decisions: decisions)
        return run(*arguments, **named)


def asked(monkeypatch):
    """Rows in which the ordinary way is asked from here on."""
    rows, decide = [], Decisions.__call__
    monkeypatch.setattr(Decisions, "__call__", lambda self, now: (rows.append(now.row), decide(self, now))[1])
    return rows


def assert_same(ours, other):
    """The ledger, and who decided what."""
    first, second = ours.ledger, other.ledger
    assert np.abs(first.weights - second.weights).max() <= 1e-9
    for name in ("equity", "quantities", "pnl", "funding", "fees", "slippage", "liquidation", "interest", "turnover"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=1e-9, atol=1e-12)
    assert first.decisions.tolist() == second.decisions.tolist()
    assert first.ordered.rows.tolist() == second.ordered.rows.tolist()
    assert (first.liquidated, first.stopped) == (second.liquidated, second.stopped)
    assert first.shortfall == pytest.approx(second.shortfall, rel=1e-9)
    for name in ("answers", "unanswered", "waits", "doubts", "traded"):
        assert getattr(ours.decisions, name) == getattr(other.decisions, name)


TERMS = {
    "plain": Terms(fee=5e-4),
    "late": Terms(fee=5e-4, delay=3),
    "later than the next decision": Terms(fee=5e-4, delay=11),
    "lots and interest": Terms(fee=5e-4, slippage=2e-4, lots=0.001, interest=0.04),
    "stops": Terms(fee=5e-4, stops=0.02),
    "inverse": Terms(fee=5e-4, inverse=[True, False, True, False, False]),
}


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("terms", TERMS.values(), ids=TERMS)
def test_programs_decide_as_the_ordinary_way(objective, terms, monkeypatch):
    prices, rates = market()
    assert_same(run(prices, rates, objective, terms), ordinary(monkeypatch, prices, rates, objective, terms))


@pytest.mark.parametrize(
    ("limits", "methods"),
    [
        (Limits(turnover_cost=2e-3, risk_free=0.05), Methods(covariance="sample")),
        (Limits(min_weight=-0.4, max_weight=[0.3, 0.5, 0.5, 0.5, 0.9], net=0.5), None),
    ],
)
def test_so_they_do_under_other_limits_and_methods(limits, methods, monkeypatch):
    prices, rates = market(1)
    for objective in OBJECTIVES:
        arguments = {"objective": objective, "limits": limits, "methods": methods, "market": prices.mean(axis=1)}
        other = ordinary(monkeypatch, prices, rates, **arguments)
        rows = asked(monkeypatch)
        assert_same(run(prices, rates, **arguments), other)
        assert rows == [row for row, _, _ in other.decisions.unanswered]


def test_a_row_with_a_gap_in_its_window_is_decided_the_ordinary_way(monkeypatch):
    prices, rates = market(2)
    prices[:90, 4] = np.nan
    prices[200, 1] = np.nan
    other = ordinary(monkeypatch, prices, rates)
    rows = asked(monkeypatch)
    assert_same(run(prices, rates), other)
    marred = [row for row in range(WINDOW, BARS, EVERY) if row - WINDOW < 90 or 200 <= row <= 200 + WINDOW]
    assert rows == marred


@pytest.mark.parametrize("delay", [0, 5])
def test_a_walk_through_liquidations_goes_on_by_programs(delay, monkeypatch):
    prices, rates = market(3, fall=0.35)
    terms = Terms(fee=5e-4, delay=delay, isolated=0.2)
    other = ordinary(monkeypatch, prices, rates, terms=terms)
    rows = asked(monkeypatch)
    ours = run(prices, rates, terms=terms)
    assert_same(ours, other)
    assert ours.ledger.liquidated
    assert ours.ledger.equity[-1] > 0
    assert rows == [252], "the first decision after it"


def test_a_trade_that_is_not_borne_comes_before_the_decision_of_its_row(monkeypatch):
    """All goes from one contract to another, at a cost that leaves less than the margin of what is bought."""
    prices, rates = market(5)
    limits, terms = Limits(risk_aversion=1e-3), Terms(fee=0.08, maintenance_rates=0.9, delay=EVERY)
    solve_by_the_same_steps(monkeypatch)
    other = ordinary(monkeypatch, prices, rates, terms=terms, limits=limits)
    rows = asked(monkeypatch)
    ours = run(prices, rates, terms=terms, limits=limits)
    assert_same(ours, other)
    closed = [row for row, _ in ours.ledger.liquidated]
    assert closed
    assert set(closed) & set(rows)


def test_nobody_is_asked_once_all_is_lost(monkeypatch):
    prices, rates = market(3, fall=1.5)
    limits = Limits(net=2.0, max_weight=1.0)
    solve_by_the_same_steps(monkeypatch)
    ours = run(prices, rates, limits=limits)
    assert_same(ours, ordinary(monkeypatch, prices, rates, limits=limits))
    assert ours.ledger.equity[-1] == 0
    assert ours.ledger.decisions[-1] == 244


def test_what_carries_no_certificate_is_decided_the_ordinary_way(monkeypatch):
    prices, rates = market()
    other = ordinary(monkeypatch, prices, rates)
    monkeypatch.setattr(programmed_loop, "FINE", -1.0)
    rows = asked(monkeypatch)
    assert_same(run(prices, rates), other)
    assert rows == other.ledger.decisions.tolist()


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("delay", [0, 3])
def test_programs_see_no_future(objective, delay):
    prices, rates = market(4)
    terms = Terms(fee=5e-4, delay=delay)

    def walked(levels, settled):
        decisions = Decisions(as_history(levels, settled), MeanVariance(objective), WINDOW, LIMITS)
        return walk(decisions.history, range(WINDOW, len(levels), EVERY), programmed(decisions), terms)

    before = walked(prices, rates)
    for row in (WINDOW, WINDOW + 1, 100, 107, 108, 300):
        later, paid = prices.copy(), rates.copy()
        later[row + 1 :] *= np.random.default_rng(row).uniform(0.2, 3.2, later[row + 1 :].shape)
        paid[row + 1 :] *= -50
        for known in (slice(None), slice(row + 4)):
            after = walked(later[known], paid[known])
            for name in ("equity", "quantities", "fees", "turnover"):
                assert np.array_equal(getattr(after, name)[: row + 1], getattr(before, name)[: row + 1]), name
    assert np.abs(before.quantities[WINDOW + delay]).any()


def test_a_run_in_several_parts_is_the_same(monkeypatch):
    prices, rates = market()
    whole = run(prices, rates)
    monkeypatch.setattr("core.verify.backtest.programs.AT_ONCE", 5 * (CONTRACTS + 3) ** 2)
    assert_same(run(prices, rates), whole)


class Other(Decisions):
    """Decisions of a door that reads the past in its own way."""


class Halved(MeanVariance):
    """A policy that makes another book of the optimum."""

    def __call__(self, outlook, holding):
        return super().__call__(outlook, holding).resized("half", 0.5, holding.fixed)


NOT_KNOWN_BEFORE = {
    "another model": {"policy": EqualWeight()},
    "a tilted optimum": {"policy": Hybrid()},
    "something around it": {
        "policy": policy_named("min_variance", Choices(sizes=Sizes(volatility=0.3), falls_back=False))
    },
    "another book made of it": {"policy": Halved("utility")},
    "a chain": {"policy": policy_named("classical")},
    "another risk": {"policy": MeanVariance("semivariance")},
    "a target": {"policy": MeanVariance("target_return"), "limits": Limits(target_return=0.1)},
    "a target left out": {"policy": MeanVariance("target_return")},
    "a step from what is held": {"limits": Limits(max_step=0.1)},
    "a gross limit in reach": {"limits": Limits(gross_max=1.5, min_weight=-1.0)},
    "a free net": {"limits": Limits(net=None)},
    "a group": {"limits": Limits(groups=(Group("two", np.array([1.0, 1, 0, 0, 0]), maximum=0.5),))},
    "market impact": {"limits": Limits(market_impact=0.1)},
    "rows that age": {"methods": Methods(covariance="ewma")},
    "another beta": {"methods": Methods(beta="huber")},
    "decisions of another door": {"made": Other},
}


@pytest.mark.parametrize("stated", NOT_KNOWN_BEFORE.values(), ids=NOT_KNOWN_BEFORE)
def test_what_is_not_known_before_the_walk_is_left_as_it_is(stated):
    history = as_history(*market())
    chosen = {"policy": MeanVariance("utility"), "made": Decisions, **stated}
    made = chosen.pop("made")
    decisions = made(history, window=WINDOW, **chosen)
    assert programmed(decisions) is decisions
    assert isinstance(programmed(Decisions(history, MeanVariance("utility"), WINDOW)), Programmed)


def test_limits_may_stand_in_columns_or_be_frozen(monkeypatch):
    """The loops are compiled for one form of their arrays."""
    seen, decide = [], programmed_loop._decide_loop

    def watched(*arguments):
        seen.extend(each for each in arguments if isinstance(each, np.ndarray))
        decide(*arguments)

    monkeypatch.setattr(programmed_loop, "_decide_loop", watched)
    table = np.full((CONTRACTS, 2), 0.6)
    table.flags.writeable = False
    prices, rates = market()
    limits = Limits(max_weight=table[:, 0], turnover_cost=5e-4)
    assert_same(run(prices, rates, limits=limits), ordinary(monkeypatch, prices, rates, limits=limits))
    assert all(each.flags.c_contiguous and each.flags.writeable for each in seen)
    assert seen


def test_limits_without_a_book_are_told_as_ever(monkeypatch):
    limits = Limits(max_weight=0.1)
    for way in (run, lambda *arguments, **named: ordinary(monkeypatch, *arguments, **named)):
        with pytest.raises(UndefinedError, match="no answer in 43 of 43 decisions, first at row 61"):
            way(*market(), limits=limits)


def test_limits_of_another_number_of_contracts_are_refused():
    with pytest.raises(ArgumentError, match="max_weight has 3 values where 5 are needed"):
        run(*market(), limits=Limits(max_weight=[0.5, 0.5, 0.5]))
