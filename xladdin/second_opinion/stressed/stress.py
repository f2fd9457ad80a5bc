"""The scenarios on the book, how far the market and each price can go, and the worst days of the past. Plain loops."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from .account import Account, Position, root
from .positions import on_tick

__all__ = [
    "capital_needed",
    "ladder",
    "reach",
    "replays",
    "safeguards",
    "scenarios",
    "stress_map",
    "waterfall",
    "worst_of_market_and_beta",
]

BANKRUPT = 1000.0
"""Margin ratio of an account without equity."""

CALL = 0.8
FARTHEST = 10.0
"""A price that must rise by more than so many times its own is no risk."""

ROUNDING = 1e-12
"""Of the headroom before any move: so much of it is no money."""

BOUNDLESS = 1e9
NAMED = 8
REPLAYS = 10


def scenarios(inputs: Inputs, estimates: Estimates, account: Account) -> list[dict[str, Any]]:
    """One row a scenario, by the headings of Stress."""
    swing = _daily_volatility(estimates, account)
    slopes = _slopes(estimates, account)
    stopping = any(not math.isnan(each.stop) for each in account.positions)
    rows = []
    for scenario in inputs.scenarios.to_dict("records"):
        moves = _moves(inputs, estimates, account, scenario)
        funding = float(scenario["FundingShock"])
        pnl = sum(p.notional * move for p, move in zip(account.positions, moves, strict=True))
        paid = sum(p.notional for p in account.positions) * funding
        after, needed = account.equity + pnl - paid, account.maintenance(moves)
        ratio = (min(needed / after, BANKRUPT) if after > 0 else BANKRUPT) if needed > 0 else 0.0
        closed = account.way(moves, funding)
        order = closed.closed
        passed = [p for p, move in zip(account.positions, moves, strict=True) if p.passes_stop(move)]
        rows.append(
            {
                "Scenario": scenario["Name"],
                "MarketShock": scenario["MarketShock"],
                "PnL": pnl,
                "Funding": -paid,
                "TotalPnL": pnl - paid,
                "EquityAfter": after,
                "MarginRatio": ratio,
                "Liquidated": float(len(order)),
                "FirstLiquidated": order[0] if order else None,
                "Order": _worded(order),
                "Shortfall": sum(max(-left, 0.0) for left in account.headrooms(moves, funding)),
                "CapitalNeeded": sum(_capital(account, moves, funding)),
                "DailyVolatility": swing * float(scenario["VolMultiplier"]),
                "Verdict": "liquidated" if order else "margin call" if ratio >= CALL else "survives",
                "CriticalBetaShift": _critical_shift(account, slopes, float(scenario["MarketShock"])),
                "EquityClosed": closed.equity,
                "Stops": _worded([p.symbol for p in passed]),
                "BeyondStops": sum(_beyond(p, move) for p, move in zip(account.positions, moves, strict=True)),
                "EquityAtStops": account.way(moves, funding, stops=True).equity if stopping else None,
            }
        )
    return rows


def capital_needed(inputs: Inputs, estimates: Estimates, account: Account) -> float:
    """Equity that survives every scenario: the most for those in cross margin, and the most for each alone."""
    needed = [
        _capital(account, _moves(inputs, estimates, account, scenario), float(scenario["FundingShock"]))
        for scenario in inputs.scenarios.to_dict("records")
    ]
    return math.fsum(max(each) for each in zip(*needed, strict=True))


def stress_map(inputs: Inputs, estimates: Estimates, account: Account, shown: Sequence[str]) -> list[dict[str, Any]]:
    """What each contract makes of each scenario, funding included; `Others` are those that are not shown."""
    rows = []
    for scenario in inputs.scenarios.to_dict("records"):
        moves, rate = _moves(inputs, estimates, account, scenario), float(scenario["FundingShock"])
        made = {p.symbol: p.notional * (move - rate) for p, move in zip(account.positions, moves, strict=True)}
        paid = sum(p.notional for p in account.positions) * rate
        rows.append(
            {
                "Scenario": scenario["Name"],
                "InAll": sum(made.values()),
                "Funding": -paid or None,
                "Others": sum(made[symbol] for symbol in others) if (others := set(made) - set(shown)) else None,
                **made,
            }
        )
    return rows


def waterfall(inputs: Inputs, estimates: Estimates, account: Account, worst: int, shown: int) -> list[dict[str, Any]]:
    """The scenario that loses most: of the `shown` that move it most the largest loss first, then the others as one."""
    scenario = inputs.scenarios.to_dict("records")[worst]
    moves = _moves(inputs, estimates, account, scenario)
    steps = sorted(
        ((p.symbol, p.notional * move) for p, move in zip(account.positions, moves, strict=True)),
        key=lambda step: step[1],
    )
    largest = sorted(steps, key=lambda step: -abs(step[1]))[:shown]
    others = [step for step in steps if step not in largest]
    steps = [step for step in steps if step in largest]
    if others:
        steps.append((f"{len(others)} other{'s' if len(others) > 1 else ''}", sum(step[1] for step in others)))
    steps.append(("Funding", -sum(p.notional for p in account.positions) * float(scenario["FundingShock"])))
    rows, total = [], 0.0
    for name, change in steps:
        total += change
        rows.append({"Step": name, "PnL": change, "Total": total})
    return [*rows, {"Step": "In all", "PnL": total, "Total": total}]


def reach(estimates: Estimates, account: Account) -> tuple[float, float]:
    """How far the market can fall and rise until the account is short, each price at its beta; NaN: never."""
    slopes = _slopes(estimates, account)

    def falling(way: float) -> float:
        return account.headroom([max(-slope * way, -1.0) for slope in slopes])

    def rising(way: float) -> float:
        return account.headroom([max(slope * way, -1.0) for slope in slopes])

    wiped = sorted(1 / abs(slope) for slope in slopes if slope)
    fall = _first_short(falling, [0.0, *(at for at in wiped if at < 1), 1.0])
    return -fall, _first_short(rising, [0.0, *wiped, BOUNDLESS])


def ladder(estimates: Estimates, account: Account) -> list[dict[str, Any]]:
    """For each contract the price at which it alone, the others at rest, leaves the account short; nearest first."""
    fall, _ = reach(estimates, account)
    rows = []
    for place, position in enumerate(account.positions):
        down = _first_short(partial(_alone, account, place, -1.0), [0.0, 1.0])
        up = _first_short(partial(_alone, account, place, 1.0), [0.0, FARTHEST])
        distance = up if math.isnan(down) or up < down else -down
        slope = float(estimates.table.at[position.symbol, "Beta"])
        swing = float(estimates.table.at[position.symbol, "Volatility"]) / 365**0.5
        rows.append(
            {
                "Symbol": position.symbol,
                "Price": position.price,
                "LiquidationPrice": position.price * (1 + distance),
                "Distance": distance,
                "DailySigmas": abs(distance) / swing if swing else math.nan,
                "PriceAtFall": position.price * max(1 + slope * fall, 0.0),
            }
        )
    return sorted(rows, key=lambda row: math.inf if math.isnan(row["Distance"]) else abs(row["Distance"]))


def _alone(account: Account, place: int, side: float, way: float) -> float:
    """Headroom when one price has gone that far to one side, and no other."""
    return account.headroom([side * way if each == place else 0.0 for each in range(len(account.positions))])


def worst_of_market_and_beta(inputs: Inputs, estimates: Estimates, account: Account) -> float:
    """The least P&L where the market moves, and every beta shifts, anywhere between the extremes of the scenarios."""
    shocks, shifts = (
        [float(min(column.min(), 0.0)), float(max(column.max(), 0.0))]
        for column in (inputs.scenarios["MarketShock"], inputs.scenarios["BetaShift"])
    )
    slopes = _slopes(estimates, account)
    # P&L is bent only where a price reaches zero, so it is least at a corner, at rest, or where that meets an edge.
    tried = [(shock, shift) for shock in (*shocks, 0.0) for shift in shifts]
    tried += [(-1 / (slope + shift), shift) for slope in slopes for shift in shifts if slope + shift]
    tried += [(shock, -1 / shock - slope) for slope in slopes for shock in shocks if shock]
    return min(
        sum(p.notional * max((slope + shift) * shock, -1.0) for p, slope in zip(account.positions, slopes, strict=True))
        for shock, shift in tried
        if shocks[0] <= shock <= shocks[1] and shifts[0] <= shift <= shifts[1]
    )


def replays(inputs: Inputs, account: Account) -> list[dict[str, Any]]:
    """The past days that would hurt most, none of them sharing a bar with a worse one."""
    bars = max(1, round(24 / inputs.number("BarHours")))
    closes = inputs.closes.iloc[-(int(inputs.number("Window")) + 1) :]
    paths = closes[[each.symbol for each in account.positions]].to_numpy()
    notionals = [each.notional for each in account.positions]
    rates = inputs.funding.reindex(closes.index)[[each.symbol for each in account.positions]].fillna(0.0).to_numpy()
    losses = []
    for start in range(len(paths) - bars):
        window = paths[start : start + bars + 1]
        if window.size and (window == window).all():
            losses.append((float((window[-1] / window[0] - 1) @ notionals), start))
    rows: list[dict[str, Any]] = []
    taken: list[int] = []
    for pnl, start in sorted(losses):
        if len(rows) == REPLAYS:
            break
        if any(abs(start - other) < bars for other in taken):
            continue
        taken.append(start)
        window = paths[start : start + bars + 1]
        settled, equity = 0.0, [account.equity]
        for bar, row in enumerate((window / window[0])[1:], start=start + 1):
            for position, ratio, rate in zip(account.positions, row, rates[bar], strict=True):
                settled -= position.notional * (1.0 if position.inverse else ratio) * rate
            equity.append(account.equity + float((row - 1) @ notionals) + settled)
        short = _falls(account, [(row / window[0] - 1).tolist() for row in window])
        rows.append(
            {
                "Rank": float(len(rows) + 1),
                "Start": closes.index[start],
                "End": closes.index[start + bars],
                "PnL": pnl,
                "EquityAfter": account.equity + pnl,
                "Liquidated": "Y" if short else "N",
                "Funding": settled,
                "LowestEquity": min(equity),
            }
        )
    return rows


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


def safeguards(estimates: Estimates, account: Account, *, standing: bool) -> list[dict[str, Any]]:
    """What backs each position, and what closes it first when its price alone goes against it."""
    rows = []
    for place, position in enumerate(account.positions):
        side, own = math.copysign(1.0, position.notional), position.own
        against = math.nan
        if standing:
            against = _first_short(partial(_alone, account, place, -side), [0.0, 1.0 if side > 0 else FARTHEST])
        liquidation = position.price * (1 - side * against)
        to_stop = position.move_to_stop if not math.isnan(position.stop) else math.nan
        exchange = against < abs(to_stop) if standing else True
        bankrupt = math.nan if own is None else position.price * (1 - own / position.notional)
        rows.append(
            {
                "Symbol": position.symbol,
                "MarginMode": "cross" if own is None else "isolated",
                "OwnEquity": own,
                "OwnMarginRatio": None if own is None else position.needs(1.0) / own,
                "OwnHeadroom": None if own is None else own - abs(position.notional) / position.leverage,
                "LiquidationPrice": liquidation,
                "BankruptcyPrice": bankrupt if bankrupt > 0 else math.nan,
                "Entry": position.entry,
                "StopPrice": position.stop,
                "StopDistance": to_stop,
                "LossAtStop": position.notional * to_stop,
                "ComesFirst": None if math.isnan(to_stop) else "exchange" if exchange else "stop",
                "EarlyStop": on_tick((position.price + liquidation) / 2, position.tick, side) if against else math.nan,
            }
        )
    return rows


def _slopes(estimates: Estimates, account: Account) -> list[float]:
    return [float(estimates.table.at[each.symbol, "Beta"]) for each in account.positions]


def _moves(inputs: Inputs, estimates: Estimates, account: Account, scenario: dict[Any, Any]) -> list[float]:
    """The own move where one is written, else beta times market; no price falls below zero.

    With correlations drawn to one a beta goes to volatility over the market's.
    """
    market = float(estimates.benchmark.std(ddof=1)) * math.sqrt(inputs.bars_a_year)
    drawn, shift = float(scenario["CorrelationToOne"]), float(scenario["BetaShift"])
    moves = []
    for position, slope in zip(account.positions, _slopes(estimates, account), strict=True):
        own = float(scenario.get(position.symbol, math.nan))
        if math.isnan(own):
            apart = float(estimates.table.at[position.symbol, "Volatility"]) / market - slope if drawn else 0.0
            own = (slope + drawn * apart + shift) * float(scenario["MarketShock"])
        moves.append(max(own, -1.0))
    return moves


def _critical_shift(account: Account, slopes: Sequence[float], shock: float) -> float:
    """What must be added to every beta, of either sign, so that the market's move liquidates; NaN: nothing does."""
    if not shock:
        return 0.0 if account.headroom([0.0] * len(slopes)) < -account.rounding else math.nan

    def shifted(side: float, size: float) -> float:
        return account.headroom([max((slope + side * size) * shock, -1.0) for slope in slopes])

    found = []
    for side in (1.0, -1.0):
        wiped = sorted(size for slope in slopes if (size := side * (-1 / shock - slope)) > 0)
        found.append(side * _first_short(partial(shifted, side), [0.0, *wiped, BOUNDLESS]))
    return min(found, key=lambda shift: math.inf if math.isnan(shift) else abs(shift))


