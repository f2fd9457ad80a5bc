"""Where a backtest of a trained policy may begin: no policy is judged on rows that it has learned from."""

from __future__ import annotations

from core.decide.policy.learned.trained import TrainedTilt
from core.errors import BookError, say
from core.verify.backtest.backtest import FEWEST_BARS

from ...read.inputs import Desk
from ...read.trained import say_other_history

__all__ = ["first_row_unlearned"]


def first_row_unlearned(desk: Desk) -> int:
    """The first row that the trained policy may be judged on; 0 where none is followed. Raises BookError."""
    trained, times = desk.trained, desk.history.times
    if not isinstance(trained, TrainedTilt) or not trained.judgement.kept:
        return 0
    last = trained.provenance.last.item()
    row = trained.provenance.first_row_after(times)
    say_other_history(trained, desk.history)
    if row >= len(times) - FEWEST_BARS - int(desk.settings.trade_delay):
        raise BookError(
            f"sheet 'Settings': the policy in PolicyFile was trained on rows up to {last:%Y-%m-%d %H:%M} and the "
            f"history ends at {times[-1].item():%Y-%m-%d %H:%M}: no policy is judged on what it has learned from; "
            "refresh with later bars, or train it on earlier ones"
        )
    say(
        f"Backtest: the policy was trained on rows up to {last:%Y-%m-%d %H:%M}, so it is judged from "
        f"{times[row].item():%Y-%m-%d %H:%M} on"
    )
    return row
