"""Hedge: the trades in the contracts marked Hedge that bring the book's beta, and its factors, to their targets.

direct     beta is matched by trading in the book itself
overlay    beta is matched in a book apart: its positions are those of OverlayPosition, with a profit of their own
factor     beta is matched and the exposures to the sheet Factors are cleared, as far as the hedges can

Inside the band nothing is traded; from outside it beta goes to its target, or to the nearest edge of the band.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from core.arrays import Array, Mask
from core.decide.hedge.beta import SMALLEST_BETA, band_target, hedge_beta, hedge_due
from core.decide.hedge.factors import hedge_factors
from core.decide.hedge.overlay_book import OverlayBook
from core.decide.size.orders import is_dust
from core.errors import ArgumentError, BookError, DataWarning, listed, say
from core.estimate.beta.calendars import compounded
from core.estimate.beta.factors import factor_betas
from core.records import dataclass
from core.units import BASIS_POINT, HOURS_PER_DAY

from ..read.inputs import Desk, Universe
from ..read.positions import Positions
from .estimates import Estimates
from .instruments.bought import Bought
from .ordering.dust import say_dust
from .outcome import Outcome

__all__ = [
    "FactorExposures",
    "Hedge",
    "HedgeFigures",
    "Trades",
    "choose_hedge",
    "loadings",
    "marked_hedges",
    "overlay_pnl",
    "trades_due",
]


@dataclass(frozen=True)
class FactorExposures:
    """Exposure of the book, on equity, to the benchmark and each further factor, all `(K,)`."""

    names: tuple[str, ...]
    before: Array
    after: Array
    targets: Array


@dataclass(frozen=True)
class HedgeFigures:
    """What a hedge goes by, `(N,)`: which contracts are `known`, betas and funding a year; and the hours it is held."""

    known: Mask
    betas: Array
    funding: Array
    hours: float


@dataclass(frozen=True)
class Trades:
    """What is traded of each hedge, `(H,)`, buy positive: money, contracts and the cost; all zero where not due.

    `beta_before` is that of the whole book, on equity.
    """

    notionals: Array
    contracts: Array
    costs: Array
    beta_before: float
    due: bool
    factors: FactorExposures | None = None


@dataclass(frozen=True)
class Hedge:
    """The hedge contracts, what is held of each, and the trades; all `(H,)`. Not due: the trades are zero.

    `held_pnl` is what the overlay has earned since entry, NaN outside it. `factors` is None but in mode factor.
    `dust` are notionals of trades that were left out as too small: where all are, none is due.
    `bought` says what these and the instruments of Hedges cost and buy; None where that sheet is empty.
    """

    contracts: Universe
    held: Array
    held_pnl: Array
    betas: Array
    funding: Array
    trades: Trades
    dust: Array
    beta_before: float
    beta_after: float
    target_beta: float
    due: bool
    bought: Bought | None = None

    @property
    def positions(self) -> Array:
        """Contracts of each hedge after the trade."""
        return self.held + self.trades.contracts

    @property
    def funding_cost(self) -> Array:
        """What the trades pay (+) or earn (-) in funding a year, in quote currency."""
        return self.trades.notionals * self.funding

    def outcome(self, desk: Desk, positions: Positions) -> Outcome:
        """From which beta to which, or that no trade is due."""
        origin, before, after, target = positions.origin, self.beta_before, self.beta_after, self.target_beta
        moved = f"beta of {origin} {before:.3f} -> {after:.3f} (target {target:g})"
        why = f"inside the band around {target:g}"
        if self.dust.any():
            why = f"and less than a smallest order would bring it to its target {target:g}"
        stays = f"beta of {origin} is {before:.3f}, {why}: no trade is due"
        headline, model = moved if self.due else stays, f"{desk.settings.hedge_mode} hedge of {origin}"
        if self.bought is None:
            return Outcome(headline, model)
        weighed = f"{desk.settings.hedge_weighing} over {desk.settings.hedge_horizon_days:g} days"
        return Outcome(f"{headline}{self.bought.told}", f"{model}, {weighed}")


def choose_hedge(desk: Desk, estimates: Estimates, positions: Positions) -> Hedge:
    """The least costly trades that bring the beta of the book, on equity, to its target; none inside the band.

    Raises:
        BookError: no contract is marked as a hedge, or none of them moves with the benchmark, or the Factors sheet has
            no history for mode factor.
        ArgumentError, SolveError: the hedges cannot hedge.
    """
    settings, universe = desk.settings, desk.universe
    marked = marked_hedges(universe, estimates.known)
    hedges = universe.select(marked)
    betas = estimates.betas[marked]
    figures = HedgeFigures(estimates.known, estimates.betas, estimates.funding, estimates.market.rebalance_hours)
    notionals = positions.contracts * universe.contract_values
    try:
        wanted = trades_due(desk.latest(estimates.bars_used), figures, marked, notionals)
    except ArgumentError:
        if (np.abs(betas) < SMALLEST_BETA).all():
            raise BookError(
                f"sheet 'Universe': no contract marked Hedge has a beta of {SMALLEST_BETA} or more in size; set Hedge "
                "to Y for one that moves with the benchmark"
            ) from None
        raise
    dust = np.where(is_dust(wanted.notionals, settings.smallest_order), wanted.notionals, 0.0)
    say_dust("the hedge", hedges.symbols, dust, settings)
    trades = _without(desk.latest(estimates.bars_used), figures, marked, wanted, dust) if dust.any() else wanted
    apart = settings.hedge_mode == "overlay"
    return Hedge(
        contracts=hedges,
        held=hedges.overlay_positions if apart else positions.contracts[marked],
        held_pnl=overlay_pnl(hedges) if apart else np.full(len(betas), np.nan),
        betas=betas,
        funding=estimates.funding[marked],
        trades=trades,
        dust=dust,
        beta_before=trades.beta_before,
        beta_after=trades.beta_before + float(trades.notionals @ betas) / settings.equity,
        target_beta=settings.target_beta,
        due=trades.due,
    )


def marked_hedges(universe: Universe, known: Mask) -> Mask:
    """Which contracts may hedge, `(N,)`. Raises BookError where none of them may."""
    marked = np.asarray(universe.hedges & known)
    if not marked.any():
        raise BookError(
            "sheet 'Universe': no contract with a beta is marked Hedge; set Hedge to Y for one that trades well"
        )
    return marked


def trades_due(desk: Desk, figures: HedgeFigures, marked: Mask, notionals: Array) -> Trades:
    """The trades in the contracts `marked` for a book of `notionals` `(N,)`, the overlay of the universe among them.

    `desk` has the window that the figures are of. Raises as `choose_hedge` does.
    """
    settings, hedges = desk.settings, int(marked.sum())
    before = float(np.where(notionals == 0, 0.0, figures.betas) @ notionals) / settings.equity
    if not hedge_due(before, settings.target_beta, settings.hedge_band):
        return Trades(np.zeros(hedges), np.zeros(hedges), np.zeros(hedges), before, due=False)
    goal = band_target(before, settings.target_beta, settings.hedge_band, settings.hedge_aim)
    hedge_by = _factor_trades if settings.hedge_mode == "factor" else _beta_trades
    return hedge_by(desk, figures, marked, notionals, before, goal)


def _without(desk: Desk, figures: HedgeFigures, marked: Mask, trades: Trades, dust: Array) -> Trades:
    """The trades but for the dust among them; none is due where nothing is left."""
    kept = dust == 0
    factors = trades.factors
    if factors is not None:
        moved = loadings(desk, figures)[:, marked] @ dust / desk.settings.equity
        factors = replace(factors, after=factors.after - moved)
    notionals = trades.notionals * kept
    due = bool(notionals.any())
    return Trades(
        notionals, trades.contracts * kept, trades.costs * kept, trades.beta_before, due, factors if due else None
    )


def _beta_trades(
    desk: Desk, figures: HedgeFigures, marked: Mask, notionals: Array, before: float, goal: float
) -> Trades:
    """Beta to its goal; a hedge of the overlay that is no longer needed is closed first, at equal cost."""
    settings, hedges = desk.settings, desk.universe.select(marked)
    apart = np.zeros(len(hedges.symbols))
    if settings.hedge_mode == "overlay":
        apart = hedges.overlay_positions * hedges.contract_values
    core = notionals.copy()
    core[marked] -= apart
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "hedge_betas is .* passed over", DataWarning)  # said below, by name
        trade = hedge_beta(
            core,
            figures.betas,
            goal,
            figures.betas[marked],
            capital=settings.equity,
            prices=hedges.contract_values,
            lot_sizes=hedges.lots,
            cost_bps=hedges.cost_rates / BASIS_POINT,
            hedge_notionals=apart,
        )
    flat = np.abs(figures.betas[marked]) < SMALLEST_BETA
    if flat.any():
        names = listed(np.array(hedges.symbols)[flat].tolist())
        say(f"Universe: the beta of {names} is below {SMALLEST_BETA} in size, so it cannot hedge and is passed over")
    return Trades(trade.trade_notional, trade.trade_contracts, trade.cost, before, due=True)


def _factor_trades(
    desk: Desk, figures: HedgeFigures, marked: Mask, notionals: Array, before: float, goal: float
) -> Trades:
    """Beta to its goal and every further factor to zero, over the hours until the next rebalance."""
    settings, hedges = desk.settings, desk.universe.select(marked)
    names = (settings.benchmark, *desk.factors.names)
    slopes = loadings(desk, figures)
    others = [0.0] * len(desk.factors.names)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "targets: the hedges cannot", DataWarning)  # said below, by name
        trade = hedge_factors(
            notionals,
            slopes,
            slopes[:, marked],
            [goal, *others],
            settings.equity,
            cost_bps=hedges.cost_rates / BASIS_POINT,
            funding_rates=figures.funding[marked],
            horizon_days=figures.hours / HOURS_PER_DAY,
            min_notional=-settings.gross_max * settings.equity,
            max_notional=settings.gross_max * settings.equity,
            prices=hedges.contract_values,
            lot_sizes=hedges.lots,
        )
    for name, left in zip(names, trade.miss, strict=True):
        if abs(left) > settings.hedge_band:
            say(f"the hedges leave an exposure of {left:+.3f} to {name}; mark more contracts as Hedge")
    targets = np.array([settings.target_beta, *others])
    factors = FactorExposures(names, trade.exposure_before, trade.exposure_after, targets)
    return Trades(trade.trade_notional, trade.trade_contracts, trade.cost, before, due=True, factors=factors)


def loadings(desk: Desk, figures: HedgeFigures) -> Array:
    """Loadings of each contract on the benchmark and the further factors `(K, N)`; NaN for one not estimated.

    Raises BookError where the sheet Factors has no return in the window.
    """
    factors = desk.factors
    if not factors.known:
        raise BookError("sheet 'Factors' has no return in the window; fill it, or set HedgeMode to direct or overlay")
    found = np.full((1 + len(factors.names), len(desk.universe.symbols)), np.nan)
    market, contracts = (
        compounded(returns, factors.rows)
        for returns in (desk.benchmark_returns[:, np.newaxis], desk.panel.returns()[:, figures.known])
    )
    together = np.column_stack([market, factors.returns[1:]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is missing was said with the estimates
        found[:, figures.known] = factor_betas(contracts, together).beta
    return found


def overlay_pnl(hedges: Universe) -> Array:
    """What each position of the overlay has earned since entry, before funding; NaN where its entry is not given."""
    known = (hedges.overlay_positions != 0) & ~np.isnan(hedges.overlay_entries)
    quantities = hedges.overlay_positions * hedges.contract_values / hedges.prices
    opened = OverlayBook.empty(len(known)).trade(np.where(known, quantities, 0.0), hedges.overlay_entries)
    return np.where(known, opened.mark(hedges.prices).price, np.nan)
