"""The hedge: the cheapest trades that bring beta (and, in mode factor, every factor) to its target, in whole lots.

    least  sum cost |x|, then the least gross      with  loadings x = gap

as two programmes of cvxpy; then every handful of lots around the answer is tried.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from ..tables import Frame, Series, Vector
from .optimum import solved
from .orders import is_dust

__all__ = ["Hedging", "factor_loadings", "hedging_of"]

SMALLEST_BETA = 0.01
"""A contract with less of it hedges nothing."""

MOST_SEARCHED = 4
"""Hedges in lots, besides the finest, of which all handfuls are tried."""

AROUND = (-2, -1, 0, 1, 2)
SLACK = 1e-9


@dataclass(frozen=True)
class Hedging:
    """What is to be hedged and with what; trades in quote money, `(H,)`."""

    symbols: list[str]
    loadings: Vector
    """(K, H), of the hedges; one row for beta alone."""

    gap: Vector
    """(K,): exposure that is missing, in money."""

    buy: Vector
    sell: Vector
    lots: Vector
    """Cost of a unit bought and sold, and the notional of a lot; 0: any size."""

    due: bool
    beta: float
    before: Vector
    """Of the book, on equity: beta, and the exposure to each factor, (K,)."""

    names: list[str]
    held: Vector
    """Contracts held of each hedge, in the book that is hedged."""

    trades: Vector | None
    """The best trades; None where no second statement was made."""

    dust: Vector
    """What was left out of them as too small."""

    def judged(self, trades: Vector) -> tuple[float, float]:
        """By how much trades miss the gap, and what they cost."""
        import numpy as np

        miss = float(np.linalg.norm(self.gap - self.loadings @ trades))
        return miss, float(self.buy @ np.maximum(trades, 0) + self.sell @ np.maximum(-trades, 0))


def hedging_of(
    inputs: Inputs, estimates: Estimates, contracts: Series, beside: Mapping[str, float] | None = None
) -> Hedging:
    """The hedge of these positions by the contracts that Universe marks.

    With instruments `beside` them, their exposures in money by symbol, trades are not chosen here.
    """
    import numpy as np

    universe, equity = inputs.universe, inputs.number("Equity")
    mode = inputs.words["HedgeMode"]
    symbols = [symbol for symbol in estimates.known if universe.at[symbol, "Hedge"] == "y"]
    terms, values = universe.loc[symbols], inputs.contract_values
    exposed = contracts * values
    for symbol, money in (beside or {}).items():
        exposed[symbol] += money
    held = [symbol for symbol in universe.index if exposed[symbol] != 0]
    notionals = exposed.loc[held]
    betas = estimates.table["Beta"].astype(float)
    target, band = inputs.number("TargetBeta"), inputs.number("HedgeBand")
    beta = float((notionals * betas.loc[held]).sum()) / equity
    rates = ((terms["TakerFeeBps"] + terms["SlippageBps"]) / 10_000).to_numpy()
    lots = (terms["Lot"] * values.loc[symbols]).to_numpy()
    due = abs(beta - target) > band + 1e-12
    if mode == "factor" and due:
        names, table = factor_loadings(inputs, estimates)
        loadings = table.loc[:, symbols].to_numpy()
        before = table.loc[:, held].to_numpy() @ notionals.to_numpy() / equity
        days = float(estimates.market["Rebalance every"]) / 24
        carry = estimates.of("FundingAnnual").loc[symbols].to_numpy() * days / 365
        bound = inputs.number("GrossMax") * equity
        same_way = False
    else:
        names, before, carry = [inputs.benchmark], np.array([beta]), np.zeros(len(symbols))
        loadings, bound, same_way = betas.loc[symbols].to_numpy()[np.newaxis], math.inf, True
    goal = target
    if inputs.words["HedgeAim"] == "edge":
        goal += math.copysign(band, beta - target)
    gap = (np.array([goal, *[0.0] * (len(names) - 1)]) - before) * equity
    own = terms["OverlayPosition"] if mode == "overlay" else contracts.loc[symbols]
    base = (terms["OverlayPosition"] * values.loc[symbols]).to_numpy() if mode == "overlay" else np.zeros(len(symbols))
    found = Hedging(
        symbols,
        loadings,
        gap,
        rates + carry,
        rates - carry,
        lots,
        due,
        beta,
        before,
        names,
        own.to_numpy(),
        None,
        np.zeros(len(symbols)),
    )
    trades: Vector | None = np.zeros(len(symbols))
    if beside is not None:
        trades = None
    elif due:
        trades = _trades(found, base, bound, same_way)
    if trades is None:
        return found
    dust = np.where([is_dust(inputs, amount) for amount in trades], trades, 0.0)
    stays = trades - dust
    return Hedging(
        **{**vars(found), "trades": stays, "dust": dust, "due": due and not (dust.any() and not stays.any())}
    )


def factor_loadings(inputs: Inputs, estimates: Estimates) -> tuple[list[str], Frame]:
    """Loadings on the benchmark and the sheet Factors, of one regression with an intercept a contract."""
    import numpy as np
    import pandas as pd

    first = inputs.closes.index[inputs.closes.index.get_loc(estimates.returns.index[0]) - 1]
    factors = inputs.factors[inputs.factors.index >= first]
    together = _between(pd.concat([estimates.benchmark.rename(inputs.benchmark), estimates.returns], axis=1), factors)
    drivers = pd.concat([together.iloc[:, :1], factors.iloc[1:]], axis=1)
    returns = together.iloc[:, 1:]
    columns = {}
    for symbol in estimates.known:
        rows = drivers.notna().all(axis=1) & returns[symbol].notna()
        design = np.column_stack([np.ones(int(rows.sum())), drivers[rows].to_numpy()])
        columns[symbol] = np.linalg.lstsq(design, returns.loc[rows, symbol].to_numpy(), rcond=None)[0][1:]
    return list(drivers.columns), pd.DataFrame(columns, index=drivers.columns)


def _between(returns: Frame, factors: Frame) -> Frame:
    """What was earned from one row of the factors to the next; NaN where a bar of the stretch has no return."""
    import numpy as np
    import pandas as pd

    ends = returns.index.searchsorted(factors.index, side="right")
    growth = 1 + returns.to_numpy()
    stretches = [np.prod(growth[start:end], axis=0) - 1 for start, end in pairwise(ends)]
    return pd.DataFrame(stretches, index=factors.index[1:], columns=returns.columns)


def _trades(found: Hedging, base: Vector, bound: float, same_way: bool) -> Vector | None:
    """Before lots, and then in lots; None where there are too many lots to try."""
    import cvxpy as cp
    import numpy as np

    money = float(np.abs(found.gap).max()) or 1.0
    bought, sold = cp.Variable(len(found.symbols), nonneg=True), cp.Variable(len(found.symbols), nonneg=True)
    x = bought - sold
    kept = [found.loadings @ x == found.gap / money]
    if math.isfinite(bound):
        kept += [x <= bound / money, x >= -bound / money]
    if same_way:
        # All trades push beta the same way: hedges that are held are not exchanged for others.
        slopes = found.loadings[0]
        kept += [cp.multiply(np.sign(found.gap[0]) * slopes, x) >= 0, x[np.abs(slopes) < SMALLEST_BETA] == 0]
    dearest = float(np.abs([found.buy, found.sell]).max()) or 1.0  # so that the slack is one of costs, however low
    cost = (found.buy @ bought + found.sell @ sold) / dearest
    cheapest = cp.Problem(cp.Minimize(cost), kept)
    if not solved(cheapest):
        miss = cp.sum_squares(found.loadings @ x - found.gap / money)
        if not solved(cp.Problem(cp.Minimize(miss), kept[1:])):
            return None
        nearest = found.loadings @ (bought.value - sold.value)
        kept[0] = found.loadings @ x == nearest
        cheapest = cp.Problem(cp.Minimize(cost), kept)
        if not solved(cheapest):
            return None
    least = float(cheapest.value)
    kept.append(cost <= least + SLACK * max(1.0, abs(least)))
    solved(cp.Problem(cp.Minimize(cp.norm1(base / money + x)), kept))
    wanted = np.asarray((bought.value - sold.value) * money)
    flat = same_way & (np.abs(found.loadings[0]) < SMALLEST_BETA)
    return _in_lots(found, wanted, base, bound, flat)


def _in_lots(found: Hedging, wanted: Vector, base: Vector, bound: float, flat: Vector) -> Vector | None:
    """Of the handfuls of lots around what is wanted, with the finest making up the rest: least miss, cost, gross."""
    import numpy as np

    hedges = np.flatnonzero(~flat).tolist()
    stepped = [i for i in hedges if found.lots[i] > 0 and np.abs(found.loadings[:, i]).max() > 0]
    if not stepped:
        return wanted
    if len(stepped) < len(hedges) or len(stepped) > MOST_SEARCHED + 1:
        return None
    sizes = np.linalg.norm(found.loadings, axis=0) * found.lots
    finest = min(stepped, key=lambda i: sizes[i])
    others = [i for i in stepped if i != finest]
    slope = found.loadings[:, finest]
    tried: list[tuple[float, float, float, Any]] = []
    for steps in itertools.product(AROUND, repeat=len(others)):
        trades = np.zeros(len(wanted))
        for place, step in zip(others, steps, strict=True):
            trades[place] = (round(wanted[place] / found.lots[place]) + step) * found.lots[place]
        rest = float(slope @ (found.gap - found.loadings @ trades) / (slope @ slope)) / found.lots[finest]
        for count in (math.floor(rest), math.ceil(rest)):
            trades[finest] = count * found.lots[finest]
            if np.abs(trades).max() > bound:
                continue
            miss, cost = found.judged(trades)
            tried.append((miss, cost, float(np.abs(base + trades).sum()), trades.copy()))
    if not tried:
        return None
    size = max(float(np.abs(found.gap).max()), float(sizes.max()))
    least = min(each[0] for each in tried)
    tried = [each for each in tried if each[0] <= least + 1e-12 * size]
    least = min(each[1] for each in tried)
    tried = [each for each in tried if each[1] <= least + 1e-12 * max(abs(least), 1.0)]
    return np.asarray(min(tried, key=lambda each: each[2])[3])
