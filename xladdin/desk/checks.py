"""Check: what stands in the result tables is held against the inputs and limits it should obey.

The checks read the workbook as an analyst would and know nothing of the run that wrote it, so they also find figures
that were edited by hand or belong to older inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..books.book import Block, Book
from .inputs import Desk, Universe
from .runlog import last_fingerprint

__all__ = ["Check", "check_desk"]

Array = NDArray[np.float64]
Found = float | np.floating | str | None
Status = Literal["OK", "WARN", "FAIL"]

CERTIFICATE_LIMIT = 1e-8
ROUNDING = 1e-9
AGAIN = "run Rebalance again"


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, how it went, what was found, what is permitted and what to do."""

    name: str
    status: Status
    value: Found
    limit: Found
    remedy: str


def check_desk(book: Book, desk: Desk) -> list[Check]:
    """All checks that the results in the book allow, in the order of the desk's day."""
    return [*_history(desk), *_weights(book, desk), *_hedge(book, desk), *_stress(book, desk)]


def _history(desk: Desk) -> Iterator[Check]:
    missing = desk.panel.missing()
    worst = max(missing, key=missing.__getitem__)
    remedy = f"{worst} lacks most; refresh again, or accept that its rows are left out"
    yield _caution("Every bar has a price", not missing[worst], missing[worst], 0.0, remedy)


def _weights(book: Book, desk: Desk) -> Iterator[Check]:
    block = book.table("Weights")
    if not block.rows:
        return
    betas = _betas(book, desk.universe)
    chosen = desk.universe.included & ~np.isnan(betas)
    universe = desk.universe.select(chosen)
    same_contracts = tuple(block.column("Symbol")) == universe.symbols
    fresh = same_contracts and last_fingerprint(book, "rebalance") == desk.target_fingerprint()
    yield _rule("Weights belong to today's inputs", fresh, None, None, f"Inputs have changed since; {AGAIN}")
    if same_contracts:
        yield from _exposures(desk, _numbers(block, "Final"), betas[chosen])
        yield from _each_weight(desk, universe, _numbers(block, "Final"))
        used = _numbers(block, "InitialMargin").sum() / desk.settings.equity
        allowed = 1 - desk.settings.margin_buffer
        yield _rule("Initial margin leaves the buffer free", used <= allowed + ROUNDING, used, allowed, AGAIN)
    yield from _certificate(book)


def _betas(book: Book, universe: Universe) -> Array:
    """Beta of each contract in play as it stands on Estimates; NaN for one that was not estimated."""
    block = book.table("Estimates")
    estimated = dict(zip(block.column("Symbol"), _numbers(block, "Beta").tolist(), strict=True))
    return np.array([estimated.get(symbol, np.nan) for symbol in universe.symbols])


def _exposures(desk: Desk, weights: Array, betas: Array) -> Iterator[Check]:
    """Sums over the book; a book scaled down to a volatility target may stay below them."""
    settings = desk.settings
    scaled = settings.vol_target is not None
    net, gross = weights.sum(), np.abs(weights).sum()
    yield _rule("Gross exposure is within its limit", gross <= settings.gross_max + ROUNDING, gross, settings.gross_max)
    if settings.net_target is not None and not scaled:
        met = abs(net - settings.net_target) <= ROUNDING
        yield _rule("Net exposure meets its target", met, net, settings.net_target)
    if settings.portfolio_beta is not None and not scaled:
        beta = float(weights @ betas)
        met = abs(beta - settings.portfolio_beta) <= ROUNDING
        yield _rule("Portfolio beta meets its target", met, beta, settings.portfolio_beta)


def _each_weight(desk: Desk, universe: Universe, weights: Array) -> Iterator[Check]:
    if desk.settings.vol_target is not None:
        return
    excess = np.maximum(universe.min_weights - weights, weights - universe.max_weights)
    worst = int(np.argmax(excess))
    limits = f"{universe.min_weights[worst]:.2%} to {universe.max_weights[worst]:.2%} ({universe.symbols[worst]})"
    yield _rule("Each weight is within its limits", excess[worst] <= ROUNDING, weights[worst], limits)


def _certificate(book: Book) -> Iterator[Check]:
    runs = book.table("Runs")
    certificates = [
        value
        for job, value in zip(runs.column("Job"), runs.column("Certificate"), strict=True)
        if job == "rebalance" and isinstance(value, float)
    ]
    if certificates:
        worst, remedy = certificates[-1], "Do not trade on it; report the run"
        yield _rule("The optimum is certified", worst <= CERTIFICATE_LIMIT, worst, CERTIFICATE_LIMIT, remedy)


def _hedge(book: Book, desk: Desk) -> Iterator[Check]:
    block = book.table("Hedge")
    if not block.rows:
        return
    after, target = _numbers(block, "BetaAfter")[0], desk.settings.target_beta
    near = abs(after - target) <= desk.settings.hedge_band + ROUNDING
    remedy = "Run Hedge again, allow smaller lots or widen the band"
    yield _rule("Beta after the hedge is within the band", near, after, target, remedy)


def _stress(book: Book, desk: Desk) -> Iterator[Check]:
    block = book.table("Stress")
    if not block.rows:
        return
    fresh = last_fingerprint(book, "stress") == desk.fingerprint()
    yield _caution("Stress belongs to today's inputs", fresh, None, None, "Inputs have changed since; run Stress again")
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
