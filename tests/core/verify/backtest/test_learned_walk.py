"""The policy `learned` in a walk: no row sees what comes after, and behind its guard it costs no more than it may."""

from __future__ import annotations

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.policy.around.guarded import LOSS_OF_CAP
from core.decide.policy.learned_premia import LearnedPremia
from core.decide.policy.models import MeanVariance
from core.verify.backtest.backtest import backtest
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.rules import Rules
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

DAYS, WINDOW, CAP = 245, 60, 0.2
BASE = MeanVariance("utility")
LIMITS = Limits(max_weight=0.6, turnover_cost=7e-4)

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


def market(planted, turned=DAYS, seed=4):
    """Prices and rates of three contracts a day; who is charged more loses, and from day `turned` on earns."""
    rng = np.random.default_rng(seed)
    index = rng.standard_t(5, DAYS) * 0.02 + 0.002
    returns = np.outer(index, [0.9, 1.0, 1.3]) + rng.normal(0, 0.02, (DAYS, 3))
    funding = np.repeat(rng.normal(2e-4, 3e-4, (DAYS // 10 + 1, 3)), 10, axis=0)[:DAYS]
    sizes = np.where(np.arange(1, DAYS) < turned, planted, -planted)[:, np.newaxis]
    returns[1:] -= sizes * np.sign(funding[:-1] - funding[:-1].mean(axis=1, keepdims=True))
    return 100 * np.cumprod(1 + np.clip(returns, -0.4, None), axis=0), funding


def walked(prices, funding, policy):
    history = as_history(prices, funding, prices.mean(axis=1), 365)
    decisions = Decisions(history, policy, WINDOW, LIMITS)
    return walk(history, range(WINDOW, len(prices)), decisions, Terms(fee=7e-4)), decisions


def test_what_comes_after_a_row_changes_nothing_up_to_it_while_it_is_followed():
    prices, funding = market(0.01)
    before, decisions = walked(prices, funding, LearnedPremia(BASE, CAP))
    followed = [row for row, who in decisions.answers if who == "learned, utility"]
    row = 230
    assert len(followed) > 20
    assert row in followed
    rng = np.random.default_rng(1)
    later = prices.copy(), funding.copy()
    later[0][row + 1 :] *= rng.uniform(0.2, 3.2, later[0][row + 1 :].shape)
    later[1][row + 1 :] *= -50
    for other in (later, (prices[: row + 1], funding[: row + 1])):
        after, _ = walked(*other, LearnedPremia(BASE, CAP))
        for part in ("equity", "quantities", "pnl", "funding", "fees", "turnover"):
            np.testing.assert_array_equal(getattr(after, part)[: row + 1], getattr(before, part)[: row + 1])


def test_what_is_planted_is_earned_and_what_turns_round_costs_no_more_than_the_guard_allows():
    prices, funding = market(0.01, turned=225)
    learned, decisions = walked(prices, funding, LearnedPremia(BASE, CAP))
    base, _ = walked(prices, funding, BASE)
    over = np.diff(np.log(learned.equity)) - np.diff(np.log(base.equity))
    assert "learned, utility" in {who for row, who in decisions.answers if row >= 225}
    assert over[:224].sum() > 0.01
    assert over[224:].sum() < 0
    assert over.sum() > -CAP * LOSS_OF_CAP


def test_while_the_verdict_is_against_it_its_account_holds_the_base():
    prices, funding = market(0.0, seed=5)
    _, decisions = walked(prices, funding, LearnedPremia(BASE, CAP))
    assert {who for _, who in decisions.answers} == {BASE.name}
    assert decisions.papers.excess(DAYS - 1) == (0.0, 0.0)


def test_a_backtest_in_which_it_is_never_followed_has_the_figures_of_its_base():
    """The base answers by itself, which is no decision without an answer."""
    prices, funding = market(0.0, seed=5)
    found = {}
    for name in ("learned", "classical"):
        rules = Rules.from_rows([["max_weight", 0.6], ["when_unanswered", "cash"]], 3, 7.0)
        history = as_history(prices, funding, prices.mean(axis=1), 365)
        found[name] = backtest(rules.decisions(history, name, WINDOW), rules.terms, 1).figures
    assert found["learned"].total_return == found["classical"].total_return
    assert found["learned"].answered == 0 < found["classical"].answered
