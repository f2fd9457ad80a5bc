"""Rollouts as one plain loop, which runs as machine code: an account through its episode, decision by decision.

Source: as in `accounts` and `tilt`, whose numbers these are.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["roll"]


def roll(episodes: tuple[Any, ...]) -> None:
    """Go through all episodes: the tables and stakes of a `Course`, then rules, starts, length, and what is written.

    Written is what each rule `(M, 6, 3)` was rewarded on each episode, and what became of 1, `(M, S)` each.
    """
    _roll(*episodes)


def _roll(
    base, figures, regimes, lower, upper, tilts, moves, returns, lows, highs, costs, maintenance,
    cap, penalty, free_drawdown, liquidation, rules, starts, length, rewards, equity,
):  # fmt: skip
    contracts = base.shape[1]
    held, weights, actions = np.empty(contracts), np.empty(contracts), np.empty(contracts)
    low, high = np.empty(contracts), np.empty(contracts)
    counted = np.empty(rules.shape[1])
    for m in range(rules.shape[0]):
        for s in range(starts.size):
            start = starts[s]
            for i in range(contracts):
                held[i] = base[start, i]
            worth, peak, total = 1.0, 1.0, 0.0
            for row in range(start, start + length):
                drawdown = 1 - worth / peak
                for k in range(counted.size):
                    counted[k] = rules[m, k, 0] + regimes[row] * rules[m, k, 1] + drawdown * rules[m, k, 2]
                usual = 0.0
                for i in range(contracts):
                    told = (
                        min(max(held[i], -10.0), 10.0) * counted[0] + min(max(base[row, i], -10.0), 10.0) * counted[1]
                    )
                    for k in range(4):
                        told += figures[row, i, k] * counted[2 + k]
                    actions[i] = told
                    usual += told / contracts
                for i in range(contracts):
                    actions[i] = np.tanh(actions[i] - usual)
                _tilt(base[row], actions, cap if tilts[row] else 0.0, lower[row], upper[row], low, high, weights)
                paid = 0.0
                for i in range(contracts):
                    paid += costs[i] * abs(weights[i] - held[i])
                at_lows, at_highs, growth = 1 - paid, 1 - paid, 1 - paid
                need_lows, need_highs, need = 0.0, 0.0, 0.0
                for i in range(contracts):
                    at_lows += weights[i] * lows[row, i]
                    at_highs += weights[i] * highs[row, i]
                    growth += weights[i] * returns[row, i]
                    need_lows += maintenance[i] * abs(weights[i] * (1 + lows[row, i]))
                    need_highs += maintenance[i] * abs(weights[i] * (1 + highs[row, i]))
                    need += maintenance[i] * abs(weights[i] * (1 + moves[row, i]))
                if at_lows <= need_lows or at_highs <= need_highs or growth <= need:
                    total -= liquidation
                    worth = 0.0
                    break
                worth *= growth
                peak = max(peak, worth)
                rise = max(1 - worth / peak, free_drawdown) - max(drawdown, free_drawdown)
                total += np.log(growth) - penalty * max(rise, 0.0)
                for i in range(contracts):
                    held[i] = weights[i] * (1 + moves[row, i]) / growth
            rewards[m, s], equity[m, s] = total, worth


def _tilt(base, actions, cap, lower, upper, low, high, weights):
    """Write the weights of these actions."""
    contracts = base.size
    moving, mean, gross, total = 0, 0.0, 0.0, 0.0
    for i in range(contracts):
        gross += abs(base[i])
        total += base[i]
        if upper[i] > lower[i]:
            moving += 1
            mean += actions[i]
    if moving == 0:
        weights[:] = base
        return
    mean /= moving
    one_way = 0.0
    for i in range(contracts):
        if upper[i] > lower[i]:
            one_way += abs(actions[i] - mean)
    reach = cap * gross
    size = reach / max(one_way / 2, 1.0)
    clipped = False
    for i in range(contracts):
        low[i], high[i] = max(lower[i], base[i] - reach), min(upper[i], base[i] + reach)
        weights[i] = base[i]
        if upper[i] > lower[i]:
            weights[i] += size * (actions[i] - mean)
        clipped = clipped or weights[i] < low[i] or weights[i] > high[i]
    if clipped:
        _nearest(weights, low, high, total)


def _nearest(weights, low, high, total):
    """Clip the weights to their bounds, moved by what keeps their sum."""
    contracts = weights.size
    here, above, following = -np.inf, total, np.inf
    first = np.inf
    for k in range(2 * contracts):
        at = weights[k % contracts] - (low[k % contracts] if k < contracts else high[k % contracts])
        first = min(first, at)
        reached = 0.0
        for i in range(contracts):
            reached += min(max(weights[i] - at, low[i]), high[i])
        if reached >= total:
            if at > here:
                here, above = at, reached
        else:
            following = min(following, at)
    if here == -np.inf:
        here, above = first, total
    if following == np.inf:
        following = here
    free = 0
    for i in range(contracts):
        middle = weights[i] - (here + following) / 2
        if low[i] < middle < high[i]:
            free += 1
    moved = here + max(above - total, 0.0) / max(free, 1)
    for i in range(contracts):
        weights[i] = min(max(weights[i] - moved, low[i]), high[i])
