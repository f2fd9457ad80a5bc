"""Backtest: what the desk's own policy would have made of the history on its sheets.

At each decision the desk is put back to that close and asked what Rebalance asks now, and what Hedge does where
HedgeInPast says so (`past`). What only today knows is left out: views and implied volatilities. The contracts' terms
(fees, lots, margin, tiers) and the market return of Settings are those of now, in every year.

Beside the policy walk an unhedged book, where there is a hedge, and equal weights, on the same rows and costs.
Where the policy has no answer nothing is traded, as on the desk; it is counted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from core.arrays import Array, Times
from core.decide.limits.declared import Limits
from core.decide.policy.models import EqualWeight
from core.decide.policy.protocol import Policy
from core.errors import BookError, DataWarning, UndefinedError, listed, say
from core.records import dataclass
from core.verify.backtest.backtest import FEWEST_BARS, Backtest, Figures, backtest
from core.verify.walk.ledger import Ledger
from core.verify.walk.terms import Terms

from ..read.inputs import Desk, Universe
from .enough import FEWEST_RETURNS
from .outcome import Outcome
from .past.decisions import Choose, DeskDecisions
from .past.shared import SharedPast
from .past.unlearned import first_row_unlearned
from .policy.chosen import desk_policy, unhedged_policy

__all__ = [
    "BacktestRun",
    "Progress",
    "Walked",
    "decisions_of",
    "first_decision",
    "past_terms",
    "run_backtest",
    "walk_policy",
]

Progress = Callable[[str, int, int], None]
"""Told what is being walked, how many decisions are done, and of how many; may raise to stop the run."""


@dataclass(frozen=True, eq=False)
class Walked:
    """One book that was walked, and what became of it."""

    run: Backtest
    figures: Figures

    @property
    def ledger(self) -> Ledger:
        """Its books."""
        return self.run.ledger


@dataclass(frozen=True, eq=False)
class BacktestRun:
    """The policy walked through the desk's history of T rows, and beside it an unhedged book and equal weights.

    `times` (T,) are the closes; `first` is the row of the first decision. `unhedged` is None where nothing hedges, or
    without its hedge the policy has no answer anywhere. `benchmark` (T,) is what the first equity became in the
    benchmark since its first price there, without funding. `betas` are those that each decision went by, `decided` what
    it wanted to hold, NaN for what stays and None where all does, and `hedging` the share of each position that hedges
    from a row on, where Hedge followed: (row, (N,)) each.
    """

    desk: Desk
    times: Times
    first: int
    policy: Walked
    unhedged: Walked | None
    equal_weight: Walked | None
    benchmark: Array
    betas: Sequence[tuple[int, Array]]
    decided: Sequence[tuple[int, Array | None]]
    hedging: Sequence[tuple[int, Array]]

    @property
    def hedged(self) -> bool:
        """Whether the policy hedges by itself, or Hedge does after it."""
        return _hedges(self.desk)

    @property
    def books(self) -> dict[str, Walked | None]:
        """The books by the heading of their column."""
        return {"Policy": self.policy, "Unhedged": self.unhedged, "EqualWeight": self.equal_weight}

    @cached_property
    def answers(self) -> dict[str, int]:
        """How often each model answered, the most frequent first."""
        given = [who for _, who in self.policy.run.decisions.answers]
        return dict(sorted(((who, given.count(who)) for who in dict.fromkeys(given)), key=lambda each: -each[1]))

    @property
    def model(self) -> str:
        """Who answered, with shares."""
        total = sum(self.answers.values())
        return ", ".join(f"{who} {count / total:.0%}" for who, count in self.answers.items())

    @property
    def outcome(self) -> Outcome:
        """What became of the policy, beside equal weights."""
        own, other = self.policy.figures, self.equal_weight
        beside = "" if other is None else f" (equal weight {_told(other.figures)})"
        fallen = f", {own.liquidations} liquidations" if own.liquidations else ""
        begin, end = (self.times[row].item() for row in (self.first, -1))
        return Outcome(
            f"{self.desk.settings.model} {_told(own)}{beside}{fallen}, {begin:%Y-%m-%d} to {end:%Y-%m-%d}", self.model
        )


def run_backtest(desk: Desk, moved: Progress | None = None) -> BacktestRun:
    """Walk the desk's policy, and what it is compared with, through all of its history.

    Raises:
        BookError: the history or the window is too short, the first decision lies outside it, or HedgeInPast asks for
            a hedge and nothing can.
        UndefinedError: the policy answered nowhere; the message has its first reason.
    """
    first = first_decision(desk)
    _refuse_what_cannot_hedge(desk)
    shared, terms = SharedPast.of(desk), past_terms(desk)
    said = moved or _unheard
    _say_what_is_assumed(desk)
    hedges = desk.settings.hedge_in_past == "Y"
    policy = _walk(desk, shared, terms, first, desk_policy, "the policy", said, hedges=hedges)
    bare = _compared(desk, shared, terms, first, _unhedged, "the unhedged book", said) if _hedges(desk) else None
    equal = _compared(desk, shared, terms, first, lambda *_: EqualWeight(), "equal weights", said)
    decisions = policy.run.decisions
    assert isinstance(decisions, DeskDecisions)
    _say_what_befell(desk, policy)
    ordered = dict(zip(policy.ledger.ordered.rows.tolist(), policy.ledger.ordered.weights, strict=True))
    market = np.asarray(shared.history.market)
    return BacktestRun(
        desk=desk,
        times=desk.history.times,
        first=first,
        policy=policy,
        unhedged=bare,
        equal_weight=equal,
        benchmark=desk.settings.equity * market / market[first:][np.isfinite(market[first:])][:1],
        betas=decisions.betas,
        decided=[(row, ordered.get(row)) for row in policy.ledger.decisions.tolist()],
        hedging=decisions.hedging,
    )


def walk_policy(desk: Desk, shared: SharedPast | None = None) -> Walked:
    """The policy alone, walked as `run_backtest` walks it; `shared` is the past of the desk, where it is known.

    Raises as that does.
    """
    first = first_decision(desk)
    _refuse_what_cannot_hedge(desk)
    past = SharedPast.of(desk) if shared is None else shared
    hedges = desk.settings.hedge_in_past == "Y"
    return _walk(desk, past, past_terms(desk), first, desk_policy, "the policy", _unheard, hedges=hedges)


def _unheard(doing: str, done: int, of: int) -> None:
    """Nobody watches."""


def _hedges(desk: Desk) -> bool:
    return desk.settings.hedge_in_past == "Y" or unhedged_policy(desk, desk.universe) is not None


def first_decision(desk: Desk) -> int:
    """The row of the first decision. Raises BookError where the history has too few rows after it."""
    settings, times = desk.settings, desk.history.times
    window = int(settings.window)
    if window < FEWEST_RETURNS:
        raise BookError(
            f"sheet 'Settings': Window is {window} bars and a decision needs {FEWEST_RETURNS} returns; lengthen it"
        )
    delay = int(settings.trade_delay)
    if len(times) <= window + FEWEST_BARS + delay:
        late, less = (f" and a delay of {delay}", "TradeDelay") if delay > window else ("", "Window")
        raise BookError(
            f"sheet 'Prices': {len(times) - 1} returns leave a backtest nothing after the window of {window}{late}; "
            f"refresh with more bars, or shorten {less} on Settings"
        )
    earliest = max(window, first_row_unlearned(desk))
    if settings.backtest_from is None:
        return earliest
    row = int(np.searchsorted(times, np.datetime64(settings.backtest_from, "s")))
    if row >= len(times) - FEWEST_BARS - delay:
        raise BookError(
            f"sheet 'Settings': BacktestFrom is {settings.backtest_from:%Y-%m-%d %H:%M} and the history ends at "
            f"{times[-1].item():%Y-%m-%d %H:%M}; give an earlier time, or leave it blank"
        )
    if row < window:
        say(
            f"Settings: before {times[window].item():%Y-%m-%d %H:%M} the window is not full, so the backtest begins "
            "there"
        )
    return max(row, earliest)


def _refuse_what_cannot_hedge(desk: Desk) -> None:
    """Raises BookError where Hedge is to follow each decision and has no contract, or no factor."""
    if desk.settings.hedge_in_past == "Y" and not desk.universe.hedges.any():
        raise BookError(
            "sheet 'Settings': HedgeInPast is Y and no contract on Universe is marked Hedge; set Hedge to Y for one "
            "that trades well, or HedgeInPast to N"
        )
    if desk.settings.hedges_factors_in_past and not desk.past_factors.known:
        raise BookError(
            "sheet 'Factors' has no return in the history, and HedgeMode is factor; fill it, set HedgeMode to direct "
            "or overlay, or HedgeInPast to N"
        )


def past_terms(desk: Desk) -> Terms:
    """Fees, lots, margin, stops and delay of the desk.

    A position that is isolated stands on the share of its notional that is posted for the one held now.
    """
    settings, universe = desk.settings, desk.universe
    return Terms(
        fee=universe.fee_rates,
        slippage=universe.slippage_rates,
        maintenance_rates=universe.maintenance_rates,
        liquidation_fee=settings.liquidation_fee,
        lots=universe.lots,
        delay=int(settings.trade_delay),
        tiers=desk.tiers,
        inverse=universe.inverse,
        isolated=universe.isolated_shares,
        stops=universe.stops,
        interest=settings.collateral_interest,
    )


def _walk(
    desk: Desk,
    shared: SharedPast,
    terms: Terms,
    first: int,
    choose: Choose,
    name: str,
    said: Progress,
    *,
    hedges: bool = False,
) -> Walked:
    """A book by one policy. Raises UndefinedError where it answered nowhere."""
    settings = desk.settings
    every = int(settings.decide_every)
    count = len(range(first, len(desk.history.times), every))
    decisions = decisions_of(desk, shared, choose, lambda row: said(name, (row - first) // every, count), hedges=hedges)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # the core speaks of rows and columns; it is said in desk's words
        try:
            run = backtest(decisions, terms, every, int(settings.trials), equity=settings.equity, first=first)
        except UndefinedError as error:
            count = len(decisions.answers)
            raise UndefinedError(f"{name} had no answer in any of {count} decisions, {error}") from None
        return Walked(run, run.figures)


def decisions_of(
    desk: Desk, shared: SharedPast, choose: Choose, moved: Callable[[int], None], *, hedges: bool = False
) -> DeskDecisions:
    """The desk's decisions by a policy, not asked yet; `moved` is told the row of each."""
    settings = desk.settings
    return DeskDecisions(
        shared.history,
        choose(desk, desk.universe),
        int(settings.window),
        Limits(risk_free=settings.risk_free),
        when_unanswered="hold",
        peak_days=settings.peak_days,
        months=desk.history.times.astype("datetime64[M]").astype(np.int64),
        desk=desk,
        shared=shared,
        choose=choose,
        moved=moved,
        hedges=hedges,
    )


