"""Rebalance: the weights that the desk's policy wants to hold, and the orders that lead there."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from core.arrays import Mask
from core.decide.limits.declared import Limits
from core.decide.policy.clock import Verdict
from core.decide.policy.outlook import Outlook
from core.decide.policy.protocol import Target
from core.decide.portfolio.frontier import Frontier, efficient_frontier
from core.decide.size.orders import Orders, orders_for
from core.errors import BookError, DataWarning, InfeasibleError, SolveError, say
from core.market.margin import Margin, margin
from core.records import dataclass
from core.verify.exposure import Exposure, exposure

from ..layout.settings import Settings
from ..read.inputs import Desk, Universe
from ..read.limits import where_stated
from .asking import Question, question
from .estimates import Estimates
from .held import as_of_today
from .joint_sample import say_joint_sample
from .ordering.dust import say_dust
from .outcome import Outcome
from .past.excess import excess_so_far
from .policy.chosen import unclocked_policy
from .policy.clock import desk_clock

__all__ = ["TargetBook", "choose_book"]


FRONTIER_POINTS = 25

JOINT_OBJECTIVES = ("semivariance", "cvar")
"""Objectives over the past of the whole book, which is known only where that of each contract is."""


@dataclass(frozen=True)
class TargetBook:
    """The book to hold, one entry a known contract that is included or held, `(N,)`: the target in whole lots.

    `target` is what the policy said to `outlook` inside `limits`; `exposure` and `margin` are of the rounded positions.
    `frontier` is None where the limits leave none. While `clock` is not due nothing is ordered and positions are those
    held; `waiting` is where there would be an order.
    """

    universe: Universe
    target: Target
    outlook: Outlook
    limits: Limits
    orders: Orders
    exposure: Exposure
    margin: Margin
    frontier: Frontier | None
    waiting: Mask
    clock: Verdict
    next_due: datetime

    @property
    def model(self) -> str:
        """Who answered, and whether others had been asked before or the whole is held smaller."""
        target = self.target
        fallback = " (fallback)" if target.reasons else ""
        sized = [f"{scale:.0%} for {purpose}" for purpose, scale in target.sized if scale != 1]
        return target.model + fallback + (f", held at {' and '.join(sized)}" if sized else "")

    @property
    def outcome(self) -> Outcome:
        """Who answered and what the book promises."""
        target, figures = self.target, self.exposure
        waits = "; its trades wait for the clock" if self.waiting.any() else ""
        sharpe = "none" if math.isnan(figures.sharpe) else f"{figures.sharpe:.2f}"
        return Outcome(
            headline=f"{self.model}: expected return {figures.expected_return:.2%}, "
            f"volatility {figures.volatility:.2%}, Sharpe {sharpe}, beta {figures.beta:.2f}{waits}",
            model=self.model,
            solver=target.solver,
            certificate=None if target.certificate is None else target.certificate.worst,
        )


def choose_book(desk: Desk, estimates: Estimates) -> TargetBook:
    """The target of the policy that Settings name, and its orders; the policies that could not answer are warned of.

    Raises:
        InfeasibleError: the limits contradict each other; the message names which.
        SolveError: no optimum exists and the desk allows no fallback.
        BookError: the Limits sheet cannot be read, or a model lacks what it needs.
    """
    _say_what_is_traded(desk.universe.select(desk.universe.in_book & estimates.known))
    settings, now = desk.settings, desk.panel.times[-1].item()
    asked = question(desk, estimates.known, estimates.outlook, unclocked_policy)
    holding = as_of_today(asked.holding, settings, now)
    asked = replace(asked, holding=replace(holding, excess=excess_so_far(desk)))
    universe, outlook = asked.universe, asked.outlook
    target = _answer(desk, asked)
    clock = desk_clock(settings).verdict(estimates.market.rebalance_hours, asked.holding.hours_held)
    next_due = now + timedelta(hours=clock.hours_left)
    waits = not (settings.trade_anyway == "Y" or target.urgent or clock.due)
    wanted = _orders(universe, target, settings, universe.included)
    waiting = waits & (wanted.contracts != 0)
    orders = _orders(universe, target, settings, np.zeros_like(universe.included)) if waits else wanted
    _say_what_tiers_ask(desk, universe, wanted)
    say_dust("the target", universe.symbols, orders.dust * universe.contract_values, settings)
    if waiting.any():
        say(
            f"the clock asks to wait until {next_due:%Y-%m-%d %H:%M} UTC ({clock.why}): the target is shown and "
            "nothing is ordered; set TradeAnyway to Y on sheet 'Settings' to trade now"
        )
    return TargetBook(
        universe=universe,
        target=target,
        outlook=outlook,
        limits=asked.holding.limits,
        orders=orders,
        exposure=exposure(
            orders.weights,
            outlook.expected_returns,
            outlook.covariance,
            outlook.betas,
            np.asarray(outlook.past.funding),
            settings.risk_free,
        ),
        margin=_margin_of(universe, orders, settings.equity),
        frontier=_frontier(outlook, asked.holding.limits, desk),
        waiting=waiting,
        clock=clock,
        next_due=next_due,
    )


def _margin_of(universe: Universe, orders: Orders, equity: float) -> Margin:
    """The margin of the book once it is ordered."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "maintenance_rates is .* percent", DataWarning)  # said as Universe was read
        return margin(
            orders.notionals / universe.prices,
            universe.prices,
            equity,
            universe.maintenance_rates,
            1 / universe.initial_margin_rates,
            universe.maintenance_amounts,
        )


