"""What a learned tilt is worth: where something was planted, where nothing is, on real days; what its guard lets by.

The base is the classical optimum of BTC, ETH and SOL, decided once a day from the hours of 30 days, 2020-09 to 2024-06.

    planted    each day's moves lean to the contracts whose momentum is above the mean, by so much a day
    shuffled   the moves of each day are given to another day, so that what was known tells nothing
    real       as it was

Excess is log growth a year over the base on the last 30 % of the days, which were not learned from.
"""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.decide.limits.declared import Limits
from core.decide.policy.around.guarded import Guarded
from core.decide.policy.learned.judgement import judge
from core.decide.policy.learned.tilt import LearnedTilt
from core.decide.policy.named import Choices, base_to_tilt
from core.decide.policy.protocol import Policy
from core.errors import DataWarning
from core.learn.allocation.market import Market, Stakes
from core.learn.allocation.rollouts import Course
from core.learn.allocation.search import ALGORITHMS
from core.learn.allocation.state import scales_of
from core.learn.allocation.tilt import PARAMETERS, RULE_SHAPE, TiltRule
from core.verify.backtest.decisions import Decisions
from core.verify.backtest.tilt_market import TiltMarket, tilt_market
from core.verify.backtest.tilt_training import Training, train_tilt
from core.verify.walk.history import History, as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk
from tests.load_panel import load_panel

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
WINDOW, EVERY, DAYS = 720, 24, 365
LIMITS = Limits(max_weight=0.6, turnover_cost=7e-4)
TERMS = Terms(fee=5e-4, slippage=2e-4)
SEEDS, NULLS, STRANGERS = 5, 40, 10
CUTS = ("2022-01-01", "2022-07-01", "2023-01-01", "2023-07-01", "2024-01-01")
SURE = judge(0.01 + 1e-3 * np.random.default_rng(0).standard_normal(100))


@dataclass(frozen=True)
class Past:
    """A history, its closes, and the market that its base makes of it."""

    history: History
    times: np.ndarray
    course: TiltMarket


