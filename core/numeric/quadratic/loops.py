"""The loops that numba compiles: the residuals of the certificate, and the steps of the piecewise active set.

Each has a twin in numpy, which tells what it does: `certificate` and `piecewise`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array

__all__ = ["residuals", "settled_states"]

States = NDArray[np.int64]


def residuals(
    P: Array, rows: Array, row_lower: Array, row_upper: Array, lower: Array, upper: Array, folded: NDArray[np.intp],
    q: Array, x: Array, products: Array, y: Array, z: Array, size: float, resolution: float, tiny: float,
) -> Array:  # fmt: skip
    """Primal, dual, stationarity and complementarity residual of each point `(k, 4)`.

    Args:
        P: quadratic part without folds, as all data of the program in `QuadraticProgram`.
        rows: `(m, n)` the rows, ties first.
        row_lower: `(m,)` their lower limits.
        row_upper: `(m,)` their upper limits.
        lower: `(n,)` lower bounds.
        upper: `(n,)` upper bounds.
        folded: the variables that have folds.
        q: `(k, n)` the linear part of the objective of each point.
        x: `(k, n)` the points.
        products: `(k, n - K)` P x of each, without the K folds.
        y: `(k, m)` their multipliers of the rows.
        z: `(k, n)` their multipliers of the bounds.
        size: the least size by which distances are measured.
        resolution: share of the largest coefficient below which a term counts as rounding.
        tiny: what stands for nothing in a denominator.
    """
    found = np.empty((len(x), 4))
    for k in range(len(x)):
        found[k] = _residuals_of_one(
            P, rows, row_lower, row_upper, lower, upper, folded, q[k], x[k], products[k], y[k], z[k], size, resolution,
            tiny,
        )  # fmt: skip
    return found


def _residuals_of_one(
    P: Array, rows: Array, row_lower: Array, row_upper: Array, lower: Array, upper: Array, folded: NDArray[np.intp],
    q: Array, x: Array, product: Array, y: Array, z: Array, size: float, resolution: float, tiny: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    n, m, ties = len(q), len(rows), len(folded)
    plain = n - ties
    largest, steepest = 0.0, 0.0
    for i in range(n):
        size = max(size, abs(x[i]))
        largest = max(largest, abs(q[i]))
    for i in range(plain):
        steepest = max(steepest, P[i, i])
    largest += steepest * size
    rounding = resolution * (largest if largest > 0 else 1.0)

    # The gradient and the sizes of its terms; P is symmetric, so its rows are its columns.
    gradient, terms = q + z, np.abs(q)
    gradient[:plain] += product
    for j in range(plain):
        far = abs(x[j])
        if far == 0.0:
            continue
        for i in range(plain):
            terms[i] += abs(P[j, i]) * far
    value = 0.0
    for i in range(n):
        value += abs(x[i]) * terms[i]
    value = max(value, rounding * size, tiny)

    # Each limit in turn: how far it is passed, and what its multiplier stands on.
    primal, unfounded, slack = 0.0, 0.0, 0.0
    for k in range(n + m):
        if k < n:
            at, low, high, force, scale = x[k], lower[k], upper[k], z[k], 1.0
        else:
            r = k - n
            at, low, high, force, scale = 0.0, row_lower[r], row_upper[r], y[r], 0.0
            if r < ties:
                i, fold = folded[r], plain + r
                at, scale = x[i] - x[fold], 1.0
                gradient[i] += force
                gradient[fold] -= force
                terms[i] += abs(force)
                terms[fold] += abs(force)
            else:
                for i in range(n):
                    at += rows[r, i] * x[i]
                    scale = max(scale, abs(rows[r, i]))
                    gradient[i] += rows[r, i] * force
                    terms[i] += abs(rows[r, i] * force)
        passed = max(at - high, low - at)
        if passed > 0 or passed != passed:
            passed /= max(scale, tiny)
            if passed > primal or passed != passed:
                primal = passed
        if force != 0:
            gap = abs(at - high) if force > 0 else abs(low - at)
            if np.isinf(gap):
                unfounded += abs(force) * scale * size
            else:
                slack += abs(force) * gap

    stationarity = 0.0
    for i in range(n):
        left = abs(gradient[i])
        if left > 0 or left != left:
            left = left / (terms[i] + rounding)
            if left > stationarity or left != left:
                stationarity = left
    return primal / size, unfounded / value, stationarity, slack / value


def settled_states(
    P: Array, ends: Array, top: States, slopes: Array, offsets: Array, row_lower: Array, row_upper: Array,
    states: States, binding: States, p: float, pulls: Array, give: float, least_pull: float, steps: int,
    rounding: float, stride: float, constant: float,
) -> tuple[bool, Array, Array, Array, float]:  # fmt: skip
    """Whether the pieces settled within `steps`; then weights, multipliers of rows, forces and p.

    Args:
        P: quadratic part, as all data of the program in `piecewise._Pieces`.
        ends: `(n, L + 2)` the ends between which each variable has a piece.
        top: `(n,)` the state at the upper bound.
        slopes: `(n, L + 1, 1 + m)` those of the objective's linear part and of the rows, on each piece.
        offsets: `(n, L + 1, 1 + m)` what they would be at zero, were it on that piece.
        row_lower: `(m,)` lower limits of the rows.
        row_upper: `(m,)` their upper limits.
        states: `(n,)` the first guess, which is corrected in place.
        binding: `(m,)` how each row binds, in place: 1 at its upper limit, -1 at its lower one, 0 not.
        p: how many times the linear part counts.
        pulls: the pulls towards zero, one a step, the last one for all further steps.
        give: how far binding rows give way for a multiplier of one, in units of the pull.
        least_pull: the pull where there is none and more rows bind than variables are between ends, if rows give way.
        steps: how many corrections may follow the last pull.
        rounding: excess that is not worth a correction.
        stride: how many times the last p the next may be.
        constant: that of the gain whose ratio to the root of w'P w is to be greatest; NaN leaves p as it is.
    """
    size, rows, last = len(P), len(row_lower), slopes.shape[1] - 1
    free, bound = np.empty(size, np.int64), np.empty(rows, np.int64)
    w, y, force = np.zeros(size), np.zeros(rows), np.zeros(size)
    on, zero, values = np.empty((size, 1 + rows)), np.empty(1 + rows), np.empty(1 + rows)
    balances = not np.isnan(constant)
    for step in range(len(pulls) - 1 + steps):
        pull = pulls[min(step, len(pulls) - 1)]

        # The objective and the rows on the pieces that the states name; a variable at an end is on the piece below it.
        count = 0
        zero[:] = 0.0
        for i in range(size):
            piece = max(states[i] - 1, 0) // 2
            for r in range(1 + rows):
                on[i, r] = slopes[i, piece, r]
                zero[r] += offsets[i, piece, r]
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

        # The linear system in the free variables and the multipliers of the binding rows: w is the first answer, of
        # least variance, and p times the second.
        if give > 0 and pull == 0 and binds > count:
            pull = least_pull
        largest = max(1.0, p)
        system, target = np.zeros((count + binds, count + binds)), np.zeros((count + binds, 2))
        held = P @ w
        _values(on, zero, w, values)
        for a in range(count):
            i = free[a]
            target[a, 0], target[a, 1] = -held[i], -on[i, 0]
            for b in range(count):
                system[a, b] = P[i, free[b]]
            system[a, a] += pull
            for b in range(binds):
                system[a, count + b] = on[i, 1 + bound[b]]
                system[count + b, a] = on[i, 1 + bound[b]]
        for b in range(binds):
            r = bound[b]
            system[count + b, count + b] = -give * pull / largest
            target[count + b, 0] = (row_upper[r] if binding[r] > 0 else row_lower[r]) - values[1 + r]
        answer = np.linalg.solve(system, target)
        near = True
        if balances and step > 1:
            for a in range(count):
                w[free[a]] = answer[a, 0]
            _values(on, zero, w, values)
            earned, variance = constant - values[0], float(w @ (P @ w))
            root = variance / earned if earned > 0 else np.inf
            p = min(max(root, p / stride), p * stride)
            near, largest = p == root, max(1.0, p)
        for a in range(count):
            w[free[a]] = answer[a, 0] + p * answer[a, 1]
        y[:] = 0.0
        for b in range(binds):
            y[bound[b]] = answer[count + b, 0] + p * answer[count + b, 1]

        # What the answer corrects.
        settled = near
        held = P @ w
        _values(on, zero, w, values)
        for i in range(size):
            place = states[i] // 2
            force[i] = -held[i] - pull * w[i] - p * on[i, 0]
            onward = -held[i] - pull * w[i] - p * slopes[i, min(place, last), 0]
            for r in range(rows):
                force[i] -= y[r] * on[i, 1 + r]
                onward -= y[r] * slopes[i, min(place, last), 1 + r]
            if states[i] % 2 == 1:
                rise, fall = w[i] - ends[i, place + 1], ends[i, place] - w[i]
            else:
                rise, fall = onward / largest, -force[i] / largest
            if rise > rounding and states[i] < top[i]:
                states[i] += 1
                settled = False
            elif fall > rounding and states[i] > 0:
                states[i] -= 1
                settled = False
        for r in range(rows):
            if binding[r] != 0:
                if row_lower[r] != row_upper[r] and binding[r] * y[r] < -rounding * largest:
                    binding[r] = 0
                    settled = False
            elif values[1 + r] > row_upper[r] + rounding:
                binding[r] = 1
                settled = False
            elif values[1 + r] < row_lower[r] - rounding:
                binding[r] = -1
                settled = False
        if settled and pull == pulls[-1]:
            return True, w, y, force, p
    return False, w, y, force, p


def _values(on: Array, zero: Array, w: Array, values: Array) -> None:
    """What the linear part and the rows come to at w, on their pieces, in place."""
    values[:] = zero
    for i in range(len(w)):
        for r in range(len(values)):
            values[r] += w[i] * on[i, r]
