"""A backtest by hand, what answers when the policy cannot, and what is said of gaps and liquidations."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.models import EqualWeight
from core.decide.policy.named import Choices, policy_named
from core.errors import ArgumentError, DataWarning, MissingDataError, SolveError, UndefinedError
from core.estimate.capm import capm
from core.verify.backtest.backtest import backtest
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.rules import Rules
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms

BARS, CONTRACTS, WINDOW = 150, 3, 40


def market(seed=0, volatility=0.01):
    rng = np.random.default_rng(seed)
    prices = 100 * np.exp(np.cumsum(rng.normal(1e-3, volatility, (BARS, CONTRACTS)), axis=0))
    return prices, rng.normal(1e-4, 2e-4, prices.shape)


def run(prices, rates, policy=None, limits=None, terms=None, rebalance=8, periods=365.0, starts=None, **chosen):
    history = as_history(prices, rates, None, periods)
    decisions = Decisions(history, policy or EqualWeight(), WINDOW, limits or Limits(), **chosen)
    return backtest(decisions, terms or Terms(fee=5e-4), rebalance, **(starts or {}))


class Refuses:
    """Has no answer before a row of its own counting."""

    name = "refuses"

    def __init__(self, times, error=SolveError):
        self.times, self.error = times, error

    def __call__(self, outlook, holding):
        self.times -= 1
        if self.times >= 0:
            raise self.error("nothing to gain")
        return EqualWeight()(outlook, holding)


def test_without_costs_and_rebalanced_every_bar_it_compounds_the_mean_total_return():
    prices, rates = market()
    found = run(prices, rates, terms=Terms(), rebalance=1)
    moves = pd.DataFrame(prices).pct_change().to_numpy()[WINDOW + 1 :]
    total = np.prod(1 + (moves - rates[WINDOW + 1 :] * (1 + moves)).mean(axis=1)) - 1
    assert found.figures.total_return == pytest.approx(total, rel=1e-12)
    np.testing.assert_array_equal(found.path[:WINDOW], np.hstack([np.ones((WINDOW, 1)), np.zeros((WINDOW, CONTRACTS))]))
    np.testing.assert_allclose(found.path[WINDOW:, 1:], 1 / CONTRACTS, rtol=1e-12)


def test_the_parts_sum_to_the_total_and_the_figures_are_those_of_the_path():
    prices, rates = market(1)
    found = run(prices, rates)
    figures = found.figures
    parts = (figures.price_pnl, -figures.funding_paid, -figures.costs, -figures.liquidation_loss)
    assert math.fsum(parts) == pytest.approx(figures.total_return, abs=1e-14)
    equity = pd.Series(np.concatenate([[1.0], found.path[WINDOW + 1 :, 0]]))
    returns = equity.pct_change().dropna()
    assert figures.annual_return == pytest.approx(equity.iloc[-1] ** (365 / len(returns)) - 1, rel=1e-12)
    assert figures.annual_volatility == pytest.approx(returns.std() * np.sqrt(365), rel=1e-12)
    assert figures.sharpe == pytest.approx(returns.mean() / returns.std() * np.sqrt(365), rel=1e-12)
    assert figures.max_drawdown == pytest.approx((1 - equity / equity.cummax()).max(), rel=1e-12)
    assert figures.worst_period == pytest.approx(returns.min(), rel=1e-12)
    line = capm(
        returns.to_numpy(), np.diff(prices, axis=0)[WINDOW:] @ np.zeros(3) + _mean_return(prices, rates), 0.0, 365
    )
    assert (figures.beta, figures.alpha) == (pytest.approx(line.beta[0]), pytest.approx(line.alpha[0]))
    assert (figures.rebalances, figures.answered, figures.liquidations) == (14, 1.0, 0)


def _mean_return(prices, rates):
    moves = pd.DataFrame(prices).pct_change().to_numpy() - rates
    return moves[WINDOW + 1 :].mean(axis=1)


def test_costs_and_turnover_are_those_of_the_trades():
    prices, rates = market(2)
    found = run(prices, rates, terms=Terms(fee=3e-4, slippage=2e-4))
    ledger = found.ledger
    changes = np.abs(np.diff(ledger.quantities, axis=0, prepend=0.0)) * prices
    assert found.figures.costs == pytest.approx(5e-4 * changes.sum(), rel=1e-12)
    years = (BARS - 1 - WINDOW) / 365
    assert found.figures.turnover == pytest.approx(ledger.turnover.sum() / years, rel=1e-12)
    first = ledger.turnover[WINDOW]
    assert first == pytest.approx(1.0, rel=1e-12)


def test_more_equity_is_only_another_unit():
    prices, rates = market(3)
    small = run(prices, rates)
    large = run(prices * 1000, rates)
    np.testing.assert_allclose(large.path, small.path, rtol=1e-9)


def test_it_begins_with_the_equity_and_at_the_row_that_are_stated():
    prices, rates = market(3)
    free, starts = Terms(), {"equity": 5e6, "first": WINDOW + 8}
    usual, later = run(prices, rates, terms=free), run(prices, rates, terms=free, starts=starts)
    assert later.ledger.equity[WINDOW + 7] == later.ledger.start == 5e6
    assert later.ledger.decisions.tolist() == usual.ledger.decisions.tolist()[1:]
    np.testing.assert_allclose(later.path[WINDOW + 8 :, 1:], usual.path[WINDOW + 8 :, 1:], rtol=1e-12)


@pytest.mark.parametrize(
    ("starts", "said"),
    [({"equity": 0.0}, "equity"), ({"first": WINDOW - 1}, "first"), ({"first": BARS - 2}, "first")],
)
def test_a_start_that_cannot_be_is_refused(starts, said):
    prices, rates = market(3)
    with pytest.raises(ArgumentError, match=said):
        run(prices, rates, starts=starts)


def test_contracts_in_another_order_are_the_same_book():
    prices, rates = market(4)
    whole = run(prices, rates, policy_named("min_variance"), Limits(max_weight=1.0))
    order = [2, 0, 1]
    mixed = run(prices[:, order], rates[:, order], policy_named("min_variance"), Limits(max_weight=1.0))
    np.testing.assert_allclose(mixed.path[:, 1:], whole.path[:, 1:][:, order], atol=1e-7)


@pytest.mark.parametrize("rule", ["cash", "min_variance", "hold"])
def test_what_answers_when_the_policy_cannot_is_counted_and_said(rule):
    prices, rates = market(5)
    said = rf"no answer in 3 of 14 decisions, first at row 41 \(nothing to gain\); there {rule}"
    with pytest.warns(DataWarning, match=said):
        found = run(prices, rates, Refuses(3), when_unanswered=rule)
    assert found.figures.answered == pytest.approx(11 / 14)
    assert found.decisions.answers[:4] == [
        *((WINDOW + 8 * step, rule) for step in range(3)),
        (WINDOW + 24, "equal weight"),
    ]
    held = np.abs(found.path[WINDOW + 8, 1:]).sum()
    assert held == pytest.approx(float(rule == "min_variance"), rel=1e-3)


def test_who_decided_in_its_place_is_said_as_it_was():
    prices, rates = market(5)
    prices[:60] = np.nan  # nothing can be estimated at first, so there is no least variance either
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(prices, rates, Refuses(2))
    said = str(caught[0].message)
    assert said.startswith("the policy had no answer in 6 of 14 decisions, first at row 65 (no contract has enough")
    assert said.endswith("there cash (in 4) and min_variance (in 2) decided")


def test_in_a_row_without_any_price_nothing_is_decided():
    prices, rates = market(7)
    prices[60:68] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        found = run(prices, rates)
        assert found.figures.answered == 1
    assert not found.ledger.turnover[60:68].any()


def test_a_market_with_gaps_is_said_and_one_that_comes_late_is_waited_for():
    prices, rates = market(8)
    benchmark = prices.mean(axis=1)
    benchmark[:90], prices[:70, 2] = np.nan, np.nan
    history = as_history(prices, rates, benchmark, 365.0)
    decisions = Decisions(history, policy_named("classical", Choices(falls_back=False)), WINDOW)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figures = backtest(decisions, Terms(), 8).figures
    assert "market has no return in 50 of 109 rows; beta and alpha are without them" in [str(w.message) for w in caught]
    assert 0 < figures.answered < 1
    assert np.isfinite(figures.beta)


def test_hold_keeps_the_contracts_and_cash_closes_them():
    class Once(Refuses):
        def __call__(self, outlook, holding):
            if self.times:
                self.times -= 1
                return EqualWeight()(outlook, holding)
            raise MissingDataError("too little")

    prices, rates = market(6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        kept = run(prices, rates, Once(1), when_unanswered="hold")
        closed = run(prices, rates, Once(1), when_unanswered="cash")
    np.testing.assert_array_equal(kept.ledger.quantities[-1], kept.ledger.quantities[WINDOW])
    assert not closed.ledger.quantities[WINDOW + 8 :].any()


def test_a_policy_that_answers_nowhere_is_an_error_with_its_reason():
    prices, rates = market()
    with pytest.raises(UndefinedError, match=r"no answer in 14 of 14 decisions, first at row 41 \(nothing to gain\)"):
        run(prices, rates, Refuses(99))


def test_a_wrong_argument_is_raised_at_once():
    prices, rates = market()
    with pytest.raises(ArgumentError, match="nothing to gain"):
        run(prices, rates, Refuses(99, ArgumentError))


def test_a_contract_without_a_price_is_kept_and_not_traded_and_said():
    prices, rates = market(7)
    prices[60:80, 1] = np.nan
    with pytest.warns(DataWarning, match=r"missing in 20 rows, first column 2 at row 61: kept there at the last price"):
        found = run(prices, rates)
    quantities, ledger = found.ledger.quantities, found.ledger
    assert (quantities[59:80, 1] == quantities[59, 1]).all()
    assert not ledger.pnl[60:80, 1].any()
    assert ledger.pnl[80, 1] == pytest.approx(quantities[59, 1] * (prices[80, 1] - prices[59, 1]), rel=1e-12)
    assert ledger.largest_difference < 1e-12


def test_a_later_listing_waits_for_its_returns():
    prices, rates = market(8)
    prices[:70, 2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        found = run(prices, rates, terms=Terms())
    joined = np.flatnonzero(found.ledger.quantities[:, 2])[0]
    assert joined == 104  # the first decision with 30 of its returns in the window
    np.testing.assert_allclose(found.path[WINDOW, 1:], [0.5, 0.5, 0.0], rtol=1e-12)


def test_a_liquidated_book_says_when_and_who_and_is_never_below_zero():
    prices, rates = market(9, volatility=0.05)
    limits = Limits(net=25.0, max_weight=25.0)
    with pytest.warns(DataWarning, match=r"positions were liquidated, first that of column \d at row \d+, after which"):
        found = run(prices, rates, limits=limits, terms=Terms(fee=5e-4, maintenance_rates=0.02, liquidation_fee=0.01))
    assert (found.ledger.equity >= 0).all()
    assert found.figures.liquidations == len(found.ledger.liquidated) > 0
    assert found.ledger.largest_difference < 1e-12


def test_a_book_beyond_its_margin_is_closed_where_it_was_opened():
    prices, rates = market(10)
    with pytest.warns(DataWarning, match="at row 41"):
        found = run(prices, rates, limits=Limits(net=150.0, max_weight=100.0), terms=Terms(maintenance_rates=0.01))
    assert found.ledger.liquidated[0][0] == WINDOW


def test_missing_funding_books_nothing_and_is_said():
    prices, rates = market(11)
    rates[100, 0] = np.nan
    with pytest.warns(DataWarning, match="funding of what is held is missing in 1 rows"):
        found = run(prices, rates)
    assert found.ledger.funding[100, 0] == 0


def test_rules_take_their_rows_from_the_block_and_leave_the_rest_to_the_limits():
    rows = [
        *(["max_weight", 0.5], ["Trials", 20], ["when_unanswered", "Cash"], ["delay", 2, None]),
        *(["maintenance_rates", 0.02, 0.01, 0.03], ["liquidation_fee", 0.005]),
    ]
    rules = Rules.from_rows(rows, 3, 7.0)
    assert (rules.trials, rules.when_unanswered, rules.terms.delay) == (20, "cash", 2)
    np.testing.assert_array_equal(rules.terms.maintenance_rates, [0.02, 0.01, 0.03])
    np.testing.assert_allclose(rules.limits.turnover_cost, 7e-4)
    assert Rules.from_rows([["turnover_cost", 0.0]], 3, 7.0).limits.turnover_cost == 0
    assert rules.terms.of_each("fee", 3).tolist() == pytest.approx([7e-4] * 3)
    decisions = rules.decisions(as_history(market()[0]), "classical", 40)
    assert decisions.policy == policy_named("classical", Choices(falls_back=False))
    assert (decisions.when_unanswered, decisions.peak_days) == ("cash", 90)


@pytest.mark.parametrize(
    ("bad", "error", "reason"),
    [
        ({"rebalance": 0}, ArgumentError, "rebalance is 0"),
        ({"terms": Terms(delay=110)}, ArgumentError, "delay is 110; it must be below 110"),
        ({"when_unanswered": "pray"}, ArgumentError, "when_unanswered 'pray' is not known"),
        ({"periods": 0}, ArgumentError, "periods_per_year is 0"),
    ],
)
def test_bad_input(bad, error, reason):
    with pytest.raises(error, match=reason):
        run(*market(), **bad)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"fee": -0.1}, "fee is -0.1"),
        ({"slippage": -0.1}, "slippage is -0.1"),
        ({"maintenance_rates": 1.0}, "maintenance_rates is 1"),
        ({"liquidation_fee": 1.5}, "liquidation_fee is 1.5"),
        ({"lots": -1}, "lots is -1"),
        ({"delay": 0.5}, "delay is 0.5"),
        ({"fee": [0.1, 0.2]}, "fee has 2 values where 3"),
    ],
)
def test_bad_terms(bad, reason):
    with pytest.raises(ArgumentError, match=reason):
        run(*market(), terms=Terms(**bad))


def test_a_window_longer_than_the_history():
    prices, rates = market()
    with pytest.raises(MissingDataError, match="window of 40 returns and 2 bars after it need 43 rows of prices"):
        run(prices[:42], rates[:42])
