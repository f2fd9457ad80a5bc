"""What policy `learned` is worth beside its base, on days of eight contracts: as they were, in random order, planted.

Each row is a backtest of both, decided daily with 7 bps a trade: growth a year of the base and of the learned policy,
what the learned book made over its base on paper (followed or not) with its t, in how many of the trainings its verdict
was in favour, on what share of days it was followed, and the worst year against the base.

    real        2020-01 to 2024-06, the contracts that had been listed then
    shuffled    the same days in random order: what was known says nothing of what comes
    planted     whoever is charged more funding than the others loses so much a day, whoever is charged less earns it
"""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import numpy as np

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.policy.learned.judgement import judge
from core.decide.policy.learned_on_paper import DaysOnPaper
from core.decide.policy.learned_premia import LearnedPremia
from core.decide.policy.models import MeanVariance
from core.errors import DataWarning
from core.learn.training import training_of
from core.verify.backtest.decisions import Decisions
from core.verify.walk.history import History, as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "ADAUSDT", "LINKUSDT", "LTCUSDT", "DOTUSDT", "ATOMUSDT")
COST, WINDOW, CAP = 7e-4, 60, 0.2
BASE = MeanVariance("utility")
SHUFFLES, PLANTED = 6, (0.004, 0.01)


def policy_table() -> None:
    """Print the table."""
    path = Path(os.environ.get("PERPDESK_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if not (path / "perp_1d_binance_8coins.csv").is_file():
        print(f"\nlearned policy: no market data at {path}")
        return
    prices, funding = _days(path / "perp_1d_binance_8coins.csv")
    headings = ("days", "base", "learned", "on paper", "t", "trainings kept", "days followed", "worst year", "CPU s")
    print(f"\nmodel learned beside {BASE.name}, log growth a year{'':14}" + "".join(f"{name:>15}" for name in headings))
    for learner in ("ridge", "boosting"):
        _print(f"real, {learner}", _run(prices, funding, learner))
    for seed in range(SHUFFLES):
        _print(f"shuffled, seed {seed}, ridge", _run(*_shuffled(prices, funding, seed), "ridge"))
    for size in PLANTED:
        _print(f"planted {size:.1%} a day, ridge", _run(_planted(prices, funding, size), funding, "ridge"))


def _print(name: str, figures: tuple[object, ...]) -> None:
    print(f"{name:58}" + "".join(f"{figure:>15}" for figure in figures))


def _days(path: Path) -> tuple[Array, Array]:
    import pandas as pd

    table = pd.read_csv(path)
    closes = table.pivot(index="date", columns="symbol", values="close")[list(SYMBOLS)]
    rates = table.pivot(index="date", columns="symbol", values="funding_sum")[list(SYMBOLS)]
    return closes.to_numpy(), rates.fillna(0.0).to_numpy()


def _shuffled(prices: Array, funding: Array, seed: int) -> tuple[Array, Array]:
    """The days since all were listed, in random order."""
    first = int(np.flatnonzero(np.isfinite(prices).all(axis=1))[0])
    moves = prices[first + 1 :] / prices[first:-1] - 1
    order = np.random.default_rng(seed).permutation(len(moves))
    return 100 * np.cumprod(1 + np.nan_to_num(moves[order]), axis=0), funding[first + 1 :][order]


def _planted(prices: Array, funding: Array, size: float) -> Array:
    moves = prices[1:] / prices[:-1] - 1
    charged = np.where(np.isfinite(prices[:-1]), funding[:-1], np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        moves -= size * np.sign(np.nan_to_num(charged - np.nanmedian(charged, axis=1, keepdims=True)))
    return np.vstack([prices[:1], _since_listed(prices, moves)])


def _since_listed(prices: Array, moves: Array) -> Array:
    grown = np.cumprod(1 + np.nan_to_num(np.maximum(moves, -0.9)), axis=0)
    return np.where(np.isfinite(prices[1:]), 100 * grown, np.nan)


def _run(prices: Array, funding: Array, learner: str) -> tuple[object, ...]:
    began = time.process_time()
    history = as_history(prices, funding, None, 365)
    base, _ = _walked(history, BASE, learner)
    learned, decisions = _walked(history, LearnedPremia(BASE, CAP), learner)
    excess = np.diff(np.log(np.maximum(learned, 1e-9))) - np.diff(np.log(np.maximum(base, 1e-9)))
    followed = sum(who.startswith("learned") for _, who in decisions.answers) / len(decisions.answers)
    days = max((each for each in _kept(decisions) if isinstance(each, DaysOnPaper)), key=lambda each: each.noted)
    paper = judge(days.over_base(len(prices) - 1))
    verdicts = days.verdicts
    years = np.convolve(excess, np.ones(min(365, excess.size)), "valid")
    return (
        len(prices),
        f"{np.log(base[-1]) * 365 / len(base):+.3f}",
        f"{np.log(learned[-1]) * 365 / len(base):+.3f}",
        f"{paper.excess:+.3f}",
        f"{paper.t:.2f}",
        f"{sum(each.kept for each in verdicts)} of {len(verdicts)}",
        f"{followed:.0%}",
        f"{years.min():+.3f}",
        f"{time.process_time() - began:.1f}",
    )


def _walked(history: History, policy: object, learner: str) -> tuple[Array, Decisions]:
    decisions = Decisions(history, policy, WINDOW, Limits(max_weight=0.5, turnover_cost=COST))
    decisions.__dict__["training"] = training_of(
        history.returns, history.benchmark, history.settled, history.periods_per_year, learner=learner
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        ledger = walk(history, range(WINDOW, len(history.prices)), decisions, Terms(fee=COST))
    return ledger.equity, decisions


def _kept(decisions: Decisions) -> list[object]:
    return list(decisions.training._kept.values())


if __name__ == "__main__":
    policy_table()
