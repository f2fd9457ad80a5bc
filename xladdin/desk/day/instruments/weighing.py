"""Hedge with the sheet Hedges: contracts marked Hedge and its instruments, weighed by what they cost until the horizon.

A unit of money in each brings beta (an option's by its delta), and costs until the horizon of Settings

    fee and slippage of the trade + funding or carry + premium above Black-76 and decay

least_cost takes the cheapest that bring beta to its goal, mean_variance adds Risk aversion x variance / 2 of the book.
In mode factor, what a carry earns is not counted, or hedges would be held against each other for it.

Cash is Equity less the initial margin of the contracts and what instruments tie up already. It pays for what is fully
paid, for the fees of all trades and for what they add to initial margin, of a contract on all that is held of it.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Mask
from core.decide.hedge.beta import SMALLEST_BETA, band_target, hedge_due
from core.decide.hedge.lots import in_contracts
from core.decide.hedge.weighed import BookVariance, Candidates, weigh_hedges
from core.decide.size.orders import is_dust
from core.errors import InfeasibleError, say
from core.records import dataclass
from core.tolerances import CERTIFIED
from core.units import DAYS_PER_YEAR, HOURS_PER_DAY
from core.verify.path.book import as_book

from ...read.inputs import Desk
from ...read.positions import Positions
from ..estimates import Estimates
from ..hedging import FactorExposures, Hedge, HedgeFigures, Trades, choose_hedge, loadings, marked_hedges, overlay_pnl
from ..ordering.dust import say_dust
from .bought import Bought
from .set_aside import set_aside, tied_up
from .shocked import scenario_shocks
from .valued import Valued, refuse_unknown, value_instruments

__all__ = ["hedge_book"]

MOST_GEARED = 1_000
"""An option that moves by so many times its price for a move of one is worth nothing that can be weighed."""

LEAST_WORTH = 1e-6
"""And so is one that costs less than this of what it is on: a fee would be many times its price."""

TENTH = 0.1
"""Of beta: what the costs of hedges are compared for."""


def hedge_book(desk: Desk, estimates: Estimates, positions: Positions) -> Hedge:
    """The hedge of the book: by contracts alone where the sheet Hedges is empty, else the weighed one.

    Raises as `choose_hedge`; BookError where an instrument moves with a contract without a beta, and InfeasibleError
    where nothing that may be traded moves beta the way it has to go.
    """
    if not desk.instruments.names:
        return choose_hedge(desk, estimates, positions)
    return _Weighing.of(desk, estimates, positions).hedge()


@dataclass(frozen=True, eq=False)
class _Weighing:
    """All that may be traded, `(C,)`: the contracts marked Hedge, then the instruments; of a unit of money in each.

    `factors` `(K, C)` are what it loads on, `slopes` `(K, N)` those of the contracts, `betas` its beta, `returns` its
    own return for one of its underlying, `under` the place of that. `units` held before, `prices` of a unit. `book`
    `(N,)` are the notionals of what is held, instruments by their exposures.
    """

    desk: Desk
    estimates: Estimates
    positions: Positions
    valued: Valued
    marked: Mask
    names: tuple[str, ...]
    slopes: Array
    factors: Array
    betas: Array
    returns: Array
    under: Array
    prices: Array
    units: Array
    fees: Array
    carries: Array
    book: Array

    @classmethod
    def of(cls, desk: Desk, estimates: Estimates, positions: Positions) -> _Weighing:
        universe, settings, instruments = desk.universe, desk.settings, desk.instruments
        marked = marked_hedges(universe, estimates.known)
        valued = value_instruments(desk)
        concerned = (positions.instruments != 0) | instruments.hedges
        refuse_unknown(instruments, estimates.known, concerned, universe.symbols)
        slopes = estimates.betas[np.newaxis]
        names: tuple[str, ...] = (settings.benchmark,)
        if settings.hedge_mode == "factor":
            figures = HedgeFigures(estimates.known, estimates.betas, estimates.funding, _hours(desk))
            slopes = loadings(desk.latest(estimates.bars_used), figures)
            names = (settings.benchmark, *desk.factors.names)
        contracts = np.flatnonzero(marked)
        under = np.append(contracts, np.maximum(instruments.underlying, 0))
        priced = _priced(valued)
        returns = np.append(np.ones(contracts.size), _each(valued.exposures, priced))
        hedges = universe.select(marked)
        held = hedges.overlay_positions if settings.hedge_mode == "overlay" else positions.contracts[marked]
        years = settings.hedge_horizon_days / DAYS_PER_YEAR
        charged = _each(np.where(instruments.are("option"), valued.spots, instruments.prices), priced)
        paid = _each(valued.carries(years, np.nan_to_num(estimates.funding)), priced)
        return cls(
            desk=desk,
            estimates=estimates,
            positions=positions,
            valued=valued,
            marked=marked,
            names=names,
            slopes=slopes,
            factors=np.nan_to_num(slopes)[:, under] * returns,
            betas=np.nan_to_num(estimates.betas)[under] * returns,
            returns=returns,
            under=under,
            prices=np.append(hedges.contract_values, instruments.prices),
            units=np.append(held, positions.instruments),
            fees=np.append(np.maximum(hedges.cost_rates, 0.0), instruments.fee_rates * charged),
            carries=np.append(estimates.funding[marked] * years, paid),
            book=valued.exposed(positions.instruments, positions.contracts * universe.contract_values),
        )

    def hedge(self) -> Hedge:
        """The trades that are due, and what each hedge costs and buys."""
        desk, settings = self.desk, self.desk.settings
        exposures = np.where(self.book == 0, 0.0, self.slopes) @ self.book / settings.equity
        before = float(np.where(self.book == 0, 0.0, self.estimates.betas) @ self.book) / settings.equity
        target, due = settings.target_beta, hedge_due(before, settings.target_beta, settings.hedge_band)
        goals = np.zeros(len(self.names))
        goals[0] = band_target(before, target, settings.hedge_band, settings.hedge_aim)
        units, values, dust = np.zeros((3, self.units.size))
        if due:
            units, values, dust = self._traded(goals - exposures)
        traded = due and (not dust.any() or bool(values.any()))
        after = exposures + self.factors @ values / settings.equity
        contracts = int(self.marked.sum())
        self._say_what_is_left(after - goals, traded)
        self._say_what_is_lacking(units, values)
        factors = None
        if settings.hedge_mode == "factor" and traded:
            factors = FactorExposures(self.names, exposures, after, np.append(target, goals[1:]))
        hedges = desk.universe.select(self.marked)
        return Hedge(
            contracts=hedges,
            held=self.units[:contracts],
            held_pnl=overlay_pnl(hedges) if settings.hedge_mode == "overlay" else np.full(contracts, np.nan),
            betas=self.estimates.betas[self.marked],
            funding=self.estimates.funding[self.marked],
            trades=Trades(
                values[:contracts], units[:contracts], np.abs(values * self.fees)[:contracts], before, traded, factors
            ),
            dust=dust[:contracts],
            beta_before=before,
            beta_after=before + float(values @ self.betas) / settings.equity,
            target_beta=target,
            due=traded,
            bought=self._bought(units, values, target - before),
        )

    def _traded(self, missing: Array) -> tuple[Array, Array, Array]:
        """Units and money traded of each, and money left out as dust, `(C,)`.

        Raises InfeasibleError where none moves beta the way it has to go.
        """
        settings, equity = self.desk.settings, self.desk.settings.equity
        earned = 1.0 if len(missing) == 1 else 0.0
        costs, gains = np.maximum(self.carries, 0.0), np.minimum(self.carries, 0.0) * earned
        sold_costs, sold_gains = np.maximum(-self.carries, 0.0), np.minimum(-self.carries, 0.0) * earned
        held = self.units * self.prices
        within, still = settings.gross_max * equity, ~self._may_trade
        hedges = Candidates(
            loadings=self.factors,
            held=held,
            buy=self.fees + costs + gains,
            sell=self.fees + sold_costs + sold_gains,
            least=np.where(still, held, np.where(self._fully_paid, 0.0, -within)),
            most=np.where(still, held, np.where(self._fully_paid, np.inf, within)),
            fully_paid=self._fully_paid,
            lots=self._lots * self.prices,
            fees=self.fees,
            margins=self._margins,
            standing=self._standing * self.prices,
        )
        try:
            found = weigh_hedges(missing * equity, hedges, equity, self._cash(), self._variance())
        except InfeasibleError as error:
            way = "up" if missing[0] > 0 else "down"
            raise InfeasibleError(f"{error}: beta has to go {way} by {abs(missing[0]):.3f}") from None
        quotes = np.where(self.prices > 0, self.prices, 1.0)  # of what is worth nothing no unit is traded
        units, values = in_contracts(found.trades, quotes, self._lots)
        small = is_dust(values, settings.smallest_order)
        dust = np.where(small, values, 0.0)
        say_dust("the hedge", self._called, dust, settings)
        return np.where(small, 0.0, units), np.where(small, 0.0, values), dust

    @property
    def _called(self) -> tuple[str, ...]:
        return (*np.array(self.desk.universe.symbols)[self.marked].tolist(), *self.desk.instruments.names)

    @property
    def _lots(self) -> Array:
        return np.append(self.desk.universe.lots[self.marked], self.desk.instruments.lots)

    @property
    def _fully_paid(self) -> Mask:
        return np.append(np.zeros(int(self.marked.sum()), dtype=bool), self.desk.instruments.fully_paid)

    @property
    def _margins(self) -> Array:
        """Initial margin of a unit of money in each, 0 where it is fully paid."""
        return np.where(self._fully_paid, 0.0, self.desk.universe.initial_margin_rates[self.under])

    @property
    def _standing(self) -> Array:
        """Units of each that the account margins: of a contract all that is held of it, whatever the hedge is told."""
        return np.append(self.positions.contracts[self.marked], self.positions.instruments)

    @property
    def _may_trade(self) -> Mask:
        return np.append(np.ones(int(self.marked.sum()), dtype=bool), self.desk.instruments.hedges)

    def _cash(self) -> float:
        """Equity that neither margin nor instruments take; what is lacking is said where it matters."""
        universe, positions = self.desk.universe, self.positions
        margin = np.abs(positions.contracts * universe.contract_values) @ universe.initial_margin_rates
        cash = self.desk.settings.equity - set_aside(self.desk, positions.instruments) - float(margin)
        if cash < 0:
            say(
                f"margin and what is held of Hedges take {-cash:,.0f} more than Equity, so nothing is traded that "
                "takes more"
            )
        return max(cash, 0.0)

    def _variance(self) -> BookVariance | None:
        """How the hedges move with each other and with the book; None where cost alone decides."""
        settings = self.desk.settings
        if settings.hedge_weighing == "least_cost":
            return None
        covariance = np.nan_to_num(self.estimates.covariance)
        own = np.outer(self.returns, self.returns) * covariance[np.ix_(self.under, self.under)]
        years = settings.hedge_horizon_days / DAYS_PER_YEAR
        return BookVariance(own, self.returns * (covariance[self.under] @ self.book), settings.risk_aversion * years)

    def _say_what_is_lacking(self, units: Array, values: Array) -> None:
        """That the trades lead to more than Equity: it was taken before them, or no whole lots near by are paid for."""
        universe, equity, traded = self.desk.universe, self.desk.settings.equity, int(self.marked.sum())
        contracts = self.positions.contracts.copy()
        contracts[self.marked] += units[:traded]
        taken = tied_up(self.desk, self.positions.instruments + units[traded:])
        taken += float(np.abs(contracts * universe.contract_values) @ universe.initial_margin_rates)
        taken += float(np.abs(values) @ self.fees)
        if values.any() and taken > equity * (1 + CERTIFIED):
            say(
                f"after these trades what is fully paid, initial margin and fees take {taken - equity:,.0f} more than "
                "Equity; bring TargetBeta nearer to the beta of the book, or put N into Hedge of what is fully paid"
            )

    def _say_what_is_left(self, miss: Array, due: bool) -> None:
        for name, left in zip(self.names, miss.tolist(), strict=True):
            if due and abs(left) > self.desk.settings.hedge_band:
                say(
                    f"the hedges leave an exposure of {left:+.3f} to {name}: limits, cash or lots do not reach; mark "
                    "more of them as Hedge, or raise GrossMax"
                )

    def _bought(self, units: Array, values: Array, missing: float) -> Bought:
        """What each costs and buys, and what its position then does in the worst scenario of the hedged book."""
        instruments, equity = self.desk.instruments, self.desk.settings.equity
        contracts = int(self.marked.sum())
        options = np.append(np.zeros(contracts, dtype=bool), self.valued.options)
        after = self.units + units
        worst, profits = self._worst(units, after)
        paid = values * self.carries + 0.0
        return Bought(
            names=self._called,
            kinds=(*["perp"] * contracts, *instruments.kinds),
            prices=self.prices,
            betas=self.betas,
            held=self.units,
            trades=units,
            values=values,
            beta_bought=values * self.betas / equity + 0.0,  # not -0 where nothing is traded
            fees=np.abs(values) * self.fees,
            carries=np.where(options, 0.0, paid),
            decays=np.where(options, paid, 0.0),
            costs_of_tenth=self._costs_of_tenth(missing),
            worst_scenario=worst,
            worst_profits=profits,
            cash=np.where(self._fully_paid, after * self.prices, 0.0),
            margins=np.abs(after * self.prices) * self._margins,
            valued=self.valued,
        )

    def _costs_of_tenth(self, missing: float) -> Array:
        """Of a tenth of beta the way that is missing, by each alone; NaN where it cannot bring it."""
        slope = self.betas
        bought = slope * missing > 0
        able = self._may_trade & (np.abs(slope) >= SMALLEST_BETA) & (missing != 0)
        able &= bought | ~self._fully_paid | (self.units > 0)
        rates = self.fees + np.where(bought, self.carries, -self.carries)
        money = np.divide(TENTH * self.desk.settings.equity, np.abs(slope), out=np.full(slope.size, np.nan), where=able)
        return np.asarray(money * rates)

    def _worst(self, units: Array, after: Array) -> tuple[str | None, Array]:
        """The scenario that the hedged book loses most in, and what each position makes of it; NaN without any."""
        desk, universe = self.desk, self.desk.universe
        scenarios, traded = desk.scenarios, int(self.marked.sum())
        if not scenarios.names:
            return None, np.full(after.size, np.nan)
        contracts = self.positions.contracts.copy()
        contracts[self.marked] += units[:traded]
        moved = (contracts != 0) | np.isin(np.arange(contracts.size), self.under)
        book = as_book(np.where(moved & self.estimates.known, 1.0, 0.0), universe.prices, desk.settings.equity)
        returns, rates = scenario_shocks(desk, self.estimates, book).returns, scenarios.funding_shocks[:, np.newaxis]
        a_contract = universe.contract_values * (returns - rates)
        a_unit = self.valued.profits(returns, scenarios.vol_multipliers, scenarios.horizons, scenarios.peg_shocks)
        a_unit -= np.where(desk.instruments.are("perp"), desk.instruments.prices, 0.0) * rates
        worst = int(np.argmin(a_contract @ contracts + a_unit @ after[traded:]))
        own = np.append(a_contract[worst, self.marked], a_unit[worst]) * after
        return scenarios.names[worst], own + 0.0


def _priced(valued: Valued) -> Array:
    """What a unit of each costs; NaN, and that is said, where it is next to nothing beside what it moves with."""
    instruments, prices = valued.instruments, valued.instruments.prices
    nothing = np.abs(valued.exposures) >= MOST_GEARED * prices
    nothing |= valued.options & (prices < LEAST_WORTH * valued.spots)
    for place in np.flatnonzero(nothing & instruments.hedges).tolist():
        say(
            f"{instruments.addresses[place]}: {instruments.names[place]} costs {prices[place]:.3g}, next to nothing "
            "beside what it moves with, so it is not traded"
        )
    return np.where(nothing, np.nan, prices)


def _each(values: Array, priced: Array) -> Array:
    """Of a unit of money, 0 where there is no price to speak of."""
    return np.nan_to_num(values / priced)


def _hours(desk: Desk) -> float:
    return desk.settings.hedge_horizon_days * HOURS_PER_DAY
