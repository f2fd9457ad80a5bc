"""The desk's day, refresh to verify, job by job. The ribbon, Calc and the command line run these.

Each job reads the workbook, works, stages its results in the same workbook and returns a report. Nothing lands in a
file before the door that called commits the book, and nothing is staged when a job fails.

    Refresh    prices, funding and terms from a feed  -> Universe, Tiers, Terms, Prices, Funding
    Rebalance  estimate, optimise, size the orders    -> Estimates, Weights, Frontier, Risk, Correlation, Positions
    Hedge      trade back to the target beta          -> Hedge, HedgeChoice
    both       what the two trade, netted             -> Orders
    Stress     every scenario on the book             -> Stress, Liquidation
    Backtest   the policy through all of the history  -> Backtest, its path and decisions, Attribution
    Sweep      many configurations, walked elsewhere  -> Sweep, its summary and map
    Train      a policy learned from the history      -> Learning, the file that PolicyFile names
    Check      results against inputs and limits      -> Checks (every job ends with it)
    Verify     all results by other means             -> Verification

A job empties the tables of those that come after it: no result ever stands beside figures that it does not follow from.
A backtest follows from the history and the settings, not from a target: only Refresh empties it, and Check says when
what it rests on has changed.

What only one job needs is imported in that job: a fresh process has to do no more than it was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import BookError, listed
from core.records import dataclass

from ..books.workbook import Workbook
from .day.checks.found import verdict
from .day.checks.registry import check_desk
from .day.outcome import Outcome
from .read.desk import read_desk
from .read.inputs import Desk
from .read.older import as_declared, as_it_stands, kept_tables
from .read.problems import read_whole_desk
from .write.results import clear, write_checks
from .write.runlog import Run, heard_warnings, log_run

if TYPE_CHECKING:
    from ..feeds.panel import End
    from .day.backtesting import Progress
    from .day.refresh.loaded import Moved, VenueSource
    from .day.refresh.own_files import OwnFiles
    from .write.backtest_path import WalkFile
    from .write.searched.swept import Swept

__all__ = [
    "RESULT_TABLES",
    "Report",
    "backtest",
    "check",
    "hedge",
    "rebalance",
    "refresh",
    "stress",
    "sweep",
    "train",
    "verify",
]

TARGET_TABLES = (
    *("Estimates", "EstimatesLargest", "Market", "Weights", "WeightsLargest", "WeightsSummary"),
    *("Frontier", "FrontierPoints"),
)
RISK_TABLES = (
    *("RiskSummary", "RiskLosses", "TopRisks", "RiskLimits", "RiskExposure", "Risk", "TargetLosses", "HeldLosses"),
    *("CorrelationSummary", "Correlation", "PositionsSummary", "Positions", "PositionBars"),
)
HEDGE_TABLES = ("Hedge", "HedgeLargest", "HedgeSummary", "HedgeFactors", "HedgeChoice", "HedgeOptions")
ORDER_TABLES = ("Orders", "OrdersSummary", "OrderBars")
STRESS_TABLES = (
    *("Stress", "StressMap", "StressSummary", "Ladder", "Waterfall", "WaterfallBars", "Replays", "Safeguards"),
)
BACKTEST_TABLES = (
    *("Backtest", "BacktestComparison", "BacktestAnswers", "BacktestFalls", "BacktestLimits", "BacktestLiquidations"),
    *("BacktestPath", "BacktestDecisions", "Attribution", "AttributionBars", "AttributionMonths", "AttributionBetas"),
)
SWEEP_TABLES = ("SweepSummary", "Sweep", "SweepMap")
LEARNING_TABLES = (
    *("Learning", "LearningWeights", "LearningRule", "LearningImportance", "LearningDependence", "LearningPath"),
)
VERIFICATION = "Verification"
"""What each job fills."""

RESULT_TABLES = (
    *(*TARGET_TABLES, *RISK_TABLES, *HEDGE_TABLES, *ORDER_TABLES, *STRESS_TABLES, *BACKTEST_TABLES, *SWEEP_TABLES),
    *LEARNING_TABLES,
    *("Checks", VERIFICATION),
)
"""All of it: what another history makes void."""

SHOWN = {
    "rebalance": ("Estimates", "Market", "Weights", "WeightsSummary", "RiskLosses", "RiskLimits", "Orders"),
    "hedge": ("Hedge", "Orders", "OrdersSummary"),
    "stress": ("Stress", "StressSummary", "Ladder"),
    "backtest": ("Backtest", "BacktestComparison", "BacktestAnswers", "Attribution"),
    "sweep": ("SweepSummary", "Sweep"),
    "train": ("Learning",),
    "check": ("Checks",),
}
"""Of what a job fills, the tables that say what came of it."""


@dataclass(frozen=True)
class Report:
    """What a job did: one sentence, the tables it filled, what to know, how the checks went.

    A `walk` is for the door to write, once the book has landed.
    """

    job: str
    headline: str
    tables: tuple[str, ...]
    warnings: tuple[str, ...]
    verdict: str = ""
    passed: bool = True
    walk: WalkFile | None = None


def refresh(
    book: Workbook,
    source: Path | VenueSource,
    symbols: Sequence[str] | Literal["all"] | None = None,
    end: End | None = None,
    bars: int | None = None,
    now: datetime | None = None,
    *,
    funding: str = "auto",
    own_files: OwnFiles | None = None,
    filed: bool | None = None,
    moved: Moved | None = None,
) -> Report:
    """Load the history of the symbols (default: those in play) and put it on the desk; all results are emptied.

    Args:
        book: the desk.
        source: file or folder of closes and funding, or a venue.
        symbols: what to load and include, "all" that the source has; None: what is in play.
        end: the last close.
        bars: how many returns, which the window becomes; None: all.
        now: when this is; None: the clock's time.
        funding: how rates in the files are read: settled, carried or auto.
        own_files: positions, margin tiers and factors that come along; None: none.
        filed: whether the history goes into a file beside the workbook; None: as the desk has it.
        moved: told how far the reading of a venue is, and may raise to stop; None: nobody is.
    """
    from .day.refresh.contracts import benchmark_symbol, included_symbols, update_contracts
    from .day.refresh.history import write_history
    from .day.refresh.loaded import load_files
    from .day.refresh.sample import clear_sample
    from .read.headings import refuse_lost_contract_columns

    with heard_warnings() as older:
        book = as_declared(book)
    refuse_lost_contract_columns(book)
    in_play = [] if symbols else included_symbols(book)
    wanted = None if symbols == "all" else symbols or in_play
    with heard_warnings() as heard:
        if isinstance(source, Path):
            loaded = load_files(book, source, wanted, end, bars, funding)
        else:
            spare = [symbol for symbol in in_play if symbol != benchmark_symbol(book)]
            loaded = source.load(book, wanted, end, bars, moved, spare)
    panel = loaded.panel
    notes = [
        *older,
        *heard,
        *loaded.notes,
        *clear_sample(book, panel.symbols),
        *write_history(book, panel, loaded.offer.source, bars, filed=filed),
        *update_contracts(book, panel, panel.symbols if symbols else (), loaded.offer),
    ]
    with heard_warnings() as said:
        sizes = source.contract_sizes(book) if own_files and not isinstance(source, Path) else None
        notes += own_files.write(book, panel, sizes) if own_files else []
    notes += said
    clear(book, RESULT_TABLES)
    further = f"; {loaded.further}" if loaded.further else ""
    span = f"end={end or 'last'}{further}; bars={bars or 'all'}"
    asked = f"source={loaded.offer.source}; symbols={listed(panel.symbols)}; {span}"
    log_run(book, Run("refresh", fingerprint="", parameters=asked, warnings=notes), now)
    contracts = "1 contract" if len(panel.symbols) == 1 else f"{len(panel.symbols)} contracts"
    headline = f"{len(panel.times) - 1} bars of {contracts}, to {panel.times[-1].item():%Y-%m-%d %H:%M} UTC"
    return Report("refresh", headline, ("Universe",), tuple(notes))


def rebalance(book: Workbook, now: datetime | None = None) -> Report:
    """Estimate, choose the target book, size its orders; the hedge and stress of an older target are emptied."""
    from .day.estimates import estimate
    from .day.rebalancing import choose_book
    from .day.risk.risking import assess_risk
    from .write.ordered.orders import write_orders
    from .write.risk import write_risk
    from .write.target import write_estimates, write_target_book

    with heard_warnings() as said:
        book = as_declared(book)
        desk = read_desk(book)
        estimates = estimate(desk)
        chosen = choose_book(desk, estimates)
        risk = assess_risk(desk, estimates, chosen)
    clear(book, (*HEDGE_TABLES, *STRESS_TABLES, VERIFICATION))
    write_estimates(book, desk, estimates, chosen)
    write_target_book(book, desk, estimates, chosen)
    write_risk(book, desk, risk)
    said += write_orders(book, desk, estimates)
    return _finish(book, desk, "rebalance", chosen.outcome, said, now)


def hedge(book: Workbook, now: datetime | None = None) -> Report:
    """Trade the book's beta back to its target with the hedge contracts; the stress of the unhedged book is emptied."""
    from .day.estimates import estimate
    from .day.instruments.weighing import hedge_book
    from .read.positions import read_positions
    from .write.hedge import write_hedge
    from .write.ordered.orders import write_orders

    with heard_warnings() as said:
        book = as_declared(book)
        desk = read_desk(book)
        positions = read_positions(book, desk, hedged=False)
        estimates = estimate(desk)
        trade = hedge_book(desk, estimates, positions)
    clear(book, (*STRESS_TABLES, VERIFICATION))
    write_hedge(book, trade)
    said += write_orders(book, desk, estimates, trade.dust)
    report = _finish(book, desk, "hedge", trade.outcome(desk, positions), said, now)
    return report if trade.bought is None else replace(report, tables=(*report.tables, "HedgeChoice"))