def _say_what_tiers_ask(desk: Desk, universe: Universe, wanted: Orders) -> None:
    """Limits go by the rates of Universe: told where the tiers of so large positions ask for more than there is."""
    by_symbol = dict(zip(desk.universe.symbols, desk.tiers, strict=True))
    tiers = [by_symbol[symbol] for symbol in universe.symbols]
    if all(own is None for own in tiers):
        return
    initial = wanted.initial_margins.copy()
    maintenance = np.abs(wanted.notionals) * universe.maintenance_rates - universe.maintenance_amounts
    units = np.where(universe.inverse, universe.prices, 1.0)  # tiers of an inverse contract are in coins
    sizes = wanted.notionals / units
    for column, own in enumerate(tiers):
        if own is not None:
            initial[column] = own.initial(sizes[column]) * units[column]
            maintenance[column] = own.maintenance(sizes[column]) * units[column]
    maintenance = np.where(sizes != 0, np.maximum(maintenance, 0.0), 0.0)
    equity = desk.settings.equity
    remedy = f"and Equity is {equity:,.0f}; lower GrossMax on Settings or MaxWeight on Universe"
    if maintenance.sum() >= equity:
        say(
            f"the target would be liquidated at once: its maintenance margin at the tiers of Tiers is "
            f"{maintenance.sum():,.0f}, {remedy}"
        )
    elif initial.sum() > equity:
        say(
            f"the venue would refuse some of the target: its initial margin at the leverages of Tiers is "
            f"{initial.sum():,.0f}, {remedy}"
        )


def _orders(universe: Universe, target: Target, settings: Settings, traded: Mask) -> Orders:
    """The orders that lead to the target where it is traded."""
    return orders_for(
        target.weights,
        universe.positions,
        universe.contract_values,
        settings.equity,
        universe.lots,
        universe.cost_rates,
        universe.initial_margin_rates,
        traded,
        settings.smallest_order,
    )


def _say_what_is_traded(universe: Universe) -> None:
    """Names what is held and not traded. Raises BookError where nothing may be traded."""
    if not universe.included.any():
        raise BookError("sheet 'Universe': no contract with estimates is included; set Include to Y for what to trade")
    if not universe.included.all():
        stays = universe.named(~universe.included)
        say(f"Universe: {stays} is excluded but held: it counts in every figure and is not traded")


def _answer(desk: Desk, asked: Question) -> Target:
    """The target of the policy; why others could not answer is said, with the cells of limits in conflict."""
    outlook, holding = asked.outlook, asked.holding
    try:
        target = asked.policy(outlook, holding)
    except InfeasibleError as error:
        raise InfeasibleError(_with_cells(str(error), desk)) from None
    if desk.settings.objective in JOINT_OBJECTIVES or holding.limits.cvar_max is not None:
        user = "cvar_max" if desk.settings.objective not in JOINT_OBJECTIVES else f"objective {desk.settings.objective}"
        say_joint_sample(user, outlook.returns, asked.universe.symbols)
    for model, reason in target.reasons:
        say(f"{model} has no answer ({_with_cells(reason, desk)}); {target.model} answered instead")
    return target


def _with_cells(reason: str, desk: Desk) -> str:
    """The reason, and the cells that state the limits it names."""
    cells = where_stated(reason, desk.limits)
    return f"{reason}; see {cells}" if cells else reason


def _frontier(outlook: Outlook, limits: Limits, desk: Desk) -> Frontier | None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "returns: .* rows dropped", DataWarning)  # said with the estimates
        try:
            return efficient_frontier(
                outlook.expected_returns, outlook.covariance, FRONTIER_POINTS, limits, outlook.returns
            )
        except SolveError as error:
            reason = str(error)
    say(f"no frontier was drawn: {_with_cells(reason, desk)}")
    return None