def _capital(account: Account, moves: Sequence[float], funding: float) -> list[float]:
    """Equity that survives now and at the end: of those in cross margin together, then of each alone."""
    shared_now, shared_then, alone = 0.0, 0.0, []
    for position, move in zip(account.positions, moves, strict=True):
        now, then = position.needs(1.0), position.needs(1 + move) - position.notional * (move - funding)
        if position.own is None:
            shared_now, shared_then = shared_now + now, shared_then + then
        else:
            alone.append(max(now, then, 0.0))
    return [max(shared_now, shared_then, 0.0), *alone]


def _beyond(position: Position, move: float) -> float:
    """Loss beyond the stop of a move that jumps over it."""
    if not position.passes_stop(move):
        return 0.0
    return max(position.notional * (position.move_to_stop - move), 0.0)


def _worded(symbols: Sequence[str]) -> str | None:
    """Eight names and how many more, or nine names."""
    if len(symbols) <= NAMED + 1:
        return ", ".join(symbols) or None
    return f"{', '.join(symbols[:NAMED])} and {len(symbols) - NAMED} more"


def _daily_volatility(estimates: Estimates, account: Account) -> float:
    """Of the book, on equity; NaN without a covariance."""
    if estimates.covariance is None:
        return math.nan
    held = [each for each in account.positions if each.symbol in estimates.known]
    variance = sum(
        a.notional * b.notional * float(estimates.covariance.at[a.symbol, b.symbol]) for a in held for b in held
    )
    return math.sqrt(max(variance, 0.0) / 365) / account.equity


def _first_short(headroom: Callable[[float], float], edges: Sequence[float]) -> float:
    """Where headroom first passes zero. Between two edges it is concave, so two ends that stand leave none between.

    An account that is worth nothing at last, to the last digit, was never short: what is left of its sums is rounding.
    """
    nothing = ROUNDING * abs(headroom(edges[0]))
    for low, high in pairwise(edges):
        if headroom(high) < -nothing:
            return root(headroom, low, high)
    return math.nan
