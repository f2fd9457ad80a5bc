"""The statement of an account: what is open of each position, what it has earned, paid and lost, and who was closed.

Whatever the way that prices take, the exchange closes by one rule. It reduces a position to the edge of the next lower
tier, and from the lowest it closes the whole; each liquidation takes a position at least one tier below the last, and
costs the fee on what is closed. A position that stands alone pays with its own collateral and no more than it, and
closed in whole it loses the rest. At any moment

    equity = equity at the start + sum (P&L + funding - fees - collateral lost)

Source: exchanges' liquidation rules, e.g. Binance, "Liquidation Protocols": smaller tiers first, then in whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask, Rows
from ...tolerances import ACTIVE
from .account import Account

__all__ = ["CROSS", "ISOLATED", "REASONS", "STOP", "Cells", "Closings", "Statement"]

STOP, ISOLATED, CROSS = 0, 1, 2
REASONS = ("stop", "isolated", "cross")
"""What closes a position, or a part of it: its stop, its own account, or the account it shares."""

Cells = tuple[Rows, Rows]
"""Positions as copies of the account and columns, `(E,)` each."""


class Closings(NamedTuple):
    """E events, `(E,)` each, in the order of event within each copy of the account.

    Copy and column of the position, the moment (share of a straight way, or bar), its share left open, and the reason.
    """

    copy: Rows
    column: Rows
    moment: Array
    left: Array
    reason: Rows


class Statement:
    """S copies of one account, each on its own way; shapes `(S, N)`.

    `shares` still open, `pnl` of prices, `funding` received positive, `fees` of liquidations, and collateral `lost` to
    the exchange (negative where it bore a loss beyond the collateral).
    """

    def __init__(self, account: Account, copies: int) -> None:
        shape = (copies, account.values.size)
        self.account = account
        self.shares = np.where(account.values != 0, 1.0, 0.0) * np.ones(shape)
        self.pnl, self.funding, self.fees, self.lost = np.zeros((4, *shape))
        self._tiers = np.full(shape, len(account.rates))
        self._closings: list[Closings] = []

    @property
    def equity(self) -> Array:
        """Of the whole account, `(S,)`."""
        return np.asarray(self.account.equity + self.gains().sum(axis=1))

    @property
    def liquidated(self) -> Mask:
        """Closed by the exchange, at least in part."""
        return self._tiers < len(self.account.rates)

    @property
    def closings(self) -> Closings:
        """All that was closed so far."""
        if not self._closings:
            nobody = np.empty(0, dtype=np.int64)
            return Closings(nobody, nobody, np.empty(0), np.empty(0), nobody)
        return Closings(*(np.concatenate(each) for each in zip(*self._closings, strict=True)))

    @property
    def first_liquidated(self) -> tuple[Rows, Array]:
        """Column of the first position that the exchange closed in each copy, and the moment; -1 for none, `(S,)`."""
        column, moment = np.full(len(self.shares), -1), np.full(len(self.shares), -1.0)
        copies, columns, moments, _, reasons = self.closings
        by_exchange = np.flatnonzero(reasons != STOP)[::-1]  # backwards, so that the first is what stays
        column[copies[by_exchange]], moment[copies[by_exchange]] = columns[by_exchange], moments[by_exchange]
        return column, moment

    def gains(self, where: slice | Rows | Cells = slice(None)) -> Array:
        """What positions have earned so far, less what they have cost."""
        return np.asarray(self.pnl[where] + self.funding[where] - self.fees[where] - self.lost[where])

    def stop(self, cells: Cells, moment: Array) -> None:
        """Close these positions at their stops."""
        self.shares[cells] = 0.0
        self._note(cells, moment, np.zeros(len(moment)), np.full(len(moment), STOP))

    def reduce(self, cells: Cells, ratios: Array, own: Array, moment: Array, reason: Rows) -> None:
        """Close these positions down to the edge of a lower tier, or in whole when there is none.

        `ratios` of their prices to now; `own` equity of a position that stands alone, infinite for another; `(E,)`.
        """
        account, column, before = self.account, cells[1], self.shares[cells]
        linear = account.linear[column]
        size = np.abs(account.values[column]) * before * np.where(linear, ratios, 1.0)
        with np.errstate(invalid="ignore"):  # at a price of zero, for tiers that there are not
            edges = account.edges[:, column] * np.where(linear, 1.0, ratios)
        tier = np.minimum((size > edges[1:] * (1 + ACTIVE)).sum(axis=0), self._tiers[cells] - 1)
        edge = np.take_along_axis(edges, tier[np.newaxis], axis=0)[0]
        kept = np.divide(edge, size, out=np.zeros(size.size), where=(tier > 0) & (size > 0))
        left = before * np.minimum(kept, 1.0)
        fee = np.minimum(account.fees[column] * size * (1 - left / before), np.maximum(own, 0.0))
        self.fees[cells] += fee
        self.lost[cells] += np.where(np.isfinite(own) & (left == 0), own - fee, 0.0)
        self.shares[cells], self._tiers[cells] = left, tier
        self._note(cells, moment, left, reason)

    def _note(self, cells: Cells, moment: Array, left: Array, reason: Rows) -> None:
        if moment.size:
            self._closings.append(Closings(*cells, moment, left, reason))
