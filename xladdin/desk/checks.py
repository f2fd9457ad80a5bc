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
from .inputs import Desk
from .runlog import last_fingerprint

__all__ = ["Check", "check_desk"]

Status = Literal["OK", "WARN", "FAIL"]

CERTIFICATE_LIMIT = 1e-8
ROUNDING = 1e-9


@dataclass(frozen=True)
class Check:
    """One check: what was looked at, how it went, what was found, what is permitted and what to do."""

    name: str
    status: Status
    value: float | str | None
    limit: float | str | None
    remedy: str


def check_desk(book: Book, desk: Desk) -> list[Check]:
    """All checks that the results in the book allow, in the order of the desk's day."""
    return [*_history(desk), *_weights(book, desk), *_hedge(book, desk), *_stress(book)]


def _history(desk: Desk) -> Iterator[Check]:
    missing = desk.panel.missing()
    worst = max(missing, key=missing.__getitem__)
    count = missing[worst]
    yield Check(
        "Every bar has a price",
        "WARN" if count else "OK",
        float(count),
        0.0,
        f"{worst} lacks most; refresh again, or accept that its rows are left out" if count else "",
    )


def _weights(book: Book, desk: Desk) -> Iterator[Check]:
    block = book.table("Weights")
    if not block.rows:
        return
    settings = desk.settings
    fresh = last_fingerprint(book, "rebalance") == desk.target_fingerprint()
    yield _rule("Weights belong to today's inputs", fresh, "", "", "Inputs have changed since; run Rebalance again")
    final = _numbers(block, "Final")
    if block.column("Symbol") != [
        s for s, include in zip(desk.universe.symbols, desk.universe.included, strict=True) if include
    ]:
        yield Check(
            "Weights list the included contracts", "FAIL", None, None, "The universe has changed; run Rebalance again"
        )
        return
    universe = desk.universe.select(desk.universe.included)
    net, gross = float(final.sum()), float(np.abs(final).sum())
    if settings.net_target is not None:
        met = abs(net - settings.net_target) <= ROUNDING or (
            settings.vol_target is not None and abs(net) <= abs(settings.net_target)
        )
        yield _rule("Net exposure meets its target", met, net, settings.net_target, "Run Rebalance again")
    yield _rule(
        "Gross exposure is within its limit",
        gross <= settings.gross_max + ROUNDING,
        gross,
        settings.gross_max,
        "Run Rebalance again",
    )
    excess = np.maximum(universe.min_weights - final, final - universe.max_weights)
    if settings.vol_target is None:
        worst = int(np.argmax(excess))
        yield _rule(
            "Each weight is within its limits",
            excess[worst] <= ROUNDING,
            float(final[worst]),
            f"{universe.min_weights[worst]:.2%} to {universe.max_weights[worst]:.2%} ({universe.symbols[worst]})",
            "Run Rebalance again",
        )
    used = float(_numbers(block, "InitialMargin").sum()) / settings.equity
    allowed = 1 - settings.margin_buffer
    yield _rule(
        "Initial margin leaves the buffer free", used <= allowed + ROUNDING, used, allowed, "Run Rebalance again"
    )
    yield from _certificate(book)


def _certificate(book: Book) -> Iterator[Check]:
    runs = book.table("Runs")
    certificates = [
        value
        for job, value in zip(runs.column("Job"), runs.column("Certificate"), strict=True)
        if job == "rebalance" and isinstance(value, float)
    ]
    if certificates:
        worst = certificates[-1]
        yield _rule(
            "The optimum is certified",
            worst <= CERTIFICATE_LIMIT,
            worst,
            CERTIFICATE_LIMIT,
            "Do not trade on it; report the run",
        )


def _hedge(book: Book, desk: Desk) -> Iterator[Check]:
    block = book.table("Hedge")
    if not block.rows:
        return
    after, target = float(_numbers(block, "BetaAfter")[0]), desk.settings.target_beta
    near = abs(after - target) <= desk.settings.hedge_band + ROUNDING
    yield _rule(
        "Beta after the hedge is within the band",
        near,
        after,
        target,
        "Run Hedge again, allow smaller lots or widen the band",
    )


def _stress(book: Book) -> Iterator[Check]:
    block = book.table("Stress")
    if not block.rows:
        return
    fallen = [
        name
        for name, verdict in zip(block.column("Scenario"), block.column("Verdict"), strict=True)
        if verdict == "liquidated"
    ]
    yield Check(
        "No scenario liquidates a position",
        "WARN" if fallen else "OK",
        float(len(fallen)),
        0.0,
        f"Worst: {fallen[0]}. Hold less, hedge more or add capital; Shortfall on Stress says how much"
        if fallen
        else "",
    )


def _rule(name: str, met: bool | np.bool_, value: float | str, limit: float | str, remedy: str) -> Check:
    return Check(name, "OK" if met else "FAIL", value, limit, "" if met else remedy)


def _numbers(block: Block, column: str) -> NDArray[np.float64]:
    return np.array([value if isinstance(value, float) else np.nan for value in block.column(column)])
