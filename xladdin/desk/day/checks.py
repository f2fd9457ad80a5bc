"""Check: what stands in the result tables is held against the inputs and limits it should obey.

The checks read the workbook as an analyst would and know nothing of the run that wrote it, so they also find figures
that were edited by hand or belong to older inputs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import feasible_set, violation
from core.decide.policy.models import CurrentWeights
from core.errors import DataWarning
from core.tolerances import ACTIVE, REPORTED

from ...books.workbook import Block, CellValue, Workbook
from ..read.inputs import Desk, Universe
from ..read.last_run import last_fingerprint
from ..read.limits import desk_limits
from ..read.positions import read_positions
from .policy import kept_limits

__all__ = ["Check", "check_desk"]

Found = CellValue | np.floating
Status = Literal["OK", "WARN", "FAIL"]

LOT_LOSS = 0.01
"""Weight that rounding to lots may cost one contract."""
AGAIN = "run Rebalance again"


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, how it went, what was found, what is permitted and what to do."""

    name: str
    status: Status
    value: Found
    limit: Found
    remedy: str


def check_desk(book: Workbook, desk: Desk) -> list[Check]:
    """All checks that the results in the book allow, in the order of the desk's day."""
    return [*_history(desk), *_weights(book, desk), *_hedge(book, desk), *_stress(book, desk)]


def _history(desk: Desk) -> Iterator[Check]:
    missing = desk.panel.missing()
    worst = max(missing, key=missing.__getitem__)
    remedy = f"{worst} lacks most; refresh again, or accept that its rows are left out"
    yield _caution("Every bar has a price", not missing[worst], missing[worst], 0.0, remedy)


def _weights(book: Workbook, desk: Desk) -> Iterator[Check]:
    block = book.table("Weights")
    if not block.rows:
        return
    betas, funding = (_estimated(book, desk.universe, column) for column in ("Beta", "FundingAnnual"))
    chosen = desk.universe.included & ~np.isnan(betas)
    universe = desk.universe.select(chosen)
    same_contracts = tuple(block.column("Symbol")) == universe.symbols
    fresh = same_contracts and last_fingerprint(book, "rebalance") == desk.target_fingerprint()
    yield _rule("Weights belong to today's inputs", fresh, None, None, f"Inputs have changed since; {AGAIN}")
    model = _last_rebalance(book, "Model")
    answered = not str(model).startswith(CurrentWeights.name)
    yield _rule("A model chose the weights", answered, model, None, "The warnings of Runs say why none answered")
    if same_contracts and answered:
        weights = _numbers(block, "Final")
        stated = desk_limits(desk, chosen, betas[chosen], funding[chosen])
        limits = kept_limits(desk, universe, stated, weights, betas[chosen])
        yield from _exposures(desk, limits, weights)
        yield from _each_weight(desk, universe, limits, weights)
        left = float(np.abs(weights - _numbers(block, "Notional") / desk.settings.equity).max())
        remedy = "Equity is small for these lots; what is ordered differs from the weights"
        yield _caution("Lots let the weights be held", left <= LOT_LOSS, left, LOT_LOSS, remedy)
        used = _numbers(block, "InitialMargin").sum() / desk.settings.equity
        allowed = 1 - (limits.margin_buffer or 0.0)
        yield _rule("Initial margin leaves the buffer free", used <= allowed + ACTIVE, used, allowed, AGAIN)
    yield from _certificate(book)


def _estimated(book: Workbook, universe: Universe, column: str) -> Array:
    """A figure of each contract in play as it stands on Estimates; NaN for one that was not estimated."""
    block = book.table("Estimates")
    estimated = dict(zip(block.column("Symbol"), _numbers(block, column).tolist(), strict=True))
    return np.array([estimated.get(symbol, np.nan) for symbol in universe.symbols])


