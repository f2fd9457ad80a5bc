"""The policy `learned`: an optimum whose CAPM premia are corrected by what a model has learned, behind the guard.

    expected return = that of the outlook + learned correction        a contract with a view of its own keeps its view
    weights         = the optimum for these, within `cap` of the optimum without (`around.guarded`)

Its judgement is what would have been (`learned_on_paper`): of all days since the first training, up to the last one.
Until the next training the verdict stands. Before the first, and where too little is known, the base answers and says
why. Nothing is kept between two decisions but what the rows say anew, so a job that is asked once comes to the verdict
of a walk.

Sources: those of `learn.lessons`; Black and Litterman (1992), for correcting premia rather than replacing them.
"""

from __future__ import annotations

from dataclasses import field, replace

import numpy as np

from ...arrays import Array
from ...errors import MissingDataError
from ...learn.training import AsOf
from ...records import dataclass
from .around.guarded import CAP, Guarded
from .learned.judgement import Judgement
from .learned_on_paper import WHATEVER, DaysOnPaper, days_on_paper
from .models import MeanVariance
from .outlook import Outlook
from .protocol import Holding, Paper, Target

__all__ = ["LearnedPremia"]


@dataclass(frozen=True)
class LearnedPremia:
    """The optimum of `base` on learned premia, with at most `cap` of its gross bought, and sold, away from it."""

    base: MeanVariance = field(default_factory=MeanVariance)
    cap: float = CAP

    @property
    def name(self) -> str:
        """`learned, max_sharpe`."""
        return f"learned, {self.base.objective}"

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The guarded target. Raises as the base does, and NotInstalledError (no scikit-learn)."""
        try:
            as_of = _as_of(outlook)
            days = self._days(as_of, outlook, holding)
        except MissingDataError as error:
            base = self.base(outlook, holding)
            return replace(base, reasons=((self.name, f"nothing is learned yet: {error}"), *base.reasons))
        if holding.excess is None:
            holding = holding.told(excess=days.excess(as_of.row))
        target = self._guarded(days.verdict(as_of.training.trained_at(as_of.row)))(outlook, holding)
        if target.paper is None:  # verdicts change: whoever keeps the account must know that the base is held again
            costs = holding.limits.vector("turnover_cost", target.weights.size)
            return replace(target, paper=Paper(target.weights, target.weights, costs, followed=False))
        return target

    def judgement(self, outlook: Outlook, holding: Holding) -> Judgement:
        """What the model was worth over its base, on all days up to the last training.

        Raises MissingDataError (too little history) and NotInstalledError.
        """
        as_of = _as_of(outlook)
        return self._days(as_of, outlook, holding).verdict(as_of.training.trained_at(as_of.row))

    def wanted(self, outlook: Outlook, holding: Holding) -> Target:
        """What it would hold now, within its cap, whatever its verdict is; the baseline is that of the base.

        Raises as the base does, MissingDataError (too little history) and NotInstalledError.
        """
        _ = _as_of(outlook).premia
        return self._guarded(WHATEVER)(outlook, holding.told(excess=None))

    def _days(self, as_of: AsOf, outlook: Outlook, holding: Holding) -> DaysOnPaper:
        _ = as_of.premia  # what keeps a model from learning is told before days are counted
        return days_on_paper(self._guarded, self.name, outlook, as_of, holding.limits)

    def _guarded(self, judgement: Judgement) -> Guarded:
        return Guarded(_Wanted(self.base, self.name), self.base, judgement, self.cap)


@dataclass(frozen=True)
class _Wanted:
    """What the optimum on learned premia wants to hold, whatever the cap."""

    base: MeanVariance
    name: str

    def __call__(self, outlook: Outlook, holding: Holding, base: Target) -> Array:
        more, views = _as_of(outlook).premia, outlook.past.views
        if views is not None:
            more = np.where(np.isnan(np.asarray(views)), more, 0.0)
        return self.base(outlook.expecting(more), holding).weights


def _as_of(outlook: Outlook) -> AsOf:
    if outlook.learned is None:
        raise MissingDataError("no history beyond the window is known")
    return outlook.learned
