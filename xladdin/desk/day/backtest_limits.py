"""Where the book of a backtest stood beyond its limits, and by how much: after trades, and by drift between them."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from core.arrays import Array
from core.records import dataclass

from ..read.limits import desk_limits
from .backtesting import BacktestRun

__all__ = ["LimitHeld", "limits_held"]

BY_COST = 1e-3
"""Of equity: a trade is sized before its cost, which moves the weights by less than this."""


@dataclass(frozen=True)
class LimitHeld:
    """One limit of the policy's book over the run: what is permitted, and where it was furthest beyond or nearest.

    `bars` counts the closes beyond it, `after_trade` those of them in which the book had just been traded.
    """

    name: str
    permitted: float
    worst: float
    when: datetime
    bars: int
    after_trade: int


def limits_held(run: BacktestRun) -> list[LimitHeld]:
    """The limits of the book as it was held, from the first trade on.

    Single weights and the net are not looked at where they are those of a core book beside a hedge; least weights and
    the net neither where Settings size the book or hold it in a band.
    """
    desk, ledger = run.desk, run.policy.ledger
    universe, included = desk.universe, desk.universe.included
    nothing = np.zeros(int(included.sum()))
    limits = desk_limits(desk, included, nothing, nothing)
    weights = ledger.weights[run.first :]
    own = weights[:, included]
    hedged, scaled = run.hedged, desk.settings.sums_may_differ
    gross, margin = np.abs(weights).sum(axis=1), np.abs(weights) @ universe.initial_margin_rates
    found = []
    if limits.gross_max is not None:
        found.append(_held(run, "Gross exposure", limits.gross_max, gross))
    found.append(_held(run, "Initial margin", 1 - (limits.margin_buffer or 0.0), margin))
    if not hedged:
        found.append(_furthest(run, "Largest weight", own, limits.vector("max_weight", nothing.size), 1.0))
    high = limits.net_range()[1]
    if not (hedged or scaled):
        found.append(_furthest(run, "Least weight", own, limits.vector("min_weight", nothing.size), -1.0))
        found += [_held(run, "Net exposure, at most", high, weights.sum(axis=1))] if np.isfinite(high) else []
    return found


def _furthest(run: BacktestRun, name: str, weights: Array, bounds: Array, sign: float) -> LimitHeld:
    """Of bounds `(n,)` on single weights, the contract that is furthest beyond its own, which the name tells."""
    excess = sign * (weights - bounds)
    column = int(excess.max(axis=0).argmax())
    symbols = np.array(run.desk.universe.symbols)[run.desk.universe.included]
    return _held(run, f"{name}, {symbols[column]}", float(bounds[column]), weights[:, column], sign, excess.max(axis=1))


def _held(
    run: BacktestRun, name: str, permitted: float, values: Array, sign: float = 1.0, excess: Array | None = None
) -> LimitHeld:
    beyond = (sign * (values - permitted) if excess is None else excess) > BY_COST
    worst = int((sign * values).argmax())
    traded = run.policy.ledger.turnover[run.first :] > 0
    when = run.times[run.first + worst].item()
    return LimitHeld(name, permitted, float(values[worst]), when, int(beyond.sum()), int((beyond & traded).sum()))
