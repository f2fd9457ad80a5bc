"""The desk's policy: the one that Settings name, made with what they choose, and the limits that it keeps.

It is the policy that a backtest judges under the same name and choices.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import Array, Mask
from core.decide.limits.declared import Limits
from core.decide.policy.clock import Clock
from core.decide.policy.models import beta_neutral_limits
from core.decide.policy.named import Choices, Sizes, base_to_tilt, policy_named
from core.decide.policy.protocol import Policy
from core.decide.policy.schedule import LONGEST_HOURS, SHORTEST_HOURS
from core.errors import BookError

from ..layout.settings import Settings
from ..read.inputs import Desk, Universe

__all__ = [
    "base_policy",
    "desk_clock",
    "desk_policy",
    "hedge_contracts",
    "kept_limits",
    "unclocked_policy",
    "unhedged_policy",
]


def desk_clock(settings: Settings) -> Clock:
    """When to trade: never more often than there are bars to decide on."""
    bar = settings.bar_hours
    shortest = max(SHORTEST_HOURS, bar)
    return Clock(settings.clock, max(settings.clock_hours, bar), shortest, max(LONGEST_HOURS, shortest))


def desk_policy(desk: Desk, universe: Universe) -> Policy:
    """The policy for the contracts of `universe`. Raises BookError where it lacks what it needs."""
    return policy_named(desk.settings.model, replace(_choices(desk, universe), clock=desk_clock(desk.settings)))


def unclocked_policy(desk: Desk, universe: Universe) -> Policy:
    """The same without its clock: it has a target at any time, which Rebalance shows, and asks the clock itself."""
    return policy_named(desk.settings.model, _choices(desk, universe))


def base_policy(desk: Desk, universe: Universe) -> Policy:
    """What a trained policy tilts: the optimum of Settings, and those that stand in for it."""
    return base_to_tilt(_choices(desk, universe))


def _choices(desk: Desk, universe: Universe) -> Choices:
    settings = desk.settings
    choices = Choices(
        objective=settings.objective,
        overlay_cap=settings.overlay_cap,
        max_leverage=settings.gross_max,
        sizes=_sizes(settings),
        no_trade_band=settings.no_trade_band,
        band_aim=settings.band_aim,
        month_stop=settings.month_stop,
        when_unanswered=settings.when_unanswered,
        falls_back=settings.fallback_allowed == "Y",
    )
    if desk.trained is not None:
        choices = replace(choices, trained=desk.trained)
    if settings.model == "volatility_target":
        choices = replace(choices, target_volatility=_stated_volatility(desk))
    if settings.model == "beta_neutral":
        choices = replace(choices, hedge=_hedge_place(desk, universe), target_beta=settings.portfolio_beta or 0.0)
    return choices


def _sizes(settings: Settings) -> Sizes:
    both = settings.vol_mode == "both"
    return Sizes(
        volatility_ceiling=None if both else settings.volatility,
        volatility=settings.volatility if both else None,
        leverage_tilt=settings.tilt,
        tilt_most=settings.tilt_most,
        tilt_reference=settings.tilt_reference,
        max_drawdown=settings.max_drawdown,
        reserve=settings.buffer_reserve,
    )


def unhedged_policy(desk: Desk, universe: Universe) -> Policy | None:
    """The policy without its hedge; None where it has none."""
    if desk.settings.model != "beta_neutral":
        return None
    return policy_named("equal_weight", replace(_choices(desk, universe), clock=desk_clock(desk.settings)))


def hedge_contracts(desk: Desk, universe: Universe) -> Mask:
    """The contracts that the policy hedges with, `(N,)`; none where it has no hedge."""
    hedges = np.zeros(len(universe.symbols), dtype=np.bool_)
    if unhedged_policy(desk, universe) is not None:
        hedges[_hedge_place(desk, universe)] = True
    return hedges


def kept_limits(desk: Desk, universe: Universe, limits: Limits, weights: Array, betas: Array) -> Limits:
    """The limits that the policy keeps with these weights `(N,)`: those stated, and room for the hedge of a core book.

    `betas` `(N,)` are those on Estimates.
    """
    if desk.settings.model != "beta_neutral":
        return limits
    target_beta = desk.settings.portfolio_beta or 0.0
    return beta_neutral_limits(limits, weights, betas, _hedge_place(desk, universe), target_beta)


def _stated_volatility(desk: Desk) -> float:
    if desk.settings.vol_target is None:
        raise BookError("sheet 'Settings': model volatility_target needs VolTarget; fill it in")
    return desk.settings.vol_target


def _hedge_place(desk: Desk, universe: Universe) -> int:
    """Where the hedge stands: the benchmark, or the first contract marked Hedge."""
    benchmark = np.array(universe.symbols) == desk.settings.benchmark
    for candidates in (benchmark & universe.included, universe.hedges & universe.included):
        if candidates.any():
            return int(candidates.argmax())
    raise BookError(
        f"sheet 'Universe': model beta_neutral has nothing to hedge with; include {desk.settings.benchmark}, or set "
        "Hedge to Y for a contract that is included"
    )
