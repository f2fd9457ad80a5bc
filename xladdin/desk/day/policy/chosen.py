"""The desk's policy: the one that Settings name, made with what they choose.

It is the policy that a backtest judges under the same name and choices.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import Mask
from core.decide.policy.named import Choices, Sizes, base_to_tilt, policy_named
from core.decide.policy.protocol import Policy
from core.errors import BookError

from ...layout.settings import Settings
from ...read.inputs import Desk, Universe
from .clock import desk_clock
from .kept_limits import hedge_place

__all__ = [
    "base_policy",
    "desk_policy",
    "hedge_contracts",
    "unclocked_policy",
    "unhedged_policy",
]


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
        choices = replace(choices, hedge=hedge_place(desk, universe), target_beta=settings.portfolio_beta or 0.0)
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
        hedges[hedge_place(desk, universe)] = True
    return hedges


def _stated_volatility(desk: Desk) -> float:
    if desk.settings.vol_target is None:
        raise BookError("sheet 'Settings': model volatility_target needs VolTarget; fill it in")
    return desk.settings.vol_target
