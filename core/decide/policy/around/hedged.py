"""A hedge beside the book of another policy: positions in a few contracts that bring its exposures to their targets.

    exposure e = B (w + h)      B: loadings (K, N) on K factors,  w: the book of the policy,  h: the hedge
    h          the least costly with e at its targets, or the nearest in least squares where they cannot all be met

The loadings are estimated anew from every outlook (on the benchmark, or on several contracts at once), or stated.

    in the book    the hedge is worked out anew with every target of the book
    apart          an overlay book: what it holds stays while its exposures are in their band, and is traded from there

The limits of a single contract and the net are those of the book: the hedge may be as short as it must. Where both
together need more initial margin than there is, the whole is scaled down to fit.

Sources: those of `hedge.beta`, `hedge.factors` and `size.margin_fit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ....arrays import Array
from ....checks import as_matrix, choice, number, numbers
from ....choices import AIMS
from ....errors import ArgumentError, MissingDataError
from ....estimate.beta.factors import factor_betas
from ....records import dataclass
from ....units import BASIS_POINT
from ...hedge.beta import band_target, hedge_beta
from ...hedge.factors import hedge_factors
from ...limits.declared import Limits
from ...size.margin_fit import fits_margin
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target

__all__ = ["Hedged", "Loadings", "on_benchmark", "on_contracts", "stated"]

Loadings = Callable[[Outlook, Holding], Array]
"""Loadings `(K, N)` of each contract on K factors."""

PURPOSE = "its margin"


@dataclass(frozen=True)
class Hedged:
    """What `policy` wants to hold, and beside it positions in the contracts `hedges` that move its exposures.

    hedges      places of the contracts, 0 = the first of all
    targets     (K,) or one, exposures of the whole
    loadings    of each contract on the K factors; on the benchmark unless told otherwise
    apart       the hedge is an overlay book, held through a band of its own
    band        of an overlay book: how far an exposure may stray from its target before it is traded
    aim         where such a trade goes: "target" or the nearest "edge" of the band
    """

    policy: Policy
    hedges: tuple[int, ...]
    targets: ArrayLike = 0.0
    loadings: Loadings | None = None
    apart: bool = False
    band: float = 0.0
    aim: str = "target"

    @property
    def name(self) -> str:
        """That of the policy, hedged."""
        return f"{self.policy.name}, hedged"

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The hedged book; its baseline is the book without the hedge. While the book waits, the hedge is looked at.

        Raises MissingDataError (no hedge that can be traded), ArgumentError (hedges, band, aim, shapes).
        """
        band, aim = number(self.band, "hedge_band", at_least=0), choice(self.aim, "band_aim", AIMS)
        places = self._places(holding)
        held = _apart_from_the_book(holding, places)
        book = self.policy(outlook, replace(holding, weights=holding.held - held))
        table = as_matrix((self.loadings or on_benchmark)(outlook, holding), "loadings")
        goals = numbers(self.targets, "targets", len(table), each="factor")
        existing = held if self.apart else np.zeros(held.size)
        before = table @ (book.weights + existing)
        aims = np.array([band_target(now, goal, band, aim) for now, goal in zip(before, goals, strict=True)])
        hedge = existing.copy()
        if (aims != before).any():
            hedge[places] += _trades(book.weights, table, aims, existing, places, holding.limits)
        rests = bool(book.waits) and np.array_equal(hedge, held)
        whole_book = replace(
            book,
            weights=book.weights + hedge,
            model=f"{book.model}, hedged",
            baseline=book.weights,
            hedge=hedge,
            waits=book.waits if rests else "",
        )
        scale = _fitting(whole_book.weights, holding)
        return whole_book if scale == 1 else whole_book.resized(PURPOSE, scale, holding.fixed)

    def _places(self, holding: Holding) -> list[int]:
        """Where the hedges stand that can be traded, each once."""
        if not self.hedges:
            raise ArgumentError("hedges is empty; name at least one contract to hedge with")
        found = [holding.place_of(contract, "hedges") for contract in dict.fromkeys(self.hedges)]
        usable = [place for place in found if place is not None and not holding.fixed[place]]
        if not usable:
            raise MissingDataError("no contract to hedge with can be estimated and traded now")
        return usable


def on_benchmark(outlook: Outlook, holding: Holding) -> Array:
    """Betas to the benchmark, `(1, N)`, by the method of the outlook."""
    return outlook.betas[np.newaxis]


def on_contracts(contracts: tuple[int, ...], halflife: float | None = None) -> Loadings:
    """Loadings on the returns of several contracts at once (`contracts`: places, 0 = the first of all), `(K, N)`.

    `halflife` in rows; None: equal weights. One that has too few returns to be estimated is no factor.
    """

    def loadings(outlook: Outlook, holding: Holding) -> Array:
        places = [place for contract in contracts if (place := holding.place_of(contract)) is not None]
        if not places:
            raise MissingDataError("no contract that is a factor has enough returns")
        fitted = factor_betas(outlook.returns, outlook.returns[:, places], halflife).beta
        fitted[:, places] = np.eye(len(places))
        return np.asarray(fitted)

    return loadings


def stated(table: ArrayLike) -> Loadings:
    """Loadings that do not change, `(K, N)` of all contracts, or `(N,)` for one factor. Raises ArgumentError."""
    fixed = np.atleast_2d(np.asarray(table, dtype=np.float64))

    def loadings(outlook: Outlook, holding: Holding) -> Array:
        known = slice(None) if holding.among is None else holding.among
        chosen = fixed[:, known]
        if chosen.shape[1] != holding.held.size:
            raise ArgumentError(f"loadings has {fixed.shape[1]} columns where there are {holding.held.size} contracts")
        return np.asarray(chosen)

    return loadings


def _apart_from_the_book(holding: Holding, places: list[int]) -> Array:
    """Of what is held in the hedges, `(N,)`, what the book's own limits could not hold: that is the hedge."""
    low, high = (holding.limits.vector(name, holding.held.size) for name in ("min_weight", "max_weight"))
    hedges = np.zeros(holding.held.size, dtype=bool)
    hedges[places] = True
    return np.where(hedges, holding.held - np.clip(holding.held, low, high), 0.0)


def _trades(book: Array, table: Array, goals: Array, existing: Array, places: list[int], limits: Limits) -> Array:
    """What is traded of each hedge, `(H,)`, on equity."""
    costs = limits.vector("turnover_cost", book.size)[places] / BASIS_POINT
    if len(table) == 1:
        betas = table[0]
        return hedge_beta(
            book, betas, float(goals[0]), betas[places], 1.0, cost_bps=costs, hedge_notionals=existing[places]
        ).trade_notional
    return hedge_factors(
        book, table, table[:, places], goals, 1.0, hedge_notionals=existing[places], cost_bps=costs
    ).trade_notional


def _fitting(weights: Array, holding: Holding) -> float:
    """The scale, at most 1, at which the weights that are traded fit the initial margin that is left for them."""
    limits, fixed = holding.limits, holding.fixed
    if limits.initial_margin_rates is None:
        return 1.0
    rates = limits.vector("initial_margin_rates", weights.size)
    locked = (limits.margin_buffer or 0.0) + float(np.abs(weights[fixed]) @ rates[fixed])
    if locked >= 1:
        return 0.0
    return fits_margin(np.where(fixed, 0.0, weights), rates, locked).scale
