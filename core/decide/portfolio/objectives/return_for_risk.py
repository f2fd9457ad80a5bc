"""Objectives that trade return against risk: each is one portfolio of that trade-off (see `portfolio.trade_off`).

    utility             greatest e(w) - risk_aversion/2 w'S w
    target_volatility   greatest e(w) with sqrt(w'S w) <= target_volatility
    robust              greatest e(w) - worst error of the means - risk_aversion/2 w'S w

The worst error of the means is kappa sqrt(w'S w) inside an ellipsoid of radius kappa, sum delta_i |w_i| inside a box
of half-widths delta. All are cones to a conic solver; here each is a short sequence of quadratic programs whose last
carries the certificate, exact where an interior point ends at 1e-8.

Sources: Markowitz, Portfolio Selection (1959); Goldfarb and Iyengar, Mathematics of Operations Research 28 (2003);
Tutuncu and Koenig, Annals of Operations Research 132 (2004) for the box.
"""

from __future__ import annotations

import numpy as np

from ....arrays import Array
from ....checks import numbers
from ....choices import NEEDS
from ....errors import InfeasibleError
from ....tolerances import ACTIVE
from ...limits.feasible_set import Expression, FeasibleSet, absolute, minimum
from ...limits.remedy import rounded
from ..trade_off import Portfolio, TradeOff
from .objective import Answer, Objective

__all__ = ["Robust", "TargetVolatility", "Utility"]

DIGITS = 4
"""Digits of the value that would do."""


class Utility(Objective):
    """The greatest mean-variance utility; one quadratic program."""

    name = "utility"
    earns = True
    in_a_plain_book = "utility"

    def best(self, over: FeasibleSet) -> Answer:
        """The optimum, one quadratic program."""
        solution = minimum(over, self.limits.risk_aversion * self.covariance, -self.gain(over).coefficients)
        return solution.x[: self.premium.size], solution

    def portfolio(self, trade_off: TradeOff, near: float | None) -> Portfolio:
        """The portfolio whose price of return is the risk tolerance, 1 / risk_aversion."""
        return trade_off.portfolio(1 / self.limits.risk_aversion)


class TargetVolatility(Objective):
    """The greatest expected return at no more than a volatility."""

    name = "target_volatility"
    needs = NEEDS[name]
    earns = True
    on_the_trade_off = True

    def portfolio(self, trade_off: TradeOff, near: float | None) -> Portfolio:
        """The portfolio of that volatility, or the end of most gain where it has less."""
        target = float(self.limits.target_volatility or 0.0)
        portfolio = trade_off.where(lambda portfolio: portfolio.volatility / target - 1, near)
        if portfolio.volatility > target * (1 + ACTIVE):
            least = trade_off.portfolio(0.0).volatility
            raise InfeasibleError(
                f"target_volatility {target:g} is below {least:.4g}, the least that the other limits allow; "
                f"target_volatility {rounded(least, 1, DIGITS):.12g} would do"
            )
        return portfolio


class Robust(Objective):
    """The greatest utility at the worst means inside the uncertainty."""

    name = "robust"
    needs = NEEDS[name]
    earns = True
    on_the_trade_off = True

    @property
    def _stated(self) -> Array:
        """The radius of the ellipsoid `(1,)`, or the half-widths of the box `(N,)`."""
        stated = numbers(self.limits.uncertainty if self.limits.uncertainty is not None else 0.0, "uncertainty")
        return stated if stated.size == 1 else numbers(stated, "uncertainty", self.premium.size)

    def gain(self, over: FeasibleSet) -> Expression:
        """What is earned if each mean errs by its half-width, against the position."""
        gain, half_widths = super().gain(over), self._stated
        if half_widths.size == 1 or not half_widths.any():
            return gain
        feared = absolute(over, half_widths, np.zeros(self.premium.size))
        return Expression(gain.coefficients - feared.coefficients, gain.constant - feared.constant)

    def portfolio(self, trade_off: TradeOff, near: float | None) -> Portfolio:
        """The portfolio at which p (risk_aversion + radius / volatility) = 1."""
        stated, aversion = self._stated, self.limits.risk_aversion
        radius = float(stated[0]) if stated.size == 1 else 0.0
        if not radius > 0:
            return trade_off.portfolio(1 / aversion)

        def left_of(portfolio: Portfolio) -> float:
            if not portfolio.volatility > 0:
                return np.inf
            return portfolio.p * (aversion + radius / portfolio.volatility) - 1

        def worth(portfolio: Portfolio) -> float:
            return portfolio.gain - radius * portfolio.volatility - aversion / 2 * portfolio.volatility**2

        portfolio = trade_off.where(left_of, near)
        if abs(left_of(portfolio)) <= ACTIVE:
            return portfolio
        # The radius outweighs every gain: the least risk is best, and at no risk at all v has no slope.
        return max((portfolio, trade_off.portfolio(0.0)), key=worth)
