"""Stretches, programs and trades as one plain loop, which runs as machine code.

From decision to decision it goes as `stretch_loops` has it, and there solves the program of the row, certified, from
the weights that are held. It stops where that loop stops for an event, and before a decision whose program is not known
or carries no certificate: those are taken step by step outside, and then it goes on.

Source: as in `stretch_loops` and `numeric.quadratic.certified_sum`.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import compiled
from ...numeric.quadratic.certificate import RESOLUTION, TINY
from ...numeric.quadratic.certified_sum import certified_sum
from ...numeric.quadratic.solve import FINE
from ...tolerances import ROUNDING
from .given import Orders
from .programmed import Programs
from .stretch_loops import Stretch, walk_along

__all__ = ["decide_by_loop"]


def decide_by_loop(
    stretch: Stretch, coins: Array, marks: Array, equity: Array, orders: Orders, at: Rows,
    programs: Programs, delay: int, made: Rows,
) -> None:  # fmt: skip
    """Go on by programs from number `made[0]` on, up to the first that needs another way or the last.

    Args:
        stretch: as `stretch_of` has it; the next five are parts of it.
        coins: (N,) held.
        marks: (T, N) prices that they are valued at.
        equity: (T,) of the account.
        orders: those so far, with room behind for those of the programs.
        at: (4,) as `stretch_of` has it.
        programs: D of them.
        delay: rows from a decision to its trade.
        made: (2,) decisions and orders that are made, which go with it.
    """
    compiled(_decide_loop)(
        stretch, coins, marks, equity, *orders, at, *programs.in_rows(), delay, made, FINE, RESOLUTION, TINY, ROUNDING
    )  # fmt: skip


def _decide_loop(
    stretch, coins, marks, equity, due, weights, at,
    rows, risks, gains, known, cost, lower, upper, total, ratio, delay, made, enough, resolution, tiny, rounding,
):  # fmt: skip
    size, number, orders = coins.size, made[0], made[1]
    held = np.empty(size)
    while number < rows.size and known[number]:
        row = rows[number]
        at[3] = row
        walk_along(stretch)
        if at[0] < row or (at[1] < orders and due[at[1]] == row):
            break
        for i in range(size):
            held[i] = coins[i] * marks[row, i] / equity[row]
        settled, residuals, x, _, _ = certified_sum(
            risks[number], gains[number], cost, held, lower, upper, total, ratio, resolution, tiny
        )
        if not settled or not residuals.max() <= enough:
            break
        number += 1
        trades = False
        for i in range(size):
            traded = not abs(x[i] - held[i]) <= rounding
            trades |= traded
            weights[orders, i] = x[i] if traded else np.nan
        if trades:
            due[orders] = row + delay
            orders += 1
    made[0], made[1] = number, orders
