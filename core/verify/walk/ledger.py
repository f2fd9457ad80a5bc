"""The ledger of a walk: what each contract brought in each bar, and what that made of the equity.

    E_t - E_{t-1} = sum_i (price P&L + funding - fees - slippage - liquidation)_i,t + interest_t

holds in every row. A column is what one contract brought, so sums over rows, contracts or both say where the result
came from. Funding and interest are positive where they were received; `liquidation` is what the exchange kept, and
negative where it bore the loss beyond all equity. That loss is the `shortfall`.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ...arrays import Array, Rows
from ...estimate.regression import quotient
from ...records import dataclass
from .given import Orders
from .terms import Terms

__all__ = ["Ledger"]


@dataclass(frozen=True, eq=False)
class Ledger:
    """T rows of N contracts, money in quote, after the trades of a row.

    equity (T,)                of the whole account
    quantities (T, N)          coins held, positive long
    marks (T, N)               prices that they are valued at
    pnl, funding, fees, slippage, liquidation (T, N)
    interest (T,)              on the equity before the bar
    turnover (T,)              sum of |change of weight|
    decisions                  rows in which somebody was asked
    ordered                    what was decided in them, where it was to be traded
    terms                      on which
    liquidated                 (row, column) of each position that the exchange closed, at least in part, in order
    stopped                    (row, column) of each position that was left at its stop, in order
    start                      equity before the first row
    shortfall                  what the exchange bore beyond all equity
    """

    equity: Array
    quantities: Array
    marks: Array
    pnl: Array
    funding: Array
    fees: Array
    slippage: Array
    liquidation: Array
    interest: Array
    turnover: Array
    decisions: Rows
    ordered: Orders
    terms: Terms
    liquidated: tuple[tuple[int, int], ...]
    stopped: tuple[tuple[int, int], ...]
    start: float
    shortfall: float

    @cached_property
    def weights(self) -> Array:
        """Notional / equity, `(T, N)`; 0 once nothing is left."""
        return np.nan_to_num(quotient(self.quantities * self.marks, self.equity[:, np.newaxis]))

    @property
    def gains(self) -> Array:
        """What each row added to the equity, `(T,)`."""
        by_contract = self.pnl + self.funding - self.fees - self.slippage - self.liquidation
        return np.asarray(by_contract.sum(axis=1) + self.interest)

    @property
    def largest_difference(self) -> float:
        """How far a row is from the identity at most, relative to the greatest equity."""
        before = np.concatenate([[self.start], self.equity[:-1]])
        return float(np.abs(self.equity - before - self.gains).max() / self.equity.max(initial=self.start))

    def returns_since(self, row: int) -> Array:
        """Returns of the bars after the row of the first decision, `(T - 1 - row,)`; its trades count in the first."""
        before = self.equity[row:-1].copy()
        before[:1] += (self.fees[row] + self.slippage[row] + self.liquidation[row]).sum()
        return np.nan_to_num(quotient(self.equity[row + 1 :] - before, before))
