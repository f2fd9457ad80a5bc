"""An objective: what is sought, what it needs beside the limits, and how it is solved.

Each is declared once, as a small class of its own: its `name` in the sheet, the `needs` without which it cannot be
asked, whether it `earns` (the expected return counts, and with it what trading costs), the `risk` it weighs, the
`best` portfolio of a set, and the `portfolio` of the trade-off of return against risk in which its optimum lies once
market impact bends the return.

    e(w) = (mu - rf)'w - sum c_i |w_i - current_i| - sum k_i |w_i - current_i|^1.5        expected excess return
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from ....arrays import Array
from ....errors import ArgumentError, UndefinedError
from ....numeric.quadratic.solve import QpSolution
from ....records import dataclass
from ...limits.declared import Limits
from ...limits.feasible_set import Expression, FeasibleSet, excess_return
from ..cvar import complete_returns
from ..trade_off import Portfolio, TradeOff

__all__ = ["Answer", "Best", "Objective"]

Answer = tuple[Array, QpSolution]
"""The best weights `(N,)`, and the certified solution of the program that they come from."""

Best = Callable[[FeasibleSet], Answer]
"""Finds the best weights of a set of portfolios."""


@dataclass(frozen=True)
class Objective:
    """One objective, asked of contracts with `premium` `(N,)` (expected return less risk-free) and `covariance`.

    `returns` `(T, N)` is the past as it was given; rows with a gap are dropped where it is used. Raises ArgumentError
    where a limit that the objective needs is not stated.
    """

    premium: Array
    covariance: Array
    limits: Limits
    returns: ArrayLike | None = None

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    """Names of the limits that must be stated."""

    needs_returns: ClassVar[bool] = False
    earns: ClassVar[bool] = False
    on_the_trade_off: ClassVar[bool] = False
    """Whether its optimum is sought among the portfolios of return against risk even where nothing bends the return."""

    in_a_plain_book: ClassVar[Literal["", "risk", "utility", "ratio"]] = ""
    """What it is where limits bound nothing but each weight and the net: risk alone, a utility, a ratio; or no program
    of that kind."""

    def __post_init__(self) -> None:
        for needed in self.needs:
            if getattr(self.limits, needed) is None:
                raise ArgumentError(f"objective {self.name} needs the limit {needed}; add it to the limits")

    @property
    def counts_return(self) -> bool:
        """Whether the expected return matters, as what is sought or as a limit."""
        return self.earns or self.limits.target_return is not None

    @property
    def pays_impact(self) -> bool:
        """Whether market impact matters: a pure minimum of risk does not know it."""
        return self.counts_return and bool(np.any(self.limits.market_impact))

    @property
    def risk(self) -> Array:
        """The matrix `(N, N)` whose quadratic form is the risk that is weighed."""
        return self.covariance

    @cached_property
    def past(self) -> Array:
        """The complete rows of the returns. Raises ArgumentError, MissingDataError."""
        user = f"objective {self.name}" if self.needs_returns else "cvar_max"
        return complete_returns(self.returns, self.premium.size, user)

    def gain(self, over: FeasibleSet) -> Expression:
        """What is earned above risk-free, net of turnover cost, market impact left out."""
        return excess_return(self.limits, over, self.premium)

    def best(self, over: FeasibleSet) -> Answer:
        """The optimum over a set, market impact left out.

        Raises InfeasibleError, UndefinedError, NotConvergedError.
        """
        raise NotImplementedError

    def portfolio(self, trade_off: TradeOff, near: float | None) -> Portfolio:
        """The optimum within the trade-off of return against risk; `near` is a trade-off it is thought to be near."""
        raise ArgumentError(
            f"market_impact with target_return is not available for {self.name}; state turnover_cost instead"
        )

    def undefined(self, allowed: FeasibleSet) -> UndefinedError | None:
        """Why there is no optimum in `allowed`, which the limits alone do not explain; None where they do."""
        return None
