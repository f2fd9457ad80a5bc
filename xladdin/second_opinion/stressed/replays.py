"""The worst days of the past on the book of today. Plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..inputs import Inputs
from .account import Account
from .beside import Beside

__all__ = ["replays"]

REPLAYS = 10
ROUNDING = 1e-12
"""Of what a position holds: so much of it is no money."""


def replays(inputs: Inputs, account: Account, beside: Beside) -> list[dict[str, Any]]:
    """The past days that would hurt most, none of them sharing a bar with a worse one."""
    bars = max(1, round(24 / inputs.number("BarHours")))
    closes = inputs.closes.iloc[-(int(inputs.number("Window")) + 1) :]
    paths = closes[[each.symbol for each in account.positions]].to_numpy()
    notionals = [each.notional for each in account.positions]
    rates = inputs.funding.reindex(closes.index)[[each.symbol for each in account.positions]].fillna(0.0).to_numpy()
    others, hours = closes[beside.unders].to_numpy(), inputs.number("BarHours")
    losses = []
    for start in range(len(paths) - bars):
        window, apart = paths[start : start + bars + 1], others[start : start + bars + 1]
        if window.size and (window == window).all() and (apart[[0, -1]] == apart[[0, -1]]).all():
            made = _made(beside, apart[-1] / apart[0] - 1, bars * hours)
            losses.append((float((window[-1] / window[0] - 1) @ notionals) + made, start))
    rows: list[dict[str, Any]] = []
    taken: list[int] = []
    for pnl, start in sorted(losses):
        if len(rows) == REPLAYS:
            break
        if any(abs(start - other) < bars for other in taken):
            continue
        taken.append(start)
        window = paths[start : start + bars + 1]
        settled, whole = 0.0, account.equity + beside.tied
        equity, apart = [whole], others[start : start + bars + 1]
        for bar, row in enumerate((window / window[0])[1:], start=start + 1):
            for position, ratio, rate in zip(account.positions, row, rates[bar], strict=True):
                settled -= position.notional * (1.0 if position.inverse else ratio) * rate
            made = _made(beside, apart[bar - start] / apart[0] - 1, (bar - start) * hours)
            equity.append(whole + float((row - 1) @ notionals) + settled + made)
        short = _falls(account, [(row / window[0] - 1).tolist() for row in window])
        rows.append(
            {
                "Rank": float(len(rows) + 1),
                "Start": closes.index[start],
                "End": closes.index[start + bars],
                "PnL": pnl,
                "EquityAfter": whole + pnl,
                "Liquidated": "Y" if short else "N",
                "Funding": settled,
                "LowestEquity": min(equity),
            }
        )
    return rows


def _made(beside: Beside, moves: Sequence[float], hours: float) -> float:
    return beside.after(dict(zip(beside.unders, moves, strict=True)), hours)


def _falls(account: Account, bars: Sequence[Sequence[float]]) -> bool:
    """Whether an account is short at the close of any bar; what passes its stop within one is closed there."""
    is_open, banked, before = [True] * len(account.positions), [0.0] * len(account.positions), list(bars[0])
    for moves in bars:
        for i, (position, move) in enumerate(zip(account.positions, moves, strict=True)):
            if is_open[i] and position.passes_stop(move):
                is_open[i] = False
                # A price that begins beyond the stop is closed where it stands.
                low, high = sorted((before[i], move))
                banked[i] = position.notional * min(max(position.move_to_stop, low), high)
        shared = account.equity
        for i, (position, move) in enumerate(zip(account.positions, moves, strict=True)):
            left = position.notional * move - position.needs(1 + move) if is_open[i] else banked[i]
            if position.own is None or not is_open[i]:
                shared += left
            elif position.own + left < -ROUNDING * (position.own + abs(position.notional)):
                return True
            else:
                shared -= position.own
        if shared < -account.rounding:
            return True
        before = list(moves)
    return False
