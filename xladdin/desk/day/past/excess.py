"""What a trained policy has made over its base since its training, for the kill switch of today.

A backtest keeps that on its way; Rebalance, which looks at one moment, walks the last year once more for it: the same
decisions, on the same rows, so that the switch acts on the desk when it acts in the backtest.
"""

from __future__ import annotations

import warnings

import numpy as np

from core.decide.policy.learned.trained import TrainedTilt
from core.decide.policy.protocol import Excess
from core.errors import DataWarning, say
from core.units import HOURS_PER_DAY

from ...read.inputs import Desk
from ...read.trained import say_other_history
from ..policy.chosen import desk_policy

__all__ = ["excess_so_far"]

DAYS = 365


def excess_so_far(desk: Desk) -> Excess | None:
    """The excess up to now; None where no policy is followed, or where it has no decision behind it, which is said."""
    trained = desk.trained
    if not isinstance(trained, TrainedTilt) or not trained.judgement.kept:
        return None
    from core.verify.walk.walk import walk  # with the next line brings all of the backtest, which few desks need here

    from ..backtesting import decisions_of, past_terms
    from .shared import SharedPast

    say_other_history(trained, desk.history)
    settings, times = desk.settings, desk.history.times
    window, every = int(settings.window), int(settings.decide_every)
    back = round(DAYS * HOURS_PER_DAY / settings.bar_hours)
    last = len(times) - 1
    first = max(window, trained.provenance.first_row_after(times), last - back)
    rows = range(first, last, every)
    if not rows:
        say("the policy has no decision behind it yet, so its kill switch cannot act")
        return None
    shared = SharedPast.of(desk)
    decisions = decisions_of(desk, shared, desk_policy, lambda row: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # a backtest says them
        walk(shared.history, rows, decisions, past_terms(desk), settings.equity)
    found = decisions.papers.excess(last)
    return None if found is None or not np.isfinite(found).all() else found
