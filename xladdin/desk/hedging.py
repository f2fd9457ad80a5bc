"""Hedge: the trades in the contracts marked Hedge that bring the book's beta to its target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.decide.hedge import BetaHedge, hedge_beta, hedge_due
from core.errors import BookError
from core.units import BASIS_POINT

from .estimates import Estimates
from .holding import Holding
from .inputs import Desk, Universe

__all__ = ["Hedge", "choose_hedge"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Hedge:
    """The hedge contracts, what is held of each, and the trades; all `(H,)`. Not due: the trades are zero."""

    contracts: Universe
    held: Array
    betas: Array
    funding: Array
    trade: BetaHedge
    target_beta: float
    due: bool

    @property
    def positions(self) -> Array:
        """Contracts of each hedge after the trade."""
        return self.held + self.trade.trade_contracts

    @property
    def funding_cost(self) -> Array:
        """What the trades pay (+) or earn (-) in funding a year, in quote currency."""
        return self.trade.trade_notional * self.funding


def choose_hedge(desk: Desk, estimates: Estimates, holding: Holding) -> Hedge:
    """The least costly trades that bring the beta of the book, on equity, to its target; none inside the band.

    Raises:
        BookError: no contract is marked as a hedge.
        UndefinedError: the hedges have no beta to hedge with.
    """
    settings, universe = desk.settings, desk.universe
    marked = universe.hedges & estimates.known
    if not marked.any():
        raise BookError(
            "sheet 'Universe': no contract with a beta is marked Hedge; set Hedge to Y for one that trades well"
        )
    hedges = universe.select(marked)
    notionals = holding.contracts * universe.contract_values

    def trade_to(target: float) -> BetaHedge:
        return hedge_beta(
            notionals,
            estimates.betas,
            target,
            estimates.betas[marked],
            capital=settings.equity,
            prices=hedges.contract_values,
            lot_sizes=hedges.lots,
            cost_bps=hedges.cost_rates / BASIS_POINT,
        )

    trade = trade_to(settings.target_beta)
    due = hedge_due(trade.beta_before, settings.target_beta, settings.hedge_band)
    return Hedge(
        contracts=hedges,
        held=holding.contracts[marked],
        betas=estimates.betas[marked],
        funding=estimates.funding[marked],
        trade=trade if due else trade_to(trade.beta_before),
        target_beta=settings.target_beta,
        due=due,
    )