def stress(book: Workbook, now: datetime | None = None) -> Report:
    """Put every scenario on the hedged book, find how far it can go, and replay and simulate its days."""
    from .day.estimates import estimate
    from .day.stressing import run_stress
    from .read.positions import read_positions
    from .write.stress import write_stress

    with heard_warnings() as said:
        book = as_declared(book)
        desk = read_desk(book)
        positions = read_positions(book, desk, hedged=True)
        found = run_stress(desk, estimate(desk), positions)
    clear(book, (VERIFICATION,))
    write_stress(book, desk, found)
    return _finish(book, desk, "stress", found.outcome(desk, positions), said, now)


def backtest(
    book: Workbook, now: datetime | None = None, *, path: Path | None = None, moved: Progress | None = None
) -> Report:
    """Walk the policy of the Settings through all of the history, beside equal weights and, if hedged, without hedge.

    Args:
        book: the desk.
        now: when this is; None: the clock's time.
        path: file that gets every row of the walk, .csv or .parquet; None: none.
        moved: told how far it is, and may raise to stop; None: nobody is.
    """
    from .day.backtest_attribution import attribute_run
    from .day.backtest_comparison import compare_run
    from .day.backtesting import run_backtest
    from .write.attribution import write_attribution
    from .write.backtest import write_backtest
    from .write.backtest_path import refuse_bad_walk_file, walk_file

    if path is not None:
        refuse_bad_walk_file(path)
    with heard_warnings() as said:
        book = as_declared(book)
        desk = read_desk(book)
        run = run_backtest(desk, moved)
        attributed = attribute_run(run)
        compared = compare_run(run)
    clear(book, (VERIFICATION,))
    write_backtest(book, run, compared)
    write_attribution(book, run, attributed)
    report = _finish(book, desk, "backtest", run.outcome, said, now)
    return report if path is None else replace(report, walk=walk_file(run, path))


