"""Checks of the weights: they belong to today's inputs, keep every limit, and rest on a certified optimum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.arrays import Array, Mask
from core.choices import CASH, CURRENT_WEIGHTS
from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import feasible_set, violation
from core.tolerances import ACTIVE, REPORTED

from ....books.workbook import Block, CellValue, Workbook
from ...read.inputs import Desk, Universe
from ...read.last_run import belongs_to_inputs
from ...read.limits import desk_limits
from ..policy.kept_limits import kept_limits
from .found import AGAIN, Check, caution, column_of_numbers, rule

__all__ = ["check_weights"]

LOT_LOSS = 0.01
"""Weight that rounding to lots may cost one contract."""


def check_weights(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no weights stand."""
    block = book.table("Weights")
    if not block.rows:
        return
    betas, funding = (_estimated(book, desk.universe, column) for column in ("Beta", "FundingAnnual"))
    chosen = desk.universe.in_book & ~np.isnan(betas)
    universe = desk.universe.select(chosen)
    same_contracts = tuple(block.column("Symbol")) == universe.symbols
    fresh = same_contracts and belongs_to_inputs(book, desk, "rebalance")
    yield rule("Weights belong to today's inputs", fresh, None, None, f"Inputs have changed since; {AGAIN}")
    model = _last_rebalance(book, "Model")
    held = str(model).startswith(CURRENT_WEIGHTS)
    yield rule("A model chose the weights", not held, model, None, "The warnings of Runs say why none answered")
    if desk.settings.sizes:
        yield rule("The book has the size that Settings ask for", True, model, None)
    waiting = "WAIT" in block.column("Side")
    if waiting:
        yield rule("Trades wait for the clock", True, "target shown, nothing ordered", None)
    answered = not held and not str(model).startswith(CASH)
    if same_contracts and answered:
        weights = column_of_numbers(block, "Final")
        stated = desk_limits(desk, chosen, betas[chosen], funding[chosen])
        limits = kept_limits(desk, universe, stated, weights, betas[chosen])
        yield from _exposures(desk, limits, weights)
        yield from _each_weight(desk, universe, limits, weights)
        left = float(np.abs(weights - column_of_numbers(block, "Notional") / desk.settings.equity).max())
        remedy = "Equity is small for these lots, or for SmallestOrder; what is ordered differs from the weights"
        if not waiting:
            yield caution("Lots let the weights be held", left <= LOT_LOSS, left, LOT_LOSS, remedy)
        used = column_of_numbers(block, "InitialMargin").sum() / desk.settings.equity
        allowed = 1 - (limits.margin_buffer or 0.0)
        room = ACTIVE + _margin_of_dust(block, universe, desk)
        yield rule("Initial margin leaves the buffer free", used <= allowed + room, used, allowed, AGAIN)
    yield from _certificate(book)


def _margin_of_dust(block: Block, universe: Universe, desk: Desk) -> float:
    """Of equity, what orders that were left out as too small would have set free at most."""
    stays = np.array([side == "HOLD" for side in block.column("Side")])
    return float(universe.initial_margin_rates[stays].sum()) * desk.settings.smallest_order / desk.settings.equity


def _estimated(book: Workbook, universe: Universe, column: str) -> Array:
    """A figure of each contract in play as it stands on Estimates; NaN for one that was not estimated."""
    block = book.table("Estimates")
    estimated = dict(zip(block.column("Symbol"), column_of_numbers(block, column).tolist(), strict=True))
    return np.array([estimated.get(symbol, np.nan) for symbol in universe.symbols])


def _exposures(desk: Desk, limits: Limits, weights: Array) -> Iterator[Check]:
    """Sums over the book; one that Settings size keeps what caps it, and one held in a band its sums only nearly."""
    scaled = desk.settings.sums_may_differ
    gross = np.abs(weights).sum()
    if limits.gross_max is not None:
        within = gross <= limits.gross_max + ACTIVE
        yield rule("Gross exposure is within its limit", within, gross, limits.gross_max)
    low, high = limits.net_range()
    if np.isfinite([low, high]).any() and not scaled:
        met = low - ACTIVE <= weights.sum() <= high + ACTIVE
        yield rule("Net exposure meets its target", met, weights.sum(), low if low == high else f"{low:g} to {high:g}")
    if limits.target_beta is not None and not scaled:
        beta = float(weights @ limits.vector("betas", weights.size))
        met = abs(beta - limits.target_beta) <= limits.beta_tolerance + ACTIVE
        yield rule("Portfolio beta meets its target", met, beta, limits.target_beta)
    kept = _caps(limits, weights) if scaled else limits
    if not scaled or desk.settings.vol_mode == "both":
        broken = violation(feasible_set(kept, weights.size), weights)
        yield rule("No limit is broken", broken <= ACTIVE * max(1.0, gross), broken, ACTIVE)


def _caps(limits: Limits, weights: Array) -> Limits:
    from core.decide.policy.around.sizes import caps_of

    return caps_of(limits, weights.size, _untraded(limits, weights))


def _each_weight(desk: Desk, universe: Universe, limits: Limits, weights: Array) -> Iterator[Check]:
    if desk.settings.sizes:
        return
    least, most = limits.vector("min_weight", weights.size), limits.vector("max_weight", weights.size)
    excess = np.maximum(least - weights, weights - most)
    worst = int(np.argmax(excess))
    allowed = f"{least[worst]:.2%} to {most[worst]:.2%} ({universe.symbols[worst]})"
    yield rule("Each weight is within its limits", excess[worst] <= ACTIVE, weights[worst], allowed)


def _untraded(limits: Limits, weights: Array) -> Mask:
    """The contracts that limits fix at what is held of them."""
    least, most = limits.vector("min_weight", weights.size), limits.vector("max_weight", weights.size)
    return np.asarray((least == most) & (least == limits.vector("current_weights", weights.size)))


def _last_rebalance(book: Workbook, column: str) -> CellValue:
    """A figure of the latest run of Rebalance; None when it never ran."""
    runs = book.table("Runs")
    found = [value for job, value in zip(runs.column("Job"), runs.column(column), strict=True) if job == "rebalance"]
    return found[-1] if found else None


def _certificate(book: Workbook) -> Iterator[Check]:
    worst, remedy = _last_rebalance(book, "Certificate"), "Do not trade on it; report the run"
    if isinstance(worst, float):
        yield rule("The optimum is certified", worst <= REPORTED, worst, REPORTED, remedy)
