"""Markets made by chance, in which a tilt may be learned: with something to find, or with nothing."""

from __future__ import annotations

import numpy as np

from core.learn.allocation.market import Market

COST, MAINTENANCE = 7e-4, 0.01


def allocation_market(
    decisions: int = 400, contracts: int = 3, seed: int = 0, planted: float = 0.0, *, short: bool = False
) -> Market:
    """Contracts whose next move leans by `planted` to the side of their momentum, with gaps in what is known."""
    rng = np.random.default_rng(seed)
    base = rng.dirichlet(np.full(contracts, 5.0), decisions) - 0.3 * short
    figures = rng.normal(size=(decisions, contracts, 4))
    side = np.sign(figures[:, :, 1] - figures[:, :, 1].mean(axis=1, keepdims=True))
    moves = rng.normal(0, 0.03, base.shape) + planted * (side - side.mean(axis=1, keepdims=True))
    figures[rng.random(figures.shape) < 0.01] = np.nan
    return Market(
        base=base,
        figures=figures,
        regimes=rng.normal(size=decisions),
        lower=np.minimum(base, -0.5 * short),
        upper=np.maximum(base, 0.5),
        tilts=rng.random(decisions) < 0.95,
        moves=moves,
        returns=moves - 1e-4,
        lows=np.minimum(moves, 0) - np.abs(rng.normal(0, 0.01, base.shape)),
        highs=np.maximum(moves, 0) + np.abs(rng.normal(0, 0.01, base.shape)),
        costs=np.full(contracts, COST),
        maintenance=np.full(contracts, MAINTENANCE),
    )