def sweep(book: Workbook, swept: Swept, now: datetime | None = None, *, said: Sequence[str] = ()) -> Report:
    """Put on the desk what a sweep of it found, with what it `said`.

    Raises BookError where the inputs are no longer those that the sweep went by.
    """
    from .write.searched.sweep import write_sweep

    with heard_warnings() as heard:
        book = as_declared(book)
        desk = read_desk(book)
    if desk.fingerprint("backtest") != swept.fingerprint:
        raise BookError(
            f"the inputs have changed since the sweep began; all that it found is in {swept.file}, run it again to "
            "have the sheet Sweep"
        )
    clear(book, (VERIFICATION,))
    write_sweep(book, swept)
    outcome = Outcome(swept.headline, f"{swept.trials:,} configurations, {swept.place}")
    asked = f"tried: {swept.asked}; {desk.settings.written('backtest')}"
    return _finish(book, desk, "sweep", outcome, [*heard, *said], now, asked)


def train(
    book: Workbook,
    now: datetime | None = None,
    *,
    algorithm: str = "evolution",
    trials: int = 1,
    until: End | None = None,
    moved: Progress | None = None,
) -> Report:
    """Learn a tilt of the desk's base from its history, judge it where it has not learned, and keep it in a file.

    The file's name goes into PolicyFile on Settings; Model reinforced follows it where its guard keeps it. Beside it
    stands what models make of premia and betas.

    Args:
        book: the desk.
        now: when this is; None: the clock's time.
        algorithm: by which it is searched for, one of ALGORITHMS.
        trials: trainings that were tried, this one included; the more, the more is asked of it.
        until: the last close that is looked at, so that a backtest may judge it on later ones; None: all are.
        moved: told how far it is, and may raise to stop; None: nobody is.
    """
    from ..feeds.panel import latest_close
    from .day.past.studying import study_desk
    from .day.past.training import train_policy
    from .policy_file import keep_policy
    from .write.searched.learning import write_learning

    with heard_warnings() as said:
        book = as_declared(book)
        desk = read_desk(book)
        last = None if until is None else datetime.fromisoformat(str(latest_close(until)))
        trained = train_policy(desk, algorithm, cap=desk.settings.overlay_cap, trials=trials, until=last, moved=moved)
        studies = study_desk(desk, moved)
    clear(book, (VERIFICATION,))
    write_learning(book, trained, studies)
    file = keep_policy(book, trained.policy)
    judged, origin = trained.policy.judgement, trained.policy.provenance
    asked = f"file={file}; algorithm={origin.algorithm}; seed={origin.seed}; trials={trials}; to={origin.last}"
    outcome = Outcome(f"trained policy {trained.verdict}", f"reinforced, {'kept' if judged.kept else 'not kept'}")
    return _finish(book, desk, "train", outcome, said, now, f"{asked}; {desk.settings.written('backtest')}")


