"""The decisions of a backtest by the desk's Settings: at each close the desk is put back to then, and asked.

Its window ends there, prices and positions are those of then, and Rebalance's own question is asked (`asking`). Where
HedgeInPast says so Hedge follows (`hedged`), beside a clock that waits too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import field, replace
from functools import cached_property

import numpy as np

from core.arrays import Array
from core.decide.policy.outlook import NOT_LEARNED
from core.decide.policy.protocol import Policy, Target
from core.errors import DataWarning, UndefinedError
from core.learn.training import AsOf, Training
from core.records import dataclass
from core.tolerances import ROUNDING
from core.verify.backtest.decisions import Decisions, Situation
from core.verify.walk.programmed import Programmed
from core.verify.walk.standing import Standing

from ....feeds.feed import clock
from ...read.inputs import Desk, Universe
from ..asking import question
from ..enough import FEWEST_RETURNS
from ..estimates import outlook_of, training_of_desk, usable_returns
from ..hedging import HedgeFigures
from ..market_state import read_market
from .hedged import HedgedThen
from .programs import desk_programs
from .shared import SharedPast

__all__ = ["Choose", "DeskDecisions"]

Choose = Callable[[Desk, Universe], Policy]
"""Makes a policy for the contracts of a universe."""


@dataclass
class DeskDecisions(Decisions):
    """Decisions by the desk's Settings: the past is read as Rebalance reads the present.

    desk      as it is now
    shared    the past that it is put back to
    choose    makes the policy that is asked
    moved     is told the row of each decision
    hedges    whether Hedge follows each decision
    betas     (row, (N,)) those that each decision went by
    hedging   (row, (N,)) from the trade at that row on, the share of each position that hedges
    """

    desk: Desk = field(kw_only=True)
    shared: SharedPast = field(kw_only=True)
    choose: Choose = field(kw_only=True)
    moved: Callable[[int], None] = field(kw_only=True)
    hedges: bool = field(default=False, kw_only=True)
    betas: list[tuple[int, Array]] = field(default_factory=list, init=False)
    stated_betas: dict[int, Array] = field(default_factory=dict, init=False)
    hedging: list[tuple[int, Array]] = field(default_factory=list, init=False)

    def programs(self) -> Programmed | None:
        """With their programs, where Settings leave nothing else to decide by. Raises BookError (limits)."""
        return desk_programs(self)

    def report(self, asked: int) -> None:
        """Nothing is said here, but in the desk's words later. Raises UndefinedError where nobody answered anywhere."""
        if self.answers and all(who == self.when_unanswered for _, who in self.answers):
            row, reason, _ = self.unanswered[0]
            raise UndefinedError(f"first at {clock(self.desk.history.times[row])} ({reason})")

    def __post_init__(self) -> None:
        super().__post_init__()
        universe, mode = self.desk.universe, self.desk.settings.hedge_mode
        self._by_factor = self.hedges and mode == "factor"
        self._only_hedges = universe.hedges & ~universe.included
        self._beside = universe.hedges if mode == "overlay" else self._only_hedges

    @cached_property
    def training(self) -> Training:
        """What is learned on the way, as Settings have it."""
        return training_of_desk(self.desk)

    def situation(self, row: int, weights: Array, equity: float) -> Situation | None:
        """The desk's question at the close of a row."""
        self.moved(row)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # gaps are said once, of Prices
            warnings.filterwarnings("always", NOT_LEARNED, DataWarning)
            return self._asked(row, weights, equity)

    def _asked(self, row: int, weights: Array, equity: float) -> Situation | None:
        hedging = self._hedging_at(row, weights)
        apart = np.where(self._beside, hedging, 0.0)
        desk = self._then(row, weights - apart, apart, equity)
        known = usable_returns(desk).sum(axis=0) >= FEWEST_RETURNS
        concerned = known & desk.universe.in_book
        if not concerned.any():
            return None
        hours = read_market(desk).rebalance_hours if self._by_factor else np.nan
        paid = self.shared.paid(self.window, row) if desk.settings.funding_method == "mean" else None
        if desk.settings.regime_window == "Y":
            desk, paid = desk.latest(read_market(desk).regime_bars), None
            known &= usable_returns(desk).sum(axis=0) >= FEWEST_RETURNS
            concerned &= known
        outlook = outlook_of(desk, known, AsOf(lambda: self.training, row, np.flatnonzero(known)), paid)
        if desk.settings.market_in_past == "mean":
            outlook = replace(outlook, past=replace(outlook.past, market_return=None))
        asked = question(desk, known, outlook, self.choose)
        betas, funding = np.full((2, known.size), np.nan)
        betas[known] = outlook.betas
        self.betas.append((row, betas))
        if not self.hedges:
            return Situation(asked.policy, asked.outlook, asked.holding, concerned)
        funding[known] = outlook.priced.funding
        among = concerned | (known & (desk.universe.hedges | (apart != 0)))
        figures = HedgeFigures(known, betas, funding, hours)
        hedged = HedgedThen(desk, asked, concerned, among, figures, apart, hedging)
        return Situation(hedged, hedged.outlook, hedged.holding, among)

    def _traded_to(self, target: Target, now: Standing, situation: Situation) -> Array | None:
        """As ever; what hedges of it is noted, and a trade of Hedge alone does not set back the clock of the book."""
        before, decided = self.traded, super()._traded_to(target, now, situation)
        if not self.hedges or target.hedge is None:
            return decided
        if np.allclose(target.baseline, situation.holding.held, rtol=0, atol=ROUNDING):
            self.traded = before
        shares = np.zeros(now.weights.size)
        shares[situation.known] = np.divide(
            target.hedge, target.weights, out=np.zeros(target.weights.size), where=target.weights != 0
        )
        self.hedging.append((now.row + int(self.desk.settings.trade_delay), shares))
        return decided

    def _hedging_at(self, row: int, weights: Array) -> Array:
        """Of what is held at a row, the weights that hedge: all of a contract that does nothing else, and a share."""
        if not self.hedges:
            return np.zeros(weights.size)
        shares = next((each for traded, each in reversed(self.hedging) if traded <= row), np.zeros(weights.size))
        return np.where(self._only_hedges, weights, shares * weights)

    def _then(self, row: int, weights: Array, apart: Array, equity: float) -> Desk:
        """The desk at the close of a row, with what is held `apart`. What has no price there is held and not traded."""
        rows = slice(row - self.window, row + 1)
        panel, universe, first = self.shared.panel, self.desk.universe, self.desk.settings.equity
        nothing, prices = np.full(weights.size, np.nan), self.history.marks[row]
        values = np.where(universe.inverse, 1.0, prices)
        return replace(
            self.desk,
            universe=replace(
                universe,
                included=universe.included & self.history.tradable[row],
                prices=prices,
                # Limits count in weights: the account stays at its first equity, and volumes shrink as it grows.
                positions=weights * first / values,
                daily_volumes=universe.daily_volumes * first / equity,
                implied_vols=nothing,
                views=nothing,
                hedges=universe.hedges & self.history.tradable[row],
                lots=np.zeros(weights.size),
                overlay_positions=apart * first / values,
            ),
            panel=panel.over(rows),
            benchmark_returns=self.shared.returns[row - self.window + 1 : row + 1, -1],
            factors=self.desk.past_factors.since(rows.start, rows.stop),
        )