def _exposures(desk: Desk, limits: Limits, weights: Array) -> Iterator[Check]:
    """Sums over the book; a book scaled down to a volatility target may stay below them."""
    scaled = desk.settings.volatility_ceiling is not None
    gross = np.abs(weights).sum()
    if limits.gross_max is not None:
        within = gross <= limits.gross_max + ACTIVE
        yield _rule("Gross exposure is within its limit", within, gross, limits.gross_max)
    low, high = limits.net_range()
    if np.isfinite([low, high]).any() and not scaled:
        met = low - ACTIVE <= weights.sum() <= high + ACTIVE
        yield _rule("Net exposure meets its target", met, weights.sum(), low if low == high else f"{low:g} to {high:g}")
    if limits.target_beta is not None and not scaled:
        beta = float(weights @ limits.vector("betas", weights.size))
        met = abs(beta - limits.target_beta) <= limits.beta_tolerance + ACTIVE
        yield _rule("Portfolio beta meets its target", met, beta, limits.target_beta)
    if not scaled:
        broken = violation(feasible_set(limits, weights.size), weights)
        yield _rule("No limit is broken", broken <= ACTIVE * max(1.0, gross), broken, ACTIVE)


def _each_weight(desk: Desk, universe: Universe, limits: Limits, weights: Array) -> Iterator[Check]:
    if desk.settings.volatility_ceiling is not None:
        return
    least, most = limits.vector("min_weight", weights.size), limits.vector("max_weight", weights.size)
    excess = np.maximum(least - weights, weights - most)
    worst = int(np.argmax(excess))
    allowed = f"{least[worst]:.2%} to {most[worst]:.2%} ({universe.symbols[worst]})"
    yield _rule("Each weight is within its limits", excess[worst] <= ACTIVE, weights[worst], allowed)


def _last_rebalance(book: Workbook, column: str) -> CellValue:
    """A figure of the latest run of Rebalance; None when it never ran."""
    runs = book.table("Runs")
    found = [value for job, value in zip(runs.column("Job"), runs.column(column), strict=True) if job == "rebalance"]
    return found[-1] if found else None


def _certificate(book: Workbook) -> Iterator[Check]:
    worst, remedy = _last_rebalance(book, "Certificate"), "Do not trade on it; report the run"
    if isinstance(worst, float):
        yield _rule("The optimum is certified", worst <= REPORTED, worst, REPORTED, remedy)


def _hedge(book: Workbook, desk: Desk) -> Iterator[Check]:
    block = book.table("Hedge")
    if not block.rows:
        return
    after, target = _numbers(block, "BetaAfter")[0], desk.settings.target_beta
    near = abs(after - target) <= desk.settings.hedge_band + ACTIVE
    remedy = "Run Hedge again, allow smaller lots or widen the band"
    yield _rule("Beta after the hedge is within the band", near, after, target, remedy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # Hedge has said which book it hedged
        held = read_positions(book, desk, hedged=True).contracts * desk.universe.contract_values
    gross, limit = float(np.abs(held).sum()) / desk.settings.equity, desk.settings.gross_max
    remedy = "The hedge takes the book beyond its gross limit; choose a nearer TargetBeta, or hold less"
    yield _caution("Gross exposure with the hedge is within its limit", gross <= limit + ACTIVE, gross, limit, remedy)


def _stress(book: Workbook, desk: Desk) -> Iterator[Check]:
    block = book.table("Stress")
    if not block.rows:
        return
    fresh = last_fingerprint(book, "stress") == desk.fingerprint()
    yield _caution("Stress belongs to today's inputs", fresh, None, None, "Inputs have changed since; run Stress again")
    ran, stated = len(block.rows), len(book.table("Scenarios").rows)
    remedy = "Mend the scenarios that Runs names, then run Stress again"
    yield _caution("Every scenario could be run", ran == stated, float(ran), float(stated), remedy)
    verdicts = zip(block.column("Scenario"), block.column("Verdict"), strict=True)
    fallen = [scenario for scenario, verdict in verdicts if verdict == "liquidated"]
    remedy = "Hold less, hedge more or add capital; Shortfall on Stress says how much"
    yield _caution("No scenario liquidates a position", not fallen, len(fallen), 0.0, remedy)


def _rule(name: str, met: object, value: Found, limit: Found, remedy: str = AGAIN) -> Check:
    """A check that fails when it is not met."""
    return _check(name, "OK" if met else "FAIL", value, limit, remedy)


def _caution(name: str, met: object, value: Found, limit: Found, remedy: str) -> Check:
    """A check that only warns when it is not met."""
    return _check(name, "OK" if met else "WARN", value, limit, remedy)


def _check(name: str, status: Status, value: Found, limit: Found, remedy: str) -> Check:
    return Check(name, status, value, limit, "" if status == "OK" else remedy)


def _numbers(block: Block, column: str) -> Array:
    return np.array([value if isinstance(value, float) else np.nan for value in block.column(column)])