def _compared(
    desk: Desk, shared: SharedPast, terms: Terms, first: int, choose: Choose, name: str, said: Progress
) -> Walked | None:
    """A book beside the policy; None, and that is said, where it has no answer anywhere."""
    try:
        return _walk(desk, shared, terms, first, choose, name, said)
    except UndefinedError as error:
        say(f"Backtest: {error}; its column is blank")
        return None


def _unhedged(desk: Desk, universe: Universe) -> Policy:
    return unhedged_policy(desk, universe) or desk_policy(desk, universe)


def _say_what_is_assumed(desk: Desk) -> None:
    """What the past could not have known, and so was left out or taken as it is now."""
    settings, universe = desk.settings, desk.universe
    held = universe.in_book & ~universe.included
    unposted = universe.isolated & np.isnan(universe.isolated_shares)
    left_out = [
        what
        for what, there in (
            ("views", np.isfinite(universe.views).any()),
            ("implied volatilities", np.isfinite(universe.implied_vols).any()),
            (
                f"isolated margin of {listed(np.array(universe.symbols)[unposted])}, for which nothing is posted",
                unposted.any(),
            ),
            (f"positions in {listed(np.array(universe.symbols)[held])}, which is not traded", held.any()),
        )
        if there
    ]
    if left_out:
        say(f"Backtest: {listed(left_out)} are of today and were left out; the account began in cash")
    marked = np.array(universe.symbols)[universe.hedges]
    if settings.hedge_in_past != "Y" and marked.size:
        say(
            f"Backtest: {listed(marked)}, marked Hedge, hedged nothing; set HedgeInPast to Y for the trades of Hedge "
            "after each decision"
        )
    if settings.aim is not None and settings.market_in_past == "stated":
        say(
            f"Backtest: MarketReturn of Settings, {settings.market_return:.0%}, was expected through the whole past; "
            "set MarketInPast to mean for what each window told"
        )


