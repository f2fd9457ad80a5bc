"""A trained policy made up for tests: what a file would hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.decide.policy.learned.judgement import judge
from core.decide.policy.learned.trained import Provenance, TrainedTilt
from core.learn.allocation.state import Scales
from core.learn.allocation.tilt import RULE_SHAPE, TiltRule

RNG = np.random.default_rng(11)
KEPT = judge(0.01 + 1e-3 * RNG.standard_normal(100))
REFUSED = judge(1e-3 * RNG.standard_normal(100) - 1e-3)


def trained_tilt(**changed: Any) -> TrainedTilt:
    """One of two contracts; what is changed is its judgement, its cap, or something of where it comes from."""
    own = {name: changed.pop(name) for name in ("judgement", "cap") if name in changed}
    origin = Provenance(
        symbols=("BTCUSDT", "ETHUSDT"),
        first=np.datetime64("2024-01-01T00:00:00"),
        last=np.datetime64("2024-06-30T00:00:00"),
        data_hash="0123456789abcdef",
        base={"objective": "max_sharpe", "window": "720"},
        algorithm="evolution strategies",
        seed=7,
        trials=3,
        stopped_by="all 400 rounds were run",
        version="0.1.0",
    )
    rule = TiltRule(RNG.normal(size=RULE_SHAPE), Scales(RNG.uniform(0.5, 2.0, 5), 0.1))
    return replace(TrainedTilt(rule, 0.2, KEPT, replace(origin, **changed)), **own)
