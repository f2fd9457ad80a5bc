"""Training on the desk: a tilt of its base is learned from its own history, and judged where it has not learned.

The base is the one that model reinforced tilts: the optimum of Settings and those that stand in for it. It is walked by
the desk's own decisions, as a backtest walks them, so what is learned from is what will be decided on. Rows later than
`until` are not looked at; a backtest may judge the policy on those alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from core.arrays import Times
from core.decide.policy.around.guarded import CAP
from core.decide.policy.learned.trained import Provenance, TrainedTilt
from core.errors import BookError, DataWarning, MissingDataError
from core.learn.allocation.environment import Allocation, gymnasium_environment
from core.learn.allocation.market import Stakes
from core.market.panel import Panel
from core.records import dataclass
from core.verify.backtest.tilt_market import TiltMarket, tilt_market
from core.verify.backtest.tilt_training import Training, train_tilt

from ....version import __version__
from ...read.inputs import Desk
from ...read.trained import base_settings, history_hash
from ..backtesting import decisions_of, past_terms
from ..policy.chosen import base_policy
from .shared import SharedPast

__all__ = ["Trained", "learning_environment", "train_policy"]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much; may raise to stop."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of a training: the policy for the file, and what the sheet shows.

    training     the search, the verdict, and the days of the judgement
    times        (J,) closes at which it decided on those days
    """

    policy: TrainedTilt
    training: Training
    times: Times

    @property
    def verdict(self) -> str:
        """In words."""
        judged = self.policy.judgement
        return f"{'kept' if judged.kept else 'not kept, so the base answers'}: {judged.why}"


def train_policy(
    desk: Desk,
    algorithm: str = "evolution",
    *,
    cap: float = CAP,
    trials: int = 1,
    until: datetime | None = None,
    moved: Progress | None = None,
) -> Trained:
    """Train a tilt of the desk's base on its history.

    Args:
        desk: as it is; its settings say what the base is, how often is decided, and the seed.
        algorithm: one of ALGORITHMS.
        cap: share of the base's gross that may be bought, and sold, against it.
        trials: trainings that were tried, this one included; the more, the more is asked of it.
        until: the last close that is looked at; None: all are.
        moved: told how far it is, and may raise to stop; None: nobody is.

    Raises BookError (too short a history), ArgumentError (algorithm, cap, trials).
    """
    past = _until(desk, until)
    said = moved or (lambda doing, done, of: None)
    course = _course(past, said)
    stakes, seed = Stakes(cap=cap), int(desk.settings.seed)
    try:
        training = train_tilt(
            course, stakes, algorithm, seed, trials, lambda done, of: said("the search for a tilt", done, of)
        )
    except MissingDataError as error:
        raise BookError(
            f"sheet 'Prices': the history is too short to train on ({error}); refresh with more bars, or decide more "
            "often by DecideEvery"
        ) from None
    times, symbols = past.history.times, past.universe.symbols
    origin = Provenance(
        symbols=symbols,
        first=times[0],
        last=times[-1],
        data_hash=history_hash(past.history, symbols, times[0], times[-1]),
        base=base_settings(past.settings),
        algorithm=training.found.algorithm,
        seed=seed,
        trials=trials,
        stopped_by=training.found.stopped_by,
        version=__version__,
    )
    return Trained(TrainedTilt(training.found.rule, cap, training.judgement, origin), training, times[training.rows])


def learning_environment(desk: Desk, length: int | None = 180, *, cap: float = CAP) -> Any:
    """The desk's history as an environment of gymnasium, for an algorithm of one's own: episodes of `length` decisions.

    Raises NotInstalledError (no gymnasium), BookError (too short a history), ArgumentError (length, cap).
    """
    course = _course(desk, lambda doing, done, of: None)
    return gymnasium_environment(Allocation(course.market, Stakes(cap=cap), length))


def _course(desk: Desk, said: Progress) -> TiltMarket:
    """The decisions of the base, and what came of them. Raises BookError."""
    every, window = int(desk.settings.decide_every), int(desk.settings.window)
    count = len(range(window, len(desk.history.times), every))
    if count < 2:
        raise BookError(
            f"sheet 'Prices': {len(desk.history.times) - 1} returns leave nothing after the window of {window} to "
            "train on; refresh with more bars, or shorten Window on Settings"
        )
    shared = SharedPast.of(desk)

    def told(row: int) -> None:
        said("the base through the history", (row - window) // every, count)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # a backtest of the base says them
        decisions = decisions_of(desk, shared, base_policy, told)
        decisions.when_unanswered = "cash" if desk.settings.when_unanswered == "cash" else "hold"
        return tilt_market(decisions, replace(past_terms(desk), isolated=np.nan), every, window)


def _until(desk: Desk, last: datetime | None) -> Desk:
    """The desk with the history up to a close. Raises BookError."""
    panel = desk.history
    if last is None:
        return desk
    count = int(np.searchsorted(panel.times, np.datetime64(last, "s"), side="right"))
    if count <= int(desk.settings.window) + 1:
        raise BookError(
            f"sheet 'Prices': the history begins at {panel.times[0].item():%Y-%m-%d %H:%M}, and up to "
            f"{last:%Y-%m-%d %H:%M} it does not fill the window; train up to a later close"
        )
    kept = Panel(
        panel.times[:count],
        panel.symbols,
        panel.prices[:count],
        panel.funding[:count],
        panel.bar_hours,
        panel.unread()[:count],
    )
    return replace(desk, history=kept, past_factors=desk.past_factors.since(0, count))
