"""What is trained is what is traded: accounts of the environment are those of the walk, states those of a policy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.policy.around.guarded import Guarded
from core.decide.policy.learned.judgement import judge, least_t_of
from core.decide.policy.learned.tilt import LearnedTilt
from core.decide.policy.models import EqualWeight, MeanVariance
from core.decide.policy.outlook import Outlook
from core.decide.policy.protocol import Holding, Target
from core.errors import ArgumentError, DataWarning, MissingDataError
from core.learn.allocation.environment import Allocation
from core.learn.allocation.market import Stakes
from core.learn.allocation.search import parts_of
from core.learn.allocation.state import scales_of
from core.learn.allocation.tilt import RULE_SHAPE, TiltRule
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.tilt_market import TiltMarket, tilt_market
from core.verify.backtest.tilt_training import train_tilt
from core.verify.walk.given import Given
from core.verify.walk.history import History, as_history
from core.verify.walk.ledger import Ledger
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

BARS, CONTRACTS, WINDOW, EVERY = 1500, 3, 48, 6
RNG = np.random.default_rng(6)
TERMS = Terms(fee=5e-4, slippage=[2e-4, 2e-4, 5e-4])
LIMITS = Limits(max_weight=0.5, turnover_cost=7e-4)
SURE = judge(0.01 + 1e-3 * RNG.standard_normal(100))
RULE = TiltRule(RNG.normal(0, 1, RULE_SHAPE), scales_of(RNG.normal(size=(50, 3, 4)), RNG.normal(size=50)))


def history(seed: int = 0) -> History:
    rng = np.random.default_rng(seed)
    prices = 100 * np.exp(np.cumsum(rng.normal(1e-4, [0.004, 0.006, 0.008], (BARS, CONTRACTS)), axis=0))
    rates = np.where((np.arange(BARS) % 8 == 0)[:, np.newaxis], rng.normal(1e-4, 3e-4, prices.shape), 0.0)
    return as_history(prices, rates, prices.mean(axis=1), 365 * EVERY)


HISTORY = history()


def course(market: History = HISTORY, **chosen: object) -> TiltMarket:
    decisions = Decisions(market, EqualWeight(), WINDOW, LIMITS, peak_days=1e6, **chosen)  # type: ignore[arg-type]
    return tilt_market(decisions, TERMS, EVERY, WINDOW)


COURSE = course()


def followed(rule: TiltRule, rows: int) -> tuple[Array, Array]:
    """Equity before each decision and the weights wanted there, of an account of the environment."""
    env = Allocation(COURSE.market, length=rows, scales=rule.scales)
    state, _ = env.reset(options={"start": 0})
    equity, wanted = [1.0], []
    for _ in range(rows):
        action = rule.action(state)
        wanted.append(env.wanted(action))
        state, *_ = env.step(action)
        equity.append(env.equity)
    return np.array(equity), np.array(wanted)


def by_hand(wanted: Array) -> Ledger:
    """The ledger of the same weights, entered into from the first base without cost, as an episode begins."""
    given = np.full(HISTORY.prices.shape, np.nan)
    given[COURSE.rows[: len(wanted)]] = wanted
    return walk(HISTORY, COURSE.rows[: len(wanted)], Given(given), TERMS)


def test_an_episode_earns_what_the_walk_books_for_its_weights() -> None:
    """The first trade is one from the base in an episode and from cash in the walk; what that cost fades."""
    equity, wanted = followed(RULE, 200)
    ledger = by_hand(wanted)
    rows = COURSE.rows[1:201]
    before = ledger.equity[rows] + (ledger.fees + ledger.slippage)[rows].sum(axis=1)
    grown = before / np.append(ledger.equity[COURSE.rows[0]], before[:-1])
    first_cost = np.abs(wanted[0] - COURSE.market.base[0]) @ COURSE.market.costs
    own = equity[1:] / equity[:-1]
    assert own[5:] == pytest.approx(grown[5:], rel=1e-12)
    gain = ledger.equity[rows[0]] + (ledger.fees + ledger.slippage)[rows[0]].sum() - ledger.equity[COURSE.rows[0]]
    assert own[0] == pytest.approx(1 - first_cost + gain, rel=1e-12)


@dataclass(frozen=True)
class Unguarded:
    """The tilt of equal weights, whatever it is worth."""

    name: str = "unguarded"

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        base = EqualWeight()(outlook, holding)
        return replace(base, weights=LearnedTilt(RULE, 0.2)(outlook, holding, base))


def test_the_policy_wants_in_a_walk_what_the_rule_wants_in_the_environment() -> None:
    """Base, rule, state, limits and weights that drift come out alike."""
    decisions, weights = Decisions(HISTORY, Unguarded(), WINDOW, LIMITS, peak_days=1e6), []
    decisions.heard = lambda row, situation, target: weights.append(target.weights)
    walk(HISTORY, COURSE.rows, decisions, Terms())
    free = replace(COURSE.market, costs=np.zeros(CONTRACTS))
    env = Allocation(free, scales=RULE.scales)
    state, _ = env.reset(options={"start": 0})
    # The walk begins in cash, the episode in its base: the state of the first decision differs by what is held.
    first = np.concatenate([np.zeros(3), state[3:]])
    action = RULE.action(first)
    for row in range(150):
        assert weights[row] == pytest.approx(env.wanted(action), abs=1e-9)
        state, *_ = env.step(action)
        action = RULE.action(state)


def test_a_base_that_has_no_answer_is_told_as_what_it_left_the_book_with() -> None:
    falling = as_history(HISTORY.prices[::-1] ** 2, periods_per_year=365 * EVERY)
    decisions = Decisions(falling, MeanVariance(), WINDOW, LIMITS, when_unanswered="cash", peak_days=1e6)
    market = tilt_market(decisions, TERMS, EVERY, WINDOW).market
    silent = {row for row, *_ in decisions.unanswered}
    told = ~market.tilts
    assert 0 < told.sum() == sum(row in silent for row in range(WINDOW, BARS - EVERY, EVERY))
    assert not market.base[told].any()
    assert np.isnan(market.figures[told]).all()


def test_moves_lows_and_funding_are_those_of_the_bars_between() -> None:
    market, row = COURSE.market, int(COURSE.rows[7])
    bars = HISTORY.prices[row : row + EVERY + 1]
    assert market.moves[7] == pytest.approx(bars[-1] / bars[0] - 1)
    assert market.lows[7] == pytest.approx(np.minimum(bars[1:].min(axis=0) / bars[0] - 1, 0))
    assert market.highs[7] == pytest.approx(np.maximum(bars[1:].max(axis=0) / bars[0] - 1, 0))
    paid = (HISTORY.rates[row + 1 : row + EVERY + 1] * bars[1:]).sum(axis=0) / bars[0]
    assert market.returns[7] == pytest.approx(market.moves[7] - paid)


def test_what_comes_later_changes_no_row_of_the_market_before_it_bit_for_bit() -> None:
    row, later = int(COURSE.rows[100]), HISTORY.prices.copy()
    later[row + 1 :] *= np.random.default_rng(1).uniform(0.2, 3.2, later[row + 1 :].shape)
    other = course(as_history(later, HISTORY.rates, later.mean(axis=1), 365 * EVERY)).market
    known = slice(0, 100)
    for name in ("base", "figures", "regimes", "lower", "upper", "tilts", "moves", "returns", "lows", "highs"):
        assert np.array_equal(getattr(other, name)[known], getattr(COURSE.market, name)[known], equal_nan=True), name


def test_what_comes_later_changes_no_decision_of_a_trained_policy_bit_for_bit() -> None:
    rng = np.random.default_rng(2)

    def run(market: History) -> Ledger:
        guarded = Guarded(LearnedTilt(RULE, 0.2), MeanVariance("min_variance"), SURE)
        decisions = Decisions(market, guarded, WINDOW, LIMITS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            return walk(market, range(WINDOW, 500, EVERY), decisions, TERMS)

    short = as_history(HISTORY.prices[:500], HISTORY.rates[:500], HISTORY.prices[:500].mean(axis=1), 365 * EVERY)
    before = run(short)
    for row in (60, 61, 200, 333):
        later = short.prices.copy()
        later[row + 1 :] *= rng.uniform(0.2, 3.2, later[row + 1 :].shape)
        after = run(as_history(later, short.rates, later.mean(axis=1), 365 * EVERY))
        assert np.array_equal(before.equity[: row + 1], after.equity[: row + 1])
        assert np.array_equal(before.quantities[: row + 1], after.quantities[: row + 1])


def planted(size: float) -> TiltMarket:
    market = COURSE.market
    side = np.sign(market.figures[:, :, 1] - market.figures[:, :, 1].mean(axis=1, keepdims=True))
    lean = size * (side - side.mean(axis=1, keepdims=True))
    moved = replace(market, moves=market.moves + lean, returns=market.returns + lean)
    return TiltMarket(moved, COURSE.rows, EVERY, 365 * EVERY)


def test_what_was_planted_is_learned_judged_where_it_was_not_learned_and_kept() -> None:
    trained = train_tilt(planted(0.01), seed=1)
    judged = parts_of(len(COURSE.market)).judged
    assert trained.judgement.kept
    assert trained.judgement.excess > 0.5
    assert trained.judgement.days == judged.stop - judged.start == len(trained.excess)
    assert trained.judgement.excess == pytest.approx(trained.excess.mean() * 365)
    assert trained.rows.tolist() == COURSE.rows[judged].tolist()
    assert (trained.base == COURSE.market.base[judged]).all()
    assert 0 < np.maximum(trained.tilted - trained.base, 0).sum(axis=1).max() <= 0.2 + 1e-12


def test_what_is_not_there_is_not_kept_and_the_base_is_not_touched() -> None:
    trained = train_tilt(COURSE, seed=1)
    assert not trained.judgement.kept


def test_more_trials_ask_for_more() -> None:
    assert least_t_of(1) == 2.0
    assert least_t_of(4) == pytest.approx(2.53, abs=0.01)
    assert least_t_of(25) == pytest.approx(3.12, abs=0.01)
    with pytest.raises(ArgumentError, match="trials"):
        least_t_of(0)


def test_a_cap_of_zero_leaves_what_its_base_does() -> None:
    trained = train_tilt(planted(0.01), Stakes(cap=0.0), "cross_entropy")
    assert not trained.judgement.kept
    assert "did what its base did" in trained.judgement.why


def test_a_history_too_short_is_refused() -> None:
    few = as_history(HISTORY.prices[: WINDOW + 3], periods_per_year=365 * EVERY)
    with pytest.raises(MissingDataError, match="decisions"):
        tilt_market(Decisions(few, EqualWeight(), WINDOW, LIMITS), TERMS, EVERY, WINDOW)
    with pytest.raises(MissingDataError, match="decisions to learn from"):
        train_tilt(TiltMarket(COURSE.market.part(slice(0, 150)), COURSE.rows[:150], EVERY, 365 * EVERY))
