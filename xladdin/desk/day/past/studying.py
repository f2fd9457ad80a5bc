"""What models make of the desk's history: studied for the sheet Learning, whether or not one is followed."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from core.errors import DataWarning, MissingDataError, NotInstalledError, say
from core.learn.study import Study, study

from ...read.inputs import Desk
from ..estimates import training_of_desk

__all__ = ["study_desk"]

STUDIED = ("premium", "beta")

Progress = Callable[[str, int, int], None]


def study_desk(desk: Desk, moved: Progress | None = None) -> list[Study]:
    """What the learner of Settings makes of premia, and trees of betas; none where there is too little to learn from.

    What could not be studied is said. `moved` is told how far it is, and may raise to stop.
    """
    training = training_of_desk(desk)
    found: list[Study] = []
    for place, target in enumerate(STUDIED):
        if moved is not None:
            moved(f"the study of {target}", place, len(STUDIED))
        lessons, learner = (
            (training.lessons, training.learner) if target == "premium" else (training.on_betas, "boosting")
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DataWarning)  # Rebalance says what is missing
                found.append(study(lessons, target, learner, int(desk.settings.seed)))
        except (MissingDataError, NotInstalledError) as error:
            say(f"no study of {target}: {error}")
    return found
