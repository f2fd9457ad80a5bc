"""Rollouts: many rules through the same episodes of a market, and what each was rewarded.

It is the environment, taken by M x S accounts at once: by numpy all accounts go a decision further together, by machine
code one account goes through its episode after the other. Both give the same numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import compiled, in_rows, worth_compiling
from .accounts import Accounts, advanced
from .market import Market, Stakes
from .rollout_loops import roll
from .state import Scales
from .tilt import RULE_SHAPE, actions_of

__all__ = ["Course", "Rollouts"]

PASSES = 60
"""How often numpy goes over the weights of an account for one decision."""


class Rollouts(NamedTuple):
    """Of M rules on S episodes, `(M, S)` each: the sum of rewards, and what became of 1 (0: it was liquidated)."""

    rewards: Array
    equity: Array


class Course:
    """A market made ready for rollouts: its figures scaled once, its tables laid out as the loop reads them."""

    def __init__(self, market: Market, stakes: Stakes, scales: Scales) -> None:
        self.market, self.stakes, self.scales = market, stakes, scales
        self._figures = scales.of_contracts(market.figures)
        self._regimes = scales.of_regimes(market.regimes)
        self._tables = in_rows(
            *(market.base, self._figures, self._regimes, market.lower, market.upper, market.tilts),
            *(market.moves, market.returns, market.lows, market.highs, market.costs, market.maintenance),
        )

    def rollouts(self, thetas: Array, starts: Rows, length: int, by_loop: bool | None = None) -> Rollouts:
        """What M rules `(M, 18)` make of the episodes of `length` decisions that begin at `starts` `(S,)`.

        `by_loop` says who computes; None: whoever is quicker.
        """
        count, contracts = len(thetas) * starts.size, self.market.base.shape[1]
        if worth_compiling(PASSES * count * length * contracts) if by_loop is None else by_loop:
            rewards, equity = np.empty((2, len(thetas), starts.size))
            stakes = self.stakes
            penalties = (stakes.cap, stakes.drawdown_penalty, stakes.drawdown_free, stakes.liquidation_penalty)
            rules = np.ascontiguousarray(thetas).reshape(-1, *RULE_SHAPE)
            compiled(roll)((*self._tables, *penalties, rules, starts, length, rewards, equity))
            return Rollouts(rewards, equity)
        return self._by_numpy(thetas, starts, length)

    def _by_numpy(self, thetas: Array, starts: Rows, length: int) -> Rollouts:
        """Episode by episode, all rules together."""
        rules, rewards, equity = thetas.reshape(-1, *RULE_SHAPE), [], []
        for start in starts.tolist():
            accounts, total = Accounts.at(self.market.base[start], len(rules)), np.zeros(len(rules))
            for row in range(start, start + length):
                accounts, reward = advanced(
                    self.market, row, accounts, self._actions(rules, row, accounts), self.stakes
                )
                total += reward
            rewards.append(total)
            equity.append(accounts.equity)
        return Rollouts(np.column_stack(rewards), np.column_stack(equity))

    def _actions(self, rules: Array, row: int, accounts: Accounts) -> Array:
        count = len(rules)
        base, own = self.market.base[row], self._figures[row].T
        told = np.broadcast_to(np.vstack([base, own]), (count, 5, base.size))
        figures = np.concatenate([accounts.held[:, np.newaxis], told], axis=1)
        market = np.column_stack([np.full(count, self._regimes[row]), accounts.drawdown])
        return actions_of(rules, np.clip(figures, -10.0, 10.0), market)
