"""The least costly trades that give hedges a stated exposure: a linear program, and a second one among its ties.

    minimise  sum buy_j x_j+ + sell_j x_j-      subject to   A x = b,   low <= x <= high,   sum_j taken_j(x_j) <= cash

    taken_j = x_j where fully paid, margin_j (|s_j + x_j| - |s_j|) elsewhere, and fee_j |x_j| of each

The cost of a hedge is straight but for kinks: where the trade changes its sign, where it closes the position h_j held
(there the gross stops falling and begins to rise), and where it closes the position s_j that the account margins, of
which h_j may be a part. So each hedge is cut into pieces between its kinks,

    sell beyond what is held | sell what is held | buy            (a short position: sell | buy it back | buy beyond)

each a variable v >= 0 with one price, one slope of gross and one of margin, +1 or -1. Cost and cash are convex, so that
pieces fill in order.

Many trades may cost the least. All of them satisfy complementary slackness with any multipliers that prove the first:
a piece whose multiplier is not zero stays on its limit. What is left free is the face of optimal trades, and there the
second program seeks the least gross.

Where the variance of the book counts too (`HedgeRisk`), c + R x / 2 is added to the price of x, and the program is
quadratic: hedges that take away more of the variance may cost more. Ties are then rare, and any of them is as good.

Source: Bertsimas and Tsitsiklis, Introduction to Linear Optimization (1997), sections 1.3 (piecewise linear costs)
and 4.3 (complementary slackness); Markowitz, Portfolio Selection (1959), for cost against variance.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...errors import InfeasibleError, UndefinedError
from ...numeric.quadratic.certificate import Certificate
from ...numeric.quadratic.solve import QpSolution, QuadraticProgram, solve
from ...records import dataclass
from ...tolerances import CERTIFIED, RANK, ROUNDING
from .lots import nearest_in_lots

__all__ = ["CashTaken", "HedgeMarket", "HedgeRisk", "cheapest_exposure", "cheapest_in_lots", "nearest_exposure"]


@dataclass(frozen=True)
class HedgeRisk:
    """What trades x `(H,)` do to the variance of the book, priced as their cost is: slope'x + x'curvature x / 2."""

    slope: Array
    curvature: Array


@dataclass(frozen=True)
class CashTaken:
    """What else than their price takes cash, `(H,)` each: `fees` of a unit traded, `margins` of a unit of position.

    `standing` are the positions before that the account margins, in units of capital. A fully paid hedge has no margin.
    """

    fees: Array
    margins: Array
    standing: Array

    def by(self, trades: Array) -> Array:
        """Taken by trades `(..., H)` beside the price of what is fully paid; below zero where they set it free."""
        margin = (np.abs(self.standing + trades) - np.abs(self.standing)) @ self.margins
        return np.asarray(margin + np.abs(trades) @ self.fees)


@dataclass(frozen=True)
class HedgeMarket:
    """What may be traded and what it costs: all `(H,)` in units of capital, but `cash`, one number.

    `held` are the positions before; `buy` and `sell` the cost a unit (one of them below zero where funding pays more
    than trading costs, but never their sum); `low` and `high` bound the trade; `fully_paid` hedges take cash when
    bought, and so does what `taken` says, at most `cash` in all. Without a `risk` the cost alone decides.
    """

    held: Array
    buy: Array
    sell: Array
    low: Array
    high: Array
    fully_paid: NDArray[np.bool_]
    cash: float = np.inf
    risk: HedgeRisk | None = None
    taken: CashTaken | None = None

    def paid(self, trades: Array) -> Array:
        """The cash that trades `(..., H)` take."""
        return np.asarray(trades @ self.fully_paid.astype(float) + (self.taken.by(trades) if self.taken else 0.0))

    def affords(self, trades: Array) -> NDArray[np.bool_]:
        """Which of these trades `(M, H)` the cash pays for."""
        return np.asarray(self.paid(trades) <= self.cash + ROUNDING * np.abs(trades).sum(axis=1))


def cheapest_in_lots(market: HedgeMarket, loadings: Array, gap: Array, lots: Array) -> tuple[Array, Array, Certificate]:
    """The trades `(H,)` that close `gap` `(K,)`, or come nearest, at least cost: before any rounding, and in `lots`.

    `lots` `(H,)` in units of capital, 0 for a hedge without. Also the proof that none cost less before rounding.
    Raises as `cheapest_exposure`.
    """
    unrounded, certificate = _least_cost(market, loadings, gap)
    spent = market.paid(unrounded) >= market.cash - CERTIFIED
    reached = loadings @ unrounded if spent else gap  # what cash does not pay for is nothing that lots make up for
    whole = _in_lots(market, loadings, reached, unrounded, lots) if lots.any() else unrounded
    return unrounded, whole, certificate


def cheapest_exposure(market: HedgeMarket, loadings: Array, exposure: Array) -> tuple[Array, QpSolution]:
    """The trades `(H,)` of least cost, then least gross, with `loadings` (K, H) @ trades = `exposure` `(K,)`.

    The rows of `loadings` must be independent. Also the certified solution of the first program. Raises
    InfeasibleError (out of reach within the limits), UndefinedError (funding pays without end), NotConvergedError.
    """
    pieces = _Pieces.of(market)
    program = pieces.program(loadings, exposure)
    if (pieces.cost < 0).any():
        _refuse_endless(program)
    cheapest = solve(program)
    if market.risk is not None:
        return _sharpened(market, pieces.trades(cheapest.x), loadings, exposure), cheapest
    face = _optimal_face(program, cheapest)
    trades = pieces.trades(solve(replace(face, q=pieces.gross)).x)
    return _sharpened(market, trades, loadings, exposure), cheapest


def nearest_exposure(market: HedgeMarket, loadings: Array, exposure: Array) -> Array:
    """The exposure `(K,)` within the limits that is nearest to `exposure`, in least squares.

    In the pieces v and the residual r = loadings x - exposure: minimise r'r / 2. Raises InfeasibleError (cash and the
    limits contradict each other), NotConvergedError.
    """
    pieces = _Pieces.of(market)
    exact = pieces.program(loadings, exposure)
    factors, size = len(exposure), exact.q.size
    residual = np.zeros((len(exact.rows), factors))
    residual[:factors] = -np.eye(factors)
    squares = np.zeros((size + factors, size + factors))
    squares[size:, size:] = np.eye(factors)
    unlimited = np.full(factors, np.inf)
    program = QuadraticProgram(
        P=squares,
        q=np.zeros(size + factors),
        rows=np.hstack([exact.rows, residual]),
        row_lower=exact.row_lower,
        row_upper=exact.row_upper,
        lower=np.concatenate([exact.lower, -unlimited]),
        upper=np.concatenate([exact.upper, unlimited]),
    )
    try:
        solution = solve(program)
    except InfeasibleError:
        raise InfeasibleError(
            "cash does not pay for what min_notional asks of the fully paid hedges; raise cash or lower min_notional"
        ) from None
    return loadings @ pieces.trades(solution.x[:size])


def _in_lots(market: HedgeMarket, loadings: Array, gap: Array, wanted: Array, lots: Array) -> Array:
    """The trades `(H,)` near `wanted` in whole lots, nearest to `gap` (K,); hedges without lots make up the rest."""
    stepped = lots > 0
    # What hedges without lots can make up for is no concern of the whole lots.
    beyond = np.eye(len(gap)) - loadings[:, ~stepped] @ np.linalg.pinv(loadings[:, ~stepped], rcond=RANK)
    left = np.where(stepped, beyond @ loadings, 0.0)
    left = np.where(np.linalg.norm(left, axis=0) > RANK * np.linalg.norm(loadings, axis=0), left, 0.0)
    whole = nearest_in_lots(
        wanted,
        lots,
        left,
        beyond @ gap,
        market.buy,
        market.sell,
        market.held,
        market.low,
        market.high,
        market.affords if np.isfinite(market.cash) else None,
    )
    if stepped.all():
        return whole
    fixed = replace(market, low=np.where(stepped, whole, market.low), high=np.where(stepped, whole, market.high))
    try:
        return _least_cost(fixed, loadings, gap)[0]
    except InfeasibleError:  # the whole lots alone take more than the cash, and the others cannot set it free
        return _least_cost(replace(fixed, cash=float(market.paid(whole))), loadings, gap)[0]


def _least_cost(market: HedgeMarket, loadings: Array, gap: Array) -> tuple[Array, Certificate]:
    """The trades `(H,)` on capital that close `gap` (K,), or come nearest, and the proof that none cost less."""
    # Only what the hedges span can be met; what is left of the gap is that of least squares.
    basis, sizes, _ = np.linalg.svd(loadings, full_matrices=False)
    basis = basis[:, sizes > RANK * sizes[0]]
    independent, wanted = basis.T @ loadings, basis.T @ gap
    try:
        trades, solution = cheapest_exposure(market, independent, wanted)
    except InfeasibleError:
        trades, solution = cheapest_exposure(market, independent, nearest_exposure(market, independent, wanted))
    return trades, solution.certificate


@dataclass(frozen=True)
class _Pieces:
    """The pieces of all hedges, `(V,)` each: whose they are, which way they trade, and what a unit does.

    `gross` and `margined` are the slopes of what is held and of what is margined, +1 or -1.
    """

    hedge: NDArray[np.intp]
    direction: Array
    cost: Array
    gross: Array
    margined: Array
    lower: Array
    upper: Array
    market: HedgeMarket

    @classmethod
    def of(cls, market: HedgeMarket) -> _Pieces:
        """For each direction: to the first position that it closes, from there to the second, and beyond both."""
        standing = market.held if market.taken is None else market.taken.standing
        direction = np.repeat([1.0, -1.0], 3)[:, np.newaxis]
        of_held, of_margined = (np.maximum(-direction * each, 0.0) for each in (market.held, standing))
        first, second = np.minimum(of_held, of_margined), np.maximum(of_held, of_margined)
        place = np.tile([0, 1, 2], 2)[:, np.newaxis]
        start = np.select([place == 0, place == 1], [np.zeros_like(first), first], second)
        end = np.select([place == 0, place == 1], [first, second], np.inf)
        least = np.where(direction > 0, market.low, -market.high)
        most = np.where(direction > 0, market.high, -market.low)
        lower, upper = (np.clip(np.maximum(limit, 0.0) - start, 0.0, end - start) for limit in (least, most))
        kept = upper > 0
        kept[0, 0] |= not kept.any()  # where nothing may be traded, one piece of size zero still states the program
        return cls(
            hedge=np.nonzero(kept)[1],
            direction=np.broadcast_to(direction, kept.shape)[kept],
            cost=np.where(direction > 0, market.buy, market.sell)[kept],
            gross=np.where(start < of_held, -1.0, 1.0)[kept],
            margined=np.where(start < of_margined, -1.0, 1.0)[kept],
            lower=lower[kept],
            upper=upper[kept],
            market=market,
        )

    def program(self, loadings: Array, exposure: Array) -> QuadraticProgram:
        """The least cost as a linear program in the pieces; the cash row, where there is one, comes last."""
        market = self.market
        rows = loadings[:, self.hedge] * self.direction
        row_lower, row_upper = exposure, exposure
        if np.isfinite(market.cash) and (market.fully_paid.any() or market.taken is not None):
            rows = np.vstack([rows, self._cash_row()])
            row_lower, row_upper = np.append(exposure, -np.inf), np.append(exposure, market.cash)
        size = self.hedge.size
        curvature, slope = np.zeros((size, size)), np.zeros(size)
        if market.risk is not None:
            curvature = market.risk.curvature[np.ix_(self.hedge, self.hedge)] * np.outer(self.direction, self.direction)
            slope = market.risk.slope[self.hedge] * self.direction
        return QuadraticProgram(
            P=curvature,
            q=self.cost + slope,
            rows=rows,
            row_lower=row_lower,
            row_upper=row_upper,
            lower=self.lower,
            upper=self.upper,
        )

    def _cash_row(self) -> Array:
        """The cash that a unit of each piece takes."""
        market, taken = self.market, self.market.taken
        price = market.fully_paid[self.hedge] * self.direction
        return price if taken is None else price + taken.margins[self.hedge] * self.margined + taken.fees[self.hedge]

    def trades(self, amounts: Array) -> Array:
        """The trade of each hedge `(H,)`."""
        trades = np.zeros(self.market.held.size)
        np.add.at(trades, self.hedge, self.direction * amounts)
        return trades


def _optimal_face(program: QuadraticProgram, optimum: QpSolution) -> QuadraticProgram:
    """The program with every piece and row that has a price held where the optimum has it."""
    price = CERTIFIED * (float(np.abs(program.q).max()) or 1.0)
    fixed = np.abs(optimum.bound_multipliers) > price
    binding = np.abs(optimum.row_multipliers) > price
    return replace(
        program,
        lower=np.where(fixed, optimum.x, program.lower),
        upper=np.where(fixed, optimum.x, program.upper),
        row_lower=np.where(binding, program.row_upper, program.row_lower),
    )


def _sharpened(market: HedgeMarket, trades: Array, loadings: Array, exposure: Array) -> Array:
    """The trades with the rounding of the solver taken out of their exposure, by those that stand on no limit."""
    moves = (trades != 0) & (trades > market.low) & (trades < market.high)
    if not moves.any():
        return trades
    correction = np.linalg.lstsq(loadings[:, moves], exposure - loadings @ trades, rcond=None)[0]
    sharpened = trades.copy()
    sharpened[moves] += correction
    return np.asarray(np.clip(sharpened, market.low, market.high))


def _refuse_endless(program: QuadraticProgram) -> None:
    """Nothing when the cost is bounded below; else UndefinedError: a direction without exposure earns for ever."""
    endless = np.isinf(program.upper)
    if not endless.any():
        return
    direction = replace(
        program,
        row_lower=np.where(np.isfinite(program.row_lower), 0.0, -np.inf),
        row_upper=np.where(np.isfinite(program.row_upper), 0.0, np.inf),
        lower=np.zeros(endless.size),
        upper=np.where(endless, 1.0, 0.0),
    )
    if program.q @ solve(direction).x < -CERTIFIED * np.abs(program.q).max():
        raise UndefinedError(
            "funding_rates pay more than trading costs on hedges that offset each other, so the cheapest hedge has no "
            "end; state min_notional and max_notional"
        )
