"""Return against risk: the one curve of portfolios in which many objectives have their optimum.

With gain g(w) (expected excess return less trading cost and market impact, a concave function) and risk w'V w:

    w(p) = argmin  w'V w / 2 - p g(w),          p >= 0: the variance one is ready to take for a unit of gain

As p rises so do g and the variance, both without jumps. So each objective below is the portfolio whose p solves one
equation, in which v is the volatility of w(p); the left side rises with p:

    utility             p = 1 / a                              a = risk_aversion
    target_volatility   v = target
    robust, ellipsoid   p (a + kappa / v) = 1                  greatest g - kappa v - a/2 v^2
    max_sharpe          p g = v^2                              greatest g / v
    a least gain        g = target                             where market impact makes it no straight line

Without impact w(p) is a broken line: on each piece the equation is solved for exactly between two portfolios, so the
search ends as soon as both stand on the same piece. With impact each portfolio is itself a smooth convex problem,
solved by Newton's method with a quadratic program as its step.

The portfolio is certified as the optimum of its quadratic model at the point itself, and such a point is the optimum
of the smooth convex problem; what is left of the equation counts as a residual too.

Sources: Markowitz, Portfolio Selection (1959); Dinkelbach, Management Science 13 (1967) for the ratio; Goldfarb and
Iyengar, Mathematics of Operations Research 28 (2003) for robust; Nocedal and Wright, Numerical Optimization (2006),
chapter 18.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ...arrays import Array
from ...errors import NotConvergedError
from ...numeric.bisection import bisected
from ...numeric.quadratic.certificate import certify
from ...numeric.quadratic.solve import FEW, QpSolution, QuadraticProgram, solve
from ...records import dataclass
from ...tolerances import CERTIFIED, ROUNDING
from ..limits.feasible_set import Expression, FeasibleSet, program
from .impact import SMALLEST_TRADE, curvature, impact_cost, slope

__all__ = ["Portfolio", "TradeOff"]

LOWEST, HIGHEST = 1e-7, 1e8
"""The range of p that is searched, relative to variance / gain: the ends stand for no gain and no risk at all."""

CLOSE = 1.05
"""How far from a p that is thought to be near the first other one is."""

MOST_PORTFOLIOS = 200
MOST_STEPS = 100

SETTLED, STALLED = 1e-13, 1e-9
"""Newton step, relative to the largest weight, at which weights have settled, and from which rounding may stop it."""

BASIN = 0.1
"""Change of a trade, relative to its size, up to which Newton's full step is the better one each time."""

CORRECTION = 1e-8
"""Newton step, relative to the largest weight, that no line search can judge: it may mend what the last program left of
its rows, which costs a little, and is taken whole; but not one that follows another and is no smaller."""

SOFTER = 1e-3
"""Share of the curvature that is left where steps go to and fro over a trade of nothing. It hardly has a bound there,
and a program that it outweighs tells no multiplier of the others; where the slope is met, no curvature is needed."""


@dataclass(frozen=True)
class Portfolio:
    """One portfolio of the trade-off: p, its weights `(N,)`, gain and volatility, and the program's solution."""

    p: float
    weights: Array
    gain: float
    volatility: float
    solution: QpSolution


