"""A matrix game: two players mix their choices, one to make the payoff large, the other to make it small.

    greatest over p, least over q of   p'V q  =  least over q, greatest over p of   p'V q          p, q: mixes, sum 1

With all payoffs above zero (a constant added to each changes no mix) the game is the linear program

    greatest sum x   with   V x <= 1,  x >= 0            value = 1 / sum x,   q = value x,   p = value times its duals

which is feasible at x = 0, so the simplex method needs no first phase. Made for games of few choices, a great many
times. How good two mixes are shows at once, from the least entry of V'p and the greatest of V q.

The other player may have extra answers, played as much as one likes beside a mix: p then gives none of them a payoff
below zero. They have no constant and no part in the sum.

Sources: von Neumann, Mathematische Annalen 100 (1928); Dantzig, Linear Programming and Extensions (1963), ch. 13;
Bland, Mathematics of Operations Research 2 (1977) for the choice of pivots.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...errors import NotConvergedError
from ...tolerances import SOLVED

__all__ = ["Game", "solve_game"]

SHIFT = 2.0
"""Added to payoffs of size one, so that all are above zero."""

GREEDY_PIVOTS, MOST_PIVOTS = 200, 20_000
"""Pivots by the greatest gain, which is quicker, before those that cannot cycle; and pivots after which it gives up."""


def solve_game(payoffs: Array) -> tuple[Array, Array]:
    """Mixes p `(S,)` and q `(K,)` of the rows and columns of `payoffs` `(S, K)`; p makes the payoff large, q small.

    Raises NotConvergedError.
    """
    return Game(payoffs).solved()


class Game:
    """A game that is solved again each time it has gained answers, from where the simplex method stood.

    The table has the slack of each row first, `(S,)`, then the answers `(K,)`, then the right side; its last row holds
    the objective. The slack's part is the inverse of the basis, which brings a new column up to date.
    """

    def __init__(self, payoffs: Array, counts: Array | None = None) -> None:
        self._payoffs = payoffs
        self._counts = np.ones(payoffs.shape[1]) if counts is None else counts  # 0 for an extra answer
        self._size = float(np.abs(payoffs).max(initial=0.0)) or 1.0
        choices, answers = payoffs.shape
        self._choices = choices
        self._table = np.zeros((choices + 1, choices + answers + 1))
        self._table[:choices, :choices] = np.eye(choices)
        self._table[:choices, choices:-1] = payoffs / self._size + SHIFT * self._counts
        self._table[-1, choices:-1] = -self._counts
        self._table[:choices, -1] = 1.0
        self._basis = np.arange(choices)

    def with_answers(self, payoffs: Array, *, extra: bool = False) -> Game:
        """This game with more columns `(S, k)`, `extra` ones or not; larger payoffs than all so far start it anew."""
        self._payoffs = np.concatenate([self._payoffs, payoffs], axis=1)
        counts = np.full(payoffs.shape[1], 0.0 if extra else 1.0)
        self._counts = np.concatenate([self._counts, counts])
        sizes = np.abs(payoffs).ravel()
        if sizes.size and sizes[sizes.argmax()] > self._size:
            return Game(self._payoffs, self._counts)
        columns = self._table[:, : self._choices] @ (payoffs / self._size + SHIFT * counts)
        columns[-1] -= counts
        self._table = np.concatenate([self._table[:, :-1], columns, self._table[:, -1:]], axis=1)
        return self

    def solved(self) -> tuple[Array, Array]:
        """The best mixes p `(S,)` and q `(K,)`, the latter beside its extra answers. Raises NotConvergedError."""
        table, basis, choices = self._table, self._basis, self._choices
        costs, right = table[-1, :-1], table[:choices, -1]
        for pivot in range(MOST_PIVOTS):
            entering = int(costs.argmin())
            if costs[entering] >= -SOLVED:
                parts = np.zeros(costs.size)
                parts[basis] = right
                answers = np.maximum(parts[choices:], 0.0)
                return _mix(costs[:choices]), answers / (answers @ self._counts)
            if pivot >= GREEDY_PIVOTS:
                entering = int((costs < -SOLVED).argmax())
            column = table[:choices, entering]
            falls = (column > SOLVED).nonzero()[0]
            if not falls.size:
                raise NotConvergedError("a game has no value: its extra answers outdo every choice")
            room = right[falls] / column[falls]
            first = room.argmin()
            leaving = int(falls[first])
            if pivot >= GREEDY_PIVOTS:
                tied = falls[room <= room[first] + SOLVED]
                leaving = int(tied[basis[tied].argmin()])
            row = table[leaving] / column[leaving]
            table -= table[:, entering, None] * row
            table[leaving] = row
            basis[leaving] = entering
        raise NotConvergedError(
            "a game between limits and portfolios did not end; look for limits that repeat each other"
        )


def _mix(parts: Array) -> Array:
    """The parts as shares of one."""
    kept = np.maximum(parts, 0.0)
    return np.asarray(kept / kept.sum())
