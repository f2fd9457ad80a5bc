"""The hedge weighed among contracts and instruments of Hedges: costs until the horizon, one programme of cvxpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..inferred.estimates import Estimates
from ..inferred.instruments import Instrument, tied_up
from ..inputs import Inputs
from ..tables import Series, Vector
from .hedge import SMALLEST_BETA, Hedging
from .optimum import solved
from .orders import is_dust

__all__ = ["Weighed", "weighed_of"]

TENTH = 0.1


@dataclass(frozen=True)
class Weighed:
    """The contracts that may hedge, then the instruments, `(C,)`; `prices` and `held` of units, the rest of money.

    `best` are the trades in money where no lots stand in the way, None where they do or nothing is due.
    """

    symbols: list[str]
    prices: Vector
    held: Vector
    loads: Vector
    fees: Vector
    paid: Vector
    tenths: list[float]
    margins: Vector
    fully_paid: Vector
    best: Vector | None


def weighed_of(
    inputs: Inputs,
    estimates: Estimates,
    hedging: Hedging,
    instruments: Sequence[Instrument],
    units: Sequence[float],
    contracts: Series,
    exposed: Series,
) -> Weighed:
    """What each loads on and costs; `exposed` is the book, money by symbol."""
    import numpy as np

    universe, equity = inputs.universe, inputs.number("Equity")
    years = inputs.number("HedgeHorizonDays") / 365
    funding = estimates.of("FundingAnnual").fillna(0.0).to_dict()
    terms = universe.loc[hedging.symbols]
    betas = estimates.of("Beta")
    values = inputs.contract_values
    own = [each.of_money(each.exposure()) for each in instruments]
    under = [*hedging.symbols, *(each.under for each in instruments)]
    returns = np.array([*[1.0] * len(hedging.symbols), *own])
    loads = np.array([float(betas[name]) if name else 0.0 for name in under]) * returns
    charged = [each.fee * each.of_money(each.spot if each.kind == "option" else each.price) for each in instruments]
    fees = np.append(((terms["TakerFeeBps"] + terms["SlippageBps"]) / 10_000).clip(lower=0.0), charged)
    paid = np.array(
        [funding[name] * years for name in hedging.symbols]
        + [each.of_money(each.paid(years, funding)) for each in instruments]
    )
    fully_paid = np.array([False] * len(hedging.symbols) + [each.kind != "perp" for each in instruments])
    may = np.array([True] * len(hedging.symbols) + [each.may_trade for each in instruments])
    prices = np.append(values.loc[hedging.symbols], [each.price for each in instruments])
    held = np.append(hedging.held, units)
    margins = np.array([1 / float(universe.at[name, "MaxLeverage"]) if name else 0.0 for name in under])
    missing = inputs.number("TargetBeta") - hedging.beta
    tenths = []
    for load, fee, carried, is_paid, allowed, count in zip(loads, fees, paid, fully_paid, may, held, strict=True):
        buys = load * missing > 0
        able = allowed and abs(load) >= SMALLEST_BETA and missing and (buys or not is_paid or count > 0)
        tenths.append(TENTH * equity / abs(load) * (fee + (carried if buys else -carried)) if able else math.nan)
    lots = np.append(terms["Lot"], [each.lot for each in instruments])
    cash = equity - tied_up(inputs, instruments, units)
    cash -= float((contracts * values).abs() @ (1 / universe["MaxLeverage"]))
    under_margin = np.where(fully_paid, 0.0, margins)
    standing = np.append(contracts.loc[hedging.symbols], units) * prices
    best = None
    if hedging.due and not lots.any() and len(hedging.names) == 1:
        limits = (held * prices, may, fully_paid, max(cash, 0.0), under_margin, standing)
        best = _best(inputs, estimates, hedging, loads, fees, paid, limits, (under, returns, exposed))
        best = None if best is None else np.where([is_dust(inputs, amount) for amount in best], 0.0, best)
    return Weighed(hedging.symbols, prices, held, loads, fees, paid, tenths, under_margin, fully_paid, best)


def _best(
    inputs: Inputs,
    estimates: Estimates,
    hedging: Hedging,
    loads: Vector,
    fees: Vector,
    paid: Vector,
    limits: tuple[Vector, Vector, Vector, float, Vector, Vector],
    moves: tuple[list[str], Vector, Series],
) -> Vector | None:
    """The trades in money, none of them the wrong way; None where the target cannot be met."""
    import cvxpy as cp
    import numpy as np

    money, equity = float(abs(hedging.gap[0])), inputs.number("Equity")
    held, may, fully_paid, cash, margins, standing = limits
    bought, sold = cp.Variable(len(loads), nonneg=True), cp.Variable(len(loads), nonneg=True)
    x = bought - sold
    within = inputs.number("GrossMax") * equity
    least, most = np.where(fully_paid, 0.0, -within) - held, np.where(fully_paid, np.inf, within) - held
    kept = [loads @ x == hedging.gap[0] / money, x >= np.minimum(least, 0.0) / money]
    kept += [x[i] <= max(most[i], 0.0) / money for i in range(len(loads)) if math.isfinite(most[i])]
    kept += [cp.multiply(np.sign(hedging.gap[0]) * loads, x) >= 0, x[(np.abs(loads) < SMALLEST_BETA) | ~may] == 0]
    margined = margins @ cp.abs(x + standing / money) - float(margins @ np.abs(standing)) / money
    kept += [fully_paid.astype(float) @ x + margined + fees @ (bought + sold) <= cash / money]
    cost = (fees + paid) @ bought + (fees - paid) @ sold
    if inputs.words["HedgeWeighing"] == "mean_variance":
        if estimates.covariance is None:
            return None
        under, returns, exposed = moves
        names = [name or under[0] for name in under]
        covariance = estimates.covariance.loc[names, names].to_numpy() * np.outer(returns, returns)
        book = exposed[exposed != 0]
        with_book = returns * (estimates.covariance.loc[names, list(book.index)].to_numpy() @ book.to_numpy())
        price = inputs.number("RiskAversion") * inputs.number("HedgeHorizonDays") / 365 / equity
        cost += price * (money * cp.quad_form(x, cp.psd_wrap(covariance)) / 2 + with_book @ x)
    if not solved(cp.Problem(cp.Minimize(cost), kept)):
        return None
    return np.asarray(bought.value - sold.value) * money