def _say_what_befell(desk: Desk, walked: Walked) -> None:
    """Decisions without an answer or in doubt, liquidations, and what was missing of what was held."""
    decisions, ledger, history = walked.run.decisions, walked.ledger, walked.run.history
    symbols, asked = desk.universe.symbols, ledger.decisions.size
    if decisions.unanswered:
        row, reason, who = decisions.unanswered[0]
        say(
            f"Backtest: the model had no answer in {len(decisions.unanswered)} of {asked} decisions, first at "
            f"{_clock(desk, row)} ({reason}); there {'nothing was traded' if who == 'hold' else f'{who} answered'}"
        )
    if decisions.doubts:
        row, message = decisions.doubts[0]
        say(
            f"Backtest: {len(decisions.doubts)} of {asked} decisions came with a warning, first at "
            f"{_clock(desk, row)}: {message}"
        )
    if ledger.liquidated:
        row, column = ledger.liquidated[0]
        say(
            f"Backtest: {len(ledger.liquidated)} positions were liquidated, first {symbols[column]} at "
            f"{_clock(desk, row)}, after which {ledger.equity[row] / ledger.start:.1%} of the first equity was left"
        )
    if ledger.stopped:
        row, column = ledger.stopped[0]
        say(
            f"Backtest: {len(ledger.stopped)} positions were left at their stops, first {symbols[column]} at "
            f"{_clock(desk, row)}; bars know closes alone, so a stop that a bar reached and left again was not met"
        )
    held = ledger.quantities[:-1] != 0
    unpriced, unsettled = held & ~history.tradable[1:], held & np.isnan(history.rates[1:])
    if unpriced.any():
        row, column = np.argwhere(unpriced)[0]
        say(
            f"Backtest: prices of what was held are missing in {int(unpriced.any(axis=1).sum())} bars, first of "
            f"{symbols[column]} at {_clock(desk, row + 1)}: kept at the last price, and not traded"
        )
    if unsettled.any():
        bars = int(unsettled.any(axis=1).sum())
        say(f"Backtest: funding of what was held cannot be read in {bars} bars; none was booked")


def _clock(desk: Desk, row: int) -> str:
    return f"{desk.history.times[row].item():%Y-%m-%d %H:%M}"


def _told(figures: Figures) -> str:
    sharpe = "none" if np.isnan(figures.sharpe) else f"{figures.sharpe:.2f}"
    return (
        f"{figures.total_return:+.1%} ({figures.annual_return:+.1%} a year), Sharpe {sharpe}, "
        f"drawdown {figures.max_drawdown:.1%}"
    )
