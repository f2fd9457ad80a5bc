"""The trained policy that Settings name, held against the desk: is it one for these contracts, this base, this history?

What the base follows from is kept in words, one a setting, so that whoever changed one is told which. Views of the
market (RiskFree, MarketReturn) and limits are not among them: a desk changes them from day to day, and limits are kept
in any case. Of the history the closes and rates in single precision are hashed: an office that saves fifteen digits of
a number has not changed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.errors import say
from core.market.panel import Panel

from ..layout.settings import Settings, written
from ..policy_file import KeptPolicy

if TYPE_CHECKING:
    from core.decide.policy.learned.trained import TrainedTilt

__all__ = ["base_settings", "followed", "history_hash", "say_other_history"]

OF_THE_BASE = (
    *("benchmark", "bar_hours", "window", "beta_method", "beta_halflife", "regime_window", "funding_method"),
    *("covariance_method", "objective", "target_return", "risk_aversion", "net_target", "gross_max", "portfolio_beta"),
    *("turnover_cost", "vrp_coefficient", "semivariance_alpha", "fallback_allowed", "when_unanswered", "decide_every"),
    "market_in_past",
)


def followed(kept: KeptPolicy, settings: Settings, symbols: tuple[str, ...]) -> TrainedTilt | str:
    """The policy of a file, or why it cannot be followed for these settings and contracts."""
    name = settings.policy_file
    if kept.name != name:
        return f"PolicyFile is {name or 'blank'} here, and {kept.name or 'no file'} was read"
    if isinstance(kept.policy, str):
        return kept.policy
    return kept.policy.provenance.unlike(symbols, base_settings(settings)) or kept.policy


def say_other_history(trained: TrainedTilt, history: Panel) -> None:
    """Say where the history is not the one that a policy was trained on, or cannot be held against it."""
    origin = trained.provenance
    period = f"{_day(origin.first)} to {_day(origin.last)}"
    if history.times[0] > origin.first or history.times[-1] < origin.last:
        say(f"the policy was trained on {period}, which Prices holds no longer, so it cannot be checked against them")
    elif history_hash(history, origin.symbols, origin.first, origin.last) != origin.data_hash:
        say(f"the policy was trained on other prices or funding of {period} than the desk has now; train it again")


def base_settings(settings: Settings) -> Mapping[str, str]:
    """The settings that a base follows from, as they are written."""
    return {name: written(getattr(settings, name)) for name in OF_THE_BASE}


def history_hash(history: Panel, symbols: tuple[str, ...], first: np.datetime64, last: np.datetime64) -> str:
    """Sixteen hex digits of closes and rates from `first` to `last`."""
    panel = history.select(symbols)
    rows = (panel.times >= first) & (panel.times <= last)
    digest = hashlib.sha256(",".join(symbols).encode())
    digest.update(panel.times[rows].astype("datetime64[s]").astype(np.int64).tobytes())
    for values in (panel.prices, panel.funding):
        digest.update(np.nan_to_num(values[rows].astype(np.float32), nan=-1.0).tobytes())
    return digest.hexdigest()[:16]


def _day(time: np.datetime64) -> str:
    return str(time.astype("datetime64[D]"))