@dataclass(frozen=True)
class TradeOff:
    """Portfolios of `allowed` by p; `risk` V `(N, N)` is traded against `gain`, `covariance` gives the volatility.

    `impact` and `current` `(N,)` are the market impact's coefficients and the weights that trades start from.
    """

    allowed: FeasibleSet
    risk: Array
    covariance: Array
    gain: Expression
    impact: Array
    current: Array

    def portfolio(self, p: float, near: Array | None = None) -> Portfolio:
        """The portfolio at `p`; with market impact it is sought from the point `near` of the set.

        Raises InfeasibleError, NotConvergedError.
        """
        none = np.zeros(self.current.size)
        if not (self.impact.any() and p > 0):
            return self._described(p, solve(self._model(p, none, none)))
        return self._described(p, self._newton(p, solve(self._model(p, none, none)).x if near is None else near))

    def where(self, left_of: Callable[[Portfolio], float], near: float | None = None) -> Portfolio:
        """The portfolio at which `left_of`, rising with p and relative, is zero; or the end nearest to that.

        `left_of` is below zero where p is too low; `near` is a p that the answer is thought to be near to. Raises
        InfeasibleError, NotConvergedError.
        """
        unit = self._unit()
        low = high = self.portfolio(near or unit)
        factor = 10.0 if near is None else CLOSE
        most = self._most_gain() if left_of(high) < 0 else np.inf
        while left_of(high) < 0 and high.p < HIGHEST * unit and high.gain < most:
            low, high, factor = high, self.portfolio(high.p * factor, high.solution.x), factor**2
        while left_of(low) > 0 and low.p > LOWEST * unit:
            high, low, factor = low, self.portfolio(max(low.p / factor, LOWEST * unit), low.solution.x), factor**2
        if left_of(low) >= 0:
            return low
        if left_of(high) <= 0:
            return high
        run = 0  # how often in turn the same end has moved, positive for the lower one
        for _ in range(MOST_PORTFOLIOS):
            share = _beyond(self._crossing(low, high, left_of), run)
            start = low.solution.x + share * (high.solution.x - low.solution.x)
            middle = self.portfolio(low.p + share * (high.p - low.p), start)
            left = left_of(middle)
            if abs(left) <= ROUNDING or high.p - low.p <= ROUNDING * high.p:
                return _with_residual(middle, left)
            low, high = (middle, high) if left < 0 else (low, middle)
            run = max(run, 0) + 1 if left < 0 else min(run, 0) - 1
        raise NotConvergedError("the trade-off between return and risk did not settle; look for repeated contracts")

    def _most_gain(self) -> float:
        """The gain beyond which there is none, to rounding; infinite with market impact, where no p reaches it."""
        if self.impact.any():
            return np.inf
        least_risk = replace(self, risk=np.zeros_like(self.risk)).portfolio(1.0)
        return least_risk.gain - ROUNDING * float(np.abs(self.gain.coefficients) @ np.abs(least_risk.solution.x))

    def _unit(self) -> float:
        """A p of the order at which the risk of a unit of weight weighs as much as its gain."""
        gain = float(np.abs(self.gain.coefficients).max())
        risk = float(np.abs(np.diag(self.risk)).max())
        return risk / gain if risk > 0 and gain > 0 else 1.0

    def _crossing(self, low: Portfolio, high: Portfolio, left_of: Callable[[Portfolio], float]) -> float:
        """The share of the way from `low` to `high` at which the equation holds on the straight line between them."""
        x, step = low.solution.x, high.solution.x - low.solution.x

        def is_past(share: float) -> bool:
            between = replace(low.solution, x=x + share * step)
            return left_of(self._described(low.p + share * (high.p - low.p), between)) >= 0

        return bisected(is_past)

    def _described(self, p: float, solution: QpSolution) -> Portfolio:
        weights = solution.x[: self.allowed.contracts]
        gain = float(self.gain.coefficients @ solution.x + self.gain.constant)
        paid = impact_cost(self.impact, weights - self.current)
        variance = float(weights @ self.covariance @ weights)
        return Portfolio(p, weights, gain - paid, float(np.sqrt(max(variance, 0.0))), solution)

    def _model(self, p: float, curved: Array, pull: Array) -> QuadraticProgram:
        """w'(V + diag(curved)) w / 2 - p gain + pull'w; few variables are solved sooner than their pieces."""
        linear = -p * self.gain.coefficients
        linear[: self.allowed.contracts] += pull
        return program(self.allowed, self.risk + np.diag(curved), linear, on_pieces=linear.size > FEW)

    def _expanded(self, p: float, weights: Array, share: float = 1.0) -> QuadraticProgram:
        """The program whose objective equals the true one at `weights` in slope, and in this share of its curvature."""
        trades = weights - self.current
        curved = share * p * curvature(self.impact, trades)
        return self._model(p, curved, p * slope(self.impact, trades) - curved * weights)

    def _newton(self, p: float, x: Array) -> QpSolution:
        contracts = self.allowed.contracts
        last, curved = np.inf, 1.0
        for _ in range(MOST_STEPS):
            solution = solve(self._expanded(p, x[:contracts], curved))
            step = solution.x - x
            size = float(np.abs(step).max()) / max(float(np.abs(x[:contracts]).max()), 1.0)
            to_and_fro = last / 2 < size <= CORRECTION and last <= CORRECTION
            x = x + (1.0 if size <= CORRECTION and not to_and_fro else self._line_search(p, x, step)) * step
            curved = SOFTER if to_and_fro else 1.0
            if size <= SETTLED or (size <= STALLED and size > last / 2):
                break
            last = size
        certificate = certify(self._expanded(p, x[:contracts]), x, solution.row_multipliers, solution.bound_multipliers)
        if not certificate.passes():
            raise NotConvergedError("market impact: the trades did not settle; take coefficients of one size")
        return replace(solution, x=x, certificate=certificate)

    def _line_search(self, p: float, x: Array, step: Array) -> float:
        """The share of a step, at most 1, that leads to the least value along it."""
        contracts = self.allowed.contracts
        start, change = x[:contracts], step[:contracts]
        if (np.abs(change) <= BASIN * np.maximum(np.abs(start - self.current), SMALLEST_TRADE)).all():
            return 1.0
        curved, straight = float(change @ self.risk @ change), float(start @ self.risk @ change)
        gained = p * float(self.gain.coefficients @ step)

        def rising(share: float) -> bool:
            paid = p * float(slope(self.impact, start + share * change - self.current) @ change)
            return straight + share * curved - gained + paid > 0

        return bisected(rising) if rising(1.0) else 1.0


def _beyond(share: float, run: int) -> float:
    """The share of the way to try: ever further from an end that keeps moving, until the other one moves too."""
    if abs(run) < 2:
        return share
    further = 2.0 ** (abs(run) - 1)
    return min(share * further, 0.5) if run > 0 else 1 - min((1 - share) * further, 0.5)


def _with_residual(portfolio: Portfolio, left: float) -> Portfolio:
    """The portfolio with what is left of its equation among the residuals of its certificate."""
    if abs(left) > CERTIFIED:
        raise NotConvergedError("the trade-off between return and risk did not settle; look for repeated contracts")
    certificate = portfolio.solution.certificate
    worst = replace(certificate, primal=max(certificate.primal, abs(left)))
    return replace(portfolio, solution=replace(portfolio.solution, certificate=worst))
