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
from .beside import Beside
from .positions import on_tick

__all__ = [
    "capital_needed",
    "ladder",
    "made_by_scenario",
    "reach",
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


def scenarios(inputs: Inputs, estimates: Estimates, account: Account, beside: Beside) -> list[dict[str, Any]]:
    """One row a scenario, by the headings of Stress: the margin account, and what stands beside it."""
    swing = _daily_volatility(estimates, account, beside)
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
        others = beside.scenario(scenario, partial(_move, inputs, estimates, scenario))
        made, settled = math.fsum(profit for _, profit, _ in others), math.fsum(paid for _, _, paid in others)
        apart = beside.tied + made + settled
        rows.append(
            {
                "Scenario": scenario["Name"],
                "MarketShock": scenario["MarketShock"],
                "PnL": pnl + made,
                "Funding": settled - paid,
                "TotalPnL": pnl - paid + made + settled,
                "EquityAfter": after + apart,
                "MarginRatio": ratio,
                "Liquidated": float(len(order)),
                "FirstLiquidated": order[0] if order else None,
                "Order": _worded(order),
                "Shortfall": sum(max(-left, 0.0) for left in account.headrooms(moves, funding)),
                "CapitalNeeded": sum(_capital(account, moves, funding)) + beside.tied,
                "DailyVolatility": swing * float(scenario["VolMultiplier"]),
                "Verdict": "liquidated" if order else "margin call" if ratio >= CALL else "survives",
                "CriticalBetaShift": _critical_shift(account, slopes, float(scenario["MarketShock"])),
                "EquityClosed": closed.equity + apart,
                "Stops": _worded([p.symbol for p in passed]),
                "BeyondStops": sum(_beyond(p, move) for p, move in zip(account.positions, moves, strict=True)),
                "EquityAtStops": account.way(moves, funding, stops=True).equity + apart if stopping else None,
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


def made_by_scenario(
    inputs: Inputs, estimates: Estimates, account: Account, beside: Beside
) -> list[tuple[str, dict[str, float]]]:
    """By scenario: its name, and what each contract and instrument makes of it, funding included."""
    found = []
    for scenario in inputs.scenarios.to_dict("records"):
        moves, rate = _moves(inputs, estimates, account, scenario), float(scenario["FundingShock"])
        made = {p.symbol: p.notional * (move - rate) for p, move in zip(account.positions, moves, strict=True)}
        others = beside.scenario(scenario, partial(_move, inputs, estimates, scenario))
        found.append((str(scenario["Name"]), made | {name: profit + settled for name, profit, settled in others}))
    return found


def stress_map(
    inputs: Inputs, estimates: Estimates, account: Account, beside: Beside, shown: Sequence[str]
) -> list[dict[str, Any]]:
    """What contracts and instruments make of each scenario, funding included; `Others` are those that are not shown."""
    rows = []
    told = made_by_scenario(inputs, estimates, account, beside)
    for scenario, (_, made) in zip(inputs.scenarios.to_dict("records"), told, strict=True):
        paid = sum(p.notional for p in account.positions) * float(scenario["FundingShock"])
        others_made = beside.scenario(scenario, partial(_move, inputs, estimates, scenario))
        paid -= math.fsum(settled for _, _, settled in others_made)
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


def waterfall(
    inputs: Inputs, estimates: Estimates, account: Account, beside: Beside, worst: int, shown: int
) -> list[dict[str, Any]]:
    """The scenario that loses most: of the `shown` that move it most the largest loss first, then the others as one."""
    scenario = inputs.scenarios.to_dict("records")[worst]
    moves = _moves(inputs, estimates, account, scenario)
    others_made = beside.scenario(scenario, partial(_move, inputs, estimates, scenario))
    made = [(p.symbol, p.notional * move) for p, move in zip(account.positions, moves, strict=True)]
    steps = sorted([*made, *((name, profit) for name, profit, _ in others_made)], key=lambda step: step[1])
    largest = sorted(steps, key=lambda step: -abs(step[1]))[:shown]
    others = [step for step in steps if step not in largest]
    steps = [step for step in steps if step in largest]
    if others:
        steps.append((f"{len(others)} other{'s' if len(others) > 1 else ''}", sum(step[1] for step in others)))
    paid = sum(p.notional for p in account.positions) * float(scenario["FundingShock"])
    steps.append(("Funding", math.fsum(settled for _, _, settled in others_made) - paid))
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
    """For each contract the price at which it alone, the others at rest, leaves the account short."""
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
    return rows


def _alone(account: Account, place: int, side: float, way: float) -> float:
    """Headroom when one price has gone that far to one side, and no other."""
    return account.headroom([side * way if each == place else 0.0 for each in range(len(account.positions))])


def worst_of_market_and_beta(inputs: Inputs, estimates: Estimates, account: Account, beside: Beside) -> float:
    """The least P&L where the market moves, and every beta shifts, anywhere between the extremes of the scenarios.

    What stands beside the account moves as its underlying does, an option by its delta.
    """
    shocks, shifts = (
        [float(min(column.min(), 0.0)), float(max(column.max(), 0.0))]
        for column in (inputs.scenarios["MarketShock"], inputs.scenarios["BetaShift"])
    )
    held = [(each.notional, slope) for each, slope in zip(account.positions, _slopes(estimates, account), strict=True)]
    held += [(money, float(estimates.table.at[name, "Beta"])) for name, money in beside.exposures.items()]
    slopes = [slope for _, slope in held]
    # P&L is bent only where a price reaches zero, so it is least at a corner, at rest, or where that meets an edge.
    tried = [(shock, shift) for shock in (*shocks, 0.0) for shift in shifts]
    tried += [(-1 / (slope + shift), shift) for slope in slopes for shift in shifts if slope + shift]
    tried += [(shock, -1 / shock - slope) for slope in slopes for shock in shocks if shock]
    return min(
        sum(money * max((slope + shift) * shock, -1.0) for money, slope in held)
        for shock, shift in tried
        if shocks[0] <= shock <= shocks[1] and shifts[0] <= shift <= shifts[1]
    )


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
    """What each position earns in a scenario."""
    return [_move(inputs, estimates, scenario, each.symbol) for each in account.positions]


def _move(inputs: Inputs, estimates: Estimates, scenario: dict[Any, Any], symbol: str) -> float:
    """The own move where one is written, else beta times market; no price falls below zero.

    With correlations drawn to one a beta goes to volatility over the market's.
    """
    own = float(scenario.get(symbol, math.nan))
    if math.isnan(own):
        market = float(estimates.benchmark.std(ddof=1)) * math.sqrt(inputs.bars_a_year)
        drawn, shift = float(scenario["CorrelationToOne"]), float(scenario["BetaShift"])
        slope = float(estimates.table.at[symbol, "Beta"])
        apart = float(estimates.table.at[symbol, "Volatility"]) / market - slope if drawn else 0.0
        own = (slope + drawn * apart + shift) * float(scenario["MarketShock"])
    return max(own, -1.0)


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


def _daily_volatility(estimates: Estimates, account: Account, beside: Beside) -> float:
    """Of the book, on equity; NaN without a covariance."""
    if estimates.covariance is None:
        return math.nan
    held = {each.symbol: each.notional for each in account.positions if each.symbol in estimates.known}
    for symbol, money in beside.exposures.items():
        held[symbol] = held.get(symbol, 0.0) + money
    variance = sum(
        one * other * float(estimates.covariance.at[a, b]) for a, one in held.items() for b, other in held.items()
    )
    return math.sqrt(max(variance, 0.0) / 365) / (account.equity + beside.tied)


def _first_short(headroom: Callable[[float], float], edges: Sequence[float]) -> float:
    """Where headroom first passes zero. Between two edges it is concave, so two ends that stand leave none between.

    An account that is worth nothing at last, to the last digit, was never short: what is left of its sums is rounding.
    """
    nothing = ROUNDING * abs(headroom(edges[0]))
    for low, high in pairwise(edges):
        if headroom(high) < -nothing:
            return root(headroom, low, high)
    return math.nan
