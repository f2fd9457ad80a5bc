"""The loop of the piecewise active set, for numba: see `piecewise` for the method and for the numpy twin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array

__all__ = ["settled_states"]

States = NDArray[np.int64]


def settled_states(
    P: Array, q: Array, A: Array, row_lower: Array, row_upper: Array, ends: Array, top: States, costs: Array,
    slopes: Array, states: States, pulls: Array, steps: int, rounding: float,
) -> tuple[bool, Array, Array, Array, States]:  # fmt: skip
    """Whether the pieces settled within `steps`; then weights, multipliers of rows, forces and states."""
    size, rows, layers = len(q), len(A), len(costs)
    states = states.copy()
    binding = np.zeros(rows, np.int64)
    for r in range(rows):
        if row_lower[r] == row_upper[r]:
            binding[r] = 1
    free, bound = np.empty(size, np.int64), np.empty(rows, np.int64)
    w, y, force = np.zeros(size), np.zeros(rows), np.zeros(size)
    q_on, rows_on, shift = np.zeros(size), np.zeros((rows, size)), np.zeros(rows)
    for step in range(len(pulls) - 1 + steps):
        pull = pulls[min(step, len(pulls) - 1)]

        # The objective and the rows on the pieces that the states name.
        count = 0
        shift[:] = 0.0
        for i in range(size):
            q_on[i] = q[i]
            for r in range(rows):
                rows_on[r, i] = A[r, i]
            for layer in range(layers):
                if states[i] > 2 * (layer + 1):
                    q_on[i] += costs[layer, i]
                    for r in range(rows):
                        rows_on[r, i] += slopes[layer, r, i]
                        shift[r] += slopes[layer, r, i] * ends[i, layer + 1]
            if states[i] % 2 == 1:
                free[count] = i
                count += 1
                w[i] = 0.0
            else:
                w[i] = ends[i, states[i] // 2]
        binds = 0
        for r in range(rows):
            if binding[r] != 0:
                bound[binds] = r
                binds += 1

        # The linear system in the free variables and the multipliers of the binding rows.
        system, target = np.zeros((count + binds, count + binds)), np.zeros(count + binds)
        held = P @ w
        for a in range(count):
            i = free[a]
            target[a] = -q_on[i] - held[i]
            for b in range(count):
                system[a, b] = P[i, free[b]]
            system[a, a] += pull
            for b in range(binds):
                system[a, count + b] = rows_on[bound[b], i]
                system[count + b, a] = rows_on[bound[b], i]
        values = rows_on @ w
        for b in range(binds):
            r = bound[b]
            target[count + b] = (row_upper[r] if binding[r] > 0 else row_lower[r]) + shift[r] - values[r]
        answer = np.linalg.solve(system, target)
        for a in range(count):
            w[free[a]] = answer[a]
        y[:] = 0.0
        for b in range(binds):
            y[bound[b]] = answer[count + b]

        # What the answer corrects.
        settled = True
        held = P @ w
        for i in range(size):
            force[i] = -held[i] - q_on[i] - pull * w[i]
            for r in range(rows):
                force[i] -= rows_on[r, i] * y[r]
            place = states[i] // 2
            if states[i] % 2 == 1:
                rise, fall = w[i] - ends[i, place + 1], ends[i, place] - w[i]
            else:
                rise, fall = force[i], -force[i]
                if 0 < states[i] < top[i]:
                    rise -= costs[place - 1, i]
                    for r in range(rows):
                        rise -= slopes[place - 1, r, i] * y[r]
            if rise > rounding and states[i] < top[i]:
                states[i] += 1
                settled = False
            elif fall > rounding and states[i] > 0:
                states[i] -= 1
                settled = False
        values = rows_on @ w
        for r in range(rows):
            value = values[r] - shift[r]
            if row_lower[r] == row_upper[r]:
                continue
            if binding[r] != 0:
                if binding[r] * y[r] < -rounding:
                    binding[r] = 0
                    settled = False
            elif value > row_upper[r] + rounding:
                binding[r] = 1
                settled = False
            elif value < row_lower[r] - rounding:
                binding[r] = -1
                settled = False
        if settled and step >= len(pulls) - 1:
            return True, w, y, force, states
    return False, w, y, force, states