def check(book: Workbook, now: datetime | None = None) -> Report:
    """Hold the results against the inputs and limits they should obey; where inputs are wrong, all of them are told."""
    with heard_warnings() as said:
        book = as_declared(book)
        desk = read_whole_desk(book)
    return _finish(book, desk, "check", Outcome("results against inputs and limits"), said, now)


def verify(book: Workbook, now: datetime | None = None) -> Report:
    """Work out every figure in the result tables a second time, by means that share nothing with the first.

    Raises BookError for inputs that no job can read.
    """
    from ..second_opinion.opinion import second_opinion
    from .write.verification import headline_of, write_verification

    with heard_warnings():
        book = as_declared(book)
        read_desk(book)
    figures = second_opinion(*as_it_stands(book))
    write_verification(book, figures)
    headline = headline_of(figures)
    log_run(book, Run("verify", fingerprint="", parameters="", model=headline), now)
    return Report("verify", headline, (VERIFICATION,), (), passed=all(each.verdict != "differs" for each in figures))


def _finish(
    book: Workbook, desk: Desk, job: str, outcome: Outcome, said: list[str], now: datetime | None, asked: str = ""
) -> Report:
    """End of every job: its row in the run log, then the checks of all that now stands in the book."""
    run = Run(
        job,
        fingerprint=desk.fingerprint(job),
        parameters=asked or desk.settings.written(job),
        model=outcome.model,
        solver=outcome.solver,
        certificate=outcome.certificate,
        warnings=said,
    )
    log_run(book, run, now)
    checks = check_desk(book, desk)
    write_checks(book, checks)
    passed = all(item.status != "FAIL" for item in checks)
    return Report(job, outcome.headline, kept_tables(book, SHOWN[job]), tuple(said), verdict(checks), passed)
