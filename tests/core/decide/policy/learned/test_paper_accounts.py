from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.policy.around.guarded import Guarded
from core.decide.policy.learned.judgement import judge
from core.decide.policy.learned.paper_accounts import PaperAccounts
from core.decide.policy.models import EqualWeight
from core.decide.policy.outlook import Outlook
from core.decide.policy.protocol import Holding, Paper, Target
from core.verify.backtest.backtest import Backtest, backtest
from core.verify.backtest.decisions import Decisions
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms

RNG = np.random.default_rng(8)
ROWS = 800
RETURNS = RNG.normal(0.0, [0.02, 0.03, 0.04], (ROWS, 3))
PRICES = 100 * np.cumprod(1 + RETURNS, axis=0)
FREE, COST = np.zeros(3), np.array([0.001, 0.002, 0.003])
BASE, TILTED = np.array([0.3, 0.3, 0.4]), np.array([0.5, 0.2, 0.3])


def paper(learned: Array = TILTED, costs: Array = FREE, *, followed: bool = True) -> Paper:
    return Paper(learned, BASE, costs, followed)


def test_nothing_is_known_before_the_first_decision() -> None:
    assert PaperAccounts(RETURNS, 365).excess(10) is None


def test_growth_is_that_of_what_was_bought_and_held() -> None:
    accounts = PaperAccounts(RETURNS, 365)
    accounts.note(10, paper())
    moved = PRICES[30] / PRICES[10] - 1
    by_hand = np.log((1 + TILTED @ moved) / (1 + BASE @ moved))
    assert accounts.excess(30) == pytest.approx((by_hand, by_hand), rel=1e-12)


def test_costs_are_those_of_the_way_from_the_base_and_of_what_has_drifted() -> None:
    accounts = PaperAccounts(RETURNS, 365)
    accounts.note(10, paper(costs=COST))
    first = np.log(1 - np.abs(TILTED - BASE) @ COST)
    assert accounts.excess(10) == pytest.approx((first, first))
    accounts.note(30, paper(costs=COST))
    moved = PRICES[30] / PRICES[10]
    drifted = [weights * moved / (weights @ moved) for weights in (TILTED, BASE)]
    costs = [np.log(1 - np.abs(w - d) @ COST) for w, d in zip((TILTED, BASE), drifted, strict=True)]
    grown = np.log((TILTED @ moved) / (BASE @ moved))
    assert accounts.excess(30) == pytest.approx([first + grown + costs[0] - costs[1]] * 2, rel=1e-12)


def test_a_quarter_has_90_days_of_the_learner_and_a_year_365_of_what_was_followed() -> None:
    accounts, daily = PaperAccounts(RETURNS, 365), np.log((1 + RETURNS @ TILTED) / (1 + RETURNS @ BASE))
    for row in range(500):
        accounts.note(row, paper(followed=row % 2 == 0))
    excess = accounts.excess(500)
    assert excess is not None
    assert excess.quarter == pytest.approx(daily[411:501].sum(), rel=1e-9)
    assert excess.year == pytest.approx(sum(daily[row + 1] for row in range(135, 500) if row % 2 == 0), rel=1e-9)


def test_a_return_that_is_missing_moves_nothing_and_a_lost_book_stays_a_number() -> None:
    gaps = RETURNS.copy()
    gaps[15] = np.nan
    accounts = PaperAccounts(gaps, 365)
    accounts.note(14, paper())
    assert accounts.excess(15) == (0.0, 0.0)
    crash = np.full((3, 3), -0.9)
    lost = PaperAccounts(crash, 365)
    lost.note(0, paper(5 * TILTED))
    assert np.isfinite(lost.excess(2) or [np.nan]).all()


@dataclass(frozen=True)
class Leans:
    """Towards the contract of that place."""

    place: int
    name: str = "the learner"

    def __call__(self, outlook: Outlook, holding: Holding, base: Target) -> Array:
        return base.weights + 0.2 * (np.arange(base.weights.size) == self.place) - 0.2 / base.weights.size


def run(prices: Array, place: int) -> Backtest:
    guarded = Guarded(Leans(place), EqualWeight(), judge(0.001 + RNG.normal(0.0, 0.001, 100)))
    return backtest(Decisions(as_history(prices, periods_per_year=365), guarded, 30, Limits()), Terms(), 1)


@pytest.mark.filterwarnings("ignore:the policy had no answer")
def test_a_walk_stops_a_model_that_loses_and_follows_it_again_when_it_has_come_back() -> None:
    """A contract that falls against the others for 100 days, then rises for 200: killed, and followed once more."""
    drift = np.zeros((700, 3))
    drift[100:200, 0], drift[200:400, 0] = -0.004, 0.02
    prices = 100 * np.cumprod(1 + RNG.normal(0.0, 0.001, (700, 3)) + drift, axis=0)
    decisions = run(prices, 0).decisions
    reasons = [(row, why) for row, why, _ in decisions.unanswered]
    assert 110 < reasons[0][0] < 200
    assert reasons[0][1].startswith("its kill switch acts")
    followed = {row for row, who in decisions.answers if who == "the learner"}
    assert {31, 100} <= followed
    assert not {*range(reasons[0][0], 230)} & followed
    assert 650 in followed


@pytest.mark.filterwarnings("ignore:the policy had no answer")
def test_behind_its_guard_a_model_costs_little_more_than_the_share_of_its_cap() -> None:
    drift = np.tile([-0.01, 0.0, 0.0], (700, 1))
    prices = 100 * np.cumprod(1 + RNG.normal(0.0, 0.001, (700, 3)) + drift, axis=0)
    guarded = run(prices, 0)
    equal = backtest(Decisions(guarded.history, EqualWeight(), 30, Limits()), Terms(), 1)
    lost = np.log(equal.ledger.equity[-1] / guarded.ledger.equity[-1])
    assert 0.01 < lost < 0.0125  # the year's limit is half of the quarter's, which is a tenth of the cap of 0.2


@pytest.mark.filterwarnings("ignore:the policy had no answer")
def test_what_comes_later_changes_no_decision_before_it() -> None:
    later = PRICES.copy()
    later[400:] *= RNG.uniform(0.5, 2.0, later[400:].shape)
    before, after = run(PRICES, 1), run(later, 1)
    assert (before.ledger.weights[:400] == after.ledger.weights[:400]).all()
    assert (before.ledger.equity[:400] == after.ledger.equity[:400]).all()