def tilt_table() -> None:
    """Print what is found and kept, on planted, shuffled and real days, and how long a training takes."""
    folder = Path(os.environ.get("PERPDESK_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data") / "perp_1h"
    if not folder.is_dir():
        print(f"\nlearned tilt: no market data at {folder}")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        past = _past(folder)
        _print_speed(past.course.market)
        _print_found(past.course)
        _print_walk_forward(past)
        _print_strangers(past)


def _past(folder: Path) -> Past:
    panel, _ = load_panel(folder, SYMBOLS)
    start = int(np.flatnonzero(np.isfinite(panel.prices).all(axis=1))[0])
    prices, funding = panel.prices[start:], np.nan_to_num(panel.funding[start:])
    history = as_history(prices, funding, prices[:, 0])
    began = time.process_time()
    course = tilt_market(_decisions(history, base_to_tilt(Choices())), TERMS, EVERY, WINDOW)
    print(f"\nbase of {len(course.market)} days walked and its market made: {time.process_time() - began:.2f} CPU s")
    return Past(history, panel.times[start:], course)


def _decisions(history: History, policy: Policy) -> Decisions:
    return Decisions(history, policy, WINDOW, LIMITS)


def _print_speed(market: Market) -> None:
    course = Course(market, Stakes(), scales_of(market.figures, market.regimes))
    rules, starts = np.random.default_rng(0).normal(size=(40, PARAMETERS)), np.arange(0, 400, 100)
    course.rollouts(rules, starts, 180, by_loop=True)
    took = {}
    for by_loop in (True, False):
        began = time.process_time()
        for _ in range(10 if by_loop else 1):
            course.rollouts(rules, starts, 180, by_loop=by_loop)
        took[by_loop] = (time.process_time() - began) / (10 if by_loop else 1)
    steps = 40 * 4 * 180
    print(
        f"a round of 40 rules on 4 episodes of 180 days: {took[True] * 1e3:.1f} ms CPU by machine code, "
        f"{took[True] / steps * 1e9:.0f} ns a decision, {took[False] / took[True]:.0f} x numpy"
    )


def _print_found(course: TiltMarket) -> None:
    print(f"\n{'':34}{'kept':>10}{'excess':>10}{'least':>10}{'most':>10}{'holds 0':>10}{'CPU s':>10}")
    for name in ALGORITHMS:
        for size in (0.01, 0.004):
            _print_row(f"planted {size:.1%} a day, {name}", [planted(course, size)] * SEEDS, name)
        _print_row(f"shuffled, {name}", [shuffled(course, seed) for seed in range(NULLS)], name)
        _print_row(f"real, {name}", [course] * SEEDS, name)


def _print_row(what: str, courses: list[TiltMarket], algorithm: str) -> None:
    began = time.process_time()
    judged = [train_tilt(each, algorithm=algorithm, seed=seed).judgement for seed, each in enumerate(courses)]
    took = (time.process_time() - began) / len(courses)
    excess = [each.excess for each in judged]
    around = sum(not (each.lower > 0 or each.upper < 0) for each in judged)
    print(
        f"{what:34}{sum(each.kept for each in judged):>5} of {len(judged):<2}{np.mean(excess):>10.3f}"
        f"{min(excess):>10.3f}{max(excess):>10.3f}{around:>5} of {len(judged):<2}{took:>10.2f}"
    )


def planted(course: TiltMarket, size: float) -> TiltMarket:
    """The market with moves that lean to the side of momentum."""
    market = course.market
    side = np.sign(market.figures[:, :, 1] - market.figures[:, :, 1].mean(axis=1, keepdims=True))
    lean = size * (side - side.mean(axis=1, keepdims=True))
    moves = market.moves + lean
    return _with(
        course,
        replace(
            market,
            moves=moves,
            returns=market.returns + lean,
            lows=np.minimum(market.lows, np.minimum(moves, 0.0)),
            highs=np.maximum(market.highs, np.maximum(moves, 0.0)),
        ),
    )


def shuffled(course: TiltMarket, seed: int) -> TiltMarket:
    """The market with the moves of each day given to another."""
    market, order = course.market, np.random.default_rng(seed).permutation(len(course.market))
    moved = {name: getattr(market, name)[order] for name in ("moves", "returns", "lows", "highs")}
    return _with(course, replace(market, **moved))


def _with(course: TiltMarket, market: Market) -> TiltMarket:
    return TiltMarket(market, course.rows, course.every, course.decisions_per_year * course.every)


def _print_walk_forward(past: Past) -> None:
    """Trained anew at each cut on all rows before, and followed behind its guard up to the next."""
    print("\nreal, walk forward by evolution strategies, each half year behind the guard")
    base, total = base_to_tilt(Choices()), 0.0
    ends = [*CUTS[1:], "2024-07-01"]
    for cut, end in zip(CUTS, ends, strict=True):
        first, last = (int(np.searchsorted(past.times, np.datetime64(day))) for day in (cut, end))
        last = min(last, len(past.times) - 1)
        before = int(np.searchsorted(past.course.rows, first - EVERY, side="right"))
        course = _with(past.course, past.course.market.part(slice(0, before)))
        trained = train_tilt(TiltMarket(course.market, course.rows[:before], EVERY, 8760))
        excess = _excess(past.history, _guarded(trained, base), base, first, last)
        total += excess
        print(
            f"{cut}  {'kept' if trained.judgement.kept else 'not kept':10}t {trained.judgement.t:>6.2f}   "
            f"log growth over the base {excess:+.4f}"
        )
    print(f"in all {total:+.4f} in 2.5 years")


def _guarded(trained: Training, base: Policy) -> Guarded:
    return Guarded(LearnedTilt(trained.found.rule, 0.2), base, trained.judgement)


def _excess(history: History, policy: Policy, base: Policy, first: int, last: int) -> float:
    equity = [
        walk(_cut(history, last), range(first, last, EVERY), _decisions(_cut(history, last), each), TERMS).equity
        for each in (policy, base)
    ]
    return float(np.log(equity[0][-1] / equity[1][-1]))


def _cut(history: History, last: int) -> History:
    rows = slice(0, last + 1)
    market = None if history.market is None else history.market[rows]
    return as_history(history.prices[rows], history.rates[rows], market, history.periods_per_year)


def _print_strangers(past: Past) -> None:
    """Rules that know nothing, let by through a false judgement: what the kill switch leaves of a year's loss."""
    base, history = base_to_tilt(Choices()), past.history
    rows = range(WINDOW, len(history.prices), EVERY)
    alone = walk(history, rows, _decisions(history, base), TERMS).equity
    market, worst, year = past.course.market, [], DAYS * 24
    scales = scales_of(market.figures, market.regimes)
    for seed in range(STRANGERS):
        rule = TiltRule(np.random.default_rng(seed).normal(0, 1, RULE_SHAPE), scales)
        guarded = Guarded(LearnedTilt(rule, 0.2), base, SURE)
        over = np.log(walk(history, rows, _decisions(history, guarded), TERMS).equity / alone)
        worst.append(float((over[year:] - over[:-year]).min()))
    print(
        f"\n{STRANGERS} rules of chance that a judgement let by: log growth over the base in their worst year "
        f"{np.mean(worst):+.4f} on average, {min(worst):+.4f} at worst"
    )


if __name__ == "__main__":
    tilt_table()
