"""The walk along the critical line element by element, for the machine: `kernels_critical_line` tells what it does.

The steps and their order are those of the walk in numpy. An event is of kind 0 where a free variable comes to stand, 1
where a standing one is let go, 2 where a row binds and 3 where one is let go.
"""

from __future__ import annotations

import numpy as np

__all__ = ["walk_loop"]


def walk_loop(  # type: ignore[no-untyped-def]
    P, count_of, breaks, reward, rows, row_lower, row_upper, heading, rounding,
    w, y, lam, place, side, gradient, values, members, slot, inverse, size,
    path_lam, path_w, path_y, path_place, count,
):  # fmt: skip
    """The walk of `kernels_critical_line.walk`: why it stopped and at which member, the size, lam and points recorded.

    The arrays are those of its programme, segments and state, in order; those of the state are changed in place.
    """
    still, straight, last_lam = rounding
    n, m = w.size, y.size
    pull, change, column, solved = np.empty(n + m), np.empty(n + m), np.empty(n + m), np.empty(n + m)
    dgradient, dvalues, dy = np.empty(n), np.empty(m), np.empty(m)
    while count < path_lam.size:
        for p in range(size):
            i = members[p]
            pull[p] = reward[i, place[i] // 2] if i < n else 0.0
        gain, reach = 0.0, 0.0
        for p in range(size):
            total = 0.0
            for q in range(size):
                total += inverse[p, q] * pull[q]
            gain += total * pull[p]
            change[p] = heading * total
            reach += abs(total) if members[p] < n else 0.0
        moves = gain > still
        dgradient[:] = 0.0
        dvalues[:] = 0.0
        dy[:] = 0.0
        for p in range(size):
            i = members[p]
            if i >= n:
                dy[i - n] = change[p]
            elif moves and abs(change[p]) > still * reach:
                speed = change[p]
                for j in range(n):
                    dgradient[j] += speed * P[i, j]
                for j in range(m):
                    dvalues[j] += speed * rows[i, place[i] // 2, j]
            else:
                change[p] = 0.0

        step = np.inf
        kind, first, forward = -1, -1, 0
        for p in range(size):
            i = members[p]
            if i < n and change[p] != 0.0:
                speed, j = change[p], place[i] // 2
                room = breaks[i, j + 1] - w[i] if speed > 0 else w[i] - breaks[i, j]
                length = max(room, 0.0) / abs(speed)
                if length < step:
                    step, kind, first, forward = length, 0, i, (1 if speed > 0 else -1)
        for i in range(n):
            if slot[i] >= 0:
                continue
            b = place[i] // 2
            if b > 0:
                slack, rate = lam * reward[i, b - 1] - gradient[i], heading * reward[i, b - 1] - dgradient[i]
                for j in range(m):
                    slack -= y[j] * rows[i, b - 1, j]
                    rate -= dy[j] * rows[i, b - 1, j]
                if rate < -still and max(slack, 0.0) < step * -rate:
                    step, kind, first, forward = max(slack, 0.0) / -rate, 1, i, -1
            if b < count_of[i]:
                slack, rate = gradient[i] - lam * reward[i, b], dgradient[i] - heading * reward[i, b]
                for j in range(m):
                    slack += y[j] * rows[i, b, j]
                    rate += dy[j] * rows[i, b, j]
                if rate < -still and max(slack, 0.0) < step * -rate:
                    step, kind, first, forward = max(slack, 0.0) / -rate, 1, i, 1
        for j in range(m):
            if side[j] == 0 and abs(dvalues[j]) > still * (1.0 + reach):
                room = row_upper[j] - values[j] if dvalues[j] > 0 else values[j] - row_lower[j]
                length = max(room, 0.0) / abs(dvalues[j])
                if length < step:
                    step, kind, first, forward = length, 2, j, (1 if dvalues[j] > 0 else -1)
            elif abs(side[j]) == 1 and dy[j] * side[j] < -still:
                length = max(y[j] * side[j], 0.0) / abs(dy[j])
                if length < step:
                    step, kind, first = length, 3, j

        if step == np.inf and heading > 0:
            return 0, -1, size, lam, count
        step = min(step, lam) if heading < 0 else step
        for p in range(size):
            if members[p] < n:
                w[members[p]] += step * change[p]
        for i in range(n):
            gradient[i] += step * dgradient[i]
        for j in range(m):
            y[j] += step * dy[j]
            values[j] += step * dvalues[j]
        lam += heading * step
        over = heading < 0 and lam <= last_lam

        if not over:
            if kind == 0:
                place[first] += forward
                w[first] = breaks[first, place[first] // 2]
            elif kind == 1:
                place[first] += forward
            elif kind == 2:
                side[first] = 2 if row_lower[first] == row_upper[first] else forward
            else:
                side[first] = 0
                y[first] = 0.0
        path_lam[count] = lam
        for i in range(n):
            path_w[count, i] = w[i]
            path_place[count, i] = place[i]
        for j in range(m):
            path_y[count, j] = y[j]
        count += 1
        if over:
            return 0, -1, size, lam, count

        member = first if kind < 2 else n + first
        if kind == 0 or kind == 3:
            p, last = slot[member], size - 1
            pivot, largest = inverse[p, p], 0.0
            for q in range(size):
                largest = max(largest, abs(inverse[q, p]))
            if kind == 3 and abs(pivot) <= straight * largest:
                return 2, member, size, lam, count
            for q in range(size):
                column[q] = inverse[q, p]
            for q in range(size):
                factor = column[q] / pivot
                for s in range(size):
                    inverse[q, s] -= factor * column[s]
            for q in range(size):
                inverse[p, q] = inverse[last, q]
            for q in range(size):
                inverse[q, p] = inverse[q, last]
            members[p] = members[last]
            slot[members[p]] = p
            slot[member] = -1
            size = last
        else:
            for q in range(size):
                i = members[q]
                if member < n:
                    column[q] = P[member, i] if i < n else rows[member, place[member] // 2, i - n]
                else:
                    column[q] = rows[i, place[i] // 2, member - n] if i < n else 0.0
            diagonal = P[member, member] if member < n else 0.0
            pivot, largest = diagonal, abs(diagonal)
            for q in range(size):
                total = 0.0
                for s in range(size):
                    total += inverse[q, s] * column[s]
                solved[q] = total
                pivot -= column[q] * total
                largest += abs(column[q] * total)
            if abs(pivot) <= straight * largest:
                return 2, member, size, lam, count
            for q in range(size):
                factor = solved[q] / pivot
                for s in range(size):
                    inverse[q, s] += factor * solved[s]
                inverse[q, size] = -factor
                inverse[size, q] = -factor
            inverse[size, size] = 1.0 / pivot
            members[size] = member
            slot[member] = size
            size += 1
    return 1, -1, size, lam, count
